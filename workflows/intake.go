// This file takes callers' messages in: which are accepted, which are old, and
// which cannot be understood. Pure: no workflow, no effects.

package workflows

import (
	"time"
)

// put takes a whole wish in, or its withdrawal. Created, changed, reinstated,
// delivered twice or out of order are all this one path.
func (s *State) put(message Put, now time.Time) {
	if message.Withdraw != nil {
		s.withdraw(*message.Withdraw, now)
		return
	}
	wish := message.Wish.withDefaults()
	switch {
	case s.outdated(wish.Version):
		s.Ignored = &Ignored{Version: wish.Version, At: now}
		s.note(now, "A message of version %s was ignored: a newer one is known", orDash(wish.Version.String()))
	case !wish.Status.Known():
		s.Raised = AttentionUnknownStatus
	case len(wish.Validate()) > 0:
		s.Raised = AttentionInvalidWish
	case s.repeated(wish):
		s.Raised = ""
	default:
		s.takePolicy(message.Policy)
		s.accept(wish, now)
	}
}

// takePolicy works by the caller's policy from now on. A message that changes
// nothing else does not change the policy either.
func (s *State) takePolicy(policy *Policy) {
	if policy != nil {
		s.Policy = policy.WithDefaults()
	}
}

// outdated reports whether a message is older than what is known. After a withdrawal
// only a strictly newer one counts.
func (s *State) outdated(version Version) bool {
	order, ok := version.Compare(s.Version)
	if s.Withdrawn != nil && !s.Version.IsZero() {
		return !ok || order <= 0
	}
	return ok && order < 0
}

// repeated reports whether the wish is the one already held.
func (s *State) repeated(wish Wish) bool {
	return s.Wish != nil && s.Withdrawn == nil && wish.Same(*s.Wish) && wish.Version.String() == s.Wish.Version.String()
}

// accept makes a wish the present one.
func (s *State) accept(wish Wish, now time.Time) {
	s.Warning = s.oddness(wish)
	if s.Wish == nil || s.Withdrawn != nil || retimed(*s.Wish, wish) {
		s.AcceptedAt = now
	}
	s.Wish, s.Withdrawn, s.Raised = &wish, nil, ""
	s.noteWish(wish, now)
	for _, entry := range s.Entries {
		entry.resume()
	}
	s.LatestEnd = latest(s.LatestEnd, wish.Window().Until)
	s.raiseVersion(wish.Version)
}

// resume ends a hold: the caller has said once more what is wished, and knows
// what somebody did on the lock.
func (e *Entry) resume() {
	e.Lost = 0
	if e.Seen.Kind == Disabled {
		e.Resumed = true
	}
}

// retimed reports whether the ladder to check-in begins anew: another arrival, other
// doors, or a status that wants entry after one that did not.
func retimed(before, after Wish) bool {
	if !before.StartsAt.Equal(after.StartsAt) || len(before.Locks) != len(after.Locks) {
		return true
	}
	for i := range before.Locks {
		if before.Locks[i].SmartlockID != after.Locks[i].SmartlockID {
			return true
		}
	}
	return !before.Status.WantsEntry() && after.Status.WantsEntry()
}

// oddness is what is strange about an accepted wish, in one word.
func (s *State) oddness(wish Wish) Warning {
	order, ok := wish.Version.Compare(s.Version)
	switch {
	case ok && order == 0 && s.Wish != nil && !wish.Same(*s.Wish):
		return WarningSameVersion
	case !ok && !wish.Version.IsZero() && !s.Version.IsZero():
		return WarningVersionKind
	}
	return ""
}

// raiseVersion keeps the highest version ever accepted.
func (s *State) raiseVersion(version Version) {
	if order, ok := version.Compare(s.Version); version.IsZero() || ok && order < 0 {
		return
	}
	s.Version = version
}

// withdraw takes a DELETE or a cancel request in: the wish "cancelled".
func (s *State) withdraw(message Withdraw, now time.Time) {
	if order, ok := message.Version.Compare(s.Version); ok && order < 0 {
		s.Ignored = &Ignored{Version: message.Version, At: now}
		return
	}
	if _, ok := message.Version.Compare(s.Version); !ok && !message.Version.IsZero() && !s.Version.IsZero() {
		s.Warning = WarningVersionKind // Arrival order decides, and the versions go on as they were.
	} else {
		s.Warning = ""
		s.raiseVersion(message.Version)
	}
	s.Raised = ""
	if s.Withdrawn == nil {
		s.note(now, "The booking was withdrawn")
		s.Withdrawn = &Withdrawal{Version: s.Version, At: now}
	}
	s.Withdrawn.Version = s.Version
}
