// This file names the activity options, each with its business reason. No activity
// is started with others.

package workflows

import (
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
)

const (
	// oneCall bounds one attempt: the client gives up on a request after 15 s,
	// and a write may have to look first. It is the only thing that notices a
	// worker that died.
	oneCall = 30 * time.Second
	// oneTurn bounds all attempts together, waiting in the queue included: the
	// recovery policy of the door takes over from there, with a reason that
	// people can read. Long enough for a full lock's worth of work to pass.
	oneTurn = 10 * time.Minute
)

// attempts are few and quick: they bridge a hiccup. Longer pauses belong to the
// door's own retry table, where they are seen.
var attempts = &temporal.RetryPolicy{
	InitialInterval:        time.Second,
	BackoffCoefficient:     3,
	MaximumInterval:        10 * time.Second,
	MaximumAttempts:        3,
	NonRetryableErrorTypes: activities.NonRetryable,
}

// once is for a sync: it wakes the lock and costs its battery, whether its answer
// arrives or not. When to send the next one is the front desk's to say.
var once = &temporal.RetryPolicy{MaximumAttempts: 1, NonRetryableErrorTypes: activities.NonRetryable}

// syncOnce is callNuki for a sync.
func syncOnce(ctx workflow.Context, lock int64, summary string, priority int) workflow.Context {
	return workflow.WithRetryPolicy(callNuki(ctx, activityID("sync", lock), summary, priority), *once)
}

// callNuki is for one call about one door. The activity's id can be typed by an
// operator (`temporal activity reset --activity-id verify-…`).
func callNuki(ctx workflow.Context, id, summary string, priority int) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              NukiTaskQueue,
		ActivityID:             id,
		Summary:                summary,
		StartToCloseTimeout:    oneCall,
		ScheduleToCloseTimeout: oneTurn,
		RetryPolicy:            attempts,
		Priority:               temporal.Priority{PriorityKey: priority},
		// A cancelled booking still ends what it began: the loop decides.
		WaitForCancellation: true,
	})
}

// callTemporal is for a message to another workflow. Temporal itself is asked, so
// that it succeeds or will soon; after oneTurn it is shown as trouble.
func callTemporal(ctx workflow.Context, id, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              EventsTaskQueue,
		ActivityID:             id,
		Summary:                summary,
		StartToCloseTimeout:    oneCall,
		ScheduleToCloseTimeout: oneTurn,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		WaitForCancellation:    true,
	})
}

// deliverOnce is for one attempt to reach a receiver; when to try again is the
// delivering workflow's to say, where people see it. It waits for a worker without
// a limit: time without a worker is no failure of the receiver.
func deliverOnce(ctx workflow.Context, id, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           EventsTaskQueue,
		ActivityID:          id,
		Summary:             summary,
		StartToCloseTimeout: oneCall,
		RetryPolicy:         once,
		WaitForCancellation: true,
	})
}

// urgency is the priority of a call by the time to its deadline: 1 is first.
func urgency(now, deadline time.Time) int {
	left := deadline.Sub(now)
	for i, bound := range urgencies {
		if left <= bound {
			return i + 1
		}
	}
	return len(urgencies) + 1
}

// urgencies are the times to the deadline that separate the five priorities of
// the server: a guest at the door, within the last rungs, today, on the way.
var urgencies = []time.Duration{15 * time.Minute, 4 * time.Hour, 24 * time.Hour, 72 * time.Hour}

// activityID names a call by its kind and lock.
func activityID(kind string, lock int64) string { return kind + "-" + strconv.FormatInt(lock, 10) }
