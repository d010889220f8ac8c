// This file pulls a lock's levers over HTTP: what is nobody's goes only when a
// person says so, and what somebody changed is found and repaired.

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestRemoveOrphan_RemovesItProvesItGoneAndTouchesNothingElse(t *testing.T) {
	t.Parallel()
	s := startBesideNeighbour(t)
	foreign, orphan := s.strangers(frontDoor)
	s.lookOver(frontDoor)
	for authID, says := range map[string]string{
		foreign:                    "The entry is no orphan but foreign: only an orphan may be removed so.",
		s.table(frontDoor)[0].ID:   "The entry is no orphan but ours: only an orphan may be removed so.",
		"ffffffffffffffffffffffff": "The last look at the lock shows no entry with this auth_id.",
	} {
		r := s.pull(frontDoor, "remove_orphan", map[string]any{"auth_id": authID})
		s.expect(r, http.StatusConflict)
		s.expectProblem(r, "action_refused")
		s.expectAt(r, map[string]string{"detail": says})
	}
	first := s.pull(frontDoor, "remove_orphan", map[string]any{"auth_id": orphan}, "Idempotency-Key", "ticket-4711")
	s.expect(first, http.StatusOK)
	id := "orphan-" + orphan
	s.expectAt(first, map[string]string{"reservation": id, "links.reservation": "/v1/reservations/" + id})
	s.awaitStatus(id, "revoked")
	r := s.lock(frontDoor)
	s.expectAt(r, map[string]string{"attention.0": ""})
	s.expectAt(part(s.entry(r, orphan)), map[string]string{"kind": "ours", "reservation": id, "status": "removed", "list.shows": "missing"})
	if got := s.names(frontDoor); !slices.Equal(got, []string{"K-" + neighbour, "Cleaner"}) {
		t.Errorf("revoked, and the keypad holds %v", got)
	}
	again := s.pull(frontDoor, "remove_orphan", map[string]any{"auth_id": orphan}, "Idempotency-Key", "ticket-4711")
	if again.status != http.StatusOK || string(again.body) != string(first.body) {
		t.Errorf("the same order with the same key is answered with %d %s", again.status, again.body)
	}
	s.expectAt(s.lookOver(frontDoor), map[string]string{"attention.0": "", "capacity.in_use": "2", "entries.2": ""})
	s.awaitLocksListed("attention", "any")
	s.awaitStatus(neighbour, "ready")
	if requests := s.Sim.Stats(frontDoor); requests["delete"] != 1 || requests["create"] != 1 || requests["update"] != 0 {
		t.Errorf("one delete was enough: %v", requests)
	}
}

// A mark of its own is what the policy of an installation may differ in: the
// reservation that removes an orphan must work by the same.
func TestRemoveOrphan_WorksByThePolicyOfTheInstallation(t *testing.T) {
	t.Parallel()
	policy := stack.FastPolicy()
	policy.Lead, policy.Mark = workflows.Duration(24*time.Hour), "HX-"
	s := start(t, stack.Options{Policy: policy})
	s.put("HERE", stayFrom(inAnHour(), time.Hour, "432426", frontDoor))
	s.awaitStatus("HERE", "ready")
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	orphan := s.Sim.AddForeign(frontDoor, "HX-LOST", "847362", time.Now().Add(-time.Hour), until)
	other := s.Sim.AddForeign(frontDoor, "HX-LOST2", "849362", time.Now().Add(-time.Hour), until)
	s.lookOver(frontDoor)
	s.expect(s.pull(frontDoor, "remove_orphan", map[string]any{"auth_id": orphan}), http.StatusOK)
	s.awaitStatus("orphan-"+orphan, "revoked")
	r := s.lookOver(frontDoor)
	s.expectAt(part(s.entry(r, other)), map[string]string{"kind": "orphan"})
	s.expectAt(r, map[string]string{"attention.0": "orphan_entries", "entries.2": ""})
}

