// This file runs whole stays on virtual time against the simulated Nuki, and
// asks its keypads. There are no webhooks here: polling must do.

package workflows_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

func TestStay_IsKeptThroughEveryFaultThatAllowsIt(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults nukisim.Faults
		once   []string
		do     func(w *world)
	}{
		{"undisturbed", nukisim.Faults{}, nil, nil},
		{"the create is accepted and lost", nukisim.Faults{}, []string{"lose_accepted"}, nil},
		{"the create is lost three times", nukisim.Faults{}, []string{"lose_accepted", "lose_accepted", "lose_accepted"}, nil},
		{"the create reaches the cloud only", nukisim.Faults{}, []string{"cloud_only"}, nil},
		{"two creates reach the cloud only", nukisim.Faults{}, []string{"cloud_only", "cloud_only"}, nil},
		{"the create reaches the lock only", nukisim.Faults{}, []string{"lock_only"}, nil},
		{"the create is taken and answered with 503", nukisim.Faults{}, []string{"fail_after"}, nil},
		{"a new entry is listed while its operation runs", nukisim.Faults{PendingListed: true, LatencyMin: 20000, LatencyMax: 40000}, nil, nil},
		{"syncs leave no mark", nukisim.Faults{Sync: nukisim.SyncNoMark}, nil, nil},
		{"the lock is offline at first", nukisim.Faults{}, nil, func(w *world) {
			w.sim.SetOffline(frontDoor, true)
			w.at(arrives.Add(-10*time.Hour), func() { w.sim.SetOffline(frontDoor, false) })
		}},
		{"somebody drops the window in mid-stay", nukisim.Faults{}, nil, func(w *world) {
			w.at(arrives.Add(20*time.Hour), func() { w.partialUpdate(frontDoor) })
		}},
		{"the first delete is a ghost", nukisim.Faults{}, nil, func(w *world) {
			w.at(departs.Add(-time.Minute), func() { w.sim.Once(frontDoor, "ghost_delete") })
		}},
		{"the first two deletes are ghosts", nukisim.Faults{}, nil, func(w *world) {
			w.at(departs.Add(-time.Minute), func() { w.sim.Once(frontDoor, "ghost_delete"); w.sim.Once(frontDoor, "ghost_delete") })
		}},
		{"every tenth write is lost, every tenth list is stale, every tenth call fails", nukisim.Faults{LoseAccepted: 0.1, StaleList: 0.1, Fail: 0.1}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.faults)
			for _, knob := range c.once {
				w.sim.Once(frontDoor, knob)
			}
			if c.do != nil {
				c.do(w)
			}
			w.wantKept(frontDoor, supplied)
			w.run(stay(frontDoor))
		})
	}
}

// partialUpdate is somebody posting the mission post's own body to the API.
func (w *world) partialUpdate(lock int64) {
	w.Helper()
	id := w.sim.Snapshot(lock).Cloud[0].ID
	body := strings.NewReader(`{"name":"TEST-0805","code":432426}`)
	request := httptest.NewRequest(http.MethodPost, "/smartlock/"+strconv.FormatInt(lock, 10)+"/auth/"+id, body)
	request.Header.Set("Authorization", "Bearer t")
	answer := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusNoContent {
		w.Fatalf("the partial update was answered with %d", answer.Code)
	}
}

func TestStay_OnTwoDoorsHasOnePIN(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.at(arrives.Add(-time.Hour), func() {
		front, flat := w.sim.Snapshot(frontDoor).Table, w.sim.Snapshot(flatDoor).Table
		if len(front) != 1 || len(flat) != 1 || front[0].PIN != flat[0].PIN {
			t.Errorf("the doors hold %+v and %+v", front, flat)
		}
	})
	w.wantStatus(arrives.Add(-time.Hour), workflows.StatusReady)
	w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
	w.wantEmpty(departs.Add(2*time.Hour), flatDoor)
	w.run(generated(frontDoor, flatDoor))
}

func TestStay_TakesAFreshPINOnAllDoorsWhenOneHoldsTheCodeAlready(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	var first string
	// As soon as the first door has the PIN, somebody else gets the same on the
	// second.
	w.afterCreate = func(pin string) {
		if first == "" {
			first = pin
			w.sim.AddForeign(flatDoor, "Cleaner", pin, booked, departs.AddDate(1, 0, 0))
		}
	}
	w.at(arrives.Add(time.Hour), func() {
		front := w.sim.Snapshot(frontDoor).Table
		if len(front) != 1 || front[0].PIN == first {
			t.Errorf("the first door holds %+v; the clashing PIN was %s", front, first)
		}
		for _, door := range []int64{frontDoor, flatDoor} {
			if !w.sim.Opens(door, front[0].PIN, w.env.Now()) {
				t.Errorf("door %d does not open for the fresh PIN", door)
			}
		}
		if !w.sim.Opens(flatDoor, first, w.env.Now()) {
			t.Error("the cleaner's code was touched")
		}
		if w.sim.Opens(frontDoor, first, w.env.Now()) {
			t.Error("the old PIN still opens the first door")
		}
	})
	w.wantStatus(arrives.Add(time.Hour), workflows.StatusReady)
	w.run(generated(frontDoor, flatDoor))
}

