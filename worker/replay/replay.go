// This file replays one history against this build.

package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"

	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

// Options say what to replay with.
type Options struct {
	// Codec opens the payloads; nil suits histories without sealed ones. Its mode
	// does not matter: here, what cannot be opened is an error.
	Codec *worker.Codec
	// Logger receives the SDK's own lines, which are long; nil drops them.
	Logger *zap.Logger
	// Workflows registers the workflows; nil means workflows.Register.
	Workflows func(workflows.Registry)
}

func (o Options) withDefaults() Options {
	if o.Workflows == nil {
		o.Workflows = workflows.Register
	}
	o.Codec = o.Codec.ReturningErrors()
	return o
}

// Outcome is a history that this build takes the same course as.
type Outcome struct {
	WorkflowID, RunID, Type string
	// Events is the length of the history.
	Events int
	// Decoded says that the payloads lie open in the history, as after a download
	// through the codec server.
	Decoded bool
}

// History runs this build's workflow code over one history. A nil error means that
// this build takes the same course; a *Divergence says where it does not; any other
// error that the history cannot be replayed. It is the proof that a change of code
// suits stays that are under way; it cannot see a changed duration or activity
// argument.
func History(ctx context.Context, history *historypb.History, o Options) (Outcome, error) {
	o = o.withDefaults()
	events := history.GetEvents()
	if err := checkEvents(events); err != nil {
		return Outcome{}, err
	}
	started := events[0].GetWorkflowExecutionStartedEventAttributes()
	outcome := Outcome{
		WorkflowID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId(),
		Type: started.GetWorkflowType().GetName(), Events: len(events),
	}
	decoded, err := checkSeals(ctx, history, o.Codec)
	if err != nil {
		return outcome, err
	}
	outcome.Decoded = decoded
	seen := &recorder{}
	replayer, err := newReplayer(o.Codec, seen)
	if err != nil {
		return outcome, err
	}
	o.Workflows(replayer)
	err = replayer.ReplayWorkflowHistoryWithOptions(worker.NewTemporalLogger(o.Logger), history, originalExecution(started))
	if err == nil && seen.endedEarly(events) {
		err = errEndedEarly
	}
	if err != nil {
		err = judge(outcome, events, seen, err)
	}
	return outcome, err
}

// errEndedEarly is a divergence that the SDK lets pass: in the last workflow task of
// an open history it does not compare how the code ended.
var errEndedEarly = errors.New("this build ends the workflow, which goes on in the history")

func newReplayer(codec *worker.Codec, seen *recorder) (sdkworker.WorkflowReplayer, error) {
	return sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
		DataConverter:    worker.DataConverter(codec),
		FailureConverter: worker.FailureConverter(codec),
		Interceptors:     []interceptor.WorkerInterceptor{seen},
	})
}

// originalExecution has the workflow run under its own id: our workflows read
// the reservation or the lock from it.
func originalExecution(started *historypb.WorkflowExecutionStartedEventAttributes) sdkworker.ReplayWorkflowHistoryOptions {
	return sdkworker.ReplayWorkflowHistoryOptions{OriginalExecution: workflow.Execution{
		ID:    started.GetWorkflowId(),
		RunID: started.GetOriginalExecutionRunId(),
	}}
}

// diverged are the words by which the SDK tells a divergence from a history that
// it cannot read. It has no typed errors for them; tests hold its wording.
var diverged = []string{"TMPRL1100", "replay workflow failed with failure", "doesn't return the same result"}

// judge says in a sentence what a failed replay means.
func judge(of Outcome, events []*historypb.HistoryEvent, seen *recorder, verdict error) error {
	text := verdict.Error()
	if strings.Contains(text, "unable to find workflow type") {
		return fmt.Errorf("%s: this program has no workflow of type %q: the history is another program's", of.WorkflowID, of.Type)
	}
	if seen.panicked != nil || errors.Is(verdict, errEndedEarly) || slices.ContainsFunc(diverged, func(words string) bool { return strings.Contains(text, words) }) {
		d := explain(events, seen, verdict)
		d.WorkflowID, d.Type = of.WorkflowID, of.Type
		return d
	}
	return fmt.Errorf("%s %q: the history cannot be replayed, it is not as a server writes it: %s", of.Type, of.WorkflowID, firstLine(text))
}
