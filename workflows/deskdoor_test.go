// This file tests what a front desk makes of its keypad's log.

package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// staying is a reservation with an entry on the lock, in hours from noon.
func staying(reservation, authID string, from, until int) activities.Attendance {
	a := attendee(reservation, []string{authID})
	a.Entries = []activities.KnownEntry{{
		AuthID: authID, Name: "K-" + reservation, Print: activities.Print("print of " + authID), Placed: true,
		From: noon.Add(time.Duration(from) * time.Hour), Until: noon.Add(time.Duration(until) * time.Hour),
	}}
	return a
}

// revoked is the same with an entry that should be gone since noon.
func revoked(a activities.Attendance) activities.Attendance {
	a.Entries[0].Absent, a.Entries[0].AbsentAt = true, noon
	return a
}

func deskWith(attendances ...activities.Attendance) *Desk {
	d := &Desk{Lock: 11}
	for _, a := range attendances {
		d.attend(a, noon)
	}
	return d
}

// typed is a code typed so many seconds after noon: by its authorization, or "" for
// one that was refused.
func typed(seconds int, authID string) activities.KeypadEntry {
	return activities.KeypadEntry{AuthID: authID, Refused: authID == "", At: noon.Add(time.Duration(seconds) * time.Second)}
}

// toldAtDoor is what a reservation is to be woken with of the door.
func (d *Desk) toldAtDoor(reservation string) (kinds []DoorKind) {
	a := d.attendee(reservation)
	if a == nil || a.Due == nil {
		return nil
	}
	for _, news := range a.Due.Door {
		kinds = append(kinds, news.Kind)
	}
	return kinds
}

func TestDoor_TellsWhomItConcerns(t *testing.T) {
	here := func() activities.Attendance { return staying("R1", "a1", -1, 48) }
	gone := func() activities.Attendance { return revoked(staying("R2", "a2", -48, 48)) }
	for _, c := range []struct {
		name string
		desk *Desk
		rows []activities.KeypadEntry
		want map[string][]DoorKind
		uses int
	}{
		{"a good entry is proof", deskWith(here()), []activities.KeypadEntry{typed(0, "a1")}, map[string][]DoorKind{"R1": {DoorUsed}}, 0},
		{"a second one is no news", deskWith(here()), []activities.KeypadEntry{typed(0, "a1"), typed(60, "a1")}, map[string][]DoorKind{"R1": {DoorUsed}}, 0},
		{"somebody else's entry is nobody's news", deskWith(here()), []activities.KeypadEntry{typed(0, "x9")}, nil, 0},
		{"one refused entry is a slip", deskWith(here()), []activities.KeypadEntry{typed(0, "")}, nil, 0},
		{"two within three minutes are a guest who cannot get in", deskWith(here()), []activities.KeypadEntry{typed(0, ""), typed(180, "")}, map[string][]DoorKind{"R1": {DoorRefused}}, 0},
		{"whichever of them is told first", deskWith(here()), []activities.KeypadEntry{typed(100, ""), typed(0, "")}, map[string][]DoorKind{"R1": {DoorRefused}}, 0},
		{"two farther apart are two slips", deskWith(here()), []activities.KeypadEntry{typed(0, ""), typed(181, "")}, nil, 0},
		{"two while nobody is awaited concern nobody", deskWith(gone()), []activities.KeypadEntry{typed(0, ""), typed(60, "")}, nil, 0},
		{"nor a guest whose stay is still to come", deskWith(staying("R1", "a1", 1, 48)), []activities.KeypadEntry{typed(0, ""), typed(60, "")}, nil, 0},
		{"nor one who has been in", deskWith(here()), []activities.KeypadEntry{typed(0, "a1"), typed(30, ""), typed(60, "")}, map[string][]DoorKind{"R1": {DoorUsed}}, 0},
		{"but the one of two who has not", deskWith(here(), staying("R3", "a3", -1, 48)), []activities.KeypadEntry{typed(0, "a1"), typed(30, ""), typed(60, "")}, map[string][]DoorKind{"R1": {DoorUsed}, "R3": {DoorRefused}}, 0},
		{"two that could be either's are counted alone", deskWith(here(), staying("R3", "a3", -1, 48)), []activities.KeypadEntry{typed(30, ""), typed(60, "")}, nil, 0},
		{"a PIN that was revoked", deskWith(gone()), []activities.KeypadEntry{typed(1, "a2")}, map[string][]DoorKind{"R2": {DoorDeadUsed}}, 1},
		{"but not before it was", deskWith(gone()), []activities.KeypadEntry{typed(-1, "a2")}, map[string][]DoorKind{"R2": {DoorUsed}}, 0},
		{"a PIN before its window", deskWith(staying("R1", "a1", 1, 48)), []activities.KeypadEntry{typed(0, "a1")}, map[string][]DoorKind{"R1": {DoorDeadUsed}}, 1},
		{"but for a clock that is a little ahead", deskWith(staying("R1", "a1", 1, 48)), []activities.KeypadEntry{typed(3571, "a1")}, map[string][]DoorKind{"R1": {DoorUsed}}, 0},
		{"a PIN after its window", deskWith(staying("R1", "a1", -48, 1)), []activities.KeypadEntry{typed(3631, "a1")}, map[string][]DoorKind{"R1": {DoorDeadUsed}}, 1},
		{"but for a clock that is a little behind", deskWith(staying("R1", "a1", -48, 1)), []activities.KeypadEntry{typed(3630, "a1")}, map[string][]DoorKind{"R1": {DoorUsed}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, typed := range c.rows {
				c.desk.typed(typed, noon.Add(time.Hour))
			}
			for _, a := range c.desk.Attendees {
				if got := c.desk.toldAtDoor(a.Reservation); !slices.Equal(got, c.want[a.Reservation]) {
					t.Errorf("%s is told %v, want %v", a.Reservation, got, c.want[a.Reservation])
				}
			}
			if got := c.desk.Door.DeadUsed; len(got) != c.uses {
				t.Errorf("%d uses of dead PINs are listed, want %d: %+v", len(got), c.uses, got)
			}
		})
	}
}

