// This file tests which row of a list stands for which entry.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// withEntries is a reservation with these entries on lock 11, none recorded yet.
func withEntries(entries ...*Entry) *State {
	s := newState("R1", nil)
	window, _ := nuki.NewWindow(checkIn, checkOut)
	for _, entry := range entries {
		entry.Lock, entry.Window = 11, window
		s.Entries = append(s.Entries, entry)
	}
	s.PINs = []PINRecord{{PIN: nuki.CodeOf(guestsPIN)}}
	return s
}

// row is a row of ours with the whole window.
func row(id, name string, pin int32) activities.Listed {
	window, _ := nuki.NewWindow(checkIn, checkOut)
	listed := list(&Entry{Name: name, PIN: nuki.CodeOf(pin), Window: window}, Exact)[0]
	listed.AuthID = id
	return listed
}

// absorbs takes one read of lock 11 in.
func (s *State) absorbs(rows ...activities.Listed) {
	s.absorbReading(11, &activities.Reading{Own: rows, Total: len(rows)}, began)
}

func TestRows_TheCodeUnderAnyOfOurNamesIsTheEntry(t *testing.T) {
	entry := &Entry{Name: "K-R1", PIN: nuki.CodeOf(guestsPIN)}
	s := withEntries(entry)
	s.absorbs(row("a1", "K-R1.3", guestsPIN))
	if entry.Seen.Kind != NameDiffers || entry.AuthID != "a1" {
		t.Errorf("shows %s as %q", entry.Seen.Kind, entry.AuthID)
	}
}

func TestRows_OneThatAnotherEntryIsCalledIsThatOnes(t *testing.T) {
	gone := &Entry{Name: "K-R1", PIN: nuki.CodeOf(guestsPIN), Absent: true, RemovedAt: began.Add(-time.Hour)}
	wished := &Entry{Name: "K-R1.1", PIN: nuki.CodeOf(guestsPIN)}
	s := withEntries(gone, wished)
	s.absorbs(row("a2", "K-R1.1", guestsPIN))
	if gone.Seen.Kind != Missing || gone.RemovedAt.IsZero() || wished.Seen.Kind != Exact {
		t.Errorf("the removed entry shows %s, the wished one %s", gone.Seen.Kind, wished.Seen.Kind)
	}
}

func TestRows_TwoOfOursForOneEntryAreParted(t *testing.T) {
	entry := &Entry{Name: "K-R1", PIN: nuki.CodeOf(guestsPIN), AuthID: "a1"}
	s := withEntries(entry)
	s.absorbs(row("a1", "K-R1", nobodysPIN), row("a2", "K-R1", guestsPIN))
	if entry.Seen.Kind != Exact || entry.AuthID != "a2" {
		t.Errorf("the wished entry shows %s as %q", entry.Seen.Kind, entry.AuthID)
	}
	if len(s.Entries) != 2 || !s.Entries[1].Absent || s.Entries[1].AuthID != "a1" || !s.Entries[1].Seen.Kind.there() {
		t.Errorf("the other row has no entry that must go: %+v", s.Entries[1:])
	}
}

func TestSearch_GivesWhatItFindsToTheEntryThatIsWishedThere(t *testing.T) {
	search, wished := &Entry{Absent: true}, &Entry{Name: "K-R1", PIN: nuki.CodeOf(guestsPIN)}
	s := withEntries(search, wished)
	s.absorbs(row("a1", "K-R1.2", guestsPIN))
	if len(s.Entries) != 2 || wished.AuthID != "a1" || search.RemovedAt.IsZero() {
		t.Errorf("%d entries, the wished one is %q", len(s.Entries), wished.AuthID)
	}
}

func TestSearch_NeverMakesWhatItFindsThePresentPIN(t *testing.T) {
	s := withEntries(&Entry{Absent: true}, &Entry{Name: "K-R1", PIN: nuki.CodeOf(guestsPIN)})
	s.absorbs(row("a1", "K-R1", nobodysPIN))
	if s.pin().PIN != nuki.CodeOf(guestsPIN) || !s.told(nuki.CodeOf(nobodysPIN)) || len(s.Entries) != 3 {
		t.Errorf("%d entries, and the PIN that was found is the present one: %v", len(s.Entries), s.pin().PIN == nuki.CodeOf(nobodysPIN))
	}
}
