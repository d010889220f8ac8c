// This file tests that every knob does what its comment says: what becomes of a write in the
// cloud's list, in the lock's table, in webhooks and in answers.

package nukisim

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// knobCase disturbs a door that has one entry, 345678, and looks at it when all
// should have settled. Where once is set, the one-shot must do the same.
type knobCase struct {
	name   string
	knobs  string // the JSON names of what is set
	faults Faults
	once   string
	do     func(w *world, id string)
	want   seen
}

func create456789(w *world, _ string) { w.create(456789) }
func updateTo567891(w *world, id string) {
	w.update(id, 567891)
}
func deleteIt(w *world, id string) { w.remove(id) }

// healing makes the two lists differ, and then syncs.
func healing(w *world, id string) {
	faults := w.sim.Faults(door)
	w.sim.SetFaults(door, Faults{LockOnly: 1})
	w.update(id, 567891)
	w.settle()
	w.sim.SetFaults(door, faults)
	w.sync()
}

var writeKnobs = []knobCase{
	{"a create lands", "", Faults{}, "", create456789, seen{"204", "345678 456789", "345678 456789", "auths"}},
	{"an update lands", "", Faults{}, "", updateTo567891, seen{"204", "567891", "567891", "auths"}},
	{"a delete lands", "", Faults{}, "", deleteIt, seen{"204", "", "", "auths-deleted"}},
	{"an accepted create is lost", "lose_accepted", Faults{LoseAccepted: 1}, "lose_accepted", create456789, seen{"204", "345678", "345678", ""}},
	{"an accepted update is lost", "lose_accepted", Faults{LoseAccepted: 1}, "lose_accepted", updateTo567891, seen{"204", "345678", "345678", ""}},
	{"an accepted delete is lost", "lose_accepted", Faults{LoseAccepted: 1}, "lose_accepted", deleteIt, seen{"204", "345678", "345678", ""}},
	{"a create reaches the cloud only", "cloud_only", Faults{CloudOnly: 1}, "cloud_only", create456789, seen{"204", "345678 456789", "345678", "auths"}},
	{"an update reaches the cloud only", "cloud_only", Faults{CloudOnly: 1}, "cloud_only", updateTo567891, seen{"204", "567891", "345678", "auths"}},
	{"a delete reaches the cloud only", "cloud_only", Faults{CloudOnly: 1}, "cloud_only", deleteIt, seen{"204", "", "345678", "auths-deleted"}},
	{"a create reaches the lock only", "lock_only", Faults{LockOnly: 1}, "lock_only", create456789, seen{"204", "345678", "345678 456789", ""}},
	{"an update reaches the lock only", "lock_only", Faults{LockOnly: 1}, "lock_only", updateTo567891, seen{"204", "345678", "567891", ""}},
	{"a delete reaches the lock only", "lock_only", Faults{LockOnly: 1}, "lock_only", deleteIt, seen{"204", "345678", "", ""}},
	{"a pending create that reaches the lock only is listed no more", "lock_only pending_listed", Faults{LockOnly: 1, PendingListed: true}, "", create456789, seen{"204", "345678", "345678 456789", ""}},
	{"a delete leaves a ghost", "ghost_delete", Faults{GhostDelete: 1}, "ghost_delete", deleteIt, seen{"204", "345678", "345678", ""}},
	{"a ghost is for deletes only", "ghost_delete", Faults{GhostDelete: 1}, "", updateTo567891, seen{"204", "567891", "567891", "auths"}},
	{"the second of two quick updates is lost", "quick_series_ms", Faults{QuickSeries: 60000}, "", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.update(id, 678912)
	}, seen{"204 204", "567891", "567891", "auths"}},
	{"two slow updates both land", "quick_series_ms", Faults{QuickSeries: 60000}, "", func(w *world, id string) {
		w.update(id, 567891)
		w.clock.Advance(time.Minute)
		w.update(id, 678912)
	}, seen{"204 204", "678912", "678912", "auths auths"}},
	{"an update right after the create is no quick series", "quick_series_ms", Faults{QuickSeries: 60000}, "", updateTo567891, seen{"204", "567891", "567891", "auths"}},
	{"of two writers at once the second loses", "concurrent_writers", Faults{ConcurrentWriters: 1}, "concurrent_writers", func(w *world, id string) {
		w.update(id, 567891)
		w.create(456789)
	}, seen{"204 204", "567891", "567891", "auths"}},
	{"one writer after the other loses nothing", "concurrent_writers", Faults{ConcurrentWriters: 1}, "", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.create(456789)
	}, seen{"204 204", "567891 456789", "567891 456789", "auths auths"}},
	{"a write is on its way for long, and shows no operation", "late_landing late_by_ms", Faults{LateLanding: 1, LateBy: 60000}, "late_landing", updateTo567891, seen{"204", "345678", "345678", ""}},
	{"and lands late", "late_landing late_by_ms", Faults{LateLanding: 1, LateBy: 60000}, "late_landing", func(w *world, id string) {
		w.update(id, 567891)
		w.clock.Advance(time.Minute)
	}, seen{"204", "567891", "567891", "auths"}},
	{"an update leaks its operation", "leak_operation", Faults{LeakOperation: 1}, "leak_operation", updateTo567891, seen{"204", "567891!", "567891", "auths"}},
	{"a create leaks its operation", "leak_operation", Faults{LeakOperation: 1}, "leak_operation", create456789, seen{"204", "345678 456789!", "345678 456789", "auths"}},
	{"what leaks refuses further writes", "leak_operation", Faults{LeakOperation: 1}, "leak_operation", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.update(id, 678912)
		w.remove(id)
	}, seen{"204 423 423", "567891!", "567891", "auths"}},
	{"a healing sync ends a leak", "leak_operation", Faults{LeakOperation: 1}, "leak_operation", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.sync()
	}, seen{"204 204", "567891", "567891", "auths masterdata config"}},
	{"a write in flight is not there yet", "latency_min_ms latency_max_ms", Faults{LatencyMin: 11000, LatencyMax: 11000}, "", create456789, seen{"204", "345678", "345678", ""}},
	{"a new entry is listed at once", "pending_listed latency_min_ms latency_max_ms", Faults{PendingListed: true, LatencyMin: 11000, LatencyMax: 11000}, "", create456789, seen{"204", "345678 456789!", "345678", ""}},
	{"a pending create that is lost is listed no more", "pending_listed lose_accepted", Faults{PendingListed: true, LoseAccepted: 1}, "", create456789, seen{"204", "345678", "345678", ""}},
	{"a pending create that lands is listed", "pending_listed", Faults{PendingListed: true}, "", create456789, seen{"204", "345678 456789", "345678 456789", "auths"}},
}

