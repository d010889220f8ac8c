// This file tests what is known in advance, and the truth afterwards.

package nukisim

import (
	"testing"
	"time"
)

func TestDisturbance_IsOnInItsTimeOnly(t *testing.T) {
	start := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	clock := NewVirtualClock(start)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	sim := New(Config{Clock: clock, Faults: Faults{Fail: 0.1, Sync: SyncNoMark}, Locks: []LockConfig{{ID: door, Disturbances: []Disturbance{
		{From: hour(1), Until: hour(4), Faults: Faults{Fail: 0.5, LoseAccepted: 0.3}},
		{From: hour(2), Until: hour(3), Faults: Faults{Fail: 0.2, LoseAccepted: 0.7, Sync: SyncNothing, PendingListed: true}},
	}}}})
	for _, c := range []struct {
		at   int
		want Faults
	}{
		{0, Faults{Fail: 0.1, Sync: SyncNoMark}},
		{1, Faults{Fail: 0.5, LoseAccepted: 0.3, Sync: SyncNoMark}},
		{2, Faults{Fail: 0.5, LoseAccepted: 0.7, Sync: SyncNothing, PendingListed: true}},
		{3, Faults{Fail: 0.5, LoseAccepted: 0.3, Sync: SyncNoMark}},
		{4, Faults{Fail: 0.1, Sync: SyncNoMark}},
	} {
		clock.AdvanceTo(hour(c.at))
		if got := sim.locks[door].faults; got != c.want {
			t.Errorf("after %d hours the knobs are %+v, want %+v", c.at, got, c.want)
		}
	}
	clock.AdvanceTo(hour(2))
	if own := sim.Faults(door); own != (Faults{Fail: 0.1, Sync: SyncNoMark}) {
		t.Errorf("a disturbance changed the lock's own knobs to %+v", own)
	}
}

func TestOpenedAt_RemembersWhatTheDoorDid(t *testing.T) {
	w := newWorld(t, Faults{})
	w.sim.cfg.Record = true
	id := w.given(345678)
	before := w.clock.Now()
	w.clock.Advance(time.Hour)
	w.remove(id)
	w.clock.Advance(time.Hour)
	for _, c := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"before it was recorded", before.Add(-time.Hour), false},
		{"while it was there", before.Add(30 * time.Minute), true},
		{"after it was removed", w.clock.Now(), false},
	} {
		if got := w.sim.OpenedAt(door, "345678", c.at); got != c.want {
			t.Errorf("%s: opened %v, want %v", c.name, got, c.want)
		}
	}
	if held := w.sim.HeldAt(door, before.Add(time.Minute)); len(held) != 1 {
		t.Errorf("the lock held %v, want one name", held)
	}
	if total := w.sim.Total(); total["delete"] != 1 {
		t.Errorf("counted %v, want one delete", total)
	}
}

// A strategy that asks more about one entry must not change what happens to
// another: else two strategies would not have met the same world.
func TestDraws_OfOneEntryDoNotDependOnAnother(t *testing.T) {
	fates := func(extra int) string {
		w := newWorld(t, Faults{LoseAccepted: 0.5})
		id := w.given(345678)
		for n := range 12 {
			for range extra {
				w.update(id, 567891)
				w.settle()
			}
			w.create(411111 + n)
			w.settle()
		}
		found := ""
		for n := range 12 {
			if byCode(w.sim.locks[door].table, 411111+n) != nil {
				found += "+"
			} else {
				found += "-"
			}
		}
		return found
	}
	if alone, beside := fates(0), fates(3); alone != beside || alone == "++++++++++++" {
		t.Errorf("creates ended %s, and beside updates of another entry %s", alone, beside)
	}
}
