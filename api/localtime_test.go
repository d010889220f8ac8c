// This file tests local times where the clocks change.

package api

import (
	"testing"
	"time"
)

func TestResolve_LocalTimesAroundChangesOfTheClocks(t *testing.T) {
	cases := []struct {
		says, zone, local string
		start, end        string
	}{
		{"an ordinary summer day", "Europe/Vienna", "2026-07-10 15:00", "2026-07-10T13:00:00Z", "2026-07-10T13:00:00Z"},
		{"an ordinary winter day", "Europe/Vienna", "2026-01-10 15:00", "2026-01-10T14:00:00Z", "2026-01-10T14:00:00Z"},
		{"spring: the hour that does not exist", "Europe/Vienna", "2026-03-29 02:30", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"spring: the last minute before it", "Europe/Vienna", "2026-03-29 01:59", "2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z"},
		{"spring: the first minute after it", "Europe/Vienna", "2026-03-29 03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		{"spring: check-out on that day", "Europe/Vienna", "2026-03-29 11:00", "2026-03-29T09:00:00Z", "2026-03-29T09:00:00Z"},
		{"autumn: the hour that exists twice", "Europe/Vienna", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"autumn: its first minute", "Europe/Vienna", "2026-10-25 02:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"autumn: the minute before it", "Europe/Vienna", "2026-10-25 01:59", "2026-10-24T23:59:00Z", "2026-10-24T23:59:00Z"},
		{"autumn: the minute after it", "Europe/Vienna", "2026-10-25 03:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
		{"autumn: check-in on that day", "Europe/Vienna", "2026-10-25 15:00", "2026-10-25T14:00:00Z", "2026-10-25T14:00:00Z"},
		{"Lord Howe in spring: half an hour is missing", "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:15:00Z", "2026-10-03T15:45:00Z"},
		{"Lord Howe in spring: the half hour after it", "Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z"},
		{"Lord Howe in autumn: half an hour comes twice", "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
		{"Lord Howe in autumn: the minute before it", "Australia/Lord_Howe", "2026-04-05 01:29", "2026-04-04T14:29:00Z", "2026-04-04T14:29:00Z"},
		{"a day that Samoa left out", "Pacific/Apia", "2011-12-30 12:00", "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"},
		{"the far east of the calendar", "Pacific/Kiritimati", "2026-07-10 15:00", "2026-07-10T01:00:00Z", "2026-07-10T01:00:00Z"},
		{"the far west", "Pacific/Pago_Pago", "2026-07-10 15:00", "2026-07-11T02:00:00Z", "2026-07-11T02:00:00Z"},
		{"an odd offset", "Asia/Kathmandu", "2026-07-10 15:00", "2026-07-10T09:15:00Z", "2026-07-10T09:15:00Z"},
		{"New York in spring", "America/New_York", "2026-03-08 02:30", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"},
		{"New York in autumn", "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"no zone at all", "UTC", "2026-03-29 02:30", "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			zone, ok := loadZone(c.zone)
			if !ok {
				t.Fatalf("zone %s is not there", c.zone)
			}
			local, err := time.Parse("2006-01-02 15:04", c.local)
			if err != nil {
				t.Fatal(err)
			}
			if got := resolve(local, zone, earlier).Format(time.RFC3339); got != c.start {
				t.Errorf("as a start: %s, want %s", got, c.start)
			}
			if got := resolve(local, zone, later).Format(time.RFC3339); got != c.end {
				t.Errorf("as an end: %s, want %s", got, c.end)
			}
		})
	}
}

// Whatever the zone and the hour, an instant that is read back from its own
// local time lies between the two readings, and outside changes is both.
func TestResolve_ReadsBackEveryHourOfAYear(t *testing.T) {
	for _, name := range []string{"Europe/Vienna", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca"} {
		zone, ok := loadZone(name)
		if !ok {
			t.Fatal(name)
		}
		doubtful := 0
		begin := time.Date(2026, 1, 1, 0, 10, 0, 0, time.UTC)
		for at := begin; at.Before(begin.AddDate(1, 0, 0)); at = at.Add(20 * time.Minute) {
			wall := at.In(zone)
			local := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, time.UTC)
			start, end := resolve(local, zone, earlier), resolve(local, zone, later)
			if start.After(at) || end.Before(at) {
				t.Fatalf("%s: %s reads back as %s to %s", name, at, start, end)
			}
			if !start.Equal(end) {
				doubtful++
			}
		}
		if doubtful == 0 || doubtful > 12 {
			t.Errorf("%s: %d doubtful times in a year", name, doubtful)
		}
	}
}

func TestLoadZone_RefusesWhatDependsOnTheServer(t *testing.T) {
	for _, name := range []string{"", "Local", "Europe/Nowhere", "../etc/localtime", "/etc/localtime", "CEST+2"} {
		if _, ok := loadZone(name); ok {
			t.Errorf("zone %q was accepted", name)
		}
	}
}

func TestParseTimeOfDay(t *testing.T) {
	cases := map[string]bool{
		"00:00": true, "15:00": true, "23:59": true,
		"24:00": false, "9:00": false, "15:60": false, "15": false, "15:00:00": false, "3pm": false, "": false,
	}
	for text, want := range cases {
		if _, got := parseTimeOfDay(text); got != want {
			t.Errorf("parseTimeOfDay(%q) = %v, want %v", text, got, want)
		}
	}
}
