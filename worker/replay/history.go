// This file reads a downloaded history, and says in a sentence what is wrong
// with a file that is none, or not a whole one.

package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

const howToDownload = "download it with `temporal workflow show --workflow-id ID --output json`"

// readHistory reads a history in JSON.
func readHistory(content []byte) (*historypb.History, error) {
	if err := checkDocument(content); err != nil {
		return nil, err
	}
	history, err := client.HistoryFromJSON(bytes.NewReader(content), client.HistoryJSONOptions{})
	if err != nil {
		return nil, fmt.Errorf("the file is JSON, but not a workflow's history; %s: %w", howToDownload, err)
	}
	return history, nil
}

// checkDocument looks at the JSON as such: the SDK reads a decoded history as
// one with other payloads where it can, and the replay then goes astray.
func checkDocument(content []byte) error {
	document, err := decodeOne(content)
	if err != nil {
		return fmt.Errorf("%w; %s", err, howToDownload)
	}
	top, _ := document.(map[string]any)
	if _, ok := top["events"].([]any); !ok {
		return fmt.Errorf("the file is JSON, but has no list of events at its top; %s", howToDownload)
	}
	if isReadable(document) {
		return errors.New("the history was downloaded with its payloads made readable, which no program can turn back; " +
			"in the Web UI's download dialog choose Encoded, or " + howToDownload)
	}
	return nil
}

// decodeOne reads one JSON value. It keeps the content out of its errors: the
// file may be readable.
func decodeOne(content []byte) (document any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the file ends in the middle, after %d bytes", len(content))
	case err != nil:
		return nil, fmt.Errorf("the file is not JSON (near byte %d)", decoder.InputOffset())
	}
	if decoder.More() {
		return nil, errors.New("the file holds more than one JSON value")
	}
	return document, nil
}

// isReadable finds payloads in the forms of the Web UI's "readable" download:
// their metadata is plain text instead of base64, or there is only the value.
// (Its "decoded" form is opened but still base64, and replays.)
func isReadable(node any) bool {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			if isReadable(child) {
				return true
			}
		}
	case map[string]any:
		if readableMetadata(node) || bareValues(node) {
			return true
		}
		for _, child := range node {
			if isReadable(child) {
				return true
			}
		}
	}
	return false
}

// readableMetadata: no base64 of an encoding's name begins like this.
func readableMetadata(payload map[string]any) bool {
	metadata, _ := payload["metadata"].(map[string]any)
	encoding, _ := metadata["encoding"].(string)
	return strings.HasPrefix(encoding, "json/") || strings.HasPrefix(encoding, "binary/")
}

// bareValues: every payload that an SDK wrote has metadata, a nil one too.
func bareValues(parent map[string]any) bool {
	list, _ := parent["payloads"].([]any)
	for _, entry := range list {
		payload, _ := entry.(map[string]any)
		if _, ok := payload["metadata"]; !ok {
			return true
		}
	}
	return false
}

// checkEvents reports a history that is not whole. A history that lacks its
// end cannot be told from one of a workflow that is still open.
func checkEvents(events []*historypb.HistoryEvent) error {
	if len(events) == 0 {
		return fmt.Errorf("the history has no events; %s", howToDownload)
	}
	for i, event := range events {
		if want := int64(i + 1); event.GetEventId() != want {
			return fmt.Errorf("the history is not whole: event %d stands where %d should; %s, from the first event on and in ascending order",
				event.GetEventId(), want, howToDownload)
		}
	}
	if events[0].GetEventType() != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED ||
		events[0].GetWorkflowExecutionStartedEventAttributes() == nil {
		return fmt.Errorf("the history's first event is not the start of a workflow; %s", howToDownload)
	}
	if !begun(events) {
		return errors.New("the history ends before a worker took the workflow up: there is nothing to replay yet")
	}
	return nil
}

// begun reports whether some code has run: the SDK's replayer wants a completed workflow
// task.
func begun(events []*historypb.HistoryEvent) bool {
	return slices.ContainsFunc(events, func(event *historypb.HistoryEvent) bool {
		return event.GetWorkflowTaskCompletedEventAttributes() != nil
	})
}

// continued reports whether a run was continued as new.
func continued(events []*historypb.HistoryEvent) bool {
	return len(events) > 0 && events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes() != nil
}

// closed reports whether a run has ended.
func closed(events []*historypb.HistoryEvent) bool {
	return len(events) > 0 && closingEvents[events[len(events)-1].GetEventType()]
}

// closingEvents are the last events of runs that have ended.
var closingEvents = map[enumspb.EventType]bool{
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:        true,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:           true,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:        true,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:         true,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:       true,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: true,
}
