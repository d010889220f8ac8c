// This file is what a lock's front desk remembers: who attends, and whom an
// event concerns. Pure: no workflow, no effects.

package workflows

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// noTime is "never" for a wait.
var noTime time.Time

// Desk is everything a SmartlockWorkflow knows; continue-as-new carries it over.
type Desk struct {
	Lock int64 `json:"lock"`
	// Custom is the policy as far as it is not the default.
	Custom json.RawMessage `json:"custom,omitempty"`
	// Mark begins the names of the installation's entries; the attendances say it.
	Mark      string     `json:"mark,omitempty"`
	Attendees []Attendee `json:"attendees,omitempty"`
	// Left are the entries of reservations that do not attend any more, newest
	// last, so that what comes back late is known as ours.
	Left []LeftEntry `json:"left,omitempty"`
	// Heard counts webhooks, at HeardAt the last one; Wakes the wake-ups that
	// they led to; Odd those that made no sense.
	Heard   int64     `json:"heard,omitempty"`
	HeardAt time.Time `json:"heard_at,omitzero"`
	Wakes   int64     `json:"wakes,omitempty"`
	Odd     int64     `json:"odd,omitempty"`

	SyncDesk SyncDesk `json:"sync_desk,omitzero"`
	// Announced is what subscribers were told of the lock.
	Announced Announced[DevicePicture] `json:"announced,omitzero"`
	// Orders are the levers that people pulled.
	Orders Ledger    `json:"orders,omitempty"`
	Audit  Audit     `json:"audit,omitzero"`
	Health Health    `json:"health,omitzero"`
	Door   DoorWatch `json:"door,omitzero"`
	// Capacity is the forecast made at Planned.
	Capacity Capacity  `json:"capacity,omitzero"`
	Planned  time.Time `json:"planned,omitzero"`
	// GrantedAt is the look by which the last bookings were let ahead.
	GrantedAt time.Time `json:"granted_at,omitzero"`
	// Repeats are the last events, so that the same one causes one read.
	Repeats []Repeat `json:"repeats,omitempty"`
	// Sweeps are entries that a reservation has not been asked to remove yet.
	Sweeps []activities.Sweep `json:"sweeps,omitempty"`
	// SweepFrom is the end of the pause after one that could not be asked.
	SweepFrom time.Time `json:"sweep_from,omitzero"`
	// Shown is what search attributes hold, so that they change only on change.
	Shown Shown `json:"shown,omitzero"`

	// policy is Custom over the defaults, read once per run. rebooked: a booking
	// has come, changed or gone since the last forecast.
	policy   *Policy
	rebooked bool
}

// Attendee is a reservation that attends the lock.
type Attendee struct {
	activities.Attendance
	// HeardAt is when the reservation was last heard.
	HeardAt time.Time `json:"heard_at,omitzero"`
	// EnteredAt is when its guest was last seen to open the door.
	EnteredAt time.Time `json:"entered_at,omitzero"`
	// Due is the news that it has not been woken with yet, WakeFrom the end of the pause
	// after a wake-up that did not arrive.
	Due      *Wake     `json:"due,omitempty"`
	WakeFrom time.Time `json:"wake_from,omitzero"`
	// Advice is the last that it was given; YieldAt when it was asked to make room.
	Advice  Advice    `json:"advice,omitzero"`
	YieldAt time.Time `json:"yield_at,omitzero"`
}

// LeftEntry is an entry of a reservation that does not attend any more.
type LeftEntry struct {
	Reservation string    `json:"reservation"`
	AuthID      string    `json:"auth_id"`
	Until       time.Time `json:"until,omitzero"`
	// Lost: the reservation ended without a goodbye, as after a terminate; its
	// guest may still count on the entry.
	Lost bool `json:"lost,omitempty"`
}

// maxLeft bounds Left: some months of check-outs on a main door.
const maxLeft = 2000

// rules is the policy that the desk works by.
func (d *Desk) rules() Policy {
	if d.policy == nil {
		var policy Policy
		if len(d.Custom) > 0 {
			_ = json.Unmarshal(d.Custom, &policy) // What cannot be read leaves the defaults.
		}
		policy = policy.WithDefaults()
		d.policy = &policy
	}
	return *d.policy
}

