// This file is what the tests share: a running system, a reservation system's
// voice, and waiting for outcomes.

package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

const (
	frontDoor = int64(18298712180)
	flatDoor  = int64(18298712181)
	// patience is many times what anything takes here, and longer than the half minute
	// after which an attempt is made again that a busy server has lost.
	patience = 45 * time.Second
)

// system is a running stack in a test.
type system struct {
	testing.TB
	*stack.Stack
}

// start starts a stack with two doors that answer quickly.
func start(t testing.TB, options stack.Options) *system {
	t.Helper()
	options.UIPort = -1
	if options.Policy.Lead == 0 {
		options.Policy = stack.FastPolicy()
	}
	if len(options.Locks) == 0 {
		options.Locks = []nukisim.LockConfig{{ID: frontDoor, Name: "Front door"}, {ID: flatDoor, Name: "Flat"}}
	}
	if options.Faults == (nukisim.Faults{}) {
		options.Faults = nukisim.Faults{LatencyMin: 20, LatencyMax: 60}
	}
	running, err := stack.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	s := &system{t, running}
	t.Cleanup(s.tellIfFailed)
	return s
}

// booking is what a reservation system sends.
type booking map[string]any

// stayFrom is a confirmed stay on some doors.
func stayFrom(starts time.Time, length time.Duration, pin string, locks ...int64) booking {
	doors := []map[string]any{}
	for _, lock := range locks {
		doors = append(doors, map[string]any{"smartlock_id": lock})
	}
	b := booking{
		"version": 1, "status": "confirmed", "unit": "apt-4", "guest": map[string]string{"name": "Anna Huber"},
		"stay":    map[string]string{"starts_at": starts.UTC().Format(time.RFC3339), "ends_at": starts.Add(length).UTC().Format(time.RFC3339)},
		"buffers": map[string]int{"after_minutes": 0}, "locks": doors,
		"pin": map[string]any{"mode": "generate", "disclose_at": "listed"},
	}
	if pin != "" {
		b["pin"] = map[string]any{"mode": "supplied", "code": pin}
	}
	return b
}

// with is the booking with another version and some fields changed.
func (b booking) with(version int, fields booking) booking {
	changed := booking{"version": version}
	for _, from := range []booking{b, fields} {
		for key, value := range from {
			if key != "version" {
				changed[key] = value
			}
		}
	}
	return changed
}

// call speaks to the API and answers status, headers and body.
func (s *system) call(method, path string, body any, headers ...string) (int, http.Header, []byte) {
	s.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.Context(), method, s.API+path, bytes.NewReader(encoded))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.APIToken)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := s.exchange(request)
	return answer.status, answer.header, answer.body
}

// put books, and expects the booking to be taken.
func (s *system) put(id string, b booking) {
	s.Helper()
	if status, _, answer := s.call(http.MethodPut, "/v1/reservations/"+id, b); status != http.StatusAccepted {
		s.Fatalf("PUT %s was answered with %d: %s", id, status, answer)
	}
}

// document is a reservation as GET shows it, as far as the tests look.
type document struct {
	Status    string   `json:"status"`
	Attention []string `json:"attention"`
	Stale     bool     `json:"stale"`
	Version   any      `json:"version"`
	Ignored   *struct {
		Version any `json:"version"`
	} `json:"ignored"`
	Warning string `json:"warning"`
	Locks   []struct {
		Status string `json:"status"`
		Proof  struct {
			Level    string `json:"level"`
			Evidence string `json:"evidence"`
		} `json:"proof"`
	} `json:"locks"`
	Next struct {
		Reason string `json:"reason"`
	} `json:"next"`
}

func (s *system) get(id string) document {
	s.Helper()
	var d document
	_, _, answer := s.call(http.MethodGet, "/v1/reservations/"+id, nil)
	_ = json.Unmarshal(answer, &d)
	return d
}

// await polls until something is true.
func (s *system) await(what string, done func() (bool, string)) {
	s.Helper()
	s.awaitWithin(patience, what, done)
}

func (s *system) awaitWithin(limit time.Duration, what string, done func() (bool, string)) {
	s.Helper()
	deadline := time.Now().Add(limit)
	for {
		ok, found := done()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("waited %s in vain until %s; found: %s", limit, what, found)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// awaitStatus waits for the reservation's own word.
func (s *system) awaitStatus(id, want string) {
	s.Helper()
	s.await(id+" is "+want, func() (bool, string) {
		d := s.get(id)
		return d.Status == want && !d.Stale, fmt.Sprintf("%+v", d)
	})
}

// table is what the keypad of a lock obeys.
func (s *system) table(lock int64) []nukisim.EntryView { return s.Sim.Snapshot(lock).Table }

// awaitEmpty waits until a lock holds nothing.
func (s *system) awaitEmpty(lock int64) {
	s.Helper()
	s.await(fmt.Sprintf("lock %d is empty", lock), func() (bool, string) {
		return len(s.table(lock)) == 0, fmt.Sprintf("%+v", s.table(lock))
	})
}

// awaitOpens waits until a keypad answers as wanted.
func (s *system) awaitOpens(lock int64, pin string, want bool) {
	s.Helper()
	s.await(fmt.Sprintf("the keypad of %d opens: %v", lock, want), func() (bool, string) {
		return s.Sim.Opens(lock, pin, time.Now()) == want, fmt.Sprintf("%+v", s.table(lock))
	})
}

// view asks the workflow itself.
func (s *system) view(id string) workflows.View {
	s.Helper()
	ctx, stop := context.WithTimeout(s.Context(), patience)
	defer stop()
	view, err := workflows.QueryReservation.Ask(ctx, s.Temporal, workflows.ReservationWorkflowID(id))
	if err != nil {
		s.Fatal(err)
	}
	return view
}

// webhook delivers a signed webhook, as Nuki would.
func (s *system) webhook(body string) {
	s.Helper()
	mac := hmac.New(sha256.New, []byte(s.WebhookSecret))
	mac.Write([]byte(body))
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.API+"/v1/webhooks/nuki", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("X-Nuki-Signature-SHA256", hex.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.Fatalf("the webhook was answered with %s", response.Status)
	}
}
