// This file is the two clocks.

package nukisim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestVirtualClock_CallsInOrderOfTimeThenOfRequest(t *testing.T) {
	clock := NewVirtualClock(start)
	var got []string
	call := func(d time.Duration, name string) func() {
		return clock.AfterFunc(d, func() {
			got = append(got, fmt.Sprintf("%s@%s", name, clock.Now().Sub(start)))
		})
	}
	call(3*time.Second, "late")
	call(time.Second, "a")
	call(time.Second, "b")
	call(-time.Hour, "past")
	call(2*time.Second, "stopped")()
	clock.AfterFunc(time.Second, func() { call(time.Second, "nested"); call(0, "now") })
	clock.Advance(2 * time.Second)
	if want := "past@0s a@1s b@1s now@1s nested@2s"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if now := clock.Now(); !now.Equal(start.Add(2 * time.Second)) {
		t.Errorf("it is %s", now)
	}
}

func TestVirtualClock_NeverMovesBack(t *testing.T) {
	clock := NewVirtualClock(start)
	clock.AdvanceTo(start.Add(-time.Hour))
	if !clock.Now().Equal(start) {
		t.Errorf("it is %s, want %s", clock.Now(), start)
	}
}

func TestVirtualClock_NextIsTheNextCallThatWillBe(t *testing.T) {
	clock := NewVirtualClock(start)
	if _, ok := clock.Next(); ok {
		t.Error("nothing is due")
	}
	stop := clock.AfterFunc(time.Second, func() {})
	clock.AfterFunc(2*time.Second, func() {})
	if at, ok := clock.Next(); !ok || !at.Equal(start.Add(time.Second)) {
		t.Errorf("next is %s, %t", at, ok)
	}
	stop()
	if at, ok := clock.Next(); !ok || !at.Equal(start.Add(2*time.Second)) {
		t.Errorf("after a stop next is %s, %t", at, ok)
	}
	clock.Advance(time.Minute)
	if at, ok := clock.Next(); ok {
		t.Errorf("all is done, and next is %s", at)
	}
}

func TestRealClock_CallsAndStops(t *testing.T) {
	called := make(chan time.Time, 1)
	RealClock().AfterFunc(time.Hour, func() { t.Error("stopped, and called") })()
	before := RealClock().Now()
	RealClock().AfterFunc(time.Millisecond, func() { called <- RealClock().Now() })
	select {
	case at := <-called:
		if !at.After(before) {
			t.Errorf("called at %s, asked for at %s", at, before)
		}
	case <-time.After(10 * time.Second):
		t.Error("never called")
	}
}
