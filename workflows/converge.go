// This file brings authorizations to their wish: it turns decisions into
// activities and takes their results in. It is the only place that writes to a
// lock.

package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// keypad names the activities; it is nil, as only its method names are used.
var keypad *activities.Keypad

// flight is one activity that has been started and has not been taken in.
type flight struct {
	action Action
	lock   int64
	// entry is nil for what concerns a lock or the stay as a whole.
	entry *Entry
	began time.Time
	// why is the reason of the step.
	why string
	// absent and window are the wish that a write was sent for.
	absent bool
	window nuki.Window
	future workflow.Future
	// take brings the result into the reservation's memory.
	take func(workflow.Context, *flight)
}

// converge decides about every door that has nothing in flight, starts what is
// due, and says until when there is nothing to do.
func (r *reservation) converge(ctx workflow.Context, now time.Time) time.Time {
	stay := DecideStay(r.state, now)
	r.state.follow(stay, now)
	r.attendEarly(ctx, now)
	if stay.ChoosePIN && r.idle() {
		r.choosePIN(ctx, stay, now)
	}
	until := earliest(stay.Until, r.choosingUntil(now))
	for _, entry := range r.state.Entries {
		until = earliest(until, r.convergeEntry(ctx, entry, now))
	}
	r.askForRoom(ctx, now)
	r.state.settleAsk()
	until = earliest(until, r.state.statusChangesAt(now))
	until = earliest(until, r.state.nextGuestAt(now))
	if r.idle() { // Else it comes with what is under way.
		until = earliest(until, r.state.attendsEarlyAt(now))
	}
	if at := r.state.tombstoneUntil(); at.After(now) {
		until = earliest(until, at)
	}
	return until
}

// convergeEntry decides about one entry and starts what is due.
func (r *reservation) convergeEntry(ctx workflow.Context, entry *Entry, now time.Time) time.Time {
	if r.busy(entry.Lock) {
		return time.Time{}
	}
	before := entry.Step
	entry.Step = Decide(r.state.situation(entry, now))
	countDecision(ctx, before, entry.Step)
	switch step := entry.Step; step.Do {
	case ActDone:
	case ActWait:
		return step.Until
	case ActAskFreshPIN:
		r.askFreshPIN(step.Reason)
	default:
		if !step.Do.write() || !r.writing() {
			r.act(ctx, entry, step, now)
		}
	}
	return time.Time{}
}

// askFreshPIN asks DecideStay for another PIN; the next turn of the loop grants
// it.
func (r *reservation) askFreshPIN(reason string) {
	if r.state.FreshPIN == "" {
		r.state.FreshPIN, r.again = reason, true
	}
}

// act starts the activity of a step.
func (r *reservation) act(ctx workflow.Context, entry *Entry, step Step, now time.Time) {
	f := &flight{action: step.Do, lock: entry.Lock, entry: entry, began: now, why: step.Reason, absent: entry.Absent, window: entry.Window, take: r.takeWrite}
	switch step.Do {
	case ActRead:
		f.entry, f.take = nil, r.takeReading
		f.future = r.verify(ctx, entry, step)
	case ActSync:
		f.entry = nil
		r.haveSynced(ctx, f, entry, step)
	case ActCreate:
		f.future = r.create(ctx, entry, step)
	case ActUpdate, ActRefresh, ActDisarm:
		f.future = r.update(ctx, entry, step)
	case ActDelete:
		f.future = r.remove(ctx, entry, step)
	default:
		return
	}
	r.flights = append(r.flights, f)
}

// call sets the options of one call about a door.
func (r *reservation) call(ctx workflow.Context, kind string, entry *Entry, step Step) workflow.Context {
	deadline := r.state.deadline(workflow.Now(ctx))
	return callNuki(ctx, activityID(kind, entry.Lock), step.Reason, urgency(workflow.Now(ctx), deadline))
}

func (r *reservation) verify(ctx workflow.Context, entry *Entry, step Step) workflow.Future {
	return workflow.ExecuteActivity(r.call(ctx, "verify", entry, step), keypad.VerifyAuthorization, activities.VerifyInput{
		Lock: entry.Lock, Owner: r.owner(ctx, entry.Lock), WithLock: step.WithLock, Attend: r.attend(entry.Lock),
	})
}

func (r *reservation) sync(ctx workflow.Context, entry *Entry, step Step) workflow.Future {
	priority := urgency(workflow.Now(ctx), r.state.deadline(workflow.Now(ctx)))
	return workflow.ExecuteActivity(syncOnce(ctx, entry.Lock, step.Reason, priority), keypad.SyncSmartlock, activities.SyncInput{
		Lock: entry.Lock, Attend: r.attend(entry.Lock, activities.WaitMark),
	})
}

