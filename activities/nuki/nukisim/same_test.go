// This file holds the promise that a campaign rests on: the same seed and the
// same requests meet the same world.

package nukisim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// everything is a world in which all is likely to go wrong.
var everything = Faults{
	LoseAccepted: 0.15, CloudOnly: 0.15, LockOnly: 0.15, QuickSeries: 30 * second, ConcurrentWriters: 0.2, GhostDelete: 0.3,
	LateLanding: 0.2, LateBy: 90 * second, LeakOperation: 0.1, StaleList: 0.2, EmptyList: 0.1, FailAfter: 0.1, Fail: 0.1,
	TooMany: 0.1, RetryAfter: 5 * second, OfflineQueues: true, AppLag: 30 * second, WebhookLost: 0.2, WebhookDoubled: 0.2,
	WebhookForged: 0.2, WebhookDelay: 10 * second, Deaf: 0.3, DeafFor: 120 * second,
}

// trace plays one and the same hour and writes down all that can be seen.
func trace(t *testing.T, seed uint64, faults Faults) string {
	var seen strings.Builder
	w := newWorld(t, faults, func(cfg *Config) {
		cfg.Seed = seed
		cfg.Locks[0].Spells = []Spell{{start.Add(20 * time.Minute), start.Add(25 * time.Minute)}}
		cfg.Deliver = func(body []byte, signature string) { fmt.Fprintf(&seen, "webhook %s %s\n", signature, body) }
	})
	call := func(method, path, body string) {
		answered := w.call(method, path, body)
		fmt.Fprintf(&seen, "%s %d %s\n", method, answered.Code, answered.Body)
	}
	for i := range 60 {
		code := 311111 + 1111*(i%7)
		call("PUT", auths(""), fmt.Sprintf(`{"name":"K-%d","type":13,"code":%d,%s}`, i, code, wholeWindow))
		w.clock.Advance(20 * time.Second)
		call("GET", auths(""), "")
		if list := w.sim.Snapshot(door).Cloud; len(list) > 0 {
			call("POST", auths("/"+list[i%len(list)].ID), fmt.Sprintf(`{"name":"U-%d","code":%d}`, i, code+1))
			call("DELETE", auths("/"+list[(i+1)%len(list)].ID), "")
		}
		_, _ = w.sim.InApp(door, AppEdit{Name: "App", PIN: fmt.Sprint(code + 2)})
		call("POST", fmt.Sprintf("/smartlock/%d/sync", door), "")
		w.sim.Type(door, fmt.Sprint(code))
		w.clock.Advance(40 * time.Second)
		fmt.Fprintf(&seen, "%+v\n", words(w.sim.Snapshot(door).Table))
	}
	return seen.String()
}

func TestSim_SameSeedAndSameRequestsMeetTheSameWorld(t *testing.T) {
	first := trace(t, 7, everything)
	for range 3 {
		if again := trace(t, 7, everything); again != first {
			t.Fatal(firstDifference(first, again))
		}
	}
	if first == trace(t, 8, everything) {
		t.Error("another seed meets the same world")
	}
}

func TestSim_ADoorsLuckDoesNotDependOnItsNeighbours(t *testing.T) {
	const other = door + 1
	lists := func(busy bool) string {
		w := newWorld(t, Faults{LoseAccepted: 0.5}, func(cfg *Config) { cfg.Locks = append(cfg.Locks, LockConfig{ID: other}) })
		for i := range 8 {
			if busy {
				w.call("PUT", fmt.Sprintf("/smartlock/%d/auth", other), fmt.Sprintf(`{"name":"N","type":13,"code":%d}`, 456781+i))
			}
			w.create(345671 + i)
			w.settle()
		}
		return w.seen().table
	}
	if alone, beside := lists(false), lists(true); alone != beside {
		t.Errorf("alone %s, beside a busy door %s", alone, beside)
	}
}

func firstDifference(a, b string) string {
	linesA, linesB := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(linesA), len(linesB)) {
		if linesA[i] != linesB[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i, linesA[i], linesB[i])
		}
	}
	return "one trace is longer"
}
