// This file is what the tests share: a simulated door on virtual time, and words
// for what can be seen of it.

package nukisim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	door   = 18298712180
	token  = "right"
	secret = "the account's secret"
	settle = 10 * time.Second
)

// start is a Monday, 11 o'clock in Vienna.
var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

type world struct {
	*testing.T
	sim   *Sim
	clock *VirtualClock
	// hooks are the webhooks that came, in words.
	hooks []string
	// answers are what the calls got, in words.
	answers []string
}

func newWorld(t *testing.T, faults Faults, changes ...func(*Config)) *world {
	t.Helper()
	w := &world{T: t, clock: NewVirtualClock(start)}
	cfg := Config{
		Seed: 1, Clock: w.clock, Token: token, WebhookSecret: secret, Faults: faults,
		Locks: []LockConfig{{ID: door, Name: "Front door"}}, Deliver: w.deliver,
	}
	for _, change := range changes {
		change(&cfg)
	}
	w.sim = New(cfg)
	t.Cleanup(w.sim.Close)
	return w
}

// withLock changes the one lock of a world.
func withLock(change func(*LockConfig)) func(*Config) {
	return func(cfg *Config) { change(&cfg.Locks[0]) }
}

func (w *world) deliver(body []byte, signature string) {
	var event struct {
		Feature string `json:"feature"`
		Deleted bool   `json:"deleted"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		w.Errorf("a webhook that is not JSON: %s", body)
	}
	word := strings.ToLower(strings.TrimPrefix(event.Feature, "DEVICE_"))
	if event.Deleted {
		word += "-deleted"
	}
	if signature != hmacHex(body) {
		word += "-forged"
	}
	w.hooks = append(w.hooks, word)
}

func hmacHex(body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// call is one HTTP call with the token.
func (w *world) call(method, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	answered := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(answered, request)
	return answered
}

// note keeps an answer's status, and how long it asks to wait.
func (w *world) note(answered *httptest.ResponseRecorder) int {
	word := fmt.Sprint(answered.Code)
	if after := answered.Header().Get("Retry-After"); after != "" {
		word += "/" + after
	}
	w.answers = append(w.answers, word)
	return answered.Code
}

func auths(rest string) string { return fmt.Sprintf("/smartlock/%d/auth%s", door, rest) }

const wholeWindow = `"allowedFromDate":"2026-03-02T09:00:00Z","allowedUntilDate":"2026-03-04T10:00:00Z","allowedWeekDays":127,"allowedFromTime":0,"allowedUntilTime":0`

func (w *world) create(code int) int {
	return w.note(w.call("PUT", auths(""), fmt.Sprintf(`{"name":"K-%d","type":13,"code":%d,%s}`, code, code, wholeWindow)))
}

func (w *world) update(id string, code int) int {
	return w.note(w.call("POST", auths("/"+id), fmt.Sprintf(`{"name":"K-%d","code":%d,%s}`, code, code, wholeWindow)))
}

func (w *world) remove(id string) int { return w.note(w.call("DELETE", auths("/"+id), "")) }
func (w *world) sync() int {
	return w.note(w.call("POST", fmt.Sprintf("/smartlock/%d/sync", door), ""))
}

// list notes the codes that the API lists.
func (w *world) list() {
	answered := w.call("GET", auths("?types=13"), "")
	if w.note(answered) != 200 {
		return
	}
	var entries []struct {
		Code int `json:"code"`
	}
	if err := json.Unmarshal(answered.Body.Bytes(), &entries); err != nil {
		w.Fatal(err)
	}
	w.answers[len(w.answers)-1] = strings.TrimSpace("list " + strings.Trim(fmt.Sprint(entries), "[]"))
}

func (w *world) settle() { w.clock.Advance(settle) }

// given creates an entry undisturbed and answers its id.
func (w *world) given(code int) string {
	w.Helper()
	faults := w.sim.Faults(door)
	w.sim.SetFaults(door, Faults{})
	if status := w.create(code); status != 204 {
		w.Fatalf("creating %d got %d", code, status)
	}
	w.settle()
	w.sim.SetFaults(door, faults)
	w.hooks, w.answers = nil, nil
	list := w.sim.Snapshot(door).Table
	return list[len(list)-1].ID
}

// words show a list: codes, "!" where an operation runs, "~" where the window is
// not whole, "-" where it is disabled.
func words(list []EntryView) string {
	all := make([]string, 0, len(list))
	for _, e := range list {
		word := e.PIN
		for i, shown := range []bool{e.Running, !e.Whole, !e.Enabled} {
			if shown {
				word += "!~-"[i : i+1]
			}
		}
		all = append(all, word)
	}
	return strings.Join(all, " ")
}

// seen is all that can be seen of a door.
type seen struct{ answers, cloud, table, hooks string }

func (w *world) seen() seen {
	view := w.sim.Snapshot(door)
	return seen{strings.Join(w.answers, " "), words(view.Cloud), words(view.Table), strings.Join(w.hooks, " ")}
}

// want compares the door with what it should be.
func (w *world) want(want seen) {
	w.Helper()
	if got := w.seen(); got != want {
		w.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// wantLists compares both lists.
func (w *world) wantLists(cloud, table string) {
	w.Helper()
	if got := w.seen(); got.cloud != cloud || got.table != table {
		w.Errorf("got cloud %q and table %q, want %q and %q", got.cloud, got.table, cloud, table)
	}
}

// wantOpens asks the keypad.
func (w *world) wantOpens(pin string, want bool) {
	w.Helper()
	if got := w.sim.Opens(door, pin, w.clock.Now()); got != want {
		w.Errorf("at %s: opens for %s is %t, want %t", w.clock.Now().Format(time.RFC3339), pin, got, want)
	}
}
