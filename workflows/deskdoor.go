// This file takes in what a keypad's log says, row by row, and judges codes that were
// refused; deskuse.go judges PINs that opened. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// DoorWatch is what a lock's front desk remembers of its keypad's log.
type DoorWatch struct {
	// Seen are the last rows, so that the same one counts once: webhooks come
	// twice, and a poll brings them again.
	Seen []activities.KeypadEntry `json:"seen,omitempty"`
	// Refused are the times of the last refused entries, oldest first.
	Refused []time.Time `json:"refused,omitempty"`
	// PolledAt is when the log was last read, TriedAt when that was last tried.
	// Covered is the moment up to which its rows are known: what is typed while the
	// lock has no link comes into the log later, with the time at which it was typed.
	PolledAt time.Time `json:"polled_at,omitzero"`
	TriedAt  time.Time `json:"tried_at,omitzero"`
	Covered  time.Time `json:"covered,omitzero"`
	// Rest is what the last reading has left to be read.
	Rest *LogRest `json:"rest,omitempty"`
	// Opened and RefusedCount count since the desk began, Shared the pairs of
	// refused entries that could concern more than one guest, at SharedAt the last.
	Opened       int64     `json:"opened,omitempty"`
	RefusedCount int64     `json:"refused_count,omitempty"`
	Shared       int64     `json:"shared,omitempty"`
	SharedAt     time.Time `json:"shared_at,omitzero"`
	// DeadUsed are the last uses of entries that should not open, oldest first,
	// DeadUses how many there were since the desk began. Refusals are the pairs of
	// refused entries while a guest was awaited.
	DeadUsed []DeadUse `json:"dead_used,omitempty"`
	DeadUses int64     `json:"dead_uses,omitempty"`
	Refusals int64     `json:"refusals,omitempty"`
}

// DoorNews tells a reservation what happened at the door.
type DoorNews struct {
	Kind   DoorKind  `json:"kind"`
	At     time.Time `json:"at"`
	AuthID string    `json:"auth_id,omitempty"`
}

// DoorKind is what happened at the door, in one word.
type DoorKind string

const (
	// DoorUsed: the keypad accepted the PIN.
	DoorUsed DoorKind = "used"
	// DoorRefused: the keypad refused entries, and this stay's guest alone can
	// be meant.
	DoorRefused DoorKind = "refused"
	// DoorDeadUsed: a PIN opened that should be dead.
	DoorDeadUsed DoorKind = "dead_used"
)

const (
	// keptRows is how many rows are kept to know one again: as many as one reading
	// of the log brings, since the next one overlaps it.
	keptRows = activities.MaxLogEntries
	// keptUses bounds the lists that people read.
	keptUses = 20
	// keptNews bounds what one wake-up carries.
	keptNews = 10
	// clockAhead is how far in the future a row's own time may lie.
	clockAhead = 5 * time.Minute
	// rowLife is how old a row may be to be news, but of a PIN that should be dead:
	// webhooks come late, and one poll may follow another after hours.
	rowLife = 48 * time.Hour
)

// typed takes one code typed on the keypad in, by the row's own time.
func (d *Desk) typed(entry activities.KeypadEntry, now time.Time) {
	if entry.At.After(now.Add(clockAhead)) || d.old(entry, now) {
		d.Odd++
		return
	}
	if !d.Door.fresh(entry) {
		return
	}
	if entry.Refused {
		d.refusedEntry(entry.At, now)
	} else {
		d.opened(entry, now)
	}
}

// old reports whether a row is no news any more. That a PIN opened which should be dead
// always is: the lock may have been without a link for days.
func (d *Desk) old(entry activities.KeypadEntry, now time.Time) bool {
	return entry.At.Before(now.Add(-rowLife)) && (entry.At.Before(now.Add(-logReach)) || !d.unwanted(entry.AuthID))
}

// unwanted reports whether an authorization is one of ours that should be gone.
func (d *Desk) unwanted(authID string) bool {
	if authID == "" {
		return false
	}
	for _, attendee := range d.Attendees {
		for _, known := range attendee.Entries {
			if known.AuthID == authID {
				return known.Absent
			}
		}
	}
	return d.left(authID) != nil
}

// fresh reports whether a row has not been taken in before, and keeps it.
func (w *DoorWatch) fresh(entry activities.KeypadEntry) bool {
	same := func(seen activities.KeypadEntry) bool {
		return seen.At.Equal(entry.At) && seen.AuthID == entry.AuthID && seen.Refused == entry.Refused
	}
	if slices.ContainsFunc(w.Seen, same) {
		return false
	}
	w.Seen = append(w.Seen, entry)
	w.Seen = w.Seen[max(0, len(w.Seen)-keptRows):]
	return true
}

// refusedEntry judges a code that the keypad refused. Two within some minutes are
// a guest who cannot get in; if that can only be one, the stay is told.
func (d *Desk) refusedEntry(at, now time.Time) {
	policy := d.rules()
	if slices.ContainsFunc(d.Door.Refused, at.Equal) {
		return // The same row once more, after many others.
	}
	d.Door.RefusedCount++
	second := slices.ContainsFunc(d.Door.Refused, func(other time.Time) bool { return at.Sub(other).Abs() <= policy.RefusedTwice.D() })
	d.Door.Refused = sortedTimes(append(d.Door.Refused, at))
	d.Door.Refused = d.Door.Refused[max(0, len(d.Door.Refused)-keptUses):]
	if !second {
		return
	}
	awaited := d.awaited(at)
	d.Door.Refusals += int64(one(len(awaited) > 0))
	switch len(awaited) {
	case 0:
	case 1:
		awaited[0].tell(d.Lock, DoorNews{Kind: DoorRefused, At: earliest(at, now)})
	default:
		d.Door.Shared++
		d.Door.SharedAt = latest(d.Door.SharedAt, at)
	}
}

// awaited are the reservations whose stay has begun and whose guest has not
// opened the door yet.
func (d *Desk) awaited(at time.Time) []*Attendee {
	var all []*Attendee
	d.living(func(attendee *Attendee, known activities.KnownEntry) {
		begun := !at.Before(known.From) && at.Before(known.Until)
		if begun && !attendee.hasEntered() && !slices.Contains(all, attendee) {
			all = append(all, attendee)
		}
	})
	return all
}

// hasEntered reports whether the guest has opened the door by some PIN of the stay. Another
// end, or another PIN, does not make a guest a stranger who was in before; another
// beginning does.
func (a *Attendee) hasEntered() bool {
	return slices.ContainsFunc(a.Entries, func(known activities.KnownEntry) bool {
		return known.Used || !known.Absent && !a.EnteredAt.Before(known.From.Add(-clockMargin)) && !a.EnteredAt.IsZero()
	})
}

// tell adds news of the door to what a reservation is woken with. They are never of the
// future, whatever the lock's clock says: no write or sync would come after them.
func (a *Attendee) tell(lock int64, news DoorNews) {
	wake := a.due(lock, WakeDoor)
	wake.Door = append(wake.Door, news)
	wake.Door = wake.Door[max(0, len(wake.Door)-keptNews):]
}
