// This file shows one reservation: as its workflow sees it, or, while no worker
// answers, as Temporal last recorded it.

package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.temporal.io/api/serviceerror"
)

// getReservation answers without a worker too, marked as stale.
func (s *Server) getReservation(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	run, err := s.engine.describe(r.Context(), id)
	if err != nil {
		return readFailure(err)
	}
	view, err := s.engine.view(r.Context(), id)
	if err != nil {
		return writeJSON(w, http.StatusOK, renderStale(run, err))
	}
	return writeJSON(w, http.StatusOK, renderView(id, view, run.run, time.Now()))
}

// staleView is a reservation while its workflow cannot be asked.
type staleView struct {
	row
	Stale    bool         `json:"stale"`
	Note     string       `json:"note"`
	Workflow workflowView `json:"workflow"`
}

func renderStale(run execution, err error) staleView {
	return staleView{row: run.row, Stale: true, Note: staleNote("reservation", err, closedNote(run.run)), Workflow: workflowOf(run.run)}
}

// staleNote says why something is stale, and what a reader should know besides.
func staleNote(what string, err error, besides string) string {
	note := "The " + what + " could not be asked; this is what Temporal last recorded of it."
	if noWorker(err) {
		note = "No worker answered; this is what Temporal last recorded of the " + what + "."
	}
	if besides != "" {
		note += " " + besides
	}
	return note
}

// noWorker reports whether a query found nobody to answer it in time.
func noWorker(err error) bool {
	var nobody *serviceerror.FailedPrecondition
	return errors.As(err, &nobody) || errors.Is(err, context.DeadlineExceeded)
}

// closedNote says that nothing is done any more for a reservation whose
// workflow has ended, whatever its last status was.
func closedNote(run run) string {
	switch {
	case run.open:
		return ""
	case run.state == stateCompleted:
		return "The reservation is finished and closed."
	}
	return "Its workflow has ended (" + run.state + "), so nothing is being done for it: PUT it again to take it up."
}
