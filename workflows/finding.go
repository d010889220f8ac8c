// This file compares what a read showed with what is wished: one word per entry.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// FindingKind is what the last read showed of one entry, in one word.
type FindingKind string

const (
	// NeverRead: there has been no read.
	NeverRead FindingKind = ""
	// Missing: the entry is not in the list.
	Missing FindingKind = "missing"
	// Running: an operation is running on it; what it shows is in flux.
	Running FindingKind = "operation_running"
	// Exact: our code, the whole window, enabled, our name.
	Exact FindingKind = "exact"
	// NameDiffers: all is right but the name.
	NameDiffers FindingKind = "name_differs"
	// TooNarrow: the window ends early, begins late or has daily limits.
	TooNarrow FindingKind = "window_too_narrow"
	// TooWide: the window is lost or wider than wished.
	TooWide FindingKind = "window_too_wide"
	// Disabled: the entry is switched off.
	Disabled FindingKind = "disabled"
	// CodeDiffers: our entry, by its recorded id, with another code.
	CodeDiffers FindingKind = "code_differs"
	// TakenByForeign: our entry is missing and a foreign one holds the code.
	TakenByForeign FindingKind = "code_taken_by_foreign"
	// TakenBySibling: another stay of ours holds the code.
	TakenBySibling FindingKind = "code_taken_by_sibling"
)

// there reports whether the entry itself is in the list.
func (k FindingKind) there() bool {
	switch k {
	case NeverRead, Missing, TakenByForeign, TakenBySibling:
		return false
	}
	return true
}

// Finding is what one read showed of one entry.
type Finding struct {
	Kind FindingKind `json:"kind,omitempty"`
	// At is when the read was begun.
	At     time.Time `json:"at,omitzero"`
	AuthID string    `json:"auth_id,omitempty"`
	// Code is the code that the entry shows.
	Code nuki.PIN `json:"code,omitzero"`
	// Window is the window that it shows, where it is whole.
	Window nuki.Window `json:"window,omitzero"`
	// Off: it is switched off, whatever else it shows.
	Off bool `json:"off,omitempty"`
	// Total counts all keypad codes on the lock.
	Total int `json:"total,omitempty"`
	// Hidden: the list shows nobody who holds the code, and the API says that
	// somebody does.
	Hidden bool `json:"hidden,omitempty"`
	// FreeAt is when the window of the stay ends that holds the code.
	FreeAt time.Time `json:"free_at,omitzero"`
	// Stale: the wish has changed since, so that Kind must be found anew.
	Stale bool `json:"stale,omitempty"`
}

// find compares a reading, begun at a moment, with one entry.
func find(entry *Entry, reading *activities.Reading, at time.Time) Finding {
	finding := Finding{Kind: Missing, At: at, Total: reading.Total}
	if listed := match(entry, reading.Own); listed != nil {
		finding.AuthID = listed.AuthID
		finding.Code, finding.Off = listed.PIN, !listed.Enabled
		finding.Window, _ = listed.Window.Whole()
		finding.Kind = compare(entry, listed)
		return finding
	}
	for _, rival := range reading.Rivals {
		if rival.PIN == entry.PIN {
			finding.Kind, finding.FreeAt = taken(rival), rival.Until
			break
		}
	}
	return finding
}

func taken(rival activities.Rival) FindingKind {
	if rival.Sibling != "" {
		return TakenBySibling
	}
	return TakenByForeign
}

// match finds an entry among rows that are ours: by its recorded id, else by name
// and code together, else by the code under any of our names: a run without a memory
// does not know how often an earlier one has changed it.
func match(entry *Entry, own []activities.Listed) *activities.Listed {
	for _, is := range []func(activities.Listed) bool{
		func(l activities.Listed) bool { return l.AuthID == entry.AuthID },
		func(l activities.Listed) bool { return l.PIN == entry.PIN && l.Name == entry.Name },
		func(l activities.Listed) bool { return l.PIN == entry.PIN },
	} {
		if i := slices.IndexFunc(own, is); i >= 0 && !entry.searches() {
			return &own[i]
		}
	}
	return nil
}

// compare names the gravest difference between an entry and its wish.
func compare(entry *Entry, listed *activities.Listed) FindingKind {
	window := compareWindow(entry.Window, listed.Window)
	switch {
	case listed.Running:
		return Running
	case listed.PIN != entry.PIN:
		return CodeDiffers
	case !listed.Enabled:
		return Disabled
	case window != Exact:
		return window
	case listed.Name != entry.Name:
		return NameDiffers
	}
	return Exact
}

// compareWindow says whether a window as read is exact, too narrow or too wide.
// A guest who cannot enter counts before a window that is open too long.
func compareWindow(wished nuki.Window, shown nuki.PartialWindow) FindingKind {
	whole, ok := shown.Whole()
	switch {
	case !ok:
		return TooWide
	case whole.Equal(wished):
		return Exact
	case whole.From.After(wished.From) || whole.Until.Before(wished.Until):
		return TooNarrow
	case whole.WeekDays != wished.WeekDays || whole.FromTime != wished.FromTime || whole.UntilTime != wished.UntilTime:
		return TooNarrow
	}
	return TooWide
}
