// This file is what happens between a 204 and the lock: operations in flight,
// how they land, and how they are lost.

package nukisim

import (
	"fmt"
	"slices"
	"time"
)

type kind string

const (
	create kind = "create"
	update kind = "update"
	remove kind = "delete"
)

// operation is a write that was accepted and has not ended.
type operation struct {
	id   string
	kind kind
	// target is the id of the entry, wish what it should be.
	target string
	wish   *entry
	about  subject
	began  time.Time
	// held is set while the lock is offline and operations are kept for it.
	held bool
	// leaked: its operationId stays when it has ended.
	leaked bool
	// fate is decided when the operation begins, so that it does not depend on
	// what happens meanwhile.
	fate fate
}

type fate string

const (
	fateLands     fate = "lands"
	fateLost      fate = "lost"
	fateCloudOnly fate = "cloud_only"
	fateLockOnly  fate = "lock_only"
	fateGhost     fate = "ghost"
)

// fateWords are what will become of an operation, for the trace.
var fateWords = map[fate]string{
	fateLands: "will land", fateLost: "will be lost", fateCloudOnly: "will reach the cloud only",
	fateLockOnly: "will reach the lock only", fateGhost: "will leave a ghost",
}

// begin accepts a write.
func (s *Sim) begin(l *lock, k kind, target string, about subject, wish *entry) {
	op := &operation{
		id: s.newID(l, "operation", about), kind: k, target: target, about: about, wish: wish, began: s.cfg.Clock.Now(),
	}
	op.fate = s.fateOf(l, op)
	l.operations = append(l.operations, op)
	if listed := byID(l.cloud, target); listed != nil {
		listed.operation = op.id
	} else if k == create && l.faultsNow().PendingListed {
		pending := wish.copy()
		pending.operation = op.id
		l.change(append(copies(l.cloud), pending))
	}
	delay := s.latency(l, op.about)
	s.say(l, string(k), "of", s.nameOf(l, op), "begins and", fateWords[op.fate], "in", s.span(delay))
	s.after(delay, func() { s.land(l, op) })
}

// nameOf is the name that an operation is traced by.
func (s *Sim) nameOf(l *lock, op *operation) string {
	if op.wish != nil {
		return op.wish.name
	}
	for _, list := range [][]*entry{l.cloud, l.table} {
		if e := byID(list, op.target); e != nil {
			return e.name
		}
	}
	return "what is gone"
}

// fateOf draws what becomes of an operation.
func (s *Sim) fateOf(l *lock, op *operation) fate {
	quick, faults := l.quickAfter(op), l.faultsNow()
	switch {
	case s.happens(l, "lose_accepted", op.about, faults.LoseAccepted):
		return fateLost
	case quick || len(l.operations) > 0 && s.happens(l, "concurrent_writers", op.about, faults.ConcurrentWriters):
		return fateLost
	case op.kind == remove && s.happens(l, "ghost_delete", op.about, faults.GhostDelete):
		return fateGhost
	case s.happens(l, "cloud_only", op.about, faults.CloudOnly):
		return fateCloudOnly
	case s.happens(l, "lock_only", op.about, faults.LockOnly):
		return fateLockOnly
	}
	return fateLands
}

// quickAfter says that an update follows another of the same entry too quickly,
// and remembers it for the next one.
func (l *lock) quickAfter(op *operation) bool {
	if op.kind != update {
		return false
	}
	previous, any := l.accepted[op.target]
	l.accepted[op.target] = op.began
	return any && op.began.Sub(previous) < l.faultsNow().QuickSeries.D()
}

// land ends an operation, or keeps it for a lock that is offline.
func (s *Sim) land(l *lock, op *operation) {
	if l.offline && l.faultsNow().OfflineQueues {
		s.say(l, string(op.kind), "of", s.nameOf(l, op), "is kept: the lock is offline")
		op.held = true
		return
	}
	name := s.nameOf(l, op)
	s.end(l, op)
	s.say(l, string(op.kind), "of", name, s.strike(l, op))
}

// end takes an operation from those in flight, with its operationId unless that
// leaks.
func (s *Sim) end(l *lock, op *operation) {
	l.operations = slices.DeleteFunc(l.operations, func(o *operation) bool { return o == op })
	if op.leaked = s.happens(l, "leak_operation", op.about, l.faultsNow().LeakOperation); op.leaked {
		s.say(l, string(op.kind), "of", s.nameOf(l, op), "leaves its operationId behind")
		return
	}
	l.release(op)
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
	case op.fate == fateGhost:
		return "leaves a ghost"
	case op.fate != fateCloudOnly && !s.apply(l, op):
		l.dropPending(op)
		return "is refused by the lock without a word"
	case op.fate == fateLockOnly:
		l.dropPending(op)
		return "reaches the lock and not the list"
	}
	s.report(l, op)
	if op.fate == fateCloudOnly {
		return "reaches the list and not the lock"
	}
	return "lands"
}

// release clears the operationId.
func (l *lock) release(op *operation) {
	if listed := byID(l.cloud, op.target); listed != nil && listed.operation == op.id {
		listed.operation = ""
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
	l.change(append(without(copies(l.cloud), op.target), listed))
	s.emit(l, op.about, authEvent(l, listed, false))
}

// change replaces the cloud's list and remembers what it was.
func (l *lock) change(list []*entry) { l.before, l.cloud = l.cloud, list }

// resume lands what was kept while the lock was offline, and lets the cloud read
// the lock's log again.
func (s *Sim) resume(l *lock) {
	for i := range l.log {
		l.log[i].unseen = false
	}
	for _, op := range slices.Clone(l.operations) {
		if op.held {
			op.held = false
			s.after(s.latency(l, op.about), func() { s.land(l, op) })
		}
	}
}

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

// newID is a 24-hex id like Nuki's.
func (s *Sim) newID(l *lock, purpose string, about subject) string {
	return fmt.Sprintf("%08x%016x", uint32(s.cfg.Clock.Now().Unix()), s.next(l, purpose, about))
}

func (s *Sim) nextAuthID(l *lock) int {
	l.made++
	return 1000 + l.made
}
