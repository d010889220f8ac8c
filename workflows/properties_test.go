// This file is what always holds of Decide, said once more and without its
// functions, and checked on random situations. decide_test.go says what each row does.

package workflows

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// property says what a decision breaks; empty where it holds.
type property func(Situation, Step) string

// properties are all of them, for the tests that make situations in other ways.
var properties = []property{
	noWriteWhilePending, heldIsLeft, nothingLandsLate, syncsWithinBounds, waitsToTheNextCheckPoint, readsAtCheckPoints, waitsAhead, waitsToTheTurn, waitsNoLessThanTheFloor, writesApart,
	onlyOurs, metMeansNoWrite, metMeansWaiting, neverGivesUp, replacesLast, leavesPeoplesActs, writesOnFreshReads, readsNotAtOnce, saysWhy,
}

// always checks one property on many situations.
func always(t *testing.T, holds property) {
	t.Helper()
	often(t, 4000)
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		step := Decide(s)
		if broken := holds(s, step); broken != "" {
			t.Fatalf("%s, by row %s: %s (%s)", step.Do, step.Row, broken, step.Reason)
		}
	})
}

// often sets how many cases are tried, unless the command line does.
func often(t *testing.T, checks int) {
	t.Helper()
	number := flag.Lookup("rapid.checks")
	if before := number.Value.String(); before == number.DefValue {
		if testing.Short() { // Under the race detector, which costs ten times as long.
			checks /= 8
		}
		_ = number.Value.Set(fmt.Sprint(checks))
		t.Cleanup(func() { _ = number.Value.Set(before) })
	}
}

func TestDecide_NeverWritesWhileAnOperationIsPending(t *testing.T) { always(t, noWriteWhilePending) }

func noWriteWhilePending(s Situation, step Step) string {
	if step.Do.write() && s.Entry.Seen.Kind == Running {
		return "a write to an entry with an operationId, which is answered with 423"
	}
	return ""
}

func TestDecide_SendsNothingToALockThatIsOfflineButACreateOnceACheckPoint(t *testing.T) {
	always(t, nothingLandsLate)
}

func nothingLandsLate(s Situation, step Step) string {
	offline := s.Lock.State != nil && s.Lock.State.ServerState == nuki.ServerOffline &&
		s.Now.Sub(s.Lock.ReadAt) < s.Policy.OnlineLife.D() && !s.Lock.LifeAt.After(s.Lock.ReadAt)
	sent := latest(s.Entry.Write.At, s.Entry.Loose.At)
	switch {
	case !offline || !step.Do.write():
		return ""
	case step.Do != ActCreate:
		return "it lands late, after a newer wish"
	case s.Now.Before(s.CheckIn.Add(-s.Policy.ForceCreate.D())):
		return "a create to a lock that is offline, before check-in is near"
	case !slices.ContainsFunc(checkPoints(s), func(at time.Time) bool { return !at.After(s.Now) && at.After(sent) }):
		return "a second write to a lock that is offline, between two check points"
	}
	return ""
}

func TestDecide_SyncsWithinTheGapAndTheDaysBudget(t *testing.T) { always(t, syncsWithinBounds) }

func syncsWithinBounds(s Situation, step Step) string {
	if step.Do != ActSync {
		return ""
	}
	gap, most := s.Policy.SyncGap.D(), s.Policy.SyncsPerDay
	if emergency(s) {
		gap, most = s.Policy.SyncGapUrgent.D(), max(s.Policy.SyncsUrgent, most)
	}
	today := 0
	for _, sync := range s.Lock.Syncs {
		ago := s.Now.Sub(sync)
		if ago < gap {
			return fmt.Sprintf("the last one was sent %s ago", ago)
		}
		if ago < 24*time.Hour {
			today++
		}
	}
	if today >= most {
		return "the day's budget is spent"
	}
	return ""
}

