// This file says which row of a list stands for which entry: no row may stand for
// two, and none of ours for nothing.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// recorded is the entry with a recorded id; nil without one.
func (s *State) recorded(lock int64, authID string) *Entry {
	for _, entry := range s.entriesOn(lock) {
		if entry.AuthID == authID {
			return entry
		}
	}
	return nil
}

// unrecorded is the entry with a PIN that no read has shown yet; nil without one.
func (s *State) unrecorded(lock int64, pin nuki.PIN) *Entry {
	for _, entry := range s.entriesOn(lock) {
		if entry.AuthID == "" && entry.PIN == pin && entry.RemovedAt.IsZero() {
			return entry
		}
	}
	return nil
}

// unclaimed is a reading without the rows that belong to other entries of ours.
func (s *State) unclaimed(entry *Entry, reading *activities.Reading) *activities.Reading {
	left := *reading
	left.Own = nil
	for _, listed := range reading.Own {
		if !s.anothers(entry, listed) {
			left.Own = append(left.Own, listed)
		}
	}
	return &left
}

// anothers reports whether a row belongs to another entry: by its recorded id, else by
// name and code.
func (s *State) anothers(entry *Entry, listed activities.Listed) bool {
	if owner := s.recorded(entry.Lock, listed.AuthID); owner != nil {
		return owner != entry
	}
	return slices.ContainsFunc(s.entriesOn(entry.Lock), func(other *Entry) bool {
		return other != entry && other.Name == listed.Name && other.PIN == listed.PIN
	})
}

// separate parts two rows of ours that stand for one entry: a list that was behind
// did not show the first, whose code had been changed, and a second was created.
// The entry gets the row with its code, and the other one an entry of its own, which
// must go: the lock has room for a code once, so that neither could be put right.
func (s *State) separate(lock int64, reading *activities.Reading, at time.Time) {
	for _, entry := range s.entriesOn(lock) {
		own := s.unclaimed(entry, reading).Own
		shown := slices.IndexFunc(own, func(l activities.Listed) bool { return l.AuthID == entry.AuthID })
		double := slices.IndexFunc(own, func(l activities.Listed) bool { return l.PIN == entry.PIN })
		if shown < 0 || double < 0 || own[shown].PIN == entry.PIN {
			continue
		}
		s.Entries = append(s.Entries, &Entry{
			Lock: lock, Name: own[shown].Name, PIN: own[shown].PIN, Window: entry.Window, AuthID: entry.AuthID,
			Absent: true, AbsentAt: at, Why: "another entry of ours has its code",
		})
		entry.AuthID = own[double].AuthID
	}
}
