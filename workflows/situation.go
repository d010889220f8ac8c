// This file is what one decision about a door is made from, and the questions
// that the rows of the recovery policy ask of it.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// Situation is everything that Decide knows of one entry on one lock.
type Situation struct {
	Now    time.Time
	Entry  Entry
	Lock   LockMemory
	Policy Policy
	// Told: somebody may know the entry's PIN.
	Told bool
	// Held: a person wants nothing changed.
	Held bool
	// NoOther: no other PIN is granted, as there is a newer one already or the
	// stay has had its second one.
	NoOther bool
	// AcceptedAt is when the stay was accepted.
	CheckIn, AcceptedAt time.Time
}

// rungs are the moments at which a wished entry is read again, in order of time:
// the ladders to check-in and to check-out. Those that were past when the wish
// was accepted are one rung together, a while after that.
func (s Situation) rungs() []time.Time {
	var all []time.Time
	late := false
	for _, before := range s.Policy.ToCheckIn {
		rung := s.CheckIn.Add(-before.D())
		if rung.After(s.AcceptedAt) {
			all = append(all, rung)
		} else {
			late = true
		}
	}
	for _, before := range s.Policy.ToCheckOut {
		if rung := s.Entry.Window.Until.Add(-before.D()); rung.After(s.CheckIn) && rung.After(s.AcceptedAt) {
			all = append(all, rung)
		}
	}
	if late {
		all = append(all, lateRung(s.AcceptedAt, s.CheckIn, s.Policy))
	}
	return sortedTimes(append(all, s.extensionRungs()...))
}

// extensionRungs lead to the end that a window had before it was extended: from
// then on the guest needs the longer one.
func (s Situation) extensionRungs() []time.Time {
	e := s.Entry
	if !e.OldUntil.After(e.ExtendedAt) {
		return nil
	}
	return []time.Time{lateRung(e.ExtendedAt, e.OldUntil, s.Policy), latest(e.ExtendedAt, e.OldUntil.Add(-time.Hour))}
}

// hastilyProven reports whether the only proof may have been made in the same bad hour as
// the write, in which a sync is answered, marked and does nothing.
func (s Situation) hastilyProven() bool {
	return s.Entry.Proof.Level == ProofReread && !s.settled()
}

// settled reports whether the proof was not made in the same hour as the write.
func (s Situation) settled() bool {
	return s.Entry.Proof.At.Sub(s.Entry.Write.At) >= s.Policy.Settled.D()
}

// rung is when a rung of the ladder to check-in fires: late, where it was past
// already when the wish was accepted.
func rung(before Duration, accepted, checkIn time.Time, policy Policy) time.Time {
	at := checkIn.Add(-before.D())
	if at.After(accepted) {
		return at
	}
	return lateRung(accepted, checkIn, policy)
}

func lateRung(accepted, checkIn time.Time, policy Policy) time.Time {
	wait := max(policy.LateRung.D(), checkIn.Sub(accepted)/2)
	return accepted.Add(wait)
}

// dueRung is the latest rung that has come; zero before the first.
func (s Situation) dueRung() time.Time {
	var due time.Time
	for _, rung := range s.rungs() {
		if !rung.After(s.Now) {
			due = rung
		}
	}
	return due
}

// nextRung is the next rung to come; zero after the last.
func (s Situation) nextRung() time.Time {
	for _, rung := range s.rungs() {
		if rung.After(s.Now) {
			return rung
		}
	}
	return time.Time{}
}

// begun reports whether the time of check-in has come.
func (s Situation) begun() bool { return !s.Now.Before(s.CheckIn) }

// retry is the delay after n attempts: a step of the retry table, shortened to
// an eighth of the time left, never below the floor.
func (s Situation) retry(n int) time.Duration {
	steps, left := s.Policy.RetrySteps, s.CheckIn.Sub(s.Now)
	switch old := s.oldEnd().Sub(s.Now); {
	case s.Entry.Absent:
		left = 0
	case old > 0 && s.begun():
		left = old
	case old > 0:
		left = min(left, old)
	case s.begun():
		steps, left = s.Policy.AfterCheckIn, 0
	}
	return retryDelay(steps, n, left, s.Policy.RetryFloor.D())
}

// oldEnd is when the guest of a stay that was extended is locked out, as the list
// shows the window; zero where it ends as wished. Until then nobody waits at the
// door, and an eighth of the time left is soon enough.
func (s Situation) oldEnd() time.Time {
	shown := s.Entry.Seen.Window
	if !s.Entry.Seen.Kind.there() || shown.From.After(s.Now) && s.begun() || !shown.Until.Before(s.Entry.Window.Until) {
		return time.Time{}
	}
	return shown.Until
}

