// This file turns local dates and times into instants: the one place where time
// zones are computed. Workflows only ever see instants.

package api

import (
	"time"
	_ "time/tzdata" // zones must be known in a container without any
)

// edge says which of two instants a local time means where the clocks change:
// a stay is never cut short by that.
type edge int

const (
	// earlier is for the start of a stay.
	earlier edge = iota
	// later is for its end.
	later
)

// Offsets from UTC lie between -12 and +14 hours, so that these two looks, from
// a local time read as if it were UTC, fall before and after any change of the
// clocks that can concern it.
const (
	lookBack    = -15 * time.Hour
	lookForward = 13 * time.Hour
)

// resolve is the instant of a local time, given as if it were UTC. A time that
// exists twice, and one that does not exist, have two readings, one by the
// offset before the change and one by the offset after it: the edge chooses.
func resolve(local time.Time, zone *time.Location, edge edge) time.Time {
	before, exactBefore := withOffsetAt(local, lookBack, zone)
	after, exactAfter := withOffsetAt(local, lookForward, zone)
	switch {
	case exactBefore && !exactAfter:
		return before
	case exactAfter && !exactBefore:
		return after
	}
	if before.After(after) {
		before, after = after, before
	}
	if edge == earlier {
		return before
	}
	return after
}

// withOffsetAt reads a local time by the offset that holds some hours away, and
// says whether that offset does hold at the instant so found.
func withOffsetAt(local time.Time, away time.Duration, zone *time.Location) (time.Time, bool) {
	_, offset := local.Add(away).In(zone).Zone()
	instant := local.Add(-time.Duration(offset) * time.Second)
	_, actual := instant.In(zone).Zone()
	return instant, actual == offset
}

// loadZone is a zone of the IANA database. The empty name and "Local" are Go's
// own, and would mean whatever the server is set to.
func loadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// The years that a stay or version may lie in: wide enough for any booking,
// narrow enough that no arithmetic on them can leave what JSON can carry.
const (
	firstYear = 1970
	lastYear  = 2999
)

// parseInstant reads RFC 3339, in UTC.
func parseInstant(text string) (time.Time, bool) {
	instant, err := time.Parse(time.RFC3339, text)
	return instant.UTC(), err == nil && saneYear(instant.UTC())
}

// parseDate reads YYYY-MM-DD.
func parseDate(text string) (time.Time, bool) {
	date, err := time.Parse(time.DateOnly, text)
	return date, err == nil && saneYear(date)
}

// parseTimeOfDay reads HH:MM, both with two digits.
func parseTimeOfDay(text string) (time.Duration, bool) {
	const layout = "15:04"
	clock, err := time.Parse(layout, text)
	ok := err == nil && len(text) == len(layout)
	return time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute, ok
}

func saneYear(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }
