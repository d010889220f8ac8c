// This file is EventsWorkflow: it delivers what a reservation, or a lock's front
// desk, has to tell. It has a workflow of its own so that a receiver that is down
// for a day is nobody else's business.

package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
)

// maxNewsSignals per run, before it continues as new: a fifth of the server's
// 10,000.
const maxNewsSignals = 2000

// ErrNoSuchSubscriber is the error type of a redelivery that can mean nobody.
const ErrNoSuchSubscriber = "no_such_subscriber"

// EventsWorkflow delivers events to every subscriber in their order, one at a time.
// It is started by the first event, ends when there has been none for a while, and
// comes back with the next.
func EventsWorkflow(ctx workflow.Context, input EventsInput) error {
	d := newDispatch(ctx, input)
	if err := d.handle(ctx); err != nil {
		return err
	}
	return d.run(ctx)
}

// dispatch is the machinery around an Outbox; none of it survives a run.
type dispatch struct {
	outbox  *Outbox
	logger  log.Logger
	waiter  *waiter
	sent    []*sending
	signals int
	// asked: a person has asked for a redelivery.
	asked bool
	// dropped: a cancel request has been taken in.
	dropped bool
}

// sending is an attempt that is under way.
type sending struct {
	subscriber, event string
	future            workflow.Future
}

func newDispatch(ctx workflow.Context, input EventsInput) *dispatch {
	outbox := input.Outbox
	if outbox == nil {
		outbox = &Outbox{ActiveAt: workflow.Now(ctx), Policy: DefaultEventsPolicy()}
	}
	return &dispatch{outbox: outbox, logger: workflow.GetLogger(ctx), waiter: newWaiter(ctx, SignalNews.Name)}
}

// handle registers the query and the lever; first thing in a run.
func (d *dispatch) handle(ctx workflow.Context) error {
	err := QueryEvents.Handle(ctx, func() (EventsView, error) { return d.outbox.view(workflow.Now(ctx)), nil })
	if err != nil {
		return err
	}
	return UpdateRedeliver.Handle(ctx, d.redeliver, func(_ workflow.Context, ask Redeliver) error { return d.refuseRedelivery(ask) })
}

func (d *dispatch) redeliver(ctx workflow.Context, ask Redeliver) (Redelivery, error) {
	d.asked = true
	return d.outbox.redeliver(ask, workflow.Now(ctx)), nil
}

func (d *dispatch) refuseRedelivery(ask Redeliver) error {
	if d.outbox.knows(ask) {
		return nil
	}
	return temporal.NewApplicationError("no event has ever been for a subscriber of that name", ErrNoSuchSubscriber)
}

// run takes events in and delivers them. Its activities do not end with a cancel
// request: see drop.
func (d *dispatch) run(parent workflow.Context) error {
	ctx, _ := workflow.NewDisconnectedContext(parent)
	for {
		d.drop(parent)
		d.receive(ctx)
		d.land(ctx)
		now := workflow.Now(ctx)
		d.outbox.expire(now)
		leaving := d.leaving(parent)
		until := d.outbox.changesAt(now)
		if !leaving {
			until = earliest(until, d.deliver(ctx, now))
		}
		d.render(ctx, now)
		switch {
		case len(d.sent) > 0:
		case leaving && (parent.Err() == nil || !d.outbox.empty()):
			return d.continueAsNew(ctx)
		case leaving || d.outbox.finished(now):
			return d.close(ctx, parent)
		}
		if err := d.await(ctx, parent, until); err != nil {
			return err
		}
	}
}

// leaving reports whether this run starts nothing more: its history is long enough, or
// somebody cancelled it.
func (d *dispatch) leaving(parent workflow.Context) bool {
	return parent.Err() != nil || d.signals >= maxNewsSignals || workflow.GetInfo(parent).GetContinueAsNewSuggested()
}

// drop takes a cancel request in: a person throws away what has not been delivered.
// Events that come after it are delivered by a new run.
func (d *dispatch) drop(parent workflow.Context) {
	if parent.Err() == nil || d.dropped {
		return
	}
	d.dropped = true
	if n := len(d.outbox.Queue); n > 0 {
		d.logger.Warn("cancelled: events are thrown away undelivered", "events", n)
	}
	d.outbox.Queue = nil
}

