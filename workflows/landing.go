// This file takes the results of activities into the reservation's memory.

package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// takeReading takes in a read of a lock's list.
func (r *reservation) takeReading(ctx workflow.Context, f *flight) {
	var reading activities.Reading
	if err := f.future.Get(ctx, &reading); err != nil {
		r.trouble(ctx, f.lock, err)
		return
	}
	r.state.absorbReading(f.lock, &reading, f.began)
}

// takeSync takes in the answer to a sync. It says nothing about the lock.
func (r *reservation) takeSync(ctx workflow.Context, f *flight) {
	memory := r.state.lock(f.lock)
	if err := f.future.Get(ctx, nil); err != nil {
		memory.unsynced(f.began)
		r.trouble(ctx, f.lock, err)
		return
	}
	memory.Asked = Asked{}
}

// takeAsk takes in whether the lock's front desk was reached.
func (r *reservation) takeAsk(ctx workflow.Context, f *flight) {
	if err := f.future.Get(ctx, nil); err != nil {
		r.state.lock(f.lock).Asked.Failed = true
	}
}

// takeWrite takes in the answer to a write. A write whose answer is missing may
// have landed all the same.
func (r *reservation) takeWrite(ctx workflow.Context, f *flight) {
	var result activities.WriteResult
	err := f.future.Get(ctx, &result)
	switch {
	case f.overtaken():
		r.takeOvertaken(ctx, f, result, err)
	case err == nil && (result.Outcome == activities.CodeInUse || result.Outcome == activities.Busy):
		r.state.absorbReading(f.lock, result.Reading, f.began)
		f.entry.wrote(f.action, f.began, workflow.Now(ctx), result.Outcome)
		r.pause(ctx, f.entry, string(result.Outcome))
	case err == nil:
		f.entry.wrote(f.action, f.began, workflow.Now(ctx), result.Outcome)
		r.state.absorbReading(f.lock, result.Reading, f.began)
	default:
		if mayHaveLanded(err) {
			f.entry.unsure(f.action, f.began, workflow.Now(ctx))
		}
		r.troubleOn(ctx, f.entry, err)
	}
}

// overtaken says that the wish changed while the write was under way.
func (f *flight) overtaken() bool {
	return f.absent != f.entry.Absent || !f.window.Equal(f.entry.Window)
}

// takeOvertaken takes in a write for a wish that holds no more: it counts for
// nothing, and may land late.
func (r *reservation) takeOvertaken(ctx workflow.Context, f *flight, result activities.WriteResult, err error) {
	if err == nil && result.Outcome != activities.Accepted && result.Outcome != activities.AlreadyRight {
		r.state.absorbReading(f.lock, result.Reading, f.began)
		return
	}
	if err == nil || mayHaveLanded(err) {
		f.entry.Loose = Write{Kind: f.action, At: f.began, Done: workflow.Now(ctx), Unsure: err != nil}
		f.entry.Looks = 0
	}
	if err != nil {
		r.troubleOn(ctx, f.entry, err)
	}
}

// pause spaces writes that are refused because of somebody else's.
func (r *reservation) pause(ctx workflow.Context, entry *Entry, why string) {
	now := workflow.Now(ctx)
	entry.Trouble = Trouble{
		Type: why, Message: "the lock refused a write: " + why, Since: now, Tries: entry.Refusals,
		RetryAt: now.Add(r.state.situation(entry, now).retry(entry.Refusals - 1)),
	}
}

// takeChoice takes in a PIN, and what each door showed meanwhile.
func (r *reservation) takeChoice(ctx workflow.Context, f *flight) {
	var choice activities.Choice
	now := workflow.Now(ctx)
	r.state.choosing = ""
	if err := f.future.Get(ctx, &choice); err != nil {
		delay := func(n int) time.Duration { return r.state.situation(&Entry{}, now).retry(n) }
		r.state.Choosing = newTrouble(r.state.Choosing, err, now, delay)
		return
	}
	if r.state.needsPIN(now) {
		r.state.chose(choice, now)
	}
	r.state.follow(DecideStay(r.state, now), now)
	for _, door := range choice.Doors {
		r.state.absorbReading(door.Lock, door.Reading, f.began)
	}
}

