// This file is SmartlockWorkflow: one lock's front desk. It takes webhooks in,
// wakes the reservations that they concern, looks over the whole lock and shares
// its syncs; it never writes to a lock.

package workflows

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
)

// SmartlockWorkflow is one lock's front desk. It is started by the first
// reservation that attends it, and lives as long as the lock does.
func SmartlockWorkflow(ctx workflow.Context, input SmartlockInput) error {
	d := newDesk(ctx, input)
	if err := d.handle(ctx); err != nil {
		return err
	}
	return d.run(ctx)
}

// desk is the machinery around a Desk; none of it survives a run.
type desk struct {
	desk    *Desk
	logger  log.Logger
	waiter  *waiter
	flights []*deskFlight
	signals int
	// announcing: events are being handed over.
	announcing bool
	// ordered: an update has changed what is to be done.
	ordered bool
}

// deskFlight is something that has been started and has not been taken in: a job,
// or a wake-up of a reservation.
type deskFlight struct {
	job         Job
	reservation string
	wake        Wake
	began       time.Time
	future      workflow.Future
	take        func(workflow.Context, *deskFlight)
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
	state.rebooked = true // Not carried over: a run begins with a forecast.
	return &desk{
		desk: state, logger: workflow.GetLogger(ctx),
		waiter: newWaiter(ctx, SignalAttend.Name, SignalAsk.Name, SignalWebhook.Name),
	}
}

// run takes news in and passes them on. All news of one workflow task lead to
// one wake-up per reservation. A run that is leaving starts no job any more, and
// wakes only while it has to wait for one all the same: in a storm it would never
// be without a wake-up under way. The next run begins with what is due.
func (d *desk) run(parent workflow.Context) error {
	ctx, _ := workflow.NewDisconnectedContext(parent)
	for {
		d.receive(ctx)
		d.land(ctx)
		leaving := d.leaving(parent)
		var until time.Time
		if !leaving {
			until = earliest(d.act(ctx), d.announce(ctx, workflow.Now(ctx)))
		}
		if !leaving || len(d.underway()) > 0 {
			d.wake(ctx)
		}
		d.show(ctx)
		if leaving && len(d.flights) == 0 && !d.waiter.signalled() {
			return d.continueAsNew(ctx)
		}
		if err := d.await(ctx, parent, until, leaving); err != nil {
			return err
		}
	}
}

// leaving reports whether this run should be continued as new: its history is long
// enough, or somebody cancelled it. A front desk has nothing to compensate and
// its reservations need it, so that a cancel only begins a new run.
func (d *desk) leaving(parent workflow.Context) bool {
	return parent.Err() != nil || d.signals >= d.desk.rules().MaxSignals || workflow.GetInfo(parent).GetContinueAsNewSuggested()
}

// continueAsNew hands everything over to a new run.
func (d *desk) continueAsNew(ctx workflow.Context) error {
	d.waiter.disarm()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	d.receive(ctx)
	return workflow.NewContinueAsNewError(ctx, SmartlockWorkflow, SmartlockInput{Lock: d.desk.Lock, Desk: d.desk})
}

func (d *desk) await(ctx, parent workflow.Context, until time.Time, leaving bool) error {
	var futures []workflow.Future
	for _, flight := range d.flights {
		futures = append(futures, flight.future)
	}
	woken := func() bool { return d.ordered || !leaving && parent.Err() != nil }
	err := d.waiter.wait(ctx, until, d.desk.next(workflow.Now(ctx)).Reason, futures, woken)
	d.ordered = false
	return err
}

// receive drains every signal.
func (d *desk) receive(ctx workflow.Context) {
	now := workflow.Now(ctx)
	for _, attendance := range SignalAttend.Drain(ctx) {
		d.desk.attend(attendance, now)
		d.signals++
	}
	for _, ask := range SignalAsk.Drain(ctx) {
		d.desk.ask(ask, now)
		d.signals++
	}
	for _, event := range SignalWebhook.Drain(ctx) {
		d.hear(ctx, event, now)
		d.signals++
	}
}

// act starts what is due, and says when the next thing is.
func (d *desk) act(ctx workflow.Context) time.Time {
	now := workflow.Now(ctx)
	d.desk.order(now)
	d.desk.Health.judge(now)
	d.desk.plan(now)
	d.desk.advise()
	d.desk.makeRoom(now)
	d.desk.grant(now)
	for {
		step := d.desk.decide(now, d.underway())
		if step.Job == "" || step.Until.After(now) {
			sending := d.doing(JobSync)
			d.desk.answer(now, sending)
			return earliest(step.Until, d.desk.changesAt(now, sending))
		}
		d.start(ctx, step, now)
	}
}

// start starts one job.
func (d *desk) start(ctx workflow.Context, step DeskStep, now time.Time) {
	lock := d.desk.Lock
	options := callNuki(ctx, activityID(string(step.Job), lock), step.Reason, deskUrgency)
	f := &deskFlight{job: step.Job, began: now}
	switch step.Job {
	case JobSync:
		_, urgent := d.desk.SyncDesk.wanted()
		options = syncOnce(ctx, lock, step.Reason, syncUrgency(urgent))
		f.take, f.future = d.takeSync, workflow.ExecuteActivity(options, keypad.SyncSmartlock, activities.SyncInput{Lock: lock})
	case JobObserve:
		f.take = d.takeObservation
		f.future = workflow.ExecuteActivity(options, keypad.ObserveSmartlock, activities.ObserveInput{Lock: lock, Mark: d.desk.Mark, WithLock: d.desk.wantsLock(now)})
	case JobLog:
		f.take = d.takeLog
		f.future = workflow.ExecuteActivity(options, keypad.ReadLog, d.desk.logInput(now))
	case JobSweep:
		f.take = d.takeSweep
		f.future = workflow.ExecuteActivity(options, keypad.SweepEntry, d.desk.Sweeps[0])
	}
	d.flights = append(d.flights, f)
}

