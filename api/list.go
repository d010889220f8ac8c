// This file lists reservations for people, such as the morning's list of what
// is at risk, and holds what every listing has: its pages.

package api

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/http"

	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
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
	found, next, err := s.page(r, reservations)
	if err != nil {
		return err
	}
	page := listing{Reservations: []row{}, NextPage: next}
	for _, info := range found {
		page.Reservations = append(page.Reservations, executionOf(info).row)
	}
	return writeJSON(w, http.StatusOK, page)
}

// page is what Temporal lists for a request, and the value of page for what
// follows.
func (s *Server) page(r *http.Request, of subject) (found []*workflowpb.WorkflowExecutionInfo, next string, err error) {
	values, err := of.values(r.URL.RawQuery)
	if err != nil {
		return nil, "", err
	}
	query, err := of.query(values)
	if err != nil {
		return nil, "", err
	}
	token, ok := openPage(values.Get(pageParameter))
	if !ok {
		return nil, "", badPage()
	}
	found, more, err := s.engine.list(r.Context(), query, of.pageSize, token)
	var refused *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &refused) && len(token) > 0:
		return nil, "", badPage()
	case err != nil:
		return nil, "", notRead(err)
	}
	return found, sealPage(more), nil
}

const pageParameter = "page"

// sealPage is a page token with its checksum: Temporal answers one that is not its
// own as if it were away.
func sealPage(token []byte) string {
	if len(token) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(token, crc32.ChecksumIEEE(token)))
}

// openPage is the token of a page; the first page has none.
func openPage(page string) (token []byte, ok bool) {
	if page == "" {
		return nil, true
	}
	sealed, err := base64.RawURLEncoding.DecodeString(page)
	if err != nil || len(sealed) <= crc32.Size {
		return nil, false
	}
	token = sealed[:len(sealed)-crc32.Size]
	return token, binary.BigEndian.Uint32(sealed[len(token):]) == crc32.ChecksumIEEE(token)
}

func badPage() *Problem {
	return invalidParameter(pageParameter, "must be the next_page of an earlier answer")
}
