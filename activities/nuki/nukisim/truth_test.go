// This file is the truth afterwards: it must be what the keypad would have said
// then, whatever happened since.

package nukisim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func recording(cfg *Config) { cfg.Record = true }

// Every minute of an hour in which all goes wrong, the keypad is asked; the record
// must say the same afterwards.
func TestOpenedAt_IsWhatOpensSaidThen(t *testing.T) {
	clocks := disturbed(
		Disturbance{after(10 * time.Minute), after(20 * time.Minute), Faults{ClockOffset: Millis(50 * time.Hour / time.Millisecond)}},
		Disturbance{after(40 * time.Minute), after(50 * time.Minute), Faults{ClockOffset: Millis(-3 * time.Hour / time.Millisecond)}},
	)
	w := newWorld(t, everything, recording, clocks)
	pins := []string{"345678", "345679", "456789", "567891"}
	said := map[time.Time]string{}
	for i := range 60 {
		disturbDoor(w, i)
		w.clock.Advance(time.Minute)
		said[w.clock.Now()] = ask(pins, func(pin string) bool { return w.sim.Opens(door, pin, w.clock.Now()) }) + words(w.sim.Snapshot(door).Table)
		w.clock.Advance(time.Second) // The record of a moment is how that moment ended.
	}
	seen := map[string]bool{}
	for then, was := range said {
		recorded := ask(pins, func(pin string) bool { return w.sim.OpenedAt(door, pin, then) })
		if !strings.HasPrefix(was, recorded) {
			t.Errorf("at %s the keypad said %s, the record says %s", then, was, recorded)
		}
		seen[recorded] = true
	}
	if len(seen) < 4 {
		t.Errorf("the keypad said only %d different things", len(seen))
	}
}

func ask(pins []string, opens func(pin string) bool) string {
	all := make([]string, 0, len(pins))
	for _, pin := range pins {
		all = append(all, fmt.Sprintf("%s:%t", pin, opens(pin)))
	}
	return strings.Join(all, " ") + "; "
}

// disturbDoor does something to the door, something else each time.
func disturbDoor(w *world, i int) {
	table := w.sim.Snapshot(door).Table
	if len(table) == 0 || i%5 == 0 {
		w.create([]int{345678, 456789, 567891}[i%3])
		return
	}
	id := table[i%len(table)].ID
	switch i % 5 {
	case 1:
		w.update(id, 345678+i%2)
	case 2:
		_, _ = w.sim.InApp(door, AppEdit{ID: id, Disable: i%3 == 0, Enable: i%3 == 1, Unrestrict: i%3 == 2})
	case 3:
		w.sim.SetFaults(door, Faults{ClockOffset: Millis(i%2) * 3600_000 * 60})
	case 4:
		w.remove(id)
	}
}

func TestOpenedAt_ByTheStatesOfTheTable(t *testing.T) {
	w := newWorld(t, Faults{LatencyMin: 1000, LatencyMax: 1000}, recording)
	w.create(345678)
	w.clock.Advance(time.Minute)
	id := w.sim.Snapshot(door).Table[0].ID
	w.note(w.call("POST", auths("/"+id), `{"name":"K-R9.2","code":456789}`))
	w.clock.Advance(time.Minute)
	w.remove(id)
	w.clock.Advance(time.Minute)
	for _, c := range []struct {
		name          string
		at            time.Duration
		first, second bool
		held          string
	}{
		{"long before", -time.Hour, false, false, ""},
		{"just before the create lands", time.Second - 1, false, false, ""},
		{"when it lands", time.Second, true, false, "K-345678"},
		{"just before the update lands", time.Minute + time.Second - 1, true, false, "K-345678"},
		{"when the update lands", time.Minute + time.Second, false, true, "K-R9.2"},
		{"just before the delete lands", 2*time.Minute + time.Second - 1, false, true, "K-R9.2"},
		{"when the delete lands", 2*time.Minute + time.Second, false, false, ""},
		{"to this day", 3 * time.Minute, false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := after(c.at)
			if got := w.sim.OpenedAt(door, "345678", at); got != c.first {
				t.Errorf("the first code opened: %t, want %t", got, c.first)
			}
			if got := w.sim.OpenedAt(door, "456789", at); got != c.second {
				t.Errorf("the second code opened: %t, want %t", got, c.second)
			}
			if got := strings.Join(w.sim.HeldAt(door, at), " "); got != c.held {
				t.Errorf("the table held %q, want %q", got, c.held)
			}
		})
	}
}

func TestOpenedAt_PanicsWhereNoRecordIsKept(t *testing.T) {
	for name, ask := range map[string]func(s *Sim){
		"OpenedAt": func(s *Sim) { s.OpenedAt(door, "345678", start) },
		"HeldAt":   func(s *Sim) { s.HeldAt(door, start) },
	} {
		w := newWorld(t, Faults{})
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s answers what nobody recorded", name)
				}
			}()
			ask(w.sim)
		}()
	}
}

func TestTotal_CountsTheRequestsOfAllLocks(t *testing.T) {
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.Locks = append(cfg.Locks, LockConfig{ID: 7}) })
	w.create(345678)
	w.list()
	w.call("GET", "/smartlock/7/auth", "")
	w.call("GET", "/smartlock", "")
	want := "map[create:1 list:2 list_locks:1]"
	for range 2 { // Counting must not count.
		if got := fmt.Sprint(w.sim.Total()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkOpenedAt_OfALockWithALongPast(b *testing.B) {
	clock := NewVirtualClock(start)
	sim := New(Config{Clock: clock, Record: true, Locks: []LockConfig{{ID: door}}})
	for i := range 5000 {
		sim.AddForeign(door, "N", fmt.Sprint(311111+i), start, start.Add(time.Hour))
		if i >= 50 {
			first := sim.Snapshot(door).Table[0].ID
			_, _ = sim.InApp(door, AppEdit{ID: first, Delete: true})
		}
		clock.Advance(time.Minute)
	}
	b.ReportAllocs()
	for b.Loop() {
		sim.OpenedAt(door, "311111", start.Add(30*time.Minute))
	}
}

func TestOpenedBy_NamesTheEntryThatHadTheCodeThen(t *testing.T) {
	w := newWorld(t, Faults{}, recording)
	first := w.sim.AddForeign(door, "K-first", "345678", start, start.Add(time.Hour))
	w.clock.Advance(30 * time.Minute)
	w.remove(first)
	w.settle()
	w.sim.AddForeign(door, "K-second", "345678", start, start.Add(time.Hour))
	for _, c := range []struct {
		after  time.Duration
		name   string
		opened bool
	}{{10 * time.Minute, "K-first", true}, {40 * time.Minute, "K-second", true}, {2 * time.Hour, "", false}} {
		if name, opened := w.sim.OpenedBy(door, "345678", start.Add(c.after)); name != c.name || opened != c.opened {
			t.Errorf("after %s it was opened by %q, %v; want %q, %v", c.after, name, opened, c.name, c.opened)
		}
	}
}
