// This file sends messages from several sides at once while runs continue as new
// under them.

package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestContinueAsNew_UnderABurstFromSeveralSides(t *testing.T) {
	t.Parallel()
	policy := stack.FastPolicy()
	policy.MaxSignals = 20
	s := start(t, stack.Options{Policy: policy, TemporalConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 100}})
	const wakes, runs = 100, 10
	puts := 200
	id := workflows.ReservationWorkflowID("SIEGE")
	b := stayFrom(inSeconds(1), time.Hour, "432426", frontDoor)
	s.put("SIEGE", b)

	var senders sync.WaitGroup
	senders.Go(func() {
		for version := 2; version <= puts; version++ {
			s.put("SIEGE", b.with(version, booking{"unit": fmt.Sprint("apt-", version)}))
		}
	})
	senders.Go(func() {
		for range wakes {
			if err := workflows.SignalWake.Send(s.Context(), s.Temporal, id, workflows.Wake{Lock: frontDoor, Reason: workflows.WakeEntry}); err != nil {
				t.Error(err)
			}
		}
	})
	senders.Go(func() { s.tellOften("SIEGE", "432426") })
	senders.Wait()
	for ; len(s.runs(id)) < runs; puts++ { // A quick machine takes more messages in each run.
		s.put("SIEGE", b.with(puts+1, booking{"unit": fmt.Sprint("apt-", puts+1)}))
	}
	s.put("SIEGE", b.with(puts+1, booking{"pin": map[string]any{"mode": "supplied", "code": "738495"}}))

	s.awaitOpens(frontDoor, "738495", true)
	s.awaitOpens(frontDoor, "432426", false)
	s.awaitStatus("SIEGE", "ready")
	s.checkChain(id, runs)
	if got := s.signals(id, workflows.SignalPut.Name); got != puts+1 {
		t.Errorf("%d of %d puts are in the histories", got, puts+1)
	}
}

// tellOften asks for the PIN during the burst. It may be too early, or cut off by
// the end of a run with the request to come back; it is never another PIN.
func (s *system) tellOften(id, pin string) {
	told := 0
	for tries := 0; tries < 40 || told == 0 && tries < 400; tries++ {
		r := s.ask(http.MethodGet, "/v1/reservations/"+id+"/pin", nil)
		switch r.status {
		case http.StatusOK:
			told++
			if r.text("pin") != pin {
				s.Errorf("told another PIN: %s", r.body)
			}
		case http.StatusConflict:
		case http.StatusServiceUnavailable:
			if r.header.Get("Retry-After") == "" {
				s.Errorf("cut off without a word when to come back: %s", r.body)
			}
		default:
			s.Errorf("asked for the PIN, answered with %d: %s", r.status, r.body)
		}
	}
	if told == 0 {
		s.Error("the PIN was never told")
	}
}

// checkChain checks that a workflow was continued as new often enough and that
// every run was left tidy.
func (s *system) checkChain(workflowID string, atLeast int) {
	s.Helper()
	runs := s.runs(workflowID)
	longest := 0
	for _, events := range runs {
		longest = max(longest, len(events))
	}
	s.Logf("%s: %d runs, the longest with %d events", workflowID, len(runs), longest)
	if len(runs) < atLeast {
		s.Errorf("%d runs of %s, want at least %d", len(runs), workflowID, atLeast)
	}
	s.checkTidy(workflowID)
}

func TestContinueAsNew_WhileCancelledAndReinstated(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	id := workflows.ReservationWorkflowID("FICKLE")
	b := stayFrom(inSeconds(1), time.Hour, "432426", frontDoor)
	const last = 12
	// A message and a request that come together may be taken in either way.
	for version := 1; version < last; version++ {
		s.put("FICKLE", b.with(version, nil))
		s.cancel(id)
	}
	s.await("the last cancel request has led to a new run", func() (bool, string) {
		n := count(s.history(id, ""), enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED)
		return n == 0, s.get("FICKLE").Status
	})
	s.put("FICKLE", b.with(last, nil))
	s.awaitStatus("FICKLE", "ready")
	if table := s.table(frontDoor); len(table) != 1 || !s.Sim.Opens(frontDoor, "432426", time.Now()) {
		t.Errorf("the lock holds %+v, want the one PIN", table)
	}
	s.cancel(id)
	s.awaitStatus("FICKLE", "cancelled")
	s.awaitEmpty(frontDoor)
	s.checkChain(id, 3)
	for i, events := range s.runs(id) {
		if n := count(events, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED); n > 1 {
			t.Errorf("run %d was cancelled %d times", i+1, n)
		}
	}
}
