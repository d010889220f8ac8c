// This file is the knobs for what nobody knows of the real one.

package nukisim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// slow is a lock that takes 20 seconds for everything.
func slow(f Faults) Faults {
	f.LatencyMin, f.LatencyMax = 20*second, 20*second
	return f
}

func createTwice(w *world, _ string) {
	w.create(456789)
	w.create(456789)
	w.clock.Advance(time.Minute)
}

// deletePending deletes an entry that is listed before the lock has it.
func deletePending(w *world, _ string) {
	w.create(456789)
	w.clock.Advance(time.Second)
	w.remove(byPIN(w.sim.Snapshot(door).Cloud, "456789").ID)
	w.clock.Advance(time.Minute)
}

func missingEntry(w *world, _ string) {
	w.note(w.call("GET", auths("/nobody"), ""))
	w.remove("nobody")
	w.update("nobody", 456789)
}

// offlineFor creates an entry while the lock is away.
func offlineFor(away time.Duration) func(w *world, id string) {
	return func(w *world, id string) {
		w.sim.SetOffline(door, true)
		w.create(456789)
		w.clock.Advance(away)
		w.sim.SetOffline(door, false)
	}
}

// differ makes every kind of difference between the list and the lock.
func differ(w *world, id string) {
	faults := w.sim.Faults(door)
	w.sim.SetFaults(door, Faults{CloudOnly: 1})
	w.update(id, 567891)
	w.settle()
	w.create(456789)
	w.settle()
	w.sim.SetFaults(door, Faults{AppLag: 3600 * second})
	_, _ = w.sim.InApp(door, AppEdit{Name: "App", PIN: "678912"})
	w.settle()
	w.hooks = nil
	w.sim.SetFaults(door, faults)
}

