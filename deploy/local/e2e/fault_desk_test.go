// This file storms a lock's front desk, and looks whom it wakes.

package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// entryEvent is Nuki's report that something happened to an entry.
func entryEvent(lock int64, name string) string {
	return fmt.Sprintf(`{"feature":"DEVICE_AUTHS","deleted":false,"smartlockAuth":{"smartlockId":%d,"name":%q,"id":"ffffffffffffffffffffffff"}}`, lock, name)
}

// two books two stays on one lock that are ready with the next rung far away.
func (s *system) two(a, b string) {
	s.Helper()
	for id, pin := range map[string]string{a: "432426", b: "738495"} {
		s.put(id, stayFrom(inSeconds(1), time.Hour, pin, frontDoor))
	}
	for _, id := range []string{a, b} {
		s.awaitStatus(id, "ready")
	}
	s.awaitQuiet(frontDoor)
}

// awaitQuiet waits until a lock has not been asked anything for a while.
func (s *system) awaitQuiet(lock int64) {
	s.Helper()
	last, since := "", time.Now()
	s.await("nobody asks the lock anything", func() (bool, string) {
		if now := fmt.Sprint(s.Sim.Stats(lock)); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 1500*time.Millisecond, last
	})
}

func TestFrontDesk_WakesOnlyThoseConcerned(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{Policy: quietPolicy()})
	s.two("ALPHA", "BRAVO")
	wakesOfBravo := s.signals(workflows.ReservationWorkflowID("BRAVO"), workflows.SignalWake.Name)
	readsOfAlpha, readsOfBravo := s.calls("ALPHA", "VerifyAuthorization"), s.calls("BRAVO", "VerifyAuthorization")
	lists := s.Sim.Stats(frontDoor)["list"]

	s.webhook(entryEvent(frontDoor, "K-ALPHA"))
	s.await("ALPHA reads", func() (bool, string) { return s.calls("ALPHA", "VerifyAuthorization") > readsOfAlpha, "" })
	s.webhook(entryEvent(frontDoor, "K-ALPHA.1"))
	s.webhook(entryEvent(frontDoor, "K-ALPHABET"))
	s.webhook(entryEvent(frontDoor, "Cleaner"))
	s.webhook(entryEvent(flatDoor, "K-BRAVO"))
	s.awaitQuiet(frontDoor)

	byAlpha := s.calls("ALPHA", "VerifyAuthorization") - readsOfAlpha
	if got := s.Sim.Stats(frontDoor)["list"] - lists; byAlpha != 2 || got != byAlpha {
		t.Errorf("%d reads by ALPHA and %d in all, want 2", byAlpha, got)
	}
	if got := s.calls("BRAVO", "VerifyAuthorization"); got != readsOfBravo {
		t.Errorf("BRAVO read %d times for events of others", got-readsOfBravo)
	}
	if got := s.signals(workflows.ReservationWorkflowID("BRAVO"), workflows.SignalWake.Name); got != wakesOfBravo {
		t.Errorf("BRAVO was woken %d times for events of others", got-wakesOfBravo)
	}
}

func TestFrontDesk_AStormAboutOneEntryIsAFewReads(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true, TemporalConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 150}})
	stop := s.startWorker(s.CodecKeys)
	s.two("STORMY", "CALM")
	lists := s.Sim.Stats(frontDoor)["list"]
	stop()
	s.storm(100, "K-STORMY")
	s.startWorker(s.CodecKeys)
	s.await("STORMY reads", func() (bool, string) { return s.Sim.Stats(frontDoor)["list"] > lists, "" })
	s.awaitQuiet(frontDoor)
	if got := s.Sim.Stats(frontDoor)["list"] - lists; got > 2 {
		t.Errorf("100 equal webhooks that waited for a worker caused %d reads", got)
	}

	lists = s.Sim.Stats(frontDoor)["list"]
	s.storm(1000, "K-STORMY")
	s.awaitQuiet(frontDoor)
	if got := s.Sim.Stats(frontDoor)["list"] - lists; got > 200 {
		t.Errorf("1000 equal webhooks while a worker ran caused %d reads", got)
	}
	s.checkChain(workflows.SmartlockWorkflowID(frontDoor), 3) // How many depends on how many signals one task takes.
	if got := s.signals(workflows.SmartlockWorkflowID(frontDoor), workflows.SignalWebhook.Name); got < 1100 {
		t.Errorf("%d webhooks are in the histories, want at least 1100", got)
	}
	s.webhook(entryEvent(frontDoor, "K-CALM"))
	calm := s.calls("CALM", "VerifyAuthorization")
	s.await("the desk still knows CALM", func() (bool, string) { return s.calls("CALM", "VerifyAuthorization") > calm, "" })
}

// storm sends one webhook very often, from several connections.
func (s *system) storm(n int, name string) {
	s.Helper()
	const senders = 8
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range n / senders {
				s.webhook(entryEvent(frontDoor, name))
			}
		})
	}
	for range n % senders {
		s.webhook(entryEvent(frontDoor, name))
	}
	all.Wait()
}
