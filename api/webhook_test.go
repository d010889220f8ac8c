// This file tests what becomes of webhooks, true and forged.

package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keystay/keystay/activities/nuki"
)

const (
	hookPath  = "/v1/webhooks/nuki"
	someEvent = `{"feature":"DEVICE_AUTHS","deleted":false,"smartlockAuth":{"id":"5f3a1c9e8b7d6a0012345678","smartlockId":18298712180,"type":13,"name":"K-TEST-0805","code":432426}}`
)

func sign(body string) string {
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func hook(t *testing.T, fake *fakeTemporal, body, signature string) (*Server, *httptest.ResponseRecorder) {
	t.Helper()
	server := newTestServer(t, testConfig(fake))
	return server, send(server, "POST", hookPath, body, nuki.SignatureHeader, signature)
}

func TestWebhook_WakesTheLocksFrontDeskWithoutTheCode(t *testing.T) {
	fake := &fakeTemporal{}
	_, answer := hook(t, fake, someEvent, sign(someEvent))
	var got handled
	decodeAnswer(t, answer, 200, &got)
	if got != (handled{Accepted: 1}) || fake.methods() != "signal" {
		t.Fatalf("got %+v, asked %s", got, fake.methods())
	}
	asked := fake.calls[0]
	if asked.workflowID != "smartlock-18298712180" || asked.name != "webhook" {
		t.Errorf("asked %+v", asked)
	}
	payload, _ := json.Marshal(asked.argument)
	if strings.Contains(string(payload), "432426") || !strings.Contains(string(payload), "5f3a1c9e8b7d6a0012345678") {
		t.Errorf("message %s", payload)
	}
}

func TestWebhook_ThatIsNotNukisReachesNobody(t *testing.T) {
	cases := map[string]string{
		"no signature":             "",
		"another body's signature": sign(strings.Replace(someEvent, "false", "true", 1)),
		"a signature cut short":    sign(someEvent)[:62],
		"something that is no hex": strings.Repeat("z", 64),
		"a signature with more":    sign(someEvent) + "00",
	}
	for says, signature := range cases {
		fake := &fakeTemporal{}
		server, answer := hook(t, fake, someEvent, signature)
		wantProblem(t, answer, 401, "bad_signature")
		if len(fake.calls) != 0 || server.hooks.badSignature.Load() != 1 {
			t.Errorf("%s: asked %s, counted %d", says, fake.methods(), server.hooks.badSignature.Load())
		}
	}
}

func TestWebhook_WithoutASecretTrustsNobody(t *testing.T) {
	fake := &fakeTemporal{}
	config := testConfig(fake)
	config.WebhookSecret = ""
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte(someEvent))
	answer := send(newTestServer(t, config), "POST", hookPath, someEvent, nuki.SignatureHeader, hex.EncodeToString(mac.Sum(nil)))
	wantProblem(t, answer, 503, "webhooks_not_configured")
	if len(fake.calls) != 0 {
		t.Errorf("asked %s", fake.methods())
	}
}

func TestWebhook_ThatCannotBeRead(t *testing.T) {
	for _, body := range []string{"", "{", "5", "null", "[1]", "pin=432426"} {
		fake := &fakeTemporal{}
		server, answer := hook(t, fake, body, sign(body))
		wantProblem(t, answer, 400, "malformed_json")
		if server.hooks.unparsable.Load() != 1 || len(fake.calls) != 0 {
			t.Errorf("body %q: counted %d", body, server.hooks.unparsable.Load())
		}
	}
	long := `{"x":"` + strings.Repeat("x", maxWebhook) + `"}`
	_, answer := hook(t, &fakeTemporal{}, long, sign(long))
	wantProblem(t, answer, 413, "body_too_large")
}

func TestWebhook_EventsAreCountedByWhatBecameOfThem(t *testing.T) {
	body := `[
		{"feature":"DEVICE_STATUS","smartlockId":1,"serverState":4},
		{"feature":"DEVICE_STATUS","smartlockId":2},
		{"feature":"DEVICE_STATUS"},
		{"feature":"ACCOUNT_USER","smartlockId":1},
		{"requestId":"5f","type":"AuthCreation","success":true,"smartlockId":1},
		{"feature":"DEVICE_OF_TOMORROW","smartlockId":1}]`
	fake := &fakeTemporal{signalErrors: map[string]error{"smartlock-2": errNotFound}}
	server, answer := hook(t, fake, body, sign(body))
	var got handled
	decodeAnswer(t, answer, 200, &got)
	if got != (handled{Accepted: 2, UnknownLock: 1, Ignored: 3}) || fake.methods() != "signal, signal, signal" {
		t.Errorf("got %+v, asked %s", got, fake.methods())
	}
	var shown health
	decodeAnswer(t, send(server, "GET", "/healthz", ""), 200, &shown)
	if shown.Webhooks != (webhookHealth{Accepted: 2, UnknownLock: 1, Ignored: 3}) || shown.Status != "ok" {
		t.Errorf("health %+v", shown)
	}
}

func TestWebhook_IsNotAnsweredBeforeTemporalHasIt(t *testing.T) {
	for _, err := range []error{errUnavailable, fmt.Errorf("anything")} {
		server, answer := hook(t, &fakeTemporal{signalError: err}, someEvent, sign(someEvent))
		if answer.Header().Get("Retry-After") != "5" || server.hooks.accepted.Load() != 0 {
			t.Errorf("%v", answer.Header())
		}
		wantProblem(t, answer, 503, "temporal_unavailable")
	}
}

func TestReadyz(t *testing.T) {
	if answer := ask(t, &fakeTemporal{}, "GET", "/readyz", ""); answer.Code != 200 {
		t.Errorf("%d", answer.Code)
	}
	wantProblem(t, ask(t, &fakeTemporal{healthError: errUnavailable}, "GET", "/readyz", ""), 503, "temporal_unavailable")
	if answer := ask(t, &fakeTemporal{healthError: errUnavailable}, "GET", "/healthz", ""); answer.Code != 200 {
		t.Errorf("healthz while Temporal is away: %d", answer.Code)
	}
}
