// This file takes news into what an entry remembers: readings, writes and
// errors. Pure: no workflow, no effects; all proof is made here.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// absorbReading takes one reading of a lock, begun at a moment, into the
// reservation's memory of the lock and of all its entries there.
func (s *State) absorbReading(lock int64, reading *activities.Reading, at time.Time) {
	if reading == nil {
		return
	}
	memory := s.lock(lock)
	memory.absorb(reading.Lock, at)
	if !memory.believe(reading, at, s.Policy) {
		for _, entry := range s.entriesOn(lock) {
			entry.answered(at)
		}
		return
	}
	s.adopt(lock, reading, at)
	s.separate(lock, reading, at)
	for _, entry := range s.entriesOn(lock) {
		before := *entry
		entry.absorb(find(entry, s.unclaimed(entry, reading), at), *memory, s.policyFor(entry, at))
		memory.landed(before, entry, at)
	}
}

// clockMargin is how far Nuki's clock may be behind ours.
const clockMargin = 30 * time.Second

// absorb takes a read of the lock itself. An update time that is newer than what
// was known before the last sync, and than the sync, marks its completion.
func (m *LockMemory) absorb(state *activities.LockState, at time.Time) {
	if state == nil {
		return
	}
	m.State, m.ReadAt = state, at
	if state.ServerState == nuki.ServerOffline {
		m.OfflineAt = at
	}
	m.OnlineSince = spell(m.OnlineSince, state.ServerState == nuki.ServerOnline, at)
	if sync := m.lastSync(); !sync.IsZero() && !m.marked() && m.updatedBy(state, sync) && at.After(sync) {
		m.MarkAt = at
	}
}

// updatedBy reports whether the sync may have brought the update about. Of a lock that
// was offline meanwhile it may be the connection.
func (m *LockMemory) updatedBy(state *activities.LockState, sync time.Time) bool {
	return m.OfflineAt.Before(sync) && state.UpdatedAt.After(m.UpdatedBefore) && !state.UpdatedAt.Before(sync.Add(-clockMargin))
}

// lastSync is when the last sync was sent; zero before the first.
func (m *LockMemory) lastSync() time.Time {
	if len(m.Syncs) == 0 {
		return time.Time{}
	}
	return m.Syncs[len(m.Syncs)-1]
}

// marked reports whether the last sync was seen to be complete.
func (m *LockMemory) marked() bool {
	return len(m.Syncs) > 0 && !m.MarkAt.Before(m.lastSync())
}

// synced records a sync of a lock. What it brings is looked for as soon as what a
// write brings.
func (s *State) synced(lock int64, at time.Time) {
	s.lock(lock).synced(at)
	for _, entry := range s.entriesOn(lock) {
		entry.Looks = 0
	}
}

// synced records a sync and forgets those older than a day.
func (m *LockMemory) synced(at time.Time) {
	kept := m.Syncs[:0]
	for _, sync := range m.Syncs {
		if at.Sub(sync) < day.D() {
			kept = append(kept, sync)
		}
	}
	m.Syncs = append(kept, at)
	m.UpdatedBefore = time.Time{}
	if m.State != nil {
		m.UpdatedBefore = m.State.UpdatedAt
	}
}

// adopt gives what a search finds under our name an entry of its own: an earlier
// run, terminated or reset, may have left it, and somebody may know its PIN. What
// becomes of it is decided like of any other entry.
func (s *State) adopt(lock int64, reading *activities.Reading, at time.Time) {
	search := s.search(lock)
	if search == nil {
		return
	}
	for _, listed := range reading.Own {
		if s.recorded(lock, listed.AuthID) != nil {
			continue
		}
		if entry := s.unrecorded(lock, listed.PIN); entry != nil {
			entry.AuthID = listed.AuthID // The PIN was found again on another door, and is wished here already.
			continue
		}
		s.adoptListed(lock, listed, at)
	}
	search.RemovedAt, search.LooksDone = at, len(s.Policy.Looks)+len(s.Policy.OpenLooks)
}

// search is the entry that stands for looking what an earlier run left.
func (s *State) search(lock int64) *Entry {
	for _, entry := range s.entriesOn(lock) {
		if entry.searches() && entry.RemovedAt.IsZero() {
			return entry
		}
	}
	return nil
}

// searches reports whether the entry stands for a search alone.
func (e *Entry) searches() bool { return e.AuthID == "" && e.PIN.IsZero() }

// answered ends a trouble, as the lock's list could be read.
func (e *Entry) answered(at time.Time) {
	if !e.Trouble.refusal() || !at.Before(e.Trouble.RetryAt) {
		e.Trouble = Trouble{}
	}
}

