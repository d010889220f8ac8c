// This file is the time window of a code: as we write it, and as it is read.

package nuki

import (
	"errors"
	"time"
)

// Bounds of the three numbers of a window (Nuki OpenAPI 4.10.0).
const (
	everyWeekDay  = 127
	minutesPerDay = 24 * 60
)

// Window is when a code opens: all five allowed* fields, never fewer. From and
// Until are instants in UTC and whole seconds, the precision that the lock
// keeps. WeekDays is a bit set (64 Monday ... 1 Sunday, 127 all). FromTime and
// UntilTime are minutes since midnight in the lock's own time zone, 0 and 0 for
// no daily limit.
type Window struct {
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	WeekDays  int       `json:"weekDays"`
	FromTime  int       `json:"fromTime"`
	UntilTime int       `json:"untilTime"`
}

// NewWindow is the window from one instant to another, on every week day and at
// all hours. Parts of a second are cut off. It fails unless from is before until.
func NewWindow(from, until time.Time) (Window, error) {
	w := Window{From: wholeSecond(from), Until: wholeSecond(until), WeekDays: everyWeekDay}
	return w, w.check()
}

// Equal reports whether both windows say the same.
func (w Window) Equal(o Window) bool {
	return w.From.Equal(o.From) && w.Until.Equal(o.Until) &&
		w.WeekDays == o.WeekDays && w.FromTime == o.FromTime && w.UntilTime == o.UntilTime
}

// check refuses what must never be written. A window without week days never
// opens, and a zero date would be a field left out by another name.
func (w Window) check() error {
	switch {
	case w.From.IsZero() || w.Until.IsZero():
		return errors.New("nuki: a window needs both its dates")
	case !w.From.Before(w.Until):
		return errors.New("nuki: a window must start before it ends")
	case w.WeekDays < 1 || w.WeekDays > everyWeekDay:
		return errors.New("nuki: a window needs its week days, 1 to 127")
	case !minuteOfDay(w.FromTime) || !minuteOfDay(w.UntilTime):
		return errors.New("nuki: the daily times of a window are minutes, 0 to 1440")
	}
	return nil
}

func minuteOfDay(m int) bool { return m >= 0 && m <= minutesPerDay }

func wholeSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// PartialWindow is a window as read: Nuki drops the window when any of the five
// fields is left out of a write (staff, production report), and other people's
// entries need not have one, so any field may be missing.
type PartialWindow struct {
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	WeekDays  *int       `json:"weekDays,omitempty"`
	FromTime  *int       `json:"fromTime,omitempty"`
	UntilTime *int       `json:"untilTime,omitempty"`
}

// Whole is the window with all its fields, in UTC and whole seconds; false when
// any is missing.
func (p PartialWindow) Whole() (Window, bool) {
	if p.From == nil || p.Until == nil || p.WeekDays == nil || p.FromTime == nil || p.UntilTime == nil {
		return Window{}, false
	}
	return Window{
		From: wholeSecond(*p.From), Until: wholeSecond(*p.Until),
		WeekDays: *p.WeekDays, FromTime: *p.FromTime, UntilTime: *p.UntilTime,
	}, true
}
