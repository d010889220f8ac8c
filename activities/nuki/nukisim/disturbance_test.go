// This file is disturbances: when they are on, which of several wins, and that
// the lock's own faults come back.

package nukisim

import (
	"testing"
	"time"
)

func after(d time.Duration) time.Time { return start.Add(d) }

func disturbed(disturbances ...Disturbance) func(*Config) {
	return withLock(func(l *LockConfig) { l.Disturbances = disturbances })
}

func TestDisturbance_ReplacesTheKnobsThatItTurnsWhileItIsOn(t *testing.T) {
	own := Faults{Fail: 0.5, LateBy: 7, Sync: SyncNothing}
	disturbance := Disturbance{after(time.Hour), after(2 * time.Hour), Faults{Fail: 0.25, OfflineHidden: true, Sync: SyncNoMark}}
	during := Faults{Fail: 0.25, LateBy: 7, OfflineHidden: true, Sync: SyncNoMark}
	for _, c := range []struct {
		name string
		at   time.Duration
		want Faults
	}{
		{"before", time.Hour - 1, own},
		{"from its first moment", time.Hour, during},
		{"to its last", 2*time.Hour - 1, during},
		{"after", 2 * time.Hour, own},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, own, disturbed(disturbance))
			w.clock.Advance(c.at)
			w.wantFaults(c.want)
		})
	}
}

// wantFaults compares the faults that hold now.
func (w *world) wantFaults(want Faults) {
	w.Helper()
	w.sim.with(door, func(l *lock) {
		if got := *l.faultsNow(); got != want {
			w.Errorf("\n got %+v\nwant %+v", got, want)
		}
	})
}

func TestDisturbance_OfSeveralAtOnce(t *testing.T) {
	early := func(f Faults) Disturbance { return Disturbance{after(-time.Hour), after(time.Hour), f} }
	later := func(f Faults) Disturbance { return Disturbance{after(-time.Minute), after(time.Hour), f} }
	for _, c := range []struct {
		name          string
		disturbances  []Disturbance
		want          Faults
		wantAnHourOut Faults
	}{
		{"the larger chance wins, the earlier one", []Disturbance{early(Faults{Fail: 0.5}), later(Faults{Fail: 0.25})}, Faults{Fail: 0.5}, Faults{}},
		{"the larger chance wins, the later one", []Disturbance{early(Faults{Fail: 0.25}), later(Faults{Fail: 0.5})}, Faults{Fail: 0.5}, Faults{}},
		{"the longer duration wins", []Disturbance{early(Faults{LateBy: 9}), later(Faults{LateBy: 5})}, Faults{LateBy: 9}, Faults{}},
		{"the clock that is farther off wins", []Disturbance{early(Faults{ClockOffset: -9}), later(Faults{ClockOffset: 5})}, Faults{ClockOffset: -9}, Faults{}},
		{"the later mode wins", []Disturbance{early(Faults{Sync: SyncNothing}), later(Faults{Sync: SyncNoMark})}, Faults{Sync: SyncNoMark}, Faults{}},
		{"the later mode wins, listed first", []Disturbance{later(Faults{Sync: SyncNoMark}), early(Faults{Sync: SyncNothing})}, Faults{Sync: SyncNoMark}, Faults{}},
		{"of two that began together the later listed", []Disturbance{early(Faults{Sync: SyncNoMark}), early(Faults{Sync: SyncNothing})}, Faults{Sync: SyncNothing}, Faults{}},
		{"different knobs are turned together", []Disturbance{early(Faults{Fail: 0.25}), later(Faults{TooMany: 0.5, PendingListed: true})}, Faults{Fail: 0.25, TooMany: 0.5, PendingListed: true}, Faults{}},
		{"one outlasts the other", []Disturbance{early(Faults{Fail: 0.5}), {after(0), after(3 * time.Hour), Faults{Fail: 0.25}}}, Faults{Fail: 0.5}, Faults{Fail: 0.25}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{}, disturbed(c.disturbances...))
			w.wantFaults(c.want)
			w.clock.Advance(2 * time.Hour)
			w.wantFaults(c.wantAnHourOut)
		})
	}
}

func TestDisturbance_StaysWhenTheLocksOwnFaultsChange(t *testing.T) {
	w := newWorld(t, Faults{}, disturbed(Disturbance{after(time.Hour), after(2 * time.Hour), Faults{Fail: 1}}))
	w.sim.SetFaults(door, Faults{Fail: 0.5, TooMany: 0.5})
	w.wantFaults(Faults{Fail: 0.5, TooMany: 0.5})
	w.clock.Advance(90 * time.Minute)
	w.wantFaults(Faults{Fail: 1, TooMany: 0.5})
	w.sim.SetFaults(door, Faults{})
	w.wantFaults(Faults{Fail: 1})
	if got := w.sim.Faults(door); got != (Faults{}) {
		t.Errorf("the lock's own faults are %+v", got)
	}
	w.clock.Advance(time.Hour)
	w.wantFaults(Faults{})
}

func TestDisturbance_IsMetByRequests(t *testing.T) {
	w := newWorld(t, Faults{}, disturbed(Disturbance{after(time.Hour), after(2 * time.Hour), Faults{EmptyList: 1}}))
	w.given(345678)
	for range 3 {
		w.list()
		w.clock.Advance(time.Hour)
	}
	w.want(seen{answers: "list {345678} list list {345678}", cloud: "345678", table: "345678"})
}
