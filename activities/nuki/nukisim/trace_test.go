// This file is the trace: a line for all that happens, in words that hold no
// code.

package nukisim

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// tracing collects the lines of a world.
func tracing(lines *[]string) func(*Config) {
	return func(cfg *Config) {
		cfg.Trace = func(at time.Time, lock int64, text string) {
			name := map[int64]string{0: "none", door: "door"}[lock]
			*lines = append(*lines, fmt.Sprintf("%s %s: %s", at.Sub(start), name, text))
		}
	}
}

func TestTrace_HasALineForAllThatHappens(t *testing.T) {
	steady := Faults{LatencyMin: 1000, LatencyMax: 1000}
	put := `{"name":"K-R1.1","type":13,"code":456789}`
	create := func(w *world, _ string) { w.call("PUT", auths(""), put) }
	once := func(fault string, do func(w *world, id string)) func(w *world, id string) {
		return func(w *world, id string) {
			w.sim.Once(door, fault)
			do(w, id)
		}
	}
	begins := "0s door: create of K-R1.1 begins and will land in 1s"
	sent := "1s door: webhook DEVICE_AUTHS about K-R1 is sent, for 0s"
	for _, c := range []struct {
		name string
		do   func(w *world, id string)
		want []string
	}{
		{"a create", create, []string{begins, "0s door: PUT create of K-R1.1 answered 204", sent, "1s door: create of K-R1.1 lands"}},
		{"an update", func(w *world, id string) { w.call("POST", auths("/"+id), `{"name":"K-R0.2"}`) }, []string{
			"0s door: update of K-R0.2 begins and will land in 1s", "0s door: POST update of K-R0.1 answered 204",
			"1s door: webhook DEVICE_AUTHS about K-R0 is sent, for 0s", "1s door: update of K-R0.2 lands",
		}},
		{"a delete", func(w *world, id string) { w.remove(id) }, []string{
			"0s door: delete of K-R0.1 begins and will land in 1s", "0s door: DELETE delete of K-R0.1 answered 204",
			"1s door: webhook DEVICE_AUTHS about K-R0 is sent, for 0s", "1s door: delete of K-R0.1 lands",
		}},
		{"a delete that leaves a ghost", once("ghost_delete", func(w *world, id string) { w.remove(id) }), []string{
			"0s door: delete of K-R0.1 begins and will leave a ghost in 1s", "0s door: DELETE delete of K-R0.1 answered 204",
			"1s door: delete of K-R0.1 leaves a ghost",
		}},
		{"an entry that is not listed", func(w *world, _ string) { w.remove("nobody") }, []string{"0s door: DELETE delete of an entry that is not listed answered 404"}},
		{"a code that is there", func(w *world, _ string) {
			w.call("PUT", auths(""), `{"name":"K-R2","type":13,"code":345678}`)
		}, []string{"0s door: PUT create of K-R2 answered 409"}},
		{"a create that is lost", once("lose_accepted", create), []string{
			"0s door: create of K-R1.1 begins and will be lost in 1s", "0s door: PUT create of K-R1.1 answered 204", "1s door: create of K-R1.1 is lost",
		}},
		{"one for the cloud only", once("cloud_only", create), []string{
			"0s door: create of K-R1.1 begins and will reach the cloud only in 1s", "0s door: PUT create of K-R1.1 answered 204", sent,
			"1s door: create of K-R1.1 reaches the list and not the lock",
		}},
		{"one for the lock only", once("lock_only", create), []string{
			"0s door: create of K-R1.1 begins and will reach the lock only in 1s", "0s door: PUT create of K-R1.1 answered 204",
			"1s door: create of K-R1.1 reaches the lock and not the list",
		}},
		{"one that the lock refuses", func(w *world, id string) {
			create(w, id)
			_, _ = w.sim.InApp(door, AppEdit{Name: "App", PIN: "456789"})
		}, []string{
			begins, "0s door: PUT create of K-R1.1 answered 204", "0s door: in the app: App is added",
			"0s door: webhook DEVICE_AUTHS about App is sent, for 0s", "1s door: create of K-R1.1 is refused by the lock without a word",
		}},
		{"one that leaks", once("leak_operation", create), []string{
			begins, "0s door: PUT create of K-R1.1 answered 204", "1s door: create of K-R1.1 leaves its operationId behind", sent, "1s door: create of K-R1.1 lands",
		}},
		{"one that the keypad is deaf to", once("deaf", create), []string{
			begins, "0s door: PUT create of K-R1.1 answered 204", "1s door: the keypad is deaf to K-R1.1 for 1m0s", sent, "1s door: create of K-R1.1 lands",
		}},
		{"a refusal", once("fail", create), []string{"0s door: PUT create of K-R1.1 answered 503"}},
		{"a list", func(w *world, _ string) { w.list() }, []string{"0s door: GET list answered 200"}},
		{"an entry", func(w *world, id string) { w.call("GET", auths("/"+id), "") }, []string{"0s door: GET read of K-R0.1 answered 200"}},
		{"the list of locks", func(w *world, _ string) { w.call("GET", "/smartlock", "") }, []string{"0s none: GET list_locks answered 200"}},
		{"a lock that is not there", func(w *world, _ string) { w.call("GET", "/smartlock/1", "") }, []string{"0s none: GET read_lock on an unknown lock answered 404"}},
		{"the wrong method", func(w *world, _ string) { w.call("POST", auths(""), "") }, []string{"0s none: POST on a list of entries answered 405"}},
		{"a stranger", func(w *world, _ string) {
			w.sim.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/smartlock", nil))
		}, []string{"0s none: GET without the right token answered 401"}},
		{"a sync", func(w *world, _ string) { w.sync() }, []string{
			"0s door: POST sync answered 204", "1s door: the sync heals the list",
			"1s door: webhook DEVICE_MASTERDATA about sync is sent, for 0s", "1s door: webhook DEVICE_CONFIG about sync is sent, for 0s",
		}},
		{"the connection", func(w *world, id string) {
			w.sim.SetOffline(door, true)
			create(w, id)
			w.sync()
			w.clock.Advance(2 * time.Second)
			w.sim.SetOffline(door, false)
		}, []string{
			"0s door: the connection is lost", "0s door: webhook DEVICE_STATUS about connection is sent, for 0s", begins,
			"0s door: PUT create of K-R1.1 answered 204", "0s door: POST sync answered 204", "1s door: create of K-R1.1 is dropped: the lock is offline",
			"1s door: the sync does not reach the lock", "2s door: the connection is back", "2s door: webhook DEVICE_STATUS about connection is sent, for 0s",
		}},
		{"the app", func(w *world, id string) {
			w.sim.Once(door, "webhook_lost")
			_, _ = w.sim.InApp(door, AppEdit{ID: id, Name: "App", Disable: true, PIN: "567891"})
			_, _ = w.sim.InApp(door, AppEdit{ID: id, Unrestrict: true, Enable: true})
			_, _ = w.sim.InApp(door, AppEdit{ID: id, Delete: true})
		}, []string{
			"0s door: in the app: K-R0.1 is changed renamed to App, disabled, with another code",
			"0s door: in the app: App is changed enabled, without its window", "0s door: in the app: App is deleted",
			"0s door: webhook DEVICE_AUTHS about App is lost", "0s door: webhook DEVICE_AUTHS about App is sent, for 0s",
			"0s door: webhook DEVICE_AUTHS about App is sent, for 0s",
		}},
		{"the keypad", func(w *world, _ string) {
			w.sim.Type(door, "345678")
			w.sim.Type(door, "456789")
		}, []string{
			"0s door: somebody types a code: it opens for K-R0.1", "0s door: webhook DEVICE_LOGS about keypad is sent, for 0s",
			"0s door: somebody types a code: it is refused", "0s door: webhook DEVICE_LOGS about keypad is sent, for 0s",
		}},
		{"somebody else", func(w *world, _ string) { w.sim.AddForeign(door, "Cleaner", "567891", start, start) }, []string{"0s door: somebody else's Cleaner is on lock and list"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			steady.DeafFor = 60 * second
			w := newWorld(t, steady, tracing(&lines))
			id := w.sim.AddForeign(door, "K-R0.1", "345678", start, start.Add(time.Hour))
			lines = nil
			c.do(w, id)
			w.settle()
			if got, want := strings.Join(lines, "\n"), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestTrace_TellsTheEdgesOfDisturbancesThatMatter(t *testing.T) {
	var lines []string
	w := newWorld(t, Faults{}, tracing(&lines), disturbed(
		Disturbance{after(-2 * time.Hour), after(-time.Hour), Faults{Fail: 1}},
		Disturbance{after(-time.Hour), after(time.Hour), Faults{Fail: 0.5, LateBy: 2000}},
		Disturbance{after(0), after(time.Minute), Faults{Fail: 0.25}}, // Hidden by the one above.
		Disturbance{after(2 * time.Hour), after(3 * time.Hour), Faults{Sync: SyncNoMark}},
	))
	w.sim.SetOffline(door, true)
	w.clock.Advance(4 * time.Hour)
	w.sim.Type(door, "345678")
	want := []string{
		"-1h0m0s door: a disturbance begins: late_by_ms 2000, fail 0.5", "0s door: the connection is lost",
		"0s door: webhook DEVICE_STATUS about connection is sent, for 0s", "1h0m0s door: a disturbance ends: late_by_ms 2000, fail 0.5",
		"2h0m0s door: a disturbance begins: sync no_mark", "3h0m0s door: a disturbance ends: sync no_mark",
		"4h0m0s door: somebody types a code: it is refused",
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestTrace_HoldsNoCodeAndChangesNothing(t *testing.T) {
	var lines []string
	w := newWorld(t, everything, tracing(&lines))
	play(w)
	unseen := newWorld(t, everything)
	play(unseen)
	if got, want := fmt.Sprint(w.seen(), w.clock.next), fmt.Sprint(unseen.seen(), unseen.clock.next); got != want {
		t.Errorf("traced, the world is %s, otherwise %s", got, want)
	}
	if len(lines) < 100 {
		t.Errorf("%d lines only", len(lines))
	}
	for _, line := range lines {
		if code := regexp.MustCompile(`\b[1-9]{6}\b`).FindString(line); code != "" {
			t.Errorf("there is a code in %q", line)
		}
	}
}

// play does a bit of everything, with names that hold no code.
func play(w *world) {
	for i := range 20 {
		w.note(w.call("PUT", auths(""), fmt.Sprintf(`{"name":"K-R%d.1","type":13,"code":%d}`, i, 345671+i%8)))
		w.clock.Advance(time.Minute)
		for _, e := range w.sim.Snapshot(door).Cloud {
			w.note(w.call("POST", auths("/"+e.ID), fmt.Sprintf(`{"name":%q,"code":%d}`, e.Name, 456781+i%8)))
		}
		_, _ = w.sim.InApp(door, AppEdit{Name: "App", PIN: fmt.Sprint(567891 + i%8)})
		w.sim.Type(door, "456781")
		w.clock.Advance(time.Minute)
		for _, e := range w.sim.Snapshot(door).Cloud {
			w.remove(e.ID)
		}
	}
}
