// This file tests the promise that a campaign rests on: the same seed and the
// same requests meet the same world.

package nukisim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// everything is a world in which all is likely to go wrong: every knob is turned.
var everything = Faults{
	LatencyMin: 500, LatencyMax: 8 * second, LoseAccepted: 0.1, CloudOnly: 0.1, LockOnly: 0.1, QuickSeries: 30 * second,
	ConcurrentWriters: 0.2, GhostDelete: 0.3, LateLanding: 0.2, LateBy: 90 * second, LeakOperation: 0.1, Deaf: 0.3, DeafFor: 120 * second,
	StaleList: 0.2, EmptyList: 0.1, FailAfter: 0.1, Fail: 0.1, TooMany: 0.1, RetryAfter: 5 * second, AppLag: 30 * second,
	Sync: SyncPushes, OfflineQueues: true, OfflineHidden: true, OfflineWrites: OfflineQueues, AccountLink: 2, ClockOffset: 30 * second,
	PendingListed: true, PendingBare: true, ListedLate: 20 * second, MissingGet: 403, MissingDelete: 204,
	SecondCreate: SecondAccepted, WindowRule: WindowAny, DeleteCancels: true, OperationObject: true,
	WebhookLost: 0.2, WebhookDoubled: 0.2, WebhookForged: 0.2, WebhookDelay: 10 * second, WebhookLate: 0.2, WebhookLateBy: 40 * second,
	WebhookIDsOnly: true,
}

// others are the same hour's disturbances: other modes for a while.
var others = []Disturbance{
	{after(5 * time.Minute), after(15 * time.Minute), Faults{Sync: SyncHealsLate, OfflineWrites: OfflineDaily, SecondCreate: SecondConflicts}},
	{after(10 * time.Minute), after(30 * time.Minute), Faults{LoseAccepted: 0.5, Sync: SyncNothing, ClockOffset: -60 * second, KeypadLost: true}},
	{after(22 * time.Minute), after(40 * time.Minute), Faults{Deaf: 0.9, Sync: SyncHeals, OfflineWrites: OfflineDrops, WindowRule: WindowFuture}},
}

func TestEverything_TurnsEveryKnob(t *testing.T) {
	hour := []reflect.Value{reflect.ValueOf(everything)}
	for _, disturbance := range others {
		hour = append(hour, reflect.ValueOf(disturbance.Faults))
	}
	for field := range fieldsOfFaults() {
		if !slices.ContainsFunc(hour, func(turned reflect.Value) bool { return !turned.FieldByIndex(field.Index).IsZero() }) {
			t.Errorf("%s is not turned", field.Name)
		}
	}
}

// trace plays one and the same hour and writes down all that can be seen, and all
// that the simulation says of itself.
func trace(t *testing.T, seed uint64, faults Faults) string {
	var seen strings.Builder
	w := newWorld(t, faults, disturbed(others...), func(cfg *Config) {
		cfg.Seed = seed
		cfg.Locks[0].Spells = []Spell{{start.Add(20 * time.Minute), start.Add(25 * time.Minute)}}
		cfg.Deliver = func(body []byte, signature string) { fmt.Fprintf(&seen, "webhook %s %s\n", signature, body) }
		cfg.Trace = func(at time.Time, lock int64, text string) { fmt.Fprintln(&seen, at, lock, text) }
	})
	call := func(method, path, body string) {
		answered := w.call(method, path, body)
		fmt.Fprintf(&seen, "%s %d %s\n", method, answered.Code, answered.Body)
	}
	for i := range 60 {
		code := 311111 + 1111*(i%7)
		call("PUT", auths(""), fmt.Sprintf(`{"name":"K-R%d.%d","type":13,"code":%d,%s}`, i%9, i, code, wholeWindow))
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
	for seed := range uint64(4) {
		first := trace(t, seed, everything)
		for range 2 {
			if again := trace(t, seed, everything); again != first {
				t.Fatal(firstDifference(first, again))
			}
		}
		if first == trace(t, seed+1, everything) {
			t.Error("another seed meets the same world")
		}
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
