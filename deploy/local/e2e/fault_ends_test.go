// This file ends and resets runs at awkward moments: whatever a run forgets,
// the lock must end up with one PIN, and with none in the end.

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// terminate ends a reservation's run without a word.
func (s *system) terminate(id string) {
	s.Helper()
	if err := s.Temporal.TerminateWorkflow(s.Context(), workflows.ReservationWorkflowID(id), "", "a person"); err != nil {
		s.Fatal(err)
	}
}

// onlyPIN is the PIN on a lock that must hold exactly one entry.
func (s *system) onlyPIN(lock int64) string {
	s.Helper()
	table := s.table(lock)
	if len(table) != 1 {
		s.Fatalf("lock %d holds %+v, want one entry", lock, table)
	}
	return table[0].PIN
}

func TestTerminatedAndPutAgainOtherwise_KeepsThePINOrRemovesIt(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	b := stayFrom(inSeconds(1), time.Hour, "", frontDoor)
	s.put("LONGER", b)
	s.awaitStatus("LONGER", "ready")
	pin := s.onlyPIN(frontDoor)
	s.terminate("LONGER")
	longer := stayFrom(time.Now().Add(-time.Second), 5*time.Hour, "", frontDoor)
	s.put("LONGER", longer.with(2, nil))
	s.await("the entry lasts as long as the stay", func() (bool, string) {
		table := s.table(frontDoor)
		return len(table) == 1 && table[0].PIN == pin && table[0].Until.After(time.Now().Add(4*time.Hour)), fmt.Sprintf("%+v", table)
	})
	s.awaitStatus("LONGER", "ready")

	s.terminate("LONGER")
	s.put("LONGER", longer.with(3, booking{"status": "cancelled"}))
	s.awaitEmpty(frontDoor)
	s.awaitStatus("LONGER", "cancelled")
	s.checkTidy(workflows.ReservationWorkflowID("LONGER"))
}

func TestResetToAnyTask_KeepsThePIN(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{Faults: nukisim.Faults{LatencyMin: 100, LatencyMax: 150}})
	id := workflows.ReservationWorkflowID("REWOUND")
	b := stayFrom(inSeconds(1), time.Hour, "", frontDoor)
	s.put("REWOUND", b)
	s.awaitStatus("REWOUND", "ready")
	pin, original := s.onlyPIN(frontDoor), s.runID(id)
	var tasks []int64
	for _, event := range s.history(id, original) {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			tasks = append(tasks, event.GetEventId())
		}
	}
	for _, task := range tasks {
		s.reset(id, original, task)
		s.awaitOnceReady("REWOUND", fmt.Sprintf("reset to event %d", task))
		if got := s.onlyPIN(frontDoor); got != pin {
			t.Fatalf("reset to event %d: the lock holds %s, want %s", task, got, pin)
		}
	}
	t.Logf("reset to %d tasks", len(tasks))
	s.put("REWOUND", b.with(2, booking{"status": "checked_out"}))
	s.awaitStatus("REWOUND", "revoked")
	s.awaitEmpty(frontDoor)
	s.checkTidy(id)
}

// reset leads a run back to a workflow task.
func (s *system) reset(workflowID, run string, task int64) {
	s.Helper()
	_, err := s.Temporal.WorkflowService().ResetWorkflowExecution(s.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: s.Namespace, Reason: "a person", RequestId: uuid.NewString(), WorkflowTaskFinishEventId: task,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: run},
	})
	if err != nil {
		s.Fatal(err)
	}
}

// awaitOnceReady waits for a run that is ready and does nothing but wait.
func (s *system) awaitOnceReady(id, when string) {
	s.Helper()
	s.await(id+" is ready: "+when, func() (bool, string) {
		d := s.get(id)
		_, calls := pending(s.historyOf(id))
		return d.Status == "ready" && !d.Stale && len(calls) == 0, fmt.Sprintf("%+v", d)
	})
}
