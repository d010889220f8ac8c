// This file asks the keypad the only question that matters, by every part of a
// window.

package nukisim

import (
	"testing"
	"time"
)

func at(text string) time.Time {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return parsed
}

func number(n int) *int { return &n }

func moment(text string) *time.Time {
	parsed := at(text)
	return &parsed
}

// onLock makes a door whose keypad obeys one entry, 345678.
func onLock(t *testing.T, e entry, faults Faults, changes ...func(*Config)) *world {
	w := newWorld(t, faults, changes...)
	e.id, e.name, e.code = "entry", "K", 345678
	w.sim.with(door, func(l *lock) { l.setTable([]*entry{&e}) })
	return w
}

func TestOpens_ByTheEdgesOfTheWindow(t *testing.T) {
	stay := window{
		from: moment("2026-03-02T14:00:00Z"), until: moment("2026-03-04T10:00:00Z"),
		weekDays: number(127), fromTime: number(0), untilTime: number(0),
	}
	for _, c := range []struct {
		name   string
		window window
		at     string
		want   bool
	}{
		{"before it begins", stay, "2026-03-02T13:59:59.999Z", false},
		{"from is in it", stay, "2026-03-02T14:00:00Z", true},
		{"in the midst", stay, "2026-03-03T14:00:00Z", true},
		{"until the last moment", stay, "2026-03-04T09:59:59.999Z", true},
		{"until is not in it", stay, "2026-03-04T10:00:00Z", false},
		{"no window at all", window{}, "1999-01-01T00:00:00Z", true},
		{"only an end, before", window{until: stay.until}, "1999-01-01T00:00:00Z", true},
		{"only an end, after", window{until: stay.until}, "2026-03-04T10:00:00Z", false},
		{"only a beginning, before", window{from: stay.from}, "2026-03-02T13:00:00Z", false},
		{"only a beginning, after", window{from: stay.from}, "2099-01-01T00:00:00Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := onLock(t, entry{enabled: true, window: c.window}, Faults{})
			if got := w.sim.Opens(door, "345678", at(c.at)); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

// 2 March 2026 is a Monday. Vienna is an hour ahead of UTC, New York five behind.
func TestOpens_ByWeekDaysAndTimesInTheLocksZone(t *testing.T) {
	const monday, sunday = 64, 1
	days := func(n int) window { return window{weekDays: number(n)} }
	times := func(from, until int) window { return window{fromTime: number(from), untilTime: number(until)} }
	for _, c := range []struct {
		name   string
		zone   string
		window window
		at     string
		want   bool
	}{
		{"Monday", "Europe/Vienna", days(monday), "2026-03-02T12:00:00Z", true},
		{"not Sunday", "Europe/Vienna", days(sunday), "2026-03-02T12:00:00Z", false},
		{"Sunday", "Europe/Vienna", days(sunday), "2026-03-01T12:00:00Z", true},
		{"Sunday in UTC is Monday in Vienna", "Europe/Vienna", days(monday), "2026-03-01T23:30:00Z", true},
		{"Monday in UTC is Sunday in New York", "America/New_York", days(monday), "2026-03-02T02:00:00Z", false},
		{"no day", "Europe/Vienna", days(0), "2026-03-02T12:00:00Z", false},
		{"every day", "Europe/Vienna", days(127), "2026-03-02T12:00:00Z", true},
		{"just before eight", "Europe/Vienna", times(8*60, 20*60), "2026-03-02T06:59:59Z", false},
		{"eight", "Europe/Vienna", times(8*60, 20*60), "2026-03-02T07:00:00Z", true},
		{"just before twenty", "Europe/Vienna", times(8*60, 20*60), "2026-03-02T18:59:59Z", true},
		{"twenty", "Europe/Vienna", times(8*60, 20*60), "2026-03-02T19:00:00Z", false},
		{"eight is another moment in summer", "Europe/Vienna", times(8*60, 20*60), "2026-07-02T06:00:00Z", true},
		{"over midnight, evening", "Europe/Vienna", times(22*60, 6*60), "2026-03-02T22:00:00Z", true},
		{"over midnight, noon", "Europe/Vienna", times(22*60, 6*60), "2026-03-02T11:00:00Z", false},
		{"both zero is no limit", "Europe/Vienna", times(0, 0), "2026-03-02T11:00:00Z", true},
		{"a zone that does not exist is UTC", "Nowhere/Land", times(8*60, 20*60), "2026-03-02T08:00:00Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := onLock(t, entry{enabled: true, window: c.window}, Faults{}, withLock(func(l *LockConfig) { l.TimeZone = c.zone }))
			if got := w.sim.Opens(door, "345678", at(c.at)); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestOpens_ByTheLocksOwnClock(t *testing.T) {
	stay := window{from: moment("2026-03-02T14:00:00Z"), until: moment("2026-03-02T16:00:00Z")}
	hour := Millis(time.Hour / time.Millisecond)
	for _, c := range []struct {
		name   string
		offset Millis
		at     string
		want   bool
	}{
		{"an hour ahead opens an hour early", hour, "2026-03-02T13:00:00Z", true},
		{"and closes an hour early", hour, "2026-03-02T15:00:00Z", false},
		{"an hour behind opens an hour late", -hour, "2026-03-02T14:59:59Z", false},
		{"and closes an hour late", -hour, "2026-03-02T16:59:59Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := onLock(t, entry{enabled: true, window: stay}, Faults{ClockOffset: c.offset})
			if got := w.sim.Opens(door, "345678", at(c.at)); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestOpens_OnlyForAnEnabledCodeOnAKeypad(t *testing.T) {
	for _, c := range []struct {
		name     string
		enabled  bool
		noKeypad bool
		pin      string
		want     bool
	}{
		{"the code", true, false, "345678", true},
		{"disabled", false, false, "345678", false},
		{"no keypad", true, true, "345678", false},
		{"another code", true, false, "345679", false},
		{"nothing", true, false, "", false},
		{"letters", true, false, "open!!", false},
		{"a sign is no key", true, false, "+345678", false},
		{"nor is a leading zero", true, false, "0345678", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := onLock(t, entry{enabled: c.enabled}, Faults{}, withLock(func(l *LockConfig) { l.NoKeypad = c.noKeypad }))
			w.wantOpens(c.pin, c.want)
			if typed := w.sim.Type(door, c.pin); typed != c.want {
				t.Errorf("typing %q opens is %t, want %t", c.pin, typed, c.want)
			}
		})
	}
}

func TestOpens_GoesByTheLockAndNotByTheCloud(t *testing.T) {
	w := newWorld(t, Faults{CloudOnly: 1})
	w.create(345678)
	w.settle()
	w.wantOpens("345678", false)
	w.sim.SetFaults(door, Faults{LockOnly: 1})
	w.create(456789)
	w.settle()
	w.wantOpens("456789", true)
	w.wantLists("345678", "456789")
}
