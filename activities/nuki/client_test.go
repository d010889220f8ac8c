// This file tests each endpoint against a server of the test: what goes out, what is read.

package nuki

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testToken = "s3cr3t-t0k3n"
	bigLock   = int64(18298712180) // a real device's size: more than 32 bits
)

// recorder is a server that notes each request and answers all of them alike.
type recorder struct {
	status int
	header http.Header
	answer string

	mu   sync.Mutex
	seen []recorded
}

type recorded struct {
	method, uri, body string
	header            http.Header
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.seen = append(r.seen, recorded{request.Method, request.RequestURI, string(body), request.Header})
	r.mu.Unlock()
	for key, values := range r.header {
		w.Header()[key] = values
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.answer)
}

func (r *recorder) last(t *testing.T) recorded {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) == 0 {
		t.Fatal("no request came")
	}
	return r.seen[len(r.seen)-1]
}

func serve(t *testing.T, handler http.Handler) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := New(Options{BaseURL: server.URL + "/", Token: testToken, RequestsPerSecond: 1000, Burst: 1000, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

func answering(t *testing.T, status int, answer string) (*Client, *recorder) {
	t.Helper()
	r := &recorder{status: status, answer: answer}
	client, _ := serve(t, r)
	return client, r
}

func TestClient_SendsWhatNukiDocuments(t *testing.T) {
	enabled, disabled := mustDocument(t, true), mustDocument(t, false)
	from, to := at("2026-09-22T14:00:00.5+02:00"), at("2026-09-23T12:00:00Z")
	cases := []struct {
		name, method, uri, answer string
		do                        func(context.Context, *Client) error
	}{
		{"list locks", "GET", "/smartlock", "[]", func(ctx context.Context, c *Client) error {
			_, err := c.Smartlocks(ctx)
			return err
		}},
		{"read lock", "GET", "/smartlock/18298712180", "{}", func(ctx context.Context, c *Client) error {
			_, err := c.Smartlock(ctx, bigLock)
			return err
		}},
		{"list authorizations", "GET", "/smartlock/18298712180/auth?types=13", "[]", func(ctx context.Context, c *Client) error {
			_, err := c.Authorizations(ctx, bigLock)
			return err
		}},
		{"create", "PUT", "/smartlock/18298712180/auth", "", func(ctx context.Context, c *Client) error {
			return c.CreateAuthorization(ctx, bigLock, enabled)
		}},
		{"update", "POST", "/smartlock/18298712180/auth/65219648fe57075d71a6cb01", "", func(ctx context.Context, c *Client) error {
			return c.UpdateAuthorization(ctx, bigLock, "65219648fe57075d71a6cb01", disabled)
		}},
		{"delete", "DELETE", "/smartlock/18298712180/auth/65219648fe57075d71a6cb01", "", func(ctx context.Context, c *Client) error {
			return c.DeleteAuthorization(ctx, bigLock, "65219648fe57075d71a6cb01")
		}},
		{"id that needs escaping", "DELETE", "/smartlock/1/auth/a%2F..%2Fb%3Fc%23d%20", "", func(ctx context.Context, c *Client) error {
			return c.DeleteAuthorization(ctx, 1, "a/../b?c#d ")
		}},
		{"sync", "POST", "/smartlock/18298712180/sync", "", func(ctx context.Context, c *Client) error {
			return c.Sync(ctx, bigLock)
		}},
		{"newest of the log", "GET", "/smartlock/1/log", "[]", func(ctx context.Context, c *Client) error {
			_, err := c.Log(ctx, 1, LogQuery{})
			return err
		}},
		{"part of the log", "GET", "/smartlock/1/log?authId=a%26b&fromDate=2026-09-22T12%3A00%3A00Z&id=r9&limit=50&toDate=2026-09-23T12%3A00%3A00Z", "[]",
			func(ctx context.Context, c *Client) error {
				_, err := c.Log(ctx, 1, LogQuery{AuthID: "a&b", From: from, To: to, Before: "r9", Limit: 500})
				return err
			}},
	}
	for _, c := range cases {
		client, server := answering(t, http.StatusOK, c.answer)
		if err := c.do(t.Context(), client); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		sent := server.last(t)
		if sent.method != c.method || sent.uri != c.uri {
			t.Errorf("%s: sent %s %s, want %s %s", c.name, sent.method, sent.uri, c.method, c.uri)
		}
		if got := sent.header.Get("Authorization"); got != "Bearer "+testToken {
			t.Errorf("%s: Authorization is %q", c.name, got)
		}
		if got := sent.header.Get("User-Agent"); got != DefaultUserAgent {
			t.Errorf("%s: User-Agent is %q", c.name, got)
		}
		if got, want := sent.header.Get("Content-Type"), map[bool]string{true: "application/json"}[sent.body != ""]; got != want {
			t.Errorf("%s: Content-Type is %q, want %q", c.name, got, want)
		}
	}
}

func TestClient_EveryWriteHasAllFields(t *testing.T) {
	common := map[string]any{
		"name": "K-R100.1", "code": 847362.0, "remoteAllowed": false,
		"allowedFromDate": "2026-09-22T12:00:00Z", "allowedUntilDate": "2026-09-25T08:30:00Z",
		"allowedWeekDays": 127.0, "allowedFromTime": 0.0, "allowedUntilTime": 0.0,
	}
	with := func(key string, value any) map[string]any {
		all := map[string]any{key: value}
		for k, v := range common {
			all[k] = v
		}
		return all
	}
	client, server := answering(t, http.StatusNoContent, "")
	enabled, disabled := mustDocument(t, true), mustDocument(t, false)
	cases := []struct {
		name string
		do   func() error
		want map[string]any
	}{
		{"create", func() error { return client.CreateAuthorization(t.Context(), 1, enabled) }, with("type", 13.0)},
		{"update", func() error { return client.UpdateAuthorization(t.Context(), 1, "a", enabled) }, with("enabled", true)},
		{"disarm", func() error { return client.UpdateAuthorization(t.Context(), 1, "a", disabled) }, with("enabled", false)},
	}
	for _, c := range cases {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(server.last(t).body), &got); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %v\nwant %v", c.name, got, c.want)
		}
	}
}

