// This file is how operations land on the lock and in the cloud's list, and how
// they come to nothing.

package nukisim

import (
	"slices"
	"time"
)

// land ends an operation, or keeps it for a lock that is offline.
func (s *Sim) land(l *lock, op *operation) {
	if s.kept(l, op) {
		return
	}
	s.end(l, op)
	if op.late > 0 {
		l.late = append(l.late, op)
		s.after(op.late, func() { s.landLate(l, op) })
		return
	}
	s.say(l, string(op.kind), "of", op.name, s.strike(l, op))
}

// landLate lands an operation whose operationId was released long ago: on what is
// there now, by the entry's id, whatever newer ones have done meanwhile.
func (s *Sim) landLate(l *lock, op *operation) {
	if s.kept(l, op) {
		return
	}
	l.late = slices.DeleteFunc(l.late, func(o *operation) bool { return o == op })
	s.say(l, "late", string(op.kind), "of", op.name, s.strike(l, op))
}

// kept reports whether an operation waits until the lock is back, or longer.
func (s *Sim) kept(l *lock, op *operation) bool {
	mode := l.faultsNow().offlineWrites()
	if !l.offline || mode == OfflineDrops {
		return false
	}
	s.say(l, string(op.kind), "of", op.name, "is kept: the lock is offline")
	op.held = mode
	return true
}

// end takes an operation from those in flight, with its operationId unless that
// leaks.
func (s *Sim) end(l *lock, op *operation) {
	l.operations = slices.DeleteFunc(l.operations, func(o *operation) bool { return o == op })
	if op.leaked = s.happens(l, "leak_operation", op.about, l.faultsNow().LeakOperation); op.leaked {
		s.say(l, string(op.kind), "of", op.name, "leaves its operationId behind")
		return
	}
	l.free(op)
}

// strike does to lock and cloud what the operation's fate lets it, and says in
// words what came of it.
func (s *Sim) strike(l *lock, op *operation) string {
	switch {
	case l.offline:
		l.dropPending(op)
		return "is dropped: the lock is offline"
	case op.fate == fateLost:
		l.dropPending(op)
		return "is lost"
	case op.fate == fateCancelled:
		l.dropPending(op)
		return "was cancelled"
	case op.fate == fateGhost:
		return "leaves a ghost"
	case op.fate != fateCloudOnly && !s.apply(l, op):
		l.dropPending(op)
		return "is refused by the lock without a word"
	case op.fate == fateCloudOnly && op.kind == update && byID(l.cloud, op.target) == nil:
		return "finds nothing to change"
	case op.fate == fateLockOnly:
		l.dropPending(op)
		return "reaches the lock and not the list"
	case op.kind == create && s.listsLate(l, op):
		return "lands, and is not listed yet"
	}
	s.report(l, op)
	if op.fate == fateCloudOnly {
		return "reaches the list and not the lock"
	}
	return "lands"
}

// free clears the operationId.
func (l *lock) free(op *operation) {
	if listed := byID(l.cloud, op.target); listed != nil && listed.operation == op.id {
		l.mark(listed, "")
	}
}

// dropPending removes an entry that was listed before the lock had confirmed it.
func (l *lock) dropPending(op *operation) {
	if listed := byID(l.cloud, op.target); op.kind == create && listed != nil && listed.authID == 0 {
		l.change(without(l.cloud, op.target))
	}
}

// apply changes the lock's own table. The lock refuses what does not fit: a full
// keypad, or a code that it has already (K_ERROR 29 and 2a), without a word.
func (s *Sim) apply(l *lock, op *operation) bool {
	switch op.kind {
	case remove:
		l.setTable(without(l.table, op.target))
		return true
	case create:
		if len(l.table) >= l.cfg.Capacity || byCode(l.table, op.wish.code) != nil {
			return false
		}
		op.wish.authID = s.nextAuthID(l)
	case update:
		there := byID(l.table, op.target)
		other := byCode(l.table, op.wish.code)
		if there == nil || other != nil && other != there {
			return false
		}
		op.wish.authID, op.wish.lockCount, op.wish.lastActive = there.authID, there.lockCount, there.lastActive
	}
	op.wish.updated = s.cfg.Clock.Now()
	l.setTable(append(without(l.table, op.target), s.heard(l, op.wish, op.about)))
	return true
}

