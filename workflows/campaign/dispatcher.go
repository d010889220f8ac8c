// This file runs activities on the workflows' own dispatcher, with latency and
// retries on workflow timers: on a worker's goroutines no two runs of a world
// would be the same.

package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// dispatcher intercepts what workflows ask for.
type dispatcher struct {
	interceptor.WorkerInterceptorBase
	world *keystayWorld
}

func (d *dispatcher) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, world: d.world}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	world *keystayWorld
}

func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, world: i.world})
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	world *keystayWorld
}

// How long a call takes, and how it is tried again: as policies.go has it.
const (
	callTakes  = 200 * time.Millisecond
	firstPause = time.Second
	backoff    = 3
)

// ExecuteActivity performs an activity where the workflow runs.
func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	future, settable := workflow.NewFuture(ctx)
	o.world.log.events(workflow.GetInfo(ctx).WorkflowExecution.ID, eventsPerActivity)
	stay, options := workflows.ReservationID(workflow.GetInfo(ctx).WorkflowExecution.ID), workflow.GetActivityOptions(ctx)
	o.world.log.said(workflow.Now(ctx), stay, fmt.Sprintf("calls %s: %s", options.ActivityID, options.Summary))
	workflow.Go(ctx, func(ctx workflow.Context) {
		result, err := o.world.perform(ctx, name, args[0], options.RetryPolicy.MaximumAttempts)
		o.world.log.said(workflow.Now(ctx), stay, fmt.Sprintf("  %s: %s", options.ActivityID, answered(result, err)))
		settable.Set(result, err)
	})
	return future
}

