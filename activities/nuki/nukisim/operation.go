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
	s.after(s.latency(l, op.about), func() { s.land(l, op) })
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
		op.held = true
		return
	}
	l.operations = slices.DeleteFunc(l.operations, func(o *operation) bool { return o == op })
	if op.leaked = s.happens(l, "leak_operation", op.about, l.faultsNow().LeakOperation); !op.leaked {
		l.release(op)
	}
	if l.offline || op.fate == fateLost || op.fate == fateGhost {
		l.dropPending(op)
		return
	}
	landed := op.fate == fateCloudOnly || s.apply(l, op)
	if !landed {
		l.dropPending(op)
		return
	}
	if op.fate == fateLockOnly {
		l.dropPending(op)
		return
	}
	s.report(l, op)
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
		return
	}
	switch l.faultsNow().Sync {
	case SyncHealsLate:
		s.after(syncLate, func() { l.heal() })
	case SyncNothing:
	default:
		l.heal()
	}
	if l.faultsNow().Sync == SyncNoMark {
		return
	}
	l.updated = s.cfg.Clock.Now()
	s.emit(l, syncing, masterdataEvent(l))
	s.emit(l, syncing, configEvent(l))
}

// heal copies the lock's table into the cloud's list; what is in flight stays,
// and what has only leaked does not.
func (l *lock) heal() {
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