func TestDoor_CountsRefusalsThatCouldBeAnybodys(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48), staying("R3", "a3", -1, 48))
	for second := range 3 {
		d.typed(typed(second, ""), noon)
	}
	if d.Door.RefusedCount != 3 || d.Door.Shared != 2 || !d.Door.SharedAt.Equal(noon.Add(2*time.Second)) {
		t.Errorf("%+v", d.Door)
	}
}

func TestDoor_KnowsThePINsOfThoseWhoHaveLeft(t *testing.T) {
	until := noon.Add(24 * time.Hour)
	for _, c := range []struct {
		name string
		left LeftEntry
		at   time.Time
		want int
	}{
		{"one that ended properly left nothing that opens", LeftEntry{Reservation: "R9", AuthID: "a9", Until: until}, noon, 1},
		{"one that was lost has a guest yet", LeftEntry{Reservation: "R9", AuthID: "a9", Until: until, Lost: true}, noon, 0},
		{"until its window closes", LeftEntry{Reservation: "R9", AuthID: "a9", Until: until, Lost: true}, until.Add(time.Second), 1},
		{"or for as long as nobody knows its window", LeftEntry{Reservation: "R9", AuthID: "a9", Lost: true}, noon, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &Desk{Lock: 11, Left: []LeftEntry{c.left}}
			d.typed(activities.KeypadEntry{AuthID: "a9", At: c.at}, c.at)
			if len(d.Door.DeadUsed) != c.want || len(d.Sweeps) != c.want {
				t.Fatalf("listed %+v, to be swept %+v, want %d of each", d.Door.DeadUsed, d.Sweeps, c.want)
			}
			if c.want == 1 && (d.Sweeps[0].WorkflowID != "reservation-R9" || d.Sweeps[0].AuthID != "a9" || d.Door.DeadUsed[0].Reservation != "R9") {
				t.Errorf("swept by %+v, listed %+v", d.Sweeps[0], d.Door.DeadUsed[0])
			}
		})
	}
}

func TestDoor_JudgesRowsByTheirOwnTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    time.Time
		taken bool
	}{
		{"now", noon, true},
		{"two days ago, to the second", noon.Add(-48 * time.Hour), true},
		{"longer ago", noon.Add(-48*time.Hour - time.Second), false},
		{"by a clock that is some minutes ahead", noon.Add(5 * time.Minute), true},
		{"in the future", noon.Add(5*time.Minute + time.Second), false},
		{"in the year 9999", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), false},
		{"at no time", time.Time{}, false},
	} {
		d := deskWith(staying("R1", "a1", -72, 48))
		d.typed(activities.KeypadEntry{AuthID: "a1", At: c.at}, noon)
		d.typed(activities.KeypadEntry{Refused: true, At: c.at}, noon)
		if taken := d.Door.Opened == 1 && d.Door.RefusedCount == 1 && d.Odd == 0; taken != c.taken {
			t.Errorf("%s: taken %v, want %v (%+v, %d odd)", c.name, taken, c.taken, d.Door, d.Odd)
		}
		if !c.taken && (d.Odd != 2 || len(d.toldAtDoor("R1")) != 0) {
			t.Errorf("%s: %d odd, R1 is told %v", c.name, d.Odd, d.toldAtDoor("R1"))
		}
	}
}

// logRow is what the webhook of a typed code becomes.
func logRow(seconds int, authID string) nuki.Event {
	event := nuki.Event{Feature: nuki.FeatureLogs, SmartlockID: 11, AuthID: authID, Source: nuki.SourceKeypadCode, Date: noon.Add(time.Duration(seconds) * time.Second)}
	if authID == "" {
		event.State = nuki.StateInvalidCode
	}
	return event
}

func TestDoor_TheSameRowAThousandTimesIsOne(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	for n := range 1000 {
		now := noon.Add(time.Duration(n) * time.Minute)
		d.hear(logRow(0, ""), now)
		d.typed(typed(0, ""), now)
		d.hear(logRow(600, "x9"), noon.Add(10*time.Minute))
	}
	if d.Door.RefusedCount != 1 || d.Door.Opened != 1 || d.Heard != 2000 || d.Attendees[0].Due != nil {
		t.Errorf("counted %+v of %d webhooks; R1 is due %+v", d.Door, d.Heard, d.Attendees[0].Due)
	}
}

func TestDoor_TwoReadingsThatOverlapCountARowOnce(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	for range 2 {
		for second := range keptRows {
			d.typed(typed(second*3, "x9"), noon.Add(time.Hour))
		}
	}
	if d.Door.Opened != keptRows {
		t.Errorf("%d rows were counted, want %d", d.Door.Opened, keptRows)
	}
}

func TestDoor_RemembersABoundedNumberOfEverything(t *testing.T) {
	d := deskWith(revoked(staying("R2", "a2", -48, 48)), staying("R1", "a1", -1, 480))
	for second := range 5000 {
		d.typed(typed(second, "a2"), noon.Add(2*time.Hour))
		d.typed(typed(second, ""), noon.Add(2*time.Hour))
	}
	if len(d.Door.Seen) != keptRows || len(d.Door.Refused) != keptUses || len(d.Door.DeadUsed) != keptUses || len(d.Attendees[0].Due.Door) != keptNews || len(d.Attendees[1].Due.Door) != keptNews {
		t.Errorf("%d rows, %d refused, %d dead uses, %d and %d news are kept", len(d.Door.Seen), len(d.Door.Refused),
			len(d.Door.DeadUsed), len(d.Attendees[0].Due.Door), len(d.Attendees[1].Due.Door))
	}
}

