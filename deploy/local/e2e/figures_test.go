// This file measures what an undisturbed stay costs, and how soon Keystay knows
// that a lock has the code. Its figures are in the test's log; the bounds keep
// the cost from creeping up.

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

// Bounds of one undisturbed stay on one lock, a little above what is measured: 15
// activities, 20 requests, 4 syncs, 229 events, 59 kB. The fourth sync, a day after
// the removal, is there because delete and proof may have come in the same bad
// hour: the campaign leaves entries behind without it. Each sync is asked of the
// lock's front desk, so that it serves everybody: 3 events more than a call. Of the
// bytes a quarter is the policy in seconds, which goes to the desk with each call.
const (
	mostActivities = 16
	mostRequests   = 21
	mostSyncs      = 4
	mostEvents     = 235
	mostBytes      = 64_000
)

// wholeLadder is the default policy's ladder in seconds. Every rung is apart from
// the others, and the proof made at provisioning is too old at the first rung,
// so that it is renewed there and lasts until check-in. Waits are long enough
// for webhooks to come first on a machine with other work.
func wholeLadder() workflows.Policy {
	seconds := func(n float64) workflows.Duration { return workflows.Duration(n * float64(time.Second)) }
	policy := stack.FastPolicy()
	policy.Lead = seconds(10)
	policy.ToCheckIn = []workflows.Duration{seconds(4.5), seconds(3), seconds(1.5), 0}
	policy.ToCheckOut = []workflows.Duration{seconds(3), seconds(1.5)}
	policy.ProofLife, policy.AtRisk = seconds(4.5), seconds(4.5)
	policy.FirstLook, policy.WriteGrace, policy.MarkWait = seconds(3), seconds(5), seconds(9)
	policy.RetrySteps = []workflows.Duration{seconds(5)}
	policy.AfterCheckIn, policy.RetryFloor = policy.RetrySteps, seconds(5)
	policy.Looks = []workflows.Duration{seconds(1.5), seconds(3)}
	policy.AuditEvery, policy.AuditSync = workflows.Duration(time.Hour), workflows.Duration(time.Hour) // The lock's own looks are no stay's.
	return policy
}

func TestFigures_OfAnUndisturbedStay(t *testing.T) {
	s := start(t, stack.Options{
		Policy: wholeLadder(), Faults: nukisim.Faults{LatencyMin: 50, LatencyMax: 100, WebhookDelay: 10},
	})
	checkIn := time.Now().Add(10 * time.Second).Truncate(time.Second)
	s.put("PLAIN", stayFrom(checkIn, 5*time.Second, "", frontDoor))
	s.awaitWithin(30*time.Second, "the last look is over", func() (bool, string) {
		r := s.reservation("PLAIN")
		return r.text("status") == "revoked" && r.text("leaving.0.step.action") == "done", string(r.body)
	})
	f := s.measure("PLAIN", frontDoor)
	t.Logf("one stay on one lock, whole ladder:\n%s", f)
	for what, over := range map[string]bool{
		"activities": f.activities > mostActivities, "requests": f.requests() > mostRequests, "syncs": f.asked["sync"] > mostSyncs,
		"events": f.events-f.scale > mostEvents, "bytes": f.bytes > mostBytes,
	} {
		if over {
			t.Errorf("more %s than there should be", what)
		}
	}
	if f.asked["sync"] != 4 || f.asked["create"] != 1 || f.asked["delete"] != 1 || f.asked["update"] != 0 {
		t.Errorf("not an undisturbed stay with the whole ladder: %v", f.asked)
	}
}

// figures are what one stay cost.
type figures struct {
	events, activities int
	// scale are the events of timers that only seconds in the place of hours
	// need: started beside an activity, as they might fire before it ends, and
	// cancelled by its result.
	scale int
	bytes int64
	kinds map[string]int
	// asked are the requests to Nuki by kind.
	asked      map[string]int
	deskEvents int
}

func (f figures) requests() int {
	all := 0
	for _, n := range f.asked {
		all += n
	}
	return all
}

func (f figures) String() string {
	text := fmt.Sprintf("%d history events (%d more by the scale of seconds), %d bytes; %d activities; %d requests to Nuki, of which %d syncs; %d events at the lock's front desk\n",
		f.events-f.scale, f.scale, f.bytes, f.activities, f.requests(), f.asked["sync"], f.deskEvents)
	return text + fmt.Sprintf("requests %v\nevents %v", f.asked, f.kinds)
}

// measure reads what a reservation on one lock cost so far.
func (s *system) measure(id string, lock int64) figures {
	s.Helper()
	workflowID := workflows.ReservationWorkflowID(id)
	events := s.history(workflowID, "")
	described, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflowID, "")
	if err != nil {
		s.Fatal(err)
	}
	f := figures{
		events: len(events), scale: besideActivities(events), bytes: described.GetWorkflowExecutionInfo().GetHistorySizeBytes(), kinds: map[string]int{},
		activities: count(events, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), asked: s.Sim.Stats(lock),
		deskEvents: len(s.history(workflows.SmartlockWorkflowID(lock), "")),
	}
	for _, event := range events {
		kind := event.GetEventType().String()
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			kind += " " + scheduled.GetActivityType().GetName()
		}
		f.kinds[kind]++
	}
	return f
}

// besideActivities counts the events of timers that were started while an
// activity was open, and cancelled.
func besideActivities(events []*historypb.HistoryEvent) int {
	open, started, found := 0, map[string]bool{}, 0
	for _, event := range events {
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			open++
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			open--
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			started[event.GetTimerStartedEventAttributes().GetTimerId()] = open > 0
		case enumspb.EVENT_TYPE_TIMER_CANCELED:
			if started[event.GetTimerCanceledEventAttributes().GetTimerId()] {
				found += 2
			}
		}
	}
	return found
}

