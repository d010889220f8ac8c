// This file is the trace: what happens, in plain words and never a code, for a
// reader who replays a world.

package nukisim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// say traces one line of words about a lock; nil is none of them. Without a
// trace nothing is put together.
func (s *Sim) say(l *lock, words ...string) {
	if s.cfg.Trace == nil {
		return
	}
	now := s.cfg.Clock.Now()
	s.sayEdges(now)
	var id int64
	if l != nil {
		id = l.cfg.ID
	}
	s.cfg.Trace(now, id, strings.Join(words, " "))
}

// span is a duration in words, where somebody reads them.
func (s *Sim) span(d time.Duration) string {
	if s.cfg.Trace == nil {
		return ""
	}
	return d.String()
}

// sayRequest traces a call and its answer.
func (s *Sim) sayRequest(v *visit, w http.ResponseWriter) {
	answered, traced := w.(*statusWriter)
	if !traced {
		return
	}
	status := strconv.Itoa(answered.status)
	switch {
	case v.name() != "":
		s.say(v.lock, v.r.Method, v.kind, "of", v.name(), "answered", status)
	case v.r.PathValue("auth") != "":
		s.say(v.lock, v.r.Method, v.kind, "of an entry that is not listed answered", status)
	default:
		s.say(v.lock, v.r.Method, v.kind, "answered", status)
	}
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// watched is a writer whose status can be traced, where somebody reads it.
func (s *Sim) watched(w http.ResponseWriter) http.ResponseWriter {
	if s.cfg.Trace == nil {
		return w
	}
	return &statusWriter{ResponseWriter: w}
}

// edge is the beginning or the end of a disturbance, to be traced.
type edge struct {
	at          time.Time
	lock        *lock
	verb        string
	disturbance Disturbance
}

// planEdges notes the edges of a lock's disturbances that are still to come, and
// the beginnings of those that are on. There is no timer for them: a trace must
// not change when the clock calls. They are told before the next line.
func (s *Sim) planEdges(l *lock) {
	if s.cfg.Trace == nil {
		return
	}
	for _, d := range l.cfg.Disturbances {
		if d.Until.After(s.cfg.Clock.Now()) {
			s.edges = append(s.edges, edge{d.From, l, "begins", d}, edge{d.Until, l, "ends", d})
		}
	}
	slices.SortStableFunc(s.edges, func(a, b edge) int { return a.at.Compare(b.at) })
}

// sayEdges traces the edges up to a moment, each at its own.
func (s *Sim) sayEdges(now time.Time) {
	for len(s.edges) > 0 && !s.edges[0].at.After(now) {
		e := s.edges[0]
		s.edges = s.edges[1:]
		if e.matters() {
			s.cfg.Trace(e.at, e.lock.cfg.ID, "a disturbance "+e.verb+": "+e.disturbance.Faults.words())
		}
	}
}

// matters reports whether the lock's faults are others after the edge than before.
func (e edge) matters() bool {
	return *e.lock.faultsAt(e.at.Add(-1)) != *e.lock.faultsAt(e.at)
}

// words are the knobs that are turned, by their names on the wire.
func (f Faults) words() string {
	wire, _ := json.Marshal(f)
	return strings.NewReplacer("{", "", "}", "", `"`, "", ":", " ", ",", ", ").Replace(string(wire))
}