// haveSynced asks the lock's front desk for a sync, or sends one alone.
func (r *reservation) haveSynced(ctx workflow.Context, f *flight, entry *Entry, step Step) {
	memory := r.state.lock(entry.Lock)
	if step.Row == rowRefusedAtDoor {
		memory.DoorSyncAt = f.began
	}
	if step.Alone {
		r.state.synced(entry.Lock, f.began)
		f.take, f.future = r.takeSync, r.sync(ctx, entry, step)
		return
	}
	memory.Asked = memory.Asked.with(step, r.state.ID, f.began, r.state.Policy)
	f.take, f.future = r.takeAsk, SignalAsk.SendFrom(ctx, SmartlockWorkflowID(entry.Lock), memory.Asked.Ask)
}

func (r *reservation) create(ctx workflow.Context, entry *Entry, step Step) workflow.Future {
	return workflow.ExecuteActivity(r.call(ctx, "create", entry, step), keypad.CreateAuthorization, activities.CreateInput{
		Lock: entry.Lock, Owner: r.owner(ctx, entry.Lock), Name: entry.Name, PIN: entry.PIN, Window: entry.Window,
		Attend: r.attend(entry.Lock),
	})
}

func (r *reservation) update(ctx workflow.Context, entry *Entry, step Step) workflow.Future {
	if step.Do == ActRefresh {
		entry.Name = r.state.nextName(entry.Lock)
	}
	return workflow.ExecuteActivity(r.call(ctx, string(step.Do), entry, step), keypad.UpdateAuthorization, activities.UpdateInput{
		Lock: entry.Lock, AuthID: entry.AuthID, Owner: r.owner(ctx, entry.Lock), Name: entry.Name, PIN: entry.PIN,
		Window: entry.Window, Disarm: step.Do == ActDisarm, Attend: r.attend(entry.Lock),
	})
}

func (r *reservation) remove(ctx workflow.Context, entry *Entry, step Step) workflow.Future {
	return workflow.ExecuteActivity(r.call(ctx, "delete", entry, step), keypad.DeleteAuthorization, activities.DeleteInput{
		Lock: entry.Lock, AuthID: entry.AuthID, Owner: r.owner(ctx, entry.Lock), Attend: r.attend(entry.Lock),
	})
}

// owner says whose entries are ours on a lock, and what time it is.
func (r *reservation) owner(ctx workflow.Context, lock int64) activities.Owner {
	owner := r.state.owner(lock)
	owner.AsOf = workflow.Now(ctx)
	return owner
}

// choosePIN asks for a PIN that is free on every door, and reads them meanwhile.
func (r *reservation) choosePIN(ctx workflow.Context, stay Stay, now time.Time) {
	input := activities.ChooseInput{Owner: r.owner(ctx, 0), Adopt: stay.Adopt}
	for _, lock := range r.state.Wish.Locks {
		input.Locks = append(input.Locks, lock.SmartlockID)
		input.Attend = append(input.Attend, *r.attend(lock.SmartlockID))
	}
	if r.state.Wish.PIN.Mode == Supplied && r.state.FreshPIN == "" {
		input.PIN = r.state.Wish.PIN.Code
	}
	reason := "Choose a PIN that is free on every door"
	if r.state.FreshPIN != "" {
		reason = "Choose a fresh PIN for every door"
	}
	r.state.choosing = reason
	options := callNuki(ctx, "choose-pin", reason, urgency(now, r.state.deadline(now)))
	future := workflow.ExecuteActivity(options, keypad.ChoosePIN, input)
	r.flights = append(r.flights, &flight{action: ActRead, began: now, future: future, take: r.takeChoice})
}

// choosingUntil is when a PIN may be chosen again after an error.
func (r *reservation) choosingUntil(now time.Time) time.Time {
	if at := r.state.Choosing.RetryAt; at.After(now) {
		return at
	}
	return time.Time{}
}

// idle reports whether nothing is in flight at all.
func (r *reservation) idle() bool { return len(r.flights) == 0 }

// busy reports whether something about a lock is in flight.
func (r *reservation) busy(lock int64) bool {
	for _, f := range r.flights {
		if f.lock == lock || f.lock == 0 {
			return true
		}
	}
	return false
}

// writing reports whether a write is in flight: there is one at a time.
func (r *reservation) writing() bool {
	for _, f := range r.flights {
		if f.action.write() {
			return true
		}
	}
	return false
}

// land takes in every flight that has ended.
func (r *reservation) land(ctx workflow.Context) {
	var open []*flight
	for _, f := range r.flights {
		if f.future.IsReady() {
			f.take(ctx, f)
		} else {
			open = append(open, f)
		}
	}
	r.flights = open
}
