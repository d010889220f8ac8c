// This file is the recovery policy for an entry that is not wished any more:
// check-out, cancellation, room move, or replaced.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
)

// AbsentRows decides about an entry that must go. The first row that applies
// decides.
var AbsentRows = []Row{
	{
		ID: "written-off", Says: "a person gave it up, as its lock is out of reach for good: done, until the lock is heard of again",
		When: func(s Situation) bool {
			asked := s.Entry.Seen.Stale && s.Entry.Trouble.RetryAt.IsZero()
			return s.Entry.WrittenOff && !asked
		},
		Then: func(Situation) Step {
			return Step{Do: ActDone, Attention: AttentionWrittenOff, Reason: "A person wrote it off: it was not proven gone"}
		},
	},
	{
		ID: "waiting-out-trouble", Says: "an error is being waited out: the server's Retry-After, else the retry table",
		When: func(s Situation) bool { return s.Now.Before(s.Entry.Trouble.RetryAt) },
		Then: waitOutTrouble,
	},
	{
		ID: "lock-gone", Says: "the lock itself is gone (404), and the window has closed: nothing of ours can open it; before, it may come back",
		When: func(s Situation) bool {
			gone := s.Entry.Trouble.Type == activities.ErrLockUnknown && s.Entry.Trouble.InARow >= lockGoneAfter
			return gone && !s.Now.Before(s.Entry.Window.Until)
		},
		Then: func(Situation) Step {
			return Step{Do: ActDone, Attention: AttentionLockUnknown, Reason: "The lock is not in the account any more"}
		},
	},
	{
		ID: "list-implausible", Says: "many entries vanished at once, foreign ones too: no evidence; sync once, re-read; attention from the second read on",
		When: Situation.doubtful,
		Then: bearOut,
	},
	{
		ID: "read-due", Says: "never read, woken, or a write has not been read after in its grace: read",
		When: Situation.mustRead,
		Then: readDue,
	},
	{
		ID: "removed", Says: "absence proven: look again after 1 and 7 days, for writes that land late; after 1, 3, 6 and 12 hours while the window is open; with a sync until one has come long after the delete",
		When: func(s Situation) bool { return !s.Entry.RemovedAt.IsZero() },
		Then: lookBack,
	},
	{
		ID: "operation-running", Says: "an operation is running: wait, never write (423); sync after 10 min, attention after 30",
		When: func(s Situation) bool { return s.Entry.Seen.Kind == Running },
		Then: operationRunning,
	},
	{
		ID: "disarmed", Says: "disarmed: the PIN is free; go on deleting until proven gone",
		When: func(s Situation) bool { return s.stillThere() && s.Entry.Write.Kind == ActDisarm && s.withinGrace() },
		Then: func(s Situation) Step { return look(s, "Wait for the lock to take the disarmed document") },
	},
	{
		ID: "there-in-grace", Says: "a delete was accepted: wait for a wake-up, or re-read",
		When: func(s Situation) bool { return s.stillThere() && s.sent(ActDelete) && s.withinGrace() },
		Then: func(s Situation) Step { return look(s, "Wait for the lock to drop the authorization") },
	},
	{
		ID: "there-first", Says: "there: delete",
		When: func(s Situation) bool { return s.stillThere() && s.Entry.Tries == 0 },
		Then: func(s Situation) Step {
			return online(s, Step{Do: ActDelete, Reason: "Delete the authorization: " + s.Entry.Why})
		},
	},
	{
		ID: "there-no-progress", Says: "no progress: sync, re-read",
		When: func(s Situation) bool {
			return s.stillThere() && !s.syncedSince(s.Entry.Write.answered()) && s.maySync()
		},
		Then: func(s Situation) Step {
			return sync(s, s.Entry.Write.answered(), "The delete was accepted and the entry is still listed: have the lock synced")
		},
	},
	{
		ID: "there-awaits-sync", Says: "a sync is under way: re-read when it is complete",
		When: func(s Situation) bool {
			return s.stillThere() && s.awaitsMark() && s.syncedSince(s.Entry.Write.answered())
		},
		Then: func(s Situation) Step { return lookAtLock(s, "Wait for the sync to complete, then read again") },
	},
	{
		ID: "there-again", Says: "still there: delete again",
		When: func(s Situation) bool { return s.stillThere() && s.Entry.Tries < disarmAfter },
		Then: func(s Situation) Step {
			return deleteAgain(s, ActDelete, "The delete was accepted and lost: send it again")
		},
	},
	{
		ID: "there-ghost", Says: "still there after two deletes: disarm, delete again, in turns; attention ghost_on_device",
		When: Situation.stillThere,
		Then: ghost,
	},
	{
		ID: "missing-may-land", Says: "missing, and a create of ours may still land: keep looking until it has, or had time to",
		When: func(s Situation) bool { return !s.Entry.settled(s.Now, s.Policy) },
		Then: awaitLateCreate,
	},
	{
		ID: "missing-awaits-mark", Says: "missing once, a sync is under way: re-read when it is complete",
		When: func(s Situation) bool { return s.awaitsMark() && s.syncedSince(s.Entry.MissingSince) },
		Then: func(s Situation) Step { return awaitMark(s) },
	},
	{
		ID: "missing-no-mark", Says: "missing, the sync left no mark: two reads 5 minutes apart do instead",
		When: func(s Situation) bool { return s.syncedSince(s.Entry.MissingSince) },
		Then: secondMissing,
	},
	{
		ID: "missing-once", Says: "missing once: sync, re-read",
		When: func(Situation) bool { return true },
		Then: func(s Situation) Step {
			return syncOrWait(s, s.Entry.MissingSince, "Gone from the list: have the lock synced, to see that it is gone there too")
		},
	},
}

