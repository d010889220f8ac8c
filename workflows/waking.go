// This file takes in what a lock's front desk tells a reservation: news of the
// lock, of the door, and entries that came back. Pure.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
)

// wake takes news of a lock in. It is a hint to read, never truth.
func (s *State) wake(message Wake, now time.Time) {
	memory := s.lock(message.Lock)
	memory.Attended = true // Whoever is woken is on the desk's list.
	if message.Reason.rank() > 0 {
		memory.WokenAt = now
	}
	if message.Life {
		memory.LifeAt = now
	}
	if message.Reason == WakeEntry && s.waitsForRoom(message.Lock) {
		s.lookSoon(message.Lock) // A code may have gone.
	}
	for _, entry := range s.entriesOn(message.Lock) {
		if entry.WrittenOff && message.Reason.rank() > 0 {
			entry.readAnew() // The lock is heard of again.
		}
	}
	if message.Reason == WakeMark && !memory.marked() {
		memory.MarkAt = now
	}
	if message.Sync != nil {
		s.deskAnswered(message.Lock, *message.Sync, now)
	}
	if message.Advice != nil {
		memory.Advice = *message.Advice
	}
	for _, news := range message.Door {
		s.note(news.At, "Lock %d: %s", message.Lock, doorWords[news.Kind])
		s.atDoor(message.Lock, news)
	}
}

// readAnew has an entry read at once, though an error is being waited out.
func (e *Entry) readAnew() { e.Seen.Stale, e.Trouble.RetryAt = true, time.Time{} }

// atDoor takes in what the keypad's log told. It is the only physical proof there
// is.
func (s *State) atDoor(lock int64, news DoorNews) {
	for _, entry := range s.entriesOn(lock) {
		switch {
		case news.Kind == DoorRefused && !entry.Absent:
			entry.RefusedAt = latest(entry.RefusedAt, news.At)
		case entry.AuthID != news.AuthID || news.AuthID == "":
		case news.Kind == DoorUsed && !entry.Absent:
			entry.used(news.At)
			s.acknowledgeUsed(entry, news.At)
		case news.Kind == DoorDeadUsed:
			s.DeadUsedAt = latest(s.DeadUsedAt, news.At)
			entry.lookAgain()
		}
	}
}

// used takes in that the keypad accepted the PIN. What happened before the last
// write says nothing of what that wrote, and before the last refusal nothing of
// that.
func (e *Entry) used(at time.Time) {
	if at.Before(e.Write.At.Add(-clockMargin)) {
		return
	}
	e.Proof, e.Confirmed = Proof{Level: ProofUsed, Evidence: EvidenceLog, At: at}, true
	if !at.Before(e.RefusedAt) {
		e.RefusedAt = time.Time{}
	}
	if !at.Before(e.ReportedAt) {
		e.ReportedAt = time.Time{}
	}
}

// lookAgain doubts that an entry is as it was last read: a removal has to be
// proven anew.
func (e *Entry) lookAgain() {
	e.Seen.Stale, e.RemovedAt, e.LooksDone, e.MissingSince = true, time.Time{}, 0, time.Time{}
}

// sweep takes back an entry that was left on a lock, or came back to it.
func (s *State) sweep(message activities.Sweep, now time.Time) {
	if entry := s.recorded(message.Lock, message.AuthID); entry != nil {
		entry.lookAgain()
		return
	}
	entry := &Entry{
		Lock: message.Lock, AuthID: message.AuthID, Name: message.Name,
		Absent: true, AbsentAt: now, Why: message.Why, Confirmed: true,
	}
	entry.Window.Until = message.Until
	s.Entries = append(s.Entries, entry)
}

// doorAttention is what the door asks a person to look at.
func (s *State) doorAttention(now time.Time) []Attention {
	var all []Attention
	for _, entry := range s.Entries {
		if !entry.Absent && !entry.RefusedAt.IsZero() {
			all = append(all, AttentionRefusedAtDoor)
		}
		if !entry.Absent && !entry.ReportedAt.IsZero() {
			all = append(all, AttentionReported)
		}
	}
	if !s.DeadUsedAt.IsZero() && now.Sub(s.DeadUsedAt) < deadUseShown {
		all = append(all, AttentionDeadUsed)
	}
	return all
}

// deadUseShown is how long a person is asked to look at the use of a dead PIN.
const deadUseShown = 7 * 24 * time.Hour

// quarantinedAttention flags a booking of the next day on a lock in quarantine.
func (s *State) quarantinedAttention(now time.Time) Attention {
	if s.Wish == nil || s.overWhy(now) != "" || now.Before(s.Wish.StartsAt.Add(-s.Policy.AtRisk.D())) || !now.Before(s.Wish.StartsAt) {
		return ""
	}
	for _, lock := range s.Wish.Locks {
		if s.memory(lock.SmartlockID).Advice.Quarantined {
			return AttentionQuarantined
		}
	}
	return ""
}
