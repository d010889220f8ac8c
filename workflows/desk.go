// This file is what a lock's front desk remembers: who attends, and whom an
// event concerns. Pure: no workflow, no effects.

package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// noTime is "never" for a wait.
var noTime time.Time

// Desk is everything a SmartlockWorkflow knows; continue-as-new carries it over.
type Desk struct {
	Lock      int64      `json:"lock"`
	Attendees []Attendee `json:"attendees,omitempty"`
	// Heard counts webhooks, Wakes the wake-ups that they led to.
	Heard int64 `json:"heard,omitempty"`
	Wakes int64 `json:"wakes,omitempty"`
}

// Attendee is a reservation that attends the lock.
type Attendee struct {
	activities.Attendance
	// Due is the news that it has not been woken with yet.
	Due WakeReason `json:"due,omitempty"`
}

// DeskView answers QuerySmartlock.
type DeskView struct {
	Lock         int64    `json:"lock"`
	Reservations []string `json:"reservations,omitempty"`
	Heard        int64    `json:"heard"`
	Wakes        int64    `json:"wakes"`
}

// attend adds a reservation, or renews what it is known by and waits for.
func (d *Desk) attend(attendance activities.Attendance) {
	if attendance.Leave {
		d.forget(attendance.Reservation)
		return
	}
	for i := range d.Attendees {
		if d.Attendees[i].Reservation == attendance.Reservation {
			d.Attendees[i].Attendance = attendance
			return
		}
	}
	d.Attendees = append(d.Attendees, Attendee{Attendance: attendance})
}

// forget removes a reservation.
func (d *Desk) forget(reservation string) {
	d.Attendees = slices.DeleteFunc(d.Attendees, func(a Attendee) bool { return a.Reservation == reservation })
}

// hear notes what an event means to one reservation. News of its own entries
// always reach it; those of the lock as a whole only when it waits for them.
func (a *Attendee) hear(event nuki.Event) {
	switch {
	case a.waitsFor(activities.WaitMark) && (event.Feature == nuki.FeatureMasterdata || event.Feature == nuki.FeatureConfig):
		a.Due = WakeMark
		a.Waits = nil
	case a.concerns(event) && a.Due != WakeMark:
		a.Due = WakeEntry
	case a.waitsFor(activities.WaitOnline) && alive(event) && a.Due == "":
		a.Due = WakeOnline
		a.Waits = slices.DeleteFunc(slices.Clone(a.Waits), func(wait string) bool { return wait == activities.WaitOnline })
	}
}

func (a *Attendee) waitsFor(news string) bool { return slices.Contains(a.Waits, news) }

// concerns says that an event is about an entry of this reservation, by its id
// or by its whole name. Use at the door changes nothing on the lock.
func (a *Attendee) concerns(event nuki.Event) bool {
	if event.Feature == nuki.FeatureLogs {
		return false
	}
	key, named := activities.KeyInName(a.Mark, event.Name)
	return named && key == a.Key || event.AuthID != "" && slices.Contains(a.IDs, event.AuthID)
}

// alive says that an event is a sign of life of the lock.
func alive(event nuki.Event) bool {
	if event.ServerState != nil {
		return *event.ServerState == int(nuki.ServerOnline)
	}
	return event.Feature == nuki.FeatureLogs || event.Feature == nuki.FeatureAuths
}

// view is what the desk shows to a query.
func (d *Desk) view() DeskView {
	view := DeskView{Lock: d.Lock, Heard: d.Heard, Wakes: d.Wakes}
	for _, attendee := range d.Attendees {
		view.Reservations = append(view.Reservations, attendee.Reservation)
	}
	slices.Sort(view.Reservations)
	return view
}

// details is what the Web UI shows of the desk.
func (d *Desk) details() string {
	view := d.view()
	return fmt.Sprintf("### Lock %d\nAttended by %d reservations: %s\n\n%d webhooks heard, %d wake-ups sent\n",
		d.Lock, len(view.Reservations), orDash(strings.Join(view.Reservations, ", ")), d.Heard, d.Wakes)
}