// mostOfAWebhook bounds what one webhook adds to its lock's history, in bytes: a signal,
// and a share of a workflow task. Measured: 484 bytes and 1.9 events.
const mostOfAWebhook = 800

func TestFigures_OfAThousandWebhooks(t *testing.T) {
	s := start(t, stack.Options{Policy: wholeLadder()})
	s.put("STAYING", stayFrom(time.Now().Add(time.Second), time.Hour, "432426", frontDoor))
	s.awaitStatus("STAYING", "ready")
	events, bytes := s.sizeOf(workflows.SmartlockWorkflowID(frontDoor))
	asked := s.Sim.Stats(frontDoor)["list"]
	for n := range 1000 {
		s.webhook(fmt.Sprintf(`{"feature":"DEVICE_LOGS","smartlockLog":{"smartlockId":%d,"deviceType":0,"name":"Cleaner","action":1,"trigger":255,"state":0,"autoUnlock":false,"source":1,"authId":"%024x","date":"%s"}}`,
			frontDoor, 1<<40, time.Now().Add(time.Duration(n)*time.Millisecond).UTC().Format(time.RFC3339Nano)))
	}
	moreEvents, moreBytes := s.sizeOf(workflows.SmartlockWorkflowID(frontDoor))
	t.Logf("a thousand webhooks: %d events, %d bytes, %d reads", moreEvents-events, moreBytes-bytes, s.Sim.Stats(frontDoor)["list"]-asked)
	if each := (moreBytes - bytes) / 1000; each <= 0 || each > mostOfAWebhook {
		t.Errorf("a webhook adds %d bytes to its lock's history", each)
	}
}

// sizeOf is the size of an open run's history.
func (s *system) sizeOf(workflowID string) (events, bytes int64) {
	s.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflowID, "")
	if err != nil {
		s.Fatal(err)
	}
	info := described.GetWorkflowExecutionInfo()
	return info.GetHistoryLength(), info.GetHistorySizeBytes()
}

// The lock has the code when its own table shows it. Keystay knows when the
// workflow task is done that took in the first read of the entry. With webhooks
// the stays come one after the other; without, what counts is a timer, and they
// may share the time.
func TestFigures_OfTheTimeToListed(t *testing.T) {
	for name, options := range map[string]stack.Options{
		"with webhooks":    {},
		"without webhooks": {NoWebhooks: true},
	} {
		t.Run(name, func(t *testing.T) {
			options.Policy = workflows.DefaultPolicy()
			options.Faults = nukisim.Faults{LatencyMin: 100, LatencyMax: 300, WebhookDelay: 10}
			if options.NoWebhooks {
				options.Faults.LatencyMax = 3000
			}
			for i := range int64(9) {
				options.Locks = append(options.Locks, nukisim.LockConfig{ID: frontDoor + i})
			}
			s := start(t, options)
			var delays []time.Duration
			if options.NoWebhooks {
				delays = s.timesToListed(s.Sim.Locks()...)
			} else {
				for _, lock := range s.Sim.Locks() {
					delays = append(delays, s.timesToListed(lock)...)
					s.awaitStatus(timed(lock), "ready")
				}
			}
			slices.Sort(delays)
			t.Logf("%s, default policy: from the lock having the code to listed: median %s of %s (a webhook takes 10 to 20 ms)",
				name, delays[len(delays)/2], delays)
		})
	}
}

// timed is the id of the stay that is measured on a lock.
func timed(lock int64) string { return fmt.Sprint("TIMED-", lock) }

// timesToListed books a stay on each of the doors at once, and measures them.
func (s *system) timesToListed(locks ...int64) []time.Duration {
	s.Helper()
	for _, lock := range locks {
		s.put(timed(lock), stayFrom(inAnHour(), time.Hour, "", lock))
	}
	landed := map[int64]time.Time{}
	for deadline := time.Now().Add(patience); len(landed) < len(locks) && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for _, lock := range locks {
			if _, known := landed[lock]; !known && len(s.table(lock)) > 0 {
				landed[lock] = time.Now()
			}
		}
	}
	var delays []time.Duration
	for _, lock := range locks {
		delays = append(delays, s.listedAt(timed(lock)).Sub(landed[lock]).Round(time.Millisecond))
	}
	return delays
}

// listedAt is when a reservation took in the first read that showed its entry.
func (s *system) listedAt(id string) (at time.Time) {
	s.Helper()
	opened := worker.DataConverter(s.codec())
	s.await(id+" has been listed", func() (bool, string) {
		events := s.history(workflows.ReservationWorkflowID(id), "")
		shown := slices.IndexFunc(events, func(e *historypb.HistoryEvent) bool { return showsEntry(opened, e) })
		if shown < 0 {
			return false, fmt.Sprint(len(events), " events")
		}
		for _, event := range events[shown:] {
			if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
				at = event.GetEventTime().AsTime()
				return true, ""
			}
		}
		return false, "the read has not been taken in"
	})
	return at
}

// showsEntry reports whether an event is the result of a read that showed an entry.
func showsEntry(opened converter.DataConverter, event *historypb.HistoryEvent) bool {
	var reading activities.Reading
	result := event.GetActivityTaskCompletedEventAttributes().GetResult()
	return len(result.GetPayloads()) == 1 && opened.FromPayloads(&commonpb.Payloads{Payloads: result.GetPayloads()}, &reading) == nil && len(reading.Own) > 0
}
