// This file reads what Temporal itself knows of a reservation or of a lock's
// front desk: whether its workflow is open, and its search attributes. It needs no
// worker.

package api

import (
	"strconv"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/workflows"
)

// run is a workflow's latest run.
type run struct {
	workflowID, runID string
	// open says that something is still being done.
	open bool
	// state is Temporal's own word for the run.
	state string
}

// stateCompleted is a run that was finished by itself.
const stateCompleted = "completed"

// execution is a reservation's latest run as Temporal lists it.
type execution struct {
	run
	row
}

// lockExecution is the latest run of a lock's front desk as Temporal lists it.
type lockExecution struct {
	run
	lockRow
}

// row is a reservation as its search attributes show it: a line of a listing,
// and all there is while no worker answers.
type row struct {
	ID           string    `json:"id"`
	Status       string    `json:"status,omitempty"`
	Attention    []string  `json:"attention"`
	Unit         string    `json:"unit,omitempty"`
	SmartlockIDs []int64   `json:"smartlock_ids"`
	CheckIn      time.Time `json:"check_in,omitzero"`
	Deadline     time.Time `json:"deadline,omitzero"`
	Links        links     `json:"links"`
}

func executionOf(info *workflowpb.WorkflowExecutionInfo) execution {
	id := workflows.ReservationID(info.GetExecution().GetWorkflowId())
	found := attributesOf(info)
	return execution{
		run: runOf(info),
		row: row{
			ID:           id,
			Status:       found.text(workflows.AttributeStatus.GetName()),
			Attention:    found.texts(workflows.AttributeAttention.GetName()),
			Unit:         found.text(workflows.AttributeUnit.GetName()),
			SmartlockIDs: lockIDs(found.texts(workflows.AttributeLocks.GetName())),
			CheckIn:      found.time(workflows.AttributeCheckIn.GetName()),
			Deadline:     found.time(workflows.AttributeDeadline.GetName()),
			Links:        linksOf(id),
		},
	}
}

func lockExecutionOf(info *workflowpb.WorkflowExecutionInfo) lockExecution {
	lock, found := workflows.SmartlockID(info.GetExecution().GetWorkflowId()), attributesOf(info)
	return lockExecution{
		run: runOf(info),
		lockRow: lockRow{
			SmartlockID: lock,
			Status:      found.text(workflows.AttributeStatus.GetName()),
			Attention:   found.texts(workflows.AttributeAttention.GetName()),
			Links:       lockLinksOf(lock),
		},
	}
}

func runOf(info *workflowpb.WorkflowExecutionInfo) run {
	state := info.GetStatus()
	return run{
		workflowID: info.GetExecution().GetWorkflowId(),
		runID:      info.GetExecution().GetRunId(),
		open:       state == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || state == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED,
		state:      strings.ToLower(state.String()),
	}
}

// attributes are search attributes as Temporal sends them. They are never
// encrypted, so no codec takes part. One that cannot be read counts as absent.
type attributes map[string]*commonpb.Payload

func attributesOf(info *workflowpb.WorkflowExecutionInfo) attributes {
	return info.GetSearchAttributes().GetIndexedFields()
}

func (a attributes) text(name string) string {
	var value string
	a.read(name, &value)
	return value
}

// texts is a list, empty rather than nil. A visibility store may return a list
// of one as the bare word.
func (a attributes) texts(name string) []string {
	values := []string{}
	if a.read(name, &values) {
		return values
	}
	if word := a.text(name); word != "" {
		return []string{word}
	}
	return []string{}
}

// lockIDs are lock ids as documents show them.
func lockIDs(names []string) []int64 {
	ids := []int64{}
	for _, name := range names {
		if id, err := strconv.ParseInt(name, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func (a attributes) time(name string) time.Time {
	var value time.Time
	a.read(name, &value)
	return value.UTC()
}

func (a attributes) read(name string, target any) bool {
	payload, ok := a[name]
	return ok && converter.GetDefaultDataConverter().FromPayload(payload, target) == nil
}
