// This file is the second PIN: one that was told is never replaced silently, so
// that where it cannot be made to work another one is added beside it, on all
// doors, and both stay valid.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// wishedPINs are the PINs that every door should hold, oldest first: the present
// one, and what it stands beside until it is acknowledged.
func (s *State) wishedPINs() []PINRecord {
	for i := len(s.PINs) - 1; i >= 0; i-- {
		if record := s.PINs[i]; !record.Beside || !record.AcknowledgedAt.IsZero() {
			return s.PINs[i:]
		}
	}
	return s.PINs
}

// keeps reports whether a PIN is wished, though it may not be the present one.
func (s *State) keeps(pin nuki.PIN) bool {
	return slices.ContainsFunc(s.wishedPINs(), func(r PINRecord) bool { return r.PIN == pin })
}

// second is the present PIN where it stands beside one that was told; else nil.
func (s *State) second() *PINRecord {
	if len(s.wishedPINs()) < 2 {
		return nil
	}
	return s.pin()
}

// given is the last PIN that was not added beside another: what a caller's own
// PIN is compared with.
func (s *State) given() *PINRecord {
	for i := len(s.PINs) - 1; i >= 0; i-- {
		if !s.PINs[i].Beside {
			return &s.PINs[i]
		}
	}
	return nil
}

// noOther reports whether no PIN is granted in the place of this one: a newer one is
// there, or the stay has had its second one.
func (s *State) noOther(pin nuki.PIN) bool {
	if present := s.pin(); present == nil || present.PIN != pin {
		return present != nil
	}
	return slices.ContainsFunc(s.wishedPINs(), func(r PINRecord) bool { return r.Beside })
}

// bySecond reports whether every required door lets the guest in by the second PIN,
// and not every one by the first.
func (s *State) bySecond(now time.Time) bool {
	return s.second() != nil && s.readyBy(s.pin().PIN, now) && !s.readyBy(s.wishedPINs()[0].PIN, now)
}

// secondAttention is raised while the first PIN does not do without the second.
func (s *State) secondAttention(now time.Time) Attention {
	if s.second() == nil || len(DecideStay(s, now).Doors) == 0 || s.readyBy(s.wishedPINs()[0].PIN, now) {
		return ""
	}
	return AttentionSecondPIN
}

// acknowledgeUsed ends the time of two PINs once the second one has opened a door.
func (s *State) acknowledgeUsed(entry *Entry, at time.Time) {
	if second := s.second(); second != nil && second.PIN == entry.PIN {
		second.ToldAt = earliest(second.ToldAt, at)
		second.AcknowledgedAt = at
	}
}

// settleAsk takes an ask for another PIN back that no door makes any more: what
// was in the way may have gone before a PIN could be chosen.
func (s *State) settleAsk() {
	asks := func(e *Entry) bool { return e.Step.Do == ActAskFreshPIN }
	if s.FreshPIN != "" && !s.Rotating && !slices.ContainsFunc(s.Entries, asks) {
		s.FreshPIN = ""
	}
}

// replaceable reports whether another PIN could help this door at all: a lock that is
// offline, full or out of reach never causes one.
func (s Situation) replaceable() bool {
	return !s.NoOther && !s.full() && !s.saidOffline() && !s.accountBroken() && !s.keypadMissing()
}

// secondDue reports whether a told PIN that cannot be made to work here may have a
// second one beside it: from ForceCreate before the guest is locked out.
func (s Situation) secondDue() bool {
	works := s.worksUntil()
	if !s.Told || !s.replaceable() || !works.IsZero() && !works.Before(s.Entry.Window.Until) {
		return false
	}
	return !s.Now.Before(rung(s.Policy.ForceCreate, s.AcceptedAt, latest(s.CheckIn, works), s.Policy))
}

// worksUntil is how long the entry opens as it is: where a stay was extended, to
// its old end. Zero where it does not, or may not.
func (s Situation) worksUntil() time.Time {
	shown, wished := s.Entry.Seen.Window, s.Entry.Window
	if shown.From.After(wished.From) || shown.WeekDays != wished.WeekDays || shown.FromTime != wished.FromTime || shown.UntilTime != wished.UntilTime {
		return time.Time{}
	}
	running := s.Entry.Seen.Kind == Running && s.Entry.Seen.Code == s.Entry.PIN && s.Entry.Confirmed && s.begun()
	if s.Entry.Seen.Kind == TooNarrow || running {
		return shown.Until
	}
	return time.Time{}
}

// takenForSure reports whether the code is held by somebody else, and not by a create
// of ours that the list does not show yet.
func (s Situation) takenForSure() bool {
	return s.codeTaken() && !(s.Entry.Seen.Hidden && (s.sent(ActCreate) || s.Entry.Loose.Kind == ActCreate))
}

// stuck reports whether an operation has been running for so long, with the lock online,
// that it may never end.
func (s Situation) stuck() bool {
	since := latest(s.Entry.PendingSince, s.Lock.OnlineSince)
	return s.Entry.Seen.Kind == Running && s.Now.Sub(since) >= s.Policy.OperationStuck.D()
}

// ask asks for another PIN on all doors, once the lock is known to be online: one
// that is offline may still do what it was sent. There is no other read where only the
// API's refusal told of the conflict (Hidden), as it would take that finding away; the
// read before the refusal has seen the lock.
func ask(s Situation, attention Attention, reason string) Step {
	if s.Now.Sub(s.Lock.ReadAt) >= s.Policy.OnlineLife.D() && !s.Entry.Seen.Hidden {
		step := readWithLock("Ask whether the lock is online, before another PIN is asked for")
		step.Attention = attention
		return step
	}
	return Step{Do: ActAskFreshPIN, Attention: attention, Reason: reason}
}

const besideReason = ", and the PIN was told: add a second one beside it on all doors"
