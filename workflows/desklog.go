// This file is when a front desk reads its keypad's log for what no webhook told,
// and from where on. Pure.

package workflows

import (
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

// lingers says that an entry which should be gone is not proven gone: its PIN may open.
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

// logOverlap is how much of the log is read again: a row may show up late.
const logOverlap = 10 * time.Minute

// logFrom is where the next reading of the log begins.
func (d *Desk) logFrom(now time.Time) time.Time {
	if d.Door.Covered.IsZero() {
		return now.Add(-d.rules().AuditEvery.D())
	}
	return latest(d.Door.Covered.Add(-logOverlap), now.Add(-rowLife))
}

// polled notes a reading of the log that began at a moment. What was typed since the
// lock last had a link for certain may come into the log later.
func (d *Desk) polled(at time.Time) {
	covered := at
	if life := d.Health.LifeAt; !life.IsZero() && life.Before(at) {
		covered = life
	}
	d.Door.PolledAt, d.Door.Covered = at, latest(d.Door.Covered, covered)
}
