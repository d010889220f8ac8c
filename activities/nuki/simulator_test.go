// This file drives the client against the simulator over HTTP: two readings of
// the same wire, written apart, must agree.

package nuki_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

const (
	door   = int64(18298712180)
	bare   = int64(18298712181) // a lock without a keypad
	token  = "0123456789abcdef"
	secret = "0123abcd"
	// settled is longer than any operation of a simulator without faults takes.
	settled = time.Minute
)

// world is a simulator on a clock of its own, and a client that knows its address.
type world struct {
	*testing.T
	clock  *nukisim.VirtualClock
	sim    *nukisim.Sim
	client *nuki.Client
	events []nuki.Event
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, clock: nukisim.NewVirtualClock(time.Date(2026, 9, 22, 10, 0, 0, 0, time.UTC))}
	w.sim = nukisim.New(nukisim.Config{
		Seed: 1, Clock: w.clock, Token: token, WebhookSecret: secret, Deliver: w.deliver,
		Locks: []nukisim.LockConfig{{ID: door}, {ID: bare, NoKeypad: true}},
	})
	server := httptest.NewServer(w.sim.Handler())
	t.Cleanup(server.Close)
	w.client = newClient(t, server.URL, token)
	return w
}

func newClient(t *testing.T, address, token string) *nuki.Client {
	t.Helper()
	client, err := nuki.New(nuki.Options{BaseURL: address, Token: token, RequestsPerSecond: 1000, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// deliver takes a webhook as the API would.
func (w *world) deliver(body []byte, signature string) {
	if !nuki.VerifySignature(secret, body, signature) {
		w.Errorf("the signature of %s is refused", body)
	}
	events, err := nuki.ParseWebhook(body)
	if err != nil {
		w.Errorf("%s: %v", body, err)
	}
	w.events = append(w.events, events...)
}

func (w *world) heard(feature string) (last nuki.Event) {
	w.Helper()
	for _, event := range w.events {
		if event.Feature == feature {
			last = event
		}
	}
	if last.Feature == "" {
		w.Errorf("no %s webhook came", feature)
	}
	return last
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// only is the one entry on the door.
func (w *world) only() nuki.Authorization {
	w.Helper()
	listed, err := w.client.Authorizations(w.Context(), door)
	w.must(err)
	if len(listed) != 1 {
		w.Fatalf("%d entries are listed, want 1: %v", len(listed), listed)
	}
	return listed[0]
}

func (w *world) document(name, digits string, window nuki.Window, enabled bool) nuki.Document {
	w.Helper()
	pin, err := nuki.ParsePIN(digits)
	w.must(err)
	d, err := nuki.NewDocument(name, pin, window, enabled)
	w.must(err)
	return d
}

// window is from an hour on the world's first day to the same hour some days later.
func (w *world) window(hour, days int) nuki.Window {
	w.Helper()
	from := time.Date(2026, 9, 22, hour, 0, 0, 0, time.UTC)
	window, err := nuki.NewWindow(from, from.AddDate(0, 0, days))
	w.must(err)
	return window
}

func mustMatch(t *testing.T, listed nuki.Authorization, d nuki.Document) {
	t.Helper()
	window, whole := listed.Window.Whole()
	if !whole || !window.Equal(d.Window()) {
		t.Errorf("the window is read as %+v (whole: %v), want %+v", window, whole, d.Window())
	}
	if listed.Name != d.Name() || listed.PIN != d.PIN() || listed.Enabled != d.Enabled() || listed.RemoteAllowed {
		t.Errorf("read %v named %q, enabled %v", listed, listed.Name, listed.Enabled)
	}
	if listed.Type != nuki.TypeKeypadCode || listed.SmartlockID != door || listed.OperationID != "" || listed.LockAuthID == 0 {
		t.Errorf("read %+v", listed)
	}
}

func TestClientAndSimulator_LiveThroughACode(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	d := w.document("K-R100", "847362", w.window(12, 3), true)
	w.must(w.client.CreateAuthorization(ctx, door, d))
	w.clock.Advance(settled)
	created := w.only()
	mustMatch(t, created, d)
	if event := w.heard(nuki.FeatureAuths); event.AuthID != created.ID || event.SmartlockID != door || event.LockAuthID != created.LockAuthID {
		t.Errorf("the webhook says %+v of %v", event, created)
	}
	if w.sim.Opens(door, "847362", d.Window().From.Add(-time.Second)) || !w.sim.Opens(door, "847362", d.Window().From) {
		t.Error("the door does not obey the window that was written")
	}

	changed := w.document("K-R100.1", "593817", w.window(10, 5), true)
	w.must(w.client.UpdateAuthorization(ctx, door, created.ID, changed))
	w.clock.Advance(settled)
	mustMatch(t, w.only(), changed)
	if w.sim.Opens(door, "847362", w.clock.Now()) || !w.sim.Type(door, "593817") {
		t.Error("the door does not obey the code that was written")
	}

	disarmed := w.document("K-R100.2", "593817", w.window(10, 5), false)
	w.must(w.client.UpdateAuthorization(ctx, door, created.ID, disarmed))
	w.clock.Advance(settled)
	mustMatch(t, w.only(), disarmed)

	w.must(w.client.DeleteAuthorization(ctx, door, created.ID))
	w.clock.Advance(settled)
	if listed, err := w.client.Authorizations(ctx, door); err != nil || len(listed) != 0 {
		t.Errorf("after the delete: %v, %v", listed, err)
	}
	if event := w.heard(nuki.FeatureAuths); !event.Deleted || event.AuthID != created.ID {
		t.Errorf("the last webhook says %+v", event)
	}
}

func TestClientAndSimulator_TheLogProvesAUse(t *testing.T) {
	w := newWorld(t)
	d := w.document("K-R100", "847362", w.window(9, 3), true)
	w.must(w.client.CreateAuthorization(t.Context(), door, d))
	w.clock.Advance(settled)
	entry := w.only()
	w.sim.Type(door, "999998")
	used := w.clock.Now()
	w.sim.Type(door, "847362")
	rows, err := w.client.Log(t.Context(), door, nuki.LogQuery{AuthID: entry.ID, From: used, To: used.Add(time.Hour), Limit: 50})
	w.must(err)
	if len(rows) != 1 {
		t.Fatalf("%d rows name the entry, want 1: %+v", len(rows), rows)
	}
	if row := rows[0]; row.Source != nuki.SourceKeypadCode || row.State != nuki.StateSuccess || row.AuthID != entry.ID || !row.Date.Equal(used) {
		t.Errorf("got %+v", row)
	}
	all, err := w.client.Log(t.Context(), door, nuki.LogQuery{})
	w.must(err)
	older, err := w.client.Log(t.Context(), door, nuki.LogQuery{Before: all[0].ID})
	w.must(err)
	if len(all) != 2 || len(older) != 1 || older[0].State != nuki.StateInvalidCode || older[0].AuthID != "" {
		t.Errorf("got %+v, and before the newest %+v", all, older)
	}
	w.clock.Advance(settled)
	if event := w.heard(nuki.FeatureLogs); event.Source != nuki.SourceKeypadCode || event.AuthID != entry.ID || event.SmartlockID != door {
		t.Errorf("the webhook says %+v", event)
	}
}

func TestClientAndSimulator_ReadDevicesAndSync(t *testing.T) {
	w := newWorld(t)
	locks, err := w.client.Smartlocks(t.Context())
	w.must(err)
	if len(locks) != 2 || locks[0].ID != door || !locks[0].KeypadPaired || locks[1].ID != bare || locks[1].KeypadPaired {
		t.Errorf("got %+v", locks)
	}
	w.clock.Advance(settled)
	before, err := w.client.Smartlock(t.Context(), door)
	w.must(err)
	w.must(w.client.Sync(t.Context(), door))
	w.clock.Advance(settled)
	synced, err := w.client.Smartlock(t.Context(), door)
	w.must(err)
	if synced.ServerState != nuki.ServerOnline || !synced.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("before the sync %+v, after it %+v", before, synced)
	}
	w.sim.SetOffline(door, true)
	lost, err := w.client.Smartlock(t.Context(), door)
	w.must(err)
	if lost.ServerState != nuki.ServerOffline {
		t.Errorf("a lock that is offline is read as %+v", lost)
	}
	w.clock.Advance(settled)
	w.heard(nuki.FeatureMasterdata)
	w.heard(nuki.FeatureConfig)
	if event := w.heard(nuki.FeatureStatus); event.ServerState == nil || *event.ServerState != int(nuki.ServerOffline) {
		t.Errorf("the status webhook says %+v", event)
	}
}

func TestClientAndSimulator_AgreeOnRefusals(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	d := w.document("K-R100", "847362", w.window(12, 3), true)
	w.must(w.client.CreateAuthorization(ctx, door, d))
	w.clock.Advance(settled)
	entry := w.only()
	w.must(w.client.UpdateAuthorization(ctx, door, entry.ID, d))
	if busy := w.only(); busy.OperationID == "" {
		t.Errorf("no operation shows while an update is under way: %+v", busy)
	}
	cases := []struct {
		name   string
		status int
		do     func() error
	}{
		{"the code is on the lock already", 409, func() error { return w.client.CreateAuthorization(ctx, door, d) }},
		{"an operation runs on the entry", 423, func() error { return w.client.UpdateAuthorization(ctx, door, entry.ID, d) }},
		{"no keypad", 400, func() error { return w.client.CreateAuthorization(ctx, bare, d) }},
		{"no such lock", 404, func() error { _, err := w.client.Smartlock(ctx, 7); return err }},
		{"no such entry", 404, func() error { return w.client.DeleteAuthorization(ctx, door, "a/b") }},
		{"not taken", 503, func() error { w.sim.Once(door, "fail"); return w.client.Sync(ctx, door) }},
	}
	for _, c := range cases {
		var refused *nuki.Error
		if err := c.do(); !errors.As(err, &refused) || refused.Status != c.status {
			t.Errorf("%s: got %v, want status %d", c.name, err, c.status)
		}
	}
}

func TestClientAndSimulator_AWrongTokenIsRefused(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.sim.Handler())
	defer server.Close()
	var refused *nuki.Error
	if _, err := newClient(t, server.URL, "another").Smartlocks(t.Context()); !errors.As(err, &refused) || refused.Status != 401 {
		t.Errorf("got %v", err)
	}
}
