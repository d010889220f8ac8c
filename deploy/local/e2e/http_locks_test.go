// This file looks at locks over HTTP as an operator does: what is on a door is
// told by whose it is and how well it is known, with a worker and without.

package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/keystay/keystay/deploy/local/stack"
)

func TestLock_TellsWhoseEachCodeIsAndHowWellItIsKnown(t *testing.T) {
	t.Parallel()
	s := startBesideNeighbour(t)
	ours := s.table(frontDoor)[0].ID
	s.expectAt(part(s.entry(s.lock(frontDoor), ours)), map[string]string{
		"kind": "ours", "listed": "false", "reservation": neighbour, "status": "set", "proof.level": "reread", "list.shows": "exact",
	})
	foreign, orphan := s.strangers(frontDoor)
	s.lookOver(frontDoor)
	var r reply
	s.await("the keypad's log has been read too", func() (bool, string) {
		r = s.lock(frontDoor)
		return r.text("next.action") == "observe", string(r.body)
	})
	s.expectAt(r, map[string]string{
		"smartlock_id": fmt.Sprint(float64(frontDoor)), "status": "online", "attention.0": "orphan_entries", "attention.1": "", "stale": "false",
		"health.link": "online", "health.keypad_paired": "true", "health.battery_critical": "false", "health.account_error": "",
		"capacity.in_use": "3", "capacity.limit": "100", "capacity.ours": "1", "capacity.forecast_peak": "3", "webhooks.silent": "false",
		"reservations.0": neighbour, "reservations.1": "", "entries.3": "", "next.action": "observe", "workflow.state": "running",
		"links.self": fmt.Sprint("/v1/locks/", frontDoor),
	})
	for id, want := range map[string]map[string]string{
		ours: {"kind": "ours", "name": "K-" + neighbour, "listed": "true", "enabled": "true", "differs": "", "reservation": neighbour,
			"proof.level": "reread", "proof.counts_as": "reread", "proof.evidence": "sync_mark"},
		foreign: {"kind": "foreign", "name": "Cleaner", "listed": "true", "reservation": "", "proof": "", "collides_with": ""},
		orphan:  {"kind": "orphan", "name": "K-LOST", "listed": "true", "reservation": "", "proof": "", "collides_with": ""},
	} {
		s.expectAt(part(s.entry(r, id)), want)
	}
	s.proofAges(ours)
	s.awaitLocksListed("attention", "orphan_entries", frontDoor)
	s.awaitLocksListed("status", "online", frontDoor)
	s.awaitLocksListed("status", "quarantined")
	row := s.ask(http.MethodGet, "/v1/locks?attention=any", nil)
	s.expectAt(row, map[string]string{
		"locks.0.entries.ours": "1", "locks.0.entries.orphan": "1", "locks.0.entries.foreign": "1", "locks.0.entries.left": "0",
		"locks.0.capacity.in_use": "3", "locks.0.webhooks_silent": "false", "locks.0.stale": "false", "locks.0.next.action": "observe",
		"locks.1": "", "next_page": "",
	})
}

// proofAges waits until a proof on the front door has grown older by itself.
func (s *system) proofAges(authID string) {
	s.Helper()
	age := func() float64 {
		age, _ := part(s.entry(s.lock(frontDoor), authID)).at("proof.age_seconds").(float64)
		return age
	}
	first := age()
	s.await("the proof ages", func() (bool, string) { return age() > first, fmt.Sprint(first) })
}

func TestLock_TellsWhomAForeignCodeKeepsFromTheirPIN(t *testing.T) {
	t.Parallel()
	s := startBesideNeighbour(t)
	foreign, _ := s.strangers(frontDoor)
	s.put("RIVAL", stayFrom(inAnHour(), time.Hour, "738495", frontDoor))
	s.awaitAttention("RIVAL", "pin_conflict")
	s.expectAt(part(s.entry(s.lookOver(frontDoor), foreign)), map[string]string{
		"kind": "foreign", "collides_with.0": "RIVAL", "collides_with.1": "",
	})
}