var deafKnobs = []knobCase{
	{"a create lands and the keypad is deaf to it", "deaf deaf_for_ms", Faults{Deaf: 1, DeafFor: 60 * second}, "deaf", func(w *world, _ string) {
		w.create(456789)
		w.settle()
		w.wantOpens("345678", true)
		w.wantOpens("456789", false)
		w.sync()
	}, seen{"204 204", "345678 456789", "345678 456789", "auths masterdata config"}},
	{"an update lands and the keypad is deaf to it", "deaf deaf_for_ms", Faults{Deaf: 1, DeafFor: 60 * second}, "deaf", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.wantOpens("567891", false)
	}, seen{"204", "567891", "567891", "auths"}},
	{"a deaf keypad hears after a while", "deaf deaf_for_ms", Faults{Deaf: 1, DeafFor: 60 * second}, "deaf", func(w *world, id string) {
		w.update(id, 567891)
		w.clock.Advance(63 * time.Second)
		w.wantOpens("567891", true)
	}, seen{"204", "567891", "567891", "auths"}},
	{"a code that is removed is removed", "deaf", Faults{Deaf: 1, DeafFor: 60 * second}, "", deleteIt, seen{"204", "", "", "auths-deleted"}},
	{"what reaches the cloud only draws nothing", "deaf", Faults{Deaf: 1, DeafFor: 60 * second, CloudOnly: 1}, "", func(w *world, id string) {
		w.update(id, 567891)
		w.settle()
		w.wantOpens("345678", true)
	}, seen{"204", "567891", "345678", "auths"}},
}

var answerKnobs = []knobCase{
	{"a list as it is", "", Faults{}, "", func(w *world, _ string) { w.list() }, seen{"list {345678}", "345678", "345678", ""}},
	{"a list from before the last change", "stale_list", Faults{StaleList: 1}, "stale_list", func(w *world, _ string) {
		w.create(456789)
		w.settle()
		w.list()
	}, seen{"204 list {345678}", "345678 456789", "345678 456789", "auths"}},
	{"an empty list", "empty_list", Faults{EmptyList: 1}, "empty_list", func(w *world, _ string) { w.list() }, seen{"list", "345678", "345678", ""}},
	{"taken and answered with 503", "fail_after", Faults{FailAfter: 1}, "fail_after", create456789, seen{"503", "345678 456789", "345678 456789", "auths"}},
	{"answered with 503 and not taken", "fail", Faults{Fail: 1}, "fail", create456789, seen{"503", "345678", "345678", ""}},
	{"a read is answered with 503", "fail", Faults{Fail: 1}, "fail", func(w *world, _ string) { w.list() }, seen{"503", "345678", "345678", ""}},
	{"too many, and no word of when", "too_many", Faults{TooMany: 1}, "too_many", create456789, seen{"429", "345678", "345678", ""}},
	{"too many, and when to come again", "too_many retry_after_ms", Faults{TooMany: 1, RetryAfter: 1500}, "too_many", create456789, seen{"429/2", "345678", "345678", ""}},
}