// absorb takes one finding into the entry.
func (e *Entry) absorb(f Finding, lock LockMemory, policy Policy) {
	e.Seen = f
	e.Resumed = e.Resumed && f.Kind != Exact
	e.answered(f.At)
	e.Looks++
	if f.AuthID != "" {
		e.AuthID = f.AuthID
	}
	e.absorbSpells(f)
	e.account(f)
	e.settleLoose(f, lock, policy)
	if f.Kind.there() && !lock.saidOffline() {
		e.WrittenOff = false // The lock is back, and with it what was given up.
	}
	if e.Absent {
		e.proveAbsence(f, lock, policy)
	} else {
		e.proveEntry(f, lock, policy)
	}
}

// absorbSpells keeps the beginnings of unbroken series of equal reads.
func (e *Entry) absorbSpells(f Finding) {
	e.ExactSince = spell(e.ExactSince, f.Kind == Exact || f.Kind == NameDiffers, f.At)
	e.MissingSince = spell(e.MissingSince, !f.Kind.there(), f.At)
	e.PendingSince = spell(e.PendingSince, f.Kind == Running, f.At)
}

// spell continues, begins or ends a series.
func spell(since time.Time, holds bool, at time.Time) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case since.IsZero():
		return at
	}
	return since
}

// account marks the last write as shown, once a read shows its effect.
func (e *Entry) account(f Finding) {
	if !e.Write.Pending() || f.At.Before(e.Write.At) {
		return
	}
	switch e.Write.Kind {
	case ActCreate, ActUpdate, ActRefresh:
		if f.Kind == Exact {
			e.Write.Shown, e.Tries = true, 0
		}
	case ActDelete:
		e.Write.Shown = !f.Kind.there()
	case ActDisarm:
		e.Write.Shown = f.Kind.there() && f.Kind != Running && f.Code != e.PIN
	}
	if e.Write.Shown && e.Loose.At.Equal(e.Write.At) {
		e.Loose = Write{}
	}
}

// settleLoose ends the watch for a write that was overtaken by a newer wish:
// it has landed and been put right, or there was time enough and two reads
// around a sync agree.
func (e *Entry) settleLoose(f Finding, lock LockMemory, policy Policy) {
	if e.Loose.Kind == "" || f.At.Sub(e.Loose.At) < policy.Unaccounted.D() {
		return
	}
	since := e.ExactSince
	if e.Absent {
		since = e.MissingSince
	}
	if sync := lock.lastSync(); !since.IsZero() && !sync.Before(since) && f.At.After(sync) {
		e.Loose = Write{}
	}
}

// proveEntry raises or resets the proof of a wished entry.
func (e *Entry) proveEntry(f Finding, lock LockMemory, policy Policy) {
	switch {
	case e.ExactSince.IsZero() || e.Loose.Kind != "":
		e.resetProof(f)
	case e.Proof.Level == ProofUsed: // Nothing proves more than a door that opened.
	case confirmed(e.ExactSince, f.At, lock, policy) && !e.provenSince(lock.lastSync()):
		e.Proof = Proof{Level: ProofReread, Evidence: confirmation(e.ExactSince, f.At, lock), At: f.At}
		e.Confirmed = true
	case !e.Proof.Level.AtLeast(ProofReread):
		e.Proof = Proof{Level: ProofListed, Evidence: EvidenceList, At: f.At}
	}
}

// provenSince reports whether the proof is a reread that is not older than the sync.
func (e *Entry) provenSince(sync time.Time) bool {
	return e.Proof.Level.AtLeast(ProofReread) && e.Proof.At.After(sync)
}

// resetProof leaves of a proof what still holds: that the API has accepted.
func (e *Entry) resetProof(f Finding) {
	if e.Write.Pending() && !e.Write.Unsure && e.Write.Kind != ActDelete && f.Kind != TakenByForeign {
		e.Proof = Proof{Level: ProofRequested, Evidence: EvidenceAnswer, At: e.Write.At}
		return
	}
	e.Proof = Proof{}
}

// confirmed reports whether a series of equal reads spans a completed sync.
func confirmed(since, last time.Time, lock LockMemory, policy Policy) bool {
	sync := lock.lastSync()
	if since.IsZero() || sync.IsZero() || !last.After(sync) {
		return false
	}
	return spansMark(since, last, lock) || timed(since, last, lock, policy)
}

// spansMark reports whether the series began before the sync and that its last read
// came after the mark of completion.
func spansMark(since, last time.Time, lock LockMemory) bool {
	return lock.marked() && !since.After(lock.lastSync()) && !last.Before(lock.MarkAt)
}

// timed reports whether no mark served in its time, and that two equal reads, the
// later one with the lock seen online, are far enough apart to stand in for it.
func timed(since, last time.Time, lock LockMemory, policy Policy) bool {
	online := lock.State != nil && lock.State.ServerState == nuki.ServerOnline && !lock.ReadAt.Before(last)
	waited := last.Sub(lock.lastSync()) >= policy.MarkWait.D()
	reached := lock.OfflineAt.Before(lock.lastSync()) // A sync of a lock that was offline proves nothing.
	return online && waited && reached && last.Sub(since) >= policy.TimedGap.D()
}

