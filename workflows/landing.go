// This file takes the results of activities into the reservation's memory: the
// workflow's part is to receive them, what they mean is pure.

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
	err := f.future.Get(ctx, &reading)
	r.state.landReading(f, &reading, err, workflow.Now(ctx))
}

// takeSync takes in the answer to a sync.
func (r *reservation) takeSync(ctx workflow.Context, f *flight) {
	r.state.landSync(f, f.future.Get(ctx, nil), workflow.Now(ctx))
}

// takeAsk takes in whether the lock's front desk was reached.
func (r *reservation) takeAsk(ctx workflow.Context, f *flight) {
	if err := f.future.Get(ctx, nil); err != nil {
		r.state.lock(f.lock).Asked.Failed = true
	}
}

// takeWrite takes in the answer to a write.
func (r *reservation) takeWrite(ctx workflow.Context, f *flight) {
	var result activities.WriteResult
	err := f.future.Get(ctx, &result)
	r.state.landWrite(f, result, err, workflow.Now(ctx))
}

// takeChoice takes in a PIN, and what each door showed meanwhile.
func (r *reservation) takeChoice(ctx workflow.Context, f *flight) {
	var choice activities.Choice
	err := f.future.Get(ctx, &choice)
	r.state.landChoice(f, choice, err, workflow.Now(ctx))
}

func (s *State) landReading(f *flight, reading *activities.Reading, err error, now time.Time) {
	if err != nil {
		s.trouble(f.lock, err, now)
		return
	}
	s.absorbReading(f.lock, reading, f.began)
}

// landSync says nothing about the lock: that the sync is complete, a read shows.
func (s *State) landSync(f *flight, err error, now time.Time) {
	if err != nil {
		s.lock(f.lock).unsynced(f.began)
		s.trouble(f.lock, err, now)
		return
	}
	s.lock(f.lock).Asked = Asked{}
	s.lockAnswered(f.lock)
}

// lockAnswered ends the answers in a row that a lock is unknown.
func (s *State) lockAnswered(lock int64) {
	for _, entry := range s.entriesOn(lock) {
		entry.Trouble.InARow = 0
	}
}

// landWrite counts a write whose answer is missing as one that may have landed.
func (s *State) landWrite(f *flight, result activities.WriteResult, err error, now time.Time) {
	if err == nil {
		s.lockAnswered(f.lock)
	}
	s.noteWrite(f, result, err, now)
	switch {
	case f.overtaken():
		s.landOvertaken(f, result, err, now)
	case err == nil && (result.Outcome == activities.CodeInUse || result.Outcome == activities.Busy):
		s.absorbReading(f.lock, result.Reading, f.began)
		f.entry.wrote(f.action, f.began, now, result.Outcome)
		s.pause(f.entry, string(result.Outcome), now)
	case err == nil:
		if result.Outcome == activities.Accepted {
			s.lock(f.lock).sentAgain(f.entry, f.began)
		}
		f.entry.wrote(f.action, f.began, now, result.Outcome)
		s.absorbReading(f.lock, result.Reading, f.began)
	default:
		if mayHaveLanded(err) {
			f.entry.unsure(f.action, f.began, now)
		}
		s.troubleOn(f.entry, err, now)
	}
}

// overtaken reports whether the wish changed while the write was under way.
func (f *flight) overtaken() bool {
	return f.absent != f.entry.Absent || !f.window.Equal(f.entry.Window)
}

// landOvertaken takes in a write for a wish that holds no more: it counts for
// nothing, and may land late.
func (s *State) landOvertaken(f *flight, result activities.WriteResult, err error, now time.Time) {
	if err == nil && result.Outcome != activities.Accepted && result.Outcome != activities.AlreadyRight {
		s.absorbReading(f.lock, result.Reading, f.began)
		return
	}
	if err == nil || mayHaveLanded(err) {
		f.entry.Loose = Write{Kind: f.action, At: f.began, Done: now, Unsure: err != nil}
		f.entry.Looks = 0
	}
	if err != nil {
		s.troubleOn(f.entry, err, now)
	}
}

// pause spaces writes that are refused because of somebody else's.
func (s *State) pause(entry *Entry, why string, now time.Time) {
	entry.Trouble = Trouble{
		Type: why, Message: "the lock refused a write: " + why, Since: now, Tries: entry.Refusals,
		RetryAt: now.Add(s.situation(entry, now).retry(entry.Refusals - 1)),
	}
}

func (s *State) landChoice(f *flight, choice activities.Choice, err error, now time.Time) {
	s.choosing = ""
	if err != nil {
		s.Choosing = newTrouble(s.Choosing, err, now, s.situation(&Entry{}, now).retry)
		return
	}
	if s.needsPIN(now) {
		s.chose(choice, now)
	}
	s.follow(DecideStay(s, now), now)
	for _, door := range choice.Doors {
		s.absorbReading(door.Lock, door.Reading, f.began)
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
	if before := s.pin(); before != nil && before.Told() && !s.Rotating {
		record.Beside = true
	}
	s.adoptLeftovers(choice, now)
	s.PINs = slices.DeleteFunc(s.PINs, func(r PINRecord) bool { return r.PIN == record.PIN })
	s.PINs = append(s.PINs, record)
	s.note(now, "%s", chosenWords(record))
	s.FreshPIN, s.Rotating, s.Choosing = "", false, Trouble{}
}

// chosenWords say which PIN was chosen, never the PIN.
func chosenWords(record PINRecord) string {
	switch {
	case record.Beside:
		return "A second PIN was chosen, beside the one that was told"
	case record.Source == Supplied:
		return "The caller's own PIN is taken"
	}
	return "A PIN was chosen"
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

// adoptListed makes an entry of what the list shows of an earlier run. Its PIN counts as
// told, and as older than those that are known, so that it never takes the place of one
// of them. A disarmed entry holds nobody's PIN and only has to go.
func (s *State) adoptListed(lock int64, listed activities.Listed, now time.Time) {
	window, _ := listed.Window.Whole()
	entry := &Entry{Lock: lock, Name: listed.Name, PIN: listed.PIN, Window: window, AuthID: listed.AuthID, Confirmed: true}
	if listed.Disarmed() {
		entry.Absent, entry.AbsentAt, entry.Why = true, now, "left disarmed by an earlier run"
	} else if !s.had(listed.PIN) {
		s.PINs = slices.Insert(s.PINs, 0, PINRecord{PIN: listed.PIN, Source: Generate, ToldAt: now})
	}
	memory := s.lock(lock)
	memory.Names = max(memory.Names, activities.NameNumber(s.Policy.Mark, listed.Name)+1)
	s.Entries = append(s.Entries, entry)
}

// had reports whether the PIN is one of the reservation's.
func (s *State) had(pin nuki.PIN) bool {
	return slices.ContainsFunc(s.PINs, func(r PINRecord) bool { return r.PIN == pin })
}

// trouble records an error on every entry of a lock.
func (s *State) trouble(lock int64, err error, now time.Time) {
	for _, entry := range s.entriesOn(lock) {
		s.troubleOn(entry, err, now)
	}
}

// troubleOn records an error on one entry, which is still pursued.
func (s *State) troubleOn(entry *Entry, err error, now time.Time) {
	entry.Trouble = newTrouble(entry.Trouble, err, now, s.situation(entry, now).retry)
}

// unsynced takes back a sync that was not accepted.
func (m *LockMemory) unsynced(at time.Time) {
	if m.lastSync().Equal(at) {
		m.Syncs = m.Syncs[:len(m.Syncs)-1]
	}
}
