// This file lists reservations for people, such as the morning's list of what
// is at risk.

package api

import (
	"encoding/base64"
	"errors"
	"net/http"

	"go.temporal.io/api/serviceerror"
)

// listing is one page of reservations.
type listing struct {
	Reservations []row `json:"reservations"`
	// NextPage is the value of page for what follows; absent on the last page.
	NextPage string `json:"next_page,omitempty"`
}

// listReservations lists open reservations by Temporal's visibility store,
// which follows changes with a delay of about a second and makes no promise
// that a page is complete: it is for people. A program asks for the one
// reservation that it means.
func (s *Server) listReservations(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	query, err := listQuery(values)
	if err != nil {
		return err
	}
	token, err := base64.RawURLEncoding.DecodeString(values.Get("page"))
	if err != nil {
		return badPage()
	}
	found, next, err := s.engine.list(r.Context(), query, token)
	var refused *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &refused) && len(token) > 0:
		return badPage()
	case err != nil:
		return notRead(err)
	}
	page := listing{Reservations: []row{}, NextPage: base64.RawURLEncoding.EncodeToString(next)}
	for _, run := range found {
		page.Reservations = append(page.Reservations, run.row)
	}
	return writeJSON(w, http.StatusOK, page)
}

func badPage() *Problem {
	return invalidParameter("page", "must be the next_page of an earlier answer")
}