// attend adds a reservation, or renews what it is known by and waits for.
func (d *Desk) attend(attendance activities.Attendance, now time.Time) {
	if attendance.Leave {
		d.keep(attendance, false)
		d.forget(attendance.Reservation)
		d.rebooked = true
		return
	}
	d.Mark = attendance.Mark
	if string(attendance.Policy) != string(d.Custom) {
		d.Custom, d.policy = attendance.Policy, nil
	}
	d.Health.took(attendance.Took)
	d.Audit.begin(d.Lock, now, d.rules())
	advice := adviceIn(attendance.Advised)
	attendance.Policy, attendance.Took, attendance.Advised = nil, nil, nil
	known := d.attendee(attendance.Reservation)
	if known == nil {
		d.Attendees = append(d.Attendees, Attendee{Attendance: attendance, HeardAt: now, Advice: advice})
		d.rebooked = true
		d.reclassify(attendance.IDs)
		d.judgeAgain(nil, attendance.Entries, now)
		return
	}
	d.rebooked = d.rebooked || !sameBooking(known.Entries, attendance.Entries)
	if len(known.Entries) == 0 { // It has asked, and not attended before.
		known.Advice = advice
	}
	attendance.Entries = carryNotes(known.Entries, attendance.Entries, now)
	before := known.Entries
	for range newlyGone(known.Entries, attendance.Entries) {
		d.roomMade()
	}
	known.Attendance, known.HeardAt = attendance, now
	d.reclassify(attendance.IDs)
	d.judgeAgain(before, attendance.Entries, now)
}

// ask takes a request for a sync in. Whoever asks attends: by that a desk that has
// lost its memory knows a reservation again.
func (d *Desk) ask(ask Ask, now time.Time) {
	if d.attendee(ask.Reservation) == nil {
		key := activities.Key(ask.Reservation)
		attendance := activities.Attendance{Reservation: ask.Reservation, Mark: d.Mark, Key: key}
		d.Attendees = append(d.Attendees, Attendee{Attendance: attendance, HeardAt: now})
	}
	d.SyncDesk.ask(ask, now)
}

// sameBooking reports whether two attendances say the same to a forecast.
func sameBooking(a, b []activities.KnownEntry) bool {
	return slices.EqualFunc(a, b, func(a, b activities.KnownEntry) bool {
		return a.From.Equal(b.From) && a.Until.Equal(b.Until) && a.Absent == b.Absent && (a.AuthID == "") == (b.AuthID == "")
	})
}

// carryNotes keeps what the desk itself knows of each entry: that it has opened the
// door, where its reservation has not heard of that yet, since when its window is what it
// is, and what it was before. Another wish begins anew.
func carryNotes(before, entries []activities.KnownEntry, at time.Time) []activities.KnownEntry {
	entries = slices.Clone(entries)
	for i := range entries {
		now := &entries[i]
		nth := slices.IndexFunc(before, func(known activities.KnownEntry) bool { return known.AuthID != "" && known.AuthID == now.AuthID })
		if nth < 0 {
			continue
		}
		known := before[nth]
		if !known.From.Equal(now.From) || !known.Until.Equal(now.Until) {
			now.WindowAt, now.Before = at, activities.FormerWindow{From: known.From, Until: known.Until, Since: known.WindowAt}
			continue
		}
		now.WindowAt, now.Before = known.WindowAt, known.Before
		now.Used = now.Used || known.Used && known.Print == now.Print && known.Absent == now.Absent
	}
	return entries
}

// attendee is a reservation that attends; nil where it does not.
func (d *Desk) attendee(reservation string) *Attendee {
	for i := range d.Attendees {
		if d.Attendees[i].Reservation == reservation {
			return &d.Attendees[i]
		}
	}
	return nil
}

// forget removes a reservation.
func (d *Desk) forget(reservation string) {
	d.Attendees = slices.DeleteFunc(d.Attendees, func(a Attendee) bool { return a.Reservation == reservation })
	d.SyncDesk.forget(reservation)
}

// lose removes a reservation that does not run and has not said goodbye: its
// entries stay known.
func (d *Desk) lose(reservation string) {
	if attendee := d.attendee(reservation); attendee != nil {
		d.keep(attendee.Attendance, true)
		d.forget(reservation)
	}
}

