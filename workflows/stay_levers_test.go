// This file pulls every lever of a reservation in a running stay, and asks the
// keypads what came of it.

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

// pulled is what became of a lever.
type pulled struct {
	answer  workflows.Answer
	refused error
}

func (p *pulled) Accept()          {}
func (p *pulled) Reject(err error) { p.refused = err }
func (p *pulled) Complete(answer any, err error) {
	p.answer, _ = answer.(workflows.Answer)
	if err != nil {
		p.refused = err
	}
}

// pull pulls a lever now.
func (w *world) pull(lever workflows.Lever, id string, order workflows.Order) *pulled {
	p := &pulled{}
	w.env.UpdateWorkflow(lever.Name, id, p, order)
	return p
}

// soon is when an update of a moment has been answered.
const soon = time.Millisecond

// pullAt pulls a lever at a moment, and wants it taken.
func (w *world) pullAt(when time.Time, lever workflows.Lever, order workflows.Order) {
	var p *pulled
	w.at(when, func() { p = w.pull(lever, lever.Name+when.String(), order) })
	w.at(when.Add(soon), func() {
		if p.refused != nil || p.answer.Says == "" {
			w.Errorf("%s at %s: %+v", lever.Name, when, p)
		}
	})
}

// wantRefused pulls a lever at a moment, and wants it refused with some words.
func (w *world) wantRefused(when time.Time, lever workflows.Lever, order workflows.Order, words string) {
	var p *pulled
	w.at(when, func() { p = w.pull(lever, lever.Name+when.String(), order) })
	w.at(when.Add(soon), func() {
		if p.refused == nil || !strings.Contains(p.refused.Error(), words) {
			w.Errorf("%s at %s: %v, want it refused as %q", lever.Name, when, p.refused, words)
		}
	})
}

// tell has the PIN told, and keeps it.
func (w *world) tell(when time.Time, pin *string) {
	told := &disclosed{pin: pin}
	w.at(when, func() {
		w.env.UpdateWorkflow(workflows.UpdateDisclose.Name, "tell "+when.String(), told, workflows.Disclose{By: "test"})
	})
	w.at(when.Add(soon), func() {
		if *pin == "" {
			w.Errorf("%s: no PIN is told: %v", when, told.refused)
		}
	})
}

// disclosed is what became of a disclosure.
type disclosed struct {
	pin     *string
	refused error
}

func (d *disclosed) Accept()          {}
func (d *disclosed) Reject(err error) { d.refused = err }
func (d *disclosed) Complete(answer any, err error) {
	if disclosure, ok := answer.(workflows.Disclosure); ok {
		*d.pin = disclosure.PIN.Reveal()
	}
	d.refused = err
}

// wantOpensPIN asks the keypad for a PIN that is known only later.
func (w *world) wantOpensPIN(when time.Time, lock int64, pin *string, want bool) {
	w.at(when, func() {
		if got := w.sim.Opens(lock, *pin, when); got != want {
			w.Errorf("%s: the keypad of %d opens: %v, want %v", when, lock, got, want)
		}
	})
}

func TestLever_ReportNotWorkingDoesAllThatCanBeDoneFromAfar(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	var first, second string
	called := arrives.Add(2 * time.Hour)
	w.tell(arrives.Add(-time.Hour), &first)
	w.pullAt(called, workflows.UpdateReportNotWorking, workflows.Order{Why: "the keypad blinks red", SmartlockID: frontDoor})
	w.wantStatus(called.Add(time.Second), workflows.StatusDegraded)
	w.wantAttention(called.Add(time.Second), workflows.AttentionReported, true)
	w.at(called.Add(4*time.Minute), func() {
		report := w.view().Doors[0].Report
		for _, step := range report.Steps {
			if step.At.Before(called) || step.At.After(called.Add(3*time.Minute)) {
				t.Errorf("%s: %s", step.What, step.At)
			}
		}
	})
	w.wantAttention(called.Add(4*time.Minute), workflows.AttentionSecondPIN, true)
	w.tell(called.Add(5*time.Minute), &second)
	for _, lock := range []int64{frontDoor, flatDoor} {
		w.wantOpensPIN(called.Add(6*time.Minute), lock, &first, true)
		w.wantOpensPIN(called.Add(6*time.Minute), lock, &second, true)
	}
	w.wantRefused(called.Add(10*time.Minute), workflows.UpdateAcknowledge, workflows.Order{}, "say what: guest_is_in, has_second_pin")
	w.wantRefused(called.Add(10*time.Minute+time.Second), workflows.UpdateAcknowledge, workflows.Order{What: "looked_into"}, "cannot be acknowledged now")
	w.pullAt(called.Add(11*time.Minute), workflows.UpdateAcknowledge, workflows.Order{What: workflows.AcknowledgedSecondPIN})
	w.wantOpensPIN(called.Add(20*time.Minute), frontDoor, &first, false)
	w.wantOpensPIN(called.Add(20*time.Minute), frontDoor, &second, true)
	w.wantStatus(called.Add(time.Hour), workflows.StatusReady)
	w.at(called.Add(time.Hour), func() {
		if first == second || len(w.view().Attention) > 0 {
			t.Errorf("the second PIN is the first: %v; attention %v", first == second, w.view().Attention)
		}
	})
	w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
	w.run(generated(frontDoor, flatDoor))
}

