// This file is what a lock's front desk does about answers that fail, and the
// bounds of what it asks for. Pure.

package workflows

import "time"

// deskUrgency is the priority of looks: they can wait for every door with a
// deadline. A sync that guests wait for goes first, any other with the day's work.
const deskUrgency = 5

func syncUrgency(urgent bool) int {
	if urgent {
		return 1
	}
	return 3
}

// troubled keeps the error of a call about the lock.
func (d *Desk) troubled(err error, now time.Time) {
	policy := d.rules()
	delay := func(n int) time.Duration { return retryDelay(policy.RetrySteps, n, 0, policy.RetryFloor.D()) }
	d.Health.Trouble = newTrouble(d.Health.Trouble, err, now, delay)
}

// unseen puts off the next look after one that failed.
func (d *Desk) unseen(err error, now time.Time) {
	d.troubled(err, now)
	d.Audit.NotBefore = latest(d.Health.Trouble.RetryAt, now.Add(d.rules().RetryFloor.D()))
}

// synced records a sync that the API accepted; one that was ordered is done.
func (d *Desk) synced(at time.Time) {
	d.Health.Trouble = Trouble{}
	d.SyncDesk.sent(at)
	d.Audit.SyncAt = latest(d.Audit.SyncAt, at.Add(d.rules().AuditSync.D())) // It is the day's, whoever asked.
}
