// This file says what a reservation system wishes for a stay, and when such a
// wish cannot be carried out.

package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/keystay/keystay/activities/nuki"
)

// BookingStatus is the reservation system's word for a booking.
type BookingStatus string

// The words that Keystay understands. A tentative booking is kept and nothing
// is sent to a lock; checked_out ends the stay at once.
const (
	Tentative  BookingStatus = "tentative"
	Confirmed  BookingStatus = "confirmed"
	CheckedIn  BookingStatus = "checked_in"
	CheckedOut BookingStatus = "checked_out"
	Cancelled  BookingStatus = "cancelled"
	NoShow     BookingStatus = "no_show"
)

// Known reports whether Keystay understands the word. One that it does not
// understand changes nothing and is raised.
func (b BookingStatus) Known() bool {
	switch b {
	case Tentative, Confirmed, CheckedIn, CheckedOut, Cancelled, NoShow:
		return true
	}
	return false
}

// WantsEntry reports whether a guest should get in under this status.
func (b BookingStatus) WantsEntry() bool { return b == Confirmed || b == CheckedIn }

// PINMode says where the PIN comes from.
type PINMode string

// PINs are made by Keystay, or supplied by the caller (and then count as told).
const (
	Generate PINMode = "generate"
	Supplied PINMode = "supplied"
)

// DiscloseAt is the proof from which on the PIN may be told.
type DiscloseAt string

// Reserved discloses as soon as a PIN has been chosen; the others once every
// required door has that proof.
const (
	DiscloseReserved DiscloseAt = "reserved"
	DiscloseListed   DiscloseAt = "listed"
	DiscloseReread   DiscloseAt = "reread"
)

// GuestName is personal: it prints as "(guest)" whatever prints it, and
// travels in encrypted payloads only.
type GuestName string

// String hides the name.
func (GuestName) String() string { return "(guest)" }

// Format hides the name from every verb.
func (g GuestName) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(g.String())) }

// Wish is a whole reservation as its system last described it.
type Wish struct {
	Version  Version       `json:"version,omitzero"`
	Status   BookingStatus `json:"status"`
	Unit     string        `json:"unit,omitempty"`
	StartsAt time.Time     `json:"starts_at"`
	EndsAt   time.Time     `json:"ends_at"`
	// Before and After widen the window around the stay.
	Before Duration   `json:"before,omitempty"`
	After  Duration   `json:"after,omitempty"`
	Guest  GuestName  `json:"guest,omitempty"`
	Locks  []LockWish `json:"locks"`
	PIN    PINWish    `json:"pin"`
	// Local is the stay as it was given, for display alone.
	Local *LocalStay `json:"local,omitempty"`
}

// LockWish is one door of a unit.
type LockWish struct {
	SmartlockID int64 `json:"smartlock_id"`
	// Optional doors do not hold the reservation's readiness back.
	Optional bool `json:"optional,omitempty"`
}

// PINWish says what PIN is wished and when it may be told.
type PINWish struct {
	Mode       PINMode    `json:"mode"`
	Code       nuki.PIN   `json:"code,omitzero"`
	DiscloseAt DiscloseAt `json:"disclose_at"`
}

// LocalStay is a stay in local dates and times, as reservation systems send it.
type LocalStay struct {
	Arrival      string `json:"arrival"`
	Departure    string `json:"departure"`
	CheckInTime  string `json:"check_in_time"`
	CheckOutTime string `json:"check_out_time"`
	TimeZone     string `json:"time_zone"`
}

// Window is the time in which the PIN opens, in whole seconds of UTC.
func (w Wish) Window() nuki.Window {
	window, _ := nuki.NewWindow(w.StartsAt.Add(-w.Before.D()), w.EndsAt.Add(w.After.D()))
	return window
}

// Same reports whether two wishes differ in nothing but their version.
func (w Wish) Same(other Wish) bool {
	return w.Status == other.Status && w.Unit == other.Unit && w.Guest == other.Guest && w.PIN == other.PIN &&
		w.StartsAt.Equal(other.StartsAt) && w.EndsAt.Equal(other.EndsAt) &&
		w.Before == other.Before && w.After == other.After &&
		slices.Equal(w.Locks, other.Locks) && w.sameLocal(other)
}

func (w Wish) sameLocal(other Wish) bool {
	if w.Local == nil || other.Local == nil {
		return w.Local == other.Local
	}
	return *w.Local == *other.Local
}

// FieldError is a wish that cannot be carried out, with the JSON pointer of
// the field in the API's document.
type FieldError struct {
	Pointer string
	Problem string
}

// Error names the field and the problem; it never holds a value.
func (e *FieldError) Error() string { return e.Pointer + ": " + e.Problem }

const (
	maxLocks    = 20
	maxUnit     = 100
	maxGuest    = 200
	maxStayDays = 750
	maxBuffer   = 48 * time.Hour
)

