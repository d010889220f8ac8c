// This file tests what reaches a front desk of a person's order, and what does not.

package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/workflows"
)

func TestLever_IsPulledAndSaysWhatWillBeDone(t *testing.T) {
	cases := []struct {
		action, body string
		want         workflows.Order
	}{
		{"audit", "", workflows.Order{By: "api"}},
		{"sync", "{}", workflows.Order{By: "api"}},
		{"release", " \n", workflows.Order{By: "api"}},
		{"quarantine", "", workflows.Order{By: "api"}},
		{"quarantine", `{"why": " Slow since Tuesday ", "auth_id": "a1"}`, workflows.Order{By: "api", Why: "Slow since Tuesday"}},
		{"remove_orphan", `{"auth_id": "a3", "why": null}`, workflows.Order{By: "api", AuthID: "a3"}},
	}
	for _, c := range cases {
		fake := &fakeTemporal{order: workflows.Answer{Says: "It is done", At: today, Reservation: "orphan-a3"}}
		answer := ask(t, fake, "POST", lockPath+"/actions/"+c.action, c.body)
		var got ordered
		decodeAnswer(t, answer, http.StatusOK, &got)
		if len(fake.calls) != 1 || fake.calls[0].workflowID != "smartlock-18298712180" || fake.calls[0].name != c.action || fake.calls[0].argument != c.want {
			t.Errorf("%s %s: asked %+v", c.action, c.body, fake.calls)
		}
		links := orderedLinks{Lock: lockPath, Reservation: "/v1/reservations/orphan-a3"}
		want := ordered{SmartlockID: 18298712180, Action: c.action, Says: "It is done", At: today, Reservation: "orphan-a3", Links: links}
		if got != want {
			t.Errorf("%s: answered %+v", c.action, got)
		}
	}
}

func TestLever_RefusesABodyThatItDoesNotUnderstand(t *testing.T) {
	cases := []struct{ action, body, code, fault string }{
		{"audit", "[]", "malformed_json", ""},
		{"audit", `{"why":`, "malformed_json", ""},
		{"quarantine", "slow", "malformed_json", ""},
		{"quarantine", `{"why": 5}`, "invalid_order", "/why must be a string"},
		{"quarantine", `{"why": "two\nlines"}`, "invalid_order", "/why must have at most 200 characters, none of them a control character"},
		{"quarantine", `{"why": "` + strings.Repeat("ö", 201) + `"}`, "invalid_order", "/why must have at most 200 characters, none of them a control character"},
		{"remove_orphan", "", "invalid_order", "/auth_id is needed"},
		{"remove_orphan", `{"auth_id": null}`, "invalid_order", "/auth_id is needed"},
		{"remove_orphan", `{"auth_id": 5}`, "invalid_order", "/auth_id must be a string"},
		{"remove_orphan", `{"auth_id": ""}`, "invalid_order", "/auth_id must have 1 to 64 bytes"},
		{"remove_orphan", `{"auth_id": "` + strings.Repeat("a", 65) + `"}`, "invalid_order", "/auth_id must have 1 to 64 bytes"},
	}
	for _, c := range cases {
		fake := &fakeTemporal{}
		found := wantProblem(t, ask(t, fake, "POST", lockPath+"/actions/"+c.action, c.body), http.StatusBadRequest, c.code)
		if got := strings.Join(faultLines(found.Errors), "; "); got != c.fault || len(fake.calls) != 0 {
			t.Errorf("%s %.40s: %q, asked %s", c.action, c.body, got, fake.methods())
		}
	}
	large := `{"why": "` + strings.Repeat("x", 5<<10) + `"}`
	wantProblem(t, ask(t, &fakeTemporal{}, "POST", lockPath+"/actions/quarantine", large), http.StatusRequestEntityTooLarge, "body_too_large")
}

func TestLever_ThereIsNone(t *testing.T) {
	for _, action := range []string{"open", "AUDIT", "audit%20", "disclose"} {
		wantProblem(t, ask(t, &fakeTemporal{}, "POST", lockPath+"/actions/"+action, ""), http.StatusNotFound, "not_found")
	}
	answer := ask(t, &fakeTemporal{}, "GET", lockPath+"/actions/audit", "")
	if answer.Header().Get("Allow") != "POST" {
		t.Errorf("GET allows %q", answer.Header().Get("Allow"))
	}
	wantProblem(t, answer, http.StatusMethodNotAllowed, "method_not_allowed")
}

