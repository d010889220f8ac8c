// This file runs whole stays whose told PIN cannot be set: a second one is added
// beside it, and both stay valid.

package workflows_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// pinsOf are the PINs under our name in a lock's own table.
func (w *world) pinsOf(lock int64) []string {
	var pins []string
	for _, entry := range w.sim.Snapshot(lock).Table {
		if len(entry.Name) >= 11 && entry.Name[:11] == "K-TEST-0805" {
			pins = append(pins, entry.PIN)
		}
	}
	return pins
}

// secondPIN is the one beside the supplied PIN; empty without one.
func (w *world) secondPIN(lock int64) string {
	for _, pin := range w.pinsOf(lock) {
		if pin != supplied {
			return pin
		}
	}
	return ""
}

// wantAttention checks at a moment whether a reason for attention is raised.
func (w *world) wantAttention(when time.Time, attention workflows.Attention, want bool) {
	w.at(when, func() {
		if view := w.view(); slices.Contains(view.Attention, attention) != want {
			w.Errorf("%s: attention %v, want %s: %v (next %q)", when, view.Attention, attention, want, view.Next.Reason)
		}
	})
}

// wantPINs checks at a moment how many PINs of ours a lock holds.
func (w *world) wantPINs(when time.Time, lock int64, want int) {
	w.at(when, func() {
		if got := w.pinsOf(lock); len(got) != want {
			w.Errorf("%s: lock %d holds %d PINs of ours, want %d", when, lock, len(got), want)
		}
	})
}

// wantDisclosed asks for the PIN at a moment; want is made then, and empty where
// it must be refused.
func (w *world) wantDisclosed(when time.Time, want func() string) {
	w.at(when, func() {
		check := func(got string) {
			if wanted := want(); got != wanted {
				w.Errorf("%s: disclosed %q, want %q", when, got, wanted)
			}
		}
		w.env.UpdateWorkflow(workflows.UpdateDisclose.Name, when.String(), &disclosing{check}, workflows.Disclose{By: "test"})
	})
}

// disclosing takes the answer to an update in.
type disclosing struct{ check func(pin string) }

func (*disclosing) Accept()        {}
func (d *disclosing) Reject(error) { d.check("") }
func (d *disclosing) Complete(answer any, err error) {
	if disclosure, ok := answer.(workflows.Disclosure); ok && err == nil {
		d.check(disclosure.PIN.Reveal())
		return
	}
	d.check("an answer that cannot be read")
}

// cleaner puts the supplied PIN on a lock under a foreign name.
func (w *world) cleaner(lock int64) string {
	return w.sim.AddForeign(lock, "Cleaner", supplied, booked, departs.AddDate(1, 0, 0))
}

// Whoever has heard that the PIN may be told asks for it in the minute in which other dates
// are on their way to the lock.
func TestStay_OtherDatesDoNotTakeBackThatThePINMayBeTold(t *testing.T) {
	for _, c := range []struct {
		name    string
		proven  bool // before the dates change
		refused bool
	}{{"once it was proven", true, false}, {"but it must have been", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{LatencyMin: 30_000, LatencyMax: 30_000})
			wish, changed := generated(frontDoor), arrives.Add(-24*time.Hour)
			if !c.proven {
				changed = arrives.Add(-72*time.Hour + 20*time.Second) // The create is under way.
			}
			longer := wish
			longer.EndsAt = wish.EndsAt.Add(24 * time.Hour)
			w.put(changed, longer)
			told := ""
			w.at(changed.Add(10*time.Second), func() {
				if proof := w.view().Doors[0].Proof.Level; proof.AtLeast(workflows.ProofListed) {
					w.Errorf("the new window is proven at once: %s", proof)
				}
				w.env.UpdateWorkflow(workflows.UpdateDisclose.Name, "ask", &disclosing{func(pin string) { told = pin }}, workflows.Disclose{By: "test"})
			})
			w.run(wish)
			if refused := told == ""; refused != c.refused {
				t.Errorf("refused %v, want %v", refused, c.refused)
			}
		})
	}
}