var openKnobs = []knobCase{
	{"question 8: offline, a write is dropped", "offline_writes", Faults{OfflineWrites: OfflineDrops, OfflineQueues: true}, "", offlineFor(time.Minute),
		seen{"204", "345678", "345678", "status status"}},
	{"question 8: offline, a write is kept", "offline_writes", Faults{OfflineWrites: OfflineQueues}, "", offlineFor(time.Minute),
		seen{"204", "345678 456789", "345678 456789", "status status auths"}},
	{"question 8: kept until the daily sync, it is not there when the lock is back", "offline_writes", Faults{OfflineWrites: OfflineDaily}, "", offlineFor(time.Minute),
		seen{"204", "345678", "345678", "status status"}},
	{"question 8: it is there after the daily sync", "offline_writes", Faults{OfflineWrites: OfflineDaily}, "", func(w *world, id string) {
		offlineFor(time.Minute)(w, id)
		w.clock.AdvanceTo(at("2026-03-03T02:00:00Z")) // Three o'clock in Vienna.
	}, seen{"204", "345678 456789", "345678 456789", "status status auths"}},
	{"question 8: what lands when the lock is back already was never kept", "offline_writes", slow(Faults{OfflineWrites: OfflineDaily}), "", func(w *world, id string) {
		offlineFor(time.Second)(w, id)
		w.clock.Advance(time.Minute)
	}, seen{"204", "345678 456789", "345678 456789", "status status auths"}},
	{"question 12: a second create before the first has landed is taken and lost", "second_create", Faults{}, "", createTwice,
		seen{"204 204", "345678 456789", "345678 456789", "auths"}},
	{"question 12: a second create of what is listed at once is 409", "second_create", Faults{PendingListed: true}, "", createTwice,
		seen{"204 409", "345678 456789", "345678 456789", "auths"}},
	{"question 12: a second create is 409 before the first has landed", "second_create", Faults{SecondCreate: SecondConflicts}, "", createTwice,
		seen{"204 409", "345678 456789", "345678 456789", "auths"}},
	{"question 12: a second create is taken and lost though the first is listed", "second_create", Faults{SecondCreate: SecondAccepted, PendingListed: true}, "", createTwice,
		seen{"204 204", "345678 456789", "345678 456789", "auths"}},
	{"question 12: what has landed is 409 all the same", "second_create", Faults{SecondCreate: SecondAccepted}, "", func(w *world, id string) { w.create(345678) },
		seen{"409", "345678", "345678", ""}},
	{"question 13: what is missing is 404", "missing_get missing_delete", Faults{}, "", missingEntry, seen{"404 404 404", "345678", "345678", ""}},
	{"question 13: what is missing is 404, by name", "missing_get missing_delete", Faults{MissingGet: 404, MissingDelete: 404}, "", missingEntry, seen{"404 404 404", "345678", "345678", ""}},
	{"question 13: what is missing is 403", "missing_get missing_delete", Faults{MissingGet: 403, MissingDelete: 403}, "", missingEntry, seen{"403 403 404", "345678", "345678", ""}},
	{"question 13: what is missing is 204", "missing_get missing_delete", Faults{MissingGet: 204, MissingDelete: 204}, "", missingEntry, seen{"204 204 404", "345678", "345678", ""}},
	{"question 14: a new entry is listed at once, with an operation", "pending_listed", slow(Faults{PendingListed: true}), "", create456789,
		seen{"204", "345678 456789!", "345678", ""}},
	{"question 14: a new entry is listed at once, without one", "pending_without_operation", slow(Faults{PendingListed: true, PendingBare: true}), "", create456789,
		seen{"204", "345678 456789", "345678", ""}},
	{"question 14: without an operation it is listed when it lands", "pending_without_operation", Faults{PendingBare: true}, "", create456789,
		seen{"204", "345678 456789", "345678 456789", "auths"}},
	{"question 14: a new entry works before it is listed", "listed_late_ms", Faults{ListedLate: 86400 * second}, "", create456789,
		seen{"204", "345678", "345678 456789", ""}},
	{"question 14: it is listed at last", "listed_late_ms", Faults{ListedLate: 86400 * second}, "", func(w *world, id string) {
		w.create(456789)
		w.clock.Advance(24 * time.Hour)
	}, seen{"204", "345678 456789", "345678 456789", "auths"}},
	{"question 14: it is listed as it is then", "listed_late_ms app_lag_ms", Faults{ListedLate: 3600 * second, AppLag: 7200 * second}, "", func(w *world, _ string) {
		w.create(456789)
		w.settle()
		_, _ = w.sim.InApp(door, AppEdit{ID: byPIN(w.sim.Snapshot(door).Table, "456789").ID, PIN: "567891", Disable: true})
		w.clock.Advance(time.Hour)
	}, seen{"204", "345678 567891-", "345678 567891-", "auths"}},
	{"question 14: what was deleted in the app is not listed", "listed_late_ms app_lag_ms", Faults{ListedLate: 3600 * second, AppLag: 7200 * second}, "", func(w *world, _ string) {
		w.create(456789)
		w.settle()
		_, _ = w.sim.InApp(door, AppEdit{ID: byPIN(w.sim.Snapshot(door).Table, "456789").ID, Delete: true})
		w.clock.Advance(time.Hour)
	}, seen{"204", "345678", "345678", ""}},
	{"question 14: what a sync has listed is not listed twice", "listed_late_ms", Faults{ListedLate: 3600 * second}, "", func(w *world, _ string) {
		w.create(456789)
		w.settle()
		w.sync()
		w.clock.Advance(2 * time.Hour)
	}, seen{"204 204", "345678 456789", "345678 456789", "masterdata config"}},
	{"question 14: what is listed at once is told of when it lands", "listed_late_ms", Faults{ListedLate: 3600 * second, PendingListed: true}, "", create456789,
		seen{"204", "345678 456789", "345678 456789", "auths"}},
	{"question 14: an update is listed as ever", "listed_late_ms", Faults{ListedLate: 3600 * second}, "", updateTo567891, seen{"204", "567891", "567891", "auths"}},
	{"question 20: a delete of what has not landed is 423", "delete_cancels", slow(Faults{PendingListed: true}), "", deletePending,
		seen{"204 423", "345678 456789", "345678 456789", "auths"}},
	{"question 20: a delete of what shows no operation comes too early", "delete_cancels pending_without_operation", Faults{LatencyMin: 20 * second, LatencyMax: 20 * second, PendingListed: true, PendingBare: true}, "", func(w *world, id string) {
		w.create(456789)
		w.sim.SetFaults(door, Faults{LatencyMin: 1000, LatencyMax: 1000})
		w.remove(byPIN(w.sim.Snapshot(door).Cloud, "456789").ID)
		w.clock.Advance(time.Minute)
	}, seen{"204 204", "345678 456789", "345678 456789", "auths-deleted auths"}},
	{"question 20: a delete cancels what has not landed", "delete_cancels", slow(Faults{PendingListed: true, DeleteCancels: true}), "", deletePending,
		seen{"204 204", "345678", "345678", ""}},
	{"question 20: a delete that is lost cancels nothing", "delete_cancels", slow(Faults{PendingListed: true, DeleteCancels: true}), "", func(w *world, id string) {
		w.create(456789)
		w.sim.Once(door, "lose_accepted")
		w.remove(byPIN(w.sim.Snapshot(door).Cloud, "456789").ID)
		w.clock.Advance(time.Minute)
	}, seen{"204 204", "345678 456789", "345678 456789", "auths"}},
	{"question 20: what has landed is deleted as ever", "delete_cancels", Faults{DeleteCancels: true}, "", deleteIt, seen{"204", "", "", "auths-deleted"}},
	{"question 21: a sync writes the list to the lock", "sync", Faults{Sync: SyncPushes}, "", func(w *world, id string) {
		differ(w, id)
		w.sync()
	}, seen{"204 204 204", "567891 456789", "567891 456789", "masterdata config"}},
	{"question 21: such a sync leaves alone what is in flight", "sync", Faults{Sync: SyncPushes, PendingListed: true, LatencyMin: 2000, LatencyMax: 2000}, "", func(w *world, id string) {
		w.sync()
		w.clock.Advance(time.Second)
		w.update(id, 567891)
		w.create(456789)
		w.clock.Advance(time.Second)
		w.wantLists("345678! 456789!", "345678")
	}, seen{"204 204 204", "567891 456789", "567891 456789", "masterdata config auths auths"}},
	{"question 21: such a sync leaves alone what the list shows only later", "sync listed_late_ms", Faults{Sync: SyncPushes, ListedLate: 3600 * second}, "", func(w *world, id string) {
		w.create(456789)
		w.settle()
		w.sync()
		w.settle()
		w.wantLists("345678", "345678 456789")
		w.clock.Advance(time.Hour)
	}, seen{"204 204", "345678 456789", "345678 456789", "masterdata config auths"}},
	{"question 21: such a sync writes what the keypad is deaf to", "sync", Faults{Sync: SyncPushes, DeafFor: 3600 * second}, "", func(w *world, id string) {
		w.sim.Once(door, "deaf")
		w.update(id, 567891)
		w.settle()
		w.wantOpens("567891", false)
		w.sync()
		w.settle()
		w.wantOpens("567891", true)
	}, seen{"204 204", "567891", "567891", "auths masterdata config"}},
	{"question 21: such a sync writes nothing that is there", "sync", Faults{Sync: SyncPushes, DeafFor: 3600 * second}, "", func(w *world, id string) {
		w.sim.Once(door, "deaf") // It would be used up by a write.
		w.sync()
		w.settle()
		w.wantOpens("345678", true)
	}, seen{"204", "345678", "345678", "masterdata config"}},
	{"question 3: a webhook about an entry carries ids only", "webhook_ids_only", Faults{WebhookIDsOnly: true}, "", deleteIt, seen{"204", "", "", "auths-deleted"}},
	{"question 15: an operation is an object", "operation_object", Faults{OperationObject: true}, "", updateTo567891, seen{"204", "567891", "567891", "auths"}},
	{"question 16: a window that is over is taken", "window_rule", Faults{}, "", windows, seen{"204 204 400", "345678", "345678", "auths auths"}},
	{"question 16: a window that is over is taken, by name", "window_rule", Faults{WindowRule: WindowOrdered}, "", windows, seen{"204 204 400", "345678", "345678", "auths auths"}},
	{"question 16: a window that is over is refused", "window_rule", Faults{WindowRule: WindowFuture}, "", windows, seen{"204 400 400", "345678", "345678", "auths"}},
	{"question 16: any window is taken", "window_rule", Faults{WindowRule: WindowAny}, "", windows, seen{"204 204 204", "345678", "345678", "auths auths auths"}},
}

