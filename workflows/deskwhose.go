// This file says whose an entry in a lock's list is, and how it differs from what
// is wished of it. Pure.

package workflows

import (
	"slices"

	"github.com/keystay/keystay/activities"
)

// EntryKind says whose an entry in a lock's list is.
type EntryKind string

const (
	// EntryOurs: a reservation that attends knows it.
	EntryOurs EntryKind = "ours"
	// EntryLeft: its id was recorded by a reservation that has ended properly.
	EntryLeft EntryKind = "left"
	// EntryOrphan: it looks like ours, or was, and no reservation answers for it.
	EntryOrphan EntryKind = "orphan"
	// EntryForeign: somebody else's.
	EntryForeign EntryKind = "foreign"
)

// DeskEntry is one keypad code on a lock, and whose it is.
type DeskEntry struct {
	activities.Row
	Kind        EntryKind `json:"kind"`
	Reservation string    `json:"reservation,omitempty"`
	// Differs says in a word how it differs from the wish; empty where it does not.
	Differs string `json:"differs,omitempty"`
	// Collides are the reservations whose wished code it holds.
	Collides []string `json:"collides,omitempty"`
}

// nameAndPrint tells an entry of ours whose id nobody has recorded yet.
type nameAndPrint struct {
	name  string
	print activities.Print
}

// claim is an entry that a reservation knows.
type claim struct {
	attendee *Attendee
	known    activities.KnownEntry
}

// directory finds whose an entry is. A main door has a hundred rows, and a
// thousand reservations attend it: comparing each with each takes too long for a
// workflow task.
type directory struct {
	byID   map[string]claim
	byName map[nameAndPrint]claim
	byKey  map[string]*Attendee
	// wishing are the reservations that wish a code, in their order.
	wishing map[activities.Print][]string
	left    map[string]*LeftEntry
}

func (d *Desk) directory() directory {
	dir := directory{
		byID: map[string]claim{}, byName: map[nameAndPrint]claim{}, byKey: map[string]*Attendee{},
		wishing: map[activities.Print][]string{}, left: map[string]*LeftEntry{},
	}
	for i := range d.Attendees {
		dir.add(&d.Attendees[i])
	}
	for i := range d.Left {
		dir.left[d.Left[i].AuthID] = &d.Left[i]
	}
	return dir
}

// add enters a reservation. Of two that claim the same, the first has it.
func (d directory) add(attendee *Attendee) {
	addNew(d.byKey, attendee.Key, attendee)
	for _, known := range attendee.Entries {
		one := claim{attendee, known}
		if known.AuthID != "" {
			addNew(d.byID, known.AuthID, one)
		}
		if known.Name != "" && known.Print != "" {
			addNew(d.byName, nameAndPrint{known.Name, known.Print}, one)
		}
		if known.Print != "" && !known.Absent && !slices.Contains(d.wishing[known.Print], attendee.Reservation) {
			d.wishing[known.Print] = append(d.wishing[known.Print], attendee.Reservation)
		}
	}
}

func addNew[K comparable, V any](to map[K]V, key K, value V) {
	if _, there := to[key]; !there {
		to[key] = value
	}
}

// claimed is the entry that a reservation knows a row as: by its id, else by name
// and code together.
func (d directory) claimed(row activities.Row) (claim, bool) {
	if one, ok := d.byID[row.AuthID]; ok {
		return one, true
	}
	one, ok := d.byName[nameAndPrint{row.Name, row.Print}]
	return one, ok
}

// whose says whose a row is.
func (d directory) whose(row activities.Row) DeskEntry {
	entry := DeskEntry{Row: row}
	if one, ok := d.claimed(row); ok {
		entry.Kind, entry.Reservation = EntryOurs, one.attendee.Reservation
		if !one.known.Absent {
			entry.Differs = differs(one.known, &row)
		}
		return entry
	}
	entry.Kind, entry.Reservation = d.stranger(row)
	if entry.Kind != EntryOurs {
		entry.Collides = slices.Sorted(slices.Values(d.wishing[row.Print]))
	}
	return entry
}

// stranger says whose a row is that no reservation knows. One with the name of a
// reservation that knows none yet is what that will find: an earlier run left it.
// What has another code than all that the reservation ever had only looks like it.
func (d directory) stranger(row activities.Row) (EntryKind, string) {
	left, namesake := d.left[row.AuthID], d.byKey[row.Key]
	switch {
	case namesake != nil && row.Key != "" && !namesake.knowsEntries():
		return EntryOurs, namesake.Reservation
	case left != nil && !left.Lost:
		return EntryLeft, left.Reservation
	case left != nil:
		return EntryOrphan, left.Reservation
	case namesake != nil && row.Key != "":
		return EntryOrphan, namesake.Reservation
	case row.Key != "":
		return EntryOrphan, ""
	}
	return EntryForeign, ""
}

// knowsEntries reports whether the reservation has come further than the booking.
func (a *Attendee) knowsEntries() bool {
	return slices.ContainsFunc(a.Entries, func(known activities.KnownEntry) bool { return known.Name != "" })
}

// classify says whose each row of a list is.
func (d *Desk) classify(rows []activities.Row) []DeskEntry {
	entries, directory := make([]DeskEntry, 0, len(rows)), d.directory()
	for _, row := range rows {
		entries = append(entries, directory.whose(row))
	}
	return entries
}

// reclassify says anew whose the last look's entries are, where a reservation has
// come to answer for them.
func (d *Desk) reclassify(ids []string) {
	stale := func(entry DeskEntry) bool { return entry.Kind != EntryOurs && slices.Contains(ids, entry.AuthID) }
	if !slices.ContainsFunc(d.Audit.Entries, stale) {
		return
	}
	directory := d.directory()
	for i, entry := range d.Audit.Entries {
		if stale(entry) {
			d.Audit.Entries[i] = directory.whose(entry.Row)
		}
	}
}

// listing finds known entries in a list.
type listing struct {
	byID   map[string]*activities.Row
	byName map[nameAndPrint]*activities.Row
}

func listingOf(rows []activities.Row) listing {
	l := listing{byID: map[string]*activities.Row{}, byName: map[nameAndPrint]*activities.Row{}}
	for i := range rows {
		addNew(l.byID, rows[i].AuthID, &rows[i])
		addNew(l.byName, nameAndPrint{rows[i].Name, rows[i].Print}, &rows[i])
	}
	return l
}

// row is a known entry as the list shows it: by its id, else by name and code
// together; nil where it does not.
func (l listing) row(known activities.KnownEntry) *activities.Row {
	if row := l.byID[known.AuthID]; row != nil && known.AuthID != "" {
		return row
	}
	if known.Name == "" {
		return nil
	}
	return l.byName[nameAndPrint{known.Name, known.Print}]
}

// differs says in a word how a row differs from what is wished of it.
func differs(wish activities.KnownEntry, row *activities.Row) string {
	switch {
	case row == nil:
		return "missing"
	case row.Print != wish.Print:
		return "code"
	case !row.Enabled:
		return "disabled"
	case !row.Whole || !row.From.Equal(wish.From) || !row.Until.Equal(wish.Until):
		return "window"
	}
	return ""
}
