// This file pulls a reservation's levers over HTTP and as Temporal's own clients do:
// at a real server a repeated order is the same one in the next run too.

package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// order pulls a lever of a reservation. A nil body sends none.
func (s *system) order(id, action string, body map[string]any, headers ...string) reply {
	s.Helper()
	r := request{method: http.MethodPost, path: "/v1/reservations/" + id + "/actions/" + action, token: s.APIToken, headers: map[string]string{}}
	if body != nil {
		encoded, _ := json.Marshal(body)
		r.body = string(encoded)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.headers[headers[i]] = headers[i+1]
	}
	return s.send(r)
}

// toldPIN has the PIN told.
func (s *system) toldPIN(id string) (pin string) {
	s.Helper()
	s.await("the PIN is told", func() (bool, string) {
		r := s.ask(http.MethodGet, "/v1/reservations/"+id+"/pin", nil)
		pin = r.text("pin")
		return r.status == http.StatusOK, string(r.body)
	})
	return pin
}

func TestReport_LeadsToASecondPINThatIsTold(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("CALLED", stayFrom(inSeconds(3), time.Hour, "", frontDoor))
	s.awaitStatus("CALLED", "ready")
	first := s.toldPIN("CALLED")
	s.awaitOpens(frontDoor, first, true)
	answer := s.order("CALLED", "report_not_working", map[string]any{"why": "Rang at 22:04", "smartlock_id": frontDoor})
	s.expect(answer, http.StatusOK)
	s.expectAt(answer, map[string]string{"action": "report_not_working", "reservation": "CALLED", "links.reservation": "/v1/reservations/CALLED"})
	s.awaitAttention("CALLED", "reported_not_working")
	s.awaitAttention("CALLED", "second_pin")
	second := s.toldPIN("CALLED")
	s.awaitOpens(frontDoor, second, true)
	s.awaitOpens(frontDoor, first, true)
	r := s.reservation("CALLED")
	s.expectAt(r, map[string]string{
		"actions.0.action": "report_not_working", "actions.0.why": "Rang at 22:04",
		"locks.0.report.steps.0.what": "read", "locks.0.report.steps.3.what": "second PIN",
	})
	if age := r.text("locks.0.report.steps.3.age_seconds"); age == "" {
		t.Errorf("the second PIN has no age: %s", r.body)
	}
	s.expect(s.order("CALLED", "acknowledge", nil), http.StatusConflict) // Is the guest in, or has the second PIN?
	s.expect(s.order("CALLED", "acknowledge", map[string]any{"what": "has_second_pin"}), http.StatusOK)
	s.awaitOpens(frontDoor, first, false)
	s.awaitOpens(frontDoor, second, true)
	s.awaitStatus("CALLED", "ready")
	s.expectAt(s.reservation("CALLED"), map[string]string{"attention.0": "", "actions.1.action": "acknowledge"})
}

func TestLevers_OfTheSameKeyArePulledOnceInTheNextRunToo(t *testing.T) {
	t.Parallel()
	policy := stack.FastPolicy()
	policy.MaxSignals = 20
	s := start(t, stack.Options{Policy: policy})
	b := stayFrom(inSeconds(3), time.Hour, "432426", frontDoor)
	s.put("KEYED", b)
	s.awaitStatus("KEYED", "ready")
	first := s.order("KEYED", "hold", map[string]any{"why": "works at the door"}, "Idempotency-Key", "ticket-1")
	s.expect(first, http.StatusOK)
	s.awaitStatus("KEYED", "on_hold")
	s.expectAt(s.reservation("KEYED"), map[string]string{"attention.0": "on_hold", "held.why": "works at the door"})
	for version := 2; version < 30; version++ {
		s.put("KEYED", b.with(version, booking{}))
	}
	s.await("the reservation continues as new", func() (bool, string) {
		runs, _ := s.chain(workflows.ReservationWorkflowID("KEYED"))
		return runs > 1, ""
	})
	s.expect(s.order("KEYED", "release", nil, "Idempotency-Key", "ticket-2"), http.StatusOK)
	s.awaitStatus("KEYED", "ready")
	again := s.order("KEYED", "hold", map[string]any{"why": "works at the door"}, "Idempotency-Key", "ticket-1")
	if again.status != http.StatusOK || string(again.body) != string(first.body) {
		t.Errorf("the same order with the same key is answered with %d %s", again.status, again.body)
	}
	s.awaitStatus("KEYED", "ready")
	r := s.order("KEYED", "release", nil)
	s.expect(r, http.StatusConflict)
	s.expectProblem(r, "action_refused")
	s.expectAt(r, map[string]string{"detail": "It is neither on hold nor revoked by a person."})
}

// What the Web UI and Temporal's command line send is an update with plain JSON, or
// nothing at all.
func TestLevers_WorkFromTemporalsOwnTools(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("BY-HAND", stayFrom(inSeconds(3), time.Hour, "432426", frontDoor))
	s.awaitStatus("BY-HAND", "ready")
	for _, arguments := range [][]any{{map[string]any{"why": "a fight", "by": "anna"}}, nil} {
		name := "revoke_now"
		if arguments == nil {
			name = "release"
		}
		handle, err := s.Temporal.UpdateWorkflow(s.Context(), client.UpdateWorkflowOptions{
			WorkflowID: workflows.ReservationWorkflowID("BY-HAND"), UpdateName: name, Args: arguments, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var answer workflows.Answer
		if err == nil {
			err = handle.Get(s.Context(), &answer)
		}
		if err != nil || answer.Says == "" {
			t.Fatalf("%s: %+v, %v", name, answer, err)
		}
		s.awaitOpens(frontDoor, "432426", arguments == nil)
	}
	s.expectAt(s.reservation("BY-HAND"), map[string]string{"actions.0.by": "anna", "actions.1.action": "release"})
	s.expect(s.order("NOBODY", "hold", nil), http.StatusNotFound)
}
