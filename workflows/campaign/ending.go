// This file judges the endings that come before a window has closed by itself:
// cancelled, left early, moved to another room, another PIN.

package campaign

import (
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// deadWithin is how long after the first planned look in a good spell a PIN may
// still open.
const deadWithin = 30 * time.Minute

// endings finds and judges every early ending of a stay.
func (j *judging) endings() {
	for i := 1; i < len(j.stay.Messages); i++ {
		for _, lock := range j.stay.locks() {
			before, now := j.stay.Messages[i-1], j.stay.Messages[i]
			granted := before.Wish.Status.WantsEntry() && has(before.Wish, lock) && before.Wish.Window().Until.After(now.At)
			still := now.Wish.Status.WantsEntry() && has(now.Wish, lock) && before.Wish.PIN == now.Wish.PIN
			if granted && !still {
				j.verdict.Endings = append(j.verdict.Endings, j.ending(i, lock))
			}
		}
	}
}

// ending judges that message i ends what the one before it had granted.
func (j *judging) ending(i int, lock int64) Ending {
	before, at := j.stay.Messages[i-1].Wish, j.stay.Messages[i].At
	e := Ending{Lock: lock, At: at, InTime: true}
	until := before.Window().Until
	if i+1 < len(j.stay.Messages) {
		until = earlier(until, j.stay.Messages[i+1].At)
	}
	deadline, ok := j.deadlineOf(i, lock)
	e.Feasible = ok && deadline.Before(until)
	begins := later(at, before.Window().From)
	for now := begins; now.Before(until); now = now.Add(time.Minute) {
		if j.opensOld(i, lock, now) {
			e.Lived = now.Sub(begins) + time.Minute
			e.InTime = e.InTime && now.Before(deadline)
		}
	}
	return e
}

// deadlineOf is the deadline of an ending. A PIN that another one replaces stays
// until that one is on every door, so that the guest is never without: all doors
// count then.
func (j *judging) deadlineOf(i int, lock int64) (at time.Time, ok bool) {
	message := j.stay.Messages[i]
	if !message.Wish.Status.WantsEntry() || !has(message.Wish, lock) {
		return j.deadline(lock, message.At)
	}
	for _, door := range message.Wish.Locks {
		deadline, ok := j.deadline(door.SmartlockID, message.At)
		if !ok {
			return time.Time{}, false
		}
		at = later(at, deadline)
	}
	return at, true
}

// opensOld reports whether a PIN which message i has ended opens a door.
func (j *judging) opensOld(i int, lock int64, at time.Time) bool {
	wish := j.stay.Messages[i].Wish
	for _, pin := range j.log.pins(j.stay.ID) {
		if wish.Status.WantsEntry() && has(wish, lock) && j.fresh(i, pin) {
			continue
		}
		if j.opensByOwn(lock, pin, at) {
			return true
		}
	}
	return false
}

// fresh reports whether a PIN is the one that message i brought along.
func (j *judging) fresh(i int, pin nuki.PIN) bool {
	code, ok := supplied(j.stay.Messages[i].Wish)
	return ok && code == pin
}

// deadline is when an ended PIN must be dead: some time after the first planned
// look that falls into a good spell. Planned looks are the one at once, or when a
// lock without a connection has one again, as the retry table finds out, and those
// after a removal.
func (j *judging) deadline(lock int64, ended time.Time) (at time.Time, ok bool) {
	planned := j.plan.lock(lock)
	spells := planned.goodSpells(span{ended, j.plan.Ends}, j.stay)
	slack := time.Duration(0)
	if back := planned.connectedFrom(ended); back.After(ended) {
		ended, slack = back, j.policy.RetrySteps[len(j.policy.RetrySteps)-1].D()
	}
	for _, after := range append([]workflows.Duration{0}, append(j.policy.OpenLooks, j.policy.Looks...)...) {
		look := ended.Add(after.D())
		for _, spell := range spells {
			if spell.length() >= longEnough && spell.has(look) && spell.has(look.Add(slack)) {
				return look.Add(slack + deadWithin), true
			}
		}
	}
	return time.Time{}, false
}

// connectedFrom is the first moment from another on at which a lock has a
// connection.
func (l *PlannedLock) connectedFrom(at time.Time) time.Time {
	for again := true; again; {
		again = false
		for _, trouble := range l.Troubles {
			if trouble.Offline && !at.Before(trouble.From) && at.Before(trouble.Until) {
				at, again = trouble.Until, true
			}
		}
	}
	return at
}