var syncKnobs = []knobCase{
	{"a sync heals and leaves a mark", "sync", Faults{}, "", healing, seen{"204 204", "567891", "567891", "masterdata config"}},
	{"a sync that heals, by name", "sync", Faults{Sync: SyncHeals}, "", healing, seen{"204 204", "567891", "567891", "masterdata config"}},
	{"a sync leaves its mark before it heals", "sync", Faults{Sync: SyncHealsLate}, "", healing, seen{"204 204", "345678", "567891", "masterdata config"}},
	{"a sync heals late", "sync", Faults{Sync: SyncHealsLate}, "", func(w *world, id string) {
		healing(w, id)
		w.clock.Advance(5 * time.Minute)
	}, seen{"204 204", "567891", "567891", "masterdata config"}},
	{"a sync does nothing but say so", "sync", Faults{Sync: SyncNothing}, "", healing, seen{"204 204", "345678", "567891", "masterdata config"}},
	{"a sync heals and leaves no mark", "sync", Faults{Sync: SyncNoMark}, "", healing, seen{"204 204", "567891", "567891", ""}},
	{"a sync keeps what is in flight", "sync latency_min_ms latency_max_ms", Faults{LatencyMin: 3000, LatencyMax: 3000, PendingListed: true}, "", func(w *world, id string) {
		w.sync()
		w.clock.Advance(time.Second)
		w.update(id, 567891)
		w.create(456789)
		w.clock.Advance(2 * time.Second)
		w.note(w.call("DELETE", auths("/"+id), ""))
	}, seen{"204 204 204 423", "567891 456789", "567891 456789", "masterdata config auths auths"}},
}

var connectionKnobs = []knobCase{
	{"offline, a write is dropped", "offline_queues", Faults{}, "", func(w *world, _ string) {
		w.sim.SetOffline(door, true)
		w.create(456789)
		w.settle()
		w.sim.SetOffline(door, false)
	}, seen{"204", "345678", "345678", "status status"}},
	{"offline, a write is kept", "offline_queues", Faults{OfflineQueues: true}, "", func(w *world, _ string) {
		w.sim.SetOffline(door, true)
		w.create(456789)
		w.settle()
		w.sim.SetOffline(door, false)
	}, seen{"204", "345678 456789", "345678 456789", "status status auths"}},
	{"offline, a sync comes to nothing", "sync", Faults{}, "", func(w *world, _ string) {
		w.sim.SetOffline(door, true)
		w.sync()
	}, seen{"204", "345678", "345678", "status"}},
	{"offline and hidden, no word of it", "offline_hidden", Faults{OfflineHidden: true}, "", func(w *world, _ string) {
		w.sim.SetOffline(door, true)
		w.create(456789)
	}, seen{"204", "345678", "345678", ""}},
	{"offline by a broken link to the account, it says so", "account_link", Faults{AccountLink: 1}, "", func(w *world, _ string) {
		w.sim.SetOffline(door, true)
		w.create(456789)
		w.wantState(`"serverState":1`)
	}, seen{"204", "345678", "345678", "status"}},
	{"without its keypad a lock refuses codes, and no PIN opens", "keypad_lost", Faults{KeypadLost: true}, "", func(w *world, _ string) {
		w.create(456789)
		w.wantOpens("345678", false)
		w.wantState(`"keypad2Paired":false`)
	}, seen{"400", "345678", "345678", ""}},
	{"an edit in the app shows later", "app_lag_ms", Faults{AppLag: 60000}, "", func(w *world, id string) {
		_, _ = w.sim.InApp(door, AppEdit{ID: id, Disable: true})
	}, seen{"", "345678", "345678-", ""}},
	{"a clock that is ahead opens early and closes early", "clock_offset_ms", Faults{ClockOffset: Millis(49 * time.Hour / time.Millisecond)}, "", func(w *world, _ string) {
		w.wantOpens("345678", false)
	}, seen{"", "345678", "345678", ""}},
}

