// This file is everything that the API asks of Temporal, each with the time it
// may take. What an error means to a caller is in away.go.

package api

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

const (
	// recordTime bounds a write. The client retries within half of it, so a
	// short outage passes unnoticed and a long one is told soon.
	recordTime = 5 * time.Second
	// askTime bounds a query: longer means that no worker is running.
	askTime = 3 * time.Second
	// discloseTime bounds an update, which needs a worker twice.
	discloseTime = 5 * time.Second
	// orderTime bounds a person's order to a lock's front desk, an update too.
	orderTime = 5 * time.Second
	// askAllTime bounds the queries of several workflows for one answer, of which
	// at most askAtOnce are under way.
	askAllTime = 5 * time.Second
	askAtOnce  = 8
	// readyTime bounds a readiness probe.
	readyTime = 2 * time.Second
)

// engine speaks to Temporal for the endpoints.
type engine struct {
	client    client.Client
	namespace string
	policy    *workflows.Policy
}

// put records a whole wish. It is durable without a worker.
func (e engine) put(ctx context.Context, id string, wish workflows.Wish) error {
	message := workflows.Put{Wish: wish, Policy: e.policy}
	return signalWithStart(ctx, e, id, workflows.SignalPut, message, startAttributes(wish))
}

// withdraw records a cancellation at a version, also of a reservation that was
// never seen: a create of an older version that arrives late must find it.
func (e engine) withdraw(ctx context.Context, id string, version workflows.Version) error {
	message := workflows.Put{Withdraw: &workflows.Withdraw{Version: version}, Policy: e.policy}
	attributes := temporal.NewSearchAttributes(workflows.AttributeStatus.ValueSet(string(workflows.StatusCancelled)))
	return signalWithStart(ctx, e, id, workflows.SignalPut, message, attributes)
}

// withdrawKnown cancels a reservation that exists, at its last version.
func (e engine) withdrawKnown(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	message := workflows.Put{Withdraw: &workflows.Withdraw{}, Policy: e.policy}
	return workflows.SignalPut.Send(ctx, e.client, workflows.ReservationWorkflowID(id), message)
}

// signalWithStart hands a reservation a message and starts it where it does not
// run. No timeouts and no retry policy: a reservation ends when it is done. The
// summary must stay true for life, so it names nothing that can change.
func signalWithStart[T any](ctx context.Context, e engine, id string, signal workflows.Signal[T], message T, attributes temporal.SearchAttributes) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	options := client.StartWorkflowOptions{
		ID:                    workflows.ReservationWorkflowID(id),
		TaskQueue:             workflows.TaskQueue,
		StaticSummary:         "Keypad PIN of reservation " + id,
		TypedSearchAttributes: attributes,
	}
	start := func() error {
		_, err := e.client.SignalWithStartWorkflow(ctx, options.ID, signal.Name, message, options,
			workflows.ReservationWorkflowType, workflows.ReservationInput{ID: id, Policy: e.policy})
		return err
	}
	err := start()
	if unregistered(err) {
		options.TypedSearchAttributes = temporal.SearchAttributes{}
		err = start()
	}
	return err
}

// unregistered reports whether the namespace may not know the search attributes yet:
// the first worker registers them, and a booking must not wait for it. The
// workflow sets them once it runs.
func unregistered(err error) bool {
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &invalid)
}

// startAttributes are what can be found before a worker has seen the wish.
func startAttributes(wish workflows.Wish) temporal.SearchAttributes {
	updates := []temporal.SearchAttributeUpdate{
		workflows.AttributeStatus.ValueSet(string(workflows.StatusPending)),
		workflows.AttributeLocks.ValueSet(lockNames(wish.Locks)),
		workflows.AttributeCheckIn.ValueSet(wish.StartsAt),
	}
	if wish.Unit != "" {
		updates = append(updates, workflows.AttributeUnit.ValueSet(wish.Unit))
	}
	return temporal.NewSearchAttributes(updates...)
}