func TestStay_GetsASecondPINOnAllDoorsBesideAToldOneThatOneDoorCannotTake(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.cleaner(flatDoor)
	never := func() string { return "" }
	w.wantAttention(arrives.Add(-4*time.Hour-time.Minute), workflows.AttentionPINConflict, true)
	w.wantPINs(arrives.Add(-4*time.Hour-time.Minute), frontDoor, 1)
	w.wantDisclosed(arrives.Add(-4*time.Hour).Add(time.Second), never)
	w.wantPINs(arrives.Add(-3*time.Hour), frontDoor, 2)
	w.wantStatus(arrives.Add(-3*time.Hour), workflows.StatusDegraded)
	w.wantAttention(arrives.Add(-3*time.Hour), workflows.AttentionSecondPIN, true)
	w.wantAttention(arrives.Add(-time.Hour), workflows.AttentionCallPerson, true)
	w.wantDisclosed(arrives.Add(-30*time.Minute), func() string { return w.secondPIN(flatDoor) })
	w.wantAttention(arrives.Add(-20*time.Minute), workflows.AttentionCallPerson, false)
	var second string
	for _, hours := range []time.Duration{0, 50 * time.Hour} {
		w.at(arrives.Add(hours), func() {
			now := w.env.Now()
			if second = w.secondPIN(flatDoor); second == "" || !w.sim.Opens(flatDoor, second, now) || !w.sim.Opens(frontDoor, second, now) {
				t.Errorf("%s: the second PIN does not open both doors", now)
			}
			if !w.sim.Opens(frontDoor, supplied, now) {
				t.Errorf("%s: the told PIN does not open the front door any more", now)
			}
		})
	}
	w.at(departs.Add(2*time.Hour), func() {
		if len(w.pinsOf(frontDoor)) > 0 || len(w.pinsOf(flatDoor)) > 0 {
			t.Error("a PIN of the stay is left")
		}
		if !w.sim.Opens(flatDoor, supplied, w.env.Now()) {
			t.Error("the cleaner's code was touched")
		}
	})
	w.wantStatus(departs.Add(2*time.Hour), workflows.StatusRevoked)
	w.run(stay(frontDoor, flatDoor))
}

func TestStay_ThatWasAcceptedLateGetsItsSecondPINHalfwayToCheckIn(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.cleaner(frontDoor)
	late := stay(frontDoor)
	late.StartsAt = booked.Add(2 * time.Hour)
	w.wantPINs(booked.Add(59*time.Minute), frontDoor, 0)
	w.at(booked.Add(62*time.Minute), func() {
		if w.secondPIN(frontDoor) == "" {
			t.Error("there is no second PIN an hour before check-in")
		}
	})
	w.run(late)
}

func TestStay_NeedsNoSecondPINWhereTheFirstCanBeSetInTime(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	id := w.cleaner(frontDoor)
	w.at(arrives.Add(-10*time.Hour), func() { w.inApp(frontDoor, nukisim.AppEdit{ID: id, Delete: true}) })
	w.wantPINs(arrives, frontDoor, 1)
	w.wantKept(frontDoor, supplied)
	w.run(stay(frontDoor))
}

func TestStay_IsReadyByTheFirstPINAsSoonAsThatCanBeSetAndKeepsBoth(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	id := w.cleaner(frontDoor)
	w.at(arrives.Add(-2*time.Hour), func() { w.inApp(frontDoor, nukisim.AppEdit{ID: id, Delete: true}) })
	w.wantStatus(arrives.Add(-2*time.Hour), workflows.StatusDegraded)
	w.wantStatus(arrives, workflows.StatusReady)
	w.wantAttention(arrives, workflows.AttentionSecondPIN, false)
	w.wantPINs(arrives.Add(50*time.Hour), frontDoor, 2)
	w.wantKept(frontDoor, supplied)
	w.run(stay(frontDoor))
}

func TestStay_WaitsForASiblingThatLeavesBeforeIt(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	leaves := arrives.Add(-3*time.Hour - 30*time.Minute)
	id := w.sim.AddForeign(frontDoor, "K-OTHER", supplied, booked, leaves)
	w.wantAttention(arrives.Add(-25*time.Hour), workflows.AttentionPINConflict, false)
	w.wantAttention(arrives.Add(-23*time.Hour), workflows.AttentionPINConflict, true)
	w.at(leaves.Add(time.Minute), func() { w.inApp(frontDoor, nukisim.AppEdit{ID: id, Delete: true}) })
	w.wantPINs(leaves.Add(5*time.Minute), frontDoor, 1)
	w.wantPINs(arrives, frontDoor, 1)
	w.wantAttention(arrives, workflows.AttentionPINConflict, false)
	w.wantKept(frontDoor, supplied)
	w.run(stay(frontDoor))
}

