// This file tests how a reservation document is read, and what is said of a bad one.

package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/workflows"
)

// whole is a document that has everything; %s takes more fields, which replace
// those before them, as JSON has it.
const whole = `{
	"version": 7, "status": "confirmed", "unit": "apt-4",
	"stay": {"arrival": "2026-07-10", "departure": "2026-07-14", "check_in_time": "15:00", "check_out_time": "11:00", "time_zone": "Europe/Vienna"},
	"buffers": {"before_minutes": 30, "after_minutes": 20},
	"guest": {"name": "Anna Huber"},
	"locks": [{"smartlock_id": 18298712180}, {"smartlock_id": "9223372036854775807", "required": false}],
	"pin": {"mode": "supplied", "code": "432426", "disclose_at": "listed"}%s
}`

func wholeBut(change string) string { return fmt.Sprintf(whole, ", "+change) }

func TestParseReservation_ReadsEverything(t *testing.T) {
	found, err := parseReservation(fmt.Appendf(nil, whole, ""))
	if err != nil {
		t.Fatal(err)
	}
	wish := found.wish
	if found.bare || wish.Version.String() != "7" || wish.Status != workflows.Confirmed || wish.Unit != "apt-4" {
		t.Errorf("version, status or unit: %v %v %v", wish.Version, wish.Status, wish.Unit)
	}
	if got := wish.StartsAt.Format(time.RFC3339); got != "2026-07-10T13:00:00Z" {
		t.Errorf("starts at %s", got)
	}
	if got := wish.EndsAt.Format(time.RFC3339); got != "2026-07-14T09:00:00Z" {
		t.Errorf("ends at %s", got)
	}
	if wish.Before.D() != 30*time.Minute || wish.After.D() != 20*time.Minute {
		t.Errorf("buffers %v and %v", wish.Before, wish.After)
	}
	if string(wish.Guest) != "Anna Huber" || wish.PIN.Code.Reveal() != "432426" {
		t.Error("guest or PIN differ")
	}
	if wish.PIN.Mode != workflows.Supplied || wish.PIN.DiscloseAt != workflows.DiscloseListed {
		t.Errorf("pin %v %v", wish.PIN.Mode, wish.PIN.DiscloseAt)
	}
	want := []workflows.LockWish{{SmartlockID: 18298712180}, {SmartlockID: 9223372036854775807, Optional: true}}
	if !slices.Equal(wish.Locks, want) {
		t.Errorf("locks %v", wish.Locks)
	}
	if wish.Local == nil || wish.Local.TimeZone != "Europe/Vienna" || wish.Local.CheckOutTime != "11:00" {
		t.Errorf("local form %+v", wish.Local)
	}
}

