// This file is what a reservation tells its locks' front desks of itself: who it
// is, what it wishes, and when it leaves.

package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// attend says who wants to be woken by a lock's front desk. It travels with
// every call, so that a desk that was terminated comes back with the next one.
func (r *reservation) attend(lock int64, waits ...string) *activities.Attend {
	owner := r.state.owner(lock)
	memory := r.state.lock(lock)
	if !slices.Contains(waits, activities.WaitMark) && len(memory.Syncs) > 0 && !memory.marked() {
		waits = append(waits, activities.WaitMark)
	}
	if memory.State != nil && memory.State.ServerState == nuki.ServerOffline {
		waits = append(waits, activities.WaitOnline)
	}
	if memory.RoomAsked = r.state.waitsForRoom(lock); memory.RoomAsked {
		waits = append(waits, activities.WaitRoom)
	}
	entries, codes := r.state.knownOn(lock)
	attend := &activities.Attend{
		WorkflowID: SmartlockWorkflowID(lock), Lock: lock, Codes: codes,
		Attendance: activities.Attendance{
			Reservation: r.state.ID, Mark: owner.Mark, Key: owner.Key, IDs: owner.IDs, Waits: waits,
			Entries: entries, Took: memory.Took, Policy: r.state.Policy.custom(), Advised: memory.Advice.text(),
		},
	}
	memory.Took, memory.Attended, memory.AttendedFor = nil, true, r.state.begins()
	return attend
}

// planned reports whether a stay will have an entry on a lock where it has none now.
func (s *State) planned(lock int64) bool {
	if s.Wish == nil || s.Withdrawn != nil || !s.Wish.Status.WantsEntry() {
		return false
	}
	wished := slices.ContainsFunc(s.Wish.Locks, func(l LockWish) bool { return l.SmartlockID == lock })
	return wished && !slices.ContainsFunc(s.entriesOn(lock), func(e *Entry) bool { return !e.Absent || e.Why == whyEnded })
}

// waitsForRoom reports whether the last read found a lock full, for a guest who comes
// within the day. While it is read again he waits on.
func (s *State) waitsForRoom(lock int64) bool {
	soon := s.begins().Add(-leastYield.D())
	return slices.ContainsFunc(s.entriesOn(lock), func(e *Entry) bool { return !e.Absent && e.Seen.At.After(soon) && s.situation(e, e.Seen.At).noRoom() })
}

// begins is the beginning of the stay; zero without a wish.
func (s *State) begins() time.Time {
	if s.Wish == nil {
		return time.Time{}
	}
	return s.Wish.StartsAt
}

// knownOn are the entries that a lock's front desk should know, with their codes.
// Before there is one, the booking itself counts for the lock's forecast, with the
// caller's own PIN, as that may collide with what is on the lock.
func (s *State) knownOn(lock int64) (entries []activities.KnownEntry, codes []nuki.PIN) {
	for _, entry := range s.entriesOn(lock) {
		if entry.searches() {
			continue
		}
		known := activities.KnownEntry{
			AuthID: entry.AuthID, Name: entry.Name, From: entry.Window.From, Until: entry.Window.Until,
			Absent: entry.Absent, AbsentAt: entry.AbsentAt, Gone: entry.Absent && !entry.RemovedAt.IsZero(),
			Placed: entry.Seen.Kind == Exact && !entry.Seen.Stale, Used: entry.Proof.Level == ProofUsed,
		}
		entries, codes = append(entries, known), append(codes, entry.PIN)
	}
	if s.planned(lock) {
		window := s.Wish.Window()
		entries, codes = append(entries, activities.KnownEntry{From: window.From, Until: window.Until}), append(codes, s.Wish.PIN.Code)
	}
	return entries, codes
}

// attendsEarlyAt is when a booking is told to its locks' front desks, for their
// forecast; zero where that is done, or provisioning comes first.
func (s *State) attendsEarlyAt(now time.Time) time.Time {
	if s.Wish == nil || s.overWhy(now) != "" || len(s.Entries) > 0 || s.Wish.Status == Tentative {
		return time.Time{}
	}
	at := latest(s.Wish.StartsAt.Add(-s.Policy.Forecast.D()), s.AcceptedAt)
	told := !slices.ContainsFunc(s.Wish.Locks, func(l LockWish) bool { return !s.memory(l.SmartlockID).AttendedFor.Equal(s.Wish.StartsAt) })
	if told || !at.Before(s.provisionAt()) {
		return time.Time{}
	}
	return at
}

