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
	// name is what it is traced by.
	name  string
	began time.Time
	// late is how much longer it takes to the lock than its operationId stays.
	late time.Duration
	// held is set while the lock is offline and operations are kept for it: for
	// how long.
	held OfflineMode
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
	// fateCancelled is a create that a delete has overtaken.
	fateCancelled fate = "cancelled"
)

// fateWords are what will become of an operation, for the trace.
var fateWords = map[fate]string{
	fateLands: "will land", fateLost: "will be lost", fateCloudOnly: "will reach the cloud only",
	fateLockOnly: "will reach the lock only", fateGhost: "will leave a ghost",
}

// begin accepts a write.
func (s *Sim) begin(v *visit, k kind, target string, wish *entry) *operation {
	l, about := v.lock, v.about
	op := &operation{
		id: s.newID(l, "operation", about), kind: k, target: target, about: about, name: v.name(), wish: wish, began: s.cfg.Clock.Now(),
	}
	if wish != nil {
		op.name = wish.name
	}
	op.fate = s.fateOf(l, op)
	l.operations = append(l.operations, op)
	l.showRunning(op)
	delay := s.latency(l, about)
	if faults := l.faultsNow(); s.happens(l, "late_landing", about, faults.LateLanding) {
		op.late = faults.LateBy.D()
	}
	s.say(l, string(k), "of", op.name, "begins and", fateWords[op.fate], "in", s.span(delay+op.late))
	s.after(delay, func() { s.land(l, op) })
	return op
}

// mark sets or clears an operationId in the cloud's list; it is no change that a
// stale list would lack.
func (l *lock) mark(listed *entry, operation string) {
	marked := listed.copy()
	marked.operation = operation
	l.cloud = replaced(l.cloud, marked)
}

// creating is the create in flight of an entry; nil if there is none.
func (l *lock) creating(target string) *operation {
	for _, op := range slices.Concat(l.operations, l.late) {
		if op.kind == create && op.target == target {
			return op
		}
	}
	return nil
}

// showRunning shows an operation in the cloud's list.
func (l *lock) showRunning(op *operation) {
	if listed := byID(l.cloud, op.target); listed != nil {
		l.mark(listed, op.id)
	} else if op.kind == create && l.faultsNow().PendingListed {
		pending := op.wish.copy()
		if !l.faultsNow().PendingBare {
			pending.operation = op.id
		}
		l.change(with(l.cloud, pending))
	}
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

// quickAfter reports whether an update follows another of the same entry too quickly,
// and remembers it for the next one.
func (l *lock) quickAfter(op *operation) bool {
	if op.kind != update {
		return false
	}
	previous, any := l.accepted[op.target]
	l.accepted[op.target] = op.began
	return any && op.began.Sub(previous) < l.faultsNow().QuickSeries.D()
}

// newID is a 24-hex id like Nuki's.
func (s *Sim) newID(l *lock, purpose string, about subject) string {
	return fmt.Sprintf("%08x%016x", uint32(s.cfg.Clock.Now().Unix()), s.next(l, purpose, about))
}

func (s *Sim) nextAuthID(l *lock) int {
	l.made++
	return 1000 + l.made
}
