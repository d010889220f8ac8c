// This file tests deliveries to receivers that answer, refuse, stall or are not served.

package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
)

// The secret of the specification's own example.
const exampleSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func disclosable() Event {
	return Event{
		ID: "evt_1", Type: CodeDisclosable, OccurredAt: time.Date(2026, 7, 7, 13, 0, 3, 0, time.UTC), Sequence: 7,
		ReservationID: "BK-1", Unit: "apt-4", Status: "provisioning", PIN: nuki.CodeOf(432426),
		Doors: []EventDoor{{SmartlockID: 18298712180, Required: true, Status: "set", Proof: &EventProof{Level: "listed", Evidence: "list"}}},
	}
}

// receiverOf is a server, and a courier that knows it as "pms".
func receiverOf(t *testing.T, handle http.HandlerFunc) (*Courier, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return &Courier{Subscribers: []Subscriber{{Name: "pms", URL: server.URL + "/hook?key=geheim", Secret: exampleSecret}}}, server
}

func TestDeliver_SendsASignedDocument(t *testing.T) {
	for _, withPIN := range []bool{false, true} {
		var got []byte
		courier, _ := receiverOf(t, func(w http.ResponseWriter, r *http.Request) {
			got, _ = io.ReadAll(r.Body)
			verifier, err := standardwebhooks.NewWebhook(exampleSecret)
			if err == nil {
				err = verifier.Verify(got, r.Header)
			}
			if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Webhook-Id") != "evt_1" {
				t.Errorf("%s with %v: %v", r.Method, r.Header, err)
			}
			w.WriteHeader(http.StatusAccepted)
		})
		courier.Subscribers[0].WithPIN = withPIN
		delivered, err := courier.Deliver(t.Context(), Delivery{Subscriber: "pms", Event: disclosable()})
		if err != nil || delivered != (Delivered{Status: http.StatusAccepted}) {
			t.Errorf("%+v, %v", delivered, err)
		}
		var event Event
		if err := json.Unmarshal(got, &event); err != nil || event.Sequence != 7 || event.Doors[0].Proof.Level != "listed" {
			t.Errorf("sent %s: %v", got, err)
		}
		if bytes.Contains(got, []byte("432426")) != withPIN || (event.PIN == nuki.CodeOf(432426)) != withPIN {
			t.Errorf("with the PIN: %v; sent %s", withPIN, got)
		}
	}
}

// The example of the specification, which every library is held to.
func TestSigner_SignsAsTheSpecificationSays(t *testing.T) {
	signer, err := Subscriber{Secret: exampleSecret}.signer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := signer.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("signed %s, %v; want %s", got, err, want)
	}
}

func TestDeliver_EachAnswerOnce(t *testing.T) {
	for _, c := range []struct {
		status int
		want   string
	}{
		{200, ""}, {202, ""}, {204, ""},
		{301, ErrReceiverClosed}, {302, ErrReceiverClosed}, {307, ErrReceiverClosed}, {308, ErrReceiverClosed},
		{400, ErrEventRefused}, {401, ErrReceiverClosed}, {403, ErrReceiverClosed}, {404, ErrReceiverClosed}, {405, ErrReceiverClosed},
		{408, ErrReceiverDown}, {409, ErrEventRefused}, {410, ErrReceiverGone}, {413, ErrEventRefused}, {415, ErrEventRefused}, {422, ErrEventRefused},
		{429, ErrReceiverBusy}, {500, ErrReceiverDown}, {502, ErrReceiverDown}, {503, ErrReceiverDown}, {504, ErrReceiverDown},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			asked := 0
			courier, _ := receiverOf(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "secret of the receiver")
			})
			_, err := courier.Deliver(t.Context(), Delivery{Subscriber: "pms", Event: disclosable()})
			checkUndelivered(t, err, c.want, ErrorDetail{Status: c.status, RetryAfter: 7 * time.Second})
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// checkUndelivered checks an error's type and detail, and that it tells no secret.
func checkUndelivered(t *testing.T, err error, want string, wantDetail ErrorDetail) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("failed with %v", err)
		}
		return
	}
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.Type() != want || !application.NonRetryable() {
		t.Fatalf("failed with %v, want a final %s", err, want)
	}
	var detail ErrorDetail
	if err := application.Details(&detail); err != nil || detail != wantDetail {
		t.Errorf("detail %+v, %v; want %+v", detail, err, wantDetail)
	}
	for _, secret := range []string{"geheim", "hook", "127.0.0.1", "secret of", "432426", exampleSecret} {
		if strings.Contains(fmt.Sprintf("%+v", err), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
}

func TestDeliver_ToAReceiverThatDoesNotAnswer(t *testing.T) {
	hangs := make(chan struct{})
	defer close(hangs)
	slow, _ := receiverOf(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	})
	slow.HTTP = NewReceiverClient()
	slow.HTTP.Timeout = 50 * time.Millisecond
	closed, server := receiverOf(t, nil)
	server.Close()
	drops, _ := receiverOf(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	untrusted, _ := receiverOf(t, nil)
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer tls.Close()
	untrusted.Subscribers[0].URL = tls.URL + "/hook?key=geheim"
	endless, _ := receiverOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", maxReceiverHeader))
	})
	for _, c := range []struct {
		name    string
		courier *Courier
		why     string
	}{
		{"too slow", slow, "it took too long"}, {"nobody listens", closed, "the connection failed"},
		{"hangs up", drops, "the connection failed"}, {"has a certificate of its own", untrusted, "its certificate is not trusted"},
		{"sends a header without end", endless, "the connection failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.courier.Deliver(t.Context(), Delivery{Subscriber: "pms", Event: disclosable()})
			checkUndelivered(t, err, ErrReceiverDown, ErrorDetail{})
			if !strings.Contains(err.Error(), c.why) {
				t.Errorf("%v, want that %s", err, c.why)
			}
		})
	}
}

func TestDeliver_ReadsLittleOfAnAnswer(t *testing.T) {
	written := make(chan int, 1)
	courier, _ := receiverOf(t, func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for chunk := make([]byte, 64<<10); n < 64<<20; {
			m, err := w.Write(chunk)
			n += m
			if err != nil {
				break
			}
		}
		written <- n
	})
	if _, err := courier.Deliver(t.Context(), Delivery{Subscriber: "pms", Event: disclosable()}); err != nil {
		t.Error(err)
	}
	if n := <-written; n >= 64<<20 {
		t.Errorf("an answer of %d bytes was taken whole", n)
	}
}

func TestDeliver_ToOneThatIsNotServed(t *testing.T) {
	asked := false
	courier, _ := receiverOf(t, func(http.ResponseWriter, *http.Request) { asked = true })
	_, err := courier.Deliver(t.Context(), Delivery{Subscriber: "mail", Event: disclosable()})
	checkUndelivered(t, err, ErrSubscriberUnknown, ErrorDetail{})
	courier.Subscribers[0].Off = true
	if delivered, err := courier.Deliver(t.Context(), Delivery{Subscriber: "pms", Event: disclosable()}); err != nil || !delivered.Off || asked {
		t.Errorf("one that is off: %+v, %v, asked: %v", delivered, err, asked)
	}
}

func TestDeliver_StopsWithTheWorker(t *testing.T) {
	courier, _ := receiverOf(t, func(http.ResponseWriter, *http.Request) {})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := courier.Deliver(ctx, Delivery{Subscriber: "pms", Event: disclosable()})
	checkUndelivered(t, err, ErrReceiverDown, ErrorDetail{})
}
