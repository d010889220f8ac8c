// This file is a sync: what it brings from the lock to the cloud, or from the
// cloud to the lock.

package nukisim

import (
	"slices"
	"time"
)

// syncing is whom the mark of a sync is about.
var syncing = subject{"sync", "sync"}

// startSync fetches the lock's table into the cloud, as far as the knob lets it.
func (s *Sim) startSync(l *lock) {
	s.after(s.latency(l, syncing), func() { s.finishSync(l) })
}

func (s *Sim) finishSync(l *lock) {
	if l.offline {
		s.say(l, "the sync does not reach the lock")
		return
	}
	mode := l.faultsNow().Sync
	switch mode {
	case SyncHealsLate:
		s.say(l, "the sync will heal the list in", s.span(SyncLate))
		s.after(SyncLate, func() { s.heal(l) })
	case SyncNothing:
		s.say(l, "the sync does nothing")
	case SyncPushes:
		s.push(l)
	default:
		s.heal(l)
	}
	if mode == SyncNoMark {
		return
	}
	l.updated = s.cfg.Clock.Now()
	s.emit(l, syncing, masterdataEvent(l))
	s.emit(l, syncing, configEvent(l))
}

// SyncLate is how much later SyncHealsLate heals.
const SyncLate = 5 * time.Minute

// heal copies the lock's table into the cloud's list; what is in flight stays,
// and what has only leaked does not.
func (s *Sim) heal(l *lock) {
	s.say(l, "the sync heals the list")
	list := make([]*entry, 0, len(l.table))
	for _, e := range l.table {
		list = append(list, e.shown())
	}
	for _, op := range l.operations {
		listed, healed := byID(l.cloud, op.target), byID(list, op.target)
		switch {
		case listed == nil:
		case healed == nil:
			list = append(list, listed)
		case listed.operation == op.id:
			healed.operation = op.id
		}
	}
	l.change(list)
}

// push writes the cloud's list to the lock: what is not listed goes, and what the
// lock has otherwise, or not, or is deaf to, is written. Entries with an
// operation in flight stay as they are; so do those that the list will show only
// later, as the cloud has accepted them and knows of them.
func (s *Sim) push(l *lock) {
	s.say(l, "the sync writes the list to the lock")
	kept := make([]*entry, 0, len(l.table))
	for _, e := range l.table {
		if l.running(e.id) || l.unlisted[e.id] || byID(l.cloud, e.id) != nil {
			kept = append(kept, e)
		}
	}
	l.setTable(kept)
	for _, listed := range l.cloud {
		if !l.running(listed.id) {
			s.pushEntry(l, listed)
		}
	}
}

func (s *Sim) pushEntry(l *lock, listed *entry) {
	there := byID(l.table, listed.id)
	if there != nil && there.same(listed) && !s.cfg.Clock.Now().Before(there.deafUntil) {
		return
	}
	op := &operation{kind: create, target: listed.id, wish: listed.shown(), about: subject{entityOf(listed.name), "push"}}
	if there != nil {
		op.kind = update
	}
	op.wish.operation = ""
	if s.apply(l, op) {
		numbered := listed.copy()
		numbered.authID = op.wish.authID
		l.cloud = replaced(l.cloud, numbered)
		s.say(l, "the sync writes", listed.name)
	}
}

// running reports whether an operation on an entry is in flight.
func (l *lock) running(target string) bool {
	return slices.ContainsFunc(l.operations, func(op *operation) bool { return op.target == target })
}
