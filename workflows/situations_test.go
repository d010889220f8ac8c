// This file makes random situations for Decide: every field by itself, within what
// absorb.go keeps true of a memory, and near the moments at which a decision turns.

package workflows

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

const (
	guestsPIN  = 432426
	nobodysPIN = 999998
)

// spans are lengths of time from nothing to more than a week; about half of them
// are those at which the default policy changes its mind.
var spans = rapid.Custom(func(t *rapid.T) time.Duration {
	turns := []time.Duration{
		0, 3 * time.Second, 15 * time.Second, 30 * time.Second, 45 * time.Second, 90 * time.Second, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 4 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
	}
	i := rapid.IntRange(0, len(turns)-1).Draw(t, "turn")
	return turns[i] + time.Duration(rapid.IntRange(-1, 40).Draw(t, "share"))*max(turns[i], time.Second)/40
})

// before is a moment up to a span before another.
func before(t *rapid.T, at time.Time, what string) time.Time {
	return at.Add(-max(spans.Draw(t, what), 0))
}

// maybe is true in at most so many of a hundred cases: small numbers come more often.
func maybe(t *rapid.T, percent int, what string) bool {
	return rapid.IntRange(1, 100).Draw(t, what) > 100-percent
}

// of draws one of several values.
func of[T any](t *rapid.T, what string, values ...T) T {
	return values[rapid.IntRange(0, len(values)-1).Draw(t, what)]
}

// situations are random decisions to be made about one door.
var situations = rapid.Custom(func(t *rapid.T) Situation {
	s := Situation{Policy: policies.Draw(t, "policy"), CheckIn: checkIn, Told: maybe(t, 60, "told"), NoOther: maybe(t, 10, "no other")}
	end := checkIn.Add(max(spans.Draw(t, "stay"), time.Hour))
	s.AcceptedAt = checkIn.Add(of[time.Duration](t, "late", -1, -1, -1, 1) * spans.Draw(t, "accepted"))
	s.Now = moment(t, s, end)
	s.Lock = drawLock(t, s.Now, s.Policy)
	s.Entry = drawEntry(t, s, end)
	if e := s.Entry; maybe(t, 60, "synced since") {
		syncedSince(t, &s.Lock, latest(e.Write.At, latest(e.MissingSince, e.ExactSince)), s.Now)
	}
	if maybe(t, 8, "doubted") {
		drawDoubt(t, &s)
	}
	drawDesk(t, &s)
	drawOrders(t, &s)
	if s.Lock.State != nil && s.Entry.Write.At.After(s.Entry.Seen.At) {
		s.Lock.State.KeypadPaired, s.Lock.State.ServerState = true, nuki.ServerOnline // Else nothing had been written.
	}
	return s
})

// syncedSince adds a sync after what it was sent for, as most rows ask for one.
func syncedSince(t *rapid.T, lock *LockMemory, since, now time.Time) {
	if since.IsZero() {
		return
	}
	at := since.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "sync after")) * now.Sub(since) / 20)
	lock.Syncs = sortedTimes(append(lock.Syncs, at))
	if maybe(t, 70, "complete") {
		lock.MarkAt = latest(at, now.Add(-time.Second))
	}
}

// policies are the default one, one that is content with less proof, and one of
// seconds in the place of days.
var policies = rapid.Custom(func(t *rapid.T) Policy {
	policy := DefaultPolicy()
	switch of(t, "which", 0, 0, 1, 2) {
	case 1:
		policy.RequiredProof = ProofListed
	case 2:
		policy.ToCheckIn, policy.ToCheckOut = []Duration{10 * minute, 2 * minute, 0}, []Duration{minute}
		policy.RetrySteps, policy.AfterCheckIn = []Duration{second, 4 * second, 20 * second}, []Duration{5 * second}
		policy.RetryFloor, policy.FirstLook, policy.WriteGrace, policy.LateRung = second, second/2, 5*second, 20*second
		policy.SyncGap, policy.SyncGapUrgent, policy.SyncsPerDay = 30*second, 10*second, 100
		policy.MarkWait, policy.TimedGap, policy.Settled, policy.OnlineLife = 10*second, 20*second, minute, 5*second
	}
	return policy
})

