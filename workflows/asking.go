// This file is how a reservation has its locks synced: it asks the lock's front
// desk, so that one sync serves everybody, and acts alone only where no answer
// comes. Pure.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Asked is a request for a sync that has not been granted.
type Asked struct {
	At time.Time `json:"at,omitzero"`
	Ask
	// From is when the front desk said that the next sync may be sent.
	From time.Time `json:"from,omitzero"`
	// Failed: the front desk does not run.
	Failed bool `json:"failed,omitempty"`
}

// until is how long an answer is waited for.
func (a Asked) until(policy Policy) time.Time { return latest(a.At, a.From).Add(policy.AskWait.D()) }

// open reports whether the request still counts: long after its time it is forgotten.
func (a Asked) open(now time.Time, policy Policy) bool {
	return !a.At.IsZero() && now.Before(a.until(policy).Add(policy.SyncGap.D()))
}

// serves reports whether the open request stands for a step as well. Any sync that is sent
// from now on does, so only urgency matters. What the step counts from is not compared:
// in some steps that moves with every turn, and they would ask again each time.
func (a Asked) serves(step Step) bool { return a.Urgent || !step.Urgent }

// with is the request that stands for a step and for what was asked before: two
// entries of one lock must not take turns in asking. Patience counts from the
// first of them, but for one that has become urgent: it does not wait for what the
// front desk said to one that could wait.
func (a Asked) with(step Step, reservation string, now time.Time, policy Policy) Asked {
	asked := Asked{At: now, Ask: Ask{Reservation: reservation, Since: step.Since, Urgent: step.Urgent}}
	if !a.open(now, policy) || a.Failed {
		return asked
	}
	asked.Since, asked.Urgent = latest(a.Since, step.Since), a.Urgent || step.Urgent
	if asked.Urgent == a.Urgent {
		asked.At, asked.From = a.At, a.From
	}
	return asked
}

// throughDesk turns a sync into a wait while the front desk has not answered, and
// into one of our own where no answer came.
func throughDesk(s Situation, step Step) Step {
	asked := s.Lock.Asked
	switch {
	case step.Do != ActSync || !asked.open(s.Now, s.Policy):
		return step
	case asked.Failed || !s.Now.Before(asked.until(s.Policy)):
		step.Alone = true
		return step
	case !asked.serves(step):
		return step
	}
	wait := waitUntil(s, asked.until(s.Policy), step.Reason+" (the lock's front desk was asked)")
	wait.Attention, wait.Row = step.Attention, step.Row
	return wait
}

// told is the time of the next sync that the front desk named; zero without one.
// It said so for a request that was as urgent.
func (s Situation) told() time.Time {
	if s.urgent() && !s.Lock.Asked.Urgent {
		return time.Time{}
	}
	return s.Lock.Asked.From
}

// deskAnswered takes the front desk's answer in: a sync that was sent, and from when
// on the next one may be, where that one does not serve.
func (s *State) deskAnswered(lock int64, news SyncNews, now time.Time) {
	memory := s.lock(lock)
	if news.At.After(memory.lastSync()) {
		memory.synced(news.At)
		s.lookSoon(lock)
	}
	if !news.MarkAt.IsZero() && !memory.marked() {
		memory.MarkAt, memory.WokenAt = news.MarkAt, now
	}
	switch {
	case news.At.After(memory.Asked.Since):
		memory.Asked = Asked{}
	case !news.From.IsZero():
		memory.Asked.From = news.From
	}
}

// looksAtSync is how many looks still count as made after a sync by the front desk: the
// pauses between looks grow with their number, and a sync shows within half a minute.
const looksAtSync = 3

// lookSoon has a lock's entries looked at soon, however long they have been waited for.
func (s *State) lookSoon(lock int64) {
	for _, entry := range s.entriesOn(lock) {
		entry.Looks = min(entry.Looks, looksAtSync)
	}
}

// landed notes how long a write took, once a read has shown it.
func (m *LockMemory) landed(before Entry, entry *Entry, at time.Time) {
	if before.Write.Pending() && entry.Write.Shown && !entry.Write.Unsure {
		seconds := int64(at.Sub(before.Write.At) / time.Second)
		m.Took = append(m.Took, activities.Took{At: before.Write.At, Seconds: seconds})
	}
}

// sentAgain notes that a write was lost: it was accepted, no read has shown it, and
// the next one is sent. Of a lock without a link nothing else is to be expected, and an
// entry that stays listed whatever is done says so once: one ghost makes no bad lock.
func (m *LockMemory) sentAgain(entry *Entry, at time.Time) {
	lost := entry.Tries > 0 && entry.Write.Pending() && !entry.Write.Unsure
	if ghost := entry.Absent && entry.Tries > disarmAfter; lost && !ghost && (m.State == nil || m.State.ServerState == nuki.ServerOnline) {
		seconds := int64(at.Sub(entry.Write.At) / time.Second)
		m.Took = append(m.Took, activities.Took{At: entry.Write.At, Seconds: seconds, Lost: true})
	}
}
