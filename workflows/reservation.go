// This file is ReservationWorkflow: one stay from intake to proven revocation.

package workflows

import (
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"
)

// ReservationWorkflow keeps one stay's wish and drives every door towards it. It
// stays open as a tombstone until long after the end, and never fails while a
// lock may hold a PIN of ours.
func ReservationWorkflow(ctx workflow.Context, input ReservationInput) error {
	r := newReservation(ctx, input)
	if err := r.handle(ctx); err != nil {
		return err
	}
	return r.run(ctx)
}

// reservation is the machinery around a State; none of it survives a run.
type reservation struct {
	state   *State
	logger  log.Logger
	waiter  *waiter
	flights []*flight
	// handover is under way to those who are told of the stay; nil without one.
	handover workflow.Future
	// signals counts those of this run, for continue-as-new.
	signals int
	// cancelled: this run's cancel request has been taken in.
	cancelled bool
	// again asks for another turn of the loop at once.
	again bool
	// told asks for another rendering after an update.
	told bool
	// next is what is awaited, as last decided.
	next time.Time
}

// newReservation restores the state of an earlier run, or begins one.
func newReservation(ctx workflow.Context, input ReservationInput) *reservation {
	state := input.State
	if state == nil {
		id := input.ID
		if id == "" {
			id = ReservationID(workflow.GetInfo(ctx).WorkflowExecution.ID)
		}
		state = newState(id, input.Policy)
		state.LatestEnd = workflow.Now(ctx)
		if input.Wish != nil {
			state.put(Put{Wish: *input.Wish}, workflow.Now(ctx))
		}
	}
	return &reservation{
		state:  state,
		logger: workflow.GetLogger(ctx),
		waiter: newWaiter(ctx, SignalPut.Name, SignalWake.Name, SignalSweep.Name),
	}
}

// run is the life of a stay: take messages in, decide, act, show, wait. Its
// activities do not end with a cancel request: that is a wish like another.
func (r *reservation) run(parent workflow.Context) error {
	ctx, _ := workflow.NewDisconnectedContext(parent)
	for {
		cancelled := r.cancelRequested(parent)
		r.receive(ctx)
		r.land(ctx)
		r.landHandover(ctx)
		now := workflow.Now(ctx)
		if r.quiet() && (cancelled || r.wantsContinueAsNew(parent)) {
			return r.continueAsNew(ctx)
		}
		until := r.turn(ctx, now, cancelled)
		if r.finished(now) {
			return r.close(ctx)
		}
		if err := r.await(ctx, parent, until, cancelled); err != nil {
			return err
		}
	}
}

// turn decides and acts, as often as decisions ask for more, and shows the
// outcome. A run that is about to be continued starts nothing new.
func (r *reservation) turn(ctx workflow.Context, now time.Time, leaving bool) time.Time {
	if leaving || r.wantsContinueAsNew(ctx) {
		return time.Time{}
	}
	r.noteReadiness(ctx, now)
	until := r.converge(ctx, now)
	for r.again {
		r.again = false
		until = r.converge(ctx, now)
	}
	r.next = until
	r.leaveLocks(ctx, now)
	r.noteReadiness(ctx, now)
	until = earliest(until, r.announce(ctx, now))
	r.render(ctx, now)
	return until
}

// await waits for the next thing to happen: a message, a result, a cancel
// request, an update, or the time of the next step.
func (r *reservation) await(ctx, parent workflow.Context, until time.Time, cancelled bool) error {
	var futures []workflow.Future
	for _, f := range r.flights {
		futures = append(futures, f.future)
	}
	if r.handover != nil {
		futures = append(futures, r.handover)
	}
	woken := func() bool { return r.told || !cancelled && parent.Err() != nil }
	err := r.waiter.wait(ctx, until, r.nextSummary(), futures, woken)
	r.told = false
	return err
}

// receive drains every signal.
func (r *reservation) receive(ctx workflow.Context) {
	now := workflow.Now(ctx)
	for _, message := range SignalPut.Drain(ctx) {
		r.state.put(message, now)
		r.signals++
	}
	for _, message := range SignalWake.Drain(ctx) {
		r.countDoor(ctx, message)
		r.state.wake(message, now)
		r.signals++
	}
	for _, message := range SignalSweep.Drain(ctx) {
		r.state.sweep(message, now)
		r.signals++
	}
}

// cancelRequested takes Temporal's cancel request in as the wish "cancelled". The
// run then continues as new, so that it can be reinstated and cancelled again. It
// is taken in once: a wish that comes after it, before the run has ended, holds.
//
// Temporal does not tell whether a request came before or after the signals of the
// same task. In doubt the guest gets in, so the request counts as the older one. Where
// no wish is held yet, as when no worker ran until now, the signals are taken in
// first: there is nothing else that the request could cancel.
func (r *reservation) cancelRequested(parent workflow.Context) bool {
	if parent.Err() == nil {
		return false
	}
	if !r.cancelled {
		r.cancelled = true
		if r.state.Wish == nil {
			r.receive(parent)
		}
		r.state.withdraw(Withdraw{}, workflow.Now(parent))
	}
	return true
}

// wantsContinueAsNew reports whether this run's history has grown long enough.
func (r *reservation) wantsContinueAsNew(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() || r.signals >= r.state.Policy.MaxSignals
}

// continueAsNew hands everything over to a new run: no signal unread, no update
// unanswered, no timer left behind, nothing in flight.
func (r *reservation) continueAsNew(ctx workflow.Context) error {
	r.waiter.disarm()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	r.receive(ctx)
	return workflow.NewContinueAsNewError(ctx, ReservationWorkflow, ReservationInput{ID: r.state.ID, State: r.state})
}

// finished reports whether nothing is left to do: nobody should get in, nothing of
// ours is on a lock, every look back is done, and late messages have had time.
func (r *reservation) finished(now time.Time) bool {
	stay := DecideStay(r.state, now)
	wanted := stay.Over == "" && r.state.Wish != nil
	return !wanted && r.quiet() && !r.state.working() && !now.Before(r.state.tombstoneUntil())
}

// close ends the reservation, unless a message came at the last moment.
func (r *reservation) close(ctx workflow.Context) error {
	r.waiter.disarm()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if r.waiter.signalled() {
		return r.continueAsNew(ctx)
	}
	return nil
}

// tombstoneUntil is how long the reservation stays open, so that a late message
// cannot resurrect it.
func (s *State) tombstoneUntil() time.Time { return s.LatestEnd.Add(s.Policy.Tombstone.D()) }

// working reports whether some entry still has something to be done about it.
func (s *State) working() bool {
	for _, entry := range s.Entries {
		if !entry.Absent || entry.Step.Do != ActDone {
			return true
		}
	}
	return false
}
