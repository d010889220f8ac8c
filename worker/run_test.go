// This file tests a running worker: its queues, its end, and what it does about errors.

package worker

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	sdkworker "go.temporal.io/sdk/worker"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/keystay/keystay/workflows"
)

// nukiCalls stands for the activities.
type nukiCalls struct{}

func (*nukiCalls) Look(context.Context) error { return nil }

// eventCalls stands for the activities about events.
type eventCalls struct{}

func (*eventCalls) Tell(context.Context) error { return nil }

func runOptions(t *testing.T, fake *fakeTemporal) Options {
	return Options{
		Client:          fake.connect(t),
		Namespace:       "stays",
		Activities:      []any{&nukiCalls{}},
		EventActivities: []any{&eventCalls{}},
	}
}

// eventually waits until ask is true.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ask(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen within 10 s", what)
		}
	}
}

func TestRun_ServesItsQueuesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	fake := &fakeTemporal{}
	options := runOptions(t, fake)
	started := make(chan struct{})
	options.Started = func() { close(started) }
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, options) }()
	select {
	case <-started:
	case err := <-ended:
		t.Fatalf("Run ended before it had started: %v", err)
	}
	want := []string{"activities from keystay-events, at most 100000 a second", "activities from keystay-nuki, at most 10 a second", "workflows from keystay"}
	eventually(t, "polling all queues", func() bool { return len(fake.seenPolls()) >= len(want) })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("a stop that was asked for ends with %v, want nil", err)
	}
	if got := fake.seenPolls(); !slices.Equal(got, want) {
		t.Errorf("polled for %q, want %q", got, want)
	}
}

// The SDK calls a poll's error fatal only after minutes; so the test hands the
// error over where the SDK would.
func TestRun_EndsWithTheErrorThatAWorkerDiesOf(t *testing.T) {
	options := runOptions(t, &fakeTemporal{}).withDefaults()
	for name, of := range map[string]func(func(error)) sdkworker.Options{
		"workflows":  stayOptions,
		"activities": func(report func(error)) sdkworker.Options { return callOptions(options, report) },
		"events":     eventOptions,
	} {
		t.Run(name, func(t *testing.T) {
			fatal := make(chan error, 1)
			report := firstInto(fatal)
			of(report).OnFatalError(errors.New("the namespace is gone"))
			of(report).OnFatalError(errors.New("a later one must not block"))
			err := newWorkers(options, report).serve(t.Context(), options, fatal)
			checkSays(t, err, []string{"cannot go on", "the namespace is gone"})
		})
	}
}

func TestRun_BlocksAStayRatherThanFailIt(t *testing.T) {
	if got := stayOptions(nil).WorkflowPanicPolicy; got != sdkworker.BlockWorkflow {
		t.Errorf("panic policy = %v, want BlockWorkflow: the codec panics on an unknown key", got)
	}
}

func TestRun_LetsARequestToNukiFinish(t *testing.T) {
	for _, o := range []sdkworker.Options{stayOptions(nil), callOptions(Options{}, nil), eventOptions(nil)} {
		if o.WorkerStopTimeout <= 30*time.Second {
			t.Errorf("a stop waits %s, want more than an activity's 30 s", o.WorkerStopTimeout)
		}
	}
}

func TestRun_WarnsOfAShortRetention(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	core, logs := observer.New(zapcore.WarnLevel)
	options := runOptions(t, &fakeTemporal{retention: 24 * time.Hour})
	options.Logger = zap.New(core)
	options.Started = stop
	if err := Run(ctx, options); err != nil {
		t.Fatal(err)
	}
	if logs.FilterMessageSnippet("24h0m0s").Len() != 1 {
		t.Errorf("logged %v, want one warning of the retention", logs.All())
	}
}

func TestRun_EndsQuietlyWhenStoppedWhileItPrepares(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	if err := Run(ctx, runOptions(t, &fakeTemporal{lag: 1 << 30})); err != nil {
		t.Errorf("Run = %v, want nil: a stop was asked for", err)
	}
}

func TestRun_NeedsAClient(t *testing.T) {
	checkSays(t, Run(t.Context(), Options{}), []string{"needs a client"})
}

func TestRun_GivesTheNamespaceWhatTheWorkflowsSet(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	fake := &fakeTemporal{}
	options := runOptions(t, fake)
	options.Started = stop
	if err := Run(ctx, options); err != nil {
		t.Fatal(err)
	}
	for _, key := range workflows.SearchAttributes {
		if got := fake.types[key.GetName()]; got != key.GetValueType() {
			t.Errorf("%s is %v, want %v", key.GetName(), got, key.GetValueType())
		}
	}
}

// A namespace on SQL has ten places for keywords and three of each other kind,
// for everybody who shares it; Temporal's limits are the places, ours are less.
func TestSearchAttributes_LeaveRoomForOthers(t *testing.T) {
	limits := map[enumspb.IndexedValueType]int{
		enumspb.INDEXED_VALUE_TYPE_KEYWORD: 5, enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST: 2, enumspb.INDEXED_VALUE_TYPE_DATETIME: 2,
	}
	used := map[enumspb.IndexedValueType]int{}
	for _, attribute := range AttributesOf(workflows.SearchAttributes) {
		if used[attribute.Type]++; used[attribute.Type] > limits[attribute.Type] {
			t.Errorf("%s is number %d of type %v, at most %d are ours", attribute.Name, used[attribute.Type], attribute.Type, limits[attribute.Type])
		}
	}
}
