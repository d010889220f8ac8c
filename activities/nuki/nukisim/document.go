// This file reads and checks what a write carries.

package nukisim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// document is the body of a create or an update. A field that is missing is nil.
type document struct {
	Name             *string `json:"name"`
	Type             *int    `json:"type"`
	Code             *int    `json:"-"`
	RawCode          any     `json:"code"`
	Enabled          *bool   `json:"enabled"`
	RemoteAllowed    *bool   `json:"remoteAllowed"`
	AllowedFromDate  *string `json:"allowedFromDate"`
	AllowedUntilDate *string `json:"allowedUntilDate"`
	AllowedWeekDays  *int    `json:"allowedWeekDays"`
	AllowedFromTime  *int    `json:"allowedFromTime"`
	AllowedUntilTime *int    `json:"allowedUntilTime"`

	window window
}

const (
	maxBody    = 1 << 20
	maxName    = 20
	maxMinutes = 24 * 60
)

// readDocument parses a body; problem is the message of the 400.
func readDocument(r *http.Request) (d document, problem string) {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody)).Decode(&d); err != nil {
		return d, "The body is not valid"
	}
	if d.Code, problem = readCode(d.RawCode); problem != "" {
		return d, problem
	}
	return d, d.readWindow()
}

// readCode takes a whole number, or one in quotes (F-22356).
func readCode(raw any) (*int, string) {
	text := fmt.Sprint(raw)
	switch code := raw.(type) {
	case nil:
		return nil, ""
	case float64:
		text = strconv.FormatFloat(code, 'f', -1, 64)
	case string:
	default:
		return nil, invalid("code", text)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, invalid("code", text)
	}
	return &n, ""
}

func (d *document) readWindow() string {
	var problem string
	d.window.from, problem = readDate("allowedFromDate", d.AllowedFromDate)
	if problem != "" {
		return problem
	}
	d.window.until, problem = readDate("allowedUntilDate", d.AllowedUntilDate)
	if problem != "" {
		return problem
	}
	d.window.weekDays, d.window.fromTime, d.window.untilTime = d.AllowedWeekDays, d.AllowedFromTime, d.AllowedUntilTime
	return d.checkWindow()
}

func readDate(name string, text *string) (*time.Time, string) {
	if text == nil {
		return nil, ""
	}
	parsed, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return nil, invalid(name, *text)
	}
	parsed = parsed.UTC().Truncate(time.Second)
	return &parsed, ""
}

func (d *document) checkWindow() string {
	w := d.window
	switch {
	case w.weekDays != nil && (*w.weekDays < 0 || *w.weekDays > 127):
		return invalid("allowedWeekDays", *w.weekDays)
	case w.fromTime != nil && (*w.fromTime < 0 || *w.fromTime > maxMinutes):
		return invalid("allowedFromTime", *w.fromTime)
	case w.untilTime != nil && (*w.untilTime < 0 || *w.untilTime > maxMinutes):
		return invalid("allowedUntilTime", *w.untilTime)
	}
	return ""
}

// checkDates refuses a window by its dates, as far as the rule says.
func (d *document) checkDates(rule WindowRule, now time.Time) string {
	from, until := d.window.from, d.window.until
	unordered := rule != WindowAny && from != nil && until != nil && !from.Before(*until)
	over := rule == WindowFuture && until != nil && !until.After(now)
	if unordered || over {
		return invalid("allowedUntilDate", *d.AllowedUntilDate)
	}
	return ""
}

// checkCreate: type 13 needs a keypad (F-16794, F-39051) and a code that the
// keypad takes.
func (d *document) checkCreate(l *lock) string {
	switch {
	case d.Name == nil || *d.Name == "":
		return invalid("name", nil)
	case d.Type == nil || *d.Type != typeCode || !l.keypadAt(l.clock.Now()):
		return invalid("type", orZero(d.Type))
	case d.Code == nil:
		return invalid("code", nil)
	case badCode(*d.Code):
		return invalid("code", *d.Code)
	}
	return ""
}

// checkUpdate tolerates a missing name (F-1178: an update with only a code got
// 204).
func (d *document) checkUpdate() string {
	if d.Code != nil && badCode(*d.Code) {
		return invalid("code", *d.Code)
	}
	return ""
}

// nameTooLong: 20 bytes for a keypad code (F-54, F-35593).
func (d *document) nameTooLong() bool { return d.Name != nil && len(*d.Name) > maxName }

// takes reports whether the document's code belongs to another entry.
func (d *document) takes(list []*entry, listed *entry) bool {
	if d.Code == nil {
		return false
	}
	other := byCode(list, *d.Code)
	return other != nil && other.id != listed.id
}

// write puts the document into an entry; the window whole, as it is there.
func (d *document) write(e *entry) {
	if d.Name != nil {
		e.name = *d.Name
	}
	if d.Code != nil {
		e.code = *d.Code
	}
	if d.Enabled != nil {
		e.enabled = *d.Enabled
	}
	if d.RemoteAllowed != nil {
		e.remoteAllowed = *d.RemoteAllowed
	}
	e.window = d.window
}

// badCode: six digits from 1 to 9, not beginning with 12 (F-54).
func badCode(code int) bool {
	text := strconv.Itoa(code)
	if len(text) != 6 || text[:2] == "12" {
		return true
	}
	for i := range len(text) {
		if text[i] == '0' {
			return true
		}
	}
	return false
}

// invalid is the message of a 400, as seen in F-16794.
func invalid(parameter string, value any) string {
	if value == nil {
		value = "null"
	}
	return fmt.Sprintf("The supplied value '%v' for parameter '%s' is not valid", value, parameter)
}
