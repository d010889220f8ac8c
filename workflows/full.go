// This file is the lock that is full: nothing more can be created there until
// something else has gone.

package workflows

import "time"

// rowLockFull names the row of a lock that is full.
const rowLockFull = "lock-full"

// full reports whether the list holds as many codes as the lock has room for.
func (s Situation) full() bool { return s.Entry.Seen.Total >= s.Policy.Capacity }

// noRoom reports whether a create cannot succeed for want of room: none was accepted
// yet, or it was and came to nothing. What was proven there and has vanished is
// another matter.
func (s Situation) noRoom() bool {
	vanished, fresh := s.wasThere() && s.Entry.Confirmed, s.sent(ActCreate) && s.withinGrace()
	return s.full() && (s.missing() && !vanished && !fresh || s.codeTaken() && !s.Told && !s.NoOther)
}

// deferCreation waits for room by the retry table. From ForceCreate on one create
// is sent a rung all the same: the list may be behind, and the lock has the last
// word.
func deferCreation(s Situation) Step {
	step := Step{Do: ActCreate, Reason: "deferred_creation: the lock is full, but check-in is near: send the create all the same, once a check point"}
	if !s.missing() || !s.forced() {
		step = readAfter(s, s.retry(s.Entry.Looks-1), "deferred_creation: the lock is full, wait until another code has gone")
	}
	if s.atRisk() {
		step.Attention = AttentionNoSpace
	}
	return step
}

// readAfter reads again when a pause has passed since the last read.
func readAfter(s Situation, pause time.Duration, reason string) Step {
	at := s.Entry.Seen.At.Add(pause)
	if !s.Now.Before(at) {
		return read(s, reason)
	}
	return waitUntil(s, at, reason)
}
