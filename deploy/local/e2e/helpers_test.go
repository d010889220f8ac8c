// This file checks in Temporal's histories what every run must leave behind:
// no timer, no call and no message that nobody took in.

package e2e

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/keystay/keystay/workflows"
)

// inSeconds is a moment so far away.
func inSeconds(n float64) time.Time {
	return time.Now().Add(time.Duration(n * float64(time.Second)))
}

// runs are the histories of a workflow's whole chain, from the first run of its
// present execution to the last.
func (s *system) runs(workflowID string) [][]*historypb.HistoryEvent {
	s.Helper()
	description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflowID, "")
	if err != nil {
		s.Fatal(err)
	}
	var all [][]*historypb.HistoryEvent
	for run := description.GetWorkflowExecutionInfo().GetFirstRunId(); run != ""; {
		events := s.history(workflowID, run)
		all = append(all, events)
		run = events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return all
}

// checkTidy checks every run of a chain: see tidy.
func (s *system) checkTidy(workflowID string) {
	s.Helper()
	for i, events := range s.runs(workflowID) {
		for _, wrong := range tidy(events) {
			s.Errorf("run %d of %s: %s", i+1, workflowID, wrong)
		}
	}
}

// tidy says what a run left behind. In one that is open, the newest timer and
// the messages since the last workflow task are still to come.
func tidy(events []*historypb.HistoryEvent) (wrong []string) {
	last := events[len(events)-1]
	closed := last.GetWorkflowExecutionContinuedAsNewEventAttributes() != nil || last.GetWorkflowExecutionCompletedEventAttributes() != nil
	timers, calls := pending(events)
	if closed && len(timers)+len(calls) > 0 || len(timers) > 1 {
		wrong = append(wrong, fmt.Sprintf("timers %v and activities %v are left behind, closed: %v", timers, calls, closed))
	}
	if ghosts := ghosts(events, timers); len(ghosts) > 0 {
		wrong = append(wrong, fmt.Sprintf("timers %v are neither fired nor cancelled, and not the newest", ghosts))
	}
	if unread := unread(events); closed && len(unread) > 0 {
		wrong = append(wrong, fmt.Sprintf("signals %v came after the last workflow task had begun", unread))
	}
	return wrong
}

// pending are the timers and activities that were started and have not ended.
func pending(events []*historypb.HistoryEvent) (timers, calls map[int64]bool) {
	timers, calls = map[int64]bool{}, map[int64]bool{}
	for _, event := range events {
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			timers[event.GetEventId()] = true
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			delete(timers, event.GetTimerFiredEventAttributes().GetStartedEventId())
		case enumspb.EVENT_TYPE_TIMER_CANCELED:
			delete(timers, event.GetTimerCanceledEventAttributes().GetStartedEventId())
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			calls[event.GetEventId()] = true
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			delete(calls, event.GetActivityTaskCompletedEventAttributes().GetScheduledEventId())
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED:
			delete(calls, event.GetActivityTaskFailedEventAttributes().GetScheduledEventId())
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
			delete(calls, event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId())
		}
	}
	return timers, calls
}

// ghosts are pending timers that a newer one has taken the place of.
func ghosts(events []*historypb.HistoryEvent, timers map[int64]bool) (found []int64) {
	newest := int64(0)
	for _, event := range events {
		if event.GetEventType() == enumspb.EVENT_TYPE_TIMER_STARTED {
			newest = event.GetEventId()
		}
	}
	for id := range timers {
		if id != newest {
			found = append(found, id)
		}
	}
	return found
}

// unread are signals that came after the last workflow task had begun.
func unread(events []*historypb.HistoryEvent) (found []int64) {
	for _, event := range events {
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			found = nil
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			found = append(found, event.GetEventId())
		}
	}
	return found
}

// awaitEvents waits until a run's history holds so many events of a type.
func (s *system) awaitEvents(workflowID string, kind enumspb.EventType, n int) {
	s.Helper()
	s.await(fmt.Sprintf("%s has %d of %s", workflowID, n, kind), func() (bool, string) {
		found := count(s.history(workflowID, ""), kind)
		return found >= n, fmt.Sprint(found)
	})
}

// calls counts the activities of a type that a reservation's present run asked for.
func (s *system) calls(id, activity string) (n int) {
	s.Helper()
	for _, event := range s.history(workflows.ReservationWorkflowID(id), "") {
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == activity {
			n++
		}
	}
	return n
}

// signals counts the signals of a name over a whole chain.
func (s *system) signals(workflowID, name string) (n int) {
	s.Helper()
	for _, events := range s.runs(workflowID) {
		for _, event := range events {
			if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
				n++
			}
		}
	}
	return n
}
