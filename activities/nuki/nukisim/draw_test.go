// This file is chance: whom a draw is about, and that nobody's luck depends on
// what others ask for.

package nukisim

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestEntityOf_IsTheNameUpToTheDot(t *testing.T) {
	for name, want := range map[string]string{
		"K-R123.2": "K-R123", "K-R123": "K-R123", "K-R123.2.5": "K-R123", "": "", "K": "K", ".": ".", ".K": ".K", ".K.2": ".K", "K.": "K", "ü.1": "ü",
	} {
		if got := entityOf(name); got != want {
			t.Errorf("%q stands for %q, want %q", name, got, want)
		}
	}
}

// drawn are the first draws about somebody, on a door of its own.
func drawn(t *testing.T, seed uint64, knob string, about subject) string {
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.Seed = seed })
	var all []string
	w.sim.with(door, func(l *lock) {
		for range 8 {
			all = append(all, fmt.Sprint(w.sim.draw(l, knob, about)))
		}
	})
	return strings.Join(all, " ")
}

func TestDraw_IsAFunctionOfAllThatItIsAbout(t *testing.T) {
	same := drawn(t, 1, "fail", subject{"K-R1", "create"})
	if again := drawn(t, 1, "fail", subject{"K-R1", "create"}); again != same {
		t.Errorf("the same draws give %s and %s", same, again)
	}
	for name, other := range map[string]string{
		"another seed":       drawn(t, 2, "fail", subject{"K-R1", "create"}),
		"another knob":       drawn(t, 1, "lose", subject{"K-R1", "create"}),
		"another entity":     drawn(t, 1, "fail", subject{"K-R2", "create"}),
		"another operation":  drawn(t, 1, "fail", subject{"K-R1", "update"}),
		"words run together": drawn(t, 1, "fail", subject{"K-R1c", "reate"}),
	} {
		if other == same {
			t.Errorf("%s draws the same", name)
		}
	}
}

func TestDraw_IsEven(t *testing.T) {
	const draws = 20000
	w := newWorld(t, Faults{})
	var counts [10]int
	w.sim.with(door, func(l *lock) {
		for i := range draws {
			counts[int(10*w.sim.draw(l, "fail", subject{fmt.Sprintf("K-R%d", i/2), "create"}))]++
		}
	})
	for tenth, n := range counts {
		if share := float64(n) / draws; math.Abs(share-0.1) > 0.01 {
			t.Errorf("the tenth from %d/10 is drawn %.3f of the time", tenth, share)
		}
	}
}

// unlucky is a world in which a write may have any fate of its own.
var unlucky = Faults{
	LoseAccepted: 0.2, CloudOnly: 0.2, LockOnly: 0.2, GhostDelete: 0.4, LateLanding: 0.3, LateBy: 90 * second, LeakOperation: 0.2,
	FailAfter: 0.2, Fail: 0.2, TooMany: 0.2, WebhookLost: 0.3, WebhookDoubled: 0.3, WebhookForged: 0.2, WebhookDelay: 10 * second,
	Deaf: 0.4, DeafFor: 240 * second, PendingListed: true, DeleteCancels: true, WebhookLate: 0.3, WebhookLateBy: 60 * second,
}

// fortune plays the same requests about one entry, and about another one as often as
// it is told, and answers what became of the first.
func fortune(t *testing.T, seed uint64, extra int) string {
	w := newWorld(t, unlucky, func(cfg *Config) { cfg.Seed = seed })
	answers := []int{w.create(345678)}
	opened := []bool{}
	for i := range 6 {
		for j := range extra {
			w.create(456781 + i)
			w.call("DELETE", auths(fmt.Sprintf("/nobody%d", j)), "")
		}
		w.clock.Advance(3 * time.Minute)
		if mine := byName(w.sim.Snapshot(door).Cloud, "K-345678"); mine != nil {
			answers = append(answers, w.update(mine.ID, 345678), w.call("GET", auths("/"+mine.ID), "").Code)
		}
		w.clock.Advance(3 * time.Minute)
		if mine := byName(w.sim.Snapshot(door).Cloud, "K-345678"); mine != nil {
			answers = append(answers, w.remove(mine.ID))
		}
		opened = append(opened, w.sim.Opens(door, "345678", w.clock.Now()))
		w.clock.Advance(3 * time.Minute)
		answers = append(answers, w.create(345678))
	}
	view := w.sim.Snapshot(door)
	return fmt.Sprint(answers, opened, byName(view.Cloud, "K-345678") != nil, byName(view.Table, "K-345678") != nil)
}

func byName(list []EntryView, name string) *EntryView {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func TestSim_AnExtraRequestAboutOneEntryDoesNotChangeTheFateOfAnother(t *testing.T) {
	fates := map[string]bool{}
	for seed := range uint64(30) {
		alone := fortune(t, seed, 0)
		fates[alone] = true
		for _, extra := range []int{1, 3} {
			if beside := fortune(t, seed, extra); beside != alone {
				t.Errorf("seed %d: alone %s, beside %d requests more %s", seed, alone, extra, beside)
			}
		}
	}
	if len(fates) < 20 {
		t.Errorf("30 seeds have %d fates only", len(fates))
	}
}