func TestLever_ThatTheGuestIsInDeletesNoPIN(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	var first, second string
	called := arrives.Add(2 * time.Hour)
	w.tell(arrives.Add(-time.Hour), &first)
	w.pullAt(called, workflows.UpdateReportNotWorking, workflows.Order{})
	w.tell(called.Add(5*time.Minute), &second)
	w.pullAt(called.Add(10*time.Minute), workflows.UpdateAcknowledge, workflows.Order{What: workflows.AcknowledgedGuestIn})
	w.wantAttention(called.Add(11*time.Minute), workflows.AttentionReported, false)
	w.wantOpensPIN(departs.Add(-time.Hour), frontDoor, &first, true)
	w.wantOpensPIN(departs.Add(-time.Hour), frontDoor, &second, true)
	w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
	w.run(generated(frontDoor))
}

func TestLever_AReportOnHoldPromisesNoWrite(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	called := arrives.Add(2 * time.Hour)
	w.pullAt(called, workflows.UpdateHold, workflows.Order{})
	w.pullAt(called.Add(time.Minute), workflows.UpdateReportNotWorking, workflows.Order{})
	w.at(called.Add(time.Hour), func() {
		orders := w.view().Orders
		if says := orders[len(orders)-1].Answer.Says; !strings.Contains(says, "nothing is written to a lock") {
			t.Errorf("it answers %q", says)
		}
	})
	w.run(stay(frontDoor))
}

func TestLever_RotatePINReplacesOneThatWasTold(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	var first, second string
	rotated := arrives.Add(time.Hour)
	w.tell(arrives.Add(-time.Hour), &first)
	w.pullAt(rotated, workflows.UpdateRotatePIN, workflows.Order{Why: "it was posted in a group"})
	w.tell(rotated.Add(5*time.Minute), &second)
	w.wantOpensPIN(rotated.Add(10*time.Minute), frontDoor, &first, false)
	w.wantOpensPIN(rotated.Add(10*time.Minute), frontDoor, &second, true)
	w.wantStatus(rotated.Add(30*time.Minute), workflows.StatusReady)
	w.wantEmpty(departs.Add(2*time.Hour), frontDoor)
	w.run(generated(frontDoor))
}

func TestLever_RevokeNowHoldsAgainstMessagesUntilRelease(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	revoked := arrives.Add(time.Hour)
	again := stay(frontDoor)
	again.Version, again.EndsAt = workflows.NumberVersion(2), departs.Add(time.Hour)
	w.pullAt(revoked, workflows.UpdateRevokeNow, workflows.Order{Why: "a fight"})
	w.put(revoked.Add(time.Hour), again)
	w.wantOpens(revoked.Add(2*time.Hour), frontDoor, supplied, false)
	w.wantStatus(revoked.Add(3*time.Hour), workflows.StatusRevoked)
	w.pullAt(revoked.Add(4*time.Hour), workflows.UpdateStayRelease, workflows.Order{})
	w.wantOpens(revoked.Add(5*time.Hour), frontDoor, supplied, true)
	w.wantStatus(revoked.Add(5*time.Hour), workflows.StatusReady)
	w.wantEmpty(departs.Add(3*time.Hour), frontDoor)
	w.run(stay(frontDoor))
}

