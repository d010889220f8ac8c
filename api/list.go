// This file lists reservations for people, such as the morning's list of what
// is at risk.

package api

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
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
	values, err := listValues(r.URL.RawQuery)
	if err != nil {
		return err
	}
	query, err := listQuery(values)
	if err != nil {
		return err
	}
	token, ok := openPage(values.Get(pageParameter))
	if !ok {
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
	page := listing{Reservations: []row{}, NextPage: sealPage(next)}
	for _, run := range found {
		page.Reservations = append(page.Reservations, run.row)
	}
	return writeJSON(w, http.StatusOK, page)
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