// badLockRequests are calls about locks that are wrong as such.
func (s *system) badLockRequests() []badRequest {
	call := func(method, path, body string) request {
		return request{method: method, path: "/v1/locks" + path, token: s.APIToken, body: body}
	}
	one := fmt.Sprint("/", frontDoor)
	noToken := call(http.MethodPost, one+"/actions/quarantine", "")
	noToken.token = s.WebhookSecret
	badKey := call(http.MethodPost, one+"/actions/sync", "")
	badKey.headers = map[string]string{"Idempotency-Key": "two words"}
	return []badRequest{
		{"a lock that nobody knows", call(http.MethodGet, "/18298799999", ""), 404, "smartlock_unknown"},
		{"an action on a lock that nobody knows", call(http.MethodPost, "/18298799999/actions/audit", ""), 404, "smartlock_unknown"},
		{"a lock's id that is no number", call(http.MethodGet, "/front-door", ""), 400, "invalid_id"},
		{"a lock's id of 30 digits", call(http.MethodPost, "/182987999991829879999918298799/actions/audit", ""), 400, "invalid_id"},
		{"an action that there is not", call(http.MethodPost, one+"/actions/open", ""), 404, "not_found"},
		{"an action that is read", call(http.MethodGet, one+"/actions/audit", ""), 405, "method_not_allowed"},
		{"a body that is cut off", call(http.MethodPost, one+"/actions/quarantine", `{"why": "slow`), 400, "malformed_json"},
		{"an orphan without its id", call(http.MethodPost, one+"/actions/remove_orphan", "{}"), 400, "invalid_order"},
		{"a reason of 10 KB", call(http.MethodPost, one+"/actions/quarantine", string(mustJSON(map[string]string{"why": string(make([]byte, 10<<10))}))), 413, "body_too_large"},
		{"a key with a space", badKey, 400, "invalid_parameter"},
		{"a status that there is not", call(http.MethodGet, "?status=ready", ""), 400, "invalid_parameter"},
		{"a wrong token", noToken, 401, "unauthorized"},
	}
}

func TestBadLockRequest_IsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	parent := startBesideNeighbour(t)
	before := parent.still(neighbour, frontDoor)
	for _, c := range parent.badLockRequests() {
		t.Run(c.name, func(t *testing.T) {
			s := parent.in(t)
			r := s.send(c.request)
			s.expect(r, c.status)
			s.expectProblem(r, c.code)
			if after := s.still(neighbour, frontDoor); after != before {
				t.Errorf("the neighbour changed:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

func TestLock_IsShownAsStaleWithoutAWorkerAndTakesNoOrders(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	s.put("STALE", stayFrom(inAnHour(), time.Hour, "432426", frontDoor).with(1, booking{"pin": map[string]any{"mode": "generate", "disclose_at": "reserved"}}))
	s.await("the front desk is begun and shown", func() (bool, string) {
		r := s.ask(http.MethodGet, "/v1/locks", nil)
		return r.text("locks.0.status") != "", string(r.body)
	})
	s.pull(frontDoor, "quarantine", nil)
	s.awaitLocksListed("status", "quarantined", frontDoor)
	stop()
	s.expectAt(s.lock(frontDoor), map[string]string{
		"stale": "true", "status": "quarantined", "attention.0": "lock_quarantined", "entries": "", "workflow.state": "running",
	})
	s.expectAt(s.ask(http.MethodGet, "/v1/locks?status=quarantined", nil), map[string]string{
		"locks.0.stale": "true", "locks.0.smartlock_id": fmt.Sprint(float64(frontDoor)), "locks.0.entries": "", "locks.0.webhooks_silent": "",
	})
	r := s.pull(frontDoor, "release", nil)
	s.expect(r, http.StatusServiceUnavailable)
	s.expectProblem(r, "no_worker")
	if r.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
}
