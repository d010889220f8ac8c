// This file is one keypad code, and when the keypad obeys it.

package nukisim

import (
	"slices"
	"strconv"
	"time"
)

// entry is one keypad code, in the cloud's list or in a lock's table. Once it is
// in one of them it is never changed: a changed copy takes its place, so that
// lists can be kept as they were, and share what they have in common.
type entry struct {
	id            string
	name          string
	code          int
	enabled       bool
	remoteAllowed bool
	window        window
	authID        int
	lockCount     int
	created       time.Time
	updated       time.Time
	lastActive    time.Time
	operation     string
	// deafUntil: in a lock's table, the keypad refuses the entry until then.
	deafUntil time.Time
	// wire is the entry as lists write it, once one has; see authJSON.
	wire []byte
}

// window is the five fields; each may be missing, and then does not restrict.
type window struct {
	from, until         *time.Time
	weekDays            *int
	fromTime, untilTime *int
}

func (e *entry) copy() *entry {
	c := *e
	c.wire = nil
	return &c
}

// shown is a copy of an entry of a lock's table as the cloud knows it: deafness
// cannot be seen from afar.
func (e *entry) shown() *entry {
	c := e.copy()
	c.deafUntil = time.Time{}
	return c
}

// same reports whether two entries mean the same to a keypad and to a reader.
func (e *entry) same(other *entry) bool {
	return e.name == other.name && e.code == other.code && e.enabled == other.enabled &&
		e.remoteAllowed == other.remoteAllowed && e.window.same(other.window)
}

func (w window) same(other window) bool {
	return sameValue(w.from, other.from) && sameValue(w.until, other.until) && sameValue(w.weekDays, other.weekDays) &&
		sameValue(w.fromTime, other.fromTime) && sameValue(w.untilTime, other.untilTime)
}

func sameValue[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// obeyed reports whether a keypad in a zone obeys the entry at an instant, which is
// `local` by the lock's own clock.
func (e *entry) obeyed(at, local time.Time, zone *time.Location) bool {
	return e.enabled && !at.Before(e.deafUntil) && e.window.open(local, zone)
}

// with is a list with one entry more.
func with(list []*entry, added *entry) []*entry { return append(slices.Clone(list), added) }

// replaced is a list with a changed entry in the place of what it was.
func replaced(list []*entry, changed *entry) []*entry {
	list = slices.Clone(list)
	for i, e := range list {
		if e.id == changed.id {
			list[i] = changed
		}
	}
	return list
}

func byID(list []*entry, id string) *entry {
	for _, e := range list {
		if e.id == id {
			return e
		}
	}
	return nil
}

func byCode(list []*entry, code int) *entry {
	for _, e := range list {
		if e.code == code {
			return e
		}
	}
	return nil
}

func without(list []*entry, id string) []*entry {
	return slices.DeleteFunc(slices.Clone(list), func(e *entry) bool { return e.id == id })
}

// Opens is the only question that matters: does this PIN open this door at this
// instant? It goes by the lock's own table, clock and zone.
func (s *Sim) Opens(id int64, pin string, at time.Time) (opens bool) {
	s.with(id, func(l *lock) { opens = l.admits(pin, at) != nil })
	return opens
}

// admits is the entry that opens for a PIN at an instant; nil if none does. The
// keys pressed must be the code's own: "+345678" and "0345678" are not.
func (l *lock) admits(pin string, at time.Time) *entry { return l.admittedBy(l.table, pin, at) }

func (l *lock) admittedBy(table []*entry, pin string, at time.Time) *entry {
	code, err := strconv.Atoi(pin)
	if err != nil || strconv.Itoa(code) != pin || !l.keypadAt(at) {
		return nil
	}
	e := byCode(table, code)
	if e == nil || !e.obeyed(at, at.Add(l.faultsAt(at).ClockOffset.D()), l.zone) {
		return nil
	}
	return e
}

// open reports whether the window admits an instant of the lock's clock. Dates bound
// the whole period; week days and daily times, in the lock's zone, restrict every
// day inside it (staff: F-22356, F-32726, F-39789).
func (w window) open(at time.Time, zone *time.Location) bool {
	if w.from != nil && at.Before(*w.from) || w.until != nil && !at.Before(*w.until) {
		return false
	}
	local := at.In(zone)
	if w.weekDays != nil && *w.weekDays&weekDayBit(local.Weekday()) == 0 {
		return false
	}
	return w.daily(local.Hour()*60 + local.Minute())
}

// daily reports whether the daily times admit a minute of the day. Both 0 is no
// limit; a span over midnight is taken as one.
func (w window) daily(minute int) bool {
	from, until := orZero(w.fromTime), orZero(w.untilTime)
	switch {
	case from == until:
		return true
	case from < until:
		return minute >= from && minute < until
	}
	return minute >= from || minute < until
}

// weekDayBit: 64 Monday … 1 Sunday (Nuki OpenAPI 4.10.0).
func weekDayBit(day time.Weekday) int { return 1 << ((7 - int(day)) % 7) }

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
