// This file tests the exchange itself: refusals, bounds, redirects, timeouts, connections.

package nuki

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var typed *Error
	if !errors.As(err, &typed) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return typed
}

func TestClient_TellsEveryRefusal(t *testing.T) {
	for _, status := range []int{400, 401, 402, 403, 404, 405, 409, 422, 423, 426, 429, 500, 502, 503, 504} {
		for header, want := range map[string]time.Duration{"": 0, "1": time.Second} {
			r := &recorder{status: status, answer: `{"detailMessage":"no such thing"}`, header: http.Header{}}
			if header != "" {
				r.header.Set("Retry-After", header)
			}
			client, _ := serve(t, r)
			err := asError(t, client.CreateAuthorization(t.Context(), 1, mustDocument(t, true)))
			if err.Status != status || err.RetryAfter != want || err.Message != "no such thing" || err.Err != nil {
				t.Errorf("%d: got %+v", status, err)
			}
			if !strings.Contains(err.Error(), "create authorization") || !strings.Contains(err.Error(), fmt.Sprint(status)) {
				t.Errorf("%d: got %q", status, err.Error())
			}
		}
	}
}

func TestClient_ErrorsHideEchoedSecrets(t *testing.T) {
	echoes := map[string]string{
		"throwable": `{"detailMessage":"value '847362' with Bearer s3cr3t-t0k3n is not valid"}`,
		"plain":     "PUT code=847362 token=s3cr3t-t0k3n",
		"long":      strings.Repeat("x", 250) + " 847362 s3cr3t-t0k3n " + strings.Repeat("847362 ", 1000),
	}
	for name, echo := range echoes {
		for _, status := range []int{400, 409, 500} {
			client, _ := answering(t, status, echo)
			mustBeClean(t, name, client.CreateAuthorization(t.Context(), 1, mustDocument(t, true)))
		}
		client, _ := answering(t, http.StatusOK, echo)
		_, err := client.Authorizations(t.Context(), 1)
		mustBeClean(t, name, err)
	}
	client, _ := answering(t, http.StatusOK, `[{"type":13,"id":"a","code":847362,"lockCount":847362.5}]`)
	_, err := client.Authorizations(t.Context(), 1)
	mustBeClean(t, "a decoder that quotes", err)
}

// mustBeClean looks at the error and at all that it wraps, as Temporal does.
func mustBeClean(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s: no error", name)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		printed := fmt.Sprintf("%v %+v %#v", err, err, err)
		mustNotShow(t, name, printed)
		if strings.Contains(printed, testToken) {
			t.Errorf("%s: the token shows: %s", name, printed)
		}
		if len(err.Error()) > maxMessage+100 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func TestClient_AnUnreadableAnswerIsAnErrorNotAnEmptyList(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing": "", "null": " null\n", "html": "<html>log in</html>", "cut": `[{"id":"a"`, "object": `{"error":"x"}`, "twice": "[][]",
	} {
		client, _ := answering(t, http.StatusOK, answer)
		list, err := client.Authorizations(t.Context(), 1)
		if list != nil {
			t.Errorf("%s: got a list: %v", name, list)
		}
		if typed := asError(t, err); typed.Status != http.StatusOK || typed.Err == nil {
			t.Errorf("%s: got %+v", name, typed)
		}
	}
}

func TestClient_BoundsTheAnswer(t *testing.T) {
	for size, ok := range map[int]bool{maxAnswer: true, maxAnswer + 1: false} {
		client, _ := answering(t, http.StatusOK, "[]"+strings.Repeat(" ", size-2))
		_, err := client.Authorizations(t.Context(), 1)
		if (err == nil) != ok {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
}

func TestClient_RefusesRedirects(t *testing.T) {
	var reached atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		r := &recorder{status: status, header: http.Header{"Location": {elsewhere.URL}}}
		client, _ := serve(t, r)
		if _, err := client.Smartlocks(t.Context()); asError(t, err).Status != status {
			t.Errorf("%d: got %v", status, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestNew_LeavesTheCallersHTTPClientAlone(t *testing.T) {
	own := &http.Client{}
	if _, err := New(Options{Token: "t", HTTPClient: own}); err != nil {
		t.Fatal(err)
	}
	if own.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}

// stuck is a server that answers only when the test ends.
func stuck(t *testing.T, timeout time.Duration) *Client {
	t.Helper()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); server.Close() })
	client, err := New(Options{BaseURL: server.URL, Token: testToken, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClient_ARequestHasATimeoutOfItsOwn(t *testing.T) {
	err := asError(t, stuck(t, 50*time.Millisecond).Sync(t.Context(), 1))
	if err.Status != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v", err)
	}
	if errors.Is(err, ErrNotSent) {
		t.Error("a request that was sent is called not sent")
	}
}

func TestClient_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begun := time.Now()
	err := asError(t, stuck(t, time.Minute).Sync(ctx, 1))
	if err.Status != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v", err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestClient_TheTimeoutCoversASlowBody(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "[")
		w.(http.Flusher).Flush()
		<-release
	}))
	defer server.Close()
	defer close(release)
	client, err := New(Options{BaseURL: server.URL, Token: testToken, Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Authorizations(t.Context(), 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestClient_NoServerIsStatusZero(t *testing.T) {
	client, server := serve(t, http.NotFoundHandler())
	server.Close()
	if err := asError(t, client.Sync(t.Context(), 1)); err.Status != 0 || err.Err == nil {
		t.Errorf("got %+v", err)
	}
}

func TestClient_ReusesItsConnection(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
		if got := connectionsOfSixRequests(t, status); got != 1 {
			t.Errorf("6 requests answered with %d took %d connections, want 1", status, got)
		}
	}
}

// connectionsOfSixRequests has bodies in the answers that no caller asked for.
func connectionsOfSixRequests(t *testing.T, status int) int32 {
	t.Helper()
	var connections atomic.Int32
	r := &recorder{status: status, answer: strings.Repeat("x", 10_000)}
	server := httptest.NewUnstartedServer(r)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client, err := New(Options{BaseURL: server.URL, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = client.Sync(t.Context(), 1)
		_, _ = client.Smartlocks(t.Context())
	}
	return connections.Load()
}
