// This file tests when a front desk reads its keypad's log, and from where on.

package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

func TestDoor_TheLogIsReadForWhatNoWebhookTold(t *testing.T) {
	const minute = time.Minute
	looked := func(d *Desk) { d.Audit.At = noon.Add(-time.Hour) }
	tried := func(ago time.Duration) func(*Desk) {
		return func(d *Desk) { d.Door.TriedAt, d.Door.PolledAt = noon.Add(-ago), noon.Add(-ago) }
	}
	heard := func(ago time.Duration) func(*Desk) { return func(d *Desk) { d.HeardAt = noon.Add(-ago) } }
	synced := func(ago time.Duration) func(*Desk) { return func(d *Desk) { d.SyncDesk.sent(noon.Add(-ago)) } }
	used := func(d *Desk) { d.Attendees[0].Entries[0].Used = true }
	for _, c := range []struct {
		name    string
		guest   activities.Attendance
		strokes []func(*Desk)
		// wait is from noon; never where it is meant.
		wait  time.Duration
		never bool
	}{
		{"five minutes after the first guest is awaited", staying("R1", "a1", 0, 48), []func(*Desk){tried(minute)}, 5 * minute, false},
		{"not before that", staying("R1", "a1", 3, 48), []func(*Desk){tried(minute)}, 185 * minute, false},
		{"more seldom while nobody comes", staying("R1", "a1", -4, 48), []func(*Desk){tried(0)}, 30 * minute, false},
		{"and never more seldom than once an hour", staying("R1", "a1", -24, 48), []func(*Desk){tried(0)}, 60 * minute, false},
		{"once a day when the guest has been in", staying("R1", "a1", -4, 48), []func(*Desk){tried(2 * time.Hour), used}, 22 * time.Hour, false},
		{"once a day when the stay is over", staying("R1", "a1", -4, 0), []func(*Desk){tried(2 * time.Hour)}, 22 * time.Hour, false},
		{"for the first time after the first look", staying("R1", "a1", -4, 0), []func(*Desk){looked}, -time.Hour, false},
		{"not before the first look", staying("R1", "a1", -1, 48), []func(*Desk){heard(time.Hour)}, 0, true},
		{"once a day where webhooks come: one may be lost", staying("R1", "a1", -1, 48), []func(*Desk){heard(time.Hour), tried(2 * time.Hour)}, 22 * time.Hour, false},
		{"but where none has come for two days, and a guest is awaited", staying("R1", "a1", 0, 48), []func(*Desk){heard(49 * time.Hour), tried(minute)}, 5 * minute, false},
		{"on a door that is quiet no sooner", staying("R1", "a1", -4, 0), []func(*Desk){heard(49 * time.Hour), tried(minute)}, 24*time.Hour - minute, false},
		{"nor where a sync brought none", staying("R1", "a1", -4, 0), []func(*Desk){heard(49 * time.Hour), synced(time.Hour), tried(time.Hour)}, 23 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(c.guest)
			for _, stroke := range c.strokes {
				stroke(d)
			}
			switch at := d.logDueAt(noon); {
			case c.never && !at.IsZero():
				t.Errorf("due at %s, want never", at)
			case !c.never && !at.Equal(noon.Add(c.wait)):
				t.Errorf("due in %s, want %s", at.Sub(noon), c.wait)
			}
		})
	}
}

func TestDoor_AReadingThatFailedLosesNoRow(t *testing.T) {
	d := deskWith(staying("R1", "a1", -4, 48))
	d.Health.LifeAt = noon
	d.polled(noon.Add(-3*time.Hour), noTime)
	d.Door.TriedAt = noon
	if from := d.logFrom(noon); !from.Equal(noon.Add(-3*time.Hour - logOverlap)) {
		t.Errorf("the next one begins %s before, want from the last that succeeded on", noon.Sub(from))
	}
	if due := d.logDueAt(noon); !due.After(noon) {
		t.Errorf("the next one is due at %s, want a pause", due)
	}
	d.Door.Covered = noon.Add(-1000 * time.Hour)
	if from := d.logFrom(noon); !from.Equal(noon.Add(-logReach)) {
		t.Errorf("it begins %s before, want no longer than the log is read back", noon.Sub(from))
	}
}

func TestDoor_WhatWasTypedWithoutALinkIsReadLater(t *testing.T) {
	d := deskWith(revoked(staying("R1", "a1", -4, 48)))
	d.Health.link(nuki.ServerOnline, noon)
	d.polled(after(60), noTime) // The link may have broken any time since noon.
	if from := d.logFrom(after(61)); !from.Equal(noon.Add(-logOverlap)) {
		t.Errorf("the next reading begins at %s, want before the last sign of life", from)
	}
	d.Health.link(nuki.ServerOnline, after(120))
	d.typed(typed(1800, "a1"), after(121))
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorDeadUsed}) {
		t.Errorf("of a dead PIN that was typed meanwhile it is told %v", told)
	}
	d.polled(after(121), noTime)
	if from := d.logFrom(after(130)); !from.Equal(after(120).Add(-logOverlap)) {
		t.Errorf("once the link holds it begins at %s", from)
	}
}