func TestDoor_AnEntryThatHasOpenedStaysOne(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.typed(typed(0, "a1"), noon)
	d.attend(staying("R1", "a1", -1, 48), noon) // Sent before the news came.
	d.attendee("R1").Due = nil
	d.typed(typed(60, "a1"), noon.Add(time.Minute))
	d.typed(typed(70, ""), noon.Add(2*time.Minute))
	d.typed(typed(80, ""), noon.Add(2*time.Minute))
	if due := d.attendee("R1").Due; due != nil {
		t.Errorf("a guest who has been in is told %+v", due.Door)
	}
	longer := staying("R1", "a1", -1, 72)
	d.attend(longer, noon)
	d.typed(typed(120, "a1"), noon.Add(2*time.Minute))
	if got := d.toldAtDoor("R1"); !slices.Equal(got, []DoorKind{DoorUsed}) {
		t.Errorf("the first entry by a longer window tells %v", got)
	}
}

func TestDoor_AGuestWhoHasBeenInIsNotAwaitedAgainByAnotherEndOrPIN(t *testing.T) {
	other := staying("R1", "a2", -4, 48)
	for _, c := range []struct {
		name string
		wish activities.Attendance
		want bool
	}{
		{"a later end", staying("R1", "a1", -4, 72), false},
		{"another PIN", other, false},
		{"other dates", staying("R1", "a1", 24, 72), true},
	} {
		d := deskWith(staying("R1", "a1", -4, 48))
		d.typed(typed(0, "a1"), noon)
		d.attend(c.wish, after(1))
		if got := len(d.awaited(c.wish.Entries[0].From.Add(5*time.Hour))) == 1; got != c.want {
			t.Errorf("%s: awaited %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDoor_AGuestWhoIsInBeforeTheEntrysIDIsKnownIsHeardOf(t *testing.T) {
	d := deskWith(staying("R1", "", -1, 48))
	d.typed(typed(0, "a1"), noon)
	if told := d.toldAtDoor("R1"); len(told) > 0 {
		t.Fatalf("before its id is known R1 is told %v", told)
	}
	for range 2 {
		d.attend(staying("R1", "a1", -1, 48), after(1))
	}
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorUsed}) || d.Door.Opened != 1 {
		t.Errorf("once it is, R1 is told %v; opened %d", told, d.Door.Opened)
	}
}

func TestDoor_AnExtensionThatTheDeskKnowsIsNoDeadPIN(t *testing.T) {
	d := deskWith(staying("R1", "a1", -48, 1))
	longer := staying("R1", "a1", -48, 24)
	d.attend(longer, noon)
	d.typed(typed(7200, "a1"), noon.Add(2*time.Hour))
	if got := d.toldAtDoor("R1"); !slices.Equal(got, []DoorKind{DoorUsed}) {
		t.Errorf("an entry after the old end tells %v", got)
	}
}

func TestDoor_AWindowThatWasChangedIsJudgedAsItWas(t *testing.T) {
	// Minutes from noon, when the window becomes another one.
	window := func(from, until int) activities.Attendance { return staying("R1", "a1", from, until) }
	for _, c := range []struct {
		name          string
		before, after activities.Attendance
		row           int
		want          DoorKind
		// used: the entry counts as used in its window, awaited: its guest is awaited.
		used, awaited bool
	}{
		{"in, an hour before he left early", window(-48, 48), window(-48, -2), -60, DoorUsed, false, false},
		{"in, an hour after", window(-48, 48), window(-48, -2), 60, DoorDeadUsed, false, true},
		{"in after the old end, before anybody extended", window(-48, -2), window(-48, 24), -60, DoorDeadUsed, false, true},
		{"in after the old end, extended", window(-48, -2), window(-48, 24), 1, DoorUsed, true, false},
		{"in before the end, extended later", window(-48, 1), window(-48, 24), -60, DoorUsed, false, false},
		{"in for the old dates", window(-4, 48), window(24, 72), -60, DoorUsed, false, true},
		{"in on the old dates, when they were moved", window(-4, 48), window(24, 72), 60, DoorDeadUsed, false, true},
	} {
		d := deskWith(c.before)
		for range 2 {
			d.attend(c.after, noon)
		}
		d.typed(typed(60*c.row, "a1"), after(120))
		if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{c.want}) {
			t.Errorf("%s: told %v, want %s", c.name, told, c.want)
		}
		if used := d.Attendees[0].Entries[0].Used; used != c.used {
			t.Errorf("%s: used %v, want %v", c.name, used, c.used)
		}
		if awaited := len(d.awaited(c.after.Entries[0].From.Add(time.Minute))) == 1; awaited != c.awaited {
			t.Errorf("%s: awaited %v, want %v", c.name, awaited, c.awaited)
		}
	}
}

