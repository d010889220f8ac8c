// This file is the truth afterwards: what each door did at any moment, and a line
// for all that happened.

package nukisim

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"time"
)

// recorded is a state of a lock from a moment on. Tables are replaced on change
// and never changed themselves.
type recorded struct {
	at     time.Time
	table  []*entry
	offset time.Duration
}

// setTable replaces a lock's own table.
func (s *Sim) setTable(l *lock, table []*entry) {
	l.table = table
	s.record(l)
}

// record keeps the state of a lock, where that is asked for.
func (s *Sim) record(l *lock) {
	if s.cfg.Record {
		l.history = append(l.history, recorded{at: s.cfg.Clock.Now(), table: l.table, offset: l.faults.ClockOffset.D()})
	}
}

// recordedAt is the state of a lock at a moment; the zero value before the first.
func (l *lock) recordedAt(at time.Time) recorded {
	after := sort.Search(len(l.history), func(i int) bool { return l.history[i].at.After(at) })
	if after == 0 {
		return recorded{}
	}
	return l.history[after-1]
}

// OpenedAt is Opens for a moment that has passed. It needs Config.Record.
func (s *Sim) OpenedAt(id int64, pin string, at time.Time) (opened bool) {
	s.with(id, func(l *lock) {
		then := l.recordedAt(at)
		opened = l.admitted(then.table, pin, at, then.offset) != nil
	})
	return opened
}

// HeldAt are the names of the entries that a lock held at a moment that has
// passed, sorted. It needs Config.Record.
func (s *Sim) HeldAt(id int64, at time.Time) (names []string) {
	s.with(id, func(l *lock) {
		for _, e := range l.recordedAt(at).table {
			names = append(names, e.name)
		}
	})
	slices.Sort(names)
	return names
}

// Total counts the requests of all locks by operation.
func (s *Sim) Total() map[string]int {
	all := map[string]int{}
	for _, id := range s.order {
		for operation, n := range s.Stats(id) {
			all[operation] += n
		}
	}
	return all
}

// trace tells what happens, where somebody wants to know.
func (s *Sim) trace(l *lock, format string, args ...any) {
	if s.cfg.Trace != nil {
		s.cfg.Trace(s.cfg.Clock.Now(), l.cfg.ID, fmt.Sprintf(format, args...))
	}
}

// watch tells how a request was answered.
func (s *Sim) watch(w http.ResponseWriter, l *lock, request string) http.ResponseWriter {
	if s.cfg.Trace == nil {
		return w
	}
	return &watched{ResponseWriter: w, answered: func(status int) { s.trace(l, "%s: answered with %d", request, status) }}
}

type watched struct {
	http.ResponseWriter
	answered func(status int)
}

func (w *watched) WriteHeader(status int) {
	w.answered(status)
	w.ResponseWriter.WriteHeader(status)
}
