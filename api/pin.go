// This file tells the PIN: the only path on which it leaves Keystay by HTTP.

package api

import (
	"net/http"
	"time"

	"go.uber.org/zap"
)

// toldPIN answers GET …/pin.
type toldPIN struct {
	PIN        string    `json:"pin"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	Proof      string    `json:"proof"`
	ToldAt     time.Time `json:"told_at"`
}

// getPIN has the workflow record that the PIN is told, and only then tells it:
// from then on it is never silently replaced.
func (s *Server) getPIN(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	by := s.nameOf(r)
	disclosed, err := s.engine.disclose(r.Context(), id, by)
	if err != nil {
		return notDisclosed(err)
	}
	s.log.Info("a PIN was told", zap.String("reservation", id), zap.String("by", by),
		zap.String("proof", proofWord(disclosed.Proof)), zap.Time("told_at", disclosed.ToldAt))
	return writeJSON(w, http.StatusOK, toldPIN{
		PIN:       disclosed.PIN.Reveal(),
		ValidFrom: disclosed.ValidFrom.UTC(), ValidUntil: disclosed.ValidUntil.UTC(),
		Proof: proofWord(disclosed.Proof), ToldAt: disclosed.ToldAt.UTC(),
	})
}
