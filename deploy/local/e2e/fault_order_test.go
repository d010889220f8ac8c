// This file lets a message and a timer land in one workflow task, in every
// order, by taking the worker away while they come.

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// The four orders, as ids of the reservations that meet them.
const (
	messageOnly  = "MESSAGE-ONLY"
	messageFirst = "MESSAGE-FIRST"
	timerFirst   = "TIMER-FIRST"
	timerOnly    = "TIMER-ONLY"
)

var (
	fourOrders = []string{messageOnly, messageFirst, timerFirst, timerOnly}
	withTimer  = []string{messageFirst, timerFirst, timerOnly}
	withWord   = []string{messageOnly, messageFirst, timerFirst}
	orderPINs  = map[string]string{messageOnly: "432426", messageFirst: "738495", timerFirst: "594837", timerOnly: "869574"}
)

// landTogether stops the worker while every reservation waits, sends each its
// message before or after its timer fires, and starts a worker again.
func (s *system) landTogether(stop func(), send func(id string)) {
	s.Helper()
	fired := map[string]int{}
	for _, id := range fourOrders {
		fired[id] = count(s.historyOf(id), enumspb.EVENT_TYPE_TIMER_FIRED)
	}
	stop()
	send(messageOnly)
	send(messageFirst)
	for _, id := range withTimer {
		s.awaitEvents(workflows.ReservationWorkflowID(id), enumspb.EVENT_TYPE_TIMER_FIRED, fired[id]+1)
	}
	send(timerFirst)
	for _, id := range fourOrders {
		if got, want := landed(s.historyOf(id)), wantLanded[id]; got != want {
			s.Fatalf("%s: %q wait for one workflow task, want %q", id, got, want)
		}
	}
	s.startWorker(s.CodecKeys)
}

// wantLanded is what each workflow task must find.
var wantLanded = map[string]string{
	messageOnly: "signal ", messageFirst: "signal timer ", timerFirst: "timer signal ", timerOnly: "timer ",
}

// landed says what has come since the last workflow task ended.
func landed(events []*historypb.HistoryEvent) (found string) {
	for _, event := range events {
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			found = ""
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			found += "signal "
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			found += "timer "
		}
	}
	return found
}

func (s *system) historyOf(id string) []*historypb.HistoryEvent {
	s.Helper()
	return s.history(workflows.ReservationWorkflowID(id), "")
}

// awaitTimers waits until each reservation has nothing to do but to wait.
func (s *system) awaitTimers() {
	s.Helper()
	for _, id := range fourOrders {
		s.await(id+" waits for a timer alone", func() (bool, string) {
			timers, calls := pending(s.historyOf(id))
			return len(timers) == 1 && len(calls) == 0, fmt.Sprint(timers, calls)
		})
	}
}

func TestMessageAndProvisioningTimerInOneTask_LosesNeither(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	soon, bookings := inSeconds(stack.FastPolicy().Lead.D().Seconds()+6), map[string]booking{}
	for _, id := range fourOrders {
		bookings[id] = stayFrom(soon, time.Hour, orderPINs[id], frontDoor)
	}
	bookings[messageOnly] = stayFrom(time.Now().Add(time.Hour), time.Hour, orderPINs[messageOnly], frontDoor)
	for id, b := range bookings {
		s.put(id, b)
	}
	s.awaitTimers()
	s.landTogether(stop, func(id string) { s.put(id, bookings[id].with(2, booking{"unit": "moved"})) })

	for _, id := range withTimer {
		s.await(id+" is on the keypad", func() (bool, string) { return s.holds(orderPINs[id]), fmt.Sprint(s.table(frontDoor)) })
	}
	for _, id := range withWord {
		if wish := s.view(id).Wish; wish == nil || wish.Unit != "moved" {
			t.Errorf("%s: the message beside the timer was lost", id)
		}
	}
	if s.holds(orderPINs[messageOnly]) {
		t.Error("a message alone was taken for a timer")
	}
	s.checkAllTidy()
}

func (s *system) checkAllTidy() {
	s.Helper()
	for _, id := range fourOrders {
		s.checkTidy(workflows.ReservationWorkflowID(id))
	}
}

