// This file is what a campaign does most often, by the clock: lists of full locks,
// and the faults of a moment.

package nukisim

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"
)

// fullLock holds a hundred entries and has a past and a future of disturbances.
func fullLock() (*Sim, *VirtualClock) {
	clock := NewVirtualClock(start)
	lock := LockConfig{ID: door}
	for i := range 50 {
		from := after(time.Duration(i-25) * time.Hour)
		lock.Disturbances = append(lock.Disturbances, Disturbance{from, from.Add(90 * time.Minute), Faults{Deaf: 0.1, LoseAccepted: 0.1}})
	}
	sim := New(Config{Clock: clock, Locks: []LockConfig{lock}})
	for i := range 100 {
		sim.AddForeign(door, fmt.Sprintf("K-R%d.1", i), fmt.Sprint(345111+i), start, start.Add(time.Hour))
	}
	return sim, clock
}

func BenchmarkList_OfAHundredEntries(b *testing.B) {
	sim, _ := fullLock()
	handler := sim.Handler()
	request := httptest.NewRequest("GET", auths("?types=13"), nil)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
}

func BenchmarkUpdate_OnAFullLock(b *testing.B) {
	sim, clock := fullLock()
	w := &world{sim: sim, clock: clock}
	id := sim.Snapshot(door).Cloud[50].ID
	b.ReportAllocs()
	for b.Loop() {
		w.update(id, 345678)
		clock.Advance(10 * time.Second)
		w.answers = w.answers[:0]
	}
}

func BenchmarkFaultsNow(b *testing.B) {
	sim, _ := fullLock()
	l := sim.locks[door]
	b.ReportAllocs()
	for b.Loop() {
		_ = l.faultsNow()
	}
}