func TestLever_HoldStopsChangesAndNoEnding(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	held := arrives.Add(time.Hour)
	longer := stay(frontDoor)
	longer.Version, longer.EndsAt = workflows.NumberVersion(2), departs.Add(24*time.Hour)
	var writes int
	written := func() int {
		return w.asked(frontDoor, "create") + w.asked(frontDoor, "update") + w.asked(frontDoor, "delete")
	}
	w.pullAt(held, workflows.UpdateHold, workflows.Order{Why: "somebody works at the door"})
	w.at(held.Add(time.Minute), func() { writes = written() })
	w.put(held.Add(time.Hour), longer)
	w.wantStatus(held.Add(2*time.Hour), workflows.StatusOnHold)
	w.wantAttention(held.Add(2*time.Hour), workflows.AttentionOnHold, true)
	w.at(held.Add(3*time.Hour), func() {
		if more := written() - writes; more != 0 {
			t.Errorf("%d writes in a stay that is on hold", more)
		}
	})
	w.pullAt(held.Add(4*time.Hour), workflows.UpdateStayRelease, workflows.Order{})
	w.wantOpens(departs.Add(12*time.Hour), frontDoor, supplied, true)
	w.pullAt(departs.Add(13*time.Hour), workflows.UpdateHold, workflows.Order{})
	w.wantEmpty(departs.Add(27*time.Hour), frontDoor)
	w.wantStatus(departs.Add(27*time.Hour), workflows.StatusRevoked)
	w.run(stay(frontDoor))
}

func TestLever_WriteOffClosesWhatHasNoLockAnyMore(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	gone := arrives.Add(time.Hour)
	w.at(gone, func() {
		w.refuseWith(func(r *http.Request) int {
			if strings.Contains(r.URL.Path, "/smartlock/") {
				return http.StatusNotFound
			}
			return 0
		})
	})
	w.wantRefused(gone.Add(time.Hour), workflows.UpdateWriteOff, workflows.Order{}, "still wished")
	w.pullAt(gone.Add(2*time.Hour), workflows.UpdateRevokeNow, workflows.Order{})
	w.wantStatus(gone.Add(3*time.Hour), workflows.StatusRevoking)
	w.wantRefused(gone.Add(3*time.Hour), workflows.UpdateWriteOff, workflows.Order{SmartlockID: flatDoor}, "nothing of this reservation is left")
	w.pullAt(gone.Add(4*time.Hour), workflows.UpdateWriteOff, workflows.Order{Why: "stolen"})
	w.wantStatus(gone.Add(5*time.Hour), workflows.StatusRevoked)
	w.wantAttention(gone.Add(5*time.Hour), workflows.AttentionWrittenOff, true)
	w.run(stay(frontDoor))
}

func TestLever_WriteOffOfALockThatWasReplacedLeavesTheStayAsItIs(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	gone := arrives.Add(time.Hour)
	w.at(gone, func() {
		w.refuseWith(func(r *http.Request) int {
			if strings.Contains(r.URL.Path, fmt.Sprintf("/smartlock/%d", frontDoor)) {
				return http.StatusNotFound
			}
			return 0
		})
	})
	moved := stay(flatDoor)
	moved.Version = workflows.NumberVersion(2)
	w.put(gone.Add(time.Hour), moved)
	w.wantStatus(gone.Add(2*time.Hour), workflows.StatusReady)
	w.wantRefused(gone.Add(2*time.Hour), workflows.UpdateWriteOff, workflows.Order{SmartlockID: flatDoor}, "still wished on lock")
	w.pullAt(gone.Add(3*time.Hour), workflows.UpdateWriteOff, workflows.Order{SmartlockID: frontDoor, Why: "replaced"})
	w.wantAttention(gone.Add(4*time.Hour), workflows.AttentionWrittenOff, true)
	w.at(gone.Add(5*time.Hour), func() { w.refuseWith(func(*http.Request) int { return 0 }) }) // It comes back.
	w.pullAt(gone.Add(6*time.Hour), workflows.UpdateVerifyNow, workflows.Order{})
	w.wantEmpty(gone.Add(8*time.Hour), frontDoor)
	w.wantOpens(departs.Add(-time.Hour), flatDoor, supplied, true)
	w.wantStatus(departs.Add(3*time.Hour), workflows.StatusRevoked)
	w.run(stay(frontDoor))
}