// emergency: nothing proves the PIN of a guest who is at the door or comes within
// the hour, but for a sync soon after the write, or he was refused, or called; or what is to be gone opens the door, or
// may: no sync has completed long after its delete.
func emergency(s Situation) bool {
	if s.Entry.Absent {
		open := !s.Now.Before(s.Entry.Window.From) && s.Now.Before(s.Entry.Window.Until)
		long := s.Entry.Write.At.Add(s.Policy.Settled.D())
		return open && (s.Entry.RemovedAt.IsZero() || !s.Lock.marked() || s.Lock.lastSync().Before(long))
	}
	soon := s.Now.Add(s.Policy.UrgentWithin.D()).After(s.CheckIn)
	hasty := s.Entry.Proof.Level == ProofReread && s.Entry.Proof.At.Before(s.Entry.Write.At.Add(s.Policy.Settled.D()))
	return soon && (!provenToBeThere(s) || hasty || !s.Entry.RefusedAt.IsZero() || !s.Entry.ReportedAt.IsZero())
}

func TestDecide_WritesAgainAtTheEarliestAfterTheFloor(t *testing.T) { always(t, writesApart) }

// writesApart: what was tried for the wish at hand is not tried again at once, but
// for the one create that a check point may send whatever was tried.
func writesApart(s Situation, step Step) string {
	ago := s.Now.Sub(s.Entry.Write.At)
	another := (step.Do == ActCreate) != (s.Entry.Write.Kind == ActCreate)
	if !step.Do.write() || another || s.Entry.Tries == 0 || ago >= s.Policy.RetryFloor.D() {
		return ""
	}
	if step.Do == ActCreate && nothingLandsLate(s, step) == "" && !s.Now.Before(s.CheckIn.Add(-s.Policy.ForceCreate.D())) {
		return ""
	}
	return fmt.Sprintf("write number %d for this wish, %s after the last", s.Entry.Tries+1, ago)
}

func TestDecide_WritesNothingForAGuestWhileAPersonHoldsTheStay(t *testing.T) { always(t, heldIsLeft) }

func heldIsLeft(s Situation, step Step) string {
	if s.Held && !s.Entry.Absent && (step.Do.write() || step.Do == ActAskFreshPIN) {
		return "a change, and a person wants none"
	}
	return ""
}

func TestDecide_ChangesNothingThatIsNotOurs(t *testing.T) { always(t, onlyOurs) }

func onlyOurs(s Situation, step Step) string {
	seen := s.Entry.Seen.Kind
	switch {
	case !step.Do.write():
		return ""
	case step.Do == ActCreate && seen != Missing:
		return "a create where the list shows " + string(seen)
	case step.Do == ActCreate && s.Entry.Absent, step.Do != ActCreate && s.Entry.AuthID == "":
		return "nothing of ours is to be written here"
	case step.Do != ActCreate && (seen == TakenByForeign || seen == TakenBySibling || seen == Missing || seen == NeverRead):
		return "the list does not show our entry, but " + string(seen)
	}
	if deletes := step.Do == ActDelete || step.Do == ActDisarm; deletes != s.Entry.Absent {
		return "the opposite of what is wished"
	}
	return ""
}

func TestDecide_WritesNothingWhereTheListShowsWhatIsWished(t *testing.T) { always(t, metMeansNoWrite) }

func metMeansNoWrite(s Situation, step Step) string {
	seen := s.Entry.Seen.Kind
	switch {
	case !step.Do.write(), step.Row == "reported-refresh" && s.Entry.ReportedAt.After(s.Entry.refreshedAt()):
		return ""
	case !s.Entry.Absent && seen == Exact, s.Entry.Absent && (seen == Missing || seen == TakenByForeign || seen == TakenBySibling):
		return "the list shows what is wished: " + string(seen)
	case seen == NameDiffers && !s.Entry.Absent && (s.Entry.Tries > 0 || !s.Now.Before(s.CheckIn)):
		return "only the name differs, and it was tried or the guest is in the house"
	}
	return ""
}

func TestDecide_OnlyWaitsWhereTheWishIsMetAndNothingIsDue(t *testing.T) { always(t, metMeansWaiting) }

