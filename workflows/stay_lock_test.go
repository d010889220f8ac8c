// This file runs whole stays on locks that are full, and on lists that cannot be
// believed.

package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// fill puts codes of other people on a lock, and answers their ids.
func (w *world) fill(lock int64, n int) []string {
	var ids []string
	for i := range n {
		pin := fmt.Sprintf("5%d%d%d77", 1+i/81%9, 1+i/9%9, 1+i%9)
		ids = append(ids, w.sim.AddForeign(lock, fmt.Sprintf("Tenant %d", i), pin, booked, departs.AddDate(1, 0, 0)))
	}
	return ids
}

// takeOut removes codes of other people in the app.
func (w *world) takeOut(lock int64, ids []string) {
	for _, id := range ids {
		w.inApp(lock, nukisim.AppEdit{ID: id, Delete: true})
	}
}

func TestStay_WaitsForRoomOnALockThatIsFull(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	ids := w.fill(frontDoor, 100)
	w.wantAttention(arrives.Add(-25*time.Hour), workflows.AttentionNoSpace, false)
	w.wantAttention(arrives.Add(-23*time.Hour), workflows.AttentionNoSpace, true)
	w.at(arrives.Add(-5*time.Hour), func() {
		if sent := w.sim.Stats(frontDoor)["create"]; sent != 0 {
			t.Errorf("%d creates were sent to a full lock", sent)
		}
		w.takeOut(frontDoor, ids[:1])
	})
	w.wantAttention(arrives.Add(-3*time.Hour), workflows.AttentionNoSpace, false)
	w.wantStatus(arrives.Add(-3*time.Hour), workflows.StatusReady)
	w.wantOpens(arrives, frontDoor, supplied, true)
	w.wantPINs(departs.Add(2*time.Hour), frontDoor, 0)
	w.run(stay(frontDoor))
}

func TestStay_SendsOneCreateACheckPointToALockThatStaysFull(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	ids := w.fill(frontDoor, 100)
	for _, c := range []struct {
		before time.Duration
		want   int
	}{{4*time.Hour + time.Minute, 0}, {2 * time.Hour, 1}, {30 * time.Minute, 2}, {-time.Hour, 3}} {
		w.at(arrives.Add(-c.before), func() {
			if sent := w.sim.Stats(frontDoor)["create"]; sent != c.want {
				t.Errorf("%s before check-in %d creates have been sent, want %d", c.before, sent, c.want)
			}
		})
	}
	w.wantAttention(arrives.Add(-time.Hour), workflows.AttentionCallPerson, true)
	w.at(arrives.Add(2*time.Hour), func() { w.takeOut(frontDoor, ids[:1]) })
	w.wantOpens(arrives.Add(150*time.Minute), frontDoor, supplied, true)
	w.wantPINs(arrives.Add(3*time.Hour), frontDoor, 1)
	w.run(stay(frontDoor))
}
