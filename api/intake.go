// This file takes reservations in: PUT says what a stay is, DELETE that it is
// off. Both are a signal, durable with no worker running.

package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/keystay/keystay/workflows"
)

const (
	// maxReservation bounds the body of a PUT. What Keystay reads of it is
	// some hundred bytes; the rest is for senders who add their own.
	maxReservation = 64 << 10
	// maxWait bounds Prefer: wait.
	maxWait = 10 * time.Second
)

// links are the paths of a reservation.
type links struct {
	Self string `json:"self"`
	PIN  string `json:"pin"`
}

func linksOf(id string) links {
	self := reservationsPath + "/" + id
	return links{Self: self, PIN: self + "/pin"}
}

// accepted answers what has been recorded and will be worked on.
type accepted struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Links  links  `json:"links"`
}

func answerAccepted(w http.ResponseWriter, id string) error {
	return writeJSON(w, http.StatusAccepted, accepted{ID: id, Status: "accepted", Links: linksOf(id)})
}

// putReservation records a whole reservation, new or changed, once or again.
func (s *Server) putReservation(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	body, err := readBody(w, r, maxReservation)
	if err != nil {
		return err
	}
	document, err := parseReservation(body)
	if err != nil {
		return err
	}
	if err := s.record(r.Context(), id, document); err != nil {
		return err
	}
	return s.answerPut(w, r, id)
}

func (s *Server) record(ctx context.Context, id string, document intake) error {
	if document.bare {
		return recorded(s.engine.withdraw(ctx, id, document.wish.Version))
	}
	if err := s.refuseOver(ctx, id, document.wish); err != nil {
		return err
	}
	return recorded(s.engine.put(ctx, id, document.wish))
}

func recorded(err error) error {
	if err != nil {
		return notRecorded(err)
	}
	return nil
}

// refuseOver refuses a stay that has ended, unless its reservation is open: a
// reservation system may well send an old booking again.
func (s *Server) refuseOver(ctx context.Context, id string, wish workflows.Wish) error {
	if wish.EndsAt.Add(wish.After.D()).After(s.config.Clock()) {
		return nil
	}
	run, err := s.engine.describe(ctx, id)
	switch {
	case err != nil && !isNotFound(err):
		return notRecorded(err)
	case err == nil && run.open:
		return nil
	}
	p := problem(http.StatusUnprocessableEntity, codeStayOver, "The stay has ended and no reservation with this id is open. Nothing was recorded.")
	p.Errors = []Fault{{Pointer: "/stay", Detail: "ends in the past"}}
	return p
}

// answerPut is 202, or the evaluated document for a caller who prefers to wait
// and whose wait was long enough.
func (s *Server) answerPut(w http.ResponseWriter, r *http.Request, id string) error {
	wait, preferred := preferredWait(r.Header)
	if !preferred {
		return answerAccepted(w, id)
	}
	w.Header().Set("Preference-Applied", fmt.Sprintf("wait=%d", int(wait.Seconds())))
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	view, err := s.engine.ask(ctx, id)
	if err != nil {
		return answerAccepted(w, id)
	}
	run, err := s.engine.describe(ctx, id)
	if err != nil {
		return answerAccepted(w, id)
	}
	return writeJSON(w, http.StatusOK, renderView(id, view, run.run, time.Now()))
}

// preferredWait is the wait that a caller prefers (RFC 7240), at most maxWait.
func preferredWait(header http.Header) (time.Duration, bool) {
	for _, line := range header.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
			seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 32)
			if strings.EqualFold(strings.TrimSpace(name), "wait") && err == nil && seconds > 0 {
				return min(time.Duration(seconds)*time.Second, maxWait), true
			}
		}
	}
	return 0, false
}

// deleteReservation withdraws a reservation. With a version it is recorded even
// where nothing is known yet; without one it holds until a higher version.
func (s *Server) deleteReservation(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	given := r.URL.Query().Get("version")
	if given == "" {
		err = s.withdrawKnown(r.Context(), id)
	} else {
		err = s.withdrawAt(r.Context(), id, given)
	}
	if err != nil {
		return err
	}
	return answerAccepted(w, id)
}

func (s *Server) withdrawKnown(ctx context.Context, id string) error {
	err := s.engine.withdrawKnown(ctx, id)
	if err != nil && isNotFound(err) {
		p := unknown()
		p.Detail = "No reservation with this id is open. To cancel one before it is known, name its version."
		return p
	}
	return recorded(err)
}

func (s *Server) withdrawAt(ctx context.Context, id, given string) error {
	version, ok := parseVersion(given)
	if !ok {
		return invalidParameter("version", "must be an integer of at most 64 bits or an RFC 3339 time")
	}
	return recorded(s.engine.withdraw(ctx, id, version))
}

// parseVersion reads a version from a URL.
func parseVersion(text string) (workflows.Version, bool) {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return workflows.NumberVersion(number), true
	}
	at, ok := parseInstant(unplus(text))
	return workflows.TimeVersion(at), ok
}

// unplus mends the offset of a time in a query string: a plus sign that was not
// escaped arrives as a space, which no RFC 3339 time has.
func unplus(text string) string { return strings.ReplaceAll(text, " ", "+") }
