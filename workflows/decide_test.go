// This file holds the recovery policy against one case per row.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

type decision struct {
	name      string
	s         Situation
	row       string
	do        Action
	attention Attention
	// wait is how long from now, for ActWait.
	wait time.Duration
}

var presentCases = []decision{
	{"an error is waited out", situation(trouble(activities.ErrUnreachable, 1, time.Minute)), "waiting-out-trouble", ActWait, "", time.Minute},
	{"a refused account is raised at once", situation(trouble(activities.ErrAccountRefused, 1, time.Minute)), "waiting-out-trouble", ActWait, AttentionAccountRefused, time.Minute},
	{"the server's pause is waited out", situation(trouble(activities.ErrRateLimited, 1, time.Minute)), "waiting-out-trouble", ActWait, "", time.Minute},
	{"and is raised when the check-in is near", situation(at(3*time.Hour), trouble(activities.ErrRateLimited, 4, time.Minute)), "waiting-out-trouble", ActWait, AttentionUnreadable, time.Minute},
	{"a read that is tried again stays raised", situation(at(3*time.Hour), unread, trouble(activities.ErrUnreachable, 4, 0)), "read-due", ActRead, AttentionUnreadable, 0},
	{"an unreadable list is raised when the check-in is near", situation(at(3*time.Hour), trouble(activities.ErrUnreachable, 4, time.Minute)), "waiting-out-trouble", ActWait, AttentionUnreadable, time.Minute},
	{"a list that lacks too much leads to a sync", situation(seen(Exact), doubted(1, time.Second)), "list-implausible", ActSync, "", 0},
	{"whose mark is waited for", situation(seen(Exact), doubted(1, 6*time.Second), syncedAgo(5*time.Second)), "list-implausible", ActWait, "", 25 * time.Second},
	{"and read after, though a check point has come", situation(at(24*time.Hour), seen(Exact), doubted(1, 31*time.Second), syncedAgo(30*time.Second)), "list-implausible", ActRead, "", 0},
	{"at once when something wakes us", situation(seen(Exact), doubted(1, 6*time.Second), syncedAgo(5*time.Second), func(s *Situation) { s.Lock.WokenAt = s.Now }), "list-implausible", ActRead, "", 0},
	{"sent again to a lock that was offline since", situation(seen(Exact), doubted(1, 6*time.Second), syncedAgo(20*time.Minute), sleptAgo(10*time.Minute)), "list-implausible", ActSync, "", 0},
	{"the second time it is raised, and read by the retry table", situation(unread, doubted(3, time.Minute), syncedAgo(10*time.Minute)), "list-implausible", ActWait, AttentionListImplausible, time.Minute},
	{"a proof two days old is renewed by a sync at the rung", situation(at(24*time.Hour), seen(Exact), seenAgo(48*time.Hour), exactFor(48*time.Hour), proven(ProofReread, 48*time.Hour)), "stale-proof-at-rung", ActSync, "", 0},
	{"a younger proof is read again at the rung", situation(at(4*time.Hour), seen(Exact), seenAgo(20*time.Hour), exactFor(48*time.Hour), proven(ProofReread, 20*time.Hour)), "read-due", ActRead, "", 0},
	{"a new door is read first", situation(unread), "read-due", ActRead, "", 0},
	{"a wake-up leads to a read", situation(func(s *Situation) { s.Lock.WokenAt = s.Now }), "read-due", ActRead, "", 0},
	{"a write that nobody has looked after is read before the next", situation(seenAgo(11*time.Minute), wroteAgo(ActCreate, 10*time.Minute, 1), syncedAgo(12*time.Minute)), "read-due", ActRead, "", 0},
	{"at a check point the mark of its sync is waited for, though enough is proven", situation(unsettled, syncedAgo(5*time.Second)), "exact-awaits-mark", ActWait, "", 25 * time.Second},
	{"and read after", situation(unsettled, syncedAgo(31*time.Second)), "exact-awaits-mark", ActRead, "", 0},
	{"whatever else is waited for", situation(unsettled, seen(TooWide), seenAgo(time.Hour), offline(time.Second), syncedAgo(5*time.Second)), "differs-first", ActWait, AttentionLockOffline, 85 * time.Second},
	{"a running operation is waited for", situation(seen(Running)), "operation-running", ActWait, "", 5 * time.Second},
	{"no longer than until it has been running for ten minutes", situation(seen(Running), running(599*time.Second), looks(6)), "operation-running", ActWait, "", time.Second},
	{"an operation that runs long leads to a sync", situation(seen(Running), func(s *Situation) { s.Entry.PendingSince = s.Now.Add(-11 * time.Minute) }), "operation-running", ActSync, "", 0},
	{"an operation that never ends is raised", situation(told, seen(Running), syncedAgo(20*time.Minute), running(31*time.Minute)), "operation-running", ActWait, AttentionOperationStuck, 5 * time.Second},
	{"and leads to a fresh PIN while nobody knows ours", situation(seen(Running), running(31*time.Minute)), "operation-stuck-untold", ActAskFreshPIN, AttentionOperationStuck, 0},
	{"after a look whether the lock is online", situation(seen(Running), running(31*time.Minute), lockRead(3*time.Minute)), "operation-stuck-untold", ActRead, AttentionOperationStuck, 0},
	{"a lock that is offline may end its operation yet", situation(seen(Running), running(31*time.Minute), offline(time.Minute), syncedAgo(20*time.Minute)), "operation-running", ActWait, AttentionOperationStuck, 5 * time.Second},
	{"an operation that never ends leads to a second PIN four hours before", situation(at(4*time.Hour), told, seen(Running), seenAgo(0), running(31*time.Minute)), "operation-stuck-second", ActAskFreshPIN, AttentionOperationStuck, 0},
	{"but not where the entry opens as it is", situation(at(-20*time.Hour), told, seen(Running), shows(checkIn, checkOut), running(31*time.Minute), syncedAgo(20*time.Minute), func(s *Situation) { s.Entry.Confirmed = true }), "operation-running", ActWait, AttentionOperationStuck, 2 * time.Second},
	{"a broken account link needs a person", situation(func(s *Situation) { s.Lock.State.ServerState = nuki.ServerAuthInvalid }), "account-refused", ActWait, AttentionAccountRefused, time.Hour - time.Second},
	{"a lock without a keypad needs a person", situation(func(s *Situation) { s.Lock.State.KeypadPaired = false }), "keypad-missing", ActWait, AttentionKeypadMissing, time.Hour - time.Second},
	{"a foreign code leads to a fresh PIN while nobody knows ours", situation(seen(TakenByForeign)), "code-taken-untold", ActAskFreshPIN, "", 0},
	{"a foreign code is raised once ours was told", situation(seen(TakenByForeign), told), "code-taken-told", ActWait, AttentionPINConflict, time.Hour - time.Second},
	{"from four hours before, it leads to a second PIN beside the told one", situation(at(4*time.Hour), seen(TakenByForeign), seenAgo(0), told), "code-taken-second", ActAskFreshPIN, AttentionPINConflict, 0},
	{"accepted two hours before, an hour before", situation(at(90*time.Minute), accepted(2*time.Hour), seen(TakenByForeign), seenAgo(0), told), "code-taken-told", ActWait, AttentionPINConflict, 675 * time.Second},
	{"and then it does", situation(at(time.Hour), accepted(2*time.Hour), seen(TakenByForeign), seenAgo(0), told), "code-taken-second", ActAskFreshPIN, AttentionPINConflict, 0},
	{"there is one second PIN", situation(at(3*time.Hour), seen(TakenByForeign), told, noOther), "code-taken-told", ActWait, AttentionPINConflict, 1350*time.Second - time.Second},
	{"even while nobody knows it", situation(at(3*time.Hour), seen(TakenByForeign), noOther), "code-taken-told", ActWait, AttentionPINConflict, 1350*time.Second - time.Second},
	{"a code that the list hides leads to one", situation(at(3*time.Hour), seen(TakenByForeign), hidden, told), "code-taken-second", ActAskFreshPIN, AttentionPINConflict, 0},
	{"not where it may be held by a create of ours", situation(at(3*time.Hour), seen(TakenByForeign), hidden, told, wroteAgo(ActCreate, 10*time.Minute, 1)), "code-taken-told", ActWait, AttentionPINConflict, 1350*time.Second - time.Second},
	{"a lock that is offline leads to none", situation(at(3*time.Hour), seen(TakenByForeign), told, offline(time.Second)), "code-taken-told", ActWait, AttentionPINConflict, 1350*time.Second - time.Second},
	{"a sibling's code is waited for once ours was told", situation(seen(TakenBySibling), told), "code-with-sibling", ActWait, AttentionPINConflict, time.Hour - time.Second},
	{"and is no emergency with a second PIN beside it: it is looked for when the sibling ends", situation(at(-2*time.Hour), seen(TakenBySibling), freeAt(-7*time.Hour), told, noOther), "code-with-sibling", ActWait, AttentionPINConflict, 5*time.Hour + 2*time.Minute + 45*time.Second},
	{"and soon again where that is past", situation(at(-8*time.Hour), seen(TakenBySibling), freeAt(-7*time.Hour), told, noOther), "code-with-sibling", ActWait, AttentionPINConflict, 10*time.Minute - time.Second},
	{"a sibling that leaves before is waited for, from check point to check point", situation(seen(TakenBySibling), freeAt(2*time.Hour), told), "code-with-sibling-leaving", ActWait, "", 46 * time.Hour},
	{"to the minute of its removal, and is raised a day before", situation(at(5*time.Hour), seen(TakenBySibling), freeAt(5*time.Hour-10*time.Minute), told), "code-with-sibling-leaving", ActWait, AttentionPINConflict, 12*time.Minute + 45*time.Second},
	{"and looked for", situation(at(4*time.Hour), seen(TakenBySibling), seenAgo(30*time.Minute), freeAt(4*time.Hour+10*time.Minute), told), "read-due", ActRead, "", 0},
	{"and after that by the ladder", situation(at(3*time.Hour), seen(TakenBySibling), seenAgo(30*time.Minute), freeAt(3*time.Hour+10*time.Minute), told), "code-with-sibling-leaving", ActRead, AttentionPINConflict, 0},
	{"one that stays beyond leads to a second PIN", situation(at(3*time.Hour), seen(TakenBySibling), freeAt(-time.Hour), told), "code-taken-second", ActAskFreshPIN, AttentionPINConflict, 0},
	{"one that should have left half an hour ago too", situation(at(3*time.Hour), seen(TakenBySibling), freeAt(3*time.Hour+31*time.Minute), told), "code-taken-second", ActAskFreshPIN, AttentionPINConflict, 0},
	{"a sibling's code leads to a fresh PIN too", situation(seen(TakenBySibling)), "code-taken-untold", ActAskFreshPIN, "", 0},
	{"nothing is created on a lock that is full", situation(full), "lock-full", ActWait, "", 29 * time.Second},
	{"it is looked at by the retry table", situation(full, looks(4), seenAgo(5*time.Minute)), "lock-full", ActRead, "", 0},
	{"a lock that is full is raised a day before", situation(at(23*time.Hour), full), "lock-full", ActWait, AttentionNoSpace, 29 * time.Second},
	{"from four hours before, a create goes to a full lock once a rung", situation(at(4*time.Hour), full, seenAgo(0)), "lock-full", ActCreate, AttentionNoSpace, 0},
	{"and no more before the next", situation(at(3*time.Hour), full, wroteAgo(ActCreate, time.Hour, 1)), "lock-full", ActWait, AttentionNoSpace, 29 * time.Second},
	{"a create that a full lock has just accepted may show", situation(full, wroteAgo(ActCreate, time.Second, 1)), "missing-in-grace", ActWait, "", 5 * time.Second},
	{"one that it lost has no room either", situation(full, wroteAgo(ActCreate, time.Minute, 1)), "lock-full", ActWait, "", 29 * time.Second},
	{"nor one that was listed and never confirmed", situation(full, known, shownWrite(ActCreate, time.Minute)), "lock-full", ActWait, "", 29 * time.Second},
	{"what was proven on a lock that is full now has vanished", situation(full, confirmedOnce, shownWrite(ActCreate, 50*time.Hour)), "vanished", ActSync, "", 0},
	{"a full lock asks for no fresh PIN", situation(seen(TakenByForeign), full), "lock-full", ActWait, "", 29 * time.Second},
	{"nor for what was proven there and has gone to somebody else", situation(seen(TakenByForeign), confirmedOnce, shownWrite(ActCreate, 50*time.Hour), full), "lock-full", ActWait, "", 29 * time.Second},
	{"nor for a second one", situation(at(3*time.Hour), seen(TakenByForeign), full, told), "code-taken-told", ActWait, AttentionPINConflict, 1350*time.Second - time.Second},
	{"what is missing and was never sent is created", situation(), "missing-never-sent", ActCreate, "", 0},
	{"nothing is created on a lock that is offline", situation(offline(time.Minute)), "missing-never-sent", ActWait, "", time.Minute},
	{"an old word that the lock is offline is asked for anew", situation(offline(3 * time.Minute)), "missing-never-sent", ActRead, "", 0},
	{"from four hours before, a create goes to an offline lock once a rung", situation(at(4*time.Hour), offline(time.Minute), seenAgo(0)), "missing-never-sent", ActCreate, AttentionLockOffline, 0},
	{"and one that was sent for an older wish is that one", situation(at(4*time.Hour), offline(time.Minute), seenAgo(0), loose(ActCreate, 0)), "missing-never-sent", ActWait, AttentionLockOffline, time.Minute},
	{"after our own delete it is simply created", situation(known, shownWrite(ActDelete, time.Hour)), "missing-never-sent", ActCreate, "", 0},
	{"an accepted create has a moment to show", situation(wroteAgo(ActCreate, time.Second, 1)), "missing-in-grace", ActWait, "", 5 * time.Second},
	{"a shorter one with a guest at the door", situation(at(-20*time.Minute), wroteAgo(ActCreate, time.Second, 1)), "missing-in-grace", ActWait, "", 2 * time.Second},
	{"and is looked for when nothing wakes us", situation(wroteAgo(ActCreate, 7*time.Second, 1), seenAgo(7*time.Second)), "missing-in-grace", ActRead, "", 0},
	{"an accepted create that does not show leads to a sync", situation(wroteAgo(ActCreate, time.Minute, 1)), "missing-after-grace", ActSync, "", 0},
	{"then the sync is waited for", situation(wroteAgo(ActCreate, time.Minute, 1), syncedAgo(2*time.Second)), "missing-awaits-sync", ActWait, "", 5 * time.Second},
	{"then it is created again", situation(wroteAgo(ActCreate, time.Minute, 1), syncedAgo(10*time.Second), markedAgo(5*time.Second)), "missing-still", ActCreate, "", 0},
	{"what was listed and never confirmed was a lost create", situation(known, shownWrite(ActCreate, time.Minute), syncedAgo(40*time.Second), markedAgo(30*time.Second)), "vanished-unconfirmed", ActCreate, "", 0},
	{"what vanished is not believed before a sync", situation(confirmedOnce, shownWrite(ActCreate, 50*time.Hour)), "vanished", ActSync, "", 0},
	{"what vanished is created once more", situation(confirmedOnce, shownWrite(ActCreate, 50*time.Hour), missingFor(time.Minute), syncedAgo(30*time.Second), markedAgo(10*time.Second)), "vanished-once", ActCreate, AttentionDeletedExternally, 0},
	{"what vanishes twice is held", situation(confirmedOnce, shownWrite(ActCreate, 50*time.Hour), func(s *Situation) { s.Entry.Lost = 1 }), "vanished-again", ActWait, AttentionDeletedExternally, time.Hour - time.Second},
	{"what a person disabled is held", situation(seen(Disabled)), "disabled-externally", ActWait, AttentionChangedExternally, time.Hour - time.Second},
	{"an accepted update has a moment to show", situation(seen(TooWide), wroteAgo(ActUpdate, time.Second, 1)), "update-in-grace", ActWait, "", 5 * time.Second},
	{"a lost window is written again, whole", situation(seen(TooWide)), "differs-first", ActUpdate, "", 0},
	{"a window that is too narrow too", situation(seen(TooNarrow)), "differs-first", ActUpdate, "", 0},
	{"another code on our entry too", situation(seen(CodeDiffers)), "differs-first", ActUpdate, "", 0},
	{"no update goes to a lock that is offline", situation(seen(TooWide), offline(time.Minute)), "differs-first", ActWait, "", time.Minute},
	{"near the check-in an offline lock stays raised while the mark of a sync is awaited", situation(at(3*time.Hour), seen(Exact), seenAgo(0), proven(ProofListed, time.Second), offline(time.Second), syncedAgo(5*time.Second)), "exact-awaits-mark", ActWait, AttentionLockOffline, 25 * time.Second},
	{"but not for an entry that is proven", situation(at(3*time.Hour), seen(Exact), seenAgo(0), exactFor(7*time.Hour), proven(ProofReread, time.Hour), offline(time.Second)), "proven", ActWait, "", 2 * time.Hour},
	{"an update without progress leads to a sync", situation(seen(TooWide), wroteAgo(ActUpdate, time.Minute, 1)), "differs-no-progress", ActSync, "", 0},
	{"then the sync is waited for, after an update", situation(seen(TooWide), wroteAgo(ActUpdate, time.Minute, 1), syncedAgo(2*time.Second)), "differs-awaits-sync", ActWait, "", 5 * time.Second},
	{"then a refresh under the next name", situation(seen(TooWide), told, wroteAgo(ActUpdate, time.Minute, 1), syncedAgo(40*time.Second), markedAgo(30*time.Second)), "differs-refresh", ActRefresh, "", 0},
	{"and a person is told that the window is lost", situation(seen(TooWide), told, wroteAgo(ActRefresh, 10*time.Minute, 2), syncedAgo(8*time.Minute), markedAgo(7*time.Minute)), "differs-refresh", ActRefresh, AttentionWindowLost, 0},
	{"or the entry is replaced while nobody knows the PIN", situation(seen(TooNarrow), wroteAgo(ActRefresh, 10*time.Minute, 2), syncedAgo(8*time.Minute), markedAgo(7*time.Minute)), "differs-replace", ActAskFreshPIN, "", 0},
	{"after a look whether the lock is online, before a replacement", situation(seen(TooNarrow), wroteAgo(ActRefresh, 10*time.Minute, 2), syncedAgo(8*time.Minute), markedAgo(7*time.Minute), lockRead(3*time.Minute)), "differs-replace", ActRead, "", 0},
	{"a lock that is offline is no reason for one", situation(seen(TooNarrow), wroteAgo(ActRefresh, 10*time.Minute, 2), syncedAgo(8*time.Minute), markedAgo(7*time.Minute), offline(time.Minute)), "differs-refresh", ActWait, AttentionChangedExternally, time.Minute},
	{"or a second PIN is added four hours before, once it was told", situation(at(3*time.Hour), told, seen(TooNarrow), wroteAgo(ActRefresh, 10*time.Minute, 2), syncedAgo(8*time.Minute), markedAgo(7*time.Minute)), "differs-second", ActAskFreshPIN, AttentionChangedExternally, 0},
	{"not for a window that opens too long", situation(at(3*time.Hour), told, seen(TooWide), wroteAgo(ActRefresh, 30*time.Minute, 2), syncedAgo(28*time.Minute), markedAgo(27*time.Minute)), "differs-refresh", ActRefresh, AttentionWindowLost, 0},
	{"nor while an extended stay's old window opens", situation(at(-time.Hour), told, seen(TooNarrow), shows(checkIn, checkOut.Add(-24*time.Hour)), wroteAgo(ActRefresh, 2*time.Hour, 2), syncedAgo(28*time.Minute), markedAgo(27*time.Minute)), "differs-refresh", ActRefresh, AttentionChangedExternally, 0},
	{"until four hours before its old end", situation(at(-68*time.Hour), told, seen(TooNarrow), seenAgo(0), shows(checkIn, checkIn.Add(72*time.Hour)), wroteAgo(ActRefresh, 2*time.Hour, 2), syncedAgo(28*time.Minute), markedAgo(27*time.Minute)), "differs-second", ActAskFreshPIN, AttentionChangedExternally, 0},
	{"an extension is written again by the retry table", situation(at(-24*time.Hour), told, seen(TooNarrow), shows(checkIn, checkIn.Add(72*time.Hour)), wroteAgo(ActRefresh, time.Minute, 3), syncedAgo(50*time.Second), markedAgo(40*time.Second)), "differs-refresh", ActWait, AttentionChangedExternally, 2 * time.Second},
	{"and after an eighth of the time to the old end", situation(at(-71*time.Hour), told, noOther, seen(TooNarrow), seenAgo(0), shows(checkIn, checkIn.Add(72*time.Hour)), looks(9), wroteAgo(ActRefresh, time.Minute, 9), syncedAgo(50*time.Second), markedAgo(40*time.Second)), "differs-refresh", ActWait, AttentionChangedExternally, 390 * time.Second},
	{"and quicker once the guest is locked out", situation(at(-73*time.Hour), told, noOther, seen(TooNarrow), seenAgo(0), shows(checkIn, checkIn.Add(72*time.Hour)), looks(1), wroteAgo(ActRefresh, time.Minute, 1), syncedAgo(50*time.Second), markedAgo(40*time.Second)), "differs-refresh", ActRefresh, "", 0},
	{"nothing is updated in place on a lock that does badly", situation(seen(TooWide), quarantined), "differs-quarantined", ActAskFreshPIN, "", 0},
	{"but for a PIN that was told", situation(seen(TooWide), quarantined, told), "differs-first", ActUpdate, "", 0},
	{"a guest who is refused leads to a sync", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second)), "refused-at-door", ActSync, "", 0},
	{"though one of a check point has just been sent", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), syncedAgo(5*time.Minute), markedAgo(4*time.Minute)), "refused-at-door", ActSync, "", 0},
	{"which the front desk is asked for", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), doorSyncedAgo(time.Second), askedAgo(time.Second, true)), "refused-at-door", ActWait, "", 59 * time.Second},
	{"and which is waited for", situation(at(-time.Hour), seen(Exact), seenAgo(time.Minute), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), doorSyncedAgo(9*time.Second), syncedAgo(time.Second)), "refused-at-door", ActWait, "", 2 * time.Second},
	{"and to a read after it", situation(at(-time.Hour), seen(Exact), seenAgo(time.Minute), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), doorSyncedAgo(9*time.Second), syncedAgo(8*time.Second), markedAgo(time.Second)), "refused-at-door", ActRead, "", 0},
	{"that shows no difference: a person's turn, no write", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(time.Minute), doorSyncedAgo(50*time.Second), syncedAgo(40*time.Second), markedAgo(30*time.Second)), "proven", ActWait, "", 91 * time.Hour},
	{"or one that is repaired", situation(at(-time.Hour), seen(TooNarrow), told, proven(ProofReread, 2*time.Hour), refusedAgo(time.Minute), doorSyncedAgo(50*time.Second), syncedAgo(40*time.Second), markedAgo(30*time.Second)), "differs-first", ActUpdate, "", 0},
	{"not to a second sync within half an hour", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), doorSyncedAgo(29*time.Minute), syncedAgo(29*time.Minute), markedAgo(28*time.Minute)), "proven", ActWait, "", 91 * time.Hour},
	{"but to one after that", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), refusedAgo(10*time.Second), doorSyncedAgo(30*time.Minute), syncedAgo(30*time.Minute), markedAgo(29*time.Minute)), "refused-at-door", ActSync, "", 0},
	{"what a person reports leads to a sync", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), reportedAgo(10*time.Second)), "reported", ActSync, "", 0},
	{"where that shows nothing, to the whole document anew", situation(at(-time.Hour), seen(Exact), proven(ProofReread, 2*time.Hour), reportedAgo(10*time.Second), syncedAgo(8*time.Second), markedAgo(5*time.Second)), "reported-refresh", ActRefresh, "", 0},
	{"which is waited for", situation(at(-time.Hour), seen(NameDiffers), reportedAgo(20*time.Second), syncedAgo(15*time.Second), markedAgo(10*time.Second), wroteAgo(ActRefresh, time.Second, 1)), "reported-in-grace", ActWait, "", 2 * time.Second},
	{"and then to a second PIN beside the told one", situation(at(-time.Hour), told, seen(Exact), reportedAgo(time.Minute), syncedAgo(50*time.Second), markedAgo(40*time.Second), shownWrite(ActRefresh, 30*time.Second)), "reported-second", ActAskFreshPIN, "", 0},
	{"of which there is one alone", situation(at(-time.Hour), told, noOther, seen(Exact), proven(ProofReread, 10*time.Second), reportedAgo(time.Minute), syncedAgo(50*time.Second), markedAgo(40*time.Second), shownWrite(ActRefresh, 30*time.Second)), "proven", ActWait, "", 91 * time.Hour},
	{"nothing is written while a person holds the stay", situation(heldByPerson, seen(TooNarrow)), "differs-first", ActWait, "", 5 * time.Second},
	{"another name is put right once", situation(seen(NameDiffers)), "name-differs-first", ActUpdate, "", 0},
	{"but not on a lock that does badly", situation(seen(NameDiffers), quarantined, proven(ProofReread, time.Minute)), "proven", ActWait, "", 46 * time.Hour},
	{"a write that was overtaken keeps the proof back", situation(seen(Exact), loose(ActDelete, time.Minute)), "overtaken-write", ActSync, "", 0},
	{"what is proven waits for the next rung", situation(seen(Exact), proven(ProofReread, time.Minute)), "proven", ActWait, "", 46 * time.Hour},
	{"in the stay, listed renews what was proven", situation(at(-2*24*time.Hour), seen(Exact), proven(ProofReread, 50*time.Hour)), "proven", ActWait, "", 44 * time.Hour},
	{"a sync's mark is waited for", situation(seen(Exact), proven(ProofListed, time.Minute), exactFor(time.Minute), syncedAgo(5*time.Second)), "exact-awaits-mark", ActWait, "", 25 * time.Second},
	{"without a mark, a second read is waited for", situation(seen(Exact), proven(ProofListed, 2*time.Minute), exactFor(2*time.Minute), syncedAgo(100*time.Second)), "exact-no-mark", ActWait, "", 3 * time.Minute},
	{"and made", situation(seen(Exact), proven(ProofListed, 6*time.Minute), exactFor(6*time.Minute), seenAgo(5*time.Minute), syncedAgo(5*time.Minute)), "exact-no-mark", ActRead, "", 0},
	{"a sync that a lock was offline after is sent again", situation(seen(Exact), proven(ProofListed, time.Second), syncedAgo(20*time.Minute), markedAgo(19*time.Minute), sleptAgo(10*time.Minute)), "exact-listed", ActSync, "", 0},
	{"what is listed leads to a sync", situation(seen(Exact), proven(ProofListed, time.Second)), "exact-listed", ActSync, "", 0},
	{"as soon as one may be sent", situation(seen(Exact), proven(ProofListed, time.Second), wroteAgo(ActCreate, time.Minute, 1), shownWrite(ActCreate, time.Minute), syncedAgo(10*time.Minute), markedAgo(9*time.Minute)), "exact-listed", ActWait, "", 5 * time.Minute},
}

