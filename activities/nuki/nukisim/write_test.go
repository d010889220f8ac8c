// This file is what writes do and what is refused: partial updates, full keypads,
// codes that are there already.

package nukisim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestUpdate_ClearsEachWindowFieldThatItLeavesOut(t *testing.T) {
	fields := strings.Split(wholeWindow, ",")
	for i, field := range fields {
		name := strings.Split(field, `"`)[1]
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Faults{})
			id := w.given(345678)
			rest := append(append([]string{}, fields[:i]...), fields[i+1:]...)
			w.note(w.call("POST", auths("/"+id), `{"name":"K-345678",`+strings.Join(rest, ",")+`}`))
			w.settle()
			w.want(seen{"204", "345678~", "345678~", "auths"})
			listed := w.call("GET", auths("/"+id), "").Body.String()
			for j, other := range fields {
				key := strings.Split(other, `"`)[1]
				if got := strings.Contains(listed, key); got != (j != i) {
					t.Errorf("%s is listed: %t", key, got)
				}
			}
		})
	}
}

func TestUpdate_WithoutAWindowOpensTheDoorForEver(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	w.note(w.call("POST", auths("/"+id), `{"name":"TEST-0805","code":432426}`))
	w.settle()
	w.clock.Advance(10 * 365 * 24 * time.Hour)
	w.wantOpens("432426", true)
	w.wantOpens("345678", false)
}

func TestWrite_RefusesByStatus(t *testing.T) {
	long := strings.Repeat("n", 21)
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"a code that the cloud lists", "PUT", "", `{"name":"K","type":13,"code":345678}`, 409},
		{"a code of another entry", "POST", "/{id}", `{"name":"K","code":456789}`, 409},
		{"its own code", "POST", "/{id}", `{"name":"K","code":345678}`, 204},
		{"a code in quotes", "POST", "/{id}", `{"name":"K","code":"567891"}`, 204},
		{"a name of 20 bytes", "POST", "/{id}", `{"name":"` + long[1:] + `"}`, 204},
		{"a name of 21 bytes", "POST", "/{id}", `{"name":"` + long + `"}`, 422},
		{"a new name of 21 bytes", "PUT", "", `{"name":"` + long + `","type":13,"code":567891}`, 422},
		{"no name", "PUT", "", `{"type":13,"code":567891}`, 400},
		{"no code", "PUT", "", `{"name":"K","type":13}`, 400},
		{"no type", "PUT", "", `{"name":"K","code":567891}`, 400},
		{"a code with a zero", "PUT", "", `{"name":"K","type":13,"code":567890}`, 400},
		{"a code that begins with 12", "PUT", "", `{"name":"K","type":13,"code":123456}`, 400},
		{"a code of five digits", "POST", "/{id}", `{"code":56789}`, 400},
		{"a code with a fraction", "POST", "/{id}", `{"code":567891.5}`, 400},
		{"a new code with a fraction", "PUT", "", `{"name":"K","type":13,"code":567891.5}`, 400},
		{"a code with a fraction in quotes", "POST", "/{id}", `{"code":"567891.5"}`, 400},
		{"a code with a fraction of nothing", "POST", "/{id}", `{"code":567891.0}`, 204},
		{"a code beyond all numbers", "POST", "/{id}", `{"code":1e300}`, 400},
		{"a code that is a truth", "POST", "/{id}", `{"code":true}`, 400},
		{"a code that is a list", "PUT", "", `{"name":"K","type":13,"code":[567891]}`, 400},
		{"a code that is null", "POST", "/{id}", `{"code":null}`, 204},
		{"a code of letters", "POST", "/{id}", `{"code":"secret"}`, 400},
		{"a date that is none", "POST", "/{id}", `{"allowedFromDate":"tomorrow"}`, 400},
		{"an end that is none", "POST", "/{id}", `{"allowedUntilDate":"tomorrow"}`, 400},
		{"an end before the beginning", "POST", "/{id}", `{"allowedFromDate":"2026-03-04T10:00:00Z","allowedUntilDate":"2026-03-04T10:00:00Z"}`, 400},
		{"an eighth day", "POST", "/{id}", `{"allowedWeekDays":128}`, 400},
		{"a minute too many", "POST", "/{id}", `{"allowedFromTime":1441}`, 400},
		{"a minute too few", "POST", "/{id}", `{"allowedUntilTime":-1}`, 400},
		{"not JSON", "POST", "/{id}", `{`, 400},
		{"an entry that is not there", "POST", "/nobody", `{"name":"K"}`, 404},
		{"deleting what is not there", "DELETE", "/nobody", ``, 404},
		{"creating by POST", "POST", "", `{"name":"K","type":13,"code":567891}`, 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{})
			id := w.given(345678)
			w.given(456789)
			answered := w.call(c.method, auths(strings.Replace(c.path, "{id}", id, 1)), c.body)
			if answered.Code != c.want {
				t.Errorf("got %d %s, want %d", answered.Code, answered.Body, c.want)
			}
		})
	}
}