// retryDelay is the n-th step (counted from 0), an eighth of the time left if
// that is less, and never below the floor. No time left means no shortening.
func retryDelay(steps []Duration, n int, left, floor time.Duration) time.Duration {
	if len(steps) == 0 {
		return floor
	}
	delay := steps[min(max(n, 0), len(steps)-1)].D()
	if left > 0 {
		delay = min(delay, left/8)
	}
	return max(delay, floor)
}

// nextLook is when it is read again without a wake-up: soon after a write or a
// sync, then each time after twice as long, no longer than the retry table says.
func (s Situation) nextLook() time.Time {
	delay := s.firstLook() << min(s.Entry.Looks, 16)
	since := latest(latest(s.Entry.Seen.At, s.Entry.Write.At), s.Lock.lastSync())
	return since.Add(min(delay, s.retry(s.Entry.Looks)))
}

// firstLook is the pause before the first of these. A webhook mostly comes within
// seconds: where nobody waits at the door it has twice the time, so that one read
// serves instead of two.
func (s Situation) firstLook() time.Duration {
	if s.urgent() {
		return s.Policy.FirstLook.D()
	}
	return 2 * s.Policy.FirstLook.D()
}

// mustRead reports whether a read is due: there was none, a wake-up asks for one, or a
// rung has come. A list that was not believed has been read all the same.
func (s Situation) mustRead() bool {
	read := latest(s.Entry.Seen.At, s.Lock.Doubt.At)
	return read.IsZero() || s.Entry.Seen.Stale || s.Lock.WokenAt.After(read) || s.rungDue() || s.unreadWrite()
}

// unreadWrite reports whether a write had its time to show and nobody has looked: there
// was no worker, or an error to wait out. Without a read there is no next write.
func (s Situation) unreadWrite() bool {
	return s.Entry.Write.At.After(s.Entry.Seen.At) && !s.withinGrace()
}

// rungUnread reports whether a rung has come since the last read.
func (s Situation) rungUnread() bool {
	due := s.dueRung()
	return !s.Entry.Absent && !due.IsZero() && s.Entry.Seen.At.Before(due)
}

// rungDue reports whether a rung asks for a read now. While the mark of a sync that the
// rung asked for is awaited, its read waits too.
func (s Situation) rungDue() bool {
	return s.rungUnread() && !(s.awaitsMark() && s.syncedSince(s.dueRung()))
}

// awaitsMark reports whether a sync was sent and its completion has not been seen.
func (s Situation) awaitsMark() bool { return s.Lock.awaitsMark(s.Now, s.Policy) }

// syncedSince reports whether a sync was sent since a moment: calls about one lock
// never overlap, so that one of the same instant came after. One that was lost is
// as good as none.
func (s Situation) syncedSince(t time.Time) bool {
	sync := s.Lock.lastSync()
	return !sync.IsZero() && !sync.Before(t) && !s.syncLost()
}

// syncLost reports whether the lock was offline at or after the last sync, and has come
// back: what the sync has not proven by now it never will, and another one can.
func (s Situation) syncLost() bool {
	return !s.Lock.OfflineAt.Before(s.Lock.lastSync()) && !s.saidOffline()
}

// maySync reports whether a sync is within its bounds: each costs the lock's battery.
func (s Situation) maySync() bool { return !s.Now.Before(s.syncAllowedAt()) }

// syncAllowedAt is when the next sync is within its bounds.
func (s Situation) syncAllowedAt() time.Time {
	at := s.told()
	sync := s.Lock.lastSync()
	if sync.IsZero() {
		return latest(at, s.Now)
	}
	at = latest(at, sync.Add(s.syncGap()))
	if n, most := len(s.Lock.Syncs), s.syncsPerDay(); n >= most {
		at = latest(at, s.Lock.Syncs[n-most].Add(day.D()))
	}
	return at
}

// syncsPerDay bounds the syncs of 24 hours: more in an emergency.
func (s Situation) syncsPerDay() int {
	if s.urgent() {
		return max(s.Policy.SyncsUrgent, s.Policy.SyncsPerDay)
	}
	return s.Policy.SyncsPerDay
}

// chased reports whether an entry stays listed whatever is done: the next write may
// succeed, another sync shows nothing new. It must not use up the syncs that guests
// at the door need.
func (s Situation) chased() bool { return s.stillThere() && s.Entry.Tries > disarmAfter }

