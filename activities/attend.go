// This file reaches the workflows of locks and reservations from activities: a
// workflow cannot start another one and hand it a message at once.

package activities

import (
	"context"
	"encoding/json"

	"go.temporal.io/sdk/client"
)

// TemporalDesk reaches workflows through Temporal.
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

// Sweep signals a reservation, and starts it where it does not run.
func (d TemporalDesk) Sweep(ctx context.Context, sweep Sweep) error {
	_, err := d.Client.SignalWithStartWorkflow(ctx, sweep.WorkflowID, SignalSweep, sweep,
		client.StartWorkflowOptions{ID: sweep.WorkflowID, TaskQueue: WorkflowTaskQueue},
		ReservationWorkflowType, struct {
			Policy json.RawMessage `json:"policy,omitempty"`
		}{sweep.Policy})
	return err
}
