// This file lets Temporal's Web UI decrypt payloads: the codec server behind a
// token of its own and the rules of browsers (CORS).

package api

import "net/http"

// maxCodecBody is above what Temporal lets a payload be.
const maxCodecBody = 4 << 20

// codec hands a request to the codec with the path that it knows: /encode or
// /decode. The payloads are what is secret here, so a browser on another page
// than the Web UI's gets nothing.
func (s *Server) codec(w http.ResponseWriter, r *http.Request) error {
	s.allowOrigin(w, r)
	if err := s.admitCodec(r); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxCodecBody)
	http.StripPrefix("/codec", s.config.Codec).ServeHTTP(w, r)
	return nil
}

func (s *Server) admitCodec(r *http.Request) error {
	origin := r.Header.Get("Origin")
	switch {
	case s.config.Codec == nil:
		return problem(http.StatusNotFound, codeCodecNotServed, "This process has no codec.")
	case s.config.CodecToken == "" && !s.config.loopback():
		return problem(http.StatusNotFound, codeCodecNotServed,
			"Without a codec token the codec is served on a loopback address only.")
	case origin != "" && origin != s.config.UIOrigin:
		return problem(http.StatusForbidden, codeForeignCaller, "Only the Web UI's pages may call the codec server from a browser.")
	case s.config.CodecToken != "":
		return admit(r, s.config.CodecToken)
	case !calledLoopback(r):
		return foreignCaller()
	}
	return nil
}

// codecPreflight answers a browser that asks before it sends a token.
func (s *Server) codecPreflight(w http.ResponseWriter, r *http.Request) error {
	if s.allowOrigin(w, r) {
		w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace")
		w.Header().Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// allowOrigin lets the Web UI's pages read an answer, and says whether it did.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || origin != s.config.UIOrigin {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	return true
}
