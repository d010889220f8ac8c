// This file makes runs long, so that they continue as new in the middle of a
// burst of messages.

package e2e

import (
	"fmt"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestContinueAsNew_BySignalCount_LosesNoMessage(t *testing.T) {
	policy := stack.FastPolicy()
	policy.MaxSignals = 20
	s := start(t, stack.Options{Policy: policy})
	id := workflows.ReservationWorkflowID("BURST")
	b := stayFrom(time.Now().Add(3*time.Second), time.Hour, "432426", frontDoor)
	const last = 200
	for version := 1; version <= last; version++ {
		s.put("BURST", b.with(version, booking{"unit": fmt.Sprintf("apt-%d", version)}))
	}
	s.await("the last message is in force", func() (bool, string) {
		view := s.view("BURST")
		return view.Wish != nil && view.Wish.Unit == fmt.Sprintf("apt-%d", last), fmt.Sprintf("%+v", view.Wish)
	})
	s.awaitStatus("BURST", "ready")
	s.awaitOpens(frontDoor, "432426", true)
	runs, signals := s.chain(id)
	if runs < 3 {
		t.Errorf("%d runs for %d signals, want several", runs, signals)
	}
	if signals < last {
		t.Errorf("%d signals in all histories, want at least %d", signals, last)
	}
	t.Logf("%d signals over %d runs", signals, runs)
}

// chain walks from the first run to the present one.
func (s *system) chain(id string) (runs, signals int) {
	s.Helper()
	description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), id, "")
	if err != nil {
		s.Fatal(err)
	}
	for run := description.GetWorkflowExecutionInfo().GetFirstRunId(); run != ""; {
		events := s.history(id, run)
		runs++
		signals += count(events, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
		s.checkTimers(events)
		run = events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return runs, signals
}

// checkTimers finds timers that were left behind: only the newest one of an open
// run may be neither fired nor cancelled.
func (s *system) checkTimers(events []*historypb.HistoryEvent) {
	s.Helper()
	started := count(events, enumspb.EVENT_TYPE_TIMER_STARTED)
	ended := count(events, enumspb.EVENT_TYPE_TIMER_FIRED) + count(events, enumspb.EVENT_TYPE_TIMER_CANCELED)
	closed := events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes() != nil
	if started-ended > 1 || closed && started != ended {
		s.Errorf("%d timers started, %d ended, run closed: %v", started, ended, closed)
	}
}

func TestContinueAsNew_ByHistorySize_LosesNoMessage(t *testing.T) {
	s := start(t, stack.Options{TemporalConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 60}})
	id := workflows.ReservationWorkflowID("LONG")
	b := stayFrom(time.Now().Add(3*time.Second), 8*time.Second, "432426", frontDoor)
	for version := 1; version <= 30; version++ {
		s.put("LONG", b.with(version, booking{"unit": fmt.Sprintf("apt-%d", version)}))
		time.Sleep(20 * time.Millisecond)
	}
	s.awaitOpens(frontDoor, "432426", true)
	s.await("the last message is in force", func() (bool, string) {
		view := s.view("LONG")
		return view.Wish != nil && view.Wish.Unit == "apt-30", fmt.Sprintf("%+v", view.Wish)
	})
	s.awaitStatus("LONG", "revoked")
	s.awaitEmpty(frontDoor)
	if runs, _ := s.chain(id); runs < 2 {
		t.Errorf("%d runs, want at least two", runs)
	}
}

func TestFrontDesk_SurvivesAThousandWebhooksAndCausesFewReads(t *testing.T) {
	s := start(t, stack.Options{TemporalConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 200}})
	s.put("QUIET", stayFrom(time.Now().Add(time.Hour), time.Hour, "", flatDoor))
	s.put("BUSY", stayFrom(time.Now().Add(time.Second), time.Hour, "432426", frontDoor))
	s.awaitStatus("BUSY", "ready")
	time.Sleep(time.Second)
	before := s.Sim.Stats(frontDoor)["list"]
	for range 1000 {
		s.webhook(fmt.Sprintf(`{"feature":"DEVICE_AUTHS","deleted":false,"smartlockAuth":{"smartlockId":%d,"name":"Cleaner","id":"ffffffffffffffffffffffff"}}`, frontDoor))
	}
	if reads := s.Sim.Stats(frontDoor)["list"] - before; reads > 5 {
		t.Errorf("a thousand webhooks about a foreign entry caused %d reads", reads)
	}
	s.put("BUSY", stayFrom(time.Now().Add(-time.Second), time.Hour, "738495", frontDoor).with(2, nil))
	s.awaitOpens(frontDoor, "738495", true)
	if runs, signals := s.chain(workflows.SmartlockWorkflowID(frontDoor)); runs < 2 || signals < 1000 {
		t.Errorf("%d runs, %d signals", runs, signals)
	}
}