func TestStay_WhosePINASiblingHoldsBeyondItsBeginningGetsASecondOne(t *testing.T) {
	for name, until := range map[string]time.Time{
		"as the two overlap": departs, "as the other one is not removed": arrives.Add(-10 * time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			w.sim.AddForeign(frontDoor, "K-OTHER", supplied, booked, until)
			w.wantPINs(arrives.Add(-4*time.Hour-time.Minute), frontDoor, 0)
			w.at(arrives, func() {
				if second := w.secondPIN(frontDoor); second == "" || !w.sim.Opens(frontDoor, second, arrives) {
					t.Error("no second PIN opens at check-in")
				}
				if got := len(w.sim.Snapshot(frontDoor).Table); got != 2 {
					t.Errorf("the lock holds %d entries: the other stay's must not be touched", got)
				}
			})
			w.run(stay(frontDoor))
		})
	}
}

// inApp is a person at the phone app.
func (w *world) inApp(lock int64, edit nukisim.AppEdit) {
	w.Helper()
	if _, err := w.sim.InApp(lock, edit); err != nil {
		w.Fatal(err)
	}
}

func TestStay_GetsNoThirdPIN(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.cleaner(flatDoor)
	sent := map[string]bool{}
	w.afterCreate = func(pin string) {
		// Somebody takes the second PIN on the other door, too.
		if pin != supplied && len(sent) == 0 {
			w.sim.AddForeign(flatDoor, "Gardener", pin, booked, departs.AddDate(1, 0, 0))
		}
		if pin != supplied {
			sent[pin] = true
		}
	}
	w.wantAttention(arrives.Add(time.Hour), workflows.AttentionPINConflict, true)
	w.wantStatus(arrives.Add(time.Hour), workflows.StatusDegraded)
	w.wantOpens(arrives.Add(time.Hour), frontDoor, supplied, true)
	w.run(stay(frontDoor, flatDoor))
	if len(sent) != 1 {
		t.Errorf("%d PINs were sent beside the told one, want one", len(sent))
	}
}

func TestStay_ASecondPINEndsWithTheNextOneThatTheCallerSends(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	w.cleaner(frontDoor)
	other := stay(frontDoor)
	other.Version, other.PIN.Code = workflows.NumberVersion(2), nuki.CodeOf(738495)
	w.put(arrives.Add(-2*time.Hour), other)
	w.at(arrives.Add(-time.Hour), func() {
		if got := w.pinsOf(frontDoor); len(got) != 1 || got[0] != "738495" {
			t.Errorf("the lock holds %d PINs of ours, want the caller's new one alone", len(got))
		}
	})
	w.wantStatus(arrives.Add(-time.Hour), workflows.StatusReady)
	w.wantOpens(arrives, frontDoor, "738495", true)
	w.wantPINs(departs.Add(2*time.Hour), frontDoor, 0)
	w.run(stay(frontDoor))
}

func TestStay_WhoseOperationNeverEndsGetsAnotherPIN(t *testing.T) {
	for _, c := range []struct {
		name  string
		wish  workflows.Wish
		after time.Duration // of provisioning
	}{
		{"a fresh one in half an hour while nobody was told", generated(frontDoor), 35 * time.Minute},
		{"a second one four hours before check-in once it was told", stay(frontDoor), 68*time.Hour + 5*time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{Sync: nukisim.SyncNothing})
			w.sim.Once(frontDoor, "leak_operation")
			provisioned := arrives.Add(-72 * time.Hour)
			w.wantPINs(provisioned.Add(c.after-10*time.Minute), frontDoor, 1)
			w.wantPINs(provisioned.Add(c.after), frontDoor, 2)
			w.at(arrives.Add(time.Hour), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{}) })
			w.wantPINs(departs.Add(4*time.Hour), frontDoor, 0)
			w.run(c.wish)
		})
	}
}