func metMeansWaiting(s Situation, step Step) string {
	e := s.Entry
	news := e.Seen.At.IsZero() || e.Seen.Stale || s.Lock.WokenAt.After(e.Seen.At) || s.Lock.Doubt.Reads > 0 || !e.Trouble.RetryAt.IsZero() || !e.RefusedAt.IsZero() || !e.ReportedAt.IsZero()
	due := slices.ContainsFunc(append(checkPoints(s), lookBacks(s)...), func(at time.Time) bool { return !at.After(s.Now) && at.After(e.Seen.At) })
	// A check point wants its sync, whoever has read the list for it.
	unsynced := slices.ContainsFunc(checkPoints(s), func(at time.Time) bool {
		return !at.After(s.Now) && at.After(e.Proof.At) && e.Proof.At.Sub(e.Write.At) < s.Policy.Settled.D()
	})
	healthy := s.Lock.State != nil && s.Lock.State.KeypadPaired && (s.Lock.State.ServerState == nuki.ServerOnline || s.Lock.State.ServerState == nuki.ServerOffline)
	if news || !e.Absent && unsynced || due && (!e.Absent || e.LooksDone < len(lookBacks(s))) || e.Loose.Kind != "" {
		return ""
	}
	present := !e.Absent && healthy && e.Seen.Kind == Exact && provenToBeThere(s)
	gone := e.Absent && !e.RemovedAt.IsZero() && e.LooksDone == len(lookBacks(s))
	if present && step.Do != ActWait || gone && step.Do != ActDone {
		return "the wish is met, and nothing is due"
	}
	return ""
}

func TestDecide_IsTheSameForTheSameSituationAndChangesNoneOfIt(t *testing.T) {
	always(t, changesNothing)
}

// changesNothing also takes the situation through JSON, as continue-as-new does: a
// decision must not hang on what a run cannot hand over.
func changesNothing(s Situation, step Step) string {
	before, _ := json.Marshal(s)
	var handed Situation
	if err := json.Unmarshal(before, &handed); err != nil {
		return err.Error()
	}
	if again := Decide(s); again != step {
		return fmt.Sprintf("the second time %s by row %s", again.Do, again.Row)
	}
	if after, _ := json.Marshal(s); !bytes.Equal(before, after) {
		return "the situation has changed"
	}
	if next := Decide(handed); next.Do != step.Do || next.Row != step.Row || !next.Until.Equal(step.Until) {
		return fmt.Sprintf("in the next run %s by row %s until %s", next.Do, next.Row, next.Until)
	}
	return ""
}

func TestDecide_GivesUpNothingBeforeItIsProvenGone(t *testing.T) { always(t, neverGivesUp) }

func neverGivesUp(s Situation, step Step) string {
	lockGone := s.Entry.Trouble.Type == activities.ErrLockUnknown && s.Entry.Trouble.InARow >= 3 && !s.Now.Before(s.Entry.Window.Until)
	lookedBack := !s.Entry.RemovedAt.IsZero() && s.Entry.LooksDone >= len(s.Policy.Looks)
	if step.Do == ActDone && (!s.Entry.Absent || !lockGone && !lookedBack && !s.Entry.WrittenOff) {
		return "something of ours may still be on the lock"
	}
	return ""
}

func TestDecide_AsksForAnotherPINOnlyWhereItCanHelpAndLateIfItWasTold(t *testing.T) {
	always(t, replacesLast)
}

func replacesLast(s Situation, step Step) string {
	lock, seen := s.Lock.State, s.Entry.Seen
	taken := seen.Kind == TakenByForeign || seen.Kind == TakenBySibling
	offline := lock != nil && lock.ServerState != nuki.ServerOnline && !s.Lock.LifeAt.After(s.Lock.ReadAt)
	switch {
	case step.Do != ActAskFreshPIN:
		return ""
	case s.Entry.Absent, s.NoOther:
		return "no other PIN is to be had"
	case !taken && s.Now.Sub(s.Lock.ReadAt) >= s.Policy.OnlineLife.D():
		return "nobody has asked whether the lock is online"
	case seen.Total >= s.Policy.Capacity, lock != nil && !lock.KeypadPaired, offline && (s.Told || !taken):
		return "a lock that is offline, full or without a keypad changes nothing on the other doors"
	case s.Entry.ReportedAt.IsZero() && (seen.Kind == Exact || seen.Kind == NameDiffers || seen.Kind == Missing):
		return "nothing is wrong with the PIN"
	case s.Told && s.Entry.ReportedAt.IsZero() && s.Now.Before(s.CheckIn.Add(-s.Policy.ForceCreate.D())):
		return "the PIN was told, and there is time"
	}
	return ""
}

