// This file reads the stay of a reservation document, in either of its forms.

package api

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

const stayForms = "is needed: either arrival, departure, check_in_time, check_out_time and time_zone, or starts_at and ends_at"

// readStay fills the wish's start and end, and keeps a local form for display.
func readStay(root fields, wish *workflows.Wish) {
	if !root.has("stay") {
		root.fault("stay", stayForms)
		return
	}
	stay, ok := root.object("stay")
	if !ok {
		return
	}
	local := stay.hasAny("arrival", "departure", "check_in_time", "check_out_time", "time_zone")
	instants := stay.hasAny("starts_at", "ends_at")
	switch {
	case local && instants:
		root.fault("stay", "must have one form: local dates and times, or starts_at and ends_at, not both")
	case local:
		readLocalStay(stay, wish)
	case instants:
		wish.StartsAt, wish.EndsAt = readInstant(stay, "starts_at"), readInstant(stay, "ends_at")
	default:
		root.fault("stay", stayForms)
	}
}

// readInstant cuts parts of a second off, which a lock does not keep.
func readInstant(stay fields, name string) time.Time {
	text, ok := stay.neededText(name)
	if !ok {
		return time.Time{}
	}
	instant, ok := parseInstant(text)
	if !ok {
		stay.fault(name, "must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00+02:00")
	}
	return instant.Truncate(time.Second)
}

func readLocalStay(stay fields, wish *workflows.Wish) {
	local := workflows.LocalStay{}
	var dates [2]time.Time
	var times [2]time.Duration
	local.Arrival, dates[0] = readDate(stay, "arrival")
	local.Departure, dates[1] = readDate(stay, "departure")
	local.CheckInTime, times[0] = readTimeOfDay(stay, "check_in_time")
	local.CheckOutTime, times[1] = readTimeOfDay(stay, "check_out_time")
	zone := readZone(stay, &local)
	if zone == nil {
		return
	}
	wish.StartsAt = resolve(dates[0].Add(times[0]), zone, earlier)
	wish.EndsAt = resolve(dates[1].Add(times[1]), zone, later)
	wish.Local = &local
}

func readDate(stay fields, name string) (string, time.Time) {
	text, given := stay.neededText(name)
	date, ok := parseDate(text)
	if given && !ok {
		stay.fault(name, "must be a date such as 2026-07-10")
	}
	return text, date
}

func readTimeOfDay(stay fields, name string) (string, time.Duration) {
	text, given := stay.neededText(name)
	clock, ok := parseTimeOfDay(text)
	if given && !ok {
		stay.fault(name, "must be a time of day from 00:00 to 23:59")
	}
	return text, clock
}

func readZone(stay fields, local *workflows.LocalStay) *time.Location {
	text, given := stay.neededText("time_zone")
	zone, ok := loadZone(text)
	if given && !ok {
		stay.fault("time_zone", "must be a zone of the IANA database, such as Europe/Vienna")
	}
	local.TimeZone = text
	return zone
}