// windows sends a window, one that is over, and one that ends as it begins; none
// of them opens now.
func windows(w *world, id string) {
	for _, dates := range [][2]string{
		{"2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"}, {"2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"}, {"2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z"},
	} {
		w.note(w.call("POST", auths("/"+id), fmt.Sprintf(
			`{"allowedFromDate":%q,"allowedUntilDate":%q,"allowedWeekDays":127,"allowedFromTime":0,"allowedUntilTime":0}`, dates[0], dates[1])))
		w.settle()
		w.wantOpens("345678", false)
	}
}

func TestWebhook_OfIDsOnlyCarriesNothingElse(t *testing.T) {
	var bodies []string
	w := newWorld(t, Faults{WebhookIDsOnly: true}, func(cfg *Config) {
		cfg.Deliver = func(body []byte, _ string) { bodies = append(bodies, string(body)) }
	})
	id := w.given(345678)
	w.update(id, 456789)
	w.remove(id)
	w.settle()
	if want := fmt.Sprintf(`{"deleted":false,"feature":"DEVICE_AUTHS","smartlockAuth":{"authId":1001,"id":%q,"smartlockId":%d}}`, id, int64(door)); bodies[1] != want {
		t.Errorf("\n got %s\nwant %s", bodies[1], want)
	}
}

