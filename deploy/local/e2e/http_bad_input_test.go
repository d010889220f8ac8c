// This file sends what is wrong: each mistake gets its clear error, or its clear
// attention where only the lock can tell, and changes nothing else.

package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

const (
	keylessDoor = int64(18298712189)
	unknownDoor = int64(18298799999)
	neighbour   = "NEIGHBOUR"
	bad         = "BAD"
)

// startBesideNeighbour starts a system with one reservation that is ready on the
// front door and has nothing to do for an hour.
func startBesideNeighbour(t *testing.T) *system {
	t.Helper()
	policy := stack.FastPolicy()
	policy.Lead = workflows.Duration(24 * time.Hour)
	s := start(t, stack.Options{Policy: policy, Locks: []nukisim.LockConfig{
		{ID: frontDoor}, {ID: flatDoor}, {ID: keylessDoor, NoKeypad: true},
	}})
	s.put(neighbour, stayFrom(inAnHour(), time.Hour, "432426", frontDoor))
	s.awaitStatus(neighbour, "ready")
	s.await("all webhooks of its provisioning have come: its entry, and two of the sync", func() (bool, string) {
		counted := s.health()
		return counted["accepted"] == 3, fmt.Sprint(counted)
	})
	return s
}

// badBooking is a document with one mistake.
type badBooking struct {
	name    string
	fields  booking
	code    string
	pointer string
	says    string
}

func badBookings() []badBooking {
	local := func(arrival, departure, zone string) booking {
		return booking{"stay": map[string]string{
			"arrival": arrival, "departure": departure, "check_in_time": "15:00", "check_out_time": "11:00", "time_zone": zone,
		}}
	}
	guest := func(name string) booking { return booking{"guest": map[string]string{"name": name}} }
	const invalid = "invalid_reservation"
	cases := []badBooking{
		{"an unknown zone", local("2099-07-10", "2099-07-12", "Europe/Entenhausen"), invalid, "/stay/time_zone", "IANA"},
		{"departure before arrival", local("2099-07-12", "2099-07-10", "Europe/Vienna"), invalid, "/stay", "departure must be after arrival"},
		{"a stay that is over", local("2020-07-10", "2020-07-12", "Europe/Vienna"), "stay_over", "/stay", "ends in the past"},
		{"a name with emoji", guest("Anna 🔑"), invalid, "/guest/name", "emoji"},
		{"a name of 300 characters", guest(strings.Repeat("ö", 300)), invalid, "/guest/name", "longer than 200 characters"},
	}
	for rule, pin := range map[string]string{
		nuki.RuleSixDigits: "93847", nuki.RuleNoZero: "930847", nuki.RuleNotTwelve: "129384", nuki.RuleNotAllEqual: "777777",
		nuki.RuleNotRun: "987654", nuki.RuleNotRepeated: "384384",
	} {
		supplied := booking{"pin": map[string]string{"mode": "supplied", "code": pin}}
		cases = append(cases, badBooking{"a PIN that breaks a rule: it " + rule, supplied, invalid, "/pin/code", rule})
	}
	return cases
}

func TestBadBooking_IsToldWhereItIsWrongAndChangesNothing(t *testing.T) {
	parent := startBesideNeighbour(t)
	before := parent.still(neighbour, frontDoor)
	for _, c := range badBookings() {
		t.Run(c.name, func(t *testing.T) {
			s := parent.in(t)
			b := stayFrom(inAnHour(), time.Hour, "", frontDoor).with(1, c.fields)
			r := s.ask(http.MethodPut, "/v1/reservations/"+bad, b)
			s.expect(r, http.StatusUnprocessableEntity)
			s.expectProblem(r, c.code)
			s.expectAt(r, map[string]string{"errors.0.pointer": c.pointer, "errors.1": ""})
			if !strings.Contains(r.text("errors.0.detail"), c.says) {
				t.Errorf("the detail does not say %q: %s", c.says, r.body)
			}
			if pin, ok := c.fields["pin"].(map[string]string); ok && strings.Contains(string(r.body), pin["code"]) {
				t.Error("the answer quotes the PIN")
			}
			s.expect(s.reservation(bad), http.StatusNotFound)
		})
	}
	if after := parent.still(neighbour, frontDoor); after != before {
		t.Errorf("the neighbour changed:\n%s\nwas\n%s", after, before)
	}
}