// view asks the reservation itself. It needs a worker.
func (e engine) view(ctx context.Context, id string) (workflows.View, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return e.ask(ctx, id)
}

// ask is view within the time that ctx leaves.
func (e engine) ask(ctx context.Context, id string) (workflows.View, error) {
	return inquire(ctx, e, workflows.QueryReservation, workflows.ReservationWorkflowID(id))
}

// deskView asks a lock's front desk, within the time that ctx leaves.
func (e engine) deskView(ctx context.Context, lock int64) (workflows.DeskView, error) {
	return inquire(ctx, e, workflows.QuerySmartlock, workflows.SmartlockWorkflowID(lock))
}

// askPause spaces queries of a workflow that has just been started: it cannot
// answer before its first task has been done.
const askPause = 100 * time.Millisecond

// inquire queries until there is an answer or ctx ends. The answer knows every
// signal that came before it. The client gives one call half of the time that
// is left, so that one call would not be enough.
func inquire[R any](ctx context.Context, e engine, query workflows.Query[R], workflowID string) (R, error) {
	for {
		view, err := query.Ask(ctx, e.client, workflowID)
		if !tooEarly(err) {
			return view, err
		}
		select {
		case <-ctx.Done():
			return view, ctx.Err()
		case <-time.After(askPause):
		}
	}
}

// tooEarly reports whether a query may yet be answered.
func tooEarly(err error) bool {
	var early *serviceerror.WorkflowNotReady
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &early) || errors.As(err, &late)
}

// disclose has the PIN recorded as told, and returns it. The update's id is
// fresh: to tell it again is another disclosure.
func (e engine) disclose(ctx context.Context, id, by string) (workflows.Disclosure, error) {
	ctx, cancel := context.WithTimeout(ctx, discloseTime)
	defer cancel()
	workflowID := workflows.ReservationWorkflowID(id)
	return workflows.UpdateDisclose.Send(ctx, e.client, workflowID, rand.Text(), workflows.Disclose{By: by})
}

// order has a workflow do what a person asks for. The same update id gets the same
// answer.
func (e engine) order(ctx context.Context, workflowID string, update workflows.Lever, updateID string, order workflows.Order) (workflows.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	return update.Send(ctx, e.client, workflowID, updateID, order)
}

// describe is what Temporal itself knows of a reservation's latest run.
func (e engine) describe(ctx context.Context, id string) (execution, error) {
	info, err := e.info(ctx, workflows.ReservationWorkflowID(id))
	if err != nil {
		return execution{}, err
	}
	return executionOf(info), nil
}

// describeLock is what Temporal itself knows of the latest run of a lock's front
// desk.
func (e engine) describeLock(ctx context.Context, lock int64) (lockExecution, error) {
	info, err := e.info(ctx, workflows.SmartlockWorkflowID(lock))
	if err != nil {
		return lockExecution{}, err
	}
	return lockExecutionOf(info), nil
}

func (e engine) info(ctx context.Context, workflowID string) (*workflowpb.WorkflowExecutionInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	answer, err := e.client.DescribeWorkflowExecution(ctx, workflowID, "")
	return answer.GetWorkflowExecutionInfo(), err
}

// list is one page of so many workflows by a visibility query.
func (e engine) list(ctx context.Context, query string, size int32, token []byte) ([]*workflowpb.WorkflowExecutionInfo, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	answer, err := e.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: e.namespace, PageSize: size, NextPageToken: token, Query: query,
	})
	return answer.GetExecutions(), answer.GetNextPageToken(), err
}

// wake hands an event to its lock's front desk. It never starts one: a lock
// that no reservation attends costs nothing.
func (e engine) wake(ctx context.Context, event nuki.Event) error {
	return workflows.SignalWebhook.Send(ctx, e.client, workflows.SmartlockWorkflowID(event.SmartlockID), event)
}

// ready reports whether Temporal answers.
func (e engine) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	_, err := e.client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}