func TestParseReservation_FillsWhatMayBeLeftOut(t *testing.T) {
	found, err := parseReservation([]byte(`{
		"stay": {"starts_at": "2026-07-10T15:00:00.9+02:00", "ends_at": "2026-07-14T11:00:00+02:00"},
		"locks": [{"smartlock_id": 1}], "guest": null, "pin": {"code": null}, "version": null, "channel": {"name": "x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	wish := found.wish
	if !wish.Version.IsZero() || wish.Status != workflows.Confirmed || wish.Before != 0 || wish.After.D() != 15*time.Minute {
		t.Errorf("defaults: %+v", wish)
	}
	if wish.PIN.Mode != workflows.Generate || wish.PIN.DiscloseAt != workflows.DiscloseReread || !wish.PIN.Code.IsZero() {
		t.Errorf("defaults of pin: %+v", wish.PIN)
	}
	if wish.StartsAt.Format(time.RFC3339Nano) != "2026-07-10T13:00:00Z" || wish.Local != nil {
		t.Errorf("starts at %v, local %v", wish.StartsAt, wish.Local)
	}
}

func TestParseReservation_AStayIsNeverCutShortWhereTheClocksChange(t *testing.T) {
	const stay = `"stay": {"arrival": %q, "departure": %q, "check_in_time": "02:30", "check_out_time": "02:30", "time_zone": "Europe/Vienna"}`
	for says, c := range map[string]struct{ arrival, departure, start, end string }{
		"into the autumn": {"2026-10-20", "2026-10-25", "2026-10-20T00:30:00Z", "2026-10-25T01:30:00Z"},
		"from the autumn": {"2026-10-25", "2026-10-26", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		"into the spring": {"2027-03-27", "2027-03-28", "2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z"},
		"from the spring": {"2027-03-28", "2027-03-29", "2027-03-28T00:30:00Z", "2027-03-29T00:30:00Z"},
	} {
		found, err := parseReservation([]byte(wholeBut(fmt.Sprintf(stay, c.arrival, c.departure))))
		if err != nil {
			t.Fatal(err)
		}
		if start, end := found.wish.StartsAt.Format(time.RFC3339), found.wish.EndsAt.Format(time.RFC3339); start != c.start || end != c.end {
			t.Errorf("%s: %s to %s, want %s to %s", says, start, end, c.start, c.end)
		}
	}
}

func TestParseReservation_Versions(t *testing.T) {
	for given, want := range map[string]string{
		`7`: "7", `-1`: "-1", `9223372036854775807`: "9223372036854775807", `null`: "",
		`"2026-07-01T09:14:22Z"`:             "2026-07-01T09:14:22Z",
		`"2026-07-01T11:14:22.123456+02:00"`: "2026-07-01T09:14:22.123456Z",
	} {
		found, err := parseReservation([]byte(wholeBut(`"version": ` + given)))
		if err != nil || found.wish.Version.String() != want {
			t.Errorf("version %s: %q, %v", given, found.wish.Version, err)
		}
	}
}

func TestParseReservation_Cancellations(t *testing.T) {
	cases := []struct {
		says, body string
		bare       bool
	}{
		{"cancelled alone", `{"status": "cancelled", "version": 8}`, true},
		{"no_show alone", `{"status": "no_show"}`, true},
		{"cancelled with null", `{"status": "cancelled", "stay": null, "locks": null, "pin": null}`, true},
		{"cancelled with a part, which does not count", `{"status": "cancelled", "stay": {"arrival": "soon"}, "guest": 3}`, true},
		{"cancelled with the whole document", wholeBut(`"status": "cancelled"`), false},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			found, err := parseReservation([]byte(c.body))
			if err != nil || found.bare != c.bare {
				t.Errorf("bare = %v, %v, want %v", found.bare, err, c.bare)
			}
		})
	}
}

func TestParseReservation_AnUnknownStatusIsPassedOn(t *testing.T) {
	found, err := parseReservation([]byte(wholeBut(`"status": "waitlisted"`)))
	if err != nil || found.wish.Status != "waitlisted" || found.bare {
		t.Errorf("got %+v, %v", found.wish.Status, err)
	}
}

func TestParseReservation_Faults(t *testing.T) {
	const stay = `"stay": {"arrival": %q, "departure": %q, "check_in_time": %q, "check_out_time": %q, "time_zone": %q}`
	cases := []struct {
		says, body string
		want       []string
	}{
		{"an empty object", `{}`, []string{
			"/stay is needed: either arrival, departure, check_in_time, check_out_time and time_zone, or starts_at and ends_at",
			"/locks is needed: the locks that the PIN opens",
		}},
		{"confirmed without a stay", `{"status": "confirmed", "locks": [{"smartlock_id": 1}]}`, []string{
			"/stay is needed: either arrival, departure, check_in_time, check_out_time and time_zone, or starts_at and ends_at",
		}},
		{"an empty stay", wholeBut(`"stay": {}`), []string{
			"/stay is needed: either arrival, departure, check_in_time, check_out_time and time_zone, or starts_at and ends_at",
		}},
		{"both forms", wholeBut(`"stay": {"arrival": "2026-07-10", "ends_at": "2026-07-14T11:00:00Z"}`), []string{
			"/stay must have one form: local dates and times, or starts_at and ends_at, not both",
		}},
		{"a stay that is no object", wholeBut(`"stay": "2026-07-10"`), []string{"/stay must be an object"}},
		{"half of the local form", wholeBut(`"stay": {"arrival": "2026-07-10", "time_zone": "Europe/Vienna"}`), []string{
			"/stay/departure is needed", "/stay/check_in_time is needed", "/stay/check_out_time is needed",
		}},
		{"half of the instants", wholeBut(`"stay": {"starts_at": "2026-07-10T15:00:00Z"}`), []string{"/stay/ends_at is needed"}},
		{"an instant without an offset", wholeBut(`"stay": {"starts_at": "2026-07-10T15:00:00", "ends_at": "2026-07-14T11:00:00Z"}`), []string{
			"/stay/starts_at must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00+02:00",
		}},
		{"nonsense in every part of the local form", wholeBut(fmt.Sprintf(stay, "10.7.2026", "2026-02-30", "3pm", "24:00", "Europe/Wien")), []string{
			"/stay/arrival must be a date such as 2026-07-10",
			"/stay/departure must be a date such as 2026-07-10",
			"/stay/check_in_time must be a time of day from 00:00 to 23:59",
			"/stay/check_out_time must be a time of day from 00:00 to 23:59",
			"/stay/time_zone must be a zone of the IANA database, such as Europe/Vienna",
		}},
		{"an hour as a number", wholeBut(`"stay": {"arrival": "2026-07-10", "departure": "2026-07-14", "check_in_time": 15, "check_out_time": "11:00", "time_zone": "Europe/Vienna"}`), []string{
			"/stay/check_in_time must be a string",
		}},
		{"the server's own zone", wholeBut(fmt.Sprintf(stay, "2026-07-10", "2026-07-14", "15:00", "11:00", "Local")), []string{
			"/stay/time_zone must be a zone of the IANA database, such as Europe/Vienna",
		}},
		{"departure before arrival", wholeBut(fmt.Sprintf(stay, "2026-07-14", "2026-07-10", "15:00", "11:00", "Europe/Vienna")), []string{
			"/stay departure must be after arrival",
		}},
		{"departure at arrival", wholeBut(`"stay": {"starts_at": "2026-07-10T15:00:00.1Z", "ends_at": "2026-07-10T15:00:00.9Z"}`), []string{
			"/stay departure must be after arrival",
		}},
		{"a stay of years", wholeBut(`"stay": {"starts_at": "2026-07-10T15:00:00Z", "ends_at": "2029-07-10T15:00:00Z"}`), []string{
			"/stay a stay is at most 750 days long",
		}},
		{"a year beyond all calendars", wholeBut(`"stay": {"starts_at": "2026-07-10T15:00:00Z", "ends_at": "9999-12-31T23:59:59-12:00"}`), []string{
			"/stay/ends_at must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00+02:00",
		}},
		{"a version of another kind", wholeBut(`"version": "v7"`), []string{
			"/version must be an integer of at most 64 bits or an RFC 3339 time",
		}},
		{"a version that is no integer", wholeBut(`"version": 7.5`), []string{
			"/version must be an integer of at most 64 bits or an RFC 3339 time",
		}},
		{"a version of more than 64 bits", wholeBut(`"version": 9223372036854775808`), []string{
			"/version must be an integer of at most 64 bits or an RFC 3339 time",
		}},
		{"an empty status", wholeBut(`"status": ""`), []string{"/status must be a word of 1 to 64 bytes"}},
		{"a status that is no word", wholeBut(`"status": 1`), []string{"/status must be a string"}},
		{"a unit that is no string", wholeBut(`"unit": 4`), []string{"/unit must be a string"}},
		{"a long unit", wholeBut(`"unit": "` + strings.Repeat("x", 101) + `"`), []string{"/unit is longer than 100 bytes"}},
		{"a guest that is no object", wholeBut(`"guest": "Anna Huber"`), []string{"/guest must be an object"}},
		{"a long name", wholeBut(`"guest": {"name": "` + strings.Repeat("ä", 301) + `"}`), []string{"/guest/name is longer than 200 characters"}},
		{"negative and huge buffers", wholeBut(`"buffers": {"before_minutes": -1, "after_minutes": 9223372036854775807}`), []string{
			"/buffers/before_minutes must be from 0 to 2880", "/buffers/after_minutes must be from 0 to 2880",
		}},
		{"buffers of another type", wholeBut(`"buffers": {"before_minutes": "15", "after_minutes": 1.5}`), []string{
			"/buffers/before_minutes must be an integer", "/buffers/after_minutes must be an integer",
		}},
		{"no lock", wholeBut(`"locks": []`), []string{"/locks needs at least one lock"}},
		{"locks that are no array", wholeBut(`"locks": {"smartlock_id": 1}`), []string{"/locks must be an array"}},
		{"locks that are no objects", wholeBut(`"locks": [1, null, {"smartlock_id": 2}]`), []string{
			"/locks/0 must be an object", "/locks/1 must be an object",
		}},
		{"ids that are none", wholeBut(`"locks": [{"smartlock_id": 0}, {"smartlock_id": "18298712180.0"}, {"smartlock_id": 1e3}, {"smartlock_id": "9223372036854775808"}, {}, {"smartlock_id": [1]}]`), []string{
			"/locks/0/smartlock_id must be a positive integer of at most 64 bits, as a number or as a string of digits",
			"/locks/1/smartlock_id must be a positive integer of at most 64 bits, as a number or as a string of digits",
			"/locks/2/smartlock_id must be a positive integer of at most 64 bits, as a number or as a string of digits",
			"/locks/3/smartlock_id must be a positive integer of at most 64 bits, as a number or as a string of digits",
			"/locks/4/smartlock_id is needed",
			"/locks/5/smartlock_id must be a positive integer of at most 64 bits, as a number or as a string of digits",
		}},
		{"a lock twice", wholeBut(`"locks": [{"smartlock_id": 1}, {"smartlock_id": "1"}]`), []string{
			"/locks names a lock twice",
		}},
		{"no required lock", wholeBut(`"locks": [{"smartlock_id": 1, "required": false}]`), []string{"/locks needs at least one required lock"}},
		{"required that is no truth", wholeBut(`"locks": [{"smartlock_id": 1, "required": "yes"}]`), []string{"/locks/0/required must be true or false"}},
		{"a PIN that starts with 12", wholeBut(`"pin": {"mode": "supplied", "code": "127643"}`), []string{"/pin/code must not start with 12"}},
		{"a PIN with a zero, as a number", wholeBut(`"pin": {"mode": "supplied", "code": 432406}`), []string{"/pin/code must use the digits 1 to 9 only"}},
		{"a PIN that is too short", wholeBut(`"pin": {"mode": "supplied", "code": "4324"}`), []string{"/pin/code must be exactly six digits"}},
		{"a PIN of an odd type", wholeBut(`"pin": {"mode": "supplied", "code": {"digits": 432426}}`), []string{"/pin/code must be exactly six digits"}},
		{"a weak PIN", wholeBut(`"pin": {"mode": "supplied", "code": "777777"}`), []string{"/pin/code must not be one digit six times"}},
		{"supplied without a code", wholeBut(`"pin": {"mode": "supplied"}`), []string{"/pin/code is needed with mode supplied, and only there"}},
		{"a code without supplied", wholeBut(`"pin": {"code": "432426"}`), []string{"/pin/code is needed with mode supplied, and only there"}},
		{"a mode and a proof of the caller's own", wholeBut(`"pin": {"mode": "phone", "disclose_at": "used"}`), []string{
			"/pin/mode must be generate or supplied", "/pin/disclose_at must be reserved, listed or reread",
		}},
		{"a pin that is no object", wholeBut(`"pin": "432426"`), []string{"/pin must be an object"}},
		{"a bad version of a bare cancellation", `{"status": "cancelled", "version": "latest"}`, []string{
			"/version must be an integer of at most 64 bits or an RFC 3339 time",
		}},
		{"many faults at once", `{"version": true, "stay": {"starts_at": 1, "ends_at": "x"}, "locks": [{}], "pin": {"mode": "supplied", "code": "123456"}}`, []string{
			"/version must be an integer of at most 64 bits or an RFC 3339 time",
			"/stay/starts_at must be a string",
			"/stay/ends_at must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00+02:00",
			"/locks/0/smartlock_id is needed",
			"/pin/code must not start with 12",
		}},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			_, err := parseReservation([]byte(c.body))
			var found *Problem
			if !errors.As(err, &found) {
				t.Fatalf("error %v, want a problem", err)
			}
			if found.Status != 422 || found.Code != "invalid_reservation" {
				t.Errorf("got %d %s", found.Status, found.Code)
			}
			if got := faultLines(found.Errors); !slices.Equal(got, c.want) {
				t.Errorf("faults:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

func faultLines(faults []Fault) []string {
	var lines []string
	for _, fault := range faults {
		lines = append(lines, fault.Pointer+fault.Parameter+" "+fault.Detail)
	}
	return lines
}

func TestParseReservation_WhatIsNoObject(t *testing.T) {
	for body, want := range map[string]string{
		``:                      "The body must be one JSON object. It stops being JSON at byte 0.",
		`null`:                  "The body must be one JSON object.",
		`[]`:                    "The body must be one JSON object.",
		`"432426"`:              "The body must be one JSON object.",
		`{"guest": "Anna Huber`: "The body must be one JSON object. It stops being JSON at byte 21.",
		`{} {}`:                 "The body must be one JSON object. It stops being JSON at byte 4.",
	} {
		_, err := parseReservation([]byte(body))
		var found *Problem
		if !errors.As(err, &found) || found.Status != 400 || found.Code != "malformed_json" || found.Detail != want {
			t.Errorf("body %s: %+v", body, found)
		}
	}
}