// expectProblem checks that an answer is a problem document.
func (s *system) expectProblem(r reply, code string) {
	s.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		s.Errorf("the answer is %s, not a problem document: %s", got, r.body)
	}
	s.expectAt(r, map[string]string{"code": code, "type": "urn:keystay:problem:" + code, "status": fmt.Sprint(r.status)})
	if r.text("title") == "" || r.text("detail") == "" {
		s.Errorf("the problem is not told in words: %s", r.body)
	}
}

// badRequest is a call that is wrong as such.
type badRequest struct {
	name string
	request
	status int
	code   string
}

func (s *system) badRequests() []badRequest {
	encoded, _ := json.Marshal(stayFrom(inAnHour(), time.Hour, "", frontDoor))
	put := func(id, body string) request {
		return request{method: http.MethodPut, path: "/v1/reservations/" + id, token: s.APIToken, body: body}
	}
	padded := strings.TrimSuffix(string(encoded), "}") + `,"notes":"` + strings.Repeat("x", 10<<20) + `"}`
	return []badRequest{
		{"an id with an encoded slash", put("A%2FB", string(encoded)), http.StatusBadRequest, "invalid_id"},
		{"an id with a slash", put("A/B", string(encoded)), http.StatusBadRequest, "invalid_id"},
		{"an id of 200 characters", put(strings.Repeat("a", 200), string(encoded)), http.StatusBadRequest, "invalid_id"},
		{"a body of 10 MB", put(bad, padded), http.StatusRequestEntityTooLarge, "body_too_large"},
		{"a body that is cut off", put(bad, string(encoded[:100])), http.StatusBadRequest, "malformed_json"},
		{"a body that is no object", put(bad, `"book"`), http.StatusBadRequest, "malformed_json"},
		{"no body", put(bad, ""), http.StatusBadRequest, "malformed_json"},
	}
}

// badCallers are calls of somebody who may not.
func (s *system) badCallers() []badRequest {
	one := "/v1/reservations/" + neighbour
	var all []badRequest
	for call, token := range map[[2]string]string{
		{http.MethodGet, one}: "wrong", {http.MethodGet, one + "/pin"}: s.NukiToken, {http.MethodDelete, one}: s.APIToken + "x",
		{http.MethodPut, one}: s.WebhookSecret, {http.MethodGet, "/v1/reservations"}: "",
	} {
		r := request{method: call[0], path: call[1], token: token, body: "{}"}
		all = append(all, badRequest{"a wrong token to " + call[0] + " " + call[1], r, http.StatusUnauthorized, "unauthorized"})
	}
	return all
}

// badWebhooks are events of the neighbour's own entry that Nuki did not send so.
func (s *system) badWebhooks() []badRequest {
	entry := s.Sim.Snapshot(frontDoor).Cloud[0]
	body := fmt.Sprintf(`{"feature":"DEVICE_AUTHS","deleted":true,"smartlockAuth":{"id":%q,"smartlockId":%d,"name":%q}}`, entry.ID, frontDoor, entry.Name)
	hook := func(body, signature string) request {
		headers := map[string]string{"Content-Type": "application/json"}
		if signature != "" {
			headers["X-Nuki-Signature-SHA256"] = signature
		}
		return request{method: http.MethodPost, path: "/v1/webhooks/nuki", body: body, headers: headers}
	}
	altered := strings.Replace(body, "true", "false", 1)
	large := strings.Repeat(" ", 10<<20) + body
	return []badRequest{
		{"an unsigned webhook", hook(body, ""), http.StatusUnauthorized, "bad_signature"},
		{"an altered webhook", hook(altered, sign(s.WebhookSecret, body)), http.StatusUnauthorized, "bad_signature"},
		{"a webhook signed with another secret", hook(body, sign(s.APIToken, body)), http.StatusUnauthorized, "bad_signature"},
		{"a webhook of 10 MB", hook(large, sign(s.WebhookSecret, large)), http.StatusRequestEntityTooLarge, "body_too_large"},
		{"a signed webhook that is no JSON", hook("booked", sign(s.WebhookSecret, "booked")), http.StatusBadRequest, "malformed_json"},
	}
}