// disarmAfter is how many deletes must have failed before an entry is disarmed.
const disarmAfter = 2

// lockGoneAfter is how many answers in a row must say that a lock is unknown.
const lockGoneAfter = 3

// stillThere reports whether the list shows the entry.
func (s Situation) stillThere() bool { return s.Entry.Seen.Kind.there() }

// lookBack waits for the next look after a removal. Delete and proof may have
// come in the same bad hour, in which a sync is answered and does nothing: so
// looks begin with a sync, until one has come long after the delete.
func lookBack(s Situation) Step {
	looks := s.Entry.looks(s.Policy)
	if s.Entry.LooksDone >= len(looks) {
		return Step{Do: ActDone, Reason: "Proven gone, and not come back"}
	}
	at := looks[s.Entry.LooksDone]
	switch {
	case s.Now.Before(at):
		return waitUntil(s, at, "Proven gone: look again, in case an old write lands late")
	case !s.removalSettled() && !s.syncedSince(s.settleFrom(at)) && s.maySync():
		return sync(s, s.settleFrom(at), "Look again, with a sync: the proof was made in the same hour as the delete")
	case s.awaitsMark():
		return awaitMark(s)
	}
	return read(s, "Look again, in case an old write has landed late")
}

// settleFrom is when a sync must last have been sent to settle a removal: long
// after the delete, or at the look where that is sooner.
func (s Situation) settleFrom(look time.Time) time.Time {
	return earliest(s.Entry.Write.answered().Add(s.Policy.Settled.D()), look)
}

// removalSettled reports whether a sync has completed long after the last write.
func (s Situation) removalSettled() bool {
	return s.Entry.untouched() || s.Lock.marked() && s.Lock.lastSync().Sub(s.Entry.Write.At) >= s.Policy.Settled.D()
}

func deleteAgain(s Situation, action Action, reason string) Step {
	at := s.Entry.Write.At.Add(s.retry(s.Entry.Tries - 1))
	if s.Now.Before(at) {
		return lookBefore(s, at, reason+", after a pause")
	}
	return online(s, Step{Do: action, Reason: reason})
}

func ghost(s Situation) Step {
	action, reason := ActDelete, "The entry will not go: delete it again"
	if s.Entry.Write.Kind == ActDelete && s.Entry.Seen.Code == s.Entry.PIN {
		action, reason = ActDisarm, "The entry will not go: overwrite it, disabled and with a code of nobody"
	}
	step := deleteAgain(s, action, reason)
	if step.Attention == "" {
		step.Attention = AttentionGhost
	}
	return step
}

func awaitLateCreate(s Situation) Step {
	const reason = "A create of ours may still land: keep looking"
	if !s.syncedSince(s.Entry.MissingSince) && s.maySync() {
		return sync(s, s.Entry.MissingSince, reason)
	}
	return lookAtLock(s, reason)
}

func secondMissing(s Situation) Step {
	at := latest(s.Entry.MissingSince.Add(s.Policy.TimedGap.D()), s.Lock.lastSync().Add(s.Policy.MarkWait.D()))
	switch {
	case s.Now.Before(at):
		return waitUntil(s, at, "The sync left no mark: a second read without it will do instead")
	case s.Entry.Seen.At.Before(at):
		return readWithLock("Second read in the place of a mark of the sync")
	}
	return syncOrWait(s, s.Lock.lastSync(), "No proof of absence yet: have the lock synced again")
}
