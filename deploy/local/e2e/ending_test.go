// This file ends runs from outside: cancel requests, terminate and reset, as
// people do from Temporal's Web UI.

package e2e

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestCancelRequest_IsTheWishCancelledAtAnyMoment(t *testing.T) {
	s := start(t, stack.Options{})
	for _, c := range []struct {
		name   string
		starts time.Duration
		until  func(id string)
	}{
		{"PENDING", time.Hour, func(id string) { s.awaitStatus(id, "pending") }},
		{"IN-FLIGHT", 5 * time.Second, func(string) {
			s.await("an operation is in flight", func() (bool, string) { return len(s.Sim.Snapshot(frontDoor).Operations) > 0, "" })
		}},
		{"READY", 6 * time.Second, func(id string) { s.awaitStatus(id, "ready") }},
		{"IN-HOUSE", time.Second, func(id string) { s.awaitStatus(id, "ready"); s.awaitOpens(frontDoor, "432426", true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := stayFrom(time.Now().Add(c.starts), time.Hour, "432426", frontDoor)
			s.put(c.name, b)
			c.until(c.name)
			s.cancelTwice(c.name, b)
		})
	}
}

// cancelTwice cancels, reinstates by a newer version, and cancels again.
func (s *system) cancelTwice(id string, b booking) {
	s.Helper()
	workflowID := workflows.ReservationWorkflowID(id)
	before := s.runID(workflowID)
	s.cancel(workflowID)
	s.awaitStatus(id, "cancelled")
	s.awaitEmpty(frontDoor)
	s.await(id+" is continued as new", func() (bool, string) {
		return s.runID(workflowID) != before && s.isRunning(workflowID), ""
	})
	soon := stayFrom(time.Now().Add(time.Second), time.Hour, "432426", frontDoor)
	s.put(id, b.with(2, booking{"stay": soon["stay"]}))
	s.awaitOpens(frontDoor, "432426", true)
	s.awaitStatus(id, "ready")
	s.cancel(workflowID)
	s.awaitStatus(id, "cancelled")
	s.awaitEmpty(frontDoor)
}

func (s *system) cancel(workflowID string) {
	s.Helper()
	if err := s.Temporal.CancelWorkflow(s.Context(), workflowID, ""); err != nil {
		s.Fatal(err)
	}
}

func TestTerminatedAndPutAgain_TakesItsOwnEntryOver(t *testing.T) {
	s := start(t, stack.Options{})
	id := workflows.ReservationWorkflowID("TERMINATED")
	b := stayFrom(time.Now().Add(time.Second), 12*time.Second, "", frontDoor)
	s.put("TERMINATED", b)
	s.awaitStatus("TERMINATED", "ready")
	pin := s.table(frontDoor)[0].PIN
	if err := s.Temporal.TerminateWorkflow(s.Context(), id, "", "a person"); err != nil {
		t.Fatal(err)
	}
	s.put("TERMINATED", b)
	s.awaitStatus("TERMINATED", "ready")
	if table := s.table(frontDoor); len(table) != 1 || table[0].PIN != pin {
		t.Errorf("the lock holds %+v, want the one PIN that was there", table)
	}
	if told := s.view("TERMINATED").PIN.ToldAt; told.IsZero() {
		t.Error("an adopted PIN does not count as told")
	}
	s.awaitStatus("TERMINATED", "revoked")
	s.awaitEmpty(frontDoor)
}

func TestReset_TakesItsOwnEntryOver(t *testing.T) {
	s := start(t, stack.Options{})
	id := workflows.ReservationWorkflowID("RESET")
	s.put("RESET", stayFrom(time.Now().Add(time.Second), 12*time.Second, "", frontDoor))
	s.awaitStatus("RESET", "ready")
	pin := s.table(frontDoor)[0].PIN
	s.reset(id, s.runID(id), s.firstTask(id))
	s.await("the new run is ready by itself", func() (bool, string) {
		d := s.get("RESET")
		return d.Status == "ready", d.Status
	})
	if table := s.table(frontDoor); len(table) != 1 || table[0].PIN != pin {
		t.Errorf("the lock holds %+v, want the one PIN that was there", table)
	}
	s.awaitStatus("RESET", "revoked")
	s.awaitEmpty(frontDoor)
}

// firstTask is the event that a reset leads back to: before a PIN was chosen.
func (s *system) firstTask(id string) int64 {
	s.Helper()
	for _, event := range s.history(id, "") {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			return event.GetEventId()
		}
	}
	s.Fatal("no workflow task has completed")
	return 0
}

func TestFrontDeskTerminated_ComesBackWithTheNextCall(t *testing.T) {
	s := start(t, stack.Options{})
	s.put("DESK", stayFrom(time.Now().Add(6*time.Second), time.Hour, "", frontDoor))
	s.awaitStatus("DESK", "ready")
	id := workflows.SmartlockWorkflowID(frontDoor)
	if err := s.Temporal.TerminateWorkflow(s.Context(), id, "", "a person"); err != nil {
		t.Fatal(err)
	}
	s.await("the front desk is back", func() (bool, string) { return s.isRunning(id), "" })
	s.awaitStatus("DESK", "ready")
}
