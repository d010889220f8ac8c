// This file is how a JSON object is held to a schema: which fields must be there,
// and of what form each is.

package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// form is what a field's value looks like on the wire.
type form string

const (
	text     form = "a string"
	hex24    form = "a string of 24 hex digits"
	truth    form = "true or false"
	int32s   form = "an integer of 32 bits"
	int64s   form = "an integer of 64 bits"
	number   form = "a number"
	instant  form = "an RFC 3339 date in UTC"
	object   form = "an object"
	anything form = "anything"
)

// fields are the names of an object's fields and their forms.
type fields map[string]form

// schema is an object of the API. Fields that it does not name are let through.
type schema struct {
	name     string
	required fields
	optional fields // missing and null are the same
}

// read checks an object and decodes it.
func (s schema) read(data []byte, into any) error {
	return errors.Join(s.check(data), json.Unmarshal(data, into))
}

// check says everything that is wrong with an object.
func (s schema) check(data []byte) error {
	var present map[string]json.RawMessage
	if err := json.Unmarshal(data, &present); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(s.required)) {
		if present[name] == nil {
			wrong = append(wrong, fmt.Errorf("%s: the required field %s is missing", s.name, name))
		} else if !s.required[name].fits(present[name]) {
			wrong = append(wrong, fmt.Errorf("%s: %s is not %s", s.name, name, s.required[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.optional)) {
		value := present[name]
		if value != nil && string(value) != "null" && !s.optional[name].fits(value) {
			wrong = append(wrong, fmt.Errorf("%s: %s is not %s", s.name, name, s.optional[name]))
		}
	}
	return errors.Join(wrong...)
}

// fits reports whether a value has the form. Values are not quoted anywhere: one may
// be a code that opens a door.
func (f form) fits(value json.RawMessage) bool {
	value = bytes.TrimSpace(value)
	switch f {
	case truth:
		return string(value) == "true" || string(value) == "false"
	case int32s:
		n, ok := whole(value)
		return ok && n >= math.MinInt32 && n <= math.MaxInt32
	case int64s:
		_, ok := whole(value)
		return ok
	case number:
		_, err := strconv.ParseFloat(string(value), 64)
		return err == nil
	case object:
		return bytes.HasPrefix(value, []byte("{"))
	case anything:
		return true
	}
	return f.fitsText(value)
}

// whole reads a number as it is written: 1.0 and 1e3 are none, nor is "1".
func whole(value json.RawMessage) (n int64, ok bool) {
	n, err := strconv.ParseInt(string(value), 10, 64)
	return n, err == nil
}

var (
	hexID   = regexp.MustCompile(`^[0-9a-f]{24}$`)
	utcDate = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
)

func (f form) fitsText(value json.RawMessage) bool {
	var s string
	if !bytes.HasPrefix(value, []byte(`"`)) || json.Unmarshal(value, &s) != nil {
		return false
	}
	switch f {
	case hex24:
		return hexID.MatchString(s)
	case instant:
		_, err := time.Parse(time.RFC3339, s)
		return err == nil && utcDate.MatchString(s)
	}
	return f == text
}