// moment is when the decision is made: after the wish was accepted, near
// check-in, near the end, or near a check point.
func moment(t *rapid.T, s Situation, end time.Time) time.Time {
	base := of(t, "near", s.CheckIn, end, end, s.CheckIn.Add(-4*time.Hour), s.CheckIn.Add(-24*time.Hour), s.AcceptedAt)
	now := base.Add(of[time.Duration](t, "side", -1, 1) * spans.Draw(t, "from there"))
	return latest(now, s.AcceptedAt)
}

func drawLock(t *rapid.T, now time.Time, policy Policy) LockMemory {
	lock := LockMemory{ID: 11}
	if !maybe(t, 10, "lock was never read") {
		lock.ReadAt = before(t, now, "lock read")
		lock.State = &activities.LockState{KeypadPaired: !maybe(t, 3, "no keypad"), UpdatedAt: lock.ReadAt}
		lock.State.ServerState = of(t, "server", 0, 0, 0, 0, 0, 0, nuki.ServerOffline, nuki.ServerOffline, of(t, "broken", 0, nuki.ServerAuthInvalid))
	}
	if lock.State != nil && lock.State.ServerState == nuki.ServerOffline {
		lock.OfflineAt = lock.ReadAt
	} else if lock.State != nil && lock.State.ServerState == nuki.ServerOnline {
		lock.OnlineSince = before(t, lock.ReadAt, "online")
	}
	drawSyncs(t, &lock, now, policy)
	if maybe(t, 30, "woken") {
		lock.WokenAt = before(t, now, "wake")
		lock.LifeAt = lock.WokenAt
	}
	return lock
}

// drawDesk draws what the lock's front desk has told: that it does badly, and that
// it has refused the guest.
func drawDesk(t *rapid.T, s *Situation) {
	s.Lock.Advice.Quarantined = maybe(t, 10, "quarantined")
	if !s.Entry.Absent && maybe(t, 10, "refused") {
		s.Entry.RefusedAt = before(t, s.Now, "refused at")
		if maybe(t, 50, "refused before") {
			s.Lock.DoorSyncAt = before(t, s.Now, "door sync")
		}
	}
}

// drawOrders draws what a person has said: that nothing is to be changed, that the
// PIN does not work, that an entry is given up.
func drawOrders(t *rapid.T, s *Situation) {
	s.Held = maybe(t, 5, "held")
	if s.Entry.Absent {
		s.Entry.WrittenOff = maybe(t, 3, "written off")
		return
	}
	switch of(t, "reported", 0, 0, 0, 0, 0, 0, 0, 1, 2) {
	case 1:
		s.Entry.ReportedAt = before(t, s.Now, "reported at")
	case 2:
		s.Entry.ReportedAt = before(t, latest(s.Entry.Write.At, s.AcceptedAt), "reported before the last write")
	}
}

// drawDoubt draws a list that was not believed, after all that was done before.
func drawDoubt(t *rapid.T, s *Situation) {
	known := latest(s.Entry.Seen.At, s.Entry.Write.At)
	s.Lock.Doubt = Doubt{At: latest(known, before(t, s.Now, "doubt")), Reads: rapid.IntRange(1, 4).Draw(t, "doubts")}
	s.Lock.Doubt.Since = latest(known, before(t, s.Lock.Doubt.At, "doubted since"))
	s.Lock.Believed = Belief{At: before(t, s.Lock.Doubt.Since, "believed"), Total: 9, Foreign: 8}
}

