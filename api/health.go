// This file tells an orchestrator whether the process lives and whether it can
// do its work.

package api

import "net/http"

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// health answers /healthz.
type health struct {
	Status   string        `json:"status"`
	Webhooks webhookHealth `json:"webhooks"`
}

type webhookHealth struct {
	Accepted     int64 `json:"accepted"`
	UnknownLock  int64 `json:"unknown_lock"`
	BadSignature int64 `json:"bad_signature"`
	Unparsable   int64 `json:"unparsable"`
	Ignored      int64 `json:"ignored"`
}

// healthz is 200 as long as the process answers: restarting it would not bring
// Temporal back.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, health{Status: "ok", Webhooks: webhookHealth{
		Accepted:     s.hooks.accepted.Load(),
		UnknownLock:  s.hooks.unknownLock.Load(),
		BadSignature: s.hooks.badSignature.Load(),
		Unparsable:   s.hooks.unparsable.Load(),
		Ignored:      s.hooks.ignored.Load(),
	}})
}

// readiness answers /readyz.
type readiness struct {
	Status string `json:"status"`
}

// readyz is 200 while Temporal answers.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	if err := s.engine.ready(r.Context()); err != nil {
		return notRead(err)
	}
	return writeJSON(w, http.StatusOK, readiness{Status: "ready"})
}