func TestDoor_WhatWasWishedBeforeTheLastTwoWindowsIsNotJudged(t *testing.T) {
	d := deskWith(staying("R1", "a1", -48, 48))
	d.attend(staying("R1", "a1", -48, -2), noon)
	d.attend(staying("R1", "a1", -48, 24), after(60))
	d.typed(typed(-3600, "a1"), after(61))
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorUsed}) {
		t.Errorf("of an entry before noon it is told %v", told)
	}
	d.typed(typed(1800, "a1"), after(61))
	if told := d.toldAtDoor("R1"); !slices.Contains(told, DoorDeadUsed) {
		t.Errorf("of one between it is told %v", told)
	}
}

func TestDoor_AGuestWhoIsInBeforeHisStayAttendsIsHeardOf(t *testing.T) {
	d := deskWith()
	d.typed(typed(0, "a1"), noon)
	d.attend(staying("R1", "a1", -1, 48), after(1))
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorUsed}) {
		t.Errorf("told %v", told)
	}
}

func TestDoor_NewsAreNotOfTheFuture(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48), revoked(staying("R2", "a2", -48, 48)))
	for _, row := range []activities.KeypadEntry{typed(180, ""), typed(200, ""), typed(240, "a2"), typed(250, "a1")} {
		d.typed(row, noon)
	}
	for _, id := range []string{"R1", "R2"} {
		for _, news := range d.attendee(id).Due.Door {
			if news.At.After(noon) {
				t.Errorf("%s is told of %s at %s", id, news.Kind, news.At)
			}
		}
	}
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorRefused, DoorUsed}) {
		t.Errorf("R1 is told %v", told)
	}
}

func TestDoor_ARefusedRowThatComesAgainAfterManyOthersIsNoSecondOne(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.hear(logRow(0, ""), noon)
	for i := range keptRows + 1 {
		d.hear(logRow(600+i, "x9"), noon.Add(20*time.Minute))
	}
	d.hear(logRow(0, ""), noon.Add(30*time.Minute))
	if told := d.toldAtDoor("R1"); d.Door.RefusedCount != 1 || len(told) > 0 {
		t.Errorf("%d refused, told %v", d.Door.RefusedCount, told)
	}
}

func TestDoor_ARowThatDoesNotSayItsStateIsNoEntry(t *testing.T) {
	body := `{"feature":"DEVICE_LOGS","smartlockLog":{"smartlockId":11,"authId":"a1","source":1,"date":"` + noon.Format(time.RFC3339) + `"}}`
	events, err := nuki.ParseWebhook([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, attendee := range map[string]activities.Attendance{"staying": staying("R1", "a1", -1, 48), "revoked": revoked(staying("R1", "a1", -1, 48))} {
		d := deskWith(attendee)
		d.hear(events[0], noon)
		if told := d.toldAtDoor("R1"); d.Door.Opened != 0 || len(told) > 0 {
			t.Errorf("%s: opened %d, told %v", name, d.Door.Opened, told)
		}
	}
}
