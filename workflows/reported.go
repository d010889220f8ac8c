// This file is what is done about a door that a person says does not open, though
// the list shows nothing wrong: everything that can be done from afar, in order.

package workflows

import "time"

// reported reports whether a person said so, and that nothing has shown otherwise.
func (s Situation) reported() bool { return !s.Entry.Absent && !s.Entry.ReportedAt.IsZero() }

// rewritten reports whether the authorization was written anew since then.
func (s Situation) rewritten() bool {
	at := s.Entry.refreshedAt()
	return !at.IsZero() && !at.Before(s.Entry.ReportedAt)
}

// reportedUnsynced reports whether what the lock itself holds is not known yet.
func (s Situation) reportedUnsynced() bool {
	if !s.reported() || s.rewritten() {
		return false
	}
	return !s.syncedSince(s.Entry.ReportedAt) || s.awaitsMark() || s.Lock.marked() && s.Entry.Seen.At.Before(s.Lock.MarkAt)
}

func syncReported(s Situation) Step {
	const reason = "A person reports that the PIN does not work: see what the lock really holds"
	if !s.syncedSince(s.Entry.ReportedAt) {
		return syncOrWait(s, s.Entry.ReportedAt, reason)
	}
	return lookAtLock(s, reason)
}

func refreshReported(s Situation) Step {
	const reason = "A person reports that the PIN does not work, and the list shows nothing wrong: write the whole document anew"
	if at := s.Entry.Write.At.Add(s.Policy.RetryFloor.D()); s.Entry.Tries > 0 && s.Now.Before(at) {
		return lookBefore(s, at, reason+", after a pause")
	}
	return online(s, Step{Do: ActRefresh, Reason: reason})
}

// ReportView is how far a report of a door that does not open has come.
type ReportView struct {
	At    time.Time    `json:"at"`
	Steps []ReportStep `json:"steps"`
}

// ReportStep is one thing that is done about it; At is zero until it is.
type ReportStep struct {
	What string    `json:"what"`
	At   time.Time `json:"at,omitzero"`
}

// report is how far the report of an entry has come; nil without one.
func (s *State) report(entry *Entry) *ReportView {
	since := entry.ReportedAt
	if entry.Absent || since.IsZero() {
		return nil
	}
	memory, second := s.memory(entry.Lock), time.Time{}
	if pin := s.second(); pin != nil && pin.PIN != entry.PIN {
		if beside := s.wished(entry.Lock, pin.PIN); beside != nil {
			second = beside.Write.At
		}
	}
	return &ReportView{At: since, Steps: []ReportStep{
		{"read", notBefore(entry.Seen.At, since)},
		{"synced", firstSince(memory.Syncs, since)},
		{"written anew", notBefore(entry.refreshedAt(), since)},
		{"second PIN", second},
	}}
}

// refreshedAt is when the authorization was last written whole, if that was the
// last write.
func (e *Entry) refreshedAt() time.Time {
	if e.Write.Kind != ActRefresh {
		return time.Time{}
	}
	return e.Write.At
}

// firstSince is the first of some times that is not before another; zero without one.
func firstSince(times []time.Time, since time.Time) time.Time {
	for _, at := range times {
		if !at.Before(since) {
			return at
		}
	}
	return time.Time{}
}

// notBefore is a time, or zero where it is before another.
func notBefore(at, since time.Time) time.Time {
	if at.Before(since) {
		return time.Time{}
	}
	return at
}
