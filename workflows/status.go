// This file derives the words that people sort by from what a reservation
// remembers: its status, and its attention.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// counts is the proof of an entry that counts at a moment.
func (s *State) counts(entry *Entry, now time.Time) ProofLevel {
	situation := s.situation(entry, now)
	return entry.Proof.Counts(latest(situation.dueRung(), entry.Proof.At), s.Policy.ProofLife)
}

// situation is what Decide needs to know of an entry.
func (s *State) situation(entry *Entry, now time.Time) Situation {
	situation := Situation{
		Now: now, Entry: *entry, Lock: s.memory(entry.Lock), Policy: s.policyFor(entry, now),
		Told: s.told(entry.PIN), NoOther: s.noOther(entry.PIN), Held: s.Held != nil, AcceptedAt: s.AcceptedAt,
	}
	if s.Wish != nil {
		situation.CheckIn = s.Wish.StartsAt
	}
	return situation
}

// policyFor is the policy for an entry at a moment. With a guest at the door, or
// about to be, two reads in the place of a mark need be half as far apart: who books
// minutes before check-in could not be told a PIN in time.
func (s *State) policyFor(entry *Entry, at time.Time) Policy {
	policy := s.Policy
	if !entry.Absent && s.Wish != nil && s.Wish.StartsAt.Sub(at) < policy.UrgentWithin.D() {
		policy.TimedGap /= 2
	}
	return policy
}

// status is the reservation's status at a moment.
func (s *State) status(now time.Time) Status {
	stay := DecideStay(s, now)
	switch {
	case (stay.Over != "" || s.Wish == nil) && s.leaving():
		return StatusRevoking
	case stay.Over != "":
		return s.closedStatus()
	case s.Wish == nil && len(s.Entries) > 0:
		return StatusRevoked // A front desk had it remove what was nobody's.
	case s.Held != nil:
		return StatusOnHold
	case s.Wish == nil || len(stay.Doors) == 0:
		return StatusPending
	}
	return s.openStatus(now)
}

// closedStatus is the status once nothing of ours is left.
func (s *State) closedStatus() Status {
	if s.Withdrawn != nil || s.Wish == nil || s.Wish.Status == Cancelled || s.Wish.Status == NoShow {
		return StatusCancelled
	}
	if s.Wish.Status == Tentative {
		return StatusPending
	}
	return StatusRevoked
}

// openStatus is the status of a stay that somebody should enter, by the doors.
func (s *State) openStatus(now time.Time) Status {
	ready, entrance := s.doors(now)
	started := !now.Before(rung(0, s.AcceptedAt, s.Wish.StartsAt, s.Policy))
	switch {
	case ready:
		return StatusReady
	case s.bySecond(now), started && entrance:
		return StatusDegraded
	case started:
		return StatusFailed
	case !now.Before(rung(s.Policy.AtRisk, s.AcceptedAt, s.Wish.StartsAt, s.Policy)):
		return StatusAtRisk
	}
	return StatusProvisioning
}

// doors says whether every required door is at the required proof, and whether
// the guest can enter by one of them.
func (s *State) doors(now time.Time) (ready, entrance bool) {
	wished := s.wishedPINs()
	if len(wished) == 0 {
		return false, false
	}
	for _, lock := range s.Wish.Locks {
		entrance = entrance || s.canEnter(lock.SmartlockID, now)
	}
	return s.readyBy(wished[0].PIN, now), entrance
}

// readyBy reports whether a PIN is at the required proof on every required door.
func (s *State) readyBy(pin nuki.PIN, now time.Time) bool {
	for _, lock := range s.Wish.Locks {
		entry := s.wished(lock.SmartlockID, pin)
		proven := entry != nil && s.situation(entry, now).provenOrRenewing() && entry.Loose.Kind == "" && entry.ReportedAt.IsZero()
		if !proven && !lock.Optional {
			return false
		}
	}
	return true
}

// canEnter reports whether some entry of ours on a lock lets the guest in, as far as
// the last read showed: a window that is too wide opens as well, and one that
// ends too early opens until then.
func (s *State) canEnter(lock int64, now time.Time) bool {
	for _, entry := range s.entriesOn(lock) {
		if entry.Absent {
			continue
		}
		switch entry.Seen.Kind {
		case Exact, NameDiffers, TooWide:
			return true
		case TooNarrow:
			if entry.Seen.Window.From.Before(now) && now.Before(entry.Seen.Window.Until) {
				return true
			}
		}
	}
	return false
}