// underway are the jobs that have not ended.
func (d *desk) underway() []Job {
	var jobs []Job
	for _, flight := range d.flights {
		if flight.job != "" {
			jobs = append(jobs, flight.job)
		}
	}
	return jobs
}

func (d *desk) doing(job Job) bool {
	for _, other := range d.underway() {
		if other == job {
			return true
		}
	}
	return false
}

// wake sends what is due to every reservation that is not being woken already.
func (d *desk) wake(ctx workflow.Context) {
	now := workflow.Now(ctx)
	for i := range d.desk.Attendees {
		attendee := &d.desk.Attendees[i]
		if attendee.Due == nil || now.Before(attendee.WakeFrom) || d.waking(attendee.Reservation) {
			continue
		}
		message := *attendee.Due
		attendee.Due = nil
		d.desk.Wakes++
		future := SignalWake.SendFrom(ctx, ReservationWorkflowID(attendee.Reservation), message)
		d.flights = append(d.flights, &deskFlight{reservation: attendee.Reservation, wake: message, began: now, future: future, take: d.takeWake})
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

// land takes in every flight that has ended.
func (d *desk) land(ctx workflow.Context) {
	var open []*deskFlight
	for _, flight := range d.flights {
		if flight.future.IsReady() {
			flight.take(ctx, flight)
		} else {
			open = append(open, flight)
		}
	}
	d.flights = open
}

// takeWake takes in whether a wake-up arrived: then the reservation runs. One that
// does not is forgotten; it attends again if it comes back. Where nobody knows, it is
// woken again after a pause.
func (d *desk) takeWake(ctx workflow.Context, f *deskFlight) {
	err := f.future.Get(ctx, nil)
	attendee := d.desk.attendee(f.reservation)
	switch {
	case err != nil && notFound(err):
		d.desk.lose(f.reservation)
	case attendee == nil:
	case err != nil:
		d.logger.Warn("a reservation could not be woken; it is woken again", "error", err)
		attendee.notWoken(f.wake, workflow.Now(ctx))
	default:
		attendee.HeardAt = latest(attendee.HeardAt, f.began)
	}
}

// takeSync takes in the answer to a sync. It says nothing about the lock.
func (d *desk) takeSync(ctx workflow.Context, f *deskFlight) {
	now := workflow.Now(ctx)
	if err := f.future.Get(ctx, nil); err != nil {
		d.desk.troubled(err, now)
		d.desk.SyncDesk.refused(now, d.desk.rules(), mayHaveSynced(err))
		return
	}
	d.desk.synced(f.began)
}

// takeObservation takes in a look at the whole lock.
func (d *desk) takeObservation(ctx workflow.Context, f *deskFlight) {
	var seen activities.Observation
	if err := f.future.Get(ctx, &seen); err != nil {
		d.desk.unseen(err, workflow.Now(ctx))
		return
	}
	d.desk.absorbObservation(seen, f.began)
}

// takeLog takes in the keypad's log.
func (d *desk) takeLog(ctx workflow.Context, f *deskFlight) {
	var log activities.KeypadLog
	d.desk.Door.TriedAt = f.began
	if err := f.future.Get(ctx, &log); err != nil {
		d.desk.troubled(err, workflow.Now(ctx))
		return
	}
	d.desk.absorbLog(log, f.began, workflow.Now(ctx))
}

// takeSweep takes in that a reservation was asked. One that could not be is asked
// again after a pause: a person may have been promised it.
func (d *desk) takeSweep(ctx workflow.Context, f *deskFlight) {
	if err := f.future.Get(ctx, nil); err != nil {
		d.logger.Warn("a reservation could not be asked to remove an entry; it is asked again", "error", err)
		d.desk.SweepFrom = workflow.Now(ctx).Add(messagePause)
		return
	}
	d.desk.Sweeps, d.desk.SweepFrom = d.desk.Sweeps[1:], time.Time{}
}

// messagePause is how long a reservation that could not be asked, or woken, is left alone.
const messagePause = time.Minute

// show brings search attributes and current details up to date.
func (d *desk) show(ctx workflow.Context) {
	now := workflow.Now(ctx)
	shown := d.desk.shown(now)
	if updates := shown.changes(d.desk.Shown); len(updates) > 0 {
		if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
			d.logger.Error("search attributes could not be set", "error", err)
		}
		countRaised(ctx, d.desk.Shown.Attention, shown.Attention)
		d.desk.Shown = shown
	}
	workflow.SetCurrentDetails(ctx, d.desk.details(now))
}

// notFound reports whether a peer does not run: an expected answer.
func notFound(err error) bool {
	var unknown *temporal.UnknownExternalWorkflowExecutionError
	var missing *serviceerror.NotFound
	return errors.As(err, &unknown) || errors.As(err, &missing)
}