func TestClient_RefusesToSendWhatWouldHitSomethingElse(t *testing.T) {
	client, server := answering(t, http.StatusNoContent, "")
	whole := mustDocument(t, true)
	refused := map[string]error{
		"create of the zero document":   client.CreateAuthorization(t.Context(), 1, Document{}),
		"create of a disabled document": client.CreateAuthorization(t.Context(), 1, mustDocument(t, false)),
		"update to the zero document":   client.UpdateAuthorization(t.Context(), 1, "a", Document{}),
	}
	for _, id := range []string{"", ".", ".."} {
		refused["update of "+id] = client.UpdateAuthorization(t.Context(), 1, id, whole)
		refused["delete of "+id] = client.DeleteAuthorization(t.Context(), 1, id)
	}
	for what, err := range refused {
		if err == nil {
			t.Errorf("%q was not refused", what)
		}
	}
	if len(server.seen) != 0 {
		t.Errorf("%d requests were sent: %v", len(server.seen), server.seen)
	}
}

const listedAuths = `[
 {"id":"65219648fe57075d71a6cb01","smartlockId":18298712180,"authId":42,"code":847362,"type":13,"name":"K-R100","enabled":true,
  "remoteAllowed":true,"lockCount":3,"allowedFromDate":"2026-09-22T12:00:00.000Z","allowedUntilDate":"2026-09-25T08:30:00.000Z",
  "allowedWeekDays":127,"allowedFromTime":0,"allowedUntilTime":0,"creationDate":"2026-09-20T10:00:00.000Z",
  "updateDate":"2026-09-20T10:00:05.000Z","lastActiveDate":"2026-09-23T07:00:00.000Z","operationId":"6521","error":"code 847362: no subscription",
  "appId":7,"somethingNew":{"a":[1]}},
 {"id":"b","smartlockId":18298712180,"type":13,"name":"bare","enabled":false,"remoteAllowed":false,"lockCount":0,
  "operationId":{"timestamp":1}, "allowedFromDate":"soon","allowedWeekDays":127},
 {"id":"c","smartlockId":18298712180,"type":0,"name":"a phone","enabled":true,"remoteAllowed":true,"lockCount":0,"operationId":null}]`