func TestOperationID_IsAStringOrAnObject(t *testing.T) {
	for _, object := range []bool{false, true} {
		w := newWorld(t, slow(Faults{OperationObject: object}))
		id := w.sim.AddForeign(door, "K", "345678", start, start.Add(time.Hour))
		if strings.Contains(w.call("GET", auths("/"+id), "").Body.String(), "operationId") {
			t.Error("nothing runs, and there is an operationId")
		}
		w.update(id, 456789)
		var listed struct {
			OperationID json.RawMessage `json:"operationId"`
		}
		if err := json.Unmarshal(w.call("GET", auths("/"+id), "").Body.Bytes(), &listed); err != nil {
			t.Fatal(err)
		}
		if got, want := string(listed.OperationID[:1]), map[bool]string{false: `"`, true: `{`}[object]; got != want {
			t.Errorf("the operationId is %s, want one that begins with %s", listed.OperationID, want)
		}
	}
}

func TestDailySync_IsAtThreeOClockOfTheLock(t *testing.T) {
	for _, c := range []struct {
		name, zone string
		back       time.Duration
		landed     string // 20 s after the sync
	}{
		{"the same night", "Europe/Vienna", time.Hour, "2026-03-03T02:00:20Z"},
		{"just before", "Europe/Vienna", 16*time.Hour - time.Second, "2026-03-03T02:00:20Z"},
		{"just then is too late", "Europe/Vienna", 16 * time.Hour, "2026-03-04T02:00:20Z"},
		{"elsewhere", "America/New_York", time.Hour, "2026-03-03T08:00:20Z"},
		{"over the change of the clocks", "Europe/Vienna", 26*24*time.Hour + 20*time.Hour, "2026-03-30T01:00:20Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, slow(Faults{OfflineWrites: OfflineDaily}), withLock(func(l *LockConfig) { l.TimeZone = c.zone }))
			w.sim.SetOffline(door, true)
			w.create(345678)
			w.clock.Advance(c.back)
			w.sim.SetOffline(door, false)
			w.clock.AdvanceTo(at(c.landed).Add(-1))
			w.wantLists("", "")
			w.clock.AdvanceTo(at(c.landed))
			w.wantLists("345678", "345678")
		})
	}
}

// A program that sets a knob wrongly would never see the fault.
func TestNew_PanicsAtAKnobThatCannotBeThat(t *testing.T) {
	wrong := Faults{Sync: "sometimes"}
	for name, do := range map[string]func(){
		"the simulation's": func() { New(Config{Faults: wrong, Locks: []LockConfig{{ID: door}}}) },
		"a lock's":         func() { New(Config{Locks: []LockConfig{{ID: door, Faults: &wrong}}}) },
		"a disturbance's":  func() { New(Config{Locks: []LockConfig{{ID: door, Disturbances: []Disturbance{{Faults: wrong}}}}}) },
		"one set later":    func() { New(Config{Locks: []LockConfig{{ID: door}}}).SetFaults(door, wrong) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s knob is taken", name)
				}
			}()
			do()
		}()
	}
}