func confirmation(since, last time.Time, lock LockMemory) Evidence {
	if spansMark(since, last, lock) {
		return EvidenceMark
	}
	return EvidenceTimed
}

// proveAbsence records that an unwanted entry is gone: missing on both sides of
// a completed sync. Where nothing of ours was ever sent or seen, one read does.
func (e *Entry) proveAbsence(f Finding, lock LockMemory, policy Policy) {
	switch {
	case f.Kind.there():
		e.RemovedAt, e.LooksDone, e.Proof = time.Time{}, 0, Proof{}
	case !e.RemovedAt.IsZero():
		if !lock.awaitsMark(f.At, policy) {
			e.LooksDone = e.looksDue(f.At, policy)
		}
	case e.untouched():
		e.RemovedAt, e.Proof = f.At, Proof{}
	case confirmed(e.MissingSince, f.At, lock, policy) && e.settled(f.At, policy):
		e.RemovedAt = f.At
		e.Proof = Proof{Level: ProofReread, Evidence: confirmation(e.MissingSince, f.At, lock), At: f.At}
	}
}

// untouched reports whether the entry was never sent to the lock and never seen there.
func (e *Entry) untouched() bool { return e.Write.Kind == "" && e.AuthID == "" && e.Loose.Kind == "" }

// settled reports whether no create of ours may still land late.
func (e *Entry) settled(at time.Time, policy Policy) bool {
	if e.Loose.Kind != "" {
		return false
	}
	return e.Write.Kind != ActCreate || e.Write.Shown || at.Sub(e.Write.At) >= policy.Unaccounted.D()
}

// looks are the moments after a removal at which it is looked again, in order.
func (e *Entry) looks(policy Policy) []time.Time {
	var all []time.Time
	for _, after := range policy.OpenLooks {
		if at := e.AbsentAt.Add(after.D()); at.After(e.RemovedAt) && at.Before(e.Window.Until) {
			all = append(all, at)
		}
	}
	for _, after := range policy.Looks {
		all = append(all, together(e.RemovedAt.Add(after.D()), after.D()))
	}
	return sortedTimes(all)
}

// together puts off what need not be punctual to the next full hour, where it is
// hours away: the looks of one lock fall together, and one read serves them all.
func together(at time.Time, away time.Duration) time.Time {
	if away < 2*time.Hour {
		return at
	}
	return at.Add(time.Hour - 1).Truncate(time.Hour)
}

// looksDue counts the looks after a removal whose time has come.
func (e *Entry) looksDue(at time.Time, policy Policy) int {
	done := 0
	for _, look := range e.looks(policy) {
		if !at.Before(look) {
			done++
		}
	}
	return done
}

// awaitsMark reports whether a sync was sent and its completion has not been seen.
func (m *LockMemory) awaitsMark(at time.Time, policy Policy) bool {
	sync := m.lastSync()
	return !sync.IsZero() && !m.marked() && at.Sub(sync) < policy.MarkWait.D()
}

// wrote records a write and how it was answered.
func (e *Entry) wrote(kind Action, at, done time.Time, outcome activities.Outcome) {
	e.Trouble = Trouble{}
	switch outcome {
	case activities.Accepted, activities.AlreadyRight:
		if kind == ActCreate && e.Confirmed && e.Write.Kind != ActDelete {
			e.Lost++
		}
		if kind == ActCreate {
			e.Confirmed, e.FormerProof = false, ProofNone
		}
		e.Refusals = 0
		e.Write = Write{Kind: kind, At: at, Done: done}
		e.RefusedAt = time.Time{}
		e.Tries++
		e.Looks = 0
		if !e.Absent {
			e.Proof = Proof{Level: ProofRequested, Evidence: EvidenceAnswer, At: at}
		}
	case activities.CodeInUse:
		e.Refusals++
		if e.Seen.Kind == Missing && e.Refusals >= takenAfter {
			e.Seen.Kind, e.Seen.Hidden = TakenByForeign, true
		}
	case activities.Busy:
		e.Refusals++
		e.Seen.Kind = Running
		e.PendingSince = earliest(e.PendingSince, at)
	case activities.NotThere:
		e.Write = Write{Kind: kind, At: at, Done: done}
		e.Looks = 0
	}
}

// takenAfter is how many answers that the code is in use must come, while the
// list shows nobody who has it, before that is believed.
const takenAfter = 3

// unsure records a write of which no answer came: it may land all the same.
func (e *Entry) unsure(kind Action, at, done time.Time) {
	e.Write = Write{Kind: kind, At: at, Done: done, Unsure: true}
	e.Tries++
	e.Looks = 0
}
