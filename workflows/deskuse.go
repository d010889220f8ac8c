// This file judges a PIN that opened the door: whose it is, and whether it should be
// dead. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// DeadUse is an entry by a PIN that should not open: revoked, or outside its window.
type DeadUse struct {
	At time.Time `json:"at"`
	// HeardAt is when the front desk learned of it: the log may tell a day later.
	HeardAt     time.Time `json:"heard_at"`
	AuthID      string    `json:"auth_id"`
	Reservation string    `json:"reservation,omitempty"`
	Why         string    `json:"why"`
}

// opened counts and judges a PIN that opened the door.
func (d *Desk) opened(entry activities.KeypadEntry, now time.Time) {
	d.Door.Opened++
	d.judge(entry, now)
}

// judgeAgain judges rows that came before anybody knew whose their entry is: a guest
// may be in before the read that shows a new entry's id has reached the desk.
func (d *Desk) judgeAgain(before, entries []activities.KnownEntry, now time.Time) {
	known := func(authID string) bool {
		return slices.ContainsFunc(before, func(known activities.KnownEntry) bool { return known.AuthID == authID })
	}
	for _, entry := range entries {
		for _, row := range d.Door.Seen {
			if entry.AuthID != "" && row.AuthID == entry.AuthID && !known(entry.AuthID) {
				d.judge(row, now)
			}
		}
	}
}

// judge says what a PIN that opened the door means, and to whom.
func (d *Desk) judge(entry activities.KeypadEntry, now time.Time) {
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		for j := range attendee.Entries {
			if attendee.Entries[j].AuthID == entry.AuthID {
				d.judgeKnown(attendee, &attendee.Entries[j], entry, now)
				return
			}
		}
	}
	if left := d.left(entry.AuthID); left != nil && (!left.Lost || !left.Until.IsZero() && entry.At.After(left.Until)) {
		if d.deadUse(entry, left.Reservation, "its reservation has ended", now) {
			d.sweep(ReservationWorkflowID(left.Reservation), DeskEntry{Row: activities.Row{AuthID: entry.AuthID}}, "it opened the door after its end")
		}
	}
}

// judgeKnown is judge for an entry of a reservation that attends. That an earlier window
// let the guest in says nothing of this one.
func (d *Desk) judgeKnown(attendee *Attendee, known *activities.KnownEntry, entry activities.KeypadEntry, now time.Time) {
	news := DoorNews{Kind: DoorUsed, At: earliest(entry.At, now), AuthID: entry.AuthID}
	if why := dead(*known, entry.At); why != "" {
		news.Kind = DoorDeadUsed
		if d.deadUse(entry, attendee.Reservation, why, now) {
			attendee.tell(d.Lock, news)
		}
		return
	}
	attendee.EnteredAt = latest(attendee.EnteredAt, entry.At)
	if known.Used {
		return
	}
	known.Used = !entry.At.Before(known.WindowAt)
	attendee.tell(d.Lock, news)
}

// dead says why an entry should not have opened the door at a moment; empty where it
// should. What opened before its window was changed is judged by the one before, and by
// both where the clocks may differ; what was wished before that is not known any more.
func dead(known activities.KnownEntry, at time.Time) string {
	if known.Absent && !at.Before(known.AbsentAt) {
		return "it was revoked"
	}
	why, before := outside(known.From, known.Until, at), outside(known.Before.From, known.Before.Until, at)
	switch changed := known.WindowAt; {
	case !at.Before(changed.Add(clockMargin)):
		return why
	case at.Before(known.Before.Since.Add(clockMargin)):
		return ""
	case at.Before(changed.Add(-clockMargin)):
		return before
	case before == "":
		return ""
	}
	return why
}

// outside says how a moment lies outside a window; empty where it does not, or where
// nobody knows the window.
func outside(from, until, at time.Time) string {
	switch {
	case !from.IsZero() && at.Before(from.Add(-clockMargin)):
		return "its window had not begun"
	case !until.IsZero() && at.After(until.Add(clockMargin)):
		return "its window had ended"
	}
	return ""
}

// deadUse records that a PIN opened that should be dead; false where that is known.
func (d *Desk) deadUse(entry activities.KeypadEntry, reservation, why string, now time.Time) bool {
	use := DeadUse{At: entry.At, HeardAt: now, AuthID: entry.AuthID, Reservation: reservation, Why: why}
	known := func(other DeadUse) bool { return other.At.Equal(use.At) && other.AuthID == use.AuthID }
	if slices.ContainsFunc(d.Door.DeadUsed, known) {
		return false // The same row once more, after many others.
	}
	d.Door.DeadUses++
	d.Door.DeadUsed = append(d.Door.DeadUsed, use)
	d.Door.DeadUsed = d.Door.DeadUsed[max(0, len(d.Door.DeadUsed)-keptUses):]
	return true
}
