// This file replays a downloaded history against this build.

package worker

import (
	"context"
	"fmt"
	"io"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/converter"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"
)

// ReplayOptions say what to replay with.
type ReplayOptions struct {
	// Codec opens the history's payloads; nil suits a history without sealed
	// ones. Its mode does not matter: here, what cannot be opened is an error.
	Codec *Codec
	// Logger receives the SDK's lines and the outcome; nil drops them.
	Logger *zap.Logger
	// Workflows registers the workflows; nil means workflows.Register.
	Workflows func(sdkworker.WorkflowRegistry)
}

// Replay reads one workflow's history as JSON, as downloaded with
//
//	temporal workflow show --workflow-id ID --output json
//
// or from the Web UI with the payloads left encoded, and runs this build's
// workflow code over it. A nil error means that this build takes the same
// course. It is the proof that a change of code suits stays that are under way;
// it cannot see a changed duration or activity argument.
func Replay(ctx context.Context, r io.Reader, o ReplayOptions) error {
	if o.Workflows == nil {
		o.Workflows = registerAll
	}
	history, err := readHistory(r)
	if err != nil {
		return err
	}
	codec := o.Codec.returningErrors()
	logger := NewTemporalLogger(o.Logger)
	if err := checkSeals(ctx, history, codec, logger); err != nil {
		return err
	}
	replayer, err := newReplayer(codec)
	if err != nil {
		return err
	}
	o.Workflows(replayer)
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	if err := replayer.ReplayWorkflowHistoryWithOptions(logger, history, originalExecution(started)); err != nil {
		return explainReplay(started, err)
	}
	logger.Info("the history replays", "WorkflowID", started.GetWorkflowId(),
		"WorkflowType", started.GetWorkflowType().GetName(), "Events", len(history.GetEvents()))
	return nil
}

func newReplayer(codec *Codec) (sdkworker.WorkflowReplayer, error) {
	return sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
		DataConverter:    DataConverter(codec),
		FailureConverter: FailureConverter(codec),
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

// explainReplay says in a sentence what a failed replay means. The SDK has no
// typed error for an unknown type; a test holds its wording.
func explainReplay(started *historypb.WorkflowExecutionStartedEventAttributes, err error) error {
	name := started.GetWorkflowType().GetName()
	if strings.Contains(err.Error(), "unable to find workflow type") {
		return fmt.Errorf("this program has no workflow of type %q: the history is another program's", name)
	}
	return fmt.Errorf("this build takes another course than the history of %s %q; guard the change with workflow.GetVersion: %w",
		name, started.GetWorkflowId(), err)
}

// checkSeals opens every payload before the replay does: there, a signal that
// cannot be opened would be dropped, and the replay would fail for a reason
// that looks like a change of code.
func checkSeals(ctx context.Context, history *historypb.History, codec *Codec, logger TemporalLogger) error {
	var sealed, plain int
	for _, event := range history.GetEvents() {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED {
			// No workflow reads why a task failed. A worker that lacked a key has
			// left its complaint here, sealed with the key that it did have.
			continue
		}
		visit := func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range payloads {
				if isSealed(p) {
					sealed++
				} else if holdsData(p) {
					plain++
				}
			}
			return payloads, codec.check(payloads)
		}
		err := proxy.VisitPayloads(ctx, event, proxy.VisitPayloadsOptions{Visitor: visit, SkipSearchAttributes: true})
		if err != nil {
			return fmt.Errorf("event %d of the history: %w", event.GetEventId(), err)
		}
	}
	if sealed == 0 && plain > 0 && codec != nil {
		logger.Warn("the history's payloads are not sealed: it was downloaded decoded; the file may hold PINs and names")
	}
	return nil
}

// holdsData tells a payload with content from one that stands for nil.
func holdsData(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) != converter.MetadataEncodingNil
}

// check reports whether all payloads can be opened.
func (c *Codec) check(payloads []*commonpb.Payload) error {
	if c != nil {
		_, err := c.Decode(payloads)
		return err
	}
	for _, p := range payloads {
		if isSealed(p) {
			return fmt.Errorf("a payload is sealed with the key %q, and no keys are given", p.GetMetadata()[MetadataKeyID])
		}
	}
	return nil
}

// returningErrors is the codec in mode ReturnError.
func (c *Codec) returningErrors() *Codec {
	if c == nil {
		return nil
	}
	return &Codec{keys: c.keys, mode: ReturnError}
}
