// This file tells, once a test has failed, what its reservations had done and what
// they were waiting for: a failure that comes once in a hundred runs is read, not repeated.

package e2e

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/keystay/keystay/workflows"
)

// tellIfFailed logs the end of each reservation's timeline, and the activities that it
// waits for.
func (s *system) tellIfFailed() {
	if !s.TB.Failed() {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	answer, err := s.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: s.Namespace, Query: `WorkflowType = "ReservationWorkflow"`, PageSize: 20,
	})
	if err != nil {
		s.Log("no reservations are told of:", err)
		return
	}
	for _, info := range answer.GetExecutions() {
		s.tellOf(ctx, info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
	}
}

func (s *system) tellOf(ctx context.Context, workflowID, runID string) {
	told := fmt.Sprintf("%s, run %s", workflowID, runID)
	if view, err := workflows.QueryReservation.Ask(ctx, s.Temporal, workflowID); err == nil {
		for _, line := range view.Timeline[max(0, len(view.Timeline)-40):] {
			told += fmt.Sprintf("\n  %s %s", line.At.Format(time.StampMilli), line.Says)
		}
	}
	if description, err := s.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID); err == nil {
		for _, pending := range description.GetPendingActivities() {
			told += fmt.Sprintf("\n  pending: %s, attempt %d, %s, since %s", pending.GetActivityType().GetName(),
				pending.GetAttempt(), pending.GetState(), pending.GetLastStartedTime().AsTime().Format(time.StampMilli))
		}
		if task := description.GetPendingWorkflowTask(); task != nil {
			told += fmt.Sprintf("\n  pending: workflow task, attempt %d, %s", task.GetAttempt(), task.GetState())
		}
	}
	s.Log(told)
}