func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestBadRequest_IsRefusedAndChangesNothing(t *testing.T) {
	parent := startBesideNeighbour(t)
	before, counted := parent.still(neighbour, frontDoor), parent.health()
	for _, c := range append(append(parent.badRequests(), parent.badCallers()...), parent.badWebhooks()...) {
		t.Run(c.name, func(t *testing.T) {
			s := parent.in(t)
			r := s.send(c.request)
			s.expect(r, c.status)
			s.expectProblem(r, c.code)
			s.expect(s.reservation(bad), http.StatusNotFound)
			if after := s.still(neighbour, frontDoor); after != before {
				t.Errorf("the neighbour changed:\n%s\nwas\n%s", after, before)
			}
		})
	}
	after := parent.health()
	if after["bad_signature"] != counted["bad_signature"]+3 || after["unparsable"] != counted["unparsable"]+1 || after["accepted"] != counted["accepted"] {
		t.Errorf("/healthz counted %v before and %v after", counted, after)
	}
}

// An unknown lock and a lock without a keypad are known only once the lock is
// asked. The other door of the same stay gets its PIN all the same.
func TestBadLock_IsRaisedAndKeepsNobodyElseFromTheirPIN(t *testing.T) {
	parent := startBesideNeighbour(t)
	before := parent.still(neighbour, frontDoor)
	for id, c := range map[string]struct {
		lock      int64
		attention string
	}{
		"UNKNOWN": {unknownDoor, "lock_unknown"}, "KEYLESS": {keylessDoor, "keypad_missing"},
	} {
		t.Run(c.attention, func(t *testing.T) {
			s := parent.in(t)
			s.put(id, stayFrom(inAnHour(), time.Hour, "", c.lock, flatDoor))
			s.awaitAttention(id, c.attention)
			s.await("the other door is set", func() (bool, string) {
				r := s.reservation(id)
				return r.text("locks.1.status") == "set", string(r.body)
			})
			if r := s.reservation(id); r.text("status") == "ready" || r.text("locks.0.status") == "set" {
				t.Errorf("a door that cannot be opened counts as ready: %s", r.body)
			}
		})
	}
	if after := parent.still(neighbour, frontDoor); after != before {
		t.Errorf("the neighbour changed:\n%s\nwas\n%s", after, before)
	}
}

func TestUnknownStatusWord_IsRaisedAndChangesNothing(t *testing.T) {
	s := startBesideNeighbour(t)
	lists := s.Sim.Snapshot(frontDoor)
	b := stayFrom(inAnHour().Add(5*time.Hour), time.Hour, "", flatDoor)
	r := s.putEvaluated(neighbour, b.with(2, booking{"status": "maybe"}))
	s.expectAt(r, map[string]string{
		"attention.0": "unknown_status", "attention.1": "", "status": "ready", "version": "1", "reservation.status": "confirmed",
		"reservation.locks.0.smartlock_id": fmt.Sprint(float64(frontDoor)), "reservation.locks.1": "",
	})
	if now := s.Sim.Snapshot(frontDoor); fmt.Sprint(now) != fmt.Sprint(lists) {
		t.Errorf("the lock changed: %+v was %+v", now, lists)
	}
	r = s.putEvaluated("NEWCOMER", b.with(1, booking{"status": "maybe"}))
	s.expectAt(r, map[string]string{"attention.0": "unknown_status", "status": "pending", "reservation": ""})
	if requests := s.Sim.Stats(flatDoor); len(requests) != 0 {
		t.Errorf("the lock was asked for a booking that nobody understands: %v", requests)
	}
	r = s.putEvaluated("NEWCOMER", b.with(2, booking{}))
	s.expectAt(r, map[string]string{"attention.0": "", "version": "2"})
}
