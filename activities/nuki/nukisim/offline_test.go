// This file is a lock without a connection: what is dropped, what is kept and
// lands late, what is told and what is hidden.

package nukisim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const second = Millis(1000)

func (w *world) lockPart(key string) bool {
	return strings.Contains(w.call("GET", fmt.Sprintf("/smartlock/%d", door), "").Body.String(), key)
}

// wantState wants words in what the lock is answered as.
func (w *world) wantState(part string) {
	w.Helper()
	if !w.lockPart(part) {
		w.Errorf("the lock is not answered with %s", part)
	}
}

func TestOffline_AKeptWriteLandsAfterANewerOne(t *testing.T) {
	w := newWorld(t, Faults{OfflineQueues: true})
	w.sim.SetOffline(door, true)
	w.create(345678)
	w.settle()
	w.sim.SetFaults(door, Faults{OfflineQueues: true, LatencyMin: 20 * second, LatencyMax: 20 * second})
	w.sim.SetOffline(door, false)
	w.sim.SetFaults(door, Faults{})
	w.create(456789)
	w.settle()
	w.wantLists("456789", "456789")
	w.settle()
	w.wantLists("456789 345678", "456789 345678")
}

func TestOffline_ALateOperationLandsAfterANewerWrite(t *testing.T) {
	w := newWorld(t, Faults{LateBy: Millis(time.Hour / time.Millisecond)})
	w.sim.Once(door, "late_landing")
	w.create(345678)
	w.settle()
	w.create(456789)
	w.settle()
	w.wantLists("456789", "456789")
	w.clock.Advance(time.Hour)
	w.wantLists("456789 345678", "456789 345678")
}

func TestOffline_AnEntryWithAKeptWriteRefusesFurtherOnes(t *testing.T) {
	w := newWorld(t, Faults{OfflineQueues: true})
	id := w.given(345678)
	w.sim.SetOffline(door, true)
	w.update(id, 456789)
	w.clock.Advance(time.Hour)
	w.update(id, 567891)
	w.remove(id)
	w.want(seen{"204 423 423", "345678!", "345678", "status"})
	w.sim.SetOffline(door, false)
	w.settle()
	w.want(seen{"204 423 423", "456789", "456789", "status status auths"})
}

func TestOffline_WhatIsKeptIsKeptThroughASecondSpell(t *testing.T) {
	w := newWorld(t, Faults{OfflineQueues: true})
	w.sim.SetOffline(door, true)
	w.create(345678)
	w.settle()
	w.sim.SetOffline(door, false)
	w.sim.SetOffline(door, true)
	w.clock.Advance(time.Hour)
	w.wantLists("", "")
	w.sim.SetOffline(door, false)
	w.settle()
	w.wantLists("345678", "345678")
}

func TestOffline_IsReportedUnlessHidden(t *testing.T) {
	for _, c := range []struct {
		name   string
		hidden bool
		state  string
		hooks  string
	}{
		{"reported", false, `"serverState":4`, "status"},
		{"hidden", true, `"serverState":0`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{OfflineHidden: c.hidden})
			w.clock.Advance(time.Hour)
			w.sim.SetOffline(door, true)
			w.sim.SetOffline(door, true)
			w.settle()
			if !w.lockPart(c.state) {
				t.Errorf("the lock does not say %s", c.state)
			}
			if got := w.seen().hooks; got != c.hooks {
				t.Errorf("webhooks %q, want %q", got, c.hooks)
			}
			if untouched := w.lockPart(`"updateDate":"2026-03-02T10:00:00.000Z"`); untouched != c.hidden {
				t.Errorf("the date of the lock's update is as before: %t", untouched)
			}
		})
	}
}

func TestOffline_TheKeypadWorksOnAndTheCloudHearsOfItLater(t *testing.T) {
	w := newWorld(t, Faults{})
	w.given(345678)
	rows := func() int {
		return strings.Count(w.call("GET", fmt.Sprintf("/smartlock/%d/log", door), "").Body.String(), `"action"`)
	}
	w.sim.SetOffline(door, true)
	w.settle()
	if !w.sim.Type(door, "345678") {
		t.Error("the keypad needs no connection")
	}
	w.settle()
	if got := rows(); got != 0 || w.seen().hooks != "status" {
		t.Errorf("the cloud knows %d rows and heard %q, want none", got, w.seen().hooks)
	}
	w.sim.SetOffline(door, false)
	if got := rows(); got != 1 {
		t.Errorf("back online the cloud knows %d rows, want 1", got)
	}
}

func TestSpells_TakeTheConnectionForATime(t *testing.T) {
	spell := func(from, until time.Duration) Spell { return Spell{start.Add(from), start.Add(until)} }
	for _, c := range []struct {
		name    string
		offline bool
		spells  []Spell
		at      time.Duration
		want    bool
	}{
		{"online at first", false, nil, 0, false},
		{"offline at first", true, nil, 0, true},
		{"before a spell", false, []Spell{spell(time.Hour, 2*time.Hour)}, 59 * time.Minute, false},
		{"in a spell", false, []Spell{spell(time.Hour, 2*time.Hour)}, time.Hour, true},
		{"after a spell", false, []Spell{spell(time.Hour, 2*time.Hour)}, 2 * time.Hour, false},
		{"in the second spell", false, []Spell{spell(time.Hour, 2*time.Hour), spell(3*time.Hour, 4*time.Hour)}, 3 * time.Hour, true},
		{"a spell that has begun", false, []Spell{spell(-time.Hour, time.Hour)}, 0, true},
		{"a spell that is over", false, []Spell{spell(-2*time.Hour, -time.Hour)}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{}, withLock(func(l *LockConfig) { l.Offline, l.Spells = c.offline, c.spells }))
			w.clock.Advance(c.at)
			if got := w.sim.Snapshot(door).Offline; got != c.want {
				t.Errorf("offline is %t, want %t", got, c.want)
			}
		})
	}
}

func TestSync_KeepsAPendingEntryWhoseOperationIsHeld(t *testing.T) {
	w := newWorld(t, Faults{OfflineQueues: true, PendingListed: true})
	w.sim.SetOffline(door, true)
	w.create(345678)
	w.settle()
	w.sim.SetFaults(door, Faults{LatencyMin: 20 * second, LatencyMax: 20 * second})
	w.sim.SetOffline(door, false)
	w.sim.SetFaults(door, Faults{})
	w.sync()
	w.settle()
	w.wantLists("345678!", "")
	w.settle()
	w.wantLists("345678", "345678")
}
