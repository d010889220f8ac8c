// This file tests a lock's front desk under all that one main door may bring: a thousand
// reservations, a hundred entries in its list, and all that it remembers of the past.

package workflows

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
)

// mainDoor is a front desk that a thousand reservations of two entries attend, with
// all the memories it keeps, and a look at the hundred entries of its lock.
func mainDoor() (*Desk, activities.Observation) {
	d := &Desk{Lock: 18298712180}
	seen := activities.Observation{Lock: &activities.LockState{KeypadPaired: true}}
	for r := range 1000 {
		attendance := bookedAtMainDoor(r)
		if known := attendance.Entries[0]; r < 100 {
			seen.Rows = append(seen.Rows, activities.Row{
				AuthID: known.AuthID, Name: known.Name, Key: attendance.Key, Print: known.Print,
				From: known.From, Until: known.Until, Whole: true, Enabled: true,
			})
		}
		d.attend(attendance, noon)
	}
	for i := range maxLeft {
		d.Left = append(d.Left, LeftEntry{Reservation: fmt.Sprintf("OLD-%06d", i), AuthID: fmt.Sprintf("%024x", 9000+i), Until: noon})
	}
	return d, seen
}

// bookedAtMainDoor is what one reservation tells the front desk: two entries.
func bookedAtMainDoor(number int) activities.Attendance {
	id := fmt.Sprintf("RES-%06d", number)
	a := activities.Attendance{Reservation: id, Mark: "K-", Key: activities.Key(id)}
	for e := range 2 {
		known := activities.KnownEntry{
			AuthID: fmt.Sprintf("%024x", 2*number+e), Print: activities.Print(fmt.Sprintf("%016x", 2*number+e)),
			From: noon.Add(time.Duration(number) * time.Hour), Until: noon.Add(time.Duration(number+72) * time.Hour), Placed: true,
		}
		known.Name = activities.Name("K-", a.Key, e)
		a.IDs, a.Entries = append(a.IDs, known.AuthID), append(a.Entries, known)
	}
	return a
}

// A run hands its state over as one payload, of which the server takes 2 MiB.
func TestDesk_OfAThousandReservationsFitsIntoOneHandOver(t *testing.T) {
	d, seen := mainDoor()
	d.absorbObservation(seen, noon)
	text, err := json.Marshal(d)
	if err != nil || len(text) > 1<<20 {
		t.Errorf("%d bytes (%v), want at most 1 MiB", len(text), err)
	}
}

func BenchmarkDesk_LookOfAThousandReservations(b *testing.B) {
	d, seen := mainDoor()
	for b.Loop() {
		d.absorbObservation(seen, noon)
	}
}

func BenchmarkDesk_TurnOfAThousandReservations(b *testing.B) {
	d, seen := mainDoor()
	d.absorbObservation(seen, noon)
	for b.Loop() {
		d.rebooked, d.Planned = true, time.Time{}
		d.plan(noon)
		d.advise()
		d.makeRoom(noon)
		d.grant(noon)
		d.decide(noon, nil)
	}
}

func BenchmarkDesk_ViewOfAThousandReservations(b *testing.B) {
	d, seen := mainDoor()
	d.absorbObservation(seen, noon)
	for b.Loop() {
		d.shown(noon)
		d.details(noon)
	}
}