// searchFor looks later on a door that could not be read when the first PIN was
// chosen.
func (s *State) searchFor(lock int64, now time.Time, why string) {
	s.Entries = append(s.Entries, &Entry{Lock: lock, Absent: true, AbsentAt: now, Why: why})
}

// chose makes a PIN the present one. One that was adopted or supplied counts as
// told.
func (s *State) chose(choice activities.Choice, now time.Time) {
	record := PINRecord{PIN: choice.PIN, Source: Generate}
	if s.Wish != nil && s.Wish.PIN.Mode == Supplied && choice.PIN == s.Wish.PIN.Code {
		record.Source = Supplied
	}
	if choice.Adopted || record.Source == Supplied {
		record.ToldAt = now
	}
	if before := s.pin(); before != nil && before.Told() {
		record.Beside = true
	}
	s.adoptLeftovers(choice, now)
	s.PINs = slices.DeleteFunc(s.PINs, func(r PINRecord) bool { return r.PIN == record.PIN })
	s.PINs = append(s.PINs, record)
	s.FreshPIN, s.Choosing = "", Trouble{}
}

// adoptLeftovers takes over, on a run's first choice, every entry under our name.
// Those under another PIN than the chosen one stay until that one is on every
// door: somebody may know them.
func (s *State) adoptLeftovers(choice activities.Choice, now time.Time) {
	if len(s.PINs) > 0 {
		return
	}
	for _, door := range choice.Doors {
		if door.Reading == nil {
			s.searchFor(door.Lock, now, "looking whether an earlier run left anything")
			continue
		}
		for _, listed := range door.Reading.Own {
			s.adoptListed(door.Lock, listed, now)
		}
	}
}

// adoptListed makes an entry of what the list shows, and counts its PIN as told.
// What was disarmed is nobody's PIN and only has to go.
func (s *State) adoptListed(lock int64, listed activities.Listed, now time.Time) {
	window, _ := listed.Window.Whole()
	entry := &Entry{Lock: lock, Name: listed.Name, PIN: listed.PIN, Window: window, AuthID: listed.AuthID, Confirmed: true}
	if listed.Disarmed() {
		entry.Absent, entry.AbsentAt, entry.Why = true, now, "left disarmed by an earlier run"
	} else if !s.had(listed.PIN) {
		s.PINs = append(s.PINs, PINRecord{PIN: listed.PIN, Source: Generate, ToldAt: now})
	}
	memory := s.lock(lock)
	memory.Names = max(memory.Names, activities.NameNumber(s.Policy.Mark, listed.Name)+1)
	s.Entries = append(s.Entries, entry)
}

// had says that the PIN is one of the reservation's.
func (s *State) had(pin nuki.PIN) bool {
	return slices.ContainsFunc(s.PINs, func(r PINRecord) bool { return r.PIN == pin })
}

// trouble records an error on every entry of a lock.
func (r *reservation) trouble(ctx workflow.Context, lock int64, err error) {
	for _, entry := range r.state.entriesOn(lock) {
		r.troubleOn(ctx, entry, err)
	}
}

// troubleOn records an error on one entry, which is still pursued.
func (r *reservation) troubleOn(ctx workflow.Context, entry *Entry, err error) {
	now := workflow.Now(ctx)
	entry.Trouble = newTrouble(entry.Trouble, err, now, r.state.situation(entry, now).retry)
}

// unsynced takes back a sync that was not accepted.
func (m *LockMemory) unsynced(at time.Time) {
	if m.lastSync().Equal(at) {
		m.Syncs = m.Syncs[:len(m.Syncs)-1]
	}
}
