package workflows

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
)

func bigDesk(reservations, entries, rows int) (*Desk, activities.Observation) {
	d := &Desk{Lock: 18298712180}
	seen := activities.Observation{Lock: &activities.LockState{KeypadPaired: true}}
	for r := range reservations {
		id := fmt.Sprintf("RES-%06d", r)
		a := activities.Attendance{Reservation: id, Mark: "K-", Key: activities.Key(id)}
		for e := range entries {
			auth := fmt.Sprintf("%024x", r*entries+e)
			a.IDs = append(a.IDs, auth)
			known := activities.KnownEntry{AuthID: auth, Name: activities.Name("K-", a.Key, e), Print: activities.Print(fmt.Sprintf("%016x", r*entries+e)), From: noon.Add(time.Duration(r) * time.Hour), Until: noon.Add(time.Duration(r+72) * time.Hour), Placed: true}
			a.Entries = append(a.Entries, known)
			if e == 0 && len(seen.Rows) < rows {
				seen.Rows = append(seen.Rows, activities.Row{AuthID: auth, Name: known.Name, Key: a.Key, Print: known.Print, From: known.From, Until: known.Until, Whole: true, Enabled: true})
			}
		}
		d.attend(a, noon)
	}
	return d, seen
}

func BenchmarkLook(b *testing.B) {
	d, seen := bigDesk(1000, 2, 100)
	for b.Loop() {
		d.absorbObservation(seen, noon)
	}
}
func BenchmarkAct(b *testing.B) {
	d, seen := bigDesk(1000, 2, 100)
	d.absorbObservation(seen, noon)
	for b.Loop() {
		d.order(noon)
		d.Health.judge(noon)
		d.rebooked, d.Planned = true, time.Time{}
		d.plan(noon)
		d.advise()
		d.makeRoom(noon)
		d.grant(noon)
		d.decide(noon, nil)
	}
}
func BenchmarkShow(b *testing.B) {
	d, seen := bigDesk(1000, 2, 100)
	d.absorbObservation(seen, noon)
	for b.Loop() {
		d.shown(noon)
		d.details(noon)
	}
}
func TestSize(t *testing.T) {
	d, seen := bigDesk(1000, 2, 100)
	d.absorbObservation(seen, noon)
	text, _ := json.Marshal(d)
	fmt.Println("attendees 1000x2:", len(text))
	for i := range maxLeft {
		d.Left = append(d.Left, LeftEntry{Reservation: fmt.Sprintf("RES-%06d", i), AuthID: fmt.Sprintf("%024x", i), Until: noon})
	}
	text, _ = json.Marshal(d)
	fmt.Println("with left:", len(text))
}

func BenchmarkLookForeign(b *testing.B) {
	d, seen := bigDesk(1000, 2, 0)
	for i := range 100 {
		seen.Rows = append(seen.Rows, activities.Row{AuthID: fmt.Sprintf("f%023x", i), Name: "Tenant", Print: "x", From: noon, Until: noon, Whole: true, Enabled: true})
	}
	for i := range maxLeft {
		d.Left = append(d.Left, LeftEntry{Reservation: fmt.Sprintf("RES-%06d", i), AuthID: fmt.Sprintf("a%023x", i), Until: noon})
	}
	for b.Loop() {
		d.Audit.Doubt, d.Audit.Believed = Doubt{}, Belief{}
		d.absorbObservation(seen, noon)
	}
}
