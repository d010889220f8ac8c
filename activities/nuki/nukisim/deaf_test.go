// This file is the fault that no call can see: a keypad that is deaf to an entry.

package nukisim

import (
	"testing"
	"time"
)

// deafDoor has one entry, 345678, to which the keypad is deaf for ten minutes.
func deafDoor(t *testing.T) (w *world, id string) {
	w = newWorld(t, Faults{DeafFor: 600 * second, LatencyMin: 1000, LatencyMax: 1000}, recording)
	w.sim.Once(door, "deaf")
	w.create(345678)
	w.settle()
	w.answers = nil
	return w, w.sim.Snapshot(door).Table[0].ID
}

func TestDeaf_EndsWhenItsTimeHasPassedSinceTheLanding(t *testing.T) {
	w, _ := deafDoor(t)
	landed := time.Second
	for _, c := range []struct {
		at   time.Duration
		want bool
	}{{landed, false}, {landed + 10*time.Minute - 1, false}, {landed + 10*time.Minute, true}} {
		if got := w.sim.Opens(door, "345678", after(c.at)); got != c.want {
			t.Errorf("after %s the keypad opens: %t, want %t", c.at, got, c.want)
		}
		if got := w.sim.OpenedAt(door, "345678", after(c.at)); got != c.want {
			t.Errorf("after %s the keypad opened: %t, want %t", c.at, got, c.want)
		}
	}
}

func TestDeaf_CannotBeSeenFromAfar(t *testing.T) {
	w, id := deafDoor(t)
	heard := newWorld(t, Faults{LatencyMin: 1000, LatencyMax: 1000})
	heard.create(345678)
	heard.settle()
	for _, path := range []string{auths(""), auths("/" + id)} {
		if got, want := w.call("GET", path, "").Body.String(), heard.call("GET", path, "").Body.String(); got != want {
			t.Errorf("%s says %s, where the keypad hears %s", path, got, want)
		}
	}
	if w.sim.Type(door, "345678") {
		t.Error("the keypad obeys an entry that it is deaf to")
	}
	if rows := w.log(""); len(rows) != 1 || rows[0].State != 224 {
		t.Errorf("the log says %+v, want one refusal", rows)
	}
}

func TestDeaf_WhatEndsItEarly(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, id string)
		want bool
	}{
		{"nothing", func(*world, string) {}, false},
		{"a sync does not", func(w *world, _ string) { w.sync() }, false},
		{"a further write does", func(w *world, id string) { w.update(id, 345678) }, true},
		{"a further write that is drawn deaf too does not", func(w *world, id string) {
			w.sim.Once(door, "deaf")
			w.update(id, 345678)
		}, false},
		{"a further write that is lost does not", func(w *world, id string) {
			w.sim.Once(door, "lose_accepted")
			w.update(id, 345678)
		}, false},
		{"a further write after a sync does", func(w *world, id string) {
			w.sync()
			w.settle()
			w.update(id, 345678)
		}, true},
		{"an edit in the app does", func(w *world, id string) { _, _ = w.sim.InApp(door, AppEdit{ID: id, Name: "App"}) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, id := deafDoor(t)
			c.do(w, id)
			w.settle()
			w.wantOpens("345678", c.want)
		})
	}
}

func TestState_ShowsADeafEntryAsShut(t *testing.T) {
	w, _ := deafDoor(t)
	w.sync()
	w.settle()
	if view := w.sim.Snapshot(door); view.Table[0].Open || !view.Cloud[0].Open {
		t.Errorf("the keypad's side is open: %t, the cloud's: %t, want the cloud's only", view.Table[0].Open, view.Cloud[0].Open)
	}
}