func TestDoor_OneRefusalWhileOneGuestIsAwaitedHasTheLogReadForTheSecond(t *testing.T) {
	read := func(d *Desk) { d.Audit.At, d.HeardAt, d.Door.TriedAt, d.Door.PolledAt = noon, noon, noon, noon }
	here, other := staying("R1", "a1", -1, 48), staying("R3", "a3", -1, 48)
	for _, c := range []struct {
		name string
		desk *Desk
		rows []activities.KeypadEntry
		want time.Duration
	}{
		{"three minutes after it", deskWith(here), []activities.KeypadEntry{typed(600, "")}, 13 * time.Minute},
		{"but not sooner than the log is polled", deskWith(here), []activities.KeypadEntry{typed(30, "")}, 5 * time.Minute},
		{"not where the second was told", deskWith(here), []activities.KeypadEntry{typed(600, ""), typed(660, "")}, 24 * time.Hour},
		{"nor where it may be anybody", deskWith(here, other), []activities.KeypadEntry{typed(600, "")}, 24 * time.Hour},
		{"nor where the guest got in after it", deskWith(here), []activities.KeypadEntry{typed(600, ""), typed(660, "a1")}, 24 * time.Hour},
		{"nor once it has been read", deskWith(here), []activities.KeypadEntry{typed(-600, "")}, 24 * time.Hour},
	} {
		read(c.desk)
		for _, row := range c.rows {
			c.desk.typed(row, after(20))
		}
		if due := c.desk.logDueAt(after(20)); !due.Equal(noon.Add(c.want)) {
			t.Errorf("%s: due %s after noon, want %s", c.name, due.Sub(noon), c.want)
		}
	}
}

func TestDoor_ALogThatCouldNotBeReadIsReadAgainWithinTheHour(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.HeardAt = noon
	d.Door.PolledAt, d.Door.TriedAt = noon.Add(-24*time.Hour), noon
	if at := d.dailyLogAt(); !at.Equal(noon.Add(time.Hour)) {
		t.Errorf("it is read again at %s", at)
	}
}

func TestDoor_WithoutWebhooksTheLogIsReadOftenWhileADeadPINIsOnTheKeypad(t *testing.T) {
	gone := revoked(staying("R1", "a1", -48, -1))
	d := deskWith(gone)
	d.Door.PolledAt, d.Door.TriedAt, d.Audit.At = noon, noon, noon
	d.HeardAt = noon.Add(-72 * time.Hour)
	if at := d.logDueAt(noon); !at.Equal(noon.Add(time.Hour)) {
		t.Errorf("while it may open the log is read at %s", at)
	}
	d.Attendees[0].Entries[0].Gone = true
	if at := d.logDueAt(noon); !at.Equal(noon.Add(24 * time.Hour)) {
		t.Errorf("once it is proven gone the log is read at %s", at)
	}
}

func TestDoor_ADeadPINThatWasUsedWithoutALinkForDaysIsHeardOf(t *testing.T) {
	gone := revoked(staying("R1", "a1", -480, 48))
	gone.Entries[0].AbsentAt = noon.Add(-240 * time.Hour)
	d := deskWith(gone, staying("R2", "a2", -480, 48))
	d.Left = []LeftEntry{{Reservation: "R9", AuthID: "a9", Until: noon.Add(-300 * time.Hour)}}
	late := int(-100 * time.Hour / time.Second)
	d.absorbLog(activities.KeypadLog{Entries: []activities.KeypadEntry{typed(late, "a1"), typed(late, "a2"), typed(late, "a9"), typed(late, "")}}, noon, noon)
	if uses := d.Door.DeadUsed; len(uses) != 2 || !uses[0].HeardAt.Equal(noon) || d.Odd != 0 || d.Door.RefusedCount != 0 {
		t.Errorf("heard of %+v; %d odd, %d refused", uses, d.Odd, d.Door.RefusedCount)
	}
	if told := d.toldAtDoor("R2"); len(told) > 0 {
		t.Errorf("of what a guest did four days ago his stay is told %v", told)
	}
	if raised := d.attention(after(60)); !slices.Contains(raised, AttentionDeadUsed) {
		t.Errorf("an hour later the lock raises %v", raised)
	}
}

func TestDoor_ALogThatIsLongerThanOneReadingIsReadToItsEnd(t *testing.T) {
	d := deskWith(revoked(staying("R1", "a1", -48, 48)))
	d.Door.Covered, d.Health.LifeAt = noon, after(600)
	began := after(601)
	from := d.logFrom(began)
	d.Door.TriedAt = began
	d.absorbLog(activities.KeypadLog{Entries: []activities.KeypadEntry{typed(36000, "x9")}, Rest: "row-600"}, began, began)
	if at := d.logDueAt(began); !at.Equal(began) {
		t.Fatalf("the rest is read at %s", at)
	}
	if input := d.logInput(after(602)); input != (activities.LogInput{Lock: 11, From: from, Before: "row-600"}) {
		t.Fatalf("the rest is asked for by %+v", input)
	}
	d.Door.TriedAt = after(602) // It could not be read.
	if at := d.logDueAt(after(602)); !at.Equal(after(607)) {
		t.Errorf("after a failure the rest is read at %s", at)
	}
	d.absorbLog(activities.KeypadLog{Entries: []activities.KeypadEntry{typed(60, "a1")}}, after(607), after(607))
	if told := d.toldAtDoor("R1"); !slices.Equal(told, []DoorKind{DoorDeadUsed}) || d.Door.Rest != nil {
		t.Errorf("of a dead PIN in the rest R1 is told %v; left %+v", told, d.Door.Rest)
	}
	if from := d.logFrom(after(700)); !from.Equal(after(600).Add(-logOverlap)) {
		t.Errorf("the next reading begins at %s", from)
	}
}
