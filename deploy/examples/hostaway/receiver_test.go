// This file tests the example against a stand-in for the reservation system: what is written
// there, what is not believed, and what is said where something is missing.

package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// standIn answers in Hostaway's place, and keeps what was written.
type standIn struct {
	status int
	wrote  []string
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if s.status == 0 {
		s.wrote = append(s.wrote, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"), body))
		_, _ = io.WriteString(w, `{"status":"success","result":{}}`)
		return
	}
	w.WriteHeader(s.status)
}

// started is a receiver in front of a stand-in, and what it logs.
func started(t *testing.T) (*receiver, *standIn, *bytes.Buffer) {
	t.Helper()
	account := &standIn{}
	server := httptest.NewServer(account)
	t.Cleanup(server.Close)
	logged := &bytes.Buffer{}
	r, err := newReceiver(settings{secret: secret, url: server.URL, token: "t0ken", prefix: "hostaway-"}, log.New(logged, "", 0))
	if err != nil {
		t.Fatal(err)
	}
	return r, account, logged
}

// send delivers a body as Keystay does, signed at a moment.
func send(t *testing.T, r *receiver, body, secret string, at time.Time) int {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign("evt_1", at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("webhook-id", "evt_1")
	request.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, request)
	return answer.Code
}

func eventOf(kind, reservation, occurred, pin string) string {
	return fmt.Sprintf(`{"event_id":"evt_1","type":%q,"occurred_at":%q,"reservation_id":%q,"pin":%q}`, kind, occurred, reservation, pin)
}

func TestReceiver_WritesTheDoorCodeAndRemovesIt(t *testing.T) {
	r, account, logged := started(t)
	for _, body := range []string{
		eventOf("access_code.created", "hostaway-117277", "2026-07-07T13:00:00Z", ""),
		eventOf("access_code.disclosable", "hostaway-117277", "2026-07-07T13:00:03Z", "432426"),
		eventOf("access_code.set_on_device", "BK-1", "2026-07-10T13:00:00Z", "738495"),          // of another system
		eventOf("access_code.disclosable", "hostaway-117277", "2026-07-01T00:00:00Z", "738495"), // older, redelivered
		eventOf("access.ready", "hostaway-117277", "2026-07-07T13:00:33Z", ""),
		eventOf("access.revoked", "hostaway-117277", "2026-07-14T09:15:46Z", ""),
	} {
		if got := send(t, r, body, secret, time.Now()); got != http.StatusNoContent {
			t.Errorf("answered %d to %s", got, body)
		}
	}
	want := []string{
		`PUT /v1/reservations/117277 Bearer t0ken {"doorCode":"432426","doorCodeVendor":"Keystay"}`,
		`PUT /v1/reservations/117277 Bearer t0ken {"doorCode":null,"doorCodeVendor":"Keystay"}`,
	}
	if !slices.Equal(account.wrote, want) {
		t.Errorf("wrote %q, want %q", account.wrote, want)
	}
	if strings.Contains(logged.String(), "432426") || !strings.Contains(logged.String(), "117277") {
		t.Errorf("logged %s", logged)
	}
}

func TestReceiver_BelievesNothingThatIsNotSigned(t *testing.T) {
	body := eventOf("access_code.disclosable", "hostaway-117277", "2026-07-07T13:00:03Z", "432426")
	r, account, _ := started(t)
	for _, c := range []struct {
		name, body, secret string
		at                 time.Time
		want               int
	}{
		{"another secret", body, "whsec_" + strings.Repeat("A", 32), time.Now(), http.StatusUnauthorized},
		{"an old one", body, secret, time.Now().Add(-time.Hour), http.StatusUnauthorized},
		{"not JSON", "pin=432426", secret, time.Now(), http.StatusBadRequest},
		{"endless", strings.Repeat("x", maxEvent+1), secret, time.Now(), http.StatusRequestEntityTooLarge},
	} {
		if got := send(t, r, c.body, c.secret, c.at); got != c.want {
			t.Errorf("%s: answered %d, want %d", c.name, got, c.want)
		}
	}
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusMethodNotAllowed || len(account.wrote) > 0 {
		t.Errorf("GET was answered %d; wrote %v", answer.Code, account.wrote)
	}
}

func TestReceiver_AnswersSoThatKeystayAsksAgainWhereThatHelps(t *testing.T) {
	body := eventOf("access_code.disclosable", "hostaway-117277", "2026-07-07T13:00:03Z", "432426")
	for status, want := range map[int]int{500: 502, 401: 502, 403: 502, 429: 429, 404: 422, 400: 422, 422: 422} {
		r, account, _ := started(t)
		account.status = status
		if got := send(t, r, body, secret, time.Now()); got != want {
			t.Errorf("Hostaway %d: answered %d, want %d", status, got, want)
		}
		account.status = 0
		if got := send(t, r, body, secret, time.Now()); got != http.StatusNoContent || len(account.wrote) != 1 {
			t.Errorf("after %d: answered %d, wrote %v", status, got, account.wrote)
		}
	}
}

func TestReceiver_SaysWhatIsMissing(t *testing.T) {
	for want, s := range map[string]settings{
		"WEBHOOK_SECRET is needed": {token: "t"},
		"WEBHOOK_SECRET must be":   {secret: "whsec_!", token: "t"},
		"HOSTAWAY_TOKEN is needed": {secret: secret},
	} {
		if _, err := newReceiver(s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := newReceiver(settings{secret: secret, dryRun: true}, nil); err != nil {
		t.Errorf("a dry run needs a token: %v", err)
	}
}