// receive drains every signal.
func (d *dispatch) receive(ctx workflow.Context) {
	for _, message := range SignalNews.Drain(ctx) {
		d.outbox.take(message, workflow.Now(ctx))
		d.signals++
	}
}

// land takes in how attempts ended.
func (d *dispatch) land(ctx workflow.Context) {
	now := workflow.Now(ctx)
	var open []*sending
	for _, s := range d.sent {
		if s.future.IsReady() {
			d.landOne(s, s.future.Get(ctx, nil), now)
		} else {
			open = append(open, s)
		}
	}
	d.sent = open
}

func (d *dispatch) landOne(s *sending, err error, now time.Time) {
	if err == nil {
		d.outbox.delivered(s.subscriber, s.event, now)
		return
	}
	d.outbox.failed(s.subscriber, s.event, err, now)
	d.logger.Info("an event was not delivered", "subscriber", s.subscriber, "event", s.event, "why", errorMessage(err))
}

// deliver starts the next attempt for every subscriber that has none under way, and
// says when there is another to start.
func (d *dispatch) deliver(ctx workflow.Context, now time.Time) time.Time {
	var until time.Time
	for _, line := range d.outbox.Lines {
		if d.sending(line.Name) {
			continue
		}
		event, at := d.outbox.nextFor(line.Name, now)
		if event == nil {
			until = earliest(until, at)
			continue
		}
		options := deliverOnce(ctx, "deliver-"+line.Name, fmt.Sprintf("Deliver %s (no. %d) to %s", event.Type, event.Sequence, line.Name))
		future := workflow.ExecuteActivity(options, courier.Deliver, activities.Delivery{Subscriber: line.Name, Event: *event})
		d.sent = append(d.sent, &sending{subscriber: line.Name, event: event.ID, future: future})
	}
	return until
}

func (d *dispatch) sending(subscriber string) bool {
	return slices.ContainsFunc(d.sent, func(s *sending) bool { return s.subscriber == subscriber })
}

// await waits for events, the end of an attempt, a redelivery, or a moment.
func (d *dispatch) await(ctx, parent workflow.Context, until time.Time) error {
	var futures []workflow.Future
	for _, s := range d.sent {
		futures = append(futures, s.future)
	}
	woken := func() bool { return d.asked || !d.dropped && parent.Err() != nil }
	err := d.waiter.wait(ctx, until, d.waitSummary(), futures, woken)
	d.asked = false
	return err
}

func (d *dispatch) waitSummary() string {
	if d.outbox.empty() {
		return "Everything is delivered: end, unless there is more to tell"
	}
	return "Try again to deliver what is waiting"
}

// render brings the search attribute and the details up to date.
func (d *dispatch) render(ctx workflow.Context, now time.Time) {
	if attention := d.outbox.attention(now); !slices.Equal(attention, d.outbox.Shown) {
		if err := workflow.UpsertTypedSearchAttributes(ctx, attentionUpdate(attention)); err != nil {
			d.logger.Error("search attributes could not be set", "error", err)
		}
		countRaised(ctx, d.outbox.Shown, attention)
		d.outbox.Shown = attention
	}
	workflow.SetCurrentDetails(ctx, d.outbox.details(now))
}

// continueAsNew hands everything over to a new run: no signal unread, no update
// unanswered, no timer left behind, nothing in flight.
func (d *dispatch) continueAsNew(ctx workflow.Context) error {
	d.waiter.disarm()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	d.receive(ctx)
	return workflow.NewContinueAsNewError(ctx, EventsWorkflow, EventsInput{Outbox: d.outbox})
}

// close ends the workflow, unless an event came at the last moment. One that was
// cancelled says so.
func (d *dispatch) close(ctx, parent workflow.Context) error {
	d.waiter.disarm()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if d.waiter.signalled() {
		return d.continueAsNew(ctx)
	}
	return parent.Err()
}
