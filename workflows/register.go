// This file registers the workflows with a worker or a replayer.

package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register registers every workflow under the name that histories know it by.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(ReservationWorkflow, workflow.RegisterOptions{Name: ReservationWorkflowType})
	registry.RegisterWorkflowWithOptions(SmartlockWorkflow, workflow.RegisterOptions{Name: SmartlockWorkflowType})
}