func TestDecide_LeavesWhatSomebodyElseDidUntilTheNextMessage(t *testing.T) {
	always(t, leavesPeoplesActs)
}

func leavesPeoplesActs(s Situation, step Step) string {
	e := s.Entry
	disarmed := e.Write.Kind == ActDisarm || e.Loose.Kind == ActDisarm
	switch {
	case e.Absent || !step.Do.write():
		return ""
	case e.Seen.Kind == Disabled && !disarmed && !e.Resumed:
		return "somebody switched the entry off"
	case e.Seen.Kind == Missing && e.Confirmed && e.Lost > 0 && e.Write.Shown && e.Write.Kind != ActDelete && e.Loose.Kind != ActDelete:
		return "somebody deleted the entry a second time"
	}
	return ""
}

func TestDecide_WritesOnlyOnWhatWasReadSinceTheLastWriteAndTheLastNews(t *testing.T) {
	always(t, writesOnFreshReads)
}

func writesOnFreshReads(s Situation, step Step) string {
	seen := s.Entry.Seen
	switch {
	case !step.Do.write():
		return ""
	case seen.At.IsZero() || seen.Stale || seen.At.Before(s.Lock.WokenAt):
		return "nothing was read since the last news"
	case seen.At.Before(s.Entry.Write.At) && s.Entry.Tries > 0:
		return "nothing was read since the last write for this wish"
	case s.Lock.Doubt.Reads > 0:
		return "the last list was not believed"
	}
	return ""
}

func TestDecide_ReadsNothingAgainAtOnce(t *testing.T) { always(t, readsNotAtOnce) }

// readsNotAtOnce: a list that was not believed was read all the same, and where it
// was read without the lock, the lock may be asked.
func readsNotAtOnce(s Situation, step Step) string {
	read := s.Entry.Seen.At.Equal(s.Now) && !s.Entry.Seen.Stale || s.Lock.Doubt.At.Equal(s.Now)
	if step.Do == ActRead && read && (!step.WithLock || s.Lock.ReadAt.Equal(s.Now)) {
		return "it was read at this very moment"
	}
	return ""
}

func TestDecide_SaysWhyAndNeverThePIN(t *testing.T) { always(t, saysWhy) }

func saysWhy(s Situation, step Step) string {
	text := fmt.Sprint(step)
	switch {
	case step.Reason == "" || step.Row == "" || step.Row == "default":
		return "no row of the table decided"
	case strings.Contains(text, fmt.Sprint(guestsPIN)) || strings.Contains(text, fmt.Sprint(nobodysPIN)):
		return "the step holds a PIN"
	}
	return ""
}

func TestDecide_RandomSituationsReachEveryRow(t *testing.T) {
	reached := map[string]bool{}
	for seed := 0; seed < 50000 && len(reached) < len(PresentRows)+len(AbsentRows); seed++ {
		s := situations.Example(seed)
		reached[table(s.Entry.Absent)+Decide(s).Row] = true
	}
	for _, row := range PresentRows {
		if !reached[table(false)+row.ID] {
			t.Errorf("no situation reached %s%s: the properties say nothing about it", table(false), row.ID)
		}
	}
	for _, row := range AbsentRows {
		if !reached[table(true)+row.ID] {
			t.Errorf("no situation reached %s%s: the properties say nothing about it", table(true), row.ID)
		}
	}
}

func table(absent bool) string {
	if absent {
		return "absent/"
	}
	return "present/"
}
