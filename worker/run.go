// This file runs the workers: one for workflows, one for what they ask of Nuki,
// one for what they tell others.

package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/keystay/keystay/workflows"
)

const (
	// DefaultNukiActivitiesPerSecond bounds the Nuki activities of all workers
	// together. Nuki publishes no limit: the finer pace, in requests, is the
	// client's; this keeps a restart or a mass of check-outs from queueing up
	// in front of it.
	DefaultNukiActivitiesPerSecond = 10
	// DefaultNukiConcurrency bounds the Nuki activities under way in one
	// process. The client lets them pass one by one at its pace; more of them
	// would only let their time run out while they wait for their turn.
	DefaultNukiConcurrency = 10

	// stopTimeout is how long a stop waits for activities under way. It exceeds
	// their longest time (StartToClose, 30 s), so that no request to Nuki is cut
	// off in the middle. The SDK's default is not to wait.
	stopTimeout = 35 * time.Second
)

// Options say what to run, and where.
type Options struct {
	// Client is connected with a codec in mode PanicInWorker; Run does not
	// close it. Namespace is the one it works in.
	Client    client.Client
	Namespace string
	// Logger receives Run's own lines; nil drops them.
	Logger *zap.Logger
	// Workflows registers the workflows; nil means workflows.Register.
	Workflows func(sdkworker.WorkflowRegistry)
	// Activities are functions or pointers to structs to register; all are served on
	// workflows.NukiTaskQueue.
	Activities []any
	// EventActivities are the same for workflows.EventsTaskQueue. That queue is served
	// without a rate: a receiver that is slow takes nothing from a door.
	EventActivities []any
	// NukiActivitiesPerSecond is kept by the server, for the whole queue: it
	// takes the figure of the worker that polled last, so give all the same.
	// Zero means DefaultNukiActivitiesPerSecond.
	NukiActivitiesPerSecond float64
	// NukiConcurrency is this process's; zero means DefaultNukiConcurrency.
	NukiConcurrency int
	// Started, where given, is called once all workers poll.
	Started func()
}

// Run prepares the namespace, serves the task queues until ctx ends, and then
// stops gracefully: what is under way may finish, for at most 35 seconds. Give
// the process that long before it is killed. A nil error means a stop that was
// asked for; anything else says why the worker cannot go on.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	if err := prepare(ctx, o); err != nil {
		if ctx.Err() != nil {
			return nil // Stopped while it prepared.
		}
		return err
	}
	fatal := make(chan error, 1)
	return newWorkers(o, firstInto(fatal)).serve(ctx, o, fatal)
}

// firstInto keeps the first fatal error of any worker; that one decides.
func firstInto(fatal chan<- error) func(error) {
	return func(err error) {
		select {
		case fatal <- err:
		default:
		}
	}
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.Workflows == nil {
		o.Workflows = registerAll
	}
	if o.NukiActivitiesPerSecond == 0 {
		o.NukiActivitiesPerSecond = DefaultNukiActivitiesPerSecond
	}
	if o.NukiConcurrency == 0 {
		o.NukiConcurrency = DefaultNukiConcurrency
	}
	return o
}

// registerAll fits workflows.Register to the SDK's registries.
func registerAll(registry sdkworker.WorkflowRegistry) { workflows.Register(registry) }

// prepare checks what the workflows rely on in the namespace.
func prepare(ctx context.Context, o Options) error {
	if o.Client == nil {
		return errors.New("worker.Run needs a client")
	}
	if err := EnsureSearchAttributes(ctx, o.Client, o.Namespace, AttributesOf(workflows.SearchAttributes)); err != nil {
		return err
	}
	warning, err := CheckRetention(ctx, o.Client, o.Namespace)
	if err != nil {
		return err
	}
	if warning != "" {
		o.Logger.Warn(warning)
	}
	return nil
}

// workers are those of one process.
type workers []sdkworker.Worker

func newWorkers(o Options, report func(error)) workers {
	stays := sdkworker.New(o.Client, workflows.TaskQueue, stayOptions(report))
	o.Workflows(stays)
	all := workers{stays, serving(o.Client, workflows.NukiTaskQueue, callOptions(o, report), o.Activities)}
	if len(o.EventActivities) > 0 {
		all = append(all, serving(o.Client, workflows.EventsTaskQueue, eventOptions(report), o.EventActivities))
	}
	return all
}

// serving is a worker for activities.
func serving(c client.Client, queue string, options sdkworker.Options, activities []any) sdkworker.Worker {
	calls := sdkworker.New(c, queue, options)
	for _, activity := range activities {
		calls.RegisterActivity(activity)
	}
	return calls
}

// stayOptions are those of the worker that runs workflows and nothing else. A
// panic, as of the codec on an unknown key, must block a stay until a better
// worker comes, and never fail it.
func stayOptions(report func(error)) sdkworker.Options {
	return sdkworker.Options{
		LocalActivityWorkerOnly: true,
		WorkflowPanicPolicy:     sdkworker.BlockWorkflow,
		WorkerStopTimeout:       stopTimeout,
		OnFatalError:            report,
	}
}

// callOptions are those of the worker that calls Nuki.
func callOptions(o Options, report func(error)) sdkworker.Options {
	return sdkworker.Options{
		DisableWorkflowWorker:              true,
		TaskQueueActivitiesPerSecond:       o.NukiActivitiesPerSecond,
		MaxConcurrentActivityExecutionSize: o.NukiConcurrency,
		WorkerStopTimeout:                  stopTimeout,
		OnFatalError:                       report,
	}
}

// eventOptions are those of the worker that tells others.
func eventOptions(report func(error)) sdkworker.Options {
	return sdkworker.Options{DisableWorkflowWorker: true, WorkerStopTimeout: stopTimeout, OnFatalError: report}
}

// serve runs the workers until ctx ends or one of them dies.
func (ws workers) serve(ctx context.Context, o Options, fatal <-chan error) error {
	if err := ws.start(); err != nil {
		return fmt.Errorf("the worker cannot start: %w", err)
	}
	defer ws.stop()
	o.Logger.Info("worker started", zap.String("namespace", o.Namespace))
	if o.Started != nil {
		o.Started()
	}
	select {
	case <-ctx.Done():
		o.Logger.Info("worker stops; activities under way may finish", zap.Duration("at_most", stopTimeout))
		return nil
	case err := <-fatal:
		return fmt.Errorf("the worker cannot go on: %w", err)
	}
}

// start starts all workers or none.
func (ws workers) start() error {
	for i, w := range ws {
		if err := w.Start(); err != nil {
			for _, started := range ws[:i] {
				started.Stop()
			}
			return err
		}
	}
	return nil
}

// stop stops all at once, so that their waits do not add up.
func (ws workers) stop() {
	var all sync.WaitGroup
	for _, w := range ws {
		all.Go(w.Stop)
	}
	all.Wait()
}
