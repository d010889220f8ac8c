// This file is what the rows of present.go ask and answer.

package workflows

import "time"

// replaceAfter is how many writes must have failed before an entry is replaced:
// update and refresh.
const replaceAfter = 2

// rowRefusedAtDoor names the row of a guest whom the keypad refused.
const rowRefusedAtDoor = "refused-at-door"

// missing reports whether the entry is not in the list and its code is free.
func (s Situation) missing() bool { return s.Entry.Seen.Kind == Missing }

// codeTaken reports whether the entry is missing because another one holds its code.
func (s Situation) codeTaken() bool {
	return s.Entry.Seen.Kind == TakenByForeign || s.Entry.Seen.Kind == TakenBySibling
}

// differs reports whether the entry is there and a whole write would mend it.
func (s Situation) differs() bool {
	switch s.Entry.Seen.Kind {
	case TooNarrow, TooWide, CodeDiffers:
		return true
	}
	return s.Entry.Seen.Kind == Disabled && s.disabledByUs()
}

// quarantined reports whether the lock's front desk has put it in quarantine.
func (s Situation) quarantined() bool { return s.Lock.Advice.Quarantined }

// disabledByUs reports whether our own disarm switched the entry off, or that the
// caller wants it although somebody else did.
func (s Situation) disabledByUs() bool {
	if s.Entry.Resumed {
		return true
	}
	return s.Entry.Write.Kind == ActDisarm || s.Entry.Loose.Kind == ActDisarm
}

// difference says in words what the list shows.
func (s Situation) difference() string {
	switch s.Entry.Seen.Kind {
	case TooNarrow:
		return "a window that is too narrow"
	case TooWide:
		return "a window that is lost or too wide"
	case CodeDiffers:
		return "another code"
	}
	return "that it is disabled"
}

func waitOutTrouble(s Situation) Step {
	step := waitUntil(s, s.Entry.Trouble.RetryAt, "Wait before trying again: "+s.Entry.Trouble.Message)
	// Not cut short by a rung: the pause is the server's, or the account's.
	step.Until = s.Entry.Trouble.RetryAt
	step.Attention = troubleAttention(s)
	return step
}

func readDue(s Situation) Step {
	switch {
	case s.Entry.Seen.At.IsZero():
		return readWithLock("Read what the lock's list shows")
	case s.rungDue():
		return read(s, "Check point of the ladder: read the list again")
	case s.unreadWrite():
		return read(s, "A write has had its time: read what came of it")
	}
	return read(s, "Something happened on the lock: read the list again")
}

func operationRunning(s Situation) Step {
	running := s.Now.Sub(s.Entry.PendingSince)
	step := lookBefore(s, s.operationTurns(), "An operation is running on the authorization: wait for it, a write now would be refused")
	if running >= s.Policy.OperationSync.D() {
		step.WithLock = step.Do == ActRead
	}
	if running >= s.Policy.OperationSync.D() && !s.syncedSince(s.operationLooked()) {
		step = syncOr(s, s.operationLooked(), "An operation has been running for long: have the lock synced", step)
	}
	if running >= s.Policy.OperationStuck.D() {
		step.Attention = AttentionOperationStuck
	}
	return step
}

// operationTurns is when an operation will have been running for long, or for too
// long; zero once it has.
func (s Situation) operationTurns() time.Time {
	var next time.Time
	since, stuck := s.Entry.PendingSince, s.Policy.OperationStuck.D()
	for _, at := range []time.Time{since.Add(s.Policy.OperationSync.D()), since.Add(stuck), latest(since, s.Lock.OnlineSince).Add(stuck)} {
		if at.After(s.Now) {
			next = earliest(next, at)
		}
	}
	return next
}

// operationLooked is when a sync must last have been sent to know that an operation
// still runs: some have ended, and only the cloud's list still shows them, until a sync
// clears it. An entry that must go cannot be deleted before.
func (s Situation) operationLooked() time.Time {
	since := latest(s.Entry.PendingSince, s.dueRung())
	if n := len(s.Policy.RetrySteps); s.Entry.Absent && n > 0 {
		since = latest(since, s.Now.Add(-s.Policy.RetrySteps[n-1].D()))
	}
	return since
}

// create sends the authorization, unless the lock is known to be offline: from
// ForceCreate on, once a rung, it is sent all the same.
func create(s Situation, reason string) Step {
	step := Step{Do: ActCreate, Reason: reason}
	if s.forced() {
		step.Attention = offlineAttentionIfOffline(s)
		return step
	}
	return online(s, step)
}

// forced reports whether a create is due whatever is known of the lock: from
// ForceCreate on, once a rung, which a write for an older wish uses up as well.
func (s Situation) forced() bool {
	sent := latest(s.Entry.Write.At, s.Entry.Loose.At)
	return !s.Now.Before(s.CheckIn.Add(-s.Policy.ForceCreate.D())) && sent.Before(s.dueRung())
}

func offlineAttentionIfOffline(s Situation) Attention {
	if s.saidOffline() {
		return offlineAttention(s)
	}
	return ""
}

