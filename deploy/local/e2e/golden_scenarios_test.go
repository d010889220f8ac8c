// This file is the scenarios of the golden histories: what is played, and what the
// history must hold to be worth its name.

package e2e

import (
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/demo"
	"github.com/keystay/keystay/workflows"
)

// goldenScenario is one story that later builds must be able to go on with.
type goldenScenario struct {
	// name is that of the file, in words.
	name string
	// workflowID is whose history is recorded.
	workflowID string
	// play makes it happen; nil where the demonstration does.
	play func(s *system)
	// short has it played where histories are short.
	short bool
	// latest records the latest run alone, not its whole chain.
	latest bool
	// needs is what the history must hold so often, over all its runs.
	needs []need
}

// need is an event type, or an activity by its name, and how often it is needed.
type need struct {
	event    enumspb.EventType
	activity string
	times    int
}

const (
	signalled   = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
	continued   = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
	cancelAsked = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
	taskFailed  = enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED
)

// goldenDoors are the locks of the scenarios that the demonstration does not play.
var goldenDoors = []int64{18298712190, 18298712191, 18298712192, 18298712193, 18298712194, 18298712195, 18298712196, 18298712197}

// maxRuns bounds how many runs of a chain are recorded.
const maxRuns = 3

var goldenScenarios = []goldenScenario{
	{name: "undisturbed", workflowID: reservation("TWO-DOORS"), needs: []need{{activity: "CreateAuthorization", times: 2}, {activity: "DeleteAuthorization", times: 2}}},
	{name: "window-lost-by-a-partial-update", workflowID: reservation("TEST-0805"), needs: []need{{activity: "UpdateAuthorization", times: 1}}},
	{name: "create-lost", workflowID: reservation("LOST-CREATE"), needs: []need{{activity: "CreateAuthorization", times: 2}}},
	{name: "extended", workflowID: reservation("EXTENDED"), needs: []need{{event: signalled, times: 2}, {activity: "UpdateAuthorization", times: 1}}},
	{name: "cancelled", workflowID: reservation("CANCELLED"), needs: []need{{event: signalled, times: 2}, {activity: "DeleteAuthorization", times: 1}}},
	{name: "lock-offline", workflowID: reservation("OFFLINE"), needs: []need{{activity: "VerifyAuthorization", times: 3}, {activity: "CreateAuthorization", times: 1}}},
	{name: "room-moved", workflowID: reservation("ROOM-MOVE"), play: moveRoom, needs: []need{{activity: "CreateAuthorization", times: 2}, {activity: "DeleteAuthorization", times: 2}}},
	{name: "collision-fresh-pin", workflowID: reservation("COLLISION"), play: collide, needs: []need{{activity: "ChoosePIN", times: 2}, {activity: "CreateAuthorization", times: 4}}},
	{name: "second-pin-beside-a-told-one", workflowID: reservation("SECOND-PIN"), play: secondPIN, needs: []need{{activity: "ChoosePIN", times: 2}, {activity: "CreateAuthorization", times: 3}}},
	{name: "cancelled-in-the-web-ui-and-reinstated", workflowID: reservation("REINSTATED"), play: reinstate, needs: []need{{event: cancelAsked, times: 1}, {event: continued, times: 1}, {activity: "CreateAuthorization", times: 2}}},
	{name: "reset-in-the-web-ui", workflowID: reservation("REWOUND"), play: rewind, latest: true, needs: []need{{event: taskFailed, times: 1}, {activity: "ChoosePIN", times: 1}}},
	{name: "long-stay-continued-as-new", workflowID: reservation("LONG"), play: longStay, short: true, needs: []need{{event: continued, times: 1}, {event: signalled, times: 10}}},
	{name: "front-desk-continued-as-new", workflowID: workflows.SmartlockWorkflowID(flatDoor), play: busyDesk, short: true, needs: []need{{event: continued, times: 1}, {event: signalled, times: 20}}},
	{name: "front-desk", workflowID: workflows.SmartlockWorkflowID(demo.Locks[0].ID), needs: []need{{event: signalled, times: 5}}},
}

func reservation(id string) string { return workflows.ReservationWorkflowID(id) }

// played plays a scenario, and waits until nothing is left to do for it.
func (g goldenScenario) played(stays, short *system) {
	s := stays
	if g.short {
		s = short
	}
	if g.play != nil {
		g.play(s)
	}
	id := workflows.ReservationID(g.workflowID)
	if id == "" || g.name == "long-stay-continued-as-new" {
		return
	}
	s.awaitWithin(3*patience, id+" has been looked after for the last time", func() (bool, string) {
		r := s.reservation(id)
		return strings.HasPrefix(r.text("next.reason"), "Nothing is left"), string(r.body)
	})
}

// histories are the runs to record.
func (g goldenScenario) histories(s *system) [][]*historypb.HistoryEvent {
	s.Helper()
	if g.latest {
		return [][]*historypb.HistoryEvent{s.history(g.workflowID, "")}
	}
	runs := s.runs(g.workflowID)
	return runs[:min(len(runs), maxRuns)]
}

