// This file registers the workflows with a worker or a replayer.

package workflows

import "go.temporal.io/sdk/workflow"

// Registry is what a worker, a replayer and the test environment have in common.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// Register registers every workflow under the name that histories know it by.
func Register(registry Registry) {
	registry.RegisterWorkflowWithOptions(ReservationWorkflow, workflow.RegisterOptions{Name: ReservationWorkflowType})
	registry.RegisterWorkflowWithOptions(SmartlockWorkflow, workflow.RegisterOptions{Name: SmartlockWorkflowType})
	registry.RegisterWorkflowWithOptions(EventsWorkflow, workflow.RegisterOptions{Name: EventsWorkflowType})
}
