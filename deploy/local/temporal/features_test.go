package temporal

// This file tests what Keystay asks of a Temporal server: signals, updates,
// queries, search attributes, lists and priorities.

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

var stateKey = temporal.NewSearchAttributeKeyKeyword("StayState")

// stay adds up signals and updates until it is told to end.
func stay(ctx workflow.Context) (int, error) {
	total, signals := 0, workflow.GetSignalChannel(ctx, "add")
	if err := workflow.SetQueryHandler(ctx, "total", func() (int, error) { return total, nil }); err != nil {
		return 0, err
	}
	err := workflow.SetUpdateHandler(ctx, "set", func(_ workflow.Context, n int) (int, error) {
		total, n = n, total
		return n, nil
	})
	if err != nil {
		return 0, err
	}
	for n := 1; n != 0; total += n {
		signals.Receive(ctx, &n)
		if err := workflow.UpsertTypedSearchAttributes(ctx, stateKey.ValueSet(fmt.Sprint("got-", n))); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func TestSignalsUpdatesQueriesAndSearchAttributes(t *testing.T) {
	s := start(t, Options{UIPort: NoUI})
	c := dial(t, s)
	addSearchAttribute(t, c, s.Namespace())
	work(t, c, func(w worker.Worker) { w.RegisterWorkflow(stay) })
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "stay", TaskQueue: queue, TypedSearchAttributes: temporal.NewSearchAttributes(stateKey.ValueSet("new")),
	}, stay)
	if err != nil {
		t.Fatal(err)
	}
	signal(t, c, 3)
	expectListed(t, c, `StayState = "got-3" AND ExecutionStatus = "Running"`)
	update(t, c, 10, 3)
	query(t, c, 10)
	signal(t, c, 5)
	signal(t, c, 0)
	var total int
	if err := run.Get(t.Context(), &total); err != nil || total != 15 {
		t.Fatalf("result %d, %v", total, err)
	}
	expectListed(t, c, `StayState = "got-0" AND ExecutionStatus = "Completed"`)
}

// addSearchAttribute adds it twice: a worker does so at each of its starts.
func addSearchAttribute(t *testing.T, c client.Client, namespace string) {
	t.Helper()
	for range 2 {
		_, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
			Namespace:        namespace,
			SearchAttributes: map[string]enumspb.IndexedValueType{stateKey.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func signal(t *testing.T, c client.Client, n int) {
	t.Helper()
	if err := c.SignalWorkflow(t.Context(), "stay", "", "add", n); err != nil {
		t.Fatal(err)
	}
}

func update(t *testing.T, c client.Client, n, want int) {
	t.Helper()
	handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: "stay", UpdateName: "set", Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		t.Fatal(err)
	}
	var before int
	if err := handle.Get(t.Context(), &before); err != nil || before != want {
		t.Fatalf("update answered %d, %v", before, err)
	}
}

func query(t *testing.T, c client.Client, want int) {
	t.Helper()
	answer, err := c.QueryWorkflow(t.Context(), "stay", "", "total")
	if err != nil {
		t.Fatal(err)
	}
	var total int
	if err := answer.Get(&total); err != nil || total != want {
		t.Fatalf("query answered %d, %v", total, err)
	}
}

// expectListed waits until the query finds the stay; lists lag a little.
func expectListed(t *testing.T, c client.Client, query string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		list, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		if found := list.GetExecutions(); len(found) == 1 && found[0].GetExecution().GetWorkflowId() == "stay" {
			return
		}
	}
	t.Fatalf("nothing listed for %s", query)
}

// orderLog records in which order a worker that does one thing at a time gets work.
type orderLog struct {
	mu   sync.Mutex
	keys []int
}

func (l *orderLog) note(_ context.Context, key int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, key)
	return nil
}

// errands schedules the least urgent first, all before anybody does them.
func errands(ctx workflow.Context) error {
	var all []workflow.Future
	for i := range 15 {
		options := workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, TaskQueue: queue + "-errands", DisableEagerExecution: true,
			Priority: temporal.Priority{PriorityKey: 5 - i/3},
		}
		all = append(all, workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), "note", 5-i/3))
	}
	for _, one := range all {
		if err := one.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func TestUrgentActivitiesGoFirst(t *testing.T) {
	c := dial(t, start(t, Options{UIPort: NoUI}))
	work(t, c, func(w worker.Worker) { w.RegisterWorkflow(errands) })
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "errands", TaskQueue: queue}, errands)
	if err != nil {
		t.Fatal(err)
	}
	waitForPending(t, c, 15)
	order := &orderLog{}
	w := worker.New(c, queue+"-errands", worker.Options{MaxConcurrentActivityExecutionSize: 1, MaxConcurrentActivityTaskPollers: 1, DisableWorkflowWorker: true})
	w.RegisterActivityWithOptions(order.note, activity.RegisterOptions{Name: "note"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if err := run.Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(order.keys) || len(order.keys) != 15 {
		t.Fatalf("done in the order %v", order.keys)
	}
}

// waitForPending returns when the activities have been handed to their queue.
func waitForPending(t *testing.T, c client.Client, want int) {
	t.Helper()
	var got int64
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		d, err := c.DescribeTaskQueueEnhanced(t.Context(), client.DescribeTaskQueueEnhancedOptions{
			TaskQueue: queue + "-errands", TaskQueueTypes: []client.TaskQueueType{client.TaskQueueTypeActivity}, ReportStats: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range d.VersionsInfo { //nolint:staticcheck // the plain statistics are still read here
			got = version.TypesInfo[client.TaskQueueTypeActivity].Stats.ApproximateBacklogCount
		}
		if got == int64(want) {
			return
		}
	}
	t.Fatalf("%d activities wait, want %d", got, want)
}
