// This file says who may call, and how much they may send.

package api

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// bearer lets a request pass that carries the API's token. Where none is
// configured the API listens on loopback only, and any local program may call.
func (s *Server) bearer(next endpoint) endpoint { return guarded(s.config.Token, next) }

func guarded(token string, next endpoint) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		// Answers hold guests' names and, on one path, PINs.
		w.Header().Set("Cache-Control", "no-store")
		if err := admit(r, token); err != nil {
			return err
		}
		return next(w, r)
	}
}

// lockReader lets a request pass that may read of locks, where there are neither
// guests' names nor PINs: with the API's token or the operator's.
func (s *Server) lockReader(next endpoint) endpoint {
	api, operator := s.bearer(next), s.config.OperatorToken
	return func(w http.ResponseWriter, r *http.Request) error {
		if operator != "" && carries(r, operator) {
			w.Header().Set("Cache-Control", "no-store")
			return next(w, r)
		}
		return api(w, r)
	}
}

// operator lets a request pass that may have a lock do something. That is for a
// person to say, not for the reservation system: an operator's token is a scope of
// its own. Where none is configured the API's token, which can do more, opens this
// too.
func (s *Server) operator(next endpoint) endpoint {
	return guarded(cmp.Or(s.config.OperatorToken, s.config.Token), next)
}

// person lets a request pass that carries one of some tokens, as a program sends it
// or as a browser does: a person opens a page by a link, and types the token as a
// password. What a browser sends by itself it would also send for another site's
// page, so that such a request must come from our own.
func (s *Server) person(next endpoint, tokens ...string) endpoint {
	tokens = slices.DeleteFunc(tokens, func(token string) bool { return token == "" })
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case len(tokens) == 0:
			if err := admitLocal(r); err != nil {
				return err
			}
		case slices.ContainsFunc(tokens, func(token string) bool { return carries(r, token) }):
		case !slices.ContainsFunc(tokens, func(token string) bool { return typedAs(r, token) }):
			return unauthorizedPerson(r)
		case fromAnotherSite(r):
			return foreignPage()
		}
		return next(w, r)
	}
}

// typedAs reports whether somebody typed a token into a browser as a password.
func typedAs(r *http.Request, token string) bool {
	_, password, typed := r.BasicAuth()
	return typed && sameSecret(password, token)
}

// opensPINs reports whether what a request carries opens the path that tells a PIN too.
func (s *Server) opensPINs(r *http.Request) bool {
	open := func(token string) bool { return token != "" && (carries(r, token) || typedAs(r, token)) }
	return s.config.Token == "" && s.config.PINToken == "" || open(s.config.Token) || open(s.config.PINToken)
}

// fromAnotherSite reports whether a browser sends this for a page that is not ours. One
// that a person opens by a link or by typing an address changes nothing.
func fromAnotherSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		return origin != "" && !strings.HasSuffix(origin, "://"+r.Host)
	}
	opened := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && strings.HasSuffix(r.URL.Path, "/timeline")
	return !opened
}

// unauthorizedPerson has a browser ask for name and password.
func unauthorizedPerson(r *http.Request) *Problem {
	p := unauthorized()
	if wantsPage(r) {
		p.Detail, p.challenge = "The token is the password, and the name is who you are.", `Basic realm="keystay", charset="UTF-8"`
	}
	return p
}

func foreignPage() *Problem {
	return problem(http.StatusForbidden, codeForeignCaller, "Another site's page may not do this in your name.")
}

// validName is what may stand in a log and in a timeline as who did something.
var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,39}$`)

// nameOf names who gives orders: what was typed as the user, else by the token.
func (s *Server) nameOf(r *http.Request) string {
	if user, _, typed := r.BasicAuth(); typed && validName.MatchString(user) {
		return user
	}
	for _, scope := range []struct{ name, token string }{{"operator", s.config.OperatorToken}, {"pin", s.config.PINToken}} {
		if scope.token != "" && (carries(r, scope.token) || typedAs(r, scope.token)) {
			return scope.name
		}
	}
	return "api"
}

// admit checks a request against a token, or that it is local without one.
func admit(r *http.Request, token string) error {
	if token == "" {
		return admitLocal(r)
	}
	if carries(r, token) {
		return nil
	}
	return unauthorized()
}

func unauthorized() *Problem {
	p := problem(http.StatusUnauthorized, codeUnauthorized, "Send the token as Authorization: Bearer.")
	p.challenge = `Bearer realm="keystay"`
	return p
}

// carries reports whether a request has a certain token.
func carries(r *http.Request, token string) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && sameSecret(strings.TrimSpace(given), token)
}

// sameSecret compares in constant time; hashing first hides the length too.
func sameSecret(given, wanted string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(wanted))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// admitLocal refuses a web page that makes its visitor's browser call an API
// without a token: by another site's link, or by a name that leads to loopback.
func admitLocal(r *http.Request) error {
	if !calledLoopback(r) || r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return foreignCaller()
	}
	return nil
}

// calledLoopback reports whether the caller named this machine as a local one.
func calledLoopback(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return isLoopback(host)
}

func foreignCaller() *Problem {
	return problem(http.StatusForbidden, codeForeignCaller,
		"No token is configured, so only programs of this machine may call, by a loopback address.")
}

// readBody reads at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problem(http.StatusRequestEntityTooLarge, codeBodyTooLarge, "The body is larger than this path accepts.")
	case err != nil:
		return nil, problem(http.StatusBadRequest, codeBodyUnreadable, "The body ended before it was complete.")
	}
	return body, nil
}
