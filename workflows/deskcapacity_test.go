// This file tests a lock's capacity: what the next days ask of it, and who is told
// to come later.

package workflows

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// booking is a reservation that has nothing on the lock yet, in hours from noon.
func booking(reservation string, from, until int) activities.Attendance {
	a := staying(reservation, "", from, until)
	a.Entries[0].Name, a.Entries[0].Print, a.Entries[0].Placed = "", "", false
	return a
}

func TestCapacity_FindsTheFullestMoment(t *testing.T) {
	for _, c := range []struct {
		name   string
		guests []activities.Attendance
		others int
		lead   time.Duration
		peak   int
		// at is in hours from noon.
		at int
	}{
		{"nobody", nil, 0, 0, 0, 0},
		{"others alone", nil, 7, 0, 7, 0},
		{"one who is there", []activities.Attendance{staying("R1", "a1", -1, 48)}, 2, 0, 3, 0},
		{"one who comes takes the place early", []activities.Attendance{booking("R1", 48, 96)}, 0, 24 * time.Hour, 1, 24},
		{"two one after the other", []activities.Attendance{booking("R1", 48, 96), booking("R2", 96, 120)}, 0, 0, 1, 48},
		{"who overlap by the lead", []activities.Attendance{booking("R1", 48, 96), booking("R2", 96, 120)}, 0, time.Hour, 2, 95},
		{"what is on the lock counts from now on", []activities.Attendance{staying("R1", "a1", 200, 248), booking("R2", 48, 96)}, 0, 0, 2, 48},
		{"what should be gone does not", []activities.Attendance{revoked(staying("R1", "a1", -1, 48))}, 0, 0, 0, 0},
		{"nor what is over", []activities.Attendance{staying("R1", "a1", -48, 0)}, 0, 0, 0, 0},
		{"nor what begins after the forecast", []activities.Attendance{booking("R1", 14*24, 15*24)}, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			peak, at := deskWith(c.guests...).peak(noon, c.lead, c.others)
			if peak != c.peak || !at.Equal(noon.Add(time.Duration(c.at)*time.Hour)) {
				t.Errorf("%d at %s, want %d at %d h", peak, at.Sub(noon), c.peak, c.at)
			}
		})
	}
}

// house are so many guests, each of whom stays for two nights: one flat after the
// other changes guests every hour.
func house(flats, days int) (all []activities.Attendance) {
	for flat := range flats {
		for day := 0; day < days; day += 2 {
			from := flat%24 + 24*day
			all = append(all, booking(fmt.Sprintf("R%d-%d", flat, day), from, from+48))
		}
	}
	return all
}

func TestCapacity_TheLeadIsTheLongestThatLeavesRoom(t *testing.T) {
	for _, c := range []struct {
		name  string
		flats int
		want  Duration
	}{
		{"few guests come as early as ever", 20, 72 * hour},
		{"in a larger house they come later", 44, 2 * day},
		{"and later", 48, 12 * hour},
		{"and ever later", 72, 6 * hour},
		{"a house that is fuller than its lock has the shortest", 100, 4 * hour},
	} {
		d := deskWith(house(c.flats, 14)...)
		got := d.forecast(noon)
		if got.Lead != c.want || got.Limit != 100 {
			t.Errorf("%s: the lead is %s (most %d), want %s", c.name, got.Lead, got.Peak, c.want)
		}
		if crowded := got.Peak > 90; crowded != (c.flats == 100) {
			t.Errorf("%s: %d codes at most", c.name, got.Peak)
		}
	}
}

func TestCapacity_AdviceIsToldToThoseWhoAreStillToComeAndOnChangeAlone(t *testing.T) {
	d := deskWith(append(house(100, 14), staying("HERE", "a1", -1, 48))...)
	d.plan(noon)
	d.advise()
	told := 0
	for i := range d.Attendees {
		a := &d.Attendees[i]
		if a.Due == nil {
			continue
		}
		if a.Reservation == "HERE" || a.Due.Advice == nil || a.Due.Advice.Lead != leastLead || a.Due.Reason.rank() != 0 {
			t.Fatalf("%s is told %+v", a.Reservation, a.Due)
		}
		told, a.Due = told+1, nil
	}
	if told != 700 {
		t.Errorf("%d are told, want every booking", told)
	}
	for n := range 100 {
		d.plan(after(float64(n)))
		d.advise()
	}
	for _, a := range d.Attendees {
		if a.Due != nil {
			t.Fatalf("%s is told again: %+v", a.Reservation, a.Due)
		}
	}
}