// leaving reports whether an entry must go whose absence has not been proven.
func (s *State) leaving() bool {
	return slices.ContainsFunc(s.Entries, func(e *Entry) bool { return !e.Absent || e.RemovedAt.IsZero() && e.Step.Do != ActDone })
}

// attention lists the reasons why a person should look, sorted.
func (s *State) attention(now time.Time) []Attention {
	var all []Attention
	add := func(attention Attention) {
		if attention != "" && !slices.Contains(all, attention) {
			all = append(all, attention)
		}
	}
	for _, entry := range s.Entries {
		add(entry.Step.Attention)
	}
	add(s.Raised)
	add(s.choosingAttention(now))
	add(s.lateAttention(now))
	add(s.secondAttention(now))
	add(s.previousGuestAttention(now))
	add(s.quarantinedAttention(now))
	if s.Held != nil && s.overWhy(now) == "" {
		add(AttentionOnHold)
	}
	for _, attention := range s.doorAttention(now) {
		add(attention)
	}
	add(s.Announced.attention())
	slices.Sort(all)
	return all
}

// lateAttention is the ladder to check-in as a person sees it.
func (s *State) lateAttention(now time.Time) Attention {
	switch s.status(now) {
	case StatusAtRisk, StatusFailed, StatusDegraded:
	default:
		return ""
	}
	if now.Before(s.repairedBy()) || s.bySecond(now) && s.second().Told() {
		return ""
	}
	if now.Before(rung(s.Policy.CallPerson, s.AcceptedAt, s.Wish.StartsAt, s.Policy)) || s.entersFor(s.Policy.CallPerson.D(), now) {
		return AttentionNotReady
	}
	return AttentionCallPerson
}

// entersFor reports whether the guest gets in by every required door for so long, though not
// all of them are as wished: by a window that is lost or too wide, or only too short
// yet, as an extension has time until the old end. By a second PIN nobody gets in who
// has not been told it.
func (s *State) entersFor(span time.Duration, now time.Time) bool {
	if s.second() != nil {
		return false
	}
	for _, lock := range s.Wish.Locks {
		if entry := s.current(lock.SmartlockID); !lock.Optional && (entry == nil || !s.entersBy(entry, span, now)) {
			return false
		}
	}
	return true
}

func (s *State) entersBy(entry *Entry, span time.Duration, now time.Time) bool {
	switch seen := entry.Seen; seen.Kind {
	case TooWide:
		return true
	case TooNarrow:
		return !seen.Window.From.After(now) && !seen.Window.Until.Before(now.Add(span))
	case Exact, NameDiffers:
		return s.situation(entry, now).provenOrRenewing()
	}
	return false
}

// repairedBy is how long a stay that was ready may be under repair before a
// person is called: most disturbances are mended in seconds.
func (s *State) repairedBy() time.Time {
	if s.UnreadySince.IsZero() || len(s.Policy.AfterCheckIn) == 0 {
		return time.Time{}
	}
	return s.UnreadySince.Add(s.Policy.AfterCheckIn[0].D())
}

// noteReadiness keeps since when a stay that was ready is not any more.
func (s *State) noteReadiness(now time.Time) {
	ready := s.status(now) == StatusReady
	switch {
	case ready:
		s.WasReady, s.UnreadySince = true, time.Time{}
	case s.WasReady && s.UnreadySince.IsZero():
		s.UnreadySince = now
	}
}

// choosingAttention is the trouble of choosing a PIN, if a person should know.
func (s *State) choosingAttention(now time.Time) Attention {
	if s.Choosing.Type == "" || s.Wish == nil {
		return ""
	}
	situation := s.situation(&Entry{Trouble: s.Choosing}, now)
	return troubleAttention(situation)
}

// statusChangesAt is when the status of a stay that is not ready changes by time
// alone: the ladder to check-in as people see it.
func (s *State) statusChangesAt(now time.Time) time.Time {
	var next time.Time
	switch s.status(now) {
	case StatusProvisioning, StatusAtRisk, StatusDegraded, StatusFailed:
	default:
		return next
	}
	if at := s.repairedBy(); at.After(now) {
		next = at
	}
	for _, before := range []Duration{s.Policy.AtRisk, s.Policy.CallPerson, 0} {
		if at := rung(before, s.AcceptedAt, s.Wish.StartsAt, s.Policy); at.After(now) {
			next = earliest(next, at)
		}
	}
	return next
}