func drawSyncs(t *rapid.T, lock *LockMemory, now time.Time, policy Policy) {
	for range of(t, "syncs", 0, 0, 1, 1, 2, policy.SyncsPerDay-1, policy.SyncsPerDay) {
		lock.Syncs = append(lock.Syncs, before(t, now, "sync"))
	}
	lock.Syncs = sortedTimes(lock.Syncs)
	switch of(t, "mark", 0, 0, 1, 2) {
	case 1:
		lock.MarkAt = latest(lock.lastSync(), before(t, now, "marked"))
	case 2:
		lock.MarkAt = before(t, lock.lastSync(), "mark of an earlier sync")
	}
}

var kinds = []FindingKind{
	Missing, Missing, Missing, Missing, Exact, Exact, Exact, Running, Running, TooNarrow, TooNarrow, TooWide, TooNarrow, Disabled, CodeDiffers, NameDiffers,
	TakenByForeign, TakenByForeign, TakenBySibling, TakenBySibling, NeverRead,
}

func drawEntry(t *rapid.T, s Situation, end time.Time) Entry {
	window, _ := nuki.NewWindow(s.CheckIn.Add(-of(t, "buffer", 0, time.Hour)), end)
	e := Entry{Lock: 11, Name: "K-R1", PIN: nuki.CodeOf(guestsPIN), Window: window}
	if e.Absent = maybe(t, 45, "absent"); e.Absent {
		e.Why, e.AbsentAt = "the stay has ended", before(t, s.Now, "absent since")
	}
	if maybe(t, 20, "extended") {
		e.OldUntil, e.ExtendedAt = window.Until.Add(-max(spans.Draw(t, "longer"), 1)), before(t, s.Now, "extended at")
	}
	drawSeen(t, &e, s)
	drawWrites(t, &e, s.Now)
	drawProof(t, &e, s)
	if maybe(t, 12, "in trouble") {
		e.Trouble = Trouble{
			Type:    of(t, "trouble", activities.ErrLockUnknown, activities.ErrUnreachable, activities.ErrRateLimited, activities.ErrLockUnknown, activities.ErrAccountRefused, string(activities.Busy)),
			Message: "nuki: list authorizations: 503", Tries: 5, InARow: rapid.IntRange(1, 5).Draw(t, "in a row"),
			RetryAt: s.Now.Add(of[time.Duration](t, "over", -1, 1) * spans.Draw(t, "pause")),
		}
	}
	return e
}

// drawSeen draws what the last read showed, and since when it has shown it.
func drawSeen(t *rapid.T, e *Entry, s Situation) {
	f := Finding{Kind: of(t, "kind", kinds...)}
	if f.Kind == NeverRead {
		e.Seen = f
		return
	}
	f.At, f.Stale = before(t, s.Now, "seen"), maybe(t, 5, "stale")
	if maybe(t, 75, "lately") {
		f.At = s.Now.Add(-of(t, "just now", 0, time.Second, 29*time.Second, 2*time.Minute))
	}
	f.Total = of(t, "listed", 3, 3, 3, 3, s.Policy.Capacity)
	switch {
	case f.Kind.there():
		e.AuthID, f.AuthID, f.Code, f.Window = "a1", "a1", e.PIN, drawWindow(t, e.Window, f.Kind)
		f.Off = f.Kind == Disabled
		if f.Kind == CodeDiffers {
			f.Code = nuki.CodeOf(nobodysPIN)
		}
	case f.Kind == TakenBySibling:
		f.FreeAt = e.Window.From.Add(of[time.Duration](t, "leaves", -1, -1, 1) * spans.Draw(t, "free at"))
	case f.Kind == TakenByForeign:
		f.Hidden = maybe(t, 30, "hidden")
	}
	if maybe(t, 40, "known") {
		e.AuthID = "a1"
	}
	e.Seen = f
	if e.Absent && e.AuthID == "" && maybe(t, 10, "search") {
		e.PIN, e.Name = nuki.PIN{}, ""
	}
	e.absorbSpells(Finding{Kind: f.Kind, At: before(t, f.At, "like that since")})
}

