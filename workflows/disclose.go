// This file tells the PIN, and when it may not be told yet. That it was told is
// recorded before anybody learns it: a PIN that was told is never replaced
// silently.

package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// handle registers queries and updates; first thing in a run.
func (r *reservation) handle(ctx workflow.Context) error {
	err := QueryReservation.Handle(ctx, func() (View, error) { return r.state.view(workflow.Now(ctx)), nil })
	if err != nil {
		return err
	}
	err = UpdateDisclose.Handle(ctx, r.disclose, func(workflow.Context, Disclose) error { return r.refuseDisclosure(ctx) })
	if err != nil {
		return err
	}
	return handleLevers(ctx, stayLevers, func() (*State, *Ledger) { return r.state, &r.state.Orders }, func() { r.told = true })
}

// disclose records that the PIN was told, and answers it.
func (r *reservation) disclose(ctx workflow.Context, ask Disclose) (Disclosure, error) {
	now := workflow.Now(ctx)
	r.state.note(now, "The PIN was told to %s", orElse(ask.By, "a caller"))
	pin := r.state.pin()
	if pin.ToldAt.IsZero() {
		pin.ToldAt = now
	}
	r.told = true
	disclosure := r.state.disclosure(now)
	disclosure.PIN = pin.PIN
	return disclosure, nil
}

// refuseDisclosure is the validator: a refusal leaves no trace in the history.
func (r *reservation) refuseDisclosure(ctx workflow.Context) error {
	disclosure := r.state.disclosure(workflow.Now(ctx))
	if disclosure.AvailableWhen == "" {
		return nil
	}
	return temporal.NewApplicationError("the PIN may not be told yet", ErrPINNotReady, disclosure)
}

// disclosure is all about telling the PIN but the PIN itself.
func (s *State) disclosure(now time.Time) Disclosure {
	disclosure := Disclosure{AvailableWhen: s.notDisclosable(now)}
	if s.Wish == nil {
		return disclosure
	}
	window := s.Wish.Window()
	disclosure.DiscloseAt, disclosure.ValidFrom, disclosure.ValidUntil = s.Wish.PIN.DiscloseAt, window.From, window.Until
	disclosure.Proof = s.lowestProof(now)
	if pin := s.pin(); pin != nil {
		disclosure.ToldAt = pin.ToldAt
	}
	return disclosure
}

// notDisclosable says in words what has to happen before the PIN may be told; empty when
// it may. Once it may, other dates do not take that back: whoever was told that he may
// have it asks for it later, perhaps in the minute in which a new window is on its way.
func (s *State) notDisclosable(now time.Time) string {
	over := DecideStay(s, now).Over
	switch {
	case s.Wish == nil:
		return "when a booking has been received"
	case over != "":
		return "never: " + over
	case s.FreshPIN != "":
		return "when the PIN has been replaced on all doors"
	case s.pin() == nil && s.Wish.PIN.DiscloseAt != DiscloseReserved && now.Before(s.provisionAt()):
		return "after " + s.provisionAt().Format(time.RFC3339) + ", when provisioning has begun"
	case s.pin() == nil:
		return "when a PIN has been chosen"
	case s.second() == nil && (s.Wish.PIN.DiscloseAt == DiscloseReserved):
		return ""
	case !s.provenBefore(s.disclosedFrom(), now):
		return "when every required door is confirmed to " + string(s.disclosedFrom())
	}
	return ""
}

// disclosedFrom is the proof from which on the PIN may be told. A second PIN is
// not told before it is on the doors: nobody needs two that do not open.
func (s *State) disclosedFrom() ProofLevel {
	if s.Wish.PIN.DiscloseAt == DiscloseReserved {
		return ProofListed
	}
	return ProofLevel(s.Wish.PIN.DiscloseAt)
}

// lowestProof is the least proof over the required doors.
func (s *State) lowestProof(now time.Time) ProofLevel {
	lowest := ProofUsed
	for _, lock := range s.Wish.Locks {
		if lock.Optional {
			continue
		}
		level := ProofNone
		if entry := s.current(lock.SmartlockID); entry != nil {
			level = s.counts(entry, now)
		}
		if lowest.AtLeast(level) {
			lowest = level
		}
	}
	return lowest
}
