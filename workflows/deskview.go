// This file is what a lock's front desk shows of itself: to a query, to the Web
// UI, and to its search attributes.

package workflows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// LockStatus is how a lock is, in one word.
type LockStatus string

// The words of a lock.
const (
	LockUnknown     LockStatus = "unknown"
	LockOnline      LockStatus = "online"
	LockOffline     LockStatus = "offline"
	LockQuarantined LockStatus = "quarantined"
)

// LockStatuses are all words that a lock can have.
var LockStatuses = []LockStatus{LockUnknown, LockOnline, LockOffline, LockQuarantined}

// DeskView answers QuerySmartlock.
type DeskView struct {
	Lock      int64       `json:"lock"`
	Status    LockStatus  `json:"status"`
	Attention []Attention `json:"attention,omitempty"`
	// At is the workflow's time of this view; ages count from it.
	At           time.Time       `json:"at"`
	Reservations []string        `json:"reservations,omitempty"`
	Health       Health          `json:"health"`
	Writes       WriteView       `json:"writes"`
	Capacity     Capacity        `json:"capacity"`
	Audit        AuditView       `json:"audit"`
	Entries      []DeskEntryView `json:"entries,omitempty"`
	Syncs        []SyncNews      `json:"syncs,omitempty"`
	Waiting      int             `json:"waiting_for_sync"`
	Keypad       KeypadView      `json:"keypad"`
	Webhooks     WebhookView     `json:"webhooks"`
	Next         NextView        `json:"next,omitzero"`
}

// WriteView sums up how the lock took its last writes.
type WriteView struct {
	Count int `json:"count"`
	// Bad were lost, or slow.
	Bad int `json:"bad"`
	// Median and Most are the seconds until a read showed them.
	Median int64 `json:"median_seconds"`
	Most   int64 `json:"most_seconds"`
}

// AuditView says when the lock was looked over, and when it will be.
type AuditView struct {
	At       time.Time `json:"at,omitzero"`
	NextAt   time.Time `json:"next_at,omitzero"`
	SyncAt   time.Time `json:"sync_at,omitzero"`
	Count    int64     `json:"count"`
	Differed int64     `json:"differed"`
	Swept    int64     `json:"swept"`
	Doubted  int       `json:"doubted,omitempty"`
}

// DeskEntryView is one keypad code, without its print: of the last look, or one
// that a reservation has placed since.
type DeskEntryView struct {
	AuthID      string    `json:"auth_id"`
	Name        string    `json:"name,omitempty"`
	Kind        EntryKind `json:"kind"`
	Reservation string    `json:"reservation,omitempty"`
	// Listed: the last look showed it.
	Listed bool `json:"listed"`
	// Differs says in a word how the last look showed it to differ from the wish.
	// Collides are the reservations whose wished code it holds.
	Differs  string   `json:"differs,omitempty"`
	Collides []string `json:"collides,omitempty"`
	// From and Until are the window that it shows, zero where it is lost.
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	Enabled bool      `json:"enabled,omitempty"`
	Running bool      `json:"operation_running,omitempty"`
}

// KeypadView sums up what the keypad's log told.
type KeypadView struct {
	// Opened and Refused count the codes typed, RefusedAt are the last refused.
	Opened    int64       `json:"opened"`
	Refused   int64       `json:"refused"`
	RefusedAt []time.Time `json:"refused_at,omitempty"`
	// Unclear counts the pairs of refused codes that could be more than one
	// guest's, at UnclearAt the last.
	Unclear   int64     `json:"refused_unclear"`
	UnclearAt time.Time `json:"refused_unclear_at,omitzero"`
	DeadUsed  []DeadUse `json:"revoked_pin_used,omitempty"`
	// PolledAt is when the log was last read, for want of webhooks.
	PolledAt time.Time `json:"polled_at,omitzero"`
}

// WebhookView sums up the webhooks of the lock.
type WebhookView struct {
	Heard  int64     `json:"heard"`
	LastAt time.Time `json:"last_at,omitzero"`
	// Odd made no sense; Wakes are the wake-ups of reservations.
	Odd   int64 `json:"odd"`
	Wakes int64 `json:"wakes"`
	// Silent: they cannot be counted on, and polling does their work.
	Silent bool `json:"silent"`
}

// view is what the desk shows to a query at a moment.
func (d *Desk) view(now time.Time) DeskView {
	view := DeskView{
		Lock: d.Lock, Status: d.status(), Attention: d.attention(now), At: now, Health: d.Health, Capacity: d.Capacity,
		Writes: writesOf(d.Health), Syncs: d.SyncDesk.Sent, Waiting: len(d.SyncDesk.Asks), Next: d.next(now),
		Audit: AuditView{
			At: d.Audit.At, NextAt: d.observeAt(), SyncAt: d.syncDue(now).Until, Count: d.Audit.Count,
			Differed: d.Audit.Differed, Swept: d.Audit.Swept, Doubted: d.Audit.Doubt.Reads,
		},
		Keypad: KeypadView{
			Opened: d.Door.Opened, Refused: d.Door.RefusedCount, RefusedAt: d.Door.Refused, Unclear: d.Door.Shared,
			UnclearAt: d.Door.SharedAt, DeadUsed: d.Door.DeadUsed, PolledAt: d.Door.PolledAt,
		},
		Webhooks: WebhookView{Heard: d.Heard, Wakes: d.Wakes, Odd: d.Odd, LastAt: d.HeardAt, Silent: d.Health.deaf(d.HeardAt, now, d.rules())},
		Entries:  d.entryViews(),
	}
	view.Health.Took = nil
	for _, attendee := range d.Attendees {
		view.Reservations = append(view.Reservations, attendee.Reservation)
	}
	slices.Sort(view.Reservations)
	return view
}

