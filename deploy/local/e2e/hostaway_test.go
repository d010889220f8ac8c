// This file follows a PIN out of Keystay: by an event to the example receiver, as
// a program of its own, and by that to a stand-in for Hostaway's API.

package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
)

// hostaway stands in for Hostaway's API: reservations and their door codes.
type hostaway struct {
	mu    sync.Mutex
	codes map[string]string
	calls int
}

// ServeHTTP takes `PUT /v1/reservations/{id}`; the first call fails.
func (h *hostaway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var fields struct {
		DoorCode *string `json:"doorCode"`
	}
	id, ours := strings.CutPrefix(r.URL.Path, "/v1/reservations/")
	err := json.NewDecoder(r.Body).Decode(&fields)
	h.calls++
	switch {
	case h.calls == 1:
		w.WriteHeader(http.StatusInternalServerError)
	case r.Method != http.MethodPut || !ours || err != nil || r.Header.Get("Authorization") != "Bearer hostaway-token":
		w.WriteHeader(http.StatusForbidden)
	case fields.DoorCode == nil:
		h.codes[id] = ""
	default:
		h.codes[id] = *fields.DoorCode
	}
}

// code is the door code of a reservation; there is none before one was written.
func (h *hostaway) code(id string) (code string, written bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	code, written = h.codes[id]
	return code, written
}

func TestHostaway_GetsTheDoorCodeThatOpensTheKeypad(t *testing.T) {
	t.Parallel()
	account := &hostaway{codes: map[string]string{}}
	server := httptest.NewServer(account)
	t.Cleanup(server.Close)
	address := freeAddress(t)
	subscriber := startReceiver(t, "hostaway").subscriber
	subscriber.URL, subscriber.WithPIN = "http://"+address+"/", true
	subscriber.Types = activities.TypeFilter{"access_code.*", "access.revoked"}
	options := telling(quickEvents())
	options.Subscribers = []activities.Subscriber{subscriber}
	s := start(t, options)
	program := s.buildFrom("deploy/examples/hostaway")
	s.put("hostaway-117277", stayFrom(inSeconds(5), 7*time.Second, "", frontDoor))
	s.awaitStatus("hostaway-117277", "ready") // Nobody takes events yet.
	example := s.runExample(program, address, "WEBHOOK_SECRET="+subscriber.Secret, "HOSTAWAY_URL="+server.URL, "HOSTAWAY_TOKEN=hostaway-token")
	defer kill(t, example)

	s.await("Hostaway has a door code", func() (bool, string) {
		_, written := account.code("117277")
		return written, fmt.Sprintf("%+v", s.eventsView("hostaway-117277"))
	})
	code, _ := account.code("117277")
	s.awaitOpens(frontDoor, code, true)
	if s.view("hostaway-117277").PIN.ToldAt.IsZero() {
		t.Error("the PIN is in Hostaway, and does not count as told")
	}
	s.awaitStatus("hostaway-117277", "revoked")
	s.awaitOpens(frontDoor, code, false)
	s.await("Hostaway's door code is removed", func() (bool, string) {
		code, _ := account.code("117277")
		return code == "", fmt.Sprintf("%+v", s.eventsView("hostaway-117277"))
	})
}

// freeAddress is a port of this machine that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// runExample starts the example as a process of its own.
func (s *system) runExample(program, listen string, environment ...string) *exec.Cmd {
	s.Helper()
	example := exec.Command(program, "-listen", listen)
	example.Env = append(os.Environ(), environment...)
	if err := example.Start(); err != nil {
		s.Fatal(err)
	}
	return example
}
