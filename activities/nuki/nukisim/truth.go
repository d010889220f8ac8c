// This file is the truth afterwards: what the keypad obeyed at any past moment.

package nukisim

import (
	"maps"
	"sort"
	"time"
)

// tableState is the lock's own table from a moment on. Its entries are never
// changed: whoever changes one puts a copy into a new table.
type tableState struct {
	from  time.Time
	table []*entry
}

// setTable changes the lock's own table, and remembers what it was where the
// simulation keeps a record.
func (l *lock) setTable(table []*entry) {
	l.table = table
	if l.record {
		l.tables = append(l.tables, tableState{l.clock.Now(), table})
	}
}

// tableAt is the lock's own table as it was at a moment.
func (l *lock) tableAt(at time.Time) []*entry {
	later := sort.Search(len(l.tables), func(i int) bool { return l.tables[i].from.After(at) })
	if later == 0 {
		return nil
	}
	return l.tables[later-1].table
}

// recorded runs f on a lock whose record is kept; asking without Config.Record is
// a mistake of the caller's.
func (s *Sim) recorded(id int64, f func(l *lock)) {
	if !s.cfg.Record {
		panic("nukisim: no record is kept: set Config.Record")
	}
	s.with(id, f)
}

// OpenedAt reports whether a PIN opened the door at a past moment: what Opens would
// have answered then, by the table, the clock and the zone that the lock had.
// Where something changed at that very moment, it is what was after it.
func (s *Sim) OpenedAt(id int64, pin string, at time.Time) bool {
	_, opened := s.OpenedBy(id, pin, at)
	return opened
}

// OpenedBy is OpenedAt with the name of the entry that let the PIN in: the same
// code may have been one entry's and later another's.
func (s *Sim) OpenedBy(id int64, pin string, at time.Time) (name string, opened bool) {
	s.recorded(id, func(l *lock) {
		if entry := l.admittedBy(l.tableAt(at), pin, at); entry != nil {
			name, opened = entry.name, true
		}
	})
	return name, opened
}

// HeldAt are the names in the lock's own table at a past moment.
func (s *Sim) HeldAt(id int64, at time.Time) (names []string) {
	s.recorded(id, func(l *lock) {
		for _, e := range l.tableAt(at) {
			names = append(names, e.name)
		}
	})
	return names
}

// Total counts the requests of all locks by operation; "list_locks" are those of
// the list of locks, which are of none.
func (s *Sim) Total() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := maps.Clone(s.requests)
	for _, l := range s.locks {
		for name, n := range l.requests {
			total[name] += n
		}
	}
	return total
}
