// This file keeps stays on an account without webhooks, by polling alone: the
// same guarantees, slower.

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// pollingPolicy leaves room for proof by time before the first rung, as the
// default policy does: a later rung asks for another sync. And a write is not
// taken for lost before it was looked for: a real Temporal may fire a timer of
// less than a second up to a second late.
func pollingPolicy() workflows.Policy {
	const second = workflows.Duration(time.Second)
	policy := stack.FastPolicy()
	policy.Lead, policy.WriteGrace, policy.MarkWait, policy.TimedGap = 10*second, 3*second, 2*second, second
	policy.ToCheckIn = []workflows.Duration{second, 0}
	policy.ToCheckOut = []workflows.Duration{4 * second, 2 * second}
	return policy
}

func TestWithoutWebhooks_AStayIsKeptByPolling(t *testing.T) {
	quick := nukisim.Faults{LatencyMin: 20, LatencyMax: 60}
	unmarked := quick
	unmarked.Sync = nukisim.SyncNoMark
	parent := start(t, stack.Options{NoWebhooks: true, Policy: pollingPolicy(), Locks: []nukisim.LockConfig{
		{ID: frontDoor, Faults: &quick}, {ID: flatDoor, Faults: &unmarked},
	}})
	t.Run("both", func(t *testing.T) {
		for _, c := range []struct {
			id       string
			lock     int64
			evidence string
		}{{"MARKED", frontDoor, "sync_mark"}, {"UNMARKED", flatDoor, "timed"}} {
			t.Run(c.evidence, func(t *testing.T) {
				t.Parallel()
				parent.in(t).keepUnheard(c.id, c.lock, c.evidence)
			})
		}
	})
	if counted := parent.health(); counted["accepted"]+counted["unknown_lock"]+counted["ignored"] != 0 {
		t.Errorf("webhooks came all the same: %v", counted)
	}
}

// keepUnheard takes a stay through its life, with a window that somebody drops
// in the middle of it, and asks the keypad all the way.
func (s *system) keepUnheard(id string, lock int64, evidence string) {
	s.Helper()
	const pin = "432426"
	checkIn := time.Now().Add(9 * time.Second).Truncate(time.Second)
	checkOut := checkIn.Add(6 * time.Second)
	s.put(id, stayFrom(checkIn, 6*time.Second, pin, lock))
	s.awaitStatus(id, "ready")
	s.expectAt(s.reservation(id), map[string]string{"locks.0.proof.level": "reread", "locks.0.proof.evidence": evidence})
	if s.Sim.Opens(lock, pin, checkIn.Add(-time.Second)) || !s.Sim.Opens(lock, pin, checkIn.Add(time.Second)) {
		s.Errorf("ready, and the keypad disagrees: %+v", s.table(lock))
	}
	s.awaitOpens(lock, pin, true)
	if _, err := s.Sim.InApp(lock, nukisim.AppEdit{ID: s.table(lock)[0].ID, Unrestrict: true}); err != nil {
		s.Fatal(err)
	}
	s.await("the whole window is back before check-out", func() (bool, string) {
		held := s.table(lock)
		return len(held) == 1 && held[0].Whole, fmt.Sprintf("%+v", held)
	})
	if !time.Now().Before(checkOut) {
		s.Error("the window was restored after check-out only")
	}
	s.awaitStatus(id, "revoked")
	if s.Sim.Opens(lock, pin, time.Now()) || len(s.table(lock)) != 0 {
		s.Errorf("revoked, and the keypad disagrees: %+v", s.table(lock))
	}
	if requests := s.Sim.Stats(lock); requests["create"] != 1 || requests["delete"] != 1 || requests["update"] != 1 {
		s.Errorf("one create, one repair and one delete were enough: %v", requests)
	}
}
