// This file builds the view that a reservation's query answers.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// view is what the reservation shows of itself at a moment.
func (s *State) view(now time.Time) View {
	view := View{
		ID: s.ID, Status: s.status(now), Attention: s.attention(now), At: now,
		Version: s.Version, Withdrawn: s.Withdrawn, Ignored: s.Ignored, Warning: s.Warning,
		LastError: s.lastError(), PIN: s.disclosureView(now), Next: s.next(now),
		Held: s.Held, Revoked: s.Revoked, Orders: s.Orders, Timeline: s.timeline(), Levers: usable(stayLevers, s, now),
	}
	if s.Wish != nil {
		wish := *s.Wish
		wish.PIN.Code = nuki.PIN{}
		view.Wish = &wish
		view.Opens, view.Closes = wish.Window().From, wish.Window().Until
	}
	view.Doors, view.Leaving = s.doorViews(now)
	return view
}

// doorViews are the wished doors, with or without an entry, and what is leaving.
func (s *State) doorViews(now time.Time) (doors, leaving []DoorView) {
	required := map[int64]bool{}
	if s.Wish != nil && DecideStay(s, now).Over == "" {
		for _, lock := range s.Wish.Locks {
			required[lock.SmartlockID] = !lock.Optional
			if s.current(lock.SmartlockID) == nil {
				doors = append(doors, DoorView{SmartlockID: lock.SmartlockID, Required: !lock.Optional, Status: AuthUnset})
			}
		}
	}
	for _, entry := range s.Entries {
		door := s.doorView(entry, now)
		door.Required = required[entry.Lock] && !entry.Absent
		if entry.Absent {
			leaving = append(leaving, door)
		} else {
			doors = append(doors, door)
		}
	}
	return doors, leaving
}

func (s *State) doorView(entry *Entry, now time.Time) DoorView {
	door := DoorView{
		SmartlockID: entry.Lock, Name: entry.Name, AuthID: entry.AuthID, Status: entry.status(),
		Proof: entry.Proof, Counts: s.counts(entry, now), ReadAt: entry.Seen.At, Shows: entry.Seen.Kind,
		Why: entry.Why, Step: entry.Step, Report: s.report(entry),
	}
	if entry.Trouble.Type != "" {
		trouble := entry.Trouble
		door.Trouble = &trouble
	}
	return door
}

// status is the entry's status in the field's words.
func (e *Entry) status() AuthStatus {
	switch {
	case e.Absent && !e.RemovedAt.IsZero():
		return AuthRemoved
	case e.Absent:
		return AuthRemoving
	case e.Proof.Level.AtLeast(ProofListed):
		return AuthSet
	case e.Seen.At.IsZero() && e.Write.Kind == "":
		return AuthUnset
	case e.Trouble.Type != "" && e.Seen.At.IsZero():
		return AuthUnknown
	}
	return AuthSetting
}

// lastError is the newest error that is being waited out.
func (s *State) lastError() *Trouble {
	var last *Trouble
	for _, trouble := range append(s.troubles(), s.Choosing) {
		if trouble.Type != "" && (last == nil || trouble.RetryAt.After(last.RetryAt)) {
			newest := trouble
			last = &newest
		}
	}
	return last
}

func (s *State) troubles() []Trouble {
	all := make([]Trouble, 0, len(s.Entries))
	for _, entry := range s.Entries {
		all = append(all, entry.Trouble)
	}
	return all
}

// next is the step that comes first, over all doors and the stay as a whole.
func (s *State) next(now time.Time) NextView {
	stay := DecideStay(s, now)
	next := NextView{Action: ActWait, At: stay.Until, Reason: stay.Reason}
	if s.choosing != "" {
		return NextView{Action: ActRead, Reason: s.choosing}
	}
	if s.Choosing.Type != "" {
		return NextView{Action: ActWait, At: s.Choosing.RetryAt, Reason: "Choose a PIN again after an error: " + s.Choosing.Message}
	}
	chosen := false
	for _, entry := range s.Entries {
		step := entry.Step
		if step.Do == "" || step.Do == ActDone || chosen && !next.At.IsZero() && !step.Until.Before(next.At) && !step.Until.IsZero() {
			continue
		}
		next = NextView{Action: step.Do, Lock: entry.Lock, At: step.Until, Reason: step.Reason}
		chosen = true
	}
	if !chosen && stay.Over != "" {
		next = NextView{Action: ActWait, At: s.tombstoneUntil(), Reason: "Nothing is left on a lock: kept open so that a late message cannot bring it back"}
	}
	return next
}

// disclosureView says how far the PIN may be told.
func (s *State) disclosureView(now time.Time) DisclosureView {
	if s.Wish == nil {
		return DisclosureView{}
	}
	view := DisclosureView{Mode: s.Wish.PIN.Mode, DiscloseAt: s.Wish.PIN.DiscloseAt, AvailableWhen: s.notDisclosable(now)}
	view.Disclosable = view.AvailableWhen == ""
	if pin := s.pin(); pin != nil {
		view.ToldAt = pin.ToldAt
	}
	return view
}
