// This file answers the calls of the Web API. All but the list of locks run
// under the simulation's mutex.

package nukisim

import (
	"net/http"
	"strconv"
	"time"
)

func (s *Sim) listLocks(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]map[string]any, 0, len(s.order))
	for _, id := range s.order {
		all = append(all, s.locks[id].json())
	}
	answer(w, http.StatusOK, all)
}

func (s *Sim) getLock(w http.ResponseWriter, _ *http.Request, l *lock) {
	answer(w, http.StatusOK, l.json())
}

// listAuths answers from the cloud's list, which may be stale or empty.
func (s *Sim) listAuths(w http.ResponseWriter, r *http.Request, l *lock) {
	list := l.cloud
	switch {
	case s.happens(l, "empty_list", l.faultsNow().EmptyList):
		list = nil
	case s.happens(l, "stale_list", l.faultsNow().StaleList):
		list = l.before
	}
	all := make([]map[string]any, 0, len(list))
	for _, e := range list {
		if wantsType(r.URL.Query().Get("types")) {
			all = append(all, l.authJSON(e))
		}
	}
	answer(w, http.StatusOK, all)
}

func (s *Sim) getAuth(w http.ResponseWriter, r *http.Request, l *lock) {
	if e := byID(l.cloud, r.PathValue("auth")); e != nil {
		answer(w, http.StatusOK, l.authJSON(e))
		return
	}
	restlet(w, r, http.StatusNotFound, "No such authorization")
}

// createAuth accepts a new entry. The answer has no body and no id.
func (s *Sim) createAuth(w http.ResponseWriter, r *http.Request, l *lock) {
	document, problem := readDocument(r)
	if problem == "" {
		problem = document.checkCreate(l)
	}
	switch {
	case problem != "":
		throwable(w, http.StatusBadRequest, problem)
	case document.nameTooLong():
		restlet(w, r, http.StatusUnprocessableEntity, "The name must not exceed 20 characters")
	case byCode(l.cloud, *document.Code) != nil:
		throwable(w, http.StatusConflict, "")
	default:
		now := s.cfg.Clock.Now()
		wish := &entry{id: s.newID(l, "auth"), enabled: true, created: now, updated: now}
		document.write(wish)
		s.begin(l, create, wish.id, wish)
		s.accepted(w, r, l)
	}
}

// updateAuth accepts a changed entry. Whichever of the five window fields is left
// out is cleared: that is how Nuki is (staff: by design).
func (s *Sim) updateAuth(w http.ResponseWriter, r *http.Request, l *lock) {
	listed := byID(l.cloud, r.PathValue("auth"))
	document, problem := readDocument(r)
	if problem == "" {
		problem = document.checkUpdate()
	}
	switch {
	case listed == nil:
		restlet(w, r, http.StatusNotFound, "No such authorization")
	case problem != "":
		throwable(w, http.StatusBadRequest, problem)
	case document.nameTooLong():
		restlet(w, r, http.StatusUnprocessableEntity, "The name must not exceed 20 characters")
	case listed.operation != "":
		throwable(w, http.StatusLocked, "")
	case document.takes(l.cloud, listed):
		throwable(w, http.StatusConflict, "")
	default:
		wish := listed.copy()
		document.write(wish)
		s.begin(l, update, listed.id, wish)
		s.accepted(w, r, l)
	}
}

func (s *Sim) deleteAuth(w http.ResponseWriter, r *http.Request, l *lock) {
	listed := byID(l.cloud, r.PathValue("auth"))
	switch {
	case listed == nil:
		restlet(w, r, http.StatusNotFound, "No such authorization")
	case listed.operation != "":
		throwable(w, http.StatusLocked, "")
	default:
		s.begin(l, remove, listed.id, nil)
		s.accepted(w, r, l)
	}
}

func (s *Sim) syncLock(w http.ResponseWriter, _ *http.Request, l *lock) {
	s.startSync(l)
	w.WriteHeader(http.StatusNoContent)
}

const (
	defaultLogLimit = 20
	maxLogLimit     = 50
)

// listLog pages backwards from the newest row, or from the one named by `id`; at
// most 50 rows whatever is asked.
func (s *Sim) listLog(w http.ResponseWriter, r *http.Request, l *lock) {
	query := r.URL.Query()
	from, errFrom := queryDate(query.Get("fromDate"))
	to, errTo := queryDate(query.Get("toDate"))
	if errFrom != nil || errTo != nil {
		throwable(w, http.StatusBadRequest, "The supplied value for parameter 'fromDate' is not valid")
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