// urgent is an emergency, for which syncs may be closer together:
//   - a wished entry while the guest is at the door or about to be, if it is not
//     proven, or was too soon after its write, or was refused or reported;
//   - an entry that must go while its window would open the door, if it is not proven
//     gone, or was too soon after its delete, and does not resist whatever is done.
func (s Situation) urgent() bool {
	if s.Entry.Absent {
		open := s.Now.Before(s.Entry.Window.Until) && !s.Now.Before(s.Entry.Window.From)
		return open && !s.chased() && (s.Entry.RemovedAt.IsZero() || !s.removalSettled())
	}
	doubtful := !s.provenEnough() || s.hastilyProven() || !s.Entry.RefusedAt.IsZero() || s.reported()
	return doubtful && s.CheckIn.Sub(s.Now) < s.Policy.UrgentWithin.D()
}

// syncGap is the least time between two syncs: less in an emergency.
func (s Situation) syncGap() time.Duration {
	if s.urgent() {
		return min(s.Policy.SyncGapUrgent.D(), s.Policy.SyncGap.D())
	}
	return s.Policy.SyncGap.D()
}

// saidOffline reports whether the last read of the lock showed it offline and nothing
// has been heard of it since.
func (s Situation) saidOffline() bool { return s.Lock.saidOffline() }

func (m LockMemory) saidOffline() bool {
	return m.State != nil && m.State.ServerState == nuki.ServerOffline && !m.LifeAt.After(m.ReadAt)
}

// offlineKnown reports whether this was read so lately that it is believed.
func (s Situation) offlineKnown() bool {
	return s.saidOffline() && s.Now.Sub(s.Lock.ReadAt) < s.Policy.OnlineLife.D()
}

// accountBroken reports whether the lock's link to the account must be set up anew.
func (s Situation) accountBroken() bool {
	return s.Lock.State != nil && s.Lock.State.ServerState != nuki.ServerOnline && s.Lock.State.ServerState != nuki.ServerOffline
}

// keypadMissing reports whether the lock has no keypad.
func (s Situation) keypadMissing() bool { return s.Lock.State != nil && !s.Lock.State.KeypadPaired }

// sent reports whether a write of this kind is not accounted for.
func (s Situation) sent(kinds ...Action) bool {
	for _, kind := range kinds {
		if s.Entry.Write.Kind == kind && s.Entry.Write.Pending() {
			return true
		}
	}
	return false
}

// withinGrace reports whether the last write may still show by itself.
func (s Situation) withinGrace() bool {
	return s.Now.Sub(s.Entry.Write.At) < s.Policy.WriteGrace.D()
}

// wasThere reports whether a read has shown the entry since the last create, and that
// no delete of ours explains why it is missing.
func (s Situation) wasThere() bool {
	return s.Entry.AuthID != "" && !s.sent(ActCreate) && s.Entry.Write.Kind != ActDelete && s.Entry.Loose.Kind != ActDelete
}

// atRisk reports whether a door that is not proven by now puts the check-in at risk.
func (s Situation) atRisk() bool {
	return !s.Now.Before(rung(s.Policy.AtRisk, s.AcceptedAt, s.CheckIn, s.Policy))
}

// provenEnough reports whether the proof that counts is the needed one, as of the last
// rung: between rungs a proof does not decay.
func (s Situation) provenEnough() bool {
	asOf := latest(s.dueRung(), s.Entry.Proof.At)
	return s.Entry.Proof.Counts(asOf, s.Policy.ProofLife).AtLeast(s.neededProof())
}

// provenOrRenewing also counts a proof that has grown old at a rung and is being
// renewed: for as long as that takes, a stay is no less ready than before.
func (s Situation) provenOrRenewing() bool {
	taking := s.Policy.AskWait.D() + s.Policy.MarkWait.D()
	renewing := s.Entry.Seen.Kind == Exact && s.Entry.Proof.Level.AtLeast(s.neededProof()) && s.Now.Before(s.dueRung().Add(taking))
	return renewing || s.provenEnough()
}

// unfinished reports whether the entry is not known to be as wished.
func (s Situation) unfinished() bool {
	if s.Entry.Absent {
		return s.Entry.RemovedAt.IsZero() && !s.Entry.WrittenOff
	}
	return !s.provenOrRenewing()
}

// neededProof is the policy's before check-in. In the stay every exact read
// renews what was proven, so that listed is enough.
func (s Situation) neededProof() ProofLevel {
	if s.begun() && s.Entry.Proof.Level.AtLeast(ProofReread) {
		return ProofListed
	}
	return s.Policy.RequiredProof
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func sortedTimes(times []time.Time) []time.Time {
	slices.SortFunc(times, time.Time.Compare)
	return times
}
