// This file is what the tests over HTTP share beside kit_test.go: requests that
// need not be well-formed, answers looked into by path, and what must not change.

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// in is the system in a subtest.
func (s *system) in(t *testing.T) *system { return &system{t, s.Stack} }

// request is one call; its body is sent as it is.
type request struct {
	method, path string
	token        string
	body         string
	headers      map[string]string
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request; an empty token sends none.
func (s *system) send(r request) reply {
	s.Helper()
	sent, err := http.NewRequestWithContext(s.Context(), r.method, s.API+r.path, strings.NewReader(r.body))
	if err != nil {
		s.Fatal(err)
	}
	if r.token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range r.headers {
		sent.Header.Set(name, value)
	}
	return s.exchange(sent)
}

// exchange sends a request and reads the whole answer.
func (s *system) exchange(request *http.Request) reply {
	s.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, body}
}

// ask is a call with the API's token.
func (s *system) ask(method, path string, body any, headers ...string) reply {
	s.Helper()
	status, header, answer := s.call(method, path, body, headers...)
	return reply{status, header, answer}
}

// reservation asks for one reservation's document.
func (s *system) reservation(id string) reply {
	s.Helper()
	return s.ask(http.MethodGet, "/v1/reservations/"+id, nil)
}

// putEvaluated puts a booking, waits for its evaluation, and answers the document.
func (s *system) putEvaluated(id string, b booking) reply {
	s.Helper()
	answer := s.ask(http.MethodPut, "/v1/reservations/"+id, b, "Prefer", "wait=3")
	s.expect(answer, http.StatusOK)
	return answer
}

// expect checks a status.
func (s *system) expect(r reply, status int) {
	s.Helper()
	if r.status != status {
		s.Fatalf("answered with %d, want %d: %s", r.status, status, r.body)
	}
}

// at is the value at a path of names and indexes with dots between; nil where
// there is none.
func (r reply) at(path string) any {
	var value any
	if json.Unmarshal(r.body, &value) != nil {
		return nil
	}
	for step := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inner) {
				return nil
			}
			value = inner[i]
		default:
			return nil
		}
	}
	return value
}

// text is the value at a path as it prints; "" where there is none.
func (r reply) text(path string) string {
	if value := r.at(path); value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

// expectAt checks values by their paths; "" wants none.
func (s *system) expectAt(r reply, wanted map[string]string) {
	s.Helper()
	for path, want := range wanted {
		if got := r.text(path); got != want {
			s.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if s.TB.Failed() {
		s.Fatalf("in %s", r.body)
	}
}

// awaitAttention waits until a reservation raises a reason for a person.
func (s *system) awaitAttention(id, reason string) {
	s.Helper()
	s.await(id+" raises "+reason, func() (bool, string) {
		d := s.get(id)
		return slices.Contains(d.Attention, reason), fmt.Sprintf("%+v", d)
	})
}

// health is /healthz's count of webhooks by what became of them.
func (s *system) health() map[string]int {
	s.Helper()
	var answer struct{ Webhooks map[string]int }
	r := s.send(request{method: http.MethodGet, path: "/healthz"})
	s.expect(r, http.StatusOK)
	if err := json.Unmarshal(r.body, &answer); err != nil {
		s.Fatal(err)
	}
	return answer.Webhooks
}

// still is all about a reservation and its lock that a stranger's mistake must
// not change: its document but for what only ages, both lists of the lock, the
// requests that it got, and what its front desk has heard.
func (s *system) still(id string, lock int64) string {
	s.Helper()
	var shown any
	if err := json.Unmarshal(s.reservation(id).body, &shown); err != nil {
		s.Fatal(err)
	}
	all, err := json.Marshal([]any{ageless(shown), s.Sim.Snapshot(lock), s.desk(lock)})
	if err != nil {
		s.Fatal(err)
	}
	return string(all)
}

// desk is what a lock's front desk shows.
func (s *system) desk(lock int64) workflows.DeskView {
	s.Helper()
	desk, err := workflows.QuerySmartlock.Ask(s.Context(), s.Temporal, workflows.SmartlockWorkflowID(lock))
	if err != nil {
		s.Fatal(err)
	}
	return desk
}

// ageless leaves out of a document what changes by time alone.
func ageless(value any) any {
	switch inner := value.(type) {
	case map[string]any:
		delete(inner, "as_of")
		delete(inner, "age_seconds")
		for name := range inner {
			inner[name] = ageless(inner[name])
		}
	case []any:
		for i := range inner {
			inner[i] = ageless(inner[i])
		}
	}
	return value
}

// startWithUI starts a stack with Temporal's Web UI and some doors.
func startWithUI(t *testing.T, locks ...int64) *system {
	t.Helper()
	options := stack.Options{Policy: stack.FastPolicy(), Faults: nukisim.Faults{LatencyMin: 20, LatencyMax: 60}}
	for _, lock := range locks {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock})
	}
	running, err := stack.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return &system{t, running}
}

// listed are the ids that a listing answers, sorted.
func (s *system) listed(filters url.Values) []string {
	s.Helper()
	r := s.ask(http.MethodGet, "/v1/reservations?"+filters.Encode(), nil)
	s.expect(r, http.StatusOK)
	var page struct{ Reservations []struct{ ID string } }
	if err := json.NewDecoder(bytes.NewReader(r.body)).Decode(&page); err != nil {
		s.Fatal(err)
	}
	ids := []string{}
	for _, row := range page.Reservations {
		ids = append(ids, row.ID)
	}
	slices.Sort(ids)
	return ids
}

// inAnHour is a check-in far enough away that the fast ladders are quiet.
func inAnHour() time.Time { return time.Now().Add(time.Hour).Truncate(time.Second) }