// keep remembers the entries of a reservation that leaves.
func (d *Desk) keep(attendance activities.Attendance, lost bool) {
	if known := d.attendee(attendance.Reservation); known != nil && len(attendance.IDs) == 0 {
		attendance.IDs, attendance.Entries = known.IDs, known.Entries
	}
	for _, id := range attendance.IDs {
		d.Left = slices.DeleteFunc(d.Left, func(left LeftEntry) bool { return left.AuthID == id })
		left := LeftEntry{Reservation: attendance.Reservation, AuthID: id, Lost: lost}
		for _, entry := range attendance.Entries {
			if entry.AuthID == id {
				left.Until, left.Lost = entry.Until, lost && !entry.Absent
			}
		}
		d.Left = append(d.Left, left)
	}
	d.Left = d.Left[max(0, len(d.Left)-maxLeft):]
}

// left is an entry of a reservation that does not attend any more, by its id.
func (d *Desk) left(authID string) *LeftEntry {
	for i := range d.Left {
		if d.Left[i].AuthID == authID {
			return &d.Left[i]
		}
	}
	return nil
}

// hear takes one webhook in: whom it concerns, and with what kind of news.
func (d *Desk) hear(event nuki.Event, now time.Time) {
	d.Heard++
	d.HeardAt = now
	if state := event.ServerState; state != nil && (*state < int(nuki.ServerOnline) || *state > int(nuki.ServerOffline)) {
		d.Odd++ // No such state exists.
		event.ServerState = nil
	}
	lately := event.Feature != nuki.FeatureLogs || event.Date.Sub(now).Abs() <= clockAhead
	if lately { // A row that comes late says nothing of the connection now.
		d.Health.hear(event, now)
	}
	if event.Feature == nuki.FeatureMasterdata || event.Feature == nuki.FeatureConfig {
		d.SyncDesk.mark(now)
	}
	if d.repeated(event, now) {
		return
	}
	if event.Feature == nuki.FeatureAuths && event.Deleted {
		d.roomMade()
	}
	for i := range d.Attendees {
		if lately {
			d.Attendees[i].hear(d.Lock, event)
		}
	}
	if event.Feature != nuki.FeatureLogs {
		return
	}
	if entry, typed := activities.TypedOn(event.Source, event.Trigger, event.State, event.AuthID, event.Date); typed {
		d.typed(entry, now)
	}
}

// Repeat is what tells one event from another.
type Repeat struct {
	Feature string    `json:"feature,omitempty"`
	AuthID  string    `json:"auth_id,omitempty"`
	Name    string    `json:"name,omitempty"`
	Deleted bool      `json:"deleted,omitempty"`
	Date    time.Time `json:"date,omitzero"`
	Heard   time.Time `json:"heard,omitzero"`
}

const (
	// keptRepeats is how many events are known again.
	keptRepeats = 60
	// repeatLife is how long the same event counts once: whether Nuki's dates tell
	// two changes of one second apart is not known, so it is short.
	repeatLife = time.Minute
)

// repeated reports whether the same event about an entry has been heard before: Nuki
// delivers again, and anybody can who once saw a signed body.
func (d *Desk) repeated(event nuki.Event, now time.Time) bool {
	if event.Feature != nuki.FeatureAuths {
		return false
	}
	one := Repeat{Feature: event.Feature, AuthID: event.AuthID, Name: event.Name, Deleted: event.Deleted, Date: event.Date}
	for _, other := range d.Repeats {
		heard := other.Heard
		other.Heard = time.Time{}
		if other == one && now.Sub(heard) < repeatLife {
			return true
		}
	}
	one.Heard = now
	d.Repeats = append(d.Repeats, one)
	d.Repeats = d.Repeats[max(0, len(d.Repeats)-keptRepeats):]
	return false
}

// living are the attendees' wished entries, with whose they are.
func (d *Desk) living(do func(*Attendee, activities.KnownEntry)) {
	for i := range d.Attendees {
		for _, entry := range d.Attendees[i].Entries {
			if !entry.Absent {
				do(&d.Attendees[i], entry)
			}
		}
	}
}
