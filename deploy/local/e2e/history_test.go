// This file reads Temporal's own histories for the tests.

package e2e

import (
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// history is the whole history of a run; the present one for an empty run id.
func (s *system) history(workflowID, runID string) []*historypb.HistoryEvent {
	s.Helper()
	var events []*historypb.HistoryEvent
	pages := s.Temporal.GetWorkflowHistory(s.Context(), workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		event, err := pages.Next()
		if err != nil {
			s.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// count counts the events of a type.
func count(events []*historypb.HistoryEvent, kind enumspb.EventType) int {
	n := 0
	for _, event := range events {
		if event.GetEventType() == kind {
			n++
		}
	}
	return n
}

// runID is the id of the present run.
func (s *system) runID(workflowID string) string {
	s.Helper()
	description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflowID, "")
	if err != nil {
		s.Fatal(err)
	}
	return description.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}

// isRunning reports whether the present run is open.
func (s *system) isRunning(workflowID string) bool {
	s.Helper()
	description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflowID, "")
	if err != nil {
		s.Fatal(err)
	}
	return description.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}