// entryViews are the codes of the last look, and those that reservations have
// placed on the lock without having been in it.
func (d *Desk) entryViews() []DeskEntryView {
	var all []DeskEntryView
	listed := map[string]bool{}
	for _, entry := range d.Audit.Entries {
		listed[entry.AuthID] = true
		all = append(all, DeskEntryView{
			AuthID: entry.AuthID, Name: entry.Name, Kind: entry.Kind, Reservation: entry.Reservation, Listed: true, Differs: entry.Differs,
			Collides: entry.Collides, From: entry.From, Until: entry.Until, Enabled: entry.Enabled, Running: entry.Running,
		})
	}
	d.living(func(attendee *Attendee, known activities.KnownEntry) {
		if known.AuthID != "" && !listed[known.AuthID] {
			all = append(all, DeskEntryView{
				AuthID: known.AuthID, Name: known.Name, Kind: EntryOurs, Reservation: attendee.Reservation, From: known.From, Until: known.Until,
			})
		}
	})
	return all
}

// status is the lock's word.
func (d *Desk) status() LockStatus {
	switch {
	case d.Health.Quarantine != nil:
		return LockQuarantined
	case d.Health.Since.IsZero():
		return LockUnknown
	case d.Health.Link == nuki.ServerOnline:
		return LockOnline
	}
	return LockOffline
}

func writesOf(h Health) WriteView {
	view := WriteView{Count: len(h.Took), Bad: h.bad()}
	took := slices.DeleteFunc(slices.Clone(h.Took), func(t activities.Took) bool { return t.Lost })
	if len(took) == 0 {
		return view
	}
	slices.SortFunc(took, func(a, b activities.Took) int { return int(a.Seconds - b.Seconds) })
	view.Median, view.Most = took[len(took)/2].Seconds, took[len(took)-1].Seconds
	return view
}

// shown is what the search attributes should hold.
func (d *Desk) shown(now time.Time) Shown {
	return Shown{
		Status: Status(d.status()), Attention: d.attention(now), Locks: []string{strconv.FormatInt(d.Lock, 10)},
	}
}

// details is the Markdown that the Web UI shows of the desk.
func (d *Desk) details(now time.Time) string {
	var text strings.Builder
	view := d.view(now)
	fmt.Fprintf(&text, "### Lock %d: %s\n", d.Lock, view.Status)
	writeAttention(&text, view.Attention)
	if q := view.Health.Quarantine; q != nil {
		fmt.Fprintf(&text, "Quarantined since %s: %s\n\n", stamp(q.Since), q.Why)
	}
	fmt.Fprintf(&text, "Last sign of life at %s; batteries: lock %s, keypad %s; last read at %s\n\n",
		stamp(view.Health.LifeAt), view.Health.battery(view.Health.State.BatteryCritical), view.Health.battery(view.Health.State.KeypadBatteryCritical), stamp(view.Health.ReadAt))
	fmt.Fprintf(&text, "Codes: %d of %d (%d ours), most in the forecast %d at %s with a lead of %s\n\n",
		view.Capacity.InUse, view.Capacity.Limit, view.Capacity.Ours, view.Capacity.Peak, stamp(view.Capacity.PeakAt), view.Capacity.Lead)
	fmt.Fprintf(&text, "Looked over at %s (%d times; %d differences, %d swept), next at %s; %d syncs in a day, %d waiting for one\n\n",
		stamp(view.Audit.At), view.Audit.Count, view.Audit.Differed, view.Audit.Swept, stamp(view.Audit.NextAt), len(view.Syncs), view.Waiting)
	fmt.Fprintf(&text, "At the door: %d opened, %d refused; webhooks: %d, last at %s; %d wake-ups for %d reservations\n\n",
		view.Keypad.Opened, view.Keypad.Refused, view.Webhooks.Heard, stamp(view.Webhooks.LastAt), view.Webhooks.Wakes, len(view.Reservations))
	for _, use := range view.Keypad.DeadUsed {
		fmt.Fprintf(&text, "- opened at %s by %s of %s: %s\n", stamp(use.At), use.AuthID, orDash(use.Reservation), use.Why)
	}
	writeStrangers(&text, view.Entries)
	fmt.Fprintf(&text, "\n**Next:** %s\n", describe(view.Next))
	writeLevers(&text, usable(deskLevers, d, now))
	return text.String()
}

// battery is a battery's word: before the first read of the lock nobody knows.
func (h Health) battery(critical bool) string {
	switch {
	case h.ReadAt.IsZero():
		return "unknown"
	case critical:
		return "critical"
	}
	return "good"
}

// writeStrangers lists the codes that are nobody's of ours, and those that differ.
func writeStrangers(text *strings.Builder, entries []DeskEntryView) {
	for _, entry := range entries {
		if entry.Kind == EntryOurs && entry.Differs == "" {
			continue
		}
		fmt.Fprintf(text, "- %s %s, until %s", entry.Kind, entry.AuthID, stamp(entry.Until))
		if entry.Reservation != "" {
			fmt.Fprintf(text, ", of %s", entry.Reservation)
		}
		if entry.Differs != "" {
			fmt.Fprintf(text, ", differs: %s", entry.Differs)
		}
		if len(entry.Collides) > 0 {
			fmt.Fprintf(text, ", collides with %s", strings.Join(entry.Collides, ", "))
		}
		text.WriteString("\n")
	}
}