// Validate returns every *FieldError of the wish.
func (w Wish) Validate() []*FieldError {
	var found []*FieldError
	for _, rule := range wishRules {
		if rule.breaks(w) {
			found = append(found, &FieldError{Pointer: rule.pointer, Problem: rule.problem})
		}
	}
	return found
}

// wishRules are the conditions on a wish, in the order in which they are told.
var wishRules = []struct {
	pointer, problem string
	breaks           func(Wish) bool
}{
	{"/stay", "starts_at and ends_at are needed", func(w Wish) bool { return w.StartsAt.IsZero() || w.EndsAt.IsZero() }},
	{"/stay", "departure must be after arrival", func(w Wish) bool { return !w.EndsAt.After(w.StartsAt) }},
	{"/stay", "a stay is at most 750 days long", func(w Wish) bool {
		return w.EndsAt.Sub(w.StartsAt) > maxStayDays*24*time.Hour
	}},
	{"/buffers/before_minutes", "must be from 0 to 2880", func(w Wish) bool { return badBuffer(w.Before) }},
	{"/buffers/after_minutes", "must be from 0 to 2880", func(w Wish) bool { return badBuffer(w.After) }},
	{"/unit", "is longer than 100 bytes", func(w Wish) bool { return len(w.Unit) > maxUnit }},
	{"/unit", "holds a character that cannot be printed", func(w Wish) bool {
		return strings.ContainsFunc(w.Unit, func(r rune) bool { return !unicode.IsPrint(r) })
	}},
	{"/guest/name", "holds an emoji or a character that cannot be printed", func(w Wish) bool {
		return strings.ContainsFunc(string(w.Guest), noPartOfAName)
	}},
	{"/guest/name", "is longer than 200 characters", func(w Wish) bool { return len([]rune(string(w.Guest))) > maxGuest }},
	{"/locks", "needs at least one lock", func(w Wish) bool { return len(w.Locks) == 0 }},
	{"/locks", "has more than 20 locks", func(w Wish) bool { return len(w.Locks) > maxLocks }},
	{"/locks", "has a lock whose smartlock_id is not positive", func(w Wish) bool {
		return slices.ContainsFunc(w.Locks, func(lock LockWish) bool { return lock.SmartlockID <= 0 })
	}},
	{"/locks", "names a lock twice", namesTwice},
	{"/locks", "needs at least one required lock", func(w Wish) bool { return len(w.Locks) > 0 && !anyRequired(w.Locks) }},
	{"/pin/mode", "must be generate or supplied", func(w Wish) bool {
		return w.PIN.Mode != Generate && w.PIN.Mode != Supplied
	}},
	{"/pin/code", "is needed with mode supplied, and only there", func(w Wish) bool {
		return (w.PIN.Mode == Supplied) == w.PIN.Code.IsZero()
	}},
	{"/pin/code", "breaks the rules of the keypad", badCode},
	{"/pin/disclose_at", "must be reserved, listed or reread", func(w Wish) bool {
		return w.PIN.DiscloseAt != DiscloseReserved && w.PIN.DiscloseAt != DiscloseListed && w.PIN.DiscloseAt != DiscloseReread
	}},
}

// noPartOfAName reports whether a rune has no place in a name: emoji, controls, and what
// is no character at all. Spaces and joiners of every script have: names are
// written with them.
func noPartOfAName(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cs, unicode.Co, emoji) || r == unicode.ReplacementChar
}

// emoji are the blocks of Unicode that hold emoji, and what makes one of another
// character: the keycap, the variation selector and the tags of flags.
var emoji = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x20e3, Hi: 0x20e3, Stride: 1}, {Lo: 0x2600, Hi: 0x27bf, Stride: 1}, {Lo: 0x2b00, Hi: 0x2bff, Stride: 1}, {Lo: 0xfe0f, Hi: 0xfe0f, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x1f000, Hi: 0x1faff, Stride: 1}, {Lo: 0xe0020, Hi: 0xe007f, Stride: 1}},
}

func badBuffer(d Duration) bool { return d < 0 || d.D() > maxBuffer }

func namesTwice(w Wish) bool {
	seen := map[int64]bool{}
	for _, lock := range w.Locks {
		if seen[lock.SmartlockID] {
			return true
		}
		seen[lock.SmartlockID] = true
	}
	return false
}

func anyRequired(locks []LockWish) bool {
	for _, lock := range locks {
		if !lock.Optional {
			return true
		}
	}
	return false
}

func badCode(w Wish) bool {
	if w.PIN.Code.IsZero() {
		return false
	}
	_, err := nuki.ParsePIN(w.PIN.Code.Reveal())
	return err != nil
}

// withDefaults fills what a caller may leave out.
func (w Wish) withDefaults() Wish {
	if w.Status == "" {
		w.Status = Confirmed
	}
	if w.PIN.Mode == "" {
		w.PIN.Mode = Generate
	}
	if w.PIN.DiscloseAt == "" {
		w.PIN.DiscloseAt = DiscloseReread
	}
	w.StartsAt, w.EndsAt = w.StartsAt.UTC(), w.EndsAt.UTC()
	return w
}