func TestCapacity_ADeskThatLostItsMemoryTakesBadAdviceBack(t *testing.T) {
	stale := booking("R1", 48, 96)
	stale.Advised = Advice{Lead: leastLead, Quarantined: true}.text()
	d := deskWith(stale, booking("R2", 48, 96))
	d.plan(noon)
	d.advise()
	if due := d.attendee("R1").Due; due == nil || due.Advice == nil || *due.Advice != (Advice{}) {
		t.Errorf("R1, who holds old advice, is told %+v", due)
	}
	if due := d.attendee("R2").Due; due != nil {
		t.Errorf("R2, who holds none, is told %+v", due)
	}
}

func TestCapacity_TheForecastIsMadeAnewForNewBookings(t *testing.T) {
	d := deskWith(house(80, 14)...)
	d.plan(noon)
	before := d.Capacity.Peak
	d.attend(booking("NEW", 24, 240), after(1))
	d.plan(after(1))
	if d.Capacity.Peak != before {
		t.Error("every booking makes a forecast of its own")
	}
	due := d.changesAt(after(1), false)
	if !due.Equal(after(10)) {
		t.Fatalf("the next forecast is due at %s", due)
	}
	d.plan(due)
	if d.Capacity.Peak <= before || !d.changesAt(due, false).IsZero() {
		t.Errorf("then %d codes at most, %d before; the next is due at %s", d.Capacity.Peak, before, d.changesAt(due, false))
	}
	d.attend(booking("NEW", 24, 240), after(20)) // As with every call.
	if d.rebooked {
		t.Error("an attendance that says the same makes a forecast")
	}
}

func TestCapacity_ALockWithRoomHasNoTimerForItsForecast(t *testing.T) {
	d := deskWith(house(10, 14)...)
	d.plan(noon)
	d.attend(booking("NEW", 24, 240), after(1))
	if at := d.changesAt(after(1), false); !at.IsZero() {
		t.Errorf("a timer is set to %s", at)
	}
}

func TestCapacity_CountsWhatIsOnTheLockAndWhose(t *testing.T) {
	r1 := staying("R1", "a1", -1, 48)
	d := deskWith(r1)
	d.look(noon, append(crowd(3), listed(r1), activities.Row{AuthID: "x", Name: "K-R7", Key: "R7"})...)
	d.plan(after(1))
	if got := d.Capacity; got.InUse != 5 || got.Ours != 1 || got.Peak != 5 {
		t.Errorf("%+v", got)
	}
}

func TestCapacity_WhoWaitsForRoomIsWokenWhenACodeHasGone(t *testing.T) {
	waiting := func(reservation string, from int) activities.Attendance {
		a := booking(reservation, from, from+48)
		a.Waits = []string{activities.WaitRoom}
		return a
	}
	leaving := func() *Desk {
		return deskWith(waiting("late", 5), waiting("early", 2), revoked(staying("old", "a1", -48, 48)))
	}
	removed := nuki.Event{Feature: nuki.FeatureAuths, SmartlockID: 11, AuthID: "a1", Deleted: true}
	proven := revoked(staying("old", "a1", -48, 48))
	proven.Entries[0].Gone = true
	for _, c := range []struct {
		name   string
		stroke func(*Desk)
		want   []string
	}{
		{"the first in line, by a webhook", func(d *Desk) { d.hear(removed, noon) }, []string{"early"}},
		{"once for the same one", func(d *Desk) { d.hear(removed, noon); d.hear(removed, noon) }, []string{"early"}},
		{"or by what the one who left has proven", func(d *Desk) { d.attend(proven, noon) }, []string{"early"}},
		{"once for the same one, too", func(d *Desk) { d.attend(proven, noon); d.attend(proven, noon) }, []string{"early"}},
		{"the next one by the next", func(d *Desk) { d.hear(removed, noon); d.attend(proven, noon) }, []string{"late", "early"}},
		{"nobody where nothing went", func(d *Desk) { d.attend(revoked(staying("old", "a1", -48, 48)), noon) }, nil},
	} {
		d, woken := leaving(), []string(nil)
		c.stroke(d)
		for _, a := range d.Attendees {
			if a.Reservation != "old" && a.Due != nil && a.Due.Reason == WakeEntry {
				woken = append(woken, a.Reservation)
			}
		}
		if !slices.Equal(woken, c.want) {
			t.Errorf("%s: %v are woken, want %v", c.name, woken, c.want)
		}
	}
}