func TestStay_FollowsChangesAtAnyMoment(t *testing.T) {
	later := stay(frontDoor)
	later.Version, later.EndsAt = workflows.NumberVersion(2), departs.Add(24*time.Hour)
	moved := stay(flatDoor)
	moved.Version = workflows.NumberVersion(2)
	cancelled := stay(frontDoor)
	cancelled.Version, cancelled.Status = workflows.NumberVersion(2), workflows.Cancelled
	reinstated := stay(frontDoor)
	reinstated.Version = workflows.NumberVersion(3)
	other := stay(frontDoor)
	other.Version, other.PIN.Code = workflows.NumberVersion(2), nuki.CodeOf(738495)
	left := stay(frontDoor)
	left.Version, left.Status = workflows.NumberVersion(2), workflows.CheckedOut
	provisioning := arrives.Add(-72 * time.Hour)

	for _, c := range []struct {
		name string
		do   func(w *world)
	}{
		{"extended in the stay", func(w *world) {
			w.put(arrives.Add(50*time.Hour), later)
			w.wantOpens(departs.Add(23*time.Hour), frontDoor, supplied, true)
			w.wantOpens(departs.Add(25*time.Hour), frontDoor, supplied, false)
			w.wantStatus(departs.Add(26*time.Hour), workflows.StatusRevoked)
		}},
		{"moved to another room before arrival", func(w *world) {
			w.put(arrives.Add(-10*time.Hour), moved)
			w.wantEmpty(arrives.Add(-8*time.Hour), frontDoor)
			w.wantOpens(arrives, flatDoor, supplied, true)
			w.wantOpens(arrives, frontDoor, supplied, false)
			w.wantEmpty(departs.Add(2*time.Hour), flatDoor)
		}},
		{"cancelled while the create is in flight", func(w *world) {
			w.put(provisioning.Add(time.Second), cancelled)
			w.wantEmpty(provisioning.Add(2*time.Hour), frontDoor)
			w.wantStatus(provisioning.Add(2*time.Hour), workflows.StatusCancelled)
		}},
		{"cancelled and reinstated within a second", func(w *world) {
			w.put(provisioning.Add(time.Second), cancelled)
			w.put(provisioning.Add(2*time.Second), reinstated)
			w.wantStatus(arrives.Add(-time.Hour), workflows.StatusReady)
			w.wantKept(frontDoor, supplied)
		}},
		{"cancelled and reinstated while the delete is in flight", func(w *world) {
			w.put(arrives.Add(-10*time.Hour), cancelled)
			w.put(arrives.Add(-10*time.Hour).Add(time.Second), reinstated)
			w.wantStatus(arrives.Add(-time.Hour), workflows.StatusReady)
			w.wantKept(frontDoor, supplied)
		}},
		{"another PIN before arrival", func(w *world) {
			w.put(arrives.Add(-10*time.Hour), other)
			w.wantOpens(arrives, frontDoor, "738495", true)
			w.wantOpens(arrives, frontDoor, supplied, false)
			w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
		}},
		{"another PIN in the stay: the guest is never without one", func(w *world) {
			changed := arrives.Add(30 * time.Hour)
			w.put(changed, other)
			for second := range 60 {
				w.at(changed.Add(time.Duration(second)*time.Second), func() {
					if now := w.env.Now(); !w.sim.Opens(frontDoor, supplied, now) && !w.sim.Opens(frontDoor, "738495", now) {
						t.Errorf("%d s after the change neither PIN opens", second)
					}
				})
			}
			w.wantOpens(changed.Add(time.Hour), frontDoor, "738495", true)
			w.wantOpens(changed.Add(time.Hour), frontDoor, supplied, false)
		}},
		{"checked out early", func(w *world) {
			w.put(arrives.Add(30*time.Hour), left)
			w.wantEmpty(arrives.Add(31*time.Hour), frontDoor)
			w.wantStatus(arrives.Add(31*time.Hour), workflows.StatusRevoked)
		}},
		{"withdrawn by DELETE", func(w *world) {
			w.at(arrives.Add(-10*time.Hour), func() {
				w.env.SignalWorkflow(workflows.SignalPut.Name, workflows.Put{Withdraw: &workflows.Withdraw{}})
			})
			w.put(arrives.Add(-9*time.Hour), stay(frontDoor))
			w.wantEmpty(arrives.Add(-8*time.Hour), frontDoor)
			w.wantStatus(arrives.Add(-8*time.Hour), workflows.StatusCancelled)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			c.do(w)
			w.run(stay(frontDoor))
		})
	}
}

