// This file is what other stays of this installation on the same lock mean for
// one: a code that they hold, and guests whom they let in. What is known of them is
// what the list shows.

package workflows

import "time"

// siblingLeaves reports whether the code is held by a stay whose window ends before this
// one begins, and that it is not overdue: its own workflow removes it.
func (s Situation) siblingLeaves() bool {
	free := s.Entry.Seen.FreeAt
	return s.Entry.Seen.Kind == TakenBySibling && !free.IsZero() && !free.After(s.Entry.Window.From) &&
		s.Now.Before(free.Add(s.Policy.OperationStuck.D()))
}

// awaitSibling reads again when the other stay should have gone: it may be
// cancelled before, which a webhook or the next check point shows.
func awaitSibling(s Situation) Step {
	reason := "Another stay holds the PIN until " + stamp(s.Entry.Seen.FreeAt) + " (UTC), before this one begins: wait until it is removed"
	step := readAfter(s, s.siblingPause(), reason)
	if s.atRisk() {
		step.Attention = AttentionPINConflict
	}
	return step
}

// bearSibling keeps looking whether a stay has gone that holds the code beyond the
// beginning of this one. With a second PIN beside it that is no emergency: it is
// looked for when the other one ends.
func bearSibling(s Situation) Step {
	const reason = "Another stay of this installation holds this PIN, and not only until this one begins: it is created when that one is removed; or send another PIN"
	if !s.NoOther || s.Entry.Seen.FreeAt.IsZero() {
		return slowly(s, AttentionPINConflict, reason)
	}
	step := readAfter(s, s.siblingPause(), reason)
	step.Attention = AttentionPINConflict
	return step
}

// siblingPause is how long after a read the other stay's entry should be gone; the
// retry table's longest step where it should be gone already.
func (s Situation) siblingPause() time.Duration {
	removed := s.Entry.Seen.FreeAt.Add(s.Policy.EndSpread.D() + s.Policy.WriteGrace.D())
	if left := removed.Sub(s.Entry.Seen.At); left > 0 {
		return left
	}
	return s.retry(len(s.Policy.RetrySteps))
}

// opens reports whether an entry that must go lets its guest in at a moment, as the list
// shows it: a window that is not whole is no bound.
func (e *Entry) opens(now time.Time) bool {
	shown := e.Seen.Window
	bounded := !shown.Until.IsZero() && (now.Before(shown.From) || !now.Before(shown.Until))
	return e.Absent && e.Seen.Kind.there() && !e.Seen.Off && e.Seen.Code == e.PIN && !bounded
}

// nextGuest is when the next guest may come in: the beginning of another stay's
// window that is later than that of the one that has to go.
func (s *State) nextGuest(entry *Entry) time.Time {
	others := s.memory(entry.Lock).Others
	if others.Begun.After(entry.Window.From) {
		return others.Begun
	}
	if others.Next.After(entry.Window.From) {
		return others.Next
	}
	return time.Time{}
}

// previousGuestAttention is raised from the moment on at which somebody who should
// be gone can still enter, and the next guest's stay has begun.
func (s *State) previousGuestAttention(now time.Time) Attention {
	for _, entry := range s.Entries {
		if next := s.nextGuest(entry); !next.IsZero() && !next.After(now) && entry.opens(now) {
			return AttentionPreviousGuest
		}
	}
	return ""
}

// nextGuestAt is when that attention may be raised by time alone; zero for never.
func (s *State) nextGuestAt(now time.Time) time.Time {
	var first time.Time
	for _, entry := range s.Entries {
		if next := s.nextGuest(entry); next.After(now) && entry.opens(next) {
			first = earliest(first, next)
		}
	}
	return first
}