func TestWrite_OfAnEntryWithARunningOperationIsRefused(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	w.update(id, 456789)
	w.update(id, 567891)
	w.remove(id)
	w.settle()
	w.remove(id)
	w.settle()
	w.want(seen{"204 423 423 204", "", "", "auths auths-deleted"})
}

func TestLock_RefusesSilentlyWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name     string
		capacity int
		do       func(w *world)
		want     seen
	}{
		{"a full keypad takes no new code", 1, func(w *world) { w.create(456789) }, seen{"204", "345678", "345678", ""}},
		{"a full keypad takes a changed one", 1, func(w *world) { w.update(w.sim.Snapshot(door).Table[0].ID, 456789) }, seen{"204", "456789", "456789", "auths"}},
		{"the same code twice at once: the second is refused", 0, func(w *world) { w.create(456789); w.create(456789) }, seen{"204 204", "345678 456789", "345678 456789", "auths"}},
		{"a code that the lock has and the cloud does not list", 0, func(w *world) {
			w.sim.Once(door, "lock_only")
			w.create(456789)
			w.settle()
			w.create(456789)
		}, seen{"204 204", "345678", "345678 456789", ""}},
		{"an update to a code that only the lock has", 0, func(w *world) {
			w.sim.Once(door, "lock_only")
			w.create(456789)
			w.settle()
			w.update(w.sim.Snapshot(door).Cloud[0].ID, 456789)
		}, seen{"204 204", "345678", "345678 456789", ""}},
		{"an update of what only the cloud has", 0, func(w *world) {
			w.sim.Once(door, "cloud_only")
			w.create(456789)
			w.settle()
			w.update(w.sim.Snapshot(door).Cloud[1].ID, 567891)
		}, seen{"204 204", "345678 456789", "345678", "auths"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{}, withLock(func(l *LockConfig) { l.Capacity = c.capacity }))
			w.given(345678)
			c.do(w)
			w.settle()
			w.want(c.want)
		})
	}
}

func TestLock_HoldsAHundredCodesUnlessToldOtherwise(t *testing.T) {
	w := newWorld(t, Faults{})
	for i, made := 0, 0; made < 101; i++ {
		if code := 311111 + i; !badCode(code) {
			w.create(code)
			w.settle()
			made++
		}
	}
	if got := len(w.sim.Snapshot(door).Table); got != 100 {
		t.Errorf("the keypad holds %d codes, want 100", got)
	}
}

func TestUpdate_KeepsWhatTheLockCounts(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	w.sim.Type(door, "345678")
	w.update(id, 456789)
	w.settle()
	w.sync()
	w.settle()
	listed := w.call("GET", auths("/"+id), "").Body.String()
	for _, kept := range []string{`"lockCount":1`, `"lastActiveDate":`, `"authId":`} {
		if !strings.Contains(listed, kept) {
			t.Errorf("%s is gone: %s", kept, listed)
		}
	}
}

func TestList_ByTypes(t *testing.T) {
	w := newWorld(t, Faults{})
	w.given(345678)
	for types, want := range map[string]bool{"": true, "13": true, "0, 13": true, "0,2": false} {
		got := strings.Contains(w.call("GET", auths("?types="+strings.ReplaceAll(types, " ", "%20")), "").Body.String(), "345678")
		if got != want {
			t.Errorf("types %q lists the code: %t, want %t", types, got, want)
		}
	}
}

func TestStats_CountEveryRequestAlsoRefusedOnes(t *testing.T) {
	w := newWorld(t, Faults{})
	w.create(345678)
	w.settle()
	w.list()
	w.sim.Once(door, "fail")
	w.list()
	w.sync()
	w.remove("nobody")
	w.call("GET", fmt.Sprintf("/smartlock/%d/log", door), "")
	w.call("GET", fmt.Sprintf("/smartlock/%d", door), "")
	want := "map[create:1 delete:1 list:2 log:1 read_lock:1 sync:1]"
	if got := fmt.Sprint(w.sim.Stats(door)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