func TestStay_TakesOverWhatAnEarlierRunLeft(t *testing.T) {
	for _, c := range []struct {
		name string
		wish workflows.Wish
		pin  string
	}{
		{"with a PIN of Keystay's", generated(frontDoor), "738495"},
		{"with the caller's PIN", stay(frontDoor), supplied},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			w.sim.AddForeign(frontDoor, "K-TEST-0805", c.pin, arrives, departs.Add(15*time.Minute))
			w.at(arrives.Add(time.Hour), func() {
				if table := w.sim.Snapshot(frontDoor).Table; len(table) != 1 || table[0].PIN != c.pin {
					t.Errorf("the lock holds %+v, want the one PIN that was there", table)
				}
			})
			w.wantKept(frontDoor, c.pin)
			w.run(c.wish)
		})
	}
	t.Run("when it is put again only to be cancelled", func(t *testing.T) {
		w := newWorld(t, nukisim.Faults{})
		w.sim.AddForeign(frontDoor, "K-TEST-0805", supplied, arrives, departs)
		w.wantEmpty(booked.Add(2*time.Hour), frontDoor)
		wish := generated(frontDoor)
		wish.Status = workflows.Cancelled
		w.run(wish)
	})
	t.Run("and never touches what merely holds the PIN", func(t *testing.T) {
		w := newWorld(t, nukisim.Faults{})
		w.sim.AddForeign(frontDoor, "Cleaner", "738495", booked, departs.AddDate(1, 0, 0))
		w.wantOpens(departs.Add(24*time.Hour), frontDoor, "738495", true)
		w.run(generated(frontDoor))
	})
}

func TestStay_CancelledAndConfirmedAfterATerminateKeepsItsEntry(t *testing.T) {
	for _, gap := range []time.Duration{time.Second, 5 * time.Second, time.Hour, 40 * time.Hour} {
		t.Run(gap.String(), func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			w.sim.AddForeign(frontDoor, "K-TEST-0805", supplied, arrives, departs.Add(15*time.Minute))
			cancelled, confirmed := generated(frontDoor), generated(frontDoor)
			cancelled.Status = workflows.Cancelled
			confirmed.Version = workflows.NumberVersion(2)
			w.put(booked.Add(gap), confirmed)
			w.wantStatus(arrives.Add(time.Hour), workflows.StatusReady)
			w.wantKept(frontDoor, supplied)
			w.run(cancelled)
		})
	}
}

func TestStay_RemovesEveryEntryThatAnEarlierRunLeft(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.sim.AddForeign(frontDoor, "K-TEST-0805", supplied, arrives, departs)
	w.sim.AddForeign(frontDoor, "K-TEST-0805.1", "738495", arrives, departs)
	w.wantEmpty(booked.Add(3*time.Hour), frontDoor)
	wish := generated(frontDoor)
	wish.Status = workflows.Cancelled
	w.run(wish)
}

func TestStay_TakesTheLaterOfTwoPINsOverAndKeepsTheGuestIn(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	until := departs.Add(15 * time.Minute)
	w.sim.AddForeign(frontDoor, "K-TEST-0805", supplied, arrives, until)
	w.sim.AddForeign(frontDoor, "K-TEST-0805.1", "738495", arrives, until)
	w.sim.AddForeign(flatDoor, "K-TEST-0805.1", "738495", arrives, until)
	w.wantOpens(arrives, frontDoor, "738495", true)
	w.wantOpens(arrives, flatDoor, "738495", true)
	w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
	w.run(generated(frontDoor, flatDoor))
}

func TestStay_AnUnreadableDoorKeepsThePINOffNoOther(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.sim.SetFaults(flatDoor, nukisim.Faults{Fail: 1})
	w.wantOpens(arrives, frontDoor, supplied, true)
	w.wantStatus(arrives.Add(time.Minute), workflows.StatusDegraded)
	w.at(arrives.Add(time.Hour), func() { w.sim.SetFaults(flatDoor, nukisim.Faults{}) })
	w.wantOpens(arrives.Add(3*time.Hour), flatDoor, supplied, true)
	w.wantStatus(arrives.Add(4*time.Hour), workflows.StatusReady)
	w.run(stay(frontDoor, flatDoor))
}

func TestStay_IsPacedWhereTheLockRefusesForNoVisibleReason(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.refuseWith(func(r *http.Request) int {
		switch r.Method {
		case http.MethodPut:
			return http.StatusConflict
		case http.MethodDelete:
			return http.StatusLocked
		}
		return 0
	})
	w.at(arrives, func() { w.refuseWith(nil) })
	w.at(departs.Add(10*time.Minute), func() {
		w.refuseWith(func(r *http.Request) int {
			if r.Method == http.MethodDelete {
				w.refused++
				return http.StatusLocked
			}
			return 0
		})
	})
	w.at(departs.Add(2*time.Hour), func() {
		if w.refuseWith(nil); w.refused == 0 || w.refused > 20 {
			t.Errorf("%d deletes in two hours, want a few", w.refused)
		}
	})
	w.wantOpens(arrives.Add(2*time.Hour), frontDoor, supplied, true)
	w.wantEmpty(departs.Add(6*time.Hour), frontDoor)
	w.run(stay(frontDoor))
}
