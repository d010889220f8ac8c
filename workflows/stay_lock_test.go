// This file runs whole stays on locks that are full, and on lists that cannot be
// believed.

package workflows_test

import (
	"fmt"
	"net/http"
	"strings"
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

// asked counts what a lock was asked for.
func (w *world) asked(lock int64, what string) int { return w.sim.Stats(lock)[what] }

func TestStay_BelievesNoListThatLostEverybody(t *testing.T) {
	for _, c := range []struct {
		name string
		sync nukisim.SyncMode
		once []string
	}{
		{"once", nukisim.SyncHeals, []string{"empty_list"}},
		{"twice, while syncs leave no mark", nukisim.SyncNoMark, []string{"empty_list", "empty_list"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{Sync: c.sync})
			w.fill(frontDoor, 8)
			rung := arrives.Add(-4 * time.Hour)
			var creates int
			w.at(rung.Add(-time.Minute), func() {
				creates = w.asked(frontDoor, "create")
				for _, knob := range c.once {
					w.sim.Once(frontDoor, knob)
				}
			})
			for _, after := range []time.Duration{time.Second, 20 * time.Second, time.Minute} {
				w.wantStatus(rung.Add(after), workflows.StatusReady)
				w.wantAttention(rung.Add(after), workflows.AttentionDeletedExternally, false)
			}
			w.at(arrives, func() {
				if again := w.asked(frontDoor, "create") - creates; again != 0 {
					t.Errorf("%d creates were sent for an entry that was there", again)
				}
			})
			w.wantAttention(arrives, workflows.AttentionListImplausible, false)
			w.wantOpens(arrives, frontDoor, supplied, true)
			w.wantPINs(departs.Add(2*time.Hour), frontDoor, 0)
			w.run(stay(frontDoor))
		})
	}
}

func TestStay_TakesNoRemovalFromAListThatLostEverybody(t *testing.T) {
	w := newWorld(t, nukisim.Faults{Sync: nukisim.SyncNoMark})
	w.fill(frontDoor, 8)
	cancelled := stay(frontDoor)
	cancelled.Version, cancelled.Status = workflows.NumberVersion(2), workflows.Cancelled
	ended := arrives.Add(20 * time.Hour)
	w.at(ended, func() {
		w.sim.SetFaults(frontDoor, nukisim.Faults{Sync: nukisim.SyncNoMark, EmptyList: 1, GhostDelete: 1})
	})
	w.put(ended.Add(time.Second), cancelled)
	w.wantAttention(ended.Add(3*time.Minute), workflows.AttentionListImplausible, true)
	w.wantStatus(ended.Add(3*time.Minute), workflows.StatusRevoking)
	w.at(ended.Add(4*time.Minute), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{}) })
	w.wantPINs(ended.Add(2*time.Hour), frontDoor, 0)
	w.wantAttention(ended.Add(2*time.Hour), workflows.AttentionListImplausible, false)
	w.wantStatus(ended.Add(2*time.Hour), workflows.StatusCancelled)
	w.run(stay(frontDoor))
}

func TestStay_BelievesASmallListThatASyncBearsOut(t *testing.T) {
	for _, sync := range []nukisim.SyncMode{nukisim.SyncHeals, nukisim.SyncNoMark} {
		t.Run(string(sync), func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{Sync: sync})
			ids := w.fill(frontDoor, 8)
			w.at(arrives.Add(-5*time.Hour), func() {
				w.takeOut(frontDoor, append(ids, w.sim.Snapshot(frontDoor).Table[8].ID))
			})
			w.wantPINs(arrives.Add(-3*time.Hour), frontDoor, 1)
			w.wantAttention(arrives.Add(-3*time.Hour), workflows.AttentionListImplausible, false)
			w.wantOpens(arrives, frontDoor, supplied, true)
			w.run(stay(frontDoor))
		})
	}
}

// loseUpdates answers updates of entries as if they were taken, for a while.
func (w *world) loseUpdates(from, until time.Time) {
	w.at(from, func() {
		w.refuseWith(func(r *http.Request) int {
			if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/auth/") {
				w.refused++
				return http.StatusNoContent
			}
			return 0
		})
	})
	w.at(until, func() { w.refuseWith(nil) })
}

func TestStay_ThatIsExtendedIsWrittenInTimeForItsOldEnd(t *testing.T) {
	longer := stay(frontDoor)
	longer.Version, longer.EndsAt = workflows.NumberVersion(2), departs.Add(24*time.Hour)
	oldEnd := departs.Add(15 * time.Minute)
	t.Run("ever more often as that comes near", func(t *testing.T) {
		w := newWorld(t, nukisim.Faults{})
		w.loseUpdates(oldEnd.Add(-40*time.Minute), oldEnd.Add(-4*time.Minute))
		w.put(oldEnd.Add(-39*time.Minute), longer)
		w.wantOpens(oldEnd.Add(-time.Second), frontDoor, supplied, true)
		w.wantOpens(oldEnd, frontDoor, supplied, true)
		w.wantOpens(departs.Add(23*time.Hour), frontDoor, supplied, true)
		w.wantOpens(departs.Add(25*time.Hour), frontDoor, supplied, false)
		w.run(stay(frontDoor))
	})
	t.Run("and not every few minutes while that is far", func(t *testing.T) {
		w := newWorld(t, nukisim.Faults{})
		began := arrives.Add(2 * time.Hour)
		w.loseUpdates(began, began.Add(24*time.Hour))
		w.put(began.Add(time.Minute), longer)
		w.at(began.Add(24*time.Hour), func() {
			if w.refused < 10 || w.refused > 40 {
				t.Errorf("%d updates in a day, want about one an hour", w.refused)
			}
		})
		w.wantOpens(oldEnd, frontDoor, supplied, true)
		w.wantPINs(oldEnd, frontDoor, 1)
		w.run(stay(frontDoor))
	})
}

// A 429 is a case of decide_test.go: the client waits for it on a real clock.
func TestStay_RaisesALockThatCannotBeReadWhenTheDeadlineNears(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
	}{{"5xx", http.StatusBadGateway}, {"network", hangUp}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			w.at(arrives.Add(-73*time.Hour), func() {
				w.refuseWith(func(r *http.Request) int {
					if r.Method == http.MethodGet {
						return c.status
					}
					return 0
				})
			})
			w.wantAttention(arrives.Add(-25*time.Hour), workflows.AttentionUnreadable, false)
			for minutes := range 30 {
				w.wantAttention(arrives.Add(-23*time.Hour).Add(time.Duration(minutes)*time.Minute), workflows.AttentionUnreadable, true)
			}
			w.at(arrives.Add(-12*time.Hour), func() { w.refuseWith(nil) })
			w.wantAttention(arrives.Add(-10*time.Hour), workflows.AttentionUnreadable, false)
			w.wantKept(frontDoor, supplied)
			w.run(stay(frontDoor))
		})
	}
}