func TestLever_VerifyNowReads(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	asked := arrives.Add(90 * time.Minute)
	var before int
	w.at(asked.Add(-time.Second), func() { before = w.asked(frontDoor, "list") })
	w.pullAt(asked, workflows.UpdateVerifyNow, workflows.Order{})
	w.at(asked.Add(time.Second), func() {
		if read := w.view().Doors[0].ReadAt; read.Before(asked) || w.asked(frontDoor, "list") != before+1 {
			t.Errorf("read at %s, %d times", read, w.asked(frontDoor, "list")-before)
		}
	})
	w.run(stay(frontDoor))
}

func TestLever_ThatMakesNoSenseIsRefusedInWords(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	during := arrives.Add(time.Hour)
	w.wantRefused(booked.Add(time.Minute), workflows.UpdateVerifyNow, workflows.Order{}, "nothing of this reservation is on such a lock")
	w.wantRefused(booked.Add(time.Minute), workflows.UpdateReportNotWorking, workflows.Order{}, "no PIN of this reservation is wished")
	w.wantRefused(during, workflows.UpdateReportNotWorking, workflows.Order{SmartlockID: 7}, "no PIN of this reservation is wished")
	w.wantRefused(during, workflows.UpdateRotatePIN, workflows.Order{}, "the caller's own")
	w.wantRefused(during, workflows.UpdateStayRelease, workflows.Order{}, "neither on hold nor revoked")
	w.wantRefused(during, workflows.UpdateAcknowledge, workflows.Order{}, "nothing to acknowledge")
	w.wantRefused(during, workflows.UpdateHold, workflows.Order{Why: strings.Repeat("x", 201)}, "at most 200 characters")
	w.wantRefused(departs.Add(3*time.Hour), workflows.UpdateRevokeNow, workflows.Order{}, "nobody should get in any more")
	w.at(departs.Add(4*time.Hour), func() {
		if orders := w.view().Orders; len(orders) > 0 {
			t.Errorf("what was refused is in the timeline: %+v", orders)
		}
	})
	w.run(stay(frontDoor))
}

func TestLever_OfTheSameIDIsPulledOnce(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	during := arrives.Add(time.Hour)
	var one, two, other *pulled
	order := workflows.Order{By: "operator", Why: "works"}
	w.at(during, func() { one = w.pull(workflows.UpdateHold, "hold-1", order) })
	w.at(during.Add(time.Second), func() { two = w.pull(workflows.UpdateHold, "hold-1", order) })
	w.at(during.Add(2*time.Second), func() { other = w.pull(workflows.UpdateHold, "hold-2", order) })
	w.at(during.Add(time.Minute), func() {
		if one.refused != nil || two.refused != nil || one.answer != two.answer {
			t.Errorf("the same order: %+v and %+v", one, two)
		}
		if other.refused == nil {
			t.Error("another order to hold is taken")
		}
		orders := w.view().Orders
		if len(orders) != 1 || orders[0].Lever != "hold" || orders[0].Order.Why != "works" || !orders[0].Answer.At.Equal(during) {
			t.Errorf("the timeline has %+v", orders)
		}
	})
	w.pullAt(during.Add(time.Hour), workflows.UpdateStayRelease, workflows.Order{})
	w.run(stay(frontDoor))
}

// The guest has it from wherever: a PIN that is reported is never deleted for that.
func TestLever_AReportOfAPINThatKeystayToldNobodyLeavesIt(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	called := arrives.Add(2 * time.Hour)
	var first string
	w.at(called.Add(-time.Hour), func() { first = w.sim.Snapshot(frontDoor).Table[0].PIN })
	w.pullAt(called, workflows.UpdateReportNotWorking, workflows.Order{})
	w.wantAttention(called.Add(10*time.Minute), workflows.AttentionSecondPIN, true)
	w.wantOpensPIN(departs.Add(-time.Hour), frontDoor, &first, true)
	w.run(generated(frontDoor))
}
