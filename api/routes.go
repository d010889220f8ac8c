// This file is the table of routes, and what is said about a path or method
// that is not in it.

package api

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"
)

// reservationsPath begins the path of every reservation, locksPath that of every
// lock.
const (
	reservationsPath = "/v1/reservations"
	locksPath        = "/v1/locks"
)

// endpoint answers a request, or says why it cannot: a *Problem is answered as
// it is, any other error as an internal one.
type endpoint func(w http.ResponseWriter, r *http.Request) error

type route struct {
	method, path string
	answer       endpoint
}

// routes is the whole API; openapi.yaml describes the same, which a test holds.
func (s *Server) routes() []route {
	const (
		reservation = reservationsPath + "/{id}"
		lock        = locksPath + "/{id}"
	)
	return []route{
		{http.MethodGet, reservationsPath, s.bearer(s.listReservations)},
		{http.MethodPut, reservation, s.bearer(s.putReservation)},
		{http.MethodGet, reservation, s.bearer(s.getReservation)},
		{http.MethodDelete, reservation, s.bearer(s.deleteReservation)},
		{http.MethodGet, reservation + "/pin", s.person(s.getPIN, s.config.Token, s.config.PINToken)},
		{http.MethodGet, reservation + "/timeline", s.person(s.getTimeline, s.config.Token, s.config.OperatorToken, s.config.PINToken)},
		{http.MethodPost, reservation + "/actions/{action}", s.person(s.postStayAction, cmp.Or(s.config.OperatorToken, s.config.Token), s.config.PINToken)},
		{http.MethodGet, locksPath, s.lockReader(s.listLocks)},
		{http.MethodGet, lock, s.lockReader(s.getLock)},
		{http.MethodPost, lock + "/actions/{action}", s.operator(s.postLockAction)},
		{http.MethodPost, "/v1/webhooks/nuki", s.postWebhook},
		{http.MethodPost, "/codec/encode", s.codec},
		{http.MethodPost, "/codec/decode", s.codec},
		{http.MethodOptions, "/codec/encode", s.codecPreflight},
		{http.MethodOptions, "/codec/decode", s.codecPreflight},
		{http.MethodGet, "/healthz", s.healthz},
		{http.MethodGet, "/readyz", s.readyz},
		{http.MethodGet, "/openapi.yaml", s.openAPI},
	}
}

// router has every route, matched on the path as it was sent: an id with an
// encoded slash reaches its handler, which says what is wrong with it.
func (s *Server) router() *mux.Router {
	router := mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, route := range s.routes() {
		router.Handle(route.path, s.observed(route.path, route.answer)).Methods(route.method)
	}
	router.NotFoundHandler = s.observed("none", notFound)
	router.MethodNotAllowedHandler = s.observed("none", s.methodNotAllowed)
	return router
}

// notFound answers a path without a route. One that begins like a
// reservation's has a slash in its id, or no id.
func notFound(_ http.ResponseWriter, r *http.Request) error {
	if strings.HasPrefix(r.URL.Path, reservationsPath+"/") {
		return invalidID()
	}
	return problem(http.StatusNotFound, codeNotFound, "There is nothing at this path; /openapi.yaml lists what there is.")
}

func (s *Server) methodNotAllowed(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Allow", strings.Join(s.methodsAt(r.URL.EscapedPath()), ", "))
	return problem(http.StatusMethodNotAllowed, codeMethodNotAllowed, "This path does not answer to this method; see the Allow header.")
}

var pathVariable = regexp.MustCompile(`\{[a-z]+\}`)

// methodsAt are the methods that a path answers to, sorted.
func (s *Server) methodsAt(path string) []string {
	var methods []string
	for _, route := range s.routes() {
		pattern := pathVariable.ReplaceAllString(route.path, "[^/]+")
		if regexp.MustCompile("^" + pattern + "$").MatchString(path) {
			methods = append(methods, route.method)
		}
	}
	slices.Sort(methods)
	return methods
}

// The id is a workflow's id and part of a URL, and must survive logs, shells
// and the Web UI without quoting.
var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)

// reservationID is the id in the path, or a problem.
func reservationID(r *http.Request) (string, error) {
	id, err := url.PathUnescape(mux.Vars(r)["id"])
	if err != nil || !validID.MatchString(id) {
		return "", invalidID()
	}
	return id, nil
}

func invalidID() *Problem {
	p := problem(http.StatusBadRequest, codeInvalidID, "The reservation's id in the path cannot be used.")
	p.Errors = []Fault{{Parameter: "id", Detail: "must have 1 to 64 letters, digits, '.', '_', ':' or '-', and begin with a letter or digit"}}
	return p
}

// lockID is the lock's id in the path, in the one form that it has, or a problem.
func lockID(r *http.Request) (int64, error) {
	given := mux.Vars(r)["id"]
	lock, err := strconv.ParseInt(given, 10, 64)
	if err != nil || lock <= 0 || strconv.FormatInt(lock, 10) != given {
		p := problem(http.StatusBadRequest, codeInvalidID, "The lock's id in the path cannot be used.")
		p.Errors = []Fault{{Parameter: "id", Detail: "must be a positive integer of at most 64 bits, in digits alone"}}
		return 0, p
	}
	return lock, nil
}
