// This file is webhooks on their way: signed, doubled, forged, delayed, posted.

package nukisim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWebhook_IsSignedWithTheHMACOfItsBody(t *testing.T) {
	type delivered struct{ body, signature string }
	var got []delivered
	w := newWorld(t, Faults{WebhookForged: 1}, func(cfg *Config) {
		cfg.Deliver = func(body []byte, signature string) { got = append(got, delivered{string(body), signature}) }
	})
	w.create(345678)
	w.settle()
	if len(got) != 2 {
		t.Fatalf("%d deliveries, want a true one and a forged one", len(got))
	}
	if want := hmacHex([]byte(got[0].body)); got[0].signature != want {
		t.Errorf("signature %s, want %s", got[0].signature, want)
	}
	if got[1].body != got[0].body || got[1].signature == got[0].signature || len(got[1].signature) != 64 {
		t.Errorf("the forged one should differ in its signature alone: %+v", got[1])
	}
}

func TestWebhook_TellsWhatTheListSays(t *testing.T) {
	var bodies []string
	w := newWorld(t, Faults{}, func(cfg *Config) {
		cfg.Deliver = func(body []byte, _ string) { bodies = append(bodies, string(body)) }
	})
	w.create(345678)
	w.settle()
	id := w.sim.Snapshot(door).Cloud[0].ID
	listed := strings.TrimSpace(w.call("GET", auths("/"+id), "").Body.String())
	if want := `{"deleted":false,"feature":"DEVICE_AUTHS","smartlockAuth":` + listed + `}`; bodies[0] != want {
		t.Errorf("\n got %s\nwant %s", bodies[0], want)
	}
}

func TestWebhooks_OvertakeEachOtherOnTheWay(t *testing.T) {
	w := newWorld(t, Faults{WebhookDelay: 60 * second})
	id := w.given(345678)
	w.clock.Advance(time.Hour)
	w.hooks = nil
	overtaken := false
	for range 20 {
		w.sim.Type(door, "345678")
		w.sim.SetOffline(door, true)
		w.sim.SetOffline(door, false)
		w.clock.Advance(5 * time.Minute)
		got := strings.Join(w.hooks, " ")
		if len(w.hooks) != 3 {
			t.Fatalf("webhooks %s of %s", got, id)
		}
		overtaken = overtaken || got != "logs status status"
		w.hooks = nil
	}
	if !overtaken {
		t.Error("none of 20 was overtaken")
	}
}

// All stays on the clock's goroutine: nothing comes but while the clock moves, and
// whoever takes a webhook may call.
func TestWebhooks_ComeWhileTheClockMovesAndTheirReceiverMayCall(t *testing.T) {
	var w *world
	moving := false
	came := 0
	w = newWorld(t, Faults{WebhookDoubled: 1}, func(cfg *Config) {
		cfg.Deliver = func([]byte, string) {
			if came++; !moving {
				t.Error("a webhook came while the clock stood still")
			}
			if came == 1 {
				w.create(456789)
				w.list()
			}
		}
	})
	w.create(345678)
	moving = true
	w.clock.Advance(time.Minute)
	moving = false
	w.want(seen{answers: "204 204 list {345678}", cloud: "345678 456789", table: "345678 456789"})
	if came != 4 {
		t.Errorf("%d webhooks came, want 4", came)
	}
}

func TestWebhooks_AreNotSentWhereNobodyTakesThem(t *testing.T) {
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.Deliver = nil })
	w.create(345678)
	w.settle()
	if body := w.call("GET", "/sim/state", "").Body.String(); !strings.Contains(body, `"webhooks":[]`) {
		t.Errorf("the state shows webhooks: %s", body)
	}
}

// receiver is a server that keeps what is posted to it.
type receiver struct {
	mu    sync.Mutex
	posts []string
	came  chan struct{}
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.Method == http.MethodPost && request.Header.Get("X-Nuki-Signature-SHA256") == hmacHex(body) {
		r.posts = append(r.posts, string(body))
	}
	r.came <- struct{}{}
}

// On the machine's clock, over HTTP both ways, with several callers at once.
func TestSim_OnTheRealClock(t *testing.T) {
	posted := &receiver{came: make(chan struct{}, 100)}
	server := httptest.NewServer(posted)
	defer server.Close()
	sim := New(Config{
		Seed: 1, Token: token, Faults: Faults{LatencyMin: 1, LatencyMax: 5, WebhookDelay: 1}, Locks: []LockConfig{{ID: door}},
	})
	sim.SetWebhook(server.URL, secret)
	w := &world{T: t, sim: sim}
	var callers sync.WaitGroup
	for _, body := range []string{`{"name":"A","type":13,"code":345678}`, `{"name":"B","type":13,"code":456789}`, `{"name":"C","type":13,"code":567891}`} {
		callers.Go(func() {
			w.call("PUT", auths(""), body)
			w.call("GET", auths(""), "")
			w.call("GET", "/sim/state", "")
			sim.Type(door, "345678")
		})
	}
	callers.Wait()
	for range 6 { // Three entries, three tries at the keypad.
		select {
		case <-posted.came:
		case <-time.After(20 * time.Second):
			t.Fatal("a webhook did not come")
		}
	}
	sim.Close()
	posted.mu.Lock()
	defer posted.mu.Unlock()
	if len(posted.posts) != 6 || !sim.Opens(door, "345678", time.Now()) {
		t.Errorf("%d signed webhooks, opens is %t", len(posted.posts), sim.Opens(door, "345678", time.Now()))
	}
}

func TestSim_ClosedDoesNothingMore(t *testing.T) {
	w := newWorld(t, Faults{})
	w.create(345678)
	w.sim.Close()
	w.settle()
	w.want(seen{answers: "204"})
}

// An integration's own addresses get the events that they asked for, each signed
// with the secret that its registration gave.
func TestDecentralWebhooks_GetWhatTheyAskedForSignedWithTheirSecret(t *testing.T) {
	type post struct{ body, signature string }
	posts := make(chan post, 10)
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posts <- post{string(body), r.Header.Get(signatureHeader)}
	}))
	defer server.Close()
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.OAuthToken, cfg.HTTPClient, cfg.Deliver = "oauth", server.Client(), nil })
	var made decentralWebhook
	w.asIntegration("PUT", "/api/decentralWebhook", `{"webhookUrl":"`+server.URL+`","webhookFeatures":["DEVICE_AUTHS"]}`, &made)
	w.create(345678)
	w.settle()
	w.sim.Type(door, "345678") // A log row, which it did not ask for.
	w.settle()
	w.sim.Close()
	if len(posts) != 1 {
		t.Fatalf("%d posts came, want the one about the entry", len(posts))
	}
	if got := <-posts; !strings.Contains(got.body, "DEVICE_AUTHS") || got.signature != sign(made.Secret, []byte(got.body)) {
		t.Errorf("posted %s with signature %s", got.body, got.signature)
	}
}

func (w *world) asIntegration(method, path, body string, into any) {
	w.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer oauth")
	answered := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(answered, request)
	if err := json.Unmarshal(answered.Body.Bytes(), into); err != nil || answered.Code != http.StatusOK {
		w.Fatalf("%s %s was answered with %d: %s", method, path, answered.Code, answered.Body)
	}
}