// listsLate reports whether a new entry on the lock will be listed only later, and sees
// to it. Until then it may be changed in the app, deleted, or listed by a sync.
func (s *Sim) listsLate(l *lock, op *operation) bool {
	late := l.faultsNow().ListedLate.D()
	if late <= 0 || op.fate == fateCloudOnly || byID(l.cloud, op.target) != nil {
		return false
	}
	l.unlisted[op.target] = true
	s.after(late, func() {
		delete(l.unlisted, op.target)
		there := byID(l.table, op.target)
		if there == nil || byID(l.cloud, op.target) != nil {
			return
		}
		op.wish = there.shown()
		s.say(l, "the list shows", there.name, "at last")
		s.report(l, op)
	})
	return true
}

// heard is an entry as it comes into the lock's table, and whether the keypad is
// deaf to it.
func (s *Sim) heard(l *lock, wish *entry, about subject) *entry {
	landed, faults := wish.copy(), l.faultsNow()
	landed.deafUntil = time.Time{}
	if s.happens(l, "deaf", about, faults.Deaf) {
		landed.deafUntil = s.cfg.Clock.Now().Add(faults.DeafFor.D())
		s.say(l, "the keypad is deaf to", wish.name, "for", s.span(faults.DeafFor.D()))
	}
	return landed
}

// report brings the cloud's list up to date and tells the webhook.
func (s *Sim) report(l *lock, op *operation) {
	if op.kind == remove {
		gone := byID(l.cloud, op.target)
		l.change(without(l.cloud, op.target))
		if gone != nil {
			s.emit(l, op.about, authEvent(l, gone, true))
		}
		return
	}
	listed := op.wish.copy()
	listed.operation = ""
	if before := byID(l.cloud, op.target); before != nil {
		listed.operation = before.operation
	} else if op.leaked {
		listed.operation = op.id
	}
	l.change(append(without(l.cloud, op.target), listed))
	s.emit(l, op.about, authEvent(l, listed, false))
}

// resume lands what was kept while the lock was offline, and lets the cloud read
// the lock's log again.
func (s *Sim) resume(l *lock) {
	for i := range l.log {
		l.log[i].unseen = false
	}
	s.release(l, l.operations, s.land)
	s.release(l, l.late, s.landLate)
}

// release lets go of what was kept.
func (s *Sim) release(l *lock, operations []*operation, land func(*lock, *operation)) {
	for _, op := range operations {
		if op.held == "" {
			continue
		}
		delay := s.latency(l, op.about)
		if op.held == OfflineDaily {
			delay += l.untilDailySync()
		}
		op.held = ""
		s.after(delay, func() { land(l, op) })
	}
}

// dailySync is the hour, by the lock's zone, of the sync that the lock does by
// itself every day (staff: F-24449; when, is not known).
const dailySync = 3

func (l *lock) untilDailySync() time.Duration {
	now := l.clock.Now()
	return NextDailySync(now, l.zone).Sub(now)
}

// NextDailySync is when a lock in a zone next does its daily sync, after a moment.
func NextDailySync(after time.Time, zone *time.Location) time.Time {
	local := after.In(zone)
	next := time.Date(local.Year(), local.Month(), local.Day(), dailySync, 0, 0, 0, zone)
	if !next.After(local) {
		next = time.Date(local.Year(), local.Month(), local.Day()+1, dailySync, 0, 0, 0, zone)
	}
	return next
}

// change replaces the cloud's list and remembers what it was.
func (l *lock) change(list []*entry) { l.before, l.cloud = l.cloud, list }
