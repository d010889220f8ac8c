// This file is the Web API: its routes, and the gate that every call passes.

package nukisim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the Web API under "/", and the simulation's own page and
// controls under "/sim/".
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /smartlock", s.gate(s.listLocks))
	mux.HandleFunc("GET /smartlock/{lock}", s.onLock("read_lock", s.getLock))
	mux.HandleFunc("GET /smartlock/{lock}/auth", s.onLock("list", s.listAuths))
	mux.HandleFunc("PUT /smartlock/{lock}/auth", s.onLock("create", s.createAuth))
	mux.HandleFunc("/smartlock/{lock}/auth", s.gate(s.notAllowed))
	mux.HandleFunc("GET /smartlock/{lock}/auth/{auth}", s.onLock("read", s.getAuth))
	mux.HandleFunc("POST /smartlock/{lock}/auth/{auth}", s.onLock("update", s.updateAuth))
	mux.HandleFunc("DELETE /smartlock/{lock}/auth/{auth}", s.onLock("delete", s.deleteAuth))
	mux.HandleFunc("POST /smartlock/{lock}/sync", s.onLock("sync", s.syncLock))
	mux.HandleFunc("GET /smartlock/{lock}/log", s.onLock("log", s.listLog))
	s.handleDecentral(mux)
	s.controls(mux)
	return mux
}

// gate demands the token.
func (s *Sim) gate(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.cfg.Token != "" && !carries(r, s.cfg.Token) && !carries(r, s.cfg.OAuthToken) {
			s.stranger(w, r)
			return
		}
		next(w, r)
	}
}

// carries reports whether a request has a token, which is not empty.
func carries(r *http.Request, token string) bool {
	return token != "" && r.Header.Get("Authorization") == "Bearer "+token
}

// stranger refuses a call without the right token.
func (s *Sim) stranger(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say(nil, r.Method, "without the right token answered 401")
	restlet(w, r, http.StatusUnauthorized, "The request requires user authentication")
}

type visitHandler func(w http.ResponseWriter, v *visit)

// onLock finds the lock, counts the request, and applies the faults that refuse
// a call before it is taken. The handler runs under the mutex.
func (s *Sim) onLock(kind string, next visitHandler) http.HandlerFunc {
	return s.gate(func(w http.ResponseWriter, r *http.Request) {
		v := newVisit(kind, r)
		id, err := strconv.ParseInt(r.PathValue("lock"), 10, 64)
		s.mu.Lock()
		defer s.mu.Unlock()
		l := s.locks[id]
		if err != nil || l == nil {
			s.say(nil, r.Method, kind, "on an unknown lock answered 404")
			restlet(w, r, http.StatusNotFound, "The server has not found anything matching the request URI")
			return
		}
		l.requests[kind]++
		v.arrive(l)
		w = s.watched(w)
		if !s.refused(w, v) {
			next(w, v)
		}
		s.sayRequest(v, w)
	})
}

// refused answers a call that is not taken, whatever it is.
func (s *Sim) refused(w http.ResponseWriter, v *visit) bool {
	faults := v.lock.faultsNow()
	switch {
	case s.happens(v.lock, "too_many", v.about, faults.TooMany):
		if faults.RetryAfter > 0 {
			seconds := (faults.RetryAfter.D().Milliseconds() + 999) / 1000
			w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		}
		restlet(w, v.r, http.StatusTooManyRequests, "Too many requests")
	case s.happens(v.lock, "fail", v.about, faults.Fail):
		restlet(w, v.r, http.StatusServiceUnavailable, "Service unavailable")
	default:
		return false
	}
	return true
}

func (s *Sim) notAllowed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say(nil, r.Method, "on a list of entries answered 405")
	restlet(w, r, http.StatusMethodNotAllowed, "The method specified in the request is not allowed for the resource")
}

// restlet is the body of most errors (seen for 422: F-35593).
func restlet(w http.ResponseWriter, r *http.Request, status int, description string) {
	answer(w, status, map[string]any{
		"code": status, "description": description, "homeRef": "/", "reasonPhrase": http.StatusText(status), "uri": r.URL.Path,
	})
}

// throwable is the body of a 400 (F-16794), and without a message of 409 and 423
// (F-1178): a serialised Java exception.
func throwable(w http.ResponseWriter, status int, message string) {
	body := map[string]any{"stackTrace": []any{}, "suppressedExceptions": []any{}}
	if message != "" {
		body["detailMessage"] = message
	}
	answer(w, status, body)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// accepted is the 204 of a write: validated and queued, not executed; or the 503
// of one that was taken all the same.
func (s *Sim) accepted(w http.ResponseWriter, v *visit) {
	if s.happens(v.lock, "fail_after", v.about, v.lock.faultsNow().FailAfter) {
		restlet(w, v.r, http.StatusServiceUnavailable, "Service unavailable")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// wantsType reports whether a `types` query lets keypad codes through.
func wantsType(types string) bool {
	if types == "" {
		return true
	}
	for _, wanted := range strings.Split(types, ",") {
		if strings.TrimSpace(wanted) == strconv.Itoa(typeCode) {
			return true
		}
	}
	return false
}
