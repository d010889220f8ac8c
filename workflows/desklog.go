// This file is when a front desk reads its keypad's log for what no webhook told,
// and from where on. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// logDueAt is when the log is read next: once a day, as a webhook may be lost that
// told of a dead PIN; and where no webhooks tell at all, more and more seldom while
// a guest is awaited.
func (d *Desk) logDueAt(now time.Time) time.Time {
	policy := d.rules()
	if !d.auditing() {
		return noTime
	}
	if rest := d.Door.Rest; rest != nil {
		return rest.dueAt(d.Door.TriedAt, policy)
	}
	due := earliest(d.dailyLogAt(), d.secondRefusalAt())
	if !d.Health.deaf(d.HeardAt, now, policy) {
		return due
	}
	d.living(func(attendee *Attendee, known activities.KnownEntry) {
		if attendee.hasEntered() || known.From.IsZero() || !now.Before(known.Until) {
			return
		}
		asOf := latest(d.Door.TriedAt, known.From)
		wait := min(max(asOf.Sub(known.From)/8, policy.LogPoll.D()), policy.LogPollMost.D())
		due = earliest(due, asOf.Add(wait))
	})
	if d.lingers() {
		due = earliest(due, d.Door.TriedAt.Add(policy.LogPollMost.D()))
	}
	return due
}

// secondRefusalAt is when the log is read once for a second refusal, where a single
// one was told while one guest is awaited: the webhook of the next may be lost.
func (d *Desk) secondRefusalAt() time.Time {
	n := len(d.Door.Refused)
	if n == 0 {
		return noTime
	}
	last, twice := d.Door.Refused[n-1], d.rules().RefusedTwice.D()
	at := last.Add(twice)
	if n > 1 && last.Sub(d.Door.Refused[n-2]) <= twice || !d.Door.TriedAt.Before(at) || len(d.awaited(last)) != 1 {
		return noTime
	}
	return latest(at, d.Door.TriedAt.Add(d.rules().LogPoll.D()))
}

// lingers reports whether an entry which should be gone is not proven gone: its PIN may open.
func (d *Desk) lingers() bool {
	for _, attendee := range d.Attendees {
		for _, known := range attendee.Entries {
			if known.Absent && !known.Gone && known.AuthID != "" {
				return true
			}
		}
	}
	return false
}

// dailyLogAt is when the log is read though nobody is awaited: after the first
// look, and a day after each reading.
func (d *Desk) dailyLogAt() time.Time {
	switch tried := d.Door.TriedAt; {
	case tried.IsZero():
		return d.Audit.At
	case d.Door.PolledAt.Before(tried): // It could not be read.
		return tried.Add(d.rules().LogPollMost.D())
	default:
		return tried.Add(d.rules().AuditSync.D())
	}
}

const (
	// logOverlap is how much of the log is read again: a row may show up late.
	logOverlap = 10 * time.Minute
	// logReach is how far back it is read at most, after a lock was without a link.
	logReach = 14 * 24 * time.Hour
)

// LogRest is what one reading of a log has left for the next: older rows than it brought.
type LogRest struct {
	// Before is the oldest row that was read, From how far back the reading goes.
	Before string    `json:"before"`
	From   time.Time `json:"from"`
	// At is when the reading began, NewestAt the time of the newest row, ReadAt when the
	// last part of it was read.
	At       time.Time `json:"at"`
	NewestAt time.Time `json:"newest_at,omitzero"`
	ReadAt   time.Time `json:"read_at"`
}

// dueAt is when the rest is read: at once, and after a failure with a pause.
func (r *LogRest) dueAt(triedAt time.Time, policy Policy) time.Time {
	if triedAt.After(r.ReadAt) {
		return triedAt.Add(policy.LogPoll.D())
	}
	return r.ReadAt
}

// logInput asks for what is to be read next.
func (d *Desk) logInput(now time.Time) activities.LogInput {
	if rest := d.Door.Rest; rest != nil {
		return activities.LogInput{Lock: d.Lock, From: rest.From, Before: rest.Before}
	}
	return activities.LogInput{Lock: d.Lock, From: d.logFrom(now)}
}

// absorbLog takes in a reading of the log that began at a moment, oldest row first.
func (d *Desk) absorbLog(log activities.KeypadLog, at, now time.Time) {
	rest := d.Door.Rest
	if rest == nil {
		rest = &LogRest{From: d.logFrom(at), At: at}
		if len(log.Entries) > 0 {
			rest.NewestAt = log.Entries[0].At
		}
	}
	for _, entry := range slices.Backward(log.Entries) {
		if !d.old(entry, now) {
			d.typed(entry, now)
		}
	}
	if d.Door.Rest = nil; log.Rest != "" {
		rest.Before, rest.ReadAt = log.Rest, at
		d.Door.Rest = rest
		return
	}
	d.polled(rest.At, rest.NewestAt)
}

// logFrom is where the next reading of the log begins.
func (d *Desk) logFrom(now time.Time) time.Time {
	if d.Door.Covered.IsZero() {
		return now.Add(-d.rules().AuditEvery.D())
	}
	return latest(d.Door.Covered.Add(-logOverlap), now.Add(-logReach))
}

// polled notes a reading of the whole log that began at a moment. What was typed since
// the lock last had a link for certain may come into the log later; its newest row came
// by that link.
func (d *Desk) polled(at, newest time.Time) {
	covered := at
	if life := latest(d.Health.LifeAt, newest); !life.IsZero() && life.Before(at) {
		covered = life
	}
	d.Door.PolledAt, d.Door.Covered = at, latest(d.Door.Covered, covered)
}
