// This file answers the calls of the Web API. All but the list of locks run
// under the simulation's mutex.

package nukisim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (s *Sim) listLocks(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests["list_locks"]++
	all := make([]map[string]any, 0, len(s.order))
	for _, id := range s.order {
		all = append(all, s.locks[id].json())
	}
	s.say(nil, "GET list_locks answered 200")
	answer(w, http.StatusOK, all)
}

func (s *Sim) getLock(w http.ResponseWriter, v *visit) {
	answer(w, http.StatusOK, v.lock.json())
}

// listAuths answers from the cloud's list, which may be stale or empty.
func (s *Sim) listAuths(w http.ResponseWriter, v *visit) {
	l := v.lock
	list := l.cloud
	switch {
	case s.happens(l, "empty_list", v.about, l.faultsNow().EmptyList):
		list = nil
	case s.happens(l, "stale_list", v.about, l.faultsNow().StaleList):
		list = l.before
	}
	if !wantsType(v.r.URL.Query().Get("types")) {
		list = nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(l.listJSON(list))
}

func (s *Sim) getAuth(w http.ResponseWriter, v *visit) {
	if v.listed != nil {
		answer(w, http.StatusOK, json.RawMessage(v.lock.authJSON(v.listed)))
		return
	}
	missing(w, v, v.lock.faultsNow().MissingGet)
}

// missing answers that an entry is not listed: nobody knows by which status.
func missing(w http.ResponseWriter, v *visit, status int) {
	switch status {
	case http.StatusNoContent:
		w.WriteHeader(status)
	case http.StatusForbidden:
		restlet(w, v.r, status, "The server understood the request, but is refusing to fulfill it")
	default:
		restlet(w, v.r, http.StatusNotFound, "No such authorization")
	}
}

// createAuth accepts a new entry. The answer has no body and no id.
func (s *Sim) createAuth(w http.ResponseWriter, v *visit) {
	l, document, problem := v.lock, &v.document, v.problem
	if problem == "" {
		problem = document.checkCreate(l)
	}
	switch {
	case problem != "":
		throwable(w, http.StatusBadRequest, problem)
	case document.nameTooLong():
		restlet(w, v.r, http.StatusUnprocessableEntity, "The name must not exceed 20 characters")
	case l.conflicts(*document.Code):
		throwable(w, http.StatusConflict, "")
	default:
		now := s.cfg.Clock.Now()
		wish := &entry{id: s.newID(l, "auth", v.about), enabled: true, created: now, updated: now}
		document.write(wish)
		s.begin(v, create, wish.id, wish)
		s.accepted(w, v)
	}
}

// conflicts reports whether a new code is there already, or on its way.
func (l *lock) conflicts(code int) bool {
	mode := l.faultsNow().SecondCreate
	if mode == SecondConflicts && slices.ContainsFunc(slices.Concat(l.operations, l.late), func(op *operation) bool {
		return op.kind == create && op.wish.code == code
	}) {
		return true
	}
	return slices.ContainsFunc(l.cloud, func(e *entry) bool {
		return e.code == code && (mode != SecondAccepted || l.creating(e.id) == nil)
	})
}

// updateAuth accepts a changed entry. Whichever of the five window fields is left
// out is cleared: that is how Nuki is (staff: by design).
func (s *Sim) updateAuth(w http.ResponseWriter, v *visit) {
	l, document, problem := v.lock, &v.document, v.problem
	if problem == "" {
		problem = document.checkUpdate()
	}
	switch {
	case v.listed == nil:
		restlet(w, v.r, http.StatusNotFound, "No such authorization")
	case problem != "":
		throwable(w, http.StatusBadRequest, problem)
	case document.nameTooLong():
		restlet(w, v.r, http.StatusUnprocessableEntity, "The name must not exceed 20 characters")
	case v.listed.operation != "":
		throwable(w, http.StatusLocked, "")
	case document.takes(l.cloud, v.listed):
		throwable(w, http.StatusConflict, "")
	default:
		wish := v.listed.copy()
		document.write(wish)
		s.begin(v, update, v.listed.id, wish)
		s.accepted(w, v)
	}
}

func (s *Sim) deleteAuth(w http.ResponseWriter, v *visit) {
	l := v.lock
	if v.listed == nil {
		missing(w, v, l.faultsNow().MissingDelete)
		return
	}
	overtaken := l.creating(v.listed.id)
	cancels := overtaken != nil && l.faultsNow().DeleteCancels
	if v.listed.operation != "" && !cancels {
		throwable(w, http.StatusLocked, "")
		return
	}
	op := s.begin(v, remove, v.listed.id, nil)
	if cancels && (op.fate == fateLands || op.fate == fateLockOnly) {
		overtaken.fate = fateCancelled
	}
	s.accepted(w, v)
}

func (s *Sim) syncLock(w http.ResponseWriter, v *visit) {
	s.startSync(v.lock)
	w.WriteHeader(http.StatusNoContent)
}

const (
	defaultLogLimit = 20
	maxLogLimit     = 50
)

// listLog pages backwards from the newest row, or from the one named by `id`; at
// most 50 rows whatever is asked.
func (s *Sim) listLog(w http.ResponseWriter, v *visit) {
	l, query := v.lock, v.r.URL.Query()
	from, errFrom := queryDate(query.Get("fromDate"))
	to, errTo := queryDate(query.Get("toDate"))
	switch {
	case errFrom != nil:
		throwable(w, http.StatusBadRequest, invalid("fromDate", query.Get("fromDate")))
		return
	case errTo != nil:
		throwable(w, http.StatusBadRequest, invalid("toDate", query.Get("toDate")))
		return
	}
	limit := logLimit(query.Get("limit"))
	rows := []map[string]any{}
	older := query.Get("id") == ""
	for i := len(l.log) - 1; i >= 0 && len(rows) < limit; i-- {
		row := l.log[i]
		if older && !row.unseen && row.between(from, to) && (query.Get("authId") == "" || row.authID == query.Get("authId")) {
			rows = append(rows, row.json(l))
		}
		older = older || row.id == query.Get("id")
	}
	answer(w, http.StatusOK, rows)
}

func (r logRow) between(from, to time.Time) bool {
	return (from.IsZero() || !r.at.Before(from)) && (to.IsZero() || !r.at.After(to))
}

func logLimit(text string) int {
	limit, err := strconv.Atoi(text)
	if err != nil || limit <= 0 {
		return defaultLogLimit
	}
	return min(limit, maxLogLimit)
}

func queryDate(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, text)
}
