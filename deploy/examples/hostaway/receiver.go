// This file takes events in: is it Keystay's, is it news, and what does it mean for
// the reservation in Hostaway.

package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// settings are the environment.
type settings struct {
	// secret is the subscriber's, "whsec_…", as Keystay has it.
	secret string
	// url is where Hostaway's API is, token its access token.
	url, token string
	prefix     string
	dryRun     bool
}

// receiver takes events over HTTP.
type receiver struct {
	verifier *standardwebhooks.Webhook
	prefix   string
	write    func(reservation int64, doorCode string) error
	logger   *log.Logger

	mu sync.Mutex
	// seen is the time of the last event of each reservation that was written.
	// Keystay keeps the order, but one that a person has redelivered may be old.
	seen map[int64]time.Time
}

func newReceiver(s settings, logger *log.Logger) (*receiver, error) {
	if !strings.HasPrefix(s.secret, "whsec_") {
		return nil, errors.New("WEBHOOK_SECRET is needed: the subscriber's secret, whsec_…")
	}
	verifier, err := standardwebhooks.NewWebhook(s.secret)
	if err != nil {
		return nil, errors.New("WEBHOOK_SECRET must be base64 after whsec_")
	}
	r := &receiver{verifier: verifier, prefix: s.prefix, logger: logger, seen: map[int64]time.Time{}}
	if s.dryRun {
		r.write = func(int64, string) error { return nil }
		return r, nil
	}
	if s.token == "" {
		return nil, errors.New("HOSTAWAY_TOKEN is needed: an access token of Hostaway's API, or -dry-run")
	}
	r.write = newHostaway(s.url, s.token).setDoorCode
	return r, nil
}

// event is what this receiver needs of one.
type event struct {
	ID            string    `json:"event_id"`
	Type          string    `json:"type"`
	OccurredAt    time.Time `json:"occurred_at"`
	ReservationID string    `json:"reservation_id"`
	PIN           string    `json:"pin"`
}

// maxEvent is far above what an event of 20 doors needs.
const maxEvent = 64 << 10

// ServeHTTP answers 2xx once the event is where it belongs: Keystay asks again
// otherwise. What it answers instead tells Keystay whether that can help.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxEvent))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if err := r.verifier.Verify(body, request.Header); err != nil {
		r.logger.Print("refused a request: ", err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(r.take(e))
}

// take does what an event means, and says how to answer it.
func (r *receiver) take(e event) int {
	number, ours := strings.CutPrefix(e.ReservationID, r.prefix)
	reservation, err := strconv.ParseInt(number, 10, 64)
	concerns := e.PIN != "" || e.Type == "access.revoked"
	if !ours || err != nil || !concerns {
		return http.StatusNoContent
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.OccurredAt.Before(r.seen[reservation]) {
		return http.StatusNoContent
	}
	if err := r.write(reservation, e.PIN); err != nil {
		r.logger.Printf("%s of reservation %d was not written: %v", e.Type, reservation, err)
		return answerTo(err)
	}
	r.seen[reservation] = e.OccurredAt
	r.logger.Printf("%s: the door code of reservation %d is %s", e.Type, reservation, said(e.PIN))
	return http.StatusNoContent
}

// said is a code in a log: whether there is one.
func said(pin string) string {
	if pin == "" {
		return "removed"
	}
	return "set"
}
