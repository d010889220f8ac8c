// This file tests whom a front desk wakes by webhooks of every kind.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

func attendee(reservation string, ids []string, waits ...string) activities.Attendance {
	return activities.Attendance{Reservation: reservation, Mark: "K-", Key: reservation, IDs: ids, Waits: waits}
}

var noon = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)

// dueReason is why a reservation is to be woken; empty where it is not.
func dueReason(a Attendee) WakeReason {
	if a.Due == nil {
		return ""
	}
	return a.Due.Reason
}

func serverState(n int) *int { return &n }

func TestDesk_WakesThoseWhomAnEventConcerns(t *testing.T) {
	auths := func(name, id string) nuki.Event {
		return nuki.Event{Feature: nuki.FeatureAuths, SmartlockID: 11, Name: name, AuthID: id}
	}
	// R4 waits for any sign of life: whatever happens to an entry is one.
	for _, c := range []struct {
		name  string
		event nuki.Event
		want  map[string]WakeReason
	}{
		{"by the entry's name", auths("K-R1", ""), map[string]WakeReason{"R1": WakeEntry, "R4": WakeOnline}},
		{"by a later name of the same reservation", auths("K-R1.3", ""), map[string]WakeReason{"R1": WakeEntry, "R4": WakeOnline}},
		{"by the entry's id alone, as when it was deleted", auths("", "a2"), map[string]WakeReason{"R2": WakeEntry, "R4": WakeOnline}},
		{"by the id after somebody renamed it", auths("TEST-0805", "a2"), map[string]WakeReason{"R2": WakeEntry, "R4": WakeOnline}},
		{"no owner for a foreign entry", auths("Cleaner", "x9"), map[string]WakeReason{"R4": WakeOnline}},
		{"no owner for a name that only begins like ours", auths("K-R11", ""), map[string]WakeReason{"R4": WakeOnline}},
		{"no owner for another installation's name", auths("H-R1", ""), map[string]WakeReason{"R4": WakeOnline}},
		{"those who wait for the mark of a sync", nuki.Event{Feature: nuki.FeatureMasterdata, SmartlockID: 11}, map[string]WakeReason{"R3": WakeMark}},
		{"by the second kind of mark too", nuki.Event{Feature: nuki.FeatureConfig, SmartlockID: 11}, map[string]WakeReason{"R3": WakeMark}},
		{"those who wait for the lock to come online", nuki.Event{Feature: nuki.FeatureStatus, SmartlockID: 11, ServerState: serverState(0)}, map[string]WakeReason{"R4": WakeOnline}},
		{"nobody when it goes offline", nuki.Event{Feature: nuki.FeatureStatus, SmartlockID: 11, ServerState: serverState(4)}, nil},
		{"a log row is a sign of life, and no news of an entry", nuki.Event{Feature: nuki.FeatureLogs, SmartlockID: 11, Name: "K-R1", AuthID: "a1", Date: noon.Add(-time.Minute)}, map[string]WakeReason{"R4": WakeOnline}},
		{"nobody for a row that comes hours late", nuki.Event{Feature: nuki.FeatureLogs, SmartlockID: 11, Date: noon.Add(-3 * time.Hour)}, nil},
		{"nor for one of the year 9999", nuki.Event{Feature: nuki.FeatureLogs, SmartlockID: 11, Date: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		{"nobody for an event with nothing in it", nuki.Event{}, nil},
		{"nobody for a time in the year 9999", nuki.Event{Feature: nuki.FeatureStatus, Date: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &Desk{Lock: 11}
			d.attend(attendee("R1", []string{"a1"}), noon)
			d.attend(attendee("R2", []string{"a2"}), noon)
			d.attend(attendee("R3", nil, activities.WaitMark), noon)
			d.attend(attendee("R4", nil, activities.WaitOnline), noon)
			d.hear(c.event, noon)
			for _, a := range d.Attendees {
				if due := dueReason(a); due != c.want[a.Reservation] {
					t.Errorf("%s is due %q, want %q", a.Reservation, due, c.want[a.Reservation])
				}
			}
		})
	}
}

func TestDesk_AWaitIsAnsweredOnce(t *testing.T) {
	d := &Desk{Lock: 11}
	d.attend(attendee("R1", nil, activities.WaitMark), noon)
	mark := nuki.Event{Feature: nuki.FeatureMasterdata, SmartlockID: 11}
	d.hear(mark, noon)
	d.Attendees[0].Due = nil
	d.hear(mark, noon)
	if d.Attendees[0].Due != nil {
		t.Error("a second mark woke a reservation that had stopped waiting")
	}
}

func TestDesk_AttendingAgainReplacesAndLeavingForgets(t *testing.T) {
	d := &Desk{Lock: 11}
	d.attend(attendee("R1", []string{"a1"}), noon)
	d.attend(attendee("R1", []string{"a2"}), noon)
	if len(d.Attendees) != 1 || d.Attendees[0].IDs[0] != "a2" {
		t.Errorf("after attending twice: %+v", d.Attendees)
	}
	d.attend(activities.Attendance{Reservation: "R1", Leave: true}, noon)
	if len(d.Attendees) != 0 {
		t.Errorf("after leaving: %+v", d.Attendees)
	}
}

func TestDesk_ASignOfLifeReachesWhoeverIsWokenAnyway(t *testing.T) {
	d := deskWith(attendee("R1", []string{"a1"}, activities.WaitOnline))
	d.attendee("R1").due(11, WakeAdvice)
	d.hear(nuki.Event{Feature: nuki.FeatureStatus, SmartlockID: 11, ServerState: serverState(0)}, noon)
	if due := d.attendee("R1").Due; due.Reason != WakeOnline || !due.Life || d.attendee("R1").waitsFor(activities.WaitOnline) {
		t.Errorf("due %+v", due)
	}
}

func TestDesk_AMarkIsNoSignOfLife(t *testing.T) {
	d := deskWith(attendee("R1", nil, activities.WaitMark))
	d.hear(nuki.Event{Feature: nuki.FeatureMasterdata, SmartlockID: 11}, noon)
	if due := d.attendee("R1").Due; due == nil || due.Reason != WakeMark || due.Life {
		t.Errorf("due %+v", due)
	}
}

func TestDesk_NewsThatDidNotArriveAreToldAgainAfterAPause(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	a := d.attendee("R1")
	lost := Wake{Lock: 11, Reason: WakeEntry, Life: true, Sync: &SyncNews{At: noon}, Door: []DoorNews{{Kind: DoorRefused, At: noon}}}
	a.tell(11, DoorNews{Kind: DoorUsed, At: after(1)})
	a.advised(11, Advice{Quarantined: true})
	a.notWoken(lost, after(2))
	if due := a.Due; due.Reason != WakeEntry || !due.Life || !due.Sync.At.Equal(noon) || due.Advice == nil || len(due.Door) != 2 || due.Door[0].Kind != DoorRefused {
		t.Errorf("due %+v", due)
	}
	if at := d.changesAt(after(2), false); !at.Equal(after(3)) {
		t.Errorf("it is told again at %s", at)
	}
}
