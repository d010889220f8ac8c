// This file listens to workflow code while it is replayed: which commands it
// gives, in which workflow task, and at which line. The SDK's replayer says that a
// command differs, and not where in the code it was given.

package replay

import (
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// recorder records one replay.
type recorder struct {
	interceptor.WorkerInterceptorBase
	commands []command
	timers   []*timer
	panicked *panicAt
}

// timer is one that has neither fired nor been cancelled.
type timer struct {
	future workflow.Future
	at     []place
	task   int64
	// command is its place among the commands.
	command int
}

// panicAt is a panic of workflow code.
type panicAt struct {
	text string
	task int64
	at   []place
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (r *recorder) InterceptWorkflow(ctx workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &inbound{recorder: r}
	i.Next = next
	return i
}

// inbound sees a workflow begin and end.
type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	recorder *recorder
}

// Init implements interceptor.WorkflowInboundInterceptor.
func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	o := &outbound{recorder: i.recorder}
	o.Next = next
	return i.Next.Init(o)
}

// ExecuteWorkflow implements interceptor.WorkflowInboundInterceptor.
func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			i.recorder.panicked = &panicAt{text: fmt.Sprint(p), task: taskOf(ctx), at: places()}
			panic(p)
		}
	}()
	result, err = i.Next.ExecuteWorkflow(ctx, in)
	i.recorder.settle(ctx)
	i.recorder.record(ctx, command{kind: ending(err)})
	return result, err
}

// ending is the event that a workflow function's result leads to.
func ending(err error) enumspb.EventType {
	var canceled *temporal.CanceledError
	var again *workflow.ContinueAsNewError
	switch {
	case err == nil:
		return enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
	case errors.As(err, &again):
		return enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
	case errors.As(err, &canceled):
		return enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
	}
	return enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
}

// taskOf is the workflow task under way, by the event by which it began.
func taskOf(ctx workflow.Context) int64 {
	return int64(workflow.GetInfo(ctx).GetCurrentHistoryLength())
}

// record takes a command in.
func (r *recorder) record(ctx workflow.Context, c command) {
	c.task, c.at = taskOf(ctx), places()
	r.commands = append(r.commands, c)
}

// settle notices which timers have fired or been cancelled: cancelling a context
// is no call that could be listened to. A timer that was started and cancelled in
// one workflow task never became a command.
func (r *recorder) settle(ctx workflow.Context) {
	var open []*timer
	for _, t := range r.timers {
		switch {
		case !t.future.IsReady():
			open = append(open, t)
		case !t.cancelled(ctx):
		case t.task == taskOf(ctx):
			r.commands[t.command].kind = enumspb.EVENT_TYPE_UNSPECIFIED
		default:
			r.commands = append(r.commands, command{kind: enumspb.EVENT_TYPE_TIMER_CANCELED, task: taskOf(ctx), at: t.at})
		}
	}
	r.timers = open
}

// cancelled tells a timer that has ended by being cancelled.
func (t *timer) cancelled(ctx workflow.Context) bool {
	var canceled *temporal.CanceledError
	return errors.As(t.future.Get(ctx, nil), &canceled)
}

// given are the commands of the replay.
func (r *recorder) given() []command {
	var commands []command
	for _, c := range r.commands {
		if c.kind != enumspb.EVENT_TYPE_UNSPECIFIED {
			commands = append(commands, c)
		}
	}
	return commands
}

// endedEarly reports whether the code ended in a workflow task that the history goes on
// after.
func (r *recorder) endedEarly(events []*historypb.HistoryEvent) bool {
	given := whole(r.given(), events)
	return len(given) > 0 && closingEvents[given[len(given)-1].kind] && !closed(events)
}

// outbound sees what a workflow asks for.
type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	recorder *recorder
}

func (o *outbound) record(ctx workflow.Context, c command) {
	o.recorder.settle(ctx)
	o.recorder.record(ctx, c)
}

// Await implements interceptor.WorkflowOutboundInterceptor. Its condition is asked
// at every turn, so that timers are seen to end as they do.
func (o *outbound) Await(ctx workflow.Context, condition func() bool) error {
	return o.Next.Await(ctx, func() bool {
		o.recorder.settle(ctx)
		return condition()
	})
}

// ExecuteActivity implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) ExecuteActivity(ctx workflow.Context, activityType string, args ...any) workflow.Future {
	o.record(ctx, command{
		kind: enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, name: lastPart(activityType), id: workflow.GetActivityOptions(ctx).ActivityID,
	})
	return o.Next.ExecuteActivity(ctx, activityType, args...)
}

// ExecuteChildWorkflow implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) ExecuteChildWorkflow(ctx workflow.Context, childWorkflowType string, args ...any) workflow.ChildWorkflowFuture {
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED, name: lastPart(childWorkflowType)})
	return o.Next.ExecuteChildWorkflow(ctx, childWorkflowType, args...)
}

// NewTimer implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) NewTimer(ctx workflow.Context, d time.Duration) workflow.Future {
	return o.NewTimerWithOptions(ctx, d, workflow.TimerOptions{})
}

// NewTimerWithOptions implements interceptor.WorkflowOutboundInterceptor. A timer of
// no time is no command. Sleep ends up here as well.
func (o *outbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	if d <= 0 {
		return o.Next.NewTimerWithOptions(ctx, d, options)
	}
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_TIMER_STARTED})
	future := o.Next.NewTimerWithOptions(ctx, d, options)
	last := len(o.recorder.commands) - 1
	o.recorder.timers = append(o.recorder.timers, &timer{
		future: future, at: o.recorder.commands[last].at, task: taskOf(ctx), command: last,
	})
	return future
}

// RequestCancelExternalWorkflow implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) RequestCancelExternalWorkflow(ctx workflow.Context, workflowID, runID string) workflow.Future {
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED, name: workflowID})
	return o.Next.RequestCancelExternalWorkflow(ctx, workflowID, runID)
}

// SignalExternalWorkflow implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) SignalExternalWorkflow(ctx workflow.Context, workflowID, runID, signalName string, arg any) workflow.Future {
	o.record(ctx, command{
		kind: enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED, name: signal(signalName, workflowID),
	})
	return o.Next.SignalExternalWorkflow(ctx, workflowID, runID, signalName, arg)
}

// UpsertTypedSearchAttributes implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	var names []string
	for key := range temporal.NewSearchAttributes(updates...).GetUntypedValues() {
		names = append(names, key.GetName())
	}
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, detail: list(names)})
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// UpsertMemo implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) UpsertMemo(ctx workflow.Context, memo map[string]any) error {
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED})
	return o.Next.UpsertMemo(ctx, memo)
}

// SideEffect implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) SideEffect(ctx workflow.Context, f func(workflow.Context) any) converter.EncodedValue {
	return o.SideEffectWithOptions(ctx, workflow.SideEffectOptions{}, f)
}

// SideEffectWithOptions implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) SideEffectWithOptions(ctx workflow.Context, options workflow.SideEffectOptions, f func(workflow.Context) any) converter.EncodedValue {
	o.record(ctx, command{kind: enumspb.EVENT_TYPE_MARKER_RECORDED})
	return o.Next.SideEffectWithOptions(ctx, options, f)
}
