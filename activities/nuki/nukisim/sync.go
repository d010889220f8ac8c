// This file is a sync: what it brings from the lock to the cloud.

package nukisim

import "time"

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
		s.say(l, "the sync will heal the list in", s.span(syncLate))
		s.after(syncLate, func() { s.heal(l) })
	case SyncNothing:
		s.say(l, "the sync does nothing")
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

// syncLate is how much later SyncHealsLate heals.
const syncLate = 5 * time.Minute

// heal copies the lock's table into the cloud's list; what is in flight stays,
// and what has only leaked does not.
func (s *Sim) heal(l *lock) {
	s.say(l, "the sync heals the list")
	list := copies(l.table)
	for _, e := range list {
		e.deafUntil = time.Time{} // Nobody can see it from afar.
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