var webhookKnobs = []knobCase{
	{"a webhook is lost", "webhook_lost", Faults{WebhookLost: 1}, "webhook_lost", create456789, seen{"204", "345678 456789", "345678 456789", ""}},
	{"a webhook comes twice", "webhook_doubled", Faults{WebhookDoubled: 1}, "webhook_doubled", create456789, seen{"204", "345678 456789", "345678 456789", "auths auths"}},
	{"a forged one comes beside the true one", "webhook_forged", Faults{WebhookForged: 1}, "webhook_forged", create456789, seen{"204", "345678 456789", "345678 456789", "auths auths-forged"}},
	{"a webhook is on its way for long", "webhook_delay_ms", Faults{WebhookDelay: 60000}, "", create456789, seen{"204", "345678 456789", "345678 456789", ""}},
	{"a webhook comes late, at most after twice the delay", "webhook_delay_ms", Faults{WebhookDelay: 60000}, "", func(w *world, id string) {
		w.create(456789)
		w.clock.Advance(2*time.Minute + 3*time.Second)
	}, seen{"204", "345678 456789", "345678 456789", "auths"}},
}

var lateWebhookKnobs = []knobCase{
	{"a webhook comes late", "webhook_late webhook_late_by_ms", Faults{WebhookLate: 1, WebhookLateBy: 3600 * second}, "webhook_late", create456789, seen{"204", "345678 456789", "345678 456789", ""}},
	{"a late webhook comes", "webhook_late webhook_late_by_ms", Faults{WebhookLate: 1, WebhookLateBy: 3600 * second}, "webhook_late", func(w *world, _ string) {
		w.create(456789)
		w.clock.Advance(time.Hour)
	}, seen{"204", "345678 456789", "345678 456789", "auths"}},
	{"a late webhook is overtaken", "webhook_late webhook_late_by_ms", Faults{WebhookLateBy: 30 * second}, "", func(w *world, id string) {
		w.sim.Once(door, "webhook_late")
		w.create(456789)
		w.settle()
		w.remove(id)
		w.clock.Advance(time.Minute)
	}, seen{"204 204", "456789", "456789", "auths-deleted auths"}},
}

var knobCases = slices.Concat(writeKnobs, deafKnobs, openKnobs, answerKnobs, syncKnobs, connectionKnobs, webhookKnobs, lateWebhookKnobs)

func TestFaults_EachKnobDoesWhatItSays(t *testing.T) {
	for _, c := range knobCases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.faults)
			c.do(w, w.given(345678))
			w.settle()
			w.want(c.want)
		})
	}
}

func TestOnce_DoesWhatTheKnobDoesAndIsUsedUp(t *testing.T) {
	for _, c := range knobCases {
		if c.once == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{LateBy: c.faults.LateBy, RetryAfter: c.faults.RetryAfter, DeafFor: c.faults.DeafFor, WebhookLateBy: c.faults.WebhookLateBy})
			id := w.given(345678)
			w.sim.Once(door, c.once)
			c.do(w, id)
			w.settle()
			w.want(c.want)
			if armed := w.sim.Snapshot(door).Once[c.once]; armed != 0 {
				t.Errorf("%s is armed %d times still", c.once, armed)
			}
			w.answers = nil
			w.create(789123)
			w.clock.Advance(time.Hour)
			view := w.sim.Snapshot(door)
			if byPIN(view.Cloud, "789123") == nil || byPIN(view.Table, "789123") == nil {
				t.Errorf("the write after it did not land: %+v", w.seen())
			}
		})
	}
}

func byPIN(list []EntryView, pin string) *EntryView {
	for i := range list {
		if list[i].PIN == pin {
			return &list[i]
		}
	}
	return nil
}

func TestOnce_CountsHowOftenItWasAskedFor(t *testing.T) {
	w := newWorld(t, Faults{})
	w.sim.Once(door, "fail")
	w.sim.Once(door, "fail")
	for range 3 {
		w.list()
	}
	w.want(seen{answers: "503 503 list"})
}

func TestOnce_PanicsAtANameThatNoChanceHas(t *testing.T) {
	w := newWorld(t, Faults{})
	defer func() {
		if recover() == nil {
			t.Error("a misspelt fault would never happen, and nobody would know")
		}
	}()
	w.sim.Once(door, "lose_acepted")
}

// The wire names of the chances are written twice; this holds them together.
func TestChances_AreThoseOfFaults(t *testing.T) {
	var fields []string
	for field := range fieldsOfFaults() {
		if field.Type.Kind() == reflect.Float64 {
			fields = append(fields, wireName(field))
		}
	}
	slices.Sort(fields)
	listed := slices.Sorted(slices.Values(chances))
	if !slices.Equal(fields, listed) {
		t.Errorf("chances are %v, the fields of Faults %v", listed, fields)
	}
}

func TestFaults_EveryKnobHasACase(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range knobCases {
		for _, knob := range strings.Fields(c.knobs) {
			covered[knob] = true
		}
	}
	for field := range fieldsOfFaults() {
		if name := wireName(field); !covered[name] {
			t.Errorf("no case turns %s", name)
		}
	}
}

func fieldsOfFaults() func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[Faults]()) {
			if !yield(field) {
				return
			}
		}
	}
}

func wireName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
