// This file is the one thing that can be written to Nuki: a whole authorization.

package nuki

import (
	"errors"
	"fmt"
	"time"
)

// maxNameLength is Nuki's limit for the name of a keypad code, in bytes (staff;
// other authorizations have 32).
const maxNameLength = 20

// Document is a whole write of one keypad code: name, PIN, window and enabled.
// It is made by NewDocument only; the zero Document is refused by every write.
type Document struct {
	name    string
	pin     PIN
	window  Window
	enabled bool
}

// NewDocument checks that nothing is missing: the name is 1 to 20 bytes of
// printable ASCII, there is a PIN (its rules are ParsePIN's, as an adopted code
// may be weak), the window is whole and starts before it ends.
func NewDocument(name string, pin PIN, w Window, enabled bool) (Document, error) {
	if len(name) < 1 || len(name) > maxNameLength {
		return Document{}, fmt.Errorf("nuki: the name of a keypad code is 1 to %d bytes, not %d", maxNameLength, len(name))
	}
	if !onlyBytes(name, ' ', '~') {
		return Document{}, errors.New("nuki: the name of a keypad code must be printable ASCII")
	}
	if pin.IsZero() {
		return Document{}, errors.New("nuki: a keypad code needs a PIN")
	}
	if err := w.check(); err != nil {
		return Document{}, err
	}
	w.From, w.Until = wholeSecond(w.From), wholeSecond(w.Until)
	return Document{name: name, pin: pin, window: w, enabled: enabled}, nil
}

// Name is what the entry is called in the lock's list.
func (d Document) Name() string { return d.name }

// PIN is the code.
func (d Document) PIN() PIN { return d.pin }

// Window is when the code opens.
func (d Document) Window() Window { return d.window }

// Enabled reports whether the code opens at all.
func (d Document) Enabled() bool { return d.enabled }

// IsZero reports whether d was not made by NewDocument.
func (d Document) IsZero() bool { return d.pin.IsZero() }

// dateFormat is the one that Nuki documents: UTC, seconds, a literal Z.
const dateFormat = "2006-01-02T15:04:05Z"

func wireDate(t time.Time) string { return t.UTC().Format(dateFormat) }

// wireDocument is what create and update have in common. No field may ever get
// omitempty: 0 and false are values here, and a field left out clears the window.
type wireDocument struct {
	Name             string `json:"name"`
	Code             int32  `json:"code"`
	RemoteAllowed    bool   `json:"remoteAllowed"` // always false: a keypad code needs no app access
	AllowedFromDate  string `json:"allowedFromDate"`
	AllowedUntilDate string `json:"allowedUntilDate"`
	AllowedWeekDays  int    `json:"allowedWeekDays"`
	AllowedFromTime  int    `json:"allowedFromTime"`
	AllowedUntilTime int    `json:"allowedUntilTime"`
}

// wireCreate adds the type. It has no enabled: Nuki's specification (4.10.0)
// knows none on create, and an unknown field may be refused by a stricter server.
type wireCreate struct {
	Type int `json:"type"`
	wireDocument
}

// wireUpdate adds enabled, and has no type: Nuki's specification knows none here.
type wireUpdate struct {
	Enabled bool `json:"enabled"`
	wireDocument
}

func (d Document) wire() wireDocument {
	return wireDocument{
		Name:             d.name,
		Code:             d.pin.Code(),
		AllowedFromDate:  wireDate(d.window.From),
		AllowedUntilDate: wireDate(d.window.Until),
		AllowedWeekDays:  d.window.WeekDays,
		AllowedFromTime:  d.window.FromTime,
		AllowedUntilTime: d.window.UntilTime,
	}
}
