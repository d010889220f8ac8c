// This file compares what a whole lock holds with what its reservations wish:
// whom to wake, and what to sweep. Pure.

package workflows

import (
	"slices"
	"strconv"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Audit is when a lock is looked over, and what the last look showed.
type Audit struct {
	// ListAt and SyncAt are when the next look, and the next sync before one, is due.
	ListAt time.Time `json:"list_at,omitzero"`
	SyncAt time.Time `json:"sync_at,omitzero"`
	// NotBefore is the end of the pause after a look that failed.
	NotBefore time.Time `json:"not_before,omitzero"`
	// At is the last look; Entries what it showed; Believed its size.
	At       time.Time   `json:"at,omitzero"`
	Entries  []DeskEntry `json:"entries,omitempty"`
	Believed Belief      `json:"believed,omitzero"`
	Doubt    Doubt       `json:"doubt,omitzero"`
	// Ordered is when a person wants a look, whether anybody attends or not.
	Ordered time.Time `json:"ordered,omitzero"`
	// Count, Differed and Swept count since the desk began: looks, reservations
	// woken by a difference, entries handed over for removal.
	Count    int64 `json:"count,omitempty"`
	Differed int64 `json:"differed,omitempty"`
	Swept    int64 `json:"swept,omitempty"`
}

// begin sets the first look of a lock that is attended now: soon, but not for
// every lock of an installation at once.
func (a *Audit) begin(lock int64, now time.Time, policy Policy) {
	if a.ListAt.IsZero() {
		id := strconv.FormatInt(lock, 10)
		a.ListAt = now.Add(jitter(id, "audit", policy.AuditEvery.D()))
		a.SyncAt = now.Add(policy.AuditEvery.D() + jitter(id, "audit-sync", policy.AuditSync.D()))
	}
}

// absorbObservation takes a look, begun at a moment, into the desk: it wakes who has to
// repair something and notes what is to be swept.
func (d *Desk) absorbObservation(seen activities.Observation, at time.Time) {
	d.Health.Trouble, d.Audit.NotBefore = Trouble{}, time.Time{}
	if seen.Lock != nil {
		d.markRead(*seen.Lock, at)
		d.Health.read(*seen.Lock, at)
	}
	d.Audit.looked(at, d.auditEvery())
	d.SyncDesk.looked(at, d.rules())
	if !d.Audit.believe(d.classify(seen.Rows), at, d.SyncDesk.last(), d.rules()) {
		d.doubt(at)
		return
	}
	list := listingOf(seen.Rows)
	for i := range d.Attendees {
		d.compare(&d.Attendees[i], list, at)
	}
	for _, entry := range d.Audit.Entries {
		d.sweepLeft(entry, at)
	}
	d.settleLost(list, at)
}

// looked sets when the next look is due. One that a person ordered while this
// one was under way has not been done.
func (a *Audit) looked(at time.Time, every time.Duration) {
	a.Count++
	a.At, a.ListAt = at, at.Add(every)
	if a.Ordered.After(at) {
		a.ListAt = a.Ordered
	} else {
		a.Ordered = time.Time{}
	}
}

// markRead notes that a read shows the last sync to be complete, of which no
// webhook has told: the lock is newer than it was before, and than the sync. Of
// one that was offline meanwhile that may be the connection.
func (d *Desk) markRead(lock activities.LockState, at time.Time) {
	last := d.SyncDesk.last()
	switch {
	case last.At.IsZero() || !last.MarkAt.IsZero() || !at.After(last.At):
		return
	case lock.UpdatedAt.Before(last.At.Add(-clockMargin)) || !lock.UpdatedAt.After(d.Health.State.UpdatedAt):
		return
	case lock.ServerState != nuki.ServerOnline || !d.Health.OfflineAt.Before(last.At):
		return
	}
	d.SyncDesk.mark(at)
	if !d.HeardAt.IsZero() {
		d.Health.Unheard++
	}
}

// believe reports whether a list counts, and keeps it. One from which much has
// vanished, other people's too, counts once another one after a sync is like it.
func (a *Audit) believe(entries []DeskEntry, at time.Time, sync SyncNews, policy Policy) bool {
	foreign := 0
	for _, entry := range entries {
		if entry.Kind == EntryForeign {
			foreign++
		}
	}
	now := Belief{At: at, Total: len(entries), Foreign: foreign}
	if a.Believed.implausible(now) && !a.borneOut(at, sync, policy) {
		a.Doubt = Doubt{Since: earliest(a.Doubt.Since, at), At: at, Reads: a.Doubt.Reads + 1}
		return false
	}
	a.Entries, a.Believed, a.Doubt = entries, now, Doubt{}
	return true
}

// borneOut reports whether a second implausible list was read after a sync that was sent since
// the first one and is complete; or some time apart, where the sync left no mark.
func (a *Audit) borneOut(at time.Time, sync SyncNews, policy Policy) bool {
	if a.Doubt.Reads == 0 || sync.At.Before(a.Doubt.Since) || !at.After(sync.At) {
		return false
	}
	if !sync.MarkAt.IsZero() {
		return !at.Before(sync.MarkAt)
	}
	return at.Sub(sync.At) >= policy.MarkWait.D() && at.Sub(a.Doubt.Since) >= policy.TimedGap.D()
}

// doubt has a list that cannot be believed borne out: by a sync, and by another
// look after it.
func (d *Desk) doubt(at time.Time) {
	policy := d.rules()
	d.Audit.ListAt = at.Add(retryDelay(policy.RetrySteps, d.Audit.Doubt.Reads+2, 0, policy.RetryFloor.D()))
	if since := d.Audit.Doubt.Since; d.SyncDesk.last().At.Before(since) && d.SyncDesk.Ordered.Before(since) {
		d.orderSync(at)
	}
}

// compare wakes a reservation whose entries are not as it last knew them: it
// repairs itself, and the desk changes nothing. One that should have left long ago
// is asked whether it still runs.
func (d *Desk) compare(attendee *Attendee, list listing, now time.Time) {
	for _, wish := range attendee.Entries {
		row := list.row(wish)
		news := wish.Absent && row != nil || !wish.Absent && wish.Placed && differs(wish, row) != ""
		if news {
			attendee.due(d.Lock, WakeEntry)
			d.Audit.Differed++
			return
		}
	}
	if now.After(attendee.leavesBy(d.rules())) {
		attendee.due(d.Lock, WakeAlive)
	}
}

// leavesBy is when a reservation should have been heard of again, if it runs: a
// day after the end of its window, or after the last look at a removal.
func (a *Attendee) leavesBy(policy Policy) time.Time {
	var looks time.Duration
	for _, after := range policy.Looks {
		looks = max(looks, after.D())
	}
	by := a.HeardAt
	for _, known := range a.Entries {
		if known.Absent {
			by = latest(by, known.AbsentAt.Add(looks))
		} else {
			by = latest(by, known.Until)
		}
	}
	return by.Add(day.D())
}

// sweepLeft hands an entry that came back to the reservation that left it. One of
// a reservation that was lost goes only when its window has closed: until then a
// guest may count on it.
func (d *Desk) sweepLeft(entry DeskEntry, now time.Time) {
	left := d.left(entry.AuthID)
	if left == nil || entry.Kind == EntryOurs {
		return
	}
	over := !entry.Until.IsZero() && !now.Before(entry.Until) || !left.Until.IsZero() && !now.Before(left.Until)
	if left.Lost && !over {
		return
	}
	d.sweep(ReservationWorkflowID(left.Reservation), entry, "the audit found it back on the lock")
}

// settleLost forgets that a reservation was lost, where its entry is gone and its
// window has closed: nothing hangs on it any more.
func (d *Desk) settleLost(list listing, now time.Time) {
	for i := range d.Left {
		left := &d.Left[i]
		if left.Lost && !now.Before(left.Until) && list.byID[left.AuthID] == nil {
			left.Lost = false
		}
	}
}

// sweep notes that an entry is to be handed over for removal.
func (d *Desk) sweep(workflowID string, entry DeskEntry, why string) {
	waiting := slices.ContainsFunc(d.Sweeps, func(s activities.Sweep) bool { return s.AuthID == entry.AuthID })
	if waiting {
		return
	}
	d.Audit.Swept++
	d.Sweeps = append(d.Sweeps, activities.Sweep{
		WorkflowID: workflowID, Lock: d.Lock, AuthID: entry.AuthID, Name: entry.Name, Until: entry.Until, Why: why,
		Policy: d.Custom,
	})
}