func createAgain(s Situation) Step {
	at := s.Entry.Write.At.Add(s.retry(s.Entry.Tries - 1))
	if s.Now.Before(at) {
		return lookBefore(s, at, "The create was lost: send it again after a pause")
	}
	return create(s, "The create was accepted and lost: send it again")
}

func refreshAgain(s Situation) Step {
	at := s.Entry.Write.At.Add(s.retry(s.Entry.Tries - 1))
	step := Step{Do: ActRefresh, Reason: "Updates do not reach the lock: write the whole document under the next name"}
	if s.Now.Before(at) {
		step = lookBefore(s, at, "Write the whole document again after a pause")
	} else {
		step = online(s, step)
	}
	if step.Attention == "" && s.Entry.Tries >= replaceAfter {
		step.Attention = differenceAttention(s)
	}
	return step
}

func differenceAttention(s Situation) Attention {
	if s.Entry.Seen.Kind == TooWide {
		return AttentionWindowLost
	}
	return AttentionChangedExternally
}

func watchOvertaken(s Situation) Step {
	const reason = "An older write may still land: keep reading until it has, or had time to"
	if !s.syncedSince(s.Entry.ExactSince) {
		return syncOrWait(s, s.Entry.ExactSince, reason)
	}
	return lookAtLock(s, reason)
}

// provenFrom is when a sync must last have been sent for the proof of this check
// point. One that is being made without a mark is not begun anew by the next one.
func (s Situation) provenFrom() time.Time {
	written := s.Entry.Write.answered()
	made := latest(s.Entry.ExactSince.Add(s.Policy.TimedGap.D()), s.Lock.lastSync().Add(s.Policy.MarkWait.D()))
	if s.syncedSince(written) && !s.Entry.Proof.Level.AtLeast(ProofReread) && s.Now.Before(made.Add(s.Policy.RetryFloor.D())) {
		return written
	}
	return latest(s.dueRung(), written)
}

// renewalDue reports whether a rung has come since the proof was made, and no sync since
// to make it anew: whoever read the list at the rung, and though the sync may have to
// keep its gap.
func (s Situation) renewalDue() bool {
	return s.Entry.Proof.At.Before(s.dueRung()) && s.Entry.Seen.Kind == Exact && s.Entry.Proof.Level == ProofReread &&
		!(s.provenEnough() && s.settled()) && !s.syncedSince(s.renewFrom())
}

// renewFrom is when a sync must last have been sent to renew a proof: after it was
// made, long after the write, and not longer ago than a proof lasts. The daily
// audit of the lock often serves.
func (s Situation) renewFrom() time.Time {
	settled := s.Entry.Write.answered().Add(s.Policy.Settled.D())
	if settled.After(s.Now) {
		settled = s.dueRung()
	}
	return latest(latest(s.Entry.Proof.At, settled), s.dueRung().Add(-s.Policy.ProofLife.D()))
}

// refusedAtDoor reports whether the keypad has refused the guest, and that the sync and
// the re-read to which this led have not answered that yet.
func (s Situation) refusedAtDoor() bool {
	refused := s.Entry.RefusedAt
	if refused.IsZero() {
		return false
	}
	if !s.syncedSince(refused) {
		return s.doorSyncAllowed()
	}
	return s.awaitsMark() || s.Lock.marked() && s.Entry.Seen.At.Before(s.Lock.MarkAt)
}

// doorSyncAllowed reports whether this refusal leads to a sync, or has: the last one
// that did is long enough ago. Other syncs do not count, as a guest who is refused
// right after a check point is refused all the same.
func (s Situation) doorSyncAllowed() bool {
	last := s.Lock.DoorSyncAt
	return last.IsZero() || !last.Before(s.Entry.RefusedAt) || s.Now.Sub(last) >= s.Policy.DoorSync.D()
}

// lookAtDoor has the lock synced, and reads what it holds then.
func lookAtDoor(s Situation) Step {
	const reason = "The keypad refused the guest: see what the lock really holds"
	if !s.syncedSince(s.Entry.RefusedAt) {
		return syncOrWait(s, s.Entry.RefusedAt, reason)
	}
	return lookAtLock(s, reason)
}

// awaitMark polls for the mark of a sync only from a third of its time on:
// where there are webhooks, one of them wakes earlier and for free.
func awaitMark(s Situation) Step {
	const reason = "Wait for the sync to complete, then read again"
	first := s.Lock.lastSync().Add(s.Policy.MarkWait.D() / 3)
	if s.Now.Before(first) {
		return waitUntil(s, first, reason)
	}
	return lookAtLock(s, reason)
}

// secondRead makes the second of two exact reads. Where that cannot prove more,
// the next rung tries again.
func secondRead(s Situation) Step {
	sync := s.Lock.lastSync()
	at := latest(s.Entry.ExactSince.Add(s.Policy.TimedGap.D()), sync.Add(s.Policy.MarkWait.D()))
	switch {
	case s.Now.Before(at):
		return waitUntil(s, at, "The sync left no mark: a second exact read will do instead")
	case s.Entry.Seen.At.Before(at):
		return readWithLock("Second exact read in the place of a mark of the sync")
	}
	return lookAtLock(s, "Listed, and no better proof to be had yet: keep reading")
}
