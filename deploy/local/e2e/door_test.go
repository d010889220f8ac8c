// This file stands at the keypad: a guest who is refused, a PIN that should be dead
// and opens, and webhooks that make no sense.

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// noticedBy is how soon somebody must be told of what happens at a keypad.
const noticedBy = 30 * time.Second

// awaitRaised waits until a stay, or with it a lock, shows a reason for attention.
func (s *system) awaitRaised(since time.Time, id string, reason workflows.Attention) {
	s.Helper()
	s.awaitWithin(noticedBy-time.Since(since), fmt.Sprintf("%s is raised for %s", reason, id), func() (bool, string) {
		raised := s.view(id).Attention
		return slices.Contains(raised, reason), fmt.Sprint(raised)
	})
}

// isRefusedTwice is a guest whom the front door does not let in.
func (s *system) isRefusedTwice(pin string) {
	s.Helper()
	for range 2 {
		if s.Sim.Type(frontDoor, pin) {
			s.Fatal("the keypad takes what it has not")
		}
		time.Sleep(100 * time.Millisecond) // Rows are told apart by their time.
	}
}

func TestAtTheDoor_ARefusedGuestIsRaisedAndRepaired(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("WAITS", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("WAITS", "ready")
	s.awaitOpens(frontDoor, "432426", true)
	id := s.table(frontDoor)[0].ID
	// The keypad loses the code, and the cloud knows nothing of it.
	s.Sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 20, LatencyMax: 60, AppLag: nukisim.Millis(time.Hour.Milliseconds())})
	if _, err := s.Sim.InApp(frontDoor, nukisim.AppEdit{ID: id, Delete: true}); err != nil {
		t.Fatal(err)
	}
	since := time.Now()
	s.isRefusedTwice("432426")
	s.awaitRaised(since, "WAITS", workflows.AttentionRefusedAtDoor)
	s.awaitOpens(frontDoor, "432426", true)
	if !s.Sim.Type(frontDoor, "432426") {
		t.Fatal("the guest is refused once more")
	}
	s.await("the log is the proof, and nobody is called any more", func() (bool, string) {
		view := s.view("WAITS")
		proof := view.Doors[0].Proof.Level
		return proof == workflows.ProofUsed && !slices.Contains(view.Attention, workflows.AttentionRefusedAtDoor), fmt.Sprintf("%s %v", proof, view.Attention)
	})
}

func TestAtTheDoor_RefusalsThatMayBeSeveralGuestsAreTheLocksOwn(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.two("ONE", "OTHER")
	s.await("both stays have begun", func() (bool, string) { return s.Sim.Opens(frontDoor, "432426", time.Now()), "" })
	s.isRefusedTwice("999888")
	s.await("the lock counts them", func() (bool, string) {
		keypad := s.desk(frontDoor).Keypad
		return keypad.Unclear == 1 && keypad.Refused == 2, fmt.Sprintf("%+v", keypad)
	})
	for _, id := range []string{"ONE", "OTHER"} {
		if raised := s.view(id).Attention; slices.Contains(raised, workflows.AttentionRefusedAtDoor) {
			t.Errorf("%s is said to be refused: %v", id, raised)
		}
	}
}

func TestAtTheDoor_TheUseOfADeadPINIsRaisedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("GHOST", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("GHOST", "ready")
	s.Sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 20, LatencyMax: 60, CloudOnly: 1, Sync: nukisim.SyncNothing})
	s.withdraw("GHOST")
	s.awaitStatus("GHOST", "cancelled") // Every call says so; the keypad does not.
	since := time.Now()
	if !s.Sim.Type(frontDoor, "432426") {
		t.Fatal("the keypad has dropped the code")
	}
	s.awaitRaised(since, "GHOST", workflows.AttentionDeadUsed)
	if raised := s.desk(frontDoor).Attention; !slices.Contains(raised, workflows.AttentionDeadUsed) {
		t.Errorf("the lock shows %v", raised)
	}
	s.Sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 20, LatencyMax: 60})
	s.awaitOpens(frontDoor, "432426", false)
	s.awaitStatus("GHOST", "cancelled")
}

func TestOddWebhooks_AreCountedAndCauseOneReadAtMost(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{Policy: quietPolicy()})
	s.put("CALM", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("CALM", "ready")
	ours := s.table(frontDoor)[0].ID
	about := func(feature, inner string) string {
		return fmt.Sprintf(`{"feature":%q,%s}`, feature, strings.ReplaceAll(inner, "LOCK", fmt.Sprint(frontDoor)))
	}
	for _, c := range []struct {
		name, body string
		n, reads   int
	}{
		{"of a lock that is not ours", strings.ReplaceAll(entryEvent(unknownDoor, "K-CALM"), "ffffffffffffffffffffffff", ours), 1, 0},
		{"about an authorization that nobody knows", entryEvent(frontDoor, "Cleaner"), 1, 0},
		{"about an entry, with half of its fields", about("DEVICE_AUTHS", `"smartlockAuth":{"smartlockId":LOCK}`), 1, 0},
		{"about a typed code, with half of its fields", about("DEVICE_LOGS", `"smartlockLog":{"smartlockId":LOCK,"source":1}`), 1, 0},
		{"of the year 9999", about("DEVICE_LOGS", `"smartlockLog":{"smartlockId":LOCK,"authId":"`+ours+`","source":1,"state":0,"trigger":255,"date":"9999-12-31T23:59:59Z"}`), 1, 0},
		{"of a state that does not exist", about("DEVICE_STATUS", `"smartlockId":LOCK,"serverState":77`), 1, 0},
		{"the same one a thousand times", entryEvent(frontDoor, "K-CALM"), 1000, 1},
	} {
		s.awaitQuiet(frontDoor)
		reads, heard := s.Sim.Stats(frontDoor)["list"], s.desk(frontDoor).Webhooks.Heard
		for range c.n {
			s.webhook(c.body)
		}
		if !strings.Contains(c.name, "not ours") {
			s.await("they are counted: "+c.name, func() (bool, string) {
				now := s.desk(frontDoor).Webhooks.Heard
				return now >= heard+int64(c.n), fmt.Sprint(now - heard)
			})
		}
		s.awaitQuiet(frontDoor)
		if got := s.Sim.Stats(frontDoor)["list"] - reads; got > c.reads {
			t.Errorf("one %s caused %d reads, want %d at most", c.name, got, c.reads)
		}
	}
	if view := s.view("CALM"); view.Status != workflows.StatusReady || len(view.Attention) > 0 || view.Doors[0].Proof.Level == workflows.ProofUsed {
		t.Errorf("after all of them CALM is %s by %s, %v", view.Status, view.Doors[0].Proof.Level, view.Attention)
	}
	if _, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflows.SmartlockWorkflowID(unknownDoor), ""); err == nil {
		t.Error("a lock that is not ours has a front desk")
	}
}

// quietPolicy is FastPolicy without looks by the calendar, so that each read has a
// cause.
func quietPolicy() workflows.Policy {
	policy := stack.FastPolicy()
	policy.AuditEvery, policy.AuditSync, policy.ToCheckOut = workflows.Duration(time.Hour), workflows.Duration(time.Hour), nil
	return policy
}
