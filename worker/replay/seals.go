// This file opens a history's payloads before the replay does, and tells one whose
// payloads lie open.

package replay

import (
	"context"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/worker"
)

// checkSeals opens every payload before the replay does: there, a signal that
// cannot be opened would be dropped, and the replay would fail for a reason
// that looks like a change of code. It says whether the payloads lie open.
func checkSeals(ctx context.Context, history *historypb.History, codec *worker.Codec) (decoded bool, err error) {
	var sealed, plain int
	visit := func(at *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
		for _, p := range payloads {
			if worker.IsSealed(p) {
				sealed++
			} else if holdsData(p) {
				plain++
			}
		}
		if isMessage(at) {
			return payloads, nil
		}
		return payloads, open(codec, payloads)
	}
	for _, event := range history.GetEvents() {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED {
			// No workflow reads why a task failed. A worker that lacked a key has
			// left its complaint here, sealed with the key that it did have.
			continue
		}
		if err := proxy.VisitPayloads(ctx, event, proxy.VisitPayloadsOptions{Visitor: visit, SkipSearchAttributes: true}); err != nil {
			return false, fmt.Errorf("event %d of the history: %w", event.GetEventId(), err)
		}
	}
	return sealed == 0 && plain > 0, nil
}

// isMessage tells the words of a failure, which nothing is decided by: a worker too
// leaves out those that it cannot open (worker.FailureConverter).
func isMessage(at *proxy.VisitPayloadsContext) bool {
	_, of := at.Parent.(*failurepb.Failure)
	return of && at.SinglePayloadRequired
}

// holdsData tells a payload with content from one that stands for nil.
func holdsData(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) != converter.MetadataEncodingNil
}

// open reports whether all payloads can be opened.
func open(codec *worker.Codec, payloads []*commonpb.Payload) error {
	if codec != nil {
		_, err := codec.Decode(payloads)
		return err
	}
	for _, p := range payloads {
		if worker.IsSealed(p) {
			return fmt.Errorf("a payload is sealed with the key %q, and no keys are given: set KEYSTAY_CODEC_KEYS to the keys of the installation",
				p.GetMetadata()[worker.MetadataKeyID])
		}
	}
	return nil
}
