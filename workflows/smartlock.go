// This file is SmartlockWorkflow: one lock's front desk. It takes webhooks in
// and wakes the reservations that they concern; it never writes to a lock.

package workflows

import (
	"errors"
	"strconv"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities/nuki"
)

// maxDeskSignals per run, before the desk continues as new: a fifth of the
// server's 10,000.
const maxDeskSignals = 2000

// SmartlockWorkflow is one lock's front desk. It is started by the first
// reservation that attends it, and lives as long as the lock does.
func SmartlockWorkflow(ctx workflow.Context, input SmartlockInput) error {
	d := newDesk(ctx, input)
	err := QuerySmartlock.Handle(ctx, func() (DeskView, error) { return d.desk.view(), nil })
	if err != nil {
		return err
	}
	return d.run(ctx)
}

// desk is the machinery around a Desk; none of it survives a run.
type desk struct {
	desk    *Desk
	logger  log.Logger
	waiter  *waiter
	flights []*wakeFlight
	signals int
}

// wakeFlight is a wake-up that has been sent and not been confirmed.
type wakeFlight struct {
	reservation string
	future      workflow.Future
}

func newDesk(ctx workflow.Context, input SmartlockInput) *desk {
	state := input.Desk
	if state == nil {
		state = &Desk{Lock: input.Lock}
	}
	if state.Lock == 0 {
		id := strings.TrimPrefix(workflow.GetInfo(ctx).WorkflowExecution.ID, smartlockPrefix)
		state.Lock, _ = strconv.ParseInt(id, 10, 64)
	}
	return &desk{
		desk: state, logger: workflow.GetLogger(ctx),
		waiter: newWaiter(ctx, SignalAttend.Name, SignalWebhook.Name),
	}
}

// run takes news in and passes them on. All news of one workflow task lead to
// one wake-up per reservation. A run that is leaving wakes nobody any more: in a
// storm it would never be without a wake-up under way. The next run begins with
// what is due.
func (d *desk) run(parent workflow.Context) error {
	ctx, _ := workflow.NewDisconnectedContext(parent)
	for {
		d.receive(ctx)
		d.land(ctx)
		leaving := d.leaving(parent)
		if !leaving {
			d.wake(ctx)
		}
		workflow.SetCurrentDetails(ctx, d.desk.details())
		if leaving && len(d.flights) == 0 && !d.waiter.signalled() {
			return workflow.NewContinueAsNewError(ctx, SmartlockWorkflow, SmartlockInput{Lock: d.desk.Lock, Desk: d.desk})
		}
		if err := d.await(ctx, parent); err != nil {
			return err
		}
	}
}

// leaving says that this run should be continued as new: its history is long
// enough, or somebody cancelled it. A front desk has nothing to compensate and
// its reservations need it, so that a cancel only begins a new run.
func (d *desk) leaving(parent workflow.Context) bool {
	return parent.Err() != nil || d.signals >= maxDeskSignals || workflow.GetInfo(parent).GetContinueAsNewSuggested()
}

func (d *desk) await(ctx, parent workflow.Context) error {
	var futures []workflow.Future
	for _, flight := range d.flights {
		futures = append(futures, flight.future)
	}
	leaving := d.leaving(parent)
	return d.waiter.wait(ctx, noTime, "", futures, func() bool { return !leaving && parent.Err() != nil })
}

// receive drains every signal.
func (d *desk) receive(ctx workflow.Context) {
	for _, attendance := range SignalAttend.Drain(ctx) {
		d.desk.attend(attendance)
		d.signals++
	}
	for _, event := range SignalWebhook.Drain(ctx) {
		d.desk.hear(event)
		d.signals++
	}
}

// wake sends what is due to every reservation that is not being woken already.
func (d *desk) wake(ctx workflow.Context) {
	for i := range d.desk.Attendees {
		attendee := &d.desk.Attendees[i]
		if attendee.Due == "" || d.waking(attendee.Reservation) {
			continue
		}
		message := Wake{Lock: d.desk.Lock, Reason: attendee.Due}
		attendee.Due = ""
		d.desk.Wakes++
		future := SignalWake.SendFrom(ctx, ReservationWorkflowID(attendee.Reservation), message)
		d.flights = append(d.flights, &wakeFlight{reservation: attendee.Reservation, future: future})
	}
}

func (d *desk) waking(reservation string) bool {
	for _, flight := range d.flights {
		if flight.reservation == reservation {
			return true
		}
	}
	return false
}

// land takes in which wake-ups arrived. A reservation that is closed or was
// never there is forgotten; it attends again if it comes back.
func (d *desk) land(ctx workflow.Context) {
	var open []*wakeFlight
	for _, flight := range d.flights {
		if !flight.future.IsReady() {
			open = append(open, flight)
			continue
		}
		if err := flight.future.Get(ctx, nil); err != nil && notFound(err) {
			d.desk.forget(flight.reservation)
		}
	}
	d.flights = open
}

// notFound says that a peer does not run: an expected answer.
func notFound(err error) bool {
	var unknown *temporal.UnknownExternalWorkflowExecutionError
	var missing *serviceerror.NotFound
	return errors.As(err, &unknown) || errors.As(err, &missing)
}

// hear takes one webhook in: whom it concerns, and with what kind of news.
func (d *Desk) hear(event nuki.Event) {
	d.Heard++
	for i := range d.Attendees {
		d.Attendees[i].hear(event)
	}
}
