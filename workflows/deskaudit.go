// This file compares what a whole lock holds with what its reservations wish:
// whom to wake, what to sweep, and what is nobody's. Pure.

package workflows

import (
	"slices"
	"strconv"
	"time"

	"github.com/keystay/keystay/activities"
)

// Audit is when a lock is looked over, and what the last look showed.
type Audit struct {
	// ListAt and SyncAt are when the next look, and the next sync before one, is due.
	ListAt time.Time `json:"list_at,omitzero"`
	SyncAt time.Time `json:"sync_at,omitzero"`
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

// EntryKind says whose an entry in a lock's list is.
type EntryKind string

const (
	// EntryOurs: a reservation that attends knows it.
	EntryOurs EntryKind = "ours"
	// EntryLeft: its id was recorded by a reservation that has ended properly.
	EntryLeft EntryKind = "left"
	// EntryOrphan: it looks like ours, or was, and no reservation answers for it.
	EntryOrphan EntryKind = "orphan"
	// EntryForeign: somebody else's.
	EntryForeign EntryKind = "foreign"
)

// DeskEntry is one keypad code on a lock, and whose it is.
type DeskEntry struct {
	activities.Row
	Kind        EntryKind `json:"kind"`
	Reservation string    `json:"reservation,omitempty"`
	// Differs says in a word how it differs from the wish; empty where it does not.
	Differs string `json:"differs,omitempty"`
	// Collides are the reservations whose wished code it holds.
	Collides []string `json:"collides,omitempty"`
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
	policy := d.rules()
	d.Health.Trouble = Trouble{}
	if seen.Lock != nil {
		d.Health.read(*seen.Lock, at)
		d.markRead(*seen.Lock, at)
	}
	d.Audit.looked(at, d.auditEvery())
	if !d.Audit.believe(d.classify(seen.Rows), at, d.SyncDesk.last(), policy) {
		return
	}
	for i := range d.Attendees {
		d.compare(&d.Attendees[i], seen.Rows)
	}
	for _, entry := range d.Audit.Entries {
		d.sweepLeft(entry, at)
	}
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
// webhook has told.
func (d *Desk) markRead(lock activities.LockState, at time.Time) {
	last := d.SyncDesk.last()
	if last.At.IsZero() || !last.MarkAt.IsZero() || !at.After(last.At) || lock.UpdatedAt.Before(last.At.Add(-clockMargin)) {
		return
	}
	d.SyncDesk.mark(at)
	if !d.HeardAt.IsZero() {
		d.Health.Unheard++
	}
}

// believe says whether a list counts, and keeps it. One from which much has
// vanished, other people's too, counts once another one after a sync is like it.
func (a *Audit) believe(entries []DeskEntry, at time.Time, sync SyncNews, policy Policy) bool {
	foreign := 0
	for _, entry := range entries {
		if entry.Kind == EntryForeign {
			foreign++
		}
	}
	now := Belief{At: at, Total: len(entries), Foreign: foreign}
	borneOut := a.Doubt.Reads > 0 && sync.At.After(a.Believed.At) && !sync.MarkAt.IsZero() && at.After(sync.MarkAt)
	if a.Believed.implausible(now) && !borneOut {
		a.Doubt = Doubt{Since: earliest(a.Doubt.Since, at), At: at, Reads: a.Doubt.Reads + 1}
		a.ListAt = at.Add(retryDelay(policy.RetrySteps, a.Doubt.Reads+2, 0, policy.RetryFloor.D()))
		return false
	}
	a.Entries, a.Believed, a.Doubt = entries, now, Doubt{}
	return true
}

// compare wakes a reservation whose entries are not as it last knew them. It
// repairs itself; the desk changes nothing.
func (d *Desk) compare(attendee *Attendee, rows []activities.Row) {
	for _, wish := range attendee.Entries {
		row := rowOf(wish, rows)
		news := wish.Absent && row != nil || !wish.Absent && wish.Placed && differs(wish, row) != ""
		if news {
			attendee.due(d.Lock, WakeEntry)
			d.Audit.Differed++
			return
		}
	}
}

// rowOf finds a known entry in a list: by its id, else by name and code together.
func rowOf(known activities.KnownEntry, rows []activities.Row) *activities.Row {
	for i := range rows {
		if known.AuthID != "" && rows[i].AuthID == known.AuthID {
			return &rows[i]
		}
	}
	for i := range rows {
		if known.Name != "" && rows[i].Name == known.Name && rows[i].Print == known.Print {
			return &rows[i]
		}
	}
	return nil
}

// differs says in a word how a row differs from what is wished of it.
func differs(wish activities.KnownEntry, row *activities.Row) string {
	switch {
	case row == nil:
		return "missing"
	case row.Print != wish.Print:
		return "code"
	case !row.Enabled:
		return "disabled"
	case !row.Whole || !row.From.Equal(wish.From) || !row.Until.Equal(wish.Until):
		return "window"
	}
	return ""
}

// classify says whose each row of a list is.
func (d *Desk) classify(rows []activities.Row) []DeskEntry {
	entries := make([]DeskEntry, 0, len(rows))
	for _, row := range rows {
		entries = append(entries, d.classifyRow(row))
	}
	return entries
}

func (d *Desk) classifyRow(row activities.Row) DeskEntry {
	entry := DeskEntry{Row: row}
	for _, attendee := range d.Attendees {
		for _, wish := range attendee.Entries {
			if match := rowOf(wish, []activities.Row{row}); match != nil {
				entry.Kind, entry.Reservation = EntryOurs, attendee.Reservation
				if !wish.Absent {
					entry.Differs = differs(wish, match)
				}
				return entry
			}
		}
		if row.Key != "" && row.Key == attendee.Key {
			entry.Kind, entry.Reservation = EntryOurs, attendee.Reservation
			return entry
		}
	}
	entry.Kind = EntryForeign
	if left := d.left(row.AuthID); left != nil {
		entry.Kind, entry.Reservation = EntryLeft, left.Reservation
		if left.Lost {
			entry.Kind = EntryOrphan
		}
	} else if row.Key != "" {
		entry.Kind = EntryOrphan
	}
	entry.Collides = d.collisions(row)
	return entry
}

// reclassify says anew whose the last look's entries are, where a reservation has
// come to answer for them.
func (d *Desk) reclassify(ids []string) {
	for i, entry := range d.Audit.Entries {
		if entry.Kind != EntryOurs && slices.Contains(ids, entry.AuthID) {
			d.Audit.Entries[i] = d.classifyRow(entry.Row)
		}
	}
}

// collisions are the reservations whose wished code a row holds.
func (d *Desk) collisions(row activities.Row) []string {
	var all []string
	d.living(func(attendee *Attendee, wish activities.KnownEntry) {
		if wish.Print == row.Print && wish.Print != "" && !slices.Contains(all, attendee.Reservation) {
			all = append(all, attendee.Reservation)
		}
	})
	slices.Sort(all)
	return all
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