var absentCases = []decision{
	{"an error is waited out", situation(absent, trouble(activities.ErrUnreachable, 1, time.Minute)), "waiting-out-trouble", ActWait, AttentionUnreadable, time.Minute},
	{"a lock that is gone may come back while the window is open", situation(absent, unread, trouble(activities.ErrLockUnknown, 3, 0)), "read-due", ActRead, AttentionLockUnknown, 0},
	{"a lock that is gone ends the matter once it has closed", situation(absent, closed, trouble(activities.ErrLockUnknown, 3, 0)), "lock-gone", ActDone, AttentionLockUnknown, 0},
	{"nor do errors of another kind before it", situation(absent, closed, unread, trouble(activities.ErrLockUnknown, 3, 0), func(s *Situation) { s.Entry.Trouble.InARow = 1 }), "read-due", ActRead, AttentionLockUnknown, 0},
	{"a list that lacks too much is no evidence of absence", situation(absent, seen(Exact), doubted(1, time.Second)), "list-implausible", ActSync, "", 0},
	{"nor in a look back", situation(absent, doubted(2, time.Second), syncedAgo(10*time.Minute), func(s *Situation) { s.Entry.RemovedAt = s.Now.Add(-24 * time.Hour) }), "list-implausible", ActWait, AttentionListImplausible, 59 * time.Second},
	{"and no look counts on it, however many there were", situation(absent, doubted(2, time.Second), removedAgo(4*24*time.Hour, 3)), "list-implausible", ActSync, AttentionListImplausible, 0},
	{"and keeps nobody who has looked back", situation(absent, closed, doubted(2, time.Second), func(s *Situation) { s.Entry.RemovedAt, s.Entry.LooksDone = s.Now, 2 }), "removed", ActDone, "", 0},
	{"not even for a wake-up that it was read after", situation(absent, closed, seenAgo(time.Minute), doubted(2, time.Second), func(s *Situation) {
		s.Entry.RemovedAt, s.Entry.LooksDone, s.Lock.WokenAt = s.Now, 2, s.Now.Add(-2*time.Second)
	}), "removed", ActDone, "", 0},
	{"one answer that the lock is unknown does not", situation(absent, unread, trouble(activities.ErrLockUnknown, 1, 0)), "read-due", ActRead, AttentionLockUnknown, 0},
	{"a wake-up leads to a read", situation(absent, func(s *Situation) { s.Lock.WokenAt = s.Now }), "read-due", ActRead, "", 0},
	{"a delete that nobody has looked after is read before the next", situation(absent, seen(Exact), seenAgo(11*time.Minute), wroteAgo(ActDelete, 10*time.Minute, 1), syncedAgo(12*time.Minute)), "read-due", ActRead, "", 0},
	{"after a proven removal it is looked again an hour later, as long as the window is open", situation(absent, removedAgo(0, 0)), "removed", ActWait, "", time.Hour},
	{"and a day later, once it has closed", situation(absent, closed, removedAgo(0, 0)), "removed", ActWait, "", 24 * time.Hour},
	{"with a sync, where delete and proof came in the same hour", situation(absent, closed, removedAgo(24*time.Hour, 0), wroteAgo(ActDelete, 24*time.Hour, 1), syncedAgo(24*time.Hour), markedAgo(24*time.Hour)), "removed", ActSync, "", 0},
	{"which is waited for", situation(absent, closed, removedAgo(24*time.Hour, 0), wroteAgo(ActDelete, 24*time.Hour, 1), syncedAgo(2*time.Second)), "removed", ActWait, "", 28 * time.Second},
	{"and with a read alone, where a sync came long after the delete", situation(absent, closed, removedAgo(24*time.Hour, 0), wroteAgo(ActDelete, 36*time.Hour, 1), syncedAgo(24*time.Hour), markedAgo(24*time.Hour)), "removed", ActRead, "", 0},
	{"and after the last look nothing is left to do", situation(absent, closed, removedAgo(8*24*time.Hour, 2)), "removed", ActDone, "", 0},
	{"a running operation is waited for", situation(absent, seen(Running)), "operation-running", ActWait, "", 5 * time.Second},
	{"what a person wrote off is left", situation(absent, writtenOff, seen(Exact)), "written-off", ActDone, AttentionWrittenOff, 0},
	{"but an ending goes on while a person holds the stay", situation(absent, heldByPerson, seen(Exact)), "there-first", ActDelete, "", 0},
	{"what is there is deleted", situation(absent, seen(Exact)), "there-first", ActDelete, "", 0},
	{"but not on a lock that is offline", situation(absent, seen(Exact), offline(time.Minute)), "there-first", ActWait, AttentionLockOffline, time.Minute},
	{"which stays raised through every step", situation(absent, seen(Missing), offline(time.Minute)), "missing-once", ActSync, AttentionLockOffline, 0},
	{"an accepted delete has a moment to show", situation(absent, seen(Exact), wroteAgo(ActDelete, time.Second, 1)), "there-in-grace", ActWait, "", 5 * time.Second},
	{"a delete without progress leads to a sync", situation(absent, seen(Exact), wroteAgo(ActDelete, time.Minute, 1)), "there-no-progress", ActSync, "", 0},
	{"then the sync is waited for", situation(absent, seen(Exact), wroteAgo(ActDelete, time.Minute, 1), syncedAgo(2*time.Second)), "there-awaits-sync", ActWait, "", 5 * time.Second},
	{"then it is deleted again", situation(absent, seen(Exact), wroteAgo(ActDelete, time.Minute, 1), syncedAgo(40*time.Second), markedAgo(30*time.Second)), "there-again", ActDelete, "", 0},
	{"a ghost is disarmed", situation(absent, seen(Exact), wroteAgo(ActDelete, 10*time.Minute, 2), syncedAgo(9*time.Minute), markedAgo(8*time.Minute)), "there-ghost", ActDisarm, AttentionGhost, 0},
	{"the disarmed entry has a moment to show", situation(absent, seen(CodeDiffers), wroteAgo(ActDisarm, time.Second, 3)), "disarmed", ActWait, "", 5 * time.Second},
	{"and is deleted again", situation(absent, seen(CodeDiffers), func(s *Situation) { s.Entry.Seen.Code = nuki.CodeOf(999998) }, wroteAgo(ActDisarm, 10*time.Minute, 3), syncedAgo(9*time.Minute), markedAgo(8*time.Minute)), "there-ghost", ActDelete, AttentionGhost, 0},
	{"a create that may still land is looked for", situation(absent, wroteAgo(ActCreate, time.Minute, 1), syncedAgo(time.Second)), "missing-may-land", ActWait, "", 5 * time.Second},
	{"what is missing once leads to a sync", situation(absent, known, shownWrite(ActDelete, time.Minute)), "missing-once", ActSync, "", 0},
	{"then its mark is waited for", situation(absent, known, shownWrite(ActDelete, time.Minute), missingFor(10*time.Second), syncedAgo(5*time.Second)), "missing-awaits-mark", ActWait, "", 25 * time.Second},
	{"without a mark, a second read is made", situation(absent, known, shownWrite(ActDelete, 10*time.Minute), missingFor(6*time.Minute), seenAgo(5*time.Minute), syncedAgo(5*time.Minute)), "missing-no-mark", ActRead, "", 0},
}

func TestDecide_EachRowOfThePolicy(t *testing.T) {
	for _, table := range []struct {
		name  string
		rows  []Row
		cases []decision
	}{{"present", PresentRows, presentCases}, {"absent", AbsentRows, absentCases}} {
		covered := map[string]bool{}
		for _, c := range table.cases {
			covered[c.row] = true
			t.Run(table.name+"/"+c.name, func(t *testing.T) { checkDecision(t, c) })
		}
		for _, row := range table.rows {
			if !covered[row.ID] {
				t.Errorf("%s: row %q has no case", table.name, row.ID)
			}
		}
	}
}

func checkDecision(t *testing.T, c decision) {
	t.Helper()
	step := Decide(c.s)
	if step.Row != c.row || step.Do != c.do || step.Attention != c.attention {
		t.Errorf("got %s by row %s with attention %q (%s), want %s by row %s with attention %q",
			step.Do, step.Row, step.Attention, step.Reason, c.do, c.row, c.attention)
	}
	if step.Do == ActWait && !step.Until.Equal(c.s.Now.Add(c.wait)) {
		t.Errorf("waits %s, want %s", step.Until.Sub(c.s.Now), c.wait)
	}
	if step.Reason == "" {
		t.Error("gives no reason")
	}
}
