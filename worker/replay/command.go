// This file is what a workflow asks of Temporal, in the words of a history: read
// from its events, or told by the recorder.

package replay

import (
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// command is one thing that code asked Temporal to do. Two commands are the same
// by kind, name and id; the rest is for people.
type command struct {
	// kind is the type of the event that records it.
	kind enumspb.EventType
	// name tells commands of one kind apart, as far as a replay does: an activity's
	// type, a signal's name and target.
	name string
	// id is an activity's; empty where the code leaves it to the SDK.
	id string
	// detail says more, such as which search attributes.
	detail string
	// task is the id of the event by which the workflow task began.
	task int64
	// event is the id of its own event; zero for one that this build gives.
	event int64
	// at is where in the code it was given, the innermost place first.
	at []place
}

func (c command) same(other command) bool {
	return c.kind == other.kind && c.name == other.name && (c.id == other.id || c.id == "" || other.id == "")
}

// verbs say what a command does; %s is its name.
var verbs = map[enumspb.EventType]string{
	enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:                              "starts the activity %s",
	enumspb.EVENT_TYPE_TIMER_STARTED:                                        "starts a timer",
	enumspb.EVENT_TYPE_TIMER_CANCELED:                                       "cancels a timer",
	enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:         "sends the signal %s",
	enumspb.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: "asks %s to cancel",
	enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:             "starts the child workflow %s",
	enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:                    "sets search attributes",
	enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:                         "sets the memo",
	enumspb.EVENT_TYPE_MARKER_RECORDED:                                      "records a side effect",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:                         "completes the workflow",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:                  "continues as new",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:                            "fails the workflow",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:                          "ends the workflow as cancelled",
}

// String is the command in words, such as "starts a timer".
func (c command) String() string {
	text := verbs[c.kind]
	if strings.Contains(text, "%s") {
		text = fmt.Sprintf(text, c.name)
	}
	if more := c.id + c.detail; more != "" {
		text += " (" + more + ")"
	}
	return text
}

// lastPart is as much of a type's name as a replay looks at.
func lastPart(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// signal is the name of a command that signals another workflow.
func signal(name, workflowID string) string { return name + " to " + workflowID }

// sideEffectMarker is the SDK's name for the marker of a side effect. Its other
// markers are compared by rules of their own.
const sideEffectMarker = "SideEffect"

// changeVersionAttribute is upserted by workflow.GetVersion, beside its marker; a
// replay does not miss it.
const changeVersionAttribute = "TemporalChangeVersion"

// commandsOf are the commands that a history records, in order. What the SDK
// compares by other rules (versions, local activities, updates) is left out.
func commandsOf(events []*historypb.HistoryEvent) []command {
	began := map[int64]int64{} // completed task -> its start
	var commands []command
	for _, event := range events {
		if done := event.GetWorkflowTaskCompletedEventAttributes(); done != nil {
			began[event.GetEventId()] = done.GetStartedEventId()
			continue
		}
		c, task := commandOf(event)
		if task == 0 {
			continue
		}
		c.kind, c.event, c.task = event.GetEventType(), event.GetEventId(), began[task]
		commands = append(commands, c)
	}
	return commands
}

// commandOf reads one event; task is the workflow task whose completion caused it,
// zero for an event that no command did.
func commandOf(event *historypb.HistoryEvent) (c command, task int64) {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		a := event.GetActivityTaskScheduledEventAttributes()
		return command{name: lastPart(a.GetActivityType().GetName()), id: a.GetActivityId()}, a.GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_TIMER_STARTED:
		return command{}, event.GetTimerStartedEventAttributes().GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_TIMER_CANCELED:
		return command{}, event.GetTimerCanceledEventAttributes().GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
		a := event.GetSignalExternalWorkflowExecutionInitiatedEventAttributes()
		return command{name: signal(a.GetSignalName(), a.GetWorkflowExecution().GetWorkflowId())}, a.GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
		a := event.GetRequestCancelExternalWorkflowExecutionInitiatedEventAttributes()
		return command{name: a.GetWorkflowExecution().GetWorkflowId()}, a.GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
		a := event.GetStartChildWorkflowExecutionInitiatedEventAttributes()
		return command{name: lastPart(a.GetWorkflowType().GetName())}, a.GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
		return command{}, event.GetWorkflowPropertiesModifiedEventAttributes().GetWorkflowTaskCompletedEventId()
	}
	return attributesOrMarker(event)
}

func attributesOrMarker(event *historypb.HistoryEvent) (c command, task int64) {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		a := event.GetUpsertWorkflowSearchAttributesEventAttributes()
		var names []string
		for name := range a.GetSearchAttributes().GetIndexedFields() {
			names = append(names, name)
		}
		if slices.Contains(names, changeVersionAttribute) {
			return command{}, 0
		}
		return command{detail: list(names)}, a.GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_MARKER_RECORDED:
		if a := event.GetMarkerRecordedEventAttributes(); a.GetMarkerName() == sideEffectMarker {
			return command{}, a.GetWorkflowTaskCompletedEventId()
		}
		return command{}, 0
	}
	return command{}, endedBy(event)
}

// endedBy is the workflow task that closed a run; zero for any other event.
func endedBy(event *historypb.HistoryEvent) int64 {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		return event.GetWorkflowExecutionCompletedEventAttributes().GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		return event.GetWorkflowExecutionFailedEventAttributes().GetWorkflowTaskCompletedEventId()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		return event.GetWorkflowExecutionCanceledEventAttributes().GetWorkflowTaskCompletedEventId()
	}
	return 0
}

// list is names in the order of the alphabet.
func list(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}