func TestStay_GetsNoSecondPINForWhatItIsNotFor(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world)
	}{
		{"a lock that is offline", func(w *world) { w.sim.SetOffline(frontDoor, true) }},
		{"a lock that is offline and keeps what it is sent", func(w *world) {
			w.sim.SetFaults(frontDoor, nukisim.Faults{OfflineQueues: true, PendingListed: true})
			w.sim.SetOffline(frontDoor, true)
		}},
		{"a slow lock", func(w *world) {
			w.sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 1500000, LatencyMax: 1500000, PendingListed: true})
		}},
		{"creates that are lost every time", func(w *world) { w.sim.SetFaults(frontDoor, nukisim.Faults{LoseAccepted: 1}) }},
		{"an entry that somebody deletes twice", func(w *world) {
			for _, hours := range []time.Duration{25, 5} {
				w.at(arrives.Add(-hours*time.Hour), func() {
					w.inApp(frontDoor, nukisim.AppEdit{ID: w.sim.Snapshot(frontDoor).Table[0].ID, Delete: true})
				})
			}
		}},
		{"an entry that somebody disables", func(w *world) {
			w.at(arrives.Add(-6*time.Hour), func() {
				w.inApp(frontDoor, nukisim.AppEdit{ID: w.sim.Snapshot(frontDoor).Table[0].ID, Disable: true})
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			c.do(w)
			sent := map[string]bool{}
			w.afterCreate = func(pin string) { sent[pin] = true }
			w.at(arrives.Add(time.Hour), func() {
				w.sim.SetOffline(frontDoor, false)
				w.sim.SetFaults(frontDoor, nukisim.Faults{})
			})
			w.run(stay(frontDoor))
			if len(sent) != 1 {
				t.Errorf("%d PINs were sent, want the told one alone", len(sent))
			}
		})
	}
}

func TestStay_WhoseUpdatesAreLostGetsASecondPINFourHoursBefore(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	shorter := stay(frontDoor)
	shorter.StartsAt = arrives.Add(2 * time.Hour)
	earlier := stay(frontDoor)
	earlier.Version = workflows.NumberVersion(2)
	w.refuseWith(func(r *http.Request) int {
		if r.Method == http.MethodPost && len(r.URL.Path) > 40 {
			return http.StatusNoContent // Taken, and lost.
		}
		return 0
	})
	w.put(arrives.Add(-30*time.Hour), earlier)
	w.wantPINs(arrives.Add(-4*time.Hour-time.Minute), frontDoor, 1)
	w.at(arrives, func() {
		if second := w.secondPIN(frontDoor); second == "" || !w.sim.Opens(frontDoor, second, arrives) {
			t.Error("no second PIN opens at check-in")
		}
	})
	w.at(arrives.Add(time.Hour), func() { w.refuseWith(nil) })
	w.run(shorter)
}

func TestStay_RaisesThatThePreviousGuestCanEnterOnceTheNextStayHasBegun(t *testing.T) {
	cancelled := stay(frontDoor)
	cancelled.Version, cancelled.Status = workflows.NumberVersion(2), workflows.Cancelled
	called := arrives.Add(20 * time.Hour)
	next := called.Add(3*time.Hour + 7*time.Minute)
	for _, c := range []struct {
		name  string
		other string
		begin time.Time
		want  bool
	}{
		{"with a stay that begins", "K-OTHER", next, true},
		{"not with a stay that had begun before it", "K-OTHER", arrives.Add(-24 * time.Hour), false},
		{"not with a code that is not ours", "Cleaner", next, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			w.at(called.Add(-time.Minute), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{GhostDelete: 1, LoseAccepted: 1}) })
			w.sim.AddForeign(frontDoor, c.other, "738495", c.begin, departs.AddDate(0, 1, 0))
			w.put(called, cancelled)
			w.wantAttention(next.Add(-time.Second), workflows.AttentionPreviousGuest, false)
			w.wantAttention(next.Add(time.Second), workflows.AttentionPreviousGuest, c.want)
			w.at(next.Add(time.Hour), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{}) })
			w.wantPINs(next.Add(4*time.Hour), frontDoor, 0)
			w.wantAttention(next.Add(4*time.Hour), workflows.AttentionPreviousGuest, false)
			w.run(stay(frontDoor))
		})
	}
	t.Run("not by a window that closes by itself", func(t *testing.T) {
		w := newWorld(t, nukisim.Faults{})
		end := departs.Add(15 * time.Minute)
		w.at(end.Add(-time.Minute), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{GhostDelete: 1, LoseAccepted: 1}) })
		w.sim.AddForeign(frontDoor, "K-OTHER", "738495", end.Add(30*time.Minute), departs.AddDate(0, 1, 0))
		w.wantAttention(end.Add(31*time.Minute), workflows.AttentionPreviousGuest, false)
		w.wantAttention(end.Add(31*time.Minute), workflows.AttentionGhost, true)
		w.at(end.Add(time.Hour), func() { w.sim.SetFaults(frontDoor, nukisim.Faults{}) })
		w.run(stay(frontDoor))
	})
}
