// This file reads a JSON object field by field and collects what is wrong with
// it, each at its JSON pointer. Decoding into a struct would stop at the first.

package api

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// fields is a JSON object somewhere in a body. Fields that nobody asks for are
// tolerated, and null counts as absent: reservation systems send both.
type fields struct {
	values  map[string]json.RawMessage
	pointer string
	found   *[]Fault
}

// parseFields reads a whole body. The error tells where the JSON broke, not
// what it was.
func parseFields(body []byte) (fields, error) {
	root := fields{found: new([]Fault)}
	if err := json.Unmarshal(body, &root.values); err != nil || root.values == nil {
		return fields{}, problem(http.StatusBadRequest, codeMalformedJSON, "The body must be one JSON object."+brokenAt(err))
	}
	return root, nil
}

func brokenAt(err error) string {
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		return " It stops being JSON at byte " + strconv.FormatInt(broken.Offset, 10) + "."
	}
	return ""
}

// fault records what is wrong with a field.
func (f fields) fault(name, detail string) {
	*f.found = append(*f.found, Fault{Pointer: f.pointer + "/" + name, Detail: detail})
}

// others are the names that are there and not among those known, in order.
func (f fields) others(known []string) []string {
	names := slices.Sorted(maps.Keys(f.values))
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(known, name) })
}

// has reports whether a field is there and not null.
func (f fields) has(name string) bool {
	raw, ok := f.values[name]
	return ok && string(raw) != "null"
}

// hasAny reports whether any of the fields is there.
func (f fields) hasAny(names ...string) bool {
	for _, name := range names {
		if f.has(name) {
			return true
		}
	}
	return false
}

// read fills target from a field. False when it is absent, or of another type,
// which is recorded.
func (f fields) read(name string, target any, kind string) bool {
	if !f.has(name) {
		return false
	}
	if json.Unmarshal(f.values[name], target) != nil {
		f.fault(name, "must be "+kind)
		return false
	}
	return true
}

// text is a string field; "" when it is absent.
func (f fields) text(name string) string {
	var value string
	f.read(name, &value, "a string")
	return value
}

// textOr is a string field with a standard value.
func (f fields) textOr(name, standard string) string {
	value := standard
	f.read(name, &value, "a string")
	return value
}

// neededText is a string field that must be there.
func (f fields) neededText(name string) (string, bool) {
	if !f.has(name) {
		f.fault(name, "is needed")
		return "", false
	}
	var value string
	ok := f.read(name, &value, "a string")
	return value, ok
}

// truth is a boolean field with a standard value.
func (f fields) truth(name string, standard bool) bool {
	f.read(name, &standard, "true or false")
	return standard
}

// object is a field that is an object; false when it is absent or no object.
func (f fields) object(name string) (fields, bool) {
	inner := fields{pointer: f.pointer + "/" + name, found: f.found}
	ok := f.read(name, &inner.values, "an object")
	return inner, ok
}

// objects is a field that is an array of objects. An item that is no object is
// recorded and left out.
func (f fields) objects(name string) []fields {
	var items []json.RawMessage
	f.read(name, &items, "an array")
	list := fields{values: map[string]json.RawMessage{}, pointer: f.pointer + "/" + name, found: f.found}
	var all []fields
	for i, item := range items {
		index := strconv.Itoa(i)
		list.values[index] = item
		if object, ok := list.object(index); ok {
			all = append(all, object)
		} else if !list.has(index) {
			list.fault(index, "must be an object")
		}
	}
	return all
}

// spokenFor reports whether something at the pointer, above it or below it is
// already known to be wrong, so that a second complaint would only confuse.
func spokenFor(pointer string, known []Fault) bool {
	for _, fault := range known {
		if under(pointer, fault.Pointer) || under(fault.Pointer, pointer) {
			return true
		}
	}
	return false
}

func under(pointer, ancestor string) bool {
	return pointer == ancestor || strings.HasPrefix(pointer, ancestor+"/")
}
