// This file measures a main door at eleven o'clock: every code of a full lock ends in
// the same second, and guests arrive who need the places.

package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

const (
	// arrivals come one by one within the minute after the end.
	arrivals     = 30
	arrivalEvery = 2 * time.Second
	// provisioning is more than it takes to bring a hundred codes to the lock.
	provisioning = 4 * time.Minute
)

// It takes seven minutes:
//
//	go test ./deploy/local/e2e -run NONE -bench FullLock -benchtime 1x -timeout 20m
func BenchmarkEndings_OfAFullLock(b *testing.B) {
	for b.Loop() {
		measureFullLock(b)
	}
}

// measureFullLock uses the policy, and the pace towards Nuki, of an installation.
func measureFullLock(b *testing.B) {
	s := start(b, stack.Options{
		Policy: workflows.DefaultPolicy(), RequestsPerSecond: nuki.DefaultRequestsPerSecond,
		Locks:  []nukisim.LockConfig{{ID: frontDoor, Name: "Main door"}},
		Faults: nukisim.Faults{LatencyMin: 1000, LatencyMax: 3000, WebhookDelay: 1500},
	})
	pins, capacity := somePINs(workflows.DefaultPolicy().Capacity+arrivals), workflows.DefaultPolicy().Capacity
	end := time.Now().Add(provisioning).Truncate(time.Second)
	began := end.Add(-24 * time.Hour)
	for i := range capacity {
		s.put(fmt.Sprintf("LEAVING-%03d", i), stayFrom(began, end.Sub(began), pins[i], frontDoor))
	}
	s.awaitWithin(provisioning, "the lock is full", func() (bool, string) {
		held := len(s.table(frontDoor))
		return held == capacity, fmt.Sprintf("%d codes", held)
	})
	b.Logf("%d codes on the lock %s before they end", capacity, time.Until(end).Round(time.Second))
	time.Sleep(time.Until(end))
	asked := s.requests()
	waits := s.arrive(end, pins[capacity:])
	b.ReportMetric(waits[len(waits)/2].Seconds(), "s/arrival-median")
	b.ReportMetric(waits[(len(waits)*99+99)/100-1].Seconds(), "s/arrival-p99")
	s.awaitWithin(15*time.Minute, "every code that ended is off the lock", func() (bool, string) {
		left := s.held(pins[:capacity])
		return left == 0, fmt.Sprintf("%d left", left)
	})
	b.ReportMetric(time.Since(end).Seconds(), "s/last-ending")
	b.ReportMetric(float64(s.requests()-asked), "requests")
}

// arrive books guests who stand at the door, and answers how long each waited until
// the PIN opened, shortest first.
func (s *system) arrive(end time.Time, pins []string) []time.Duration {
	var waits []time.Duration
	waiting := map[string]time.Time{}
	next := 0
	for next < len(pins) || len(waiting) > 0 {
		if next < len(pins) && !time.Now().Before(end.Add(time.Duration(next)*arrivalEvery)) {
			s.put(fmt.Sprintf("ARRIVING-%03d", next), stayFrom(end, 24*time.Hour, pins[next], frontDoor))
			waiting[pins[next]] = time.Now()
			next++
		}
		for _, pin := range pins {
			if since, ok := waiting[pin]; ok && s.Sim.Opens(frontDoor, pin, time.Now()) {
				waits = append(waits, time.Since(since))
				delete(waiting, pin)
			}
		}
		if time.Since(end) > 15*time.Minute {
			s.Fatalf("%d guests still stand at the door", len(waiting))
		}
		time.Sleep(50 * time.Millisecond)
	}
	slices.Sort(waits)
	return waits
}

// held counts the PINs that are still on the main door's keypad.
func (s *system) held(pins []string) int {
	n := 0
	for _, entry := range s.table(frontDoor) {
		if slices.Contains(pins, entry.PIN) {
			n++
		}
	}
	return n
}

// requests are all that Nuki was asked about the main door.
func (s *system) requests() int {
	n := 0
	for _, count := range s.Sim.Stats(frontDoor) {
		n += count
	}
	return n
}

// somePINs are so many PINs, each another, by a fixed seed.
func somePINs(n int) []string {
	random := rand.New(rand.NewPCG(1, 1))
	var all []string
	for len(all) < n {
		pin := fmt.Sprintf("%06d", 300000+random.IntN(600000))
		if _, err := nuki.ParsePIN(pin); err == nil && !slices.Contains(all, pin) {
			all = append(all, pin)
		}
	}
	return all
}