// drawWindow is the window that an entry of some kind shows.
func drawWindow(t *rapid.T, wished nuki.Window, kind FindingKind) nuki.Window {
	shown := wished
	switch kind {
	case TooNarrow:
		if maybe(t, 70, "ends early") {
			shown.Until = wished.From.Add(max(wished.Until.Sub(wished.From)-max(spans.Draw(t, "earlier"), time.Second), time.Minute))
		} else {
			shown.From = wished.From.Add(time.Minute)
		}
	case TooWide:
		shown = of(t, "lost", nuki.Window{}, nuki.Window{From: wished.From, Until: wished.Until.Add(time.Hour), WeekDays: wished.WeekDays})
	}
	return shown
}

// drawWrites draws what was tried: a write of the present wish, and one of an
// older wish that may land late.
func drawWrites(t *rapid.T, e *Entry, now time.Time) {
	all := []Action{ActCreate, ActUpdate, ActRefresh, ActDelete, ActDisarm}
	if maybe(t, 75, "written") {
		e.Write = Write{Kind: of(t, "write", all...), At: before(t, now, "written at"), Unsure: maybe(t, 10, "unsure")}
		drawTries(t, e)
		if e.Write.Kind != ActCreate {
			e.AuthID = "a1"
		}
	}
	if maybe(t, 15, "overtaken") {
		e.Loose = Write{Kind: of(t, "loose", all...), At: before(t, now, "loose since")}
	}
	e.Looks = of(t, "looks", 0, 0, 1, 2, 4, 30)
	e.Confirmed = e.AuthID != "" && maybe(t, 50, "confirmed")
	e.Lost = of(t, "lost", 0, 0, 1, 2)
	e.Resumed = e.Seen.Kind == Disabled && maybe(t, 30, "resumed")
}

// drawTries draws how the write was taken. One that the present wish does not make
// was made for another; one that no read has followed was made of what was seen.
func drawTries(t *rapid.T, e *Entry) {
	seen := e.Seen.Kind
	forWish := e.Absent == (e.Write.Kind == ActDelete || e.Write.Kind == ActDisarm)
	ofSeen := forWish && (e.Write.Kind == ActCreate && seen == Missing || e.Write.Kind != ActCreate && seen.there() && seen != Running && (e.Absent || seen != Exact && seen != Disabled))
	if !ofSeen || maybe(t, 60, "read since") {
		e.Write.At = earliest(e.Write.At, e.Seen.At)
		shows := e.Write.Kind == ActDelete && !seen.there() || e.Write.Kind == ActDisarm && seen == CodeDiffers
		e.Write.Shown = shows || seen == Exact || e.AuthID != "" && maybe(t, 40, "shown before")
	}
	if forWish && (e.Absent || !e.Write.Shown) {
		e.Tries = rapid.IntRange(1, 4).Draw(t, "tries")
	}
}

// drawProof draws what was concluded from the reads.
func drawProof(t *rapid.T, e *Entry, s Situation) {
	exact := !e.ExactSince.IsZero()
	switch {
	case exact && !e.Absent:
		e.Proof = Proof{Level: of(t, "proof", ProofListed, ProofReread, ProofReread), At: before(t, e.Seen.At, "proven")}
	case e.Write.Pending() && !e.Absent:
		e.Proof = Proof{Level: ProofRequested, At: e.Write.At}
	}
	if e.Absent && !e.Seen.Kind.there() && !e.Seen.At.IsZero() && maybe(t, 40, "removed") {
		e.RemovedAt = before(t, e.Seen.At, "removed at")
		e.AbsentAt = slices.MinFunc([]time.Time{e.AbsentAt, e.RemovedAt}, time.Time.Compare)
		e.Seen.Stale = false
		if e.LooksDone = e.looksDue(e.Seen.At, s.Policy); e.LooksDone > 0 && e.Seen.At.Before(s.Now) && maybe(t, 30, "look without a mark") {
			e.LooksDone--
		}
	}
}