// holds reports whether the keypad of the front door knows a PIN.
func (s *system) holds(pin string) bool {
	for _, entry := range s.table(frontDoor) {
		if entry.PIN == pin {
			return true
		}
	}
	return false
}

func TestWakeAndRungInOneTask_LosesNeither(t *testing.T) {
	t.Parallel()
	policy := stack.FastPolicy()
	// One rung, while the worker is away; check-in is far behind it.
	policy.Lead, policy.ToCheckIn = workflows.Duration(time.Hour), []workflows.Duration{workflows.Duration(time.Minute)}
	policy.AtRisk, policy.CallPerson = workflows.Duration(time.Second), workflows.Duration(time.Second)
	s := start(t, stack.Options{NoWorker: true, Policy: policy})
	stop := s.startWorker(s.CodecKeys)
	for _, id := range fourOrders {
		checkIn := inSeconds(60 + 12)
		if id == messageOnly {
			checkIn = checkIn.Add(time.Minute)
		}
		s.put(id, stayFrom(checkIn, time.Hour, orderPINs[id], frontDoor))
	}
	for _, id := range fourOrders {
		s.awaitStatus(id, "ready")
	}
	s.awaitTimers()
	reads := map[string]int{}
	s.landTogether(stop, func(id string) {
		wake := workflows.Wake{Lock: frontDoor, Reason: workflows.WakeEntry}
		if err := workflows.SignalWake.Send(t.Context(), s.Temporal, workflows.ReservationWorkflowID(id), wake); err != nil {
			t.Fatal(err)
		}
		reads[id] = s.calls(id, "VerifyAuthorization")
	})
	for _, id := range withWord {
		s.await(id+" reads after the wake-up", func() (bool, string) {
			n := s.calls(id, "VerifyAuthorization")
			return n > reads[id], fmt.Sprint(n)
		})
	}
	s.awaitTimers()
	s.checkAllTidy()
}

func TestMessageAndLastTimerInOneTask_BringsTheStayBack(t *testing.T) {
	t.Parallel()
	policy := stack.FastPolicy()
	policy.Tombstone = workflows.Duration(2 * time.Second)
	policy.Looks = []workflows.Duration{workflows.Duration(200 * time.Millisecond)}
	s := start(t, stack.Options{NoWorker: true, Policy: policy})
	stop := s.startWorker(s.CodecKeys)
	firstRuns := map[string]string{}
	for _, id := range fourOrders {
		length := 6 * time.Second
		if id == messageOnly {
			length = time.Hour
		}
		s.put(id, stayFrom(inSeconds(1), length, orderPINs[id], frontDoor).with(1, booking{"status": "cancelled"}))
	}
	for _, id := range fourOrders {
		s.await(id+" has nothing left to look at", func() (bool, string) {
			r := s.reservation(id)
			return r.text("status") == "cancelled" && r.text("leaving.0.step.action") == "done", string(r.body)
		})
		firstRuns[id] = s.runID(workflows.ReservationWorkflowID(id))
	}
	s.awaitTimers()
	s.await(timerOnly+" has left its front desk, as nothing of it is on the lock any more", func() (bool, string) {
		attending := s.desk(frontDoor).Reservations
		return !slices.Contains(attending, timerOnly), fmt.Sprint(attending)
	})
	s.landTogether(stop, func(id string) {
		s.put(id, stayFrom(inSeconds(1), time.Hour, orderPINs[id], frontDoor).with(2, nil))
	})

	for _, id := range withWord {
		s.awaitOpens(frontDoor, orderPINs[id], true)
		if s.runID(workflows.ReservationWorkflowID(id)) != firstRuns[id] {
			t.Errorf("%s: not the run that waited", id)
		}
	}
	s.await("the one without a message is closed", func() (bool, string) {
		return !s.isRunning(workflows.ReservationWorkflowID(timerOnly)), ""
	})
	s.await("its front desk has forgotten it", func() (bool, string) {
		attending := s.desk(frontDoor).Reservations
		return !slices.Contains(attending, timerOnly), fmt.Sprint(attending)
	})
	s.checkAllTidy()
}
