// This file tells a lock's front desk who wants to be woken.

package activities

import (
	"context"

	"go.temporal.io/sdk/client"
)

// TemporalDesk reaches front desks through Temporal.
type TemporalDesk struct{ Client client.Client }

// Attend signals a lock's front desk, and starts it where it does not run: the
// only way one starts, or comes back after it was terminated.
func (d TemporalDesk) Attend(ctx context.Context, attend Attend) error {
	_, err := d.Client.SignalWithStartWorkflow(ctx, attend.WorkflowID, SignalAttend, attend.Attendance,
		client.StartWorkflowOptions{ID: attend.WorkflowID, TaskQueue: WorkflowTaskQueue},
		SmartlockWorkflowType, struct {
			Lock int64 `json:"lock"`
		}{attend.Lock})
	return err
}
