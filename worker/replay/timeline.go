// This file tells a history in words, one line an event: what a person reads first
// in an incident's archive. It shows ids, types, times, search attributes and the
// summaries that the Web UI shows; no input and no result.

package replay

import (
	"fmt"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/worker"
)

// storyteller tells one history.
type storyteller struct {
	codec *worker.Codec
	// activities and timers are what was begun, by the event that began it.
	begun map[int64]string
}

// tell is a history as text. Workflow tasks are left out unless one failed.
func tell(history *historypb.History, codec *worker.Codec) string {
	s := storyteller{codec: codec, begun: map[int64]string{}}
	var text strings.Builder
	for _, event := range history.GetEvents() {
		if line := s.line(event); line != "" {
			at := event.GetEventTime().AsTime().UTC().Format("2006-01-02 15:04:05.000")
			fmt.Fprintf(&text, "%s  %4d  %s\n", at, event.GetEventId(), line)
		}
	}
	return text.String()
}

// line is one event in words; empty for one that says nothing.
func (s storyteller) line(event *historypb.HistoryEvent) string {
	for _, part := range []func(*historypb.HistoryEvent) string{s.activity, s.timer, s.message, s.life} {
		if line := part(event); line != "" {
			return line
		}
	}
	return ""
}

func (s storyteller) activity(event *historypb.HistoryEvent) string {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		a := event.GetActivityTaskScheduledEventAttributes()
		name := a.GetActivityType().GetName() + " " + a.GetActivityId()
		s.begun[event.GetEventId()] = name
		return name + s.summary(event)
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		return s.begun[event.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()] + " is done"
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		a := event.GetActivityTaskFailedEventAttributes()
		return s.begun[a.GetScheduledEventId()] + " failed: " + kindOf(a.GetFailure())
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		a := event.GetActivityTaskTimedOutEventAttributes()
		return s.begun[a.GetScheduledEventId()] + " timed out: " + kindOf(a.GetFailure())
	}
	return ""
}

func (s storyteller) timer(event *historypb.HistoryEvent) string {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_TIMER_STARTED:
		a := event.GetTimerStartedEventAttributes()
		return "waits for " + a.GetStartToFireTimeout().AsDuration().String() + " at most" + s.summary(event)
	case enumspb.EVENT_TYPE_TIMER_FIRED:
		return "has waited long enough"
	}
	return ""
}

func (s storyteller) message(event *historypb.HistoryEvent) string {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		return "got the signal " + event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		return "got the update " + event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetName()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
		return "was asked to cancel"
	case enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
		a := event.GetSignalExternalWorkflowExecutionInitiatedEventAttributes()
		return "sent the signal " + signal(a.GetSignalName(), a.GetWorkflowExecution().GetWorkflowId())
	case enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED:
		return "the signal was not taken: " + event.GetSignalExternalWorkflowExecutionFailedEventAttributes().GetCause().String()
	}
	return ""
}

// life is how a run began, what it showed, and how it ended.
func (s storyteller) life(event *historypb.HistoryEvent) string {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		if event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId() != "" {
			return "the run began, continuing another"
		}
		return "the run began"
	case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		return "shows " + shown(event.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes())
	case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		return "A WORKFLOW TASK FAILED: " + event.GetWorkflowTaskFailedEventAttributes().GetCause().String()
	case enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
		return "a workflow task timed out: " + event.GetWorkflowTaskTimedOutEventAttributes().GetTimeoutType().String()
	}
	if closingEvents[event.GetEventType()] {
		return "the run ended: " + event.GetEventType().String()
	}
	return ""
}

// kindOf names a failure by types alone: its message may be sealed.
func kindOf(failure *failurepb.Failure) string {
	if kind := failure.GetApplicationFailureInfo().GetType(); kind != "" {
		return kind
	}
	if kind := failure.GetTimeoutFailureInfo().GetTimeoutType(); kind != 0 {
		return kind.String()
	}
	return "without a type"
}

// summary is what the Web UI shows beside the event; empty where there is none, or
// none that can be read.
func (s storyteller) summary(event *historypb.HistoryEvent) string {
	payload := event.GetUserMetadata().GetSummary()
	var text string
	if payload == nil || worker.DataConverter(s.codec).FromPayload(payload, &text) != nil || text == "" {
		return ""
	}
	return ": " + text
}

// shown are search attributes, which are never sealed, in the order of the alphabet.
func shown(attributes *commonpb.SearchAttributes) string {
	var words []string
	for name, payload := range attributes.GetIndexedFields() {
		var value any
		if converter.GetDefaultDataConverter().FromPayload(payload, &value) == nil {
			words = append(words, fmt.Sprintf("%s=%v", name, value))
		}
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
