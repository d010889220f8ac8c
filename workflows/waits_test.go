// This file is what always holds of Decide's waits: they end with the next check
// point of a ladder, and are no shorter than the floor.

package workflows

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

func TestDecide_NeverWaitsPastTheNextCheckPoint(t *testing.T) { always(t, waitsToTheNextCheckPoint) }

// waitsToTheNextCheckPoint leaves out two waits: a pause after an error is the
// server's or the account's, and the last check point of all leaves nothing to wait
// for but the end of the stay, which DecideStay knows.
func waitsToTheNextCheckPoint(s Situation, step Step) string {
	if step.Do != ActWait || step.Row == "waiting-out-trouble" {
		return ""
	}
	for _, at := range append(checkPoints(s), lookBacks(s)...) {
		if at.After(s.Now) && endsAfter(step, at) && !(s.Entry.Absent && !endsAfter(step, completeBy(s))) {
			return fmt.Sprintf("it waits until %s, and there is a check point at %s", step.Until, at)
		}
	}
	if step.Until.IsZero() && (s.Entry.Absent || !provenToBeThere(s)) {
		return "it waits for ever"
	}
	return ""
}

// endsAfter reports whether a wait ends after a moment, or never.
func endsAfter(step Step, at time.Time) bool { return step.Until.IsZero() || step.Until.After(at) }

// completeBy is until when the completion of the last sync is waited for.
func completeBy(s Situation) time.Time { return s.Lock.lastSync().Add(s.Policy.MarkWait.D()) }

func TestDecide_ReadsAtEachCheckPointOnceItsSyncIsCompleteOrShouldBe(t *testing.T) {
	always(t, readsAtCheckPoints)
}

func readsAtCheckPoints(s Situation, step Step) string {
	unread := func(at time.Time) bool { return !at.After(s.Now) && at.After(s.Entry.Seen.At) }
	waits := step.Do == ActWait && step.Row != "waiting-out-trouble" && s.Lock.Doubt.Reads == 0
	if waits && slices.ContainsFunc(checkPoints(s), unread) && endsAfter(step, completeBy(s)) {
		return "a check point has come, nothing has been read since, and no sync is to be complete first"
	}
	return ""
}

func TestDecide_WaitsForNothingThatIsPast(t *testing.T) { always(t, waitsAhead) }

func waitsAhead(s Situation, step Step) string {
	if step.Do == ActWait && !step.Until.IsZero() && !step.Until.After(s.Now) {
		return "a wait that is over before it begins"
	}
	return ""
}

func TestDecide_LooksAnewOnceAnOperationHasRunForLongAndForTooLong(t *testing.T) {
	always(t, waitsToTheTurn)
}

func waitsToTheTurn(s Situation, step Step) string {
	for _, span := range []Duration{s.Policy.OperationSync, s.Policy.OperationStuck} {
		at := s.Entry.PendingSince.Add(span.D())
		if step.Row == "operation-running" && step.Do == ActWait && at.After(s.Now) && endsAfter(step, at) {
			return fmt.Sprintf("it waits until %s, and the operation will have been running for %s at %s", step.Until, span, at)
		}
	}
	return ""
}

// lookBacks are when a removal is looked at again that the list bears out; none of
// an entry that is wished.
func lookBacks(s Situation) []time.Time {
	e := s.Entry
	if !e.Absent || e.RemovedAt.IsZero() || s.Lock.Doubt.Reads > 0 {
		return nil
	}
	var all []time.Time
	for _, after := range s.Policy.OpenLooks {
		if at := e.AbsentAt.Add(after.D()); at.After(e.RemovedAt) && at.Before(e.Window.Until) {
			all = append(all, at)
		}
	}
	for _, after := range s.Policy.Looks {
		at := e.RemovedAt.Add(after.D())
		if after >= 2*hour {
			at = at.Add(time.Hour - 1).Truncate(time.Hour) // One read of a lock serves all its removals.
		}
		all = append(all, at)
	}
	return all
}

func TestDecide_NeverWaitsLessThanTheFloorButForAnInstantThatIsKnown(t *testing.T) {
	always(t, waitsNoLessThanTheFloor)
}

