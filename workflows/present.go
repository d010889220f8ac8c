// This file is the recovery policy for an entry that is wished: before and
// during the stay.

package workflows

// PresentRows decides about an entry that is wished. The first row that applies
// decides.
var PresentRows = []Row{
	{
		ID: "waiting-out-trouble", Says: "an error is being waited out: the server's Retry-After, else the retry table",
		When: func(s Situation) bool { return s.Now.Before(s.Entry.Trouble.RetryAt) },
		Then: waitOutTrouble,
	},
	{
		ID: "list-implausible", Says: "many entries vanished at once, foreign ones too: no evidence; sync once, re-read; attention from the second read on",
		When: Situation.doubtful,
		Then: bearOut,
	},
	{
		ID: "stale-proof-at-rung", Says: "a rung has come and the proof is older than its life, or was made right after the write: sync first, read after",
		When: func(s Situation) bool { return s.renewalDue() && s.maySync() },
		Then: func(s Situation) Step {
			return sync(s, s.renewFrom(), "Renew the proof: it is old, or was made in the same hour as the write")
		},
	},
	{
		ID: "read-due", Says: "never read, woken, a rung has come, or a write has not been read after in its grace: read",
		When: Situation.mustRead,
		Then: readDue,
	},
	{
		ID: "operation-stuck-untold", Says: "an operation has been running for 30 min, and the PIN is not told: replace",
		When: func(s Situation) bool { return s.stuck() && !s.Told && s.replaceable() },
		Then: func(s Situation) Step {
			return ask(s, AttentionOperationStuck, "An operation on the authorization does not end, and nobody has been told the PIN: replace it by a fresh one")
		},
	},
	{
		ID: "operation-stuck-second", Says: "the same, the PIN is told, and check-in is near: a second PIN beside it on all doors",
		When: func(s Situation) bool { return s.stuck() && s.secondDue() },
		Then: func(s Situation) Step {
			return ask(s, AttentionOperationStuck, "An operation on the authorization does not end"+besideReason)
		},
	},
	{
		ID: "operation-running", Says: "an operation is running: wait, never write (423); sync after 10 min, attention after 30",
		When: func(s Situation) bool { return s.Entry.Seen.Kind == Running },
		Then: operationRunning,
	},
	{
		ID: "account-refused", Says: "the lock's link to the account is broken: a person must set it up anew",
		When: Situation.accountBroken,
		Then: func(s Situation) Step {
			return slowly(s, AttentionAccountRefused, "The lock's link to the Nuki account is broken: set it up anew in Nuki's app")
		},
	},
	{
		ID: "keypad-missing", Says: "the lock has no keypad",
		When: Situation.keypadMissing,
		Then: func(s Situation) Step {
			return slowly(s, AttentionKeypadMissing, "The lock has no keypad: pair one, or take the lock out of the reservation")
		},
	},
	{
		ID: rowLockFull, Says: "missing, and the lock is full: deferred_creation, attention no_space from 24 h on; from 4 h on one create a rung",
		When: Situation.noRoom,
		Then: deferCreation,
	},
	{
		ID: "code-taken-untold", Says: "another entry holds the code and the PIN is not told: a fresh PIN on all doors",
		When: func(s Situation) bool { return s.codeTaken() && !s.Told && !s.NoOther },
		Then: func(s Situation) Step {
			return Step{Do: ActAskFreshPIN, Reason: "Another entry of the lock holds this code, and nobody has been told the PIN: take a fresh one on all doors"}
		},
	},
	{
		ID: "code-with-sibling-leaving", Says: "another stay of ours holds the code and ends before this one begins: wait for its removal; attention from 24 h on",
		When: Situation.siblingLeaves,
		Then: awaitSibling,
	},
	{
		ID: "code-taken-second", Says: "another entry holds the code, the PIN is told, and check-in is near: a second PIN beside it on all doors",
		When: func(s Situation) bool { return s.takenForSure() && s.secondDue() },
		Then: func(s Situation) Step {
			return ask(s, AttentionPINConflict, "Another entry of the lock holds this code"+besideReason)
		},
	},
	{
		ID: "code-with-sibling", Says: "another stay of ours holds the code beyond the beginning: attention, wait for its removal, never ask to remove it",
		When: func(s Situation) bool { return s.Entry.Seen.Kind == TakenBySibling },
		Then: bearSibling,
	},
	{
		ID: "code-taken-told", Says: "another entry holds the code and the PIN is told: attention, keep looking",
		When: Situation.codeTaken,
		Then: func(s Situation) Step {
			return slowly(s, AttentionPINConflict, "Another entry of the lock holds this PIN: remove that entry, or send another PIN")
		},
	},
	{
		ID: "missing-never-sent", Says: "missing, nothing sent: create",
		When: func(s Situation) bool { return s.missing() && !s.wasThere() && !s.sent(ActCreate) },
		Then: func(s Situation) Step { return create(s, "Create the authorization: it is not on the lock yet") },
	},
	{
		ID: "missing-in-grace", Says: "missing after an accepted create: wait for a wake-up, or read after 6 s, 12 s, … (half of it with a guest at the door)",
		When: func(s Situation) bool { return s.missing() && s.sent(ActCreate) && s.withinGrace() },
		Then: func(s Situation) Step { return look(s, "Wait for the lock to take the authorization") },
	},
	{
		ID: "missing-after-grace", Says: "missing after an accepted create, no progress: sync, re-read",
		When: func(s Situation) bool {
			return s.missing() && s.sent(ActCreate) && !s.syncedSince(s.Entry.Write.answered()) && s.maySync()
		},
		Then: func(s Situation) Step {
			return sync(s, s.Entry.Write.answered(), "The create was accepted and does not show: have the lock synced")
		},
	},
	{
		ID: "missing-awaits-sync", Says: "missing, a sync is under way: re-read when it is complete",
		When: func(s Situation) bool {
			return s.missing() && s.awaitsMark() && s.syncedSince(s.Entry.Write.answered())
		},
		Then: func(s Situation) Step { return lookAtLock(s, "Wait for the sync to complete, then read again") },
	},
	{
		ID: "missing-still", Says: "missing after create, sync and re-read: create again (a 409 means maybe mine: read)",
		When: func(s Situation) bool { return s.missing() && s.sent(ActCreate) },
		Then: createAgain,
	},
	{
		ID: "vanished-unconfirmed", Says: "was listed, and gone after a sync that never confirmed it: the create was lost, create again",
		When: func(s Situation) bool {
			return s.missing() && !s.Entry.Confirmed && !s.sent(ActCreate) && s.syncedSince(s.Entry.Write.answered()) && !s.awaitsMark()
		},
		Then: createAgain,
	},
	{
		ID: "vanished", Says: "was there and is missing: never trust one read, sync and re-read",
		When: func(s Situation) bool {
			return s.missing() && !s.syncedSince(s.Entry.MissingSince) && s.Entry.Lost == 0
		},
		Then: func(s Situation) Step {
			return syncOrWait(s, s.Entry.MissingSince, "The authorization has vanished: have the lock synced before believing it")
		},
	},
	{
		ID: "vanished-once", Says: "deleted by somebody else, or lost: create once more, attention deleted_externally",
		When: func(s Situation) bool { return s.missing() && s.Entry.Lost == 0 },
		Then: func(s Situation) Step {
			step := create(s, "The authorization was deleted, and not by Keystay: create it once more")
			step.Attention = AttentionDeletedExternally
			return step
		},
	},
	{
		ID: "vanished-again", Says: "deleted by somebody else a second time: a person's act, hold",
		When: Situation.missing,
		Then: func(s Situation) Step {
			return slowly(s, AttentionDeletedExternally, "The authorization was deleted a second time, and not by Keystay: held until a person looks")
		},
	},
	{
		ID: "disabled-externally", Says: "disabled by somebody else: a person's act, attention changed_externally, hold until the next message",
		When: func(s Situation) bool { return s.Entry.Seen.Kind == Disabled && !s.disabledByUs() },
		Then: func(s Situation) Step {
			return slowly(s, AttentionChangedExternally, "Somebody disabled the authorization: held until a person looks")
		},
	},
	{
		ID: "update-in-grace", Says: "a write was accepted and does not show yet: wait for a wake-up, or re-read",
		When: func(s Situation) bool { return s.differs() && s.sent(ActUpdate, ActRefresh) && s.withinGrace() },
		Then: func(s Situation) Step { return look(s, "Wait for the lock to take the whole document") },
	},
	{
		ID: "differs-quarantined", Says: "the same on a lock in quarantine, and the PIN is not told: no update in place, replace",
		When: func(s Situation) bool { return s.differs() && s.quarantined() && !s.Told && s.replaceable() },
		Then: func(s Situation) Step {
			return ask(s, "", "The lock is in quarantine, and nobody has been told the PIN: replace the authorization rather than update it, as the list shows "+s.difference())
		},
	},
	{
		ID: "differs-first", Says: "window too narrow, too wide or lost, or another code: update, whole document",
		When: func(s Situation) bool { return s.differs() && s.Entry.Tries == 0 },
		Then: func(s Situation) Step {
			return online(s, Step{Do: ActUpdate, Reason: "Write the whole document: the list shows " + s.difference()})
		},
	},
	{
		ID: "differs-no-progress", Says: "the update made no progress: sync, re-read",
		When: func(s Situation) bool {
			return s.differs() && s.Entry.Tries > 0 && !s.syncedSince(s.Entry.Write.answered()) && s.maySync()
		},
		Then: func(s Situation) Step {
			return sync(s, s.Entry.Write.answered(), "The update was accepted and does not show: have the lock synced")
		},
	},
	{
		ID: "differs-awaits-sync", Says: "a sync is under way: re-read when it is complete",
		When: func(s Situation) bool {
			return s.differs() && s.awaitsMark() && s.syncedSince(s.Entry.Write.answered())
		},
		Then: func(s Situation) Step { return lookAtLock(s, "Wait for the sync to complete, then read again") },
	},
	{
		ID: "differs-replace", Says: "neither update nor refresh helped, the lock is online, and the PIN is not told: replace",
		When: func(s Situation) bool {
			return s.differs() && s.Entry.Tries >= replaceAfter && !s.Told && s.replaceable()
		},
		Then: func(s Situation) Step {
			return ask(s, "", "Updates do not reach the lock, and nobody has been told the PIN: replace the authorization under a fresh one")
		},
	},
	{
		ID: "differs-second", Says: "the same, the PIN is told and does not open, and check-in is near: a second PIN beside it on all doors",
		When: func(s Situation) bool {
			return s.differs() && s.Entry.Seen.Kind != TooWide && s.Entry.Tries >= replaceAfter && s.secondDue()
		},
		Then: func(s Situation) Step {
			return ask(s, differenceAttention(s), "Updates do not reach the lock"+besideReason)
		},
	},
	{
		ID: "differs-refresh", Says: "still none: refresh (whole document, next name suffix); attention, keep trying",
		When: Situation.differs,
		Then: refreshAgain,
	},
	{
		ID: "reported", Says: "a person reports that it does not work, and the list shows nothing wrong: sync, re-read",
		When: Situation.reportedUnsynced,
		Then: syncReported,
	},
	{
		ID: "reported-in-grace", Says: "a write was sent a moment ago: re-read before the next one",
		When: func(s Situation) bool { return s.reported() && s.Entry.Write.Pending() && s.withinGrace() },
		Then: func(s Situation) Step { return look(s, "Wait for the lock to take the whole document") },
	},
	{
		ID: "reported-refresh", Says: "still nothing wrong: write the whole document under the next name",
		When: func(s Situation) bool { return s.reported() && !s.rewritten() },
		Then: refreshReported,
	},
	{
		ID: "reported-second", Says: "then a second PIN beside it on all doors",
		When: func(s Situation) bool { return s.reported() && s.replaceable() },
		Then: func(s Situation) Step {
			return ask(s, "", "A person reports that the PIN does not work, and writing it anew is all that could be done: take another one")
		},
	},
	{
		ID: rowRefusedAtDoor, Says: "the keypad refused it at the door: sync and re-read at once, one such sync in 30 min; a write only if the re-read differs or a person asks",
		When: Situation.refusedAtDoor,
		Then: lookAtDoor,
	},
	{
		ID: "name-differs-first", Says: "only the name differs: update once",
		When: func(s Situation) bool {
			return s.Entry.Seen.Kind == NameDiffers && s.Entry.Tries == 0 && !s.begun() && !s.quarantined()
		},
		Then: func(s Situation) Step {
			return online(s, Step{Do: ActUpdate, Reason: "Write the whole document: only the name differs"})
		},
	},
	{
		ID: "overtaken-write", Says: "exact, but an older write is unaccounted for: not proven; sync and re-read until it landed or had time to",
		When: func(s Situation) bool { return s.Entry.Loose.Kind != "" },
		Then: watchOvertaken,
	},
	{
		ID: "proven", Says: "exact and proven: wait for the next rung",
		When: func(s Situation) bool { return s.provenEnough() && !s.rungUnread() },
		Then: func(s Situation) Step {
			if s.renewalDue() {
				return waitUntil(s, s.syncAllowedAt(), "Confirmed to "+string(s.Entry.Proof.Level)+" in the hour of the write: renew it when the next sync may be sent")
			}
			return waitUntil(s, s.nextRung(), "Confirmed to "+string(s.Entry.Proof.Level)+": read again at the next check point")
		},
	},
	{
		ID: "exact-awaits-mark", Says: "exact, a sync is under way: re-read when it is complete",
		When: Situation.awaitsMark,
		Then: func(s Situation) Step { return awaitMark(s) },
	},
	{
		ID: "exact-no-mark", Says: "exact, and the sync left no mark: two exact reads 5 minutes apart (half of that near a guest) do instead; one sync a check point",
		When: func(s Situation) bool { return s.syncedSince(s.provenFrom()) },
		Then: secondRead,
	},
	{
		ID: "exact-listed", Says: "exact, proof listed: sync, re-read",
		When: func(Situation) bool { return true },
		Then: func(s Situation) Step {
			return syncOrWait(s, latest(s.provenFrom(), s.Entry.ExactSince), "Have the lock synced, to re-read what it really holds")
		},
	},
}