// lacks says which need the histories do not meet; empty where they meet all.
func (g goldenScenario) lacks(runs [][]*historypb.HistoryEvent) string {
	for _, n := range g.needs {
		found := 0
		for _, events := range runs {
			found += n.in(events)
		}
		if found < n.times {
			return fmt.Sprintf("%s%s: %d times, want %d at least", n.event, n.activity, found, n.times)
		}
	}
	return ""
}

func (n need) in(events []*historypb.HistoryEvent) int {
	if n.activity == "" {
		return count(events, n.event)
	}
	found := 0
	for _, event := range events {
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == n.activity {
			found++
		}
	}
	return found
}

// moveRoom has a guest change rooms in mid-stay.
func moveRoom(s *system) {
	from, to := goldenDoors[0], goldenDoors[1]
	b := stayFrom(inSeconds(4), 14*time.Second, "432426", from)
	s.put("ROOM-MOVE", b)
	s.awaitOpens(from, "432426", true)
	s.put("ROOM-MOVE", b.with(2, booking{"locks": []map[string]any{{"smartlock_id": to}}}))
	s.awaitOpens(to, "432426", true)
	s.awaitEmpty(from)
	s.awaitStatus("ROOM-MOVE", "revoked")
}

// collide has somebody take the code on the second door before it lands there. The
// second door is slow, so that there is time to.
func collide(s *system) {
	first, second := goldenDoors[2], goldenDoors[3]
	s.Sim.SetFaults(second, nukisim.Faults{LatencyMin: 2000, LatencyMax: 2000, WebhookDelay: 10})
	s.put("COLLISION", stayFrom(inSeconds(8), 12*time.Second, "", first, second))
	s.await("the first door has the PIN", func() (bool, string) { return len(s.table(first)) > 0, "" })
	clashing := s.table(first)[0].PIN
	s.Sim.AddForeign(second, "Cleaner", clashing, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	s.awaitStatus("COLLISION", "ready")
	if pin := s.ownPIN(first); pin == clashing || s.ownPIN(second) != pin {
		s.Fatalf("the first door has %s, the second %s; the clashing PIN was %s", pin, s.ownPIN(second), clashing)
	}
	s.awaitStatus("COLLISION", "revoked")
}

// secondPIN has a PIN that was told and that one door cannot take.
func secondPIN(s *system) {
	one, other := goldenDoors[4], goldenDoors[5]
	s.Sim.AddForeign(other, "Cleaner", "432426", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	s.put("SECOND-PIN", stayFrom(inSeconds(7), 12*time.Second, "432426", one, other))
	s.awaitStatus("SECOND-PIN", "degraded")
	if held := s.table(one); len(held) != 2 {
		s.Fatalf("the door that takes both PINs holds %+v", held)
	}
	s.awaitStatus("SECOND-PIN", "revoked")
}

// reinstate cancels a stay as somebody does in Temporal's Web UI, so that its run
// ends and another begins, and books it again.
func reinstate(s *system) {
	door := goldenDoors[6]
	b := stayFrom(inSeconds(6), 14*time.Second, "432426", door)
	s.put("REINSTATED", b)
	s.awaitStatus("REINSTATED", "ready")
	s.cancel(reservation("REINSTATED"))
	s.awaitStatus("REINSTATED", "cancelled")
	s.awaitEmpty(door)
	again := stayFrom(inSeconds(1), 8*time.Second, "432426", door)
	s.put("REINSTATED", b.with(2, booking{"stay": again["stay"]}))
	s.awaitOpens(door, "432426", true)
	s.awaitStatus("REINSTATED", "revoked")
}

// rewind resets a stay in house to its first workflow task.
func rewind(s *system) {
	id := reservation("REWOUND")
	s.put("REWOUND", stayFrom(inSeconds(1), 12*time.Second, "", goldenDoors[7]))
	s.awaitStatus("REWOUND", "ready")
	s.reset(id, s.runID(id), s.firstTask(id))
	s.awaitOnceReady("REWOUND", "reset to its first task")
	s.awaitStatus("REWOUND", "revoked")
}

// longStay is booked anew until its history is too long for one run.
func longStay(s *system) {
	b := stayFrom(inSeconds(3), time.Hour, "432426", frontDoor)
	for version := 1; version <= 30; version++ {
		s.put("LONG", b.with(version, booking{"unit": fmt.Sprintf("apt-%d", version)}))
		time.Sleep(20 * time.Millisecond)
	}
	s.awaitStatus("LONG", "ready")
	s.awaitOpens(frontDoor, "432426", true)
}

// busyDesk has a lock's front desk hear more than one run can hold.
func busyDesk(s *system) {
	s.put("BUSY", stayFrom(inSeconds(1), time.Hour, "738495", flatDoor))
	s.awaitStatus("BUSY", "ready")
	id := workflows.SmartlockWorkflowID(flatDoor)
	first := s.runID(id)
	s.await("the front desk is continued as new", func() (bool, string) {
		s.webhook(entryEvent(flatDoor, "K-BUSY"))
		return s.runID(id) != first, ""
	})
	for range 10 { // The next run has something to tell too.
		s.webhook(entryEvent(flatDoor, "K-BUSY"))
	}
}
