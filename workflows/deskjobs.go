// This file says what a lock's front desk does next of its own accord, and when.
// Pure: smartlock.go acts on it.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Job is what a front desk does with the lock: it looks and has it synced, and
// never writes.
type Job string

const (
	// JobSync has the lock synced for everybody who asked.
	JobSync Job = "sync"
	// JobObserve looks at the lock and its whole list.
	JobObserve Job = "observe"
	// JobLog reads the keypad's log.
	JobLog Job = "log"
	// JobSweep hands an entry to its reservation for removal.
	JobSweep Job = "sweep"
)

// DeskStep is one decision of the desk.
type DeskStep struct {
	Job Job
	// Until is when the next one is due, where none is now.
	Until  time.Time
	Reason string
}

// order sets what the calendar asks for: a sync before a look, once a day.
func (d *Desk) order(now time.Time) {
	if d.placed() && !now.Before(d.Audit.SyncAt) {
		d.orderSync(now)
	}
}

// orderSync has the lock synced, and looked over when that is complete.
func (d *Desk) orderSync(now time.Time) {
	d.SyncDesk.Ordered = now
	d.Audit.SyncAt = now.Add(d.rules().AuditSync.D())
}

// auditing reports whether there is something to look after: somebody attends, or has
// ended without removing what he had on the lock, or a person wants a look.
func (d *Desk) auditing() bool {
	lost := func(left LeftEntry) bool { return left.Lost }
	return len(d.Attendees) > 0 || !d.Audit.Ordered.IsZero() || slices.ContainsFunc(d.Left, lost)
}

// placed reports whether somebody's PIN is on the lock, as far as is known: then it is
// looked over often, and synced.
func (d *Desk) placed() bool {
	found := false
	d.living(func(_ *Attendee, known activities.KnownEntry) { found = found || known.AuthID != "" })
	return found
}

// auditEvery is the time between two looks: without a PIN of ours on the lock
// there is nothing to lose, and once a day shows what has come back.
func (d *Desk) auditEvery() time.Duration {
	policy := d.rules()
	if d.crowded() {
		return min(policy.AuditEvery.D(), time.Hour)
	}
	if d.placed() {
		return policy.AuditEvery.D()
	}
	return max(policy.AuditEvery.D(), policy.AuditSync.D())
}

// decide says what the desk does now, but for what is under way already.
func (d *Desk) decide(now time.Time, underway []Job) DeskStep {
	var next DeskStep
	for _, due := range d.due(now) {
		switch {
		case due.Until.IsZero() || slices.Contains(underway, due.Job):
		case !due.Until.After(now):
			return due
		case next.Until.IsZero() || due.Until.Before(next.Until):
			next = due
		}
	}
	return next
}

// due are all jobs with their times; the zero time is never.
func (d *Desk) due(now time.Time) []DeskStep {
	return []DeskStep{
		d.sweepDue(now),
		d.syncDue(now),
		{Job: JobObserve, Until: d.observeAt(), Reason: "Look over the whole lock"},
		{Job: JobLog, Until: d.logDueAt(now), Reason: "Read the keypad's log, for what no webhook told"},
	}
}

func (d *Desk) sweepDue(now time.Time) DeskStep {
	if len(d.Sweeps) == 0 {
		return DeskStep{Job: JobSweep}
	}
	return DeskStep{Job: JobSweep, Until: latest(now, d.SweepFrom), Reason: "Have an entry of a closed reservation removed: " + d.Sweeps[0].Why}
}

func (d *Desk) syncDue(now time.Time) DeskStep {
	wanted, urgent := d.SyncDesk.wanted()
	switch {
	case wanted && len(d.SyncDesk.Asks) > 0:
		at := d.SyncDesk.allowedAt(urgent, d.syncRules(now))
		return DeskStep{Job: JobSync, Until: latest(at, now), Reason: "Have the lock synced, for everybody who asked"}
	case wanted:
		at := d.SyncDesk.allowedAt(urgent, d.syncRules(now))
		return DeskStep{Job: JobSync, Until: latest(at, now), Reason: dailySync}
	case d.placed():
		return DeskStep{Job: JobSync, Until: d.Audit.SyncAt, Reason: dailySync}
	}
	return DeskStep{Job: JobSync}
}

// dailySync is the reason of a sync that nobody asked for but the calendar, or a person.
const dailySync = "Have the lock synced, and looked over then"

// observeAt is when the lock is looked over next: by the calendar; after a sync
// that the desk ordered itself, and while its mark is awaited. After a look that
// failed neither counts before its pause is over.
func (d *Desk) observeAt() time.Time {
	if !d.auditing() || d.Audit.ListAt.IsZero() {
		return noTime
	}
	at := d.Audit.ListAt
	if sync := d.SyncDesk.last(); sync.At.After(d.Audit.At) && !d.SyncDesk.Ordered.IsZero() && !sync.At.Before(d.SyncDesk.Ordered) {
		after := sync.MarkAt
		if after.IsZero() {
			after = sync.At.Add(d.rules().MarkWait.D())
		}
		at = earliest(at, after)
	}
	return latest(at, d.Audit.NotBefore)
}

// wantsLock reports whether a look should read the lock itself too: once a day, after a
// sync, and while its link or account is in question.
func (d *Desk) wantsLock(now time.Time) bool {
	h := d.Health
	old, last := now.Sub(h.ReadAt) >= d.rules().AuditSync.D(), d.SyncDesk.last()
	return old || !last.At.IsZero() && last.MarkAt.IsZero() || h.Link != nuki.ServerOnline || h.Trouble.Type != "" || h.State.Error != ""
}

// changesAt is when something changes by time alone: a forecast that bookings wait
// for, where the lock may become crowded, a lock that has been offline for long, the
// patience of those who wait for a sync that is being sent, or a reservation that could
// not be woken. Zero for never.
func (d *Desk) changesAt(now time.Time, sending bool) time.Time {
	var at time.Time
	if sending {
		at = d.SyncDesk.impatientAt(d.rules())
	}
	if full := d.Capacity; d.rebooked && full.Peak*4 > full.Limit*3 {
		at = earliest(at, d.Planned.Add(replan))
	}
	for _, attendee := range d.Attendees {
		if attendee.Due != nil && attendee.WakeFrom.After(now) {
			at = earliest(at, attendee.WakeFrom)
		}
	}
	if long := d.Health.Since.Add(d.rules().OperationStuck.D()); d.Health.offline() && long.After(now) {
		at = earliest(at, long)
	}
	return at
}

// next is what the desk does next, for people.
func (d *Desk) next(now time.Time) NextView {
	step := d.decide(now, nil)
	return NextView{Action: Action(step.Job), At: step.Until, Reason: step.Reason}
}