// attendEarly tells the front desks of a booking.
func (r *reservation) attendEarly(ctx workflow.Context, now time.Time) {
	at := r.state.attendsEarlyAt(now)
	if at.IsZero() || now.Before(at) || !r.idle() {
		return
	}
	for _, lock := range r.state.Wish.Locks {
		r.attendNow(ctx, lock.SmartlockID, "Tell the lock's front desk of the booking, for its forecast", now)
	}
}

// askForRoom tells the front desks of full locks, once, that a guest waits there for a
// code to go: the calls that tell it otherwise may be half a minute away.
func (r *reservation) askForRoom(ctx workflow.Context, now time.Time) {
	for i := range r.state.Locks {
		memory := &r.state.Locks[i]
		if !memory.RoomAsked && !r.busy(memory.ID) && r.state.waitsForRoom(memory.ID) {
			r.attendNow(ctx, memory.ID, "Tell the lock's front desk that a guest waits for room", now)
		}
	}
}

// attendNow tells a front desk of the reservation without a call of the API.
func (r *reservation) attendNow(ctx workflow.Context, lock int64, summary string, now time.Time) {
	options := callNuki(ctx, activityID("attend", lock), summary, urgency(now, r.state.begins()))
	future := workflow.ExecuteActivity(options, keypad.AttendSmartlock, *r.attend(lock))
	r.flights = append(r.flights, &flight{action: ActRead, lock: lock, began: now, future: future, take: r.takeAttendance})
}

// takeAttendance takes in that a front desk was told. One that could not be is
// told with the next call.
func (r *reservation) takeAttendance(ctx workflow.Context, f *flight) {
	if err := f.future.Get(ctx, nil); err != nil {
		r.logger.Warn("a front desk was not told of a booking; it is told with the first call", "error", err)
	}
}

// leaveLocks tells the front desks of locks that nothing of ours is on any more,
// and that nothing will be.
func (r *reservation) leaveLocks(ctx workflow.Context, now time.Time) {
	for _, memory := range slices.Clone(r.state.Locks) {
		if memory.Attended && r.state.doneWith(memory.ID, now) && !r.busy(memory.ID) {
			r.leave(ctx, memory.ID)
		}
	}
}

// doneWith reports whether nothing of ours is on a lock, and that nothing will be.
func (s *State) doneWith(lock int64, now time.Time) bool {
	if s.Wish != nil && s.overWhy(now) == "" {
		wished := slices.ContainsFunc(s.Wish.Locks, func(l LockWish) bool { return l.SmartlockID == lock })
		if wished {
			return false
		}
	}
	return !slices.ContainsFunc(s.entriesOn(lock), func(e *Entry) bool { return !e.Absent || e.Step.Do != ActDone })
}

// leave tells a front desk that this reservation need not be woken any more; the
// desk keeps the ids. One that does not run has forgotten it already.
func (r *reservation) leave(ctx workflow.Context, lock int64) {
	owner := r.state.owner(lock)
	entries, _ := r.state.knownOn(lock)
	message := activities.Attendance{Reservation: r.state.ID, Mark: owner.Mark, Key: owner.Key, IDs: owner.IDs, Entries: entries, Leave: true}
	memory := r.state.lock(lock)
	memory.Attended, memory.AttendedFor = false, time.Time{}
	future := SignalAttend.SendFrom(ctx, SmartlockWorkflowID(lock), message)
	r.flights = append(r.flights, &flight{action: ActRead, lock: lock, future: future, take: r.takeLeave})
}

func (r *reservation) takeLeave(ctx workflow.Context, f *flight) {
	if err := f.future.Get(ctx, nil); err != nil && !notFound(err) {
		r.logger.Warn("a front desk was not told that a reservation has left", "error", err)
	}
}
