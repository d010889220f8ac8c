// This file is a proxy before the simulated Nuki that keeps what was sent, and
// answers some writes with an error that quotes them, token and all.

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// echo is the proxy.
type echo struct {
	URL     string
	passing http.Handler

	mu sync.Mutex
	// pins and names are what was ever written to a lock.
	pins, names map[string]bool
	// answers are the statuses with which the next writes to a lock are answered;
	// the last one stays where it is negative.
	answers map[int64][]int
}

func startEcho(t *testing.T, nuki string) *echo {
	t.Helper()
	target, err := url.Parse(nuki)
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{
		passing: httputil.NewSingleHostReverseProxy(target),
		pins:    map[string]bool{}, names: map[string]bool{}, answers: map[int64][]int{},
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.URL = server.URL
	return e
}

// refuse has the next writes to a lock answered with these statuses; a negative
// one for ever.
func (e *echo) refuse(lock int64, statuses ...int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers[lock] = statuses
}

// ServeHTTP passes a request on, or quotes it.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body ended too early", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.Method == http.MethodGet || len(body) == 0 {
		e.passing.ServeHTTP(w, r)
		return
	}
	status := e.note(r.URL.Path, body)
	if status == 0 {
		e.passing.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"code": status, "description": "Refused: " + string(body), "detailMessage": "Refused: " + string(body) + " by " + r.Header.Get("Authorization"),
	})
}

// note keeps what a write carries, and says how it is answered; 0 passes it on.
func (e *echo) note(path string, body []byte) int {
	var written struct {
		Code json.Number `json:"code"`
		Name string      `json:"name"`
	}
	_ = json.Unmarshal(body, &written)
	lock, _ := strconv.ParseInt(strings.Split(path+"//", "/")[2], 10, 64)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pins[written.Code.String()], e.names[written.Name] = true, true
	statuses := e.answers[lock]
	switch {
	case len(statuses) == 0:
		return 0
	case statuses[0] < 0:
		return -statuses[0]
	}
	e.answers[lock] = statuses[1:]
	return statuses[0]
}

// written are the PINs and names that were ever written to a lock.
func (e *echo) written() (pins, names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for pin := range e.pins {
		pins = append(pins, pin)
	}
	for name := range e.names {
		names = append(names, name)
	}
	return pins, names
}