// answered says in words how a call ended, without a code.
func answered(result any, err error) string {
	switch r := result.(type) {
	case activities.Reading:
		if err == nil {
			return fmt.Sprintf("%d of the stay's and %d rivals among %d", len(r.Own), len(r.Rivals), r.Total)
		}
	case activities.WriteResult:
		if err == nil {
			return string(r.Outcome)
		}
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

// What an activity and a timer leave in a history, with the workflow task that
// takes each in: counted here, as there is no server to ask.
const (
	eventsPerActivity = 3 + 3
	eventsPerTimer    = 2 + 3
)

func (o *outbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	o.world.log.events(id, eventsPerTimer)
	o.world.provedAnew(id, workflow.Now(ctx))
	return o.Next.NewTimerWithOptions(ctx, d, options)
}

// UpsertTypedSearchAttributes sees what a stay is said to be.
func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	o.world.log.events(workflow.GetInfo(ctx).WorkflowExecution.ID, 1)
	o.world.claimed(workflow.GetInfo(ctx).WorkflowExecution.ID, workflow.Now(ctx), updates)
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// perform tries an activity as often as its policy allows.
func (w *keystayWorld) perform(ctx workflow.Context, name string, input any, most int32) (any, error) {
	if w.calls++; w.calls > maxCallsPerStay*len(w.plan.Stays) {
		w.log.RanAway = true
		_ = workflow.Sleep(ctx, w.plan.Ends.Sub(workflow.Now(ctx)))
	}
	for attempt := int32(1); ; attempt++ {
		asked := workflow.Now(ctx)
		if err := workflow.Sleep(ctx, callTakes); err != nil {
			return nil, err
		}
		if err := workflow.Sleep(ctx, w.readPause(asked, input)); err != nil {
			return nil, err
		}
		result, err := w.call(name, attempt, asked, input)
		var failure *temporal.ApplicationError
		if err == nil || !errors.As(err, &failure) || failure.NonRetryable() || attempt == most {
			return result, err
		}
		if err := workflow.Sleep(ctx, pauseAfter(attempt, failure)); err != nil {
			return nil, err
		}
	}
}

// readGap is what main.go has.
const readGap = time.Second

// readPause is how long a read waits for others to share it. It is waited for on
// virtual time: in the activity it would be real.
func (w *keystayWorld) readPause(asked time.Time, input any) (pause time.Duration) {
	for _, lock := range readLocks(input) {
		pause = max(pause, activities.ReadPause(w.keypad, lock, asked))
	}
	return pause
}

// readLocks are the locks whose lists an activity reads.
func readLocks(input any) []int64 {
	switch in := input.(type) {
	case activities.VerifyInput:
		return []int64{in.Lock}
	case activities.ObserveInput:
		return []int64{in.Lock}
	case activities.ChooseInput:
		return in.Locks
	}
	return nil
}

func pauseAfter(attempt int32, failure *temporal.ApplicationError) time.Duration {
	if delay := failure.NextRetryDelay(); delay > 0 {
		return delay
	}
	return time.Duration(float64(firstPause) * math.Pow(backoff, float64(attempt-1)))
}

// maxCallsPerStay is far more than any policy needs that waits between its calls. A
// world in which the list shows a new entry a day late takes two thousand.
const maxCallsPerStay = 5000

// attemptKey and askedKey are what an activity's context carries of its call.
type (
	attemptKey struct{}
	askedKey   struct{}
)

// impatient has a deadline that is always near and never comes: a shared pause of
// the client's is waited out by the workflow, on virtual time. A deadline of the
// real clock would cost its time, and on a busy machine come during a call.
type impatient struct{ context.Context }

func (impatient) Deadline() (time.Time, bool) { return time.Now().Add(time.Millisecond), true }

// call runs an activity's body.
func (w *keystayWorld) call(name string, attempt int32, asked time.Time, input any) (any, error) {
	ctx := impatient{context.WithValue(context.WithValue(context.Background(), attemptKey{}, attempt), askedKey{}, asked)}
	switch in := input.(type) {
	case activities.VerifyInput:
		reading, err := w.keypad.VerifyAuthorization(ctx, in)
		w.links.read(in.Owner.Key, in.Lock, w.now(), reading.Lock)
		return reading, err
	case activities.CreateInput:
		w.wrote(in.Name, in.PIN)
		return w.keypad.CreateAuthorization(ctx, in)
	case activities.UpdateInput:
		if !in.Disarm {
			w.wrote(in.Name, in.PIN)
		}
		w.links.wrote(in.Owner.Key, in.Lock, w.now(), w.log)
		return w.keypad.UpdateAuthorization(ctx, in)
	case activities.DeleteInput:
		w.links.wrote(in.Owner.Key, in.Lock, w.now(), w.log)
		return w.keypad.DeleteAuthorization(ctx, in)
	case activities.SyncInput:
		return nil, w.keypad.SyncSmartlock(ctx, in)
	case activities.ChooseInput:
		return w.keypad.ChoosePIN(ctx, in)
	case activities.Attend:
		return nil, w.keypad.AttendSmartlock(ctx, in)
	case activities.Sweep:
		return nil, w.keypad.SweepEntry(ctx, in)
	case activities.ObserveInput:
		defer w.audits()()
		return w.keypad.ObserveSmartlock(ctx, in)
	case activities.LogInput:
		defer w.audits()()
		return w.keypad.ReadLog(ctx, in)
	}
	return nil, temporal.NewNonRetryableApplicationError(fmt.Sprintf("the campaign knows no activity %s", name), "campaign", nil)
}

// audits counts what is asked from now on as a front desk's own, until the end.
func (w *keystayWorld) audits() (end func()) {
	w.auditing = true
	return func() { w.auditing = false }
}

func attemptOf(ctx context.Context) int32 {
	attempt, _ := ctx.Value(attemptKey{}).(int32)
	return attempt
}

func askedOf(ctx context.Context) time.Time {
	asked, _ := ctx.Value(askedKey{}).(time.Time)
	return asked
}

// wrote records a PIN that is being sent to a lock.
func (w *keystayWorld) wrote(name string, pin nuki.PIN) {
	if stay, ok := stayOf(name); ok {
		w.log.wrote(w.now(), stay, pin)
	}
}