func TestAudit_FindsWhatNobodyToldOf(t *testing.T) {
	t.Parallel()
	policy := pollingPolicy()
	policy.Lead = workflows.Duration(24 * time.Hour)
	policy.AuditEvery, policy.AuditSync = policy.Lead, policy.Lead // Here a person has it looked over.
	s := start(t, stack.Options{NoWebhooks: true, Policy: policy})
	s.put("EDITED", stayFrom(inAnHour(), time.Hour, "432426", frontDoor))
	s.awaitStatus("EDITED", "ready")
	s.awaitQuiet(frontDoor)
	if _, err := s.Sim.InApp(frontDoor, nukisim.AppEdit{ID: s.table(frontDoor)[0].ID, Unrestrict: true}); err != nil {
		t.Fatal(err)
	}
	s.awaitQuiet(frontDoor)
	if s.table(frontDoor)[0].Whole || s.Sim.Stats(frontDoor)["update"] != 0 {
		t.Fatalf("it was noticed before anybody looked: %+v", s.table(frontDoor))
	}
	s.expectAt(s.lookOver(frontDoor), map[string]string{"entries.0.differs": "window", "audit.differed": "1", "webhooks.silent": "true"})
	s.await("the window is whole again", func() (bool, string) {
		return s.table(frontDoor)[0].Whole, fmt.Sprintf("%+v", s.table(frontDoor))
	})
	s.awaitStatus("EDITED", "ready")
	s.expectAt(s.lookOver(frontDoor), map[string]string{"entries.0.differs": "", "entries.0.list.shows": "exact"})
}

func TestAudit_LooksAtALockThatNobodyAttends(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("GONE", stayFrom(inSeconds(3), 2*time.Second, "432426", frontDoor))
	s.awaitStatus("GONE", "revoked")
	s.await("nobody attends", func() (bool, string) {
		r := s.lock(frontDoor)
		return r.text("reservations.0") == "", string(r.body)
	})
	s.expectAt(s.lock(frontDoor), map[string]string{"audit.next_look_at": ""})
	s.strangers(frontDoor)
	s.expectAt(s.lookOver(frontDoor), map[string]string{"entries.1.kind": "orphan", "entries.2": "", "audit.next_look_at": ""})
	looks := s.lock(frontDoor).text("audit.looks")
	s.expect(s.pull(frontDoor, "sync", nil), http.StatusOK)
	s.await("the lock is synced and looked over", func() (bool, string) {
		r := s.lock(frontDoor)
		return r.text("audit.looks") != looks && r.text("audit.next_look_at") == "", string(r.body)
	})
}

func TestSync_IsSentAndItsEndIsSeen(t *testing.T) {
	t.Parallel()
	s := startBesideNeighbour(t)
	before := s.Sim.Stats(frontDoor)["sync"]
	looks := s.lock(frontDoor).text("audit.looks")
	answer := s.pull(frontDoor, "sync", map[string]any{}, "Idempotency-Key", "once")
	s.expect(answer, http.StatusOK)
	s.expectAt(answer, map[string]string{"action": "sync", "says": "The lock is synced, and looked over when that is complete", "reservation": ""})
	s.await("the sync is complete and the lock looked over", func() (bool, string) {
		r := s.lock(frontDoor)
		return r.text("syncs.last_day.1.completed_at") != "" && r.text("audit.looks") != looks, string(r.body)
	})
	s.expect(s.pull(frontDoor, "sync", map[string]any{}, "Idempotency-Key", "once"), http.StatusOK)
	s.awaitQuiet(frontDoor)
	if got := s.Sim.Stats(frontDoor)["sync"] - before; got != 1 {
		t.Errorf("%d syncs for one order that was sent twice", got)
	}
}

func TestQuarantine_HoldsUntilAPersonReleasesTheLock(t *testing.T) {
	t.Parallel()
	s := startBesideNeighbour(t)
	refused := func(action, says string) {
		t.Helper()
		r := s.pull(frontDoor, action, nil)
		s.expect(r, http.StatusConflict)
		s.expectAt(r, map[string]string{"code": "action_refused", "detail": says})
	}
	refused("release", "The lock is not quarantined.")
	s.expect(s.pull(frontDoor, "quarantine", map[string]any{"why": "It answers late"}), http.StatusOK)
	s.expectAt(s.lock(frontDoor), map[string]string{
		"status": "quarantined", "attention.0": "lock_quarantined", "health.quarantine.why": "It answers late",
		"health.quarantine.by_person": "true", "health.link": "online",
	})
	s.awaitLocksListed("status", "quarantined", frontDoor)
	refused("quarantine", "The lock is quarantined already.")
	s.expect(s.pull(frontDoor, "release", nil), http.StatusOK)
	r := s.lock(frontDoor)
	s.expectAt(r, map[string]string{"status": "online", "attention.0": "", "health.quarantine": ""})
	if r.text("health.released_at") == "" {
		t.Errorf("it does not say when the lock was released: %s", r.body)
	}
	refused("release", "The lock is not quarantined.")
}