// waitsNoLessThanTheFloor: what is only hoped for is looked for after FirstLook
// (3 s), then after twice as long each time, up to the floor of the retry table
// (15 s) and beyond. An instant that is known is waited for to the second, however
// near it is.
func waitsNoLessThanTheFloor(s Situation, step Step) string {
	if step.Do != ActWait || step.Until.IsZero() || knownInstant(s, step) {
		return ""
	}
	floor := min(s.Policy.FirstLook.D()<<min(s.Entry.Looks, 16), s.Policy.RetryFloor.D())
	last := latest(latest(s.Entry.Seen.At, s.Lock.Doubt.At), s.Entry.Write.At)
	if pause := step.Until.Sub(last); pause < floor {
		return fmt.Sprintf("a pause of %s since the last read or write, and the floor is %s", pause, floor)
	}
	return ""
}

// beforeAWrite are the rows that pause before they write once more.
var beforeAWrite = []string{"missing-still", "vanished-unconfirmed", "differs-refresh", "there-again", "there-ghost"}

// knownInstant reports whether something is known to be due when a wait ends.
func knownInstant(s Situation, step Step) bool {
	e, p, sync, until := s.Entry, s.Policy, s.Lock.lastSync(), step.Until
	known := append(checkPoints(s), lookBacks(s)...)
	known = append(known,
		e.Trouble.RetryAt,
		e.PendingSince.Add(p.OperationSync.D()), e.PendingSince.Add(p.OperationStuck.D()), s.Lock.OnlineSince.Add(p.OperationStuck.D()),
		sync.Add(p.SyncGap.D()), sync.Add(p.SyncGapUrgent.D()), // The next sync may be sent.
		sync.Add(p.MarkWait.D()/3), sync.Add(p.MarkWait.D()), // A sync should be complete.
		e.ExactSince.Add(p.TimedGap.D()), e.MissingSince.Add(p.TimedGap.D()), // A second read may stand for a mark.
		e.Seen.FreeAt.Add(p.EndSpread.D()+p.WriteGrace.D()), // Another stay should be gone.
	)
	if n := len(s.Lock.Syncs); n >= p.SyncsPerDay {
		known = append(known, s.Lock.Syncs[n-p.SyncsPerDay].Add(24*time.Hour))
	}
	switch {
	case slices.ContainsFunc(known, until.Equal):
		return true
	case slices.Contains(beforeAWrite, step.Row):
		return until.Sub(e.Write.At) >= p.RetryFloor.D()
	}
	offline := s.Lock.State != nil && s.Lock.State.ServerState == nuki.ServerOffline
	return offline && until.Sub(s.Lock.ReadAt) >= p.OnlineLife.D() // That it is must be asked anew.
}

// provenToBeThere: as of the last check point, or by listed in the stay.
func provenToBeThere(s Situation) bool {
	proof, asOf := s.Entry.Proof, s.Entry.Proof.At
	for _, at := range checkPoints(s) {
		if !at.After(s.Now) {
			asOf = latest(asOf, at)
		}
	}
	old := asOf.Sub(proof.At) > s.Policy.ProofLife.D()
	inTheStay := !s.Now.Before(s.CheckIn)
	switch proof.Level {
	case ProofReread:
		return !old || s.Policy.RequiredProof == ProofListed || inTheStay
	case ProofListed:
		return s.Policy.RequiredProof == ProofListed
	}
	return false
}

// checkPoints are the rungs of the ladders to check-in, to the end, and to the old
// end of a stay that was extended. One that was past when the wish came fires late.
// An entry that must go has none.
func checkPoints(s Situation) []time.Time {
	var all []time.Time
	if s.Entry.Absent {
		return nil
	}
	add := func(at, accepted, deadline time.Time) {
		if !at.After(accepted) {
			at = accepted.Add(max(s.Policy.LateRung.D(), deadline.Sub(accepted)/2))
		}
		all = append(all, at)
	}
	for _, left := range s.Policy.ToCheckIn {
		add(s.CheckIn.Add(-left.D()), s.AcceptedAt, s.CheckIn)
	}
	for _, left := range s.Policy.ToCheckOut {
		if at := s.Entry.Window.Until.Add(-left.D()); at.After(s.CheckIn) && at.After(s.AcceptedAt) {
			all = append(all, at)
		}
	}
	if old, extended := s.Entry.OldUntil, s.Entry.ExtendedAt; old.After(extended) {
		add(extended, extended, old)
		all = append(all, latest(extended, old.Add(-time.Hour)))
	}
	return all
}