func TestLever_OfAReservation(t *testing.T) {
	const path = "/v1/reservations/TEST-0805"
	for _, c := range []struct {
		action, body string
		want         workflows.Order
	}{
		{"verify_now", "", workflows.Order{By: "api"}},
		{"report_not_working", `{"why": "It blinks red", "smartlock_id": "18298712180"}`, workflows.Order{By: "api", Why: "It blinks red", SmartlockID: 18298712180}},
		{"rotate_pin", `{"why": "It was posted"}`, workflows.Order{By: "api", Why: "It was posted"}},
		{"revoke_now", "{}", workflows.Order{By: "api"}},
		{"hold", `{"smartlock_id": 7}`, workflows.Order{By: "api"}},
		{"release", "", workflows.Order{By: "api"}},
		{"acknowledge", "", workflows.Order{By: "api"}},
		{"acknowledge", `{"what": "guest_is_in"}`, workflows.Order{By: "api", What: "guest_is_in"}},
		{"write_off", `{"smartlock_id": 7}`, workflows.Order{By: "api", SmartlockID: 7}},
	} {
		fake := &fakeTemporal{order: workflows.Answer{Says: "It is done", At: today}}
		var got ordered
		decodeAnswer(t, ask(t, fake, "POST", path+"/actions/"+c.action, c.body), http.StatusOK, &got)
		if len(fake.calls) != 1 || fake.calls[0].workflowID != "reservation-TEST-0805" || fake.calls[0].name != c.action || fake.calls[0].argument != c.want {
			t.Errorf("%s %s: asked %+v", c.action, c.body, fake.calls)
		}
		if want := (ordered{Action: c.action, Says: "It is done", At: today, Reservation: "TEST-0805", Links: orderedLinks{Reservation: path}}); got != want {
			t.Errorf("%s: answered %+v", c.action, got)
		}
	}
}

func TestLever_OfAReservationThatIsWrong(t *testing.T) {
	const path = "/v1/reservations/TEST-0805/actions/"
	for body, pointer := range map[string]string{`{"smartlock_id": -7}`: "/smartlock_id", `{"why": "two\nlines"}`: "/why", `{"why": 7}`: "/why", `{"reason": "gone"}`: "/reason"} {
		found := wantProblem(t, ask(t, &fakeTemporal{}, "POST", path+"write_off", body), http.StatusBadRequest, "invalid_order")
		if len(found.Errors) != 1 || found.Errors[0].Pointer != pointer {
			t.Errorf("%s: %+v", body, found.Errors)
		}
	}
	wantProblem(t, ask(t, &fakeTemporal{}, "POST", path+"audit", ""), http.StatusNotFound, "not_found")
	wantProblem(t, ask(t, &fakeTemporal{updateError: serviceerror.NewNotFound("")}, "POST", path+"hold", ""), http.StatusNotFound, "reservation_unknown")
	refused := temporal.NewNonRetryableApplicationError("it is on hold already", workflows.ErrOrderRefused, nil)
	found := wantProblem(t, ask(t, &fakeTemporal{updateError: refused}, "POST", path+"hold", ""), http.StatusConflict, "action_refused")
	if found.Detail != "It is on hold already." {
		t.Errorf("refused as %q", found.Detail)
	}
}

// updateOf is the update's id for a request.
func updateOf(t *testing.T, action, body, key string) string {
	t.Helper()
	fake := &fakeTemporal{}
	if answer := ask(t, fake, "POST", lockPath+"/actions/"+action, body, "Idempotency-Key", key); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	return fake.calls[0].query
}