func TestClient_ReadsKeypadCodes(t *testing.T) {
	client, _ := answering(t, http.StatusOK, listedAuths)
	got, err := client.Authorizations(t.Context(), bigLock)
	if err != nil {
		t.Fatal(err)
	}
	w := mustWindow(t)
	days := 127
	want := []Authorization{
		{
			ID: "65219648fe57075d71a6cb01", SmartlockID: bigLock, Type: TypeKeypadCode, Name: "K-R100", PIN: mustPIN(t, secretDigits),
			Window:  PartialWindow{From: &w.From, Until: &w.Until, WeekDays: &w.WeekDays, FromTime: &w.FromTime, UntilTime: &w.UntilTime},
			Enabled: true, RemoteAllowed: true, OperationID: "6521", LockAuthID: 42, LockCount: 3,
			CreatedAt: at("2026-09-20T10:00:00Z"), UpdatedAt: at("2026-09-20T10:00:05Z"), LastActiveAt: at("2026-09-23T07:00:00Z"),
			Error: "code ******: no subscription",
		},
		{ID: "b", SmartlockID: bigLock, Type: TypeKeypadCode, Name: "bare", OperationID: `{"timestamp":1}`, Window: PartialWindow{WeekDays: &days}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if _, whole := got[0].Window.Whole(); !whole {
		t.Error("a whole window is read as partial")
	}
}

func TestClient_ReadsSmartlocks(t *testing.T) {
	const lock = `{"smartlockId":18298712180,"accountId":1,"type":4,"authId":1,"name":"Front","favorite":false,"serverState":4,"adminPinState":2,
	 "config":{"name":"Front","timezoneId":37,"keypadPaired":%t,"keypad2Paired":%t,"operationId":{"x":1}},
	 "state":{"mode":2,"state":1,"batteryCritical":true,"keypadBatteryCritical":true},
	 "operationId":"77","updateDate":"2026-09-13T11:27:37.772Z","error":"no subscription"}`
	want := Smartlock{
		ID: bigLock, Name: "Front", Type: 4, ServerState: ServerOffline, AdminPinState: 2, KeypadPaired: true, TimeZone: "37",
		BatteryCritical: true, KeypadBatteryCritical: true, OperationID: "77", UpdatedAt: at("2026-09-13T11:27:37.772Z"), Error: "no subscription",
	}
	for _, paired := range [][2]bool{{true, false}, {false, true}, {true, true}, {false, false}} {
		answer := fmt.Sprintf(lock, paired[0], paired[1])
		want.KeypadPaired = paired[0] || paired[1]
		client, _ := answering(t, http.StatusOK, answer)
		got, err := client.Smartlock(t.Context(), bigLock)
		if err != nil || got != want {
			t.Errorf("one: got %+v, %v, want %+v", got, err, want)
		}
		client, _ = answering(t, http.StatusOK, "["+answer+`,{"smartlockId":2}]`)
		all, err := client.Smartlocks(t.Context())
		if err != nil || len(all) != 2 || all[0] != want || all[1].ID != 2 {
			t.Errorf("list: got %+v, %v", all, err)
		}
	}
}

func TestClient_ReadsTheLog(t *testing.T) {
	client, _ := answering(t, http.StatusOK, `[{"id":"r1","smartlockId":18298712180,"deviceType":4,"name":"K-R100","action":1,"trigger":255,
	 "state":0,"autoUnlock":false,"date":"2026-09-22T12:01:02.345Z","authId":"65219648fe57075d71a6cb01","source":1}]`)
	got, err := client.Log(t.Context(), bigLock, LogQuery{})
	want := []LogRow{{
		ID: "r1", SmartlockID: bigLock, AuthID: "65219648fe57075d71a6cb01", Name: "K-R100", Action: 1, Trigger: TriggerKeypad,
		State: StateSuccess, Source: SourceKeypadCode, Date: at("2026-09-22T12:01:02.345Z"),
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestClient_EmptyListIsNoError(t *testing.T) {
	client, _ := answering(t, http.StatusOK, "[]")
	if got, err := client.Authorizations(t.Context(), 1); err != nil || got == nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNew_ChecksItsOptions(t *testing.T) {
	cases := []struct {
		name string
		o    Options
		ok   bool
	}{
		{"token only", Options{Token: "t"}, true},
		{"plain http, port and path", Options{Token: "t", BaseURL: "http://sim:8080/nuki/"}, true},
		{"no token", Options{}, false},
		{"token with a line end", Options{Token: "t\n"}, false},
		{"no scheme", Options{Token: "t", BaseURL: "api.nuki.io"}, false},
		{"other scheme", Options{Token: "t", BaseURL: "ftp://api.nuki.io"}, false},
		{"no host", Options{Token: "t", BaseURL: "https://"}, false},
		{"user in the address", Options{Token: "t", BaseURL: "https://u:p4ssw0rd@api.nuki.io"}, false},
		{"unreadable, with a password", Options{Token: "t", BaseURL: "https://u:p4ssw0rd@api.nuki.io:x"}, false},
		{"query", Options{Token: "t", BaseURL: "https://api.nuki.io?x=1"}, false},
		{"fragment", Options{Token: "t", BaseURL: "https://api.nuki.io#x"}, false},
		{"negative rate", Options{Token: "t", RequestsPerSecond: -1}, false},
		{"negative burst", Options{Token: "t", Burst: -1}, false},
		{"negative timeout", Options{Token: "t", Timeout: -1}, false},
	}
	for _, c := range cases {
		client, err := New(c.o)
		if (err == nil) != c.ok || (client != nil) != c.ok {
			t.Errorf("%s: got %v, %v", c.name, client, err)
		}
		if err != nil && strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%s: the error shows the password: %v", c.name, err)
		}
	}
}

func TestClient_DoesNotShowItsToken(t *testing.T) {
	o := Options{Token: testToken}
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	printed := string(data)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		printed += fmt.Sprintf(format+format, o, client)
	}
	if strings.Contains(printed, testToken) {
		t.Errorf("the token shows: %s", printed)
	}
}