func TestLever_TheSameKeyIsTheSameUpdateForTheSameOrderAlone(t *testing.T) {
	first := updateOf(t, "remove_orphan", `{"auth_id": "a3"}`, "Huber-1")
	if again := updateOf(t, "remove_orphan", `{ "auth_id":"a3", "what": null }`, "Huber-1"); again != first {
		t.Errorf("the same order is update %s and then %s", first, again)
	}
	for says, other := range map[string]string{
		"another key":    updateOf(t, "remove_orphan", `{"auth_id": "a3"}`, "Huber-2"),
		"another entry":  updateOf(t, "remove_orphan", `{"auth_id": "a4"}`, "Huber-1"),
		"another action": updateOf(t, "quarantine", `{}`, "Huber-1"),
	} {
		if other == first {
			t.Errorf("%s is the same update", says)
		}
	}
	if strings.Contains(first, "Huber") {
		t.Errorf("the update's id holds the caller's text: %s", first)
	}
	bare := func() string {
		fake := &fakeTemporal{}
		ask(t, fake, "POST", lockPath+"/actions/sync", "")
		return fake.calls[0].query
	}
	if one, other := bare(), bare(); one == other {
		t.Error("two requests without a key are one update")
	}
}

func TestLever_RefusesAKeyThatCannotBeOne(t *testing.T) {
	for _, keys := range [][]string{{""}, {"two words"}, {"schlüssel"}, {strings.Repeat("k", 256)}, {"a", "b"}} {
		fake := &fakeTemporal{}
		server := newTestServer(t, testConfig(fake))
		request := newRequest("POST", lockPath+"/actions/sync", "", "Authorization", "Bearer "+testToken)
		request.Header["Idempotency-Key"] = keys
		found := wantProblem(t, serve(server, request), http.StatusBadRequest, "invalid_parameter")
		if len(found.Errors) != 1 || found.Errors[0].Header != "Idempotency-Key" || len(fake.calls) != 0 {
			t.Errorf("%q: %+v, asked %s", keys, found.Errors, fake.methods())
		}
	}
}

func TestLever_WhatTheFrontDeskOrTemporalRefuses(t *testing.T) {
	refused := temporal.NewNonRetryableApplicationError("the lock is not quarantined", workflows.ErrOrderRefused, nil)
	cases := []struct {
		says   string
		err    error
		status int
		code   string
		detail string
	}{
		{"the desk", refused, 409, "action_refused", "The lock is not quarantined."},
		{"no desk", errNotFound, 404, "smartlock_unknown", "No front desk of a lock with this id is open: the next reservation that attends the lock begins one."},
		{"no Temporal", errUnavailable, 503, "temporal_unavailable", "Temporal did not answer, so count it as not ordered. Send it again, with the same Idempotency-Key."},
		{"no worker", client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded), 503, "no_worker", "No worker took the order up, so count it as not ordered. Send it again, with the same Idempotency-Key, once one runs."},
		{"another error", temporal.NewApplicationError("432426", "something_else"), 503, "no_worker", "No worker took the order up, so count it as not ordered. Send it again, with the same Idempotency-Key, once one runs."},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			answer := ask(t, &fakeTemporal{updateError: c.err}, "POST", lockPath+"/actions/release", "")
			if again := answer.Header().Get("Retry-After"); (again == "5") != (c.status == 503) {
				t.Errorf("Retry-After %q", again)
			}
			if found := wantProblem(t, answer, c.status, c.code); found.Detail != c.detail {
				t.Errorf("detail %q", found.Detail)
			}
		})
	}
}

func TestLever_LeavesALineThatSaysWho(t *testing.T) {
	config, logs := logged(&fakeTemporal{order: workflows.Answer{At: today.Add(time.Minute)}})
	config.OperatorToken = testOrders
	server := newTestServer(t, config)
	send(server, "POST", lockPath+"/actions/quarantine", `{"why": "Anna Huber cannot get in"}`, "Authorization", "Bearer "+testOrders)
	send(server, "GET", lockPath, "", "Authorization", "Bearer "+testOrders)
	want := []string{
		"info a lever was pulled map[action:quarantine by:operator smartlock:18298712180]",
		"info request map[method:POST route:/v1/locks/{id}/actions/{action} smartlock:18298712180 status:200]",
		"info request map[method:GET route:/v1/locks/{id} smartlock:18298712180 status:200]",
	}
	if got := strings.Join(lines(logs), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("log:\n%s", got)
	}
}
