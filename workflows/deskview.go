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
	Door         KeypadView      `json:"door"`
	Webhooks     HeardView       `json:"webhooks"`
	Next         NextView        `json:"next,omitzero"`
}

// WriteView sums up how the lock took its last writes.
type WriteView struct {
	Count int `json:"count"`
	// Bad needed a second try, or were slow.
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

// DeskEntryView is one keypad code of the last look, without its print.
type DeskEntryView struct {
	AuthID      string    `json:"auth_id"`
	Name        string    `json:"name,omitempty"`
	Kind        EntryKind `json:"kind"`
	Reservation string    `json:"reservation,omitempty"`
	Differs     string    `json:"differs,omitempty"`
	Collides    []string  `json:"collides,omitempty"`
	From        time.Time `json:"from,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	Enabled     bool      `json:"enabled"`
	Running     bool      `json:"operation_running,omitempty"`
}

// KeypadView sums up what the keypad's log told.
type KeypadView struct {
	Opened  int64       `json:"opened"`
	Refused int64       `json:"refused"`
	Lately  []time.Time `json:"refused_lately,omitempty"`
	// Shared counts the pairs of refused entries that could concern more than
	// one guest.
	Shared   int64     `json:"refused_shared"`
	SharedAt time.Time `json:"refused_shared_at,omitzero"`
	DeadUsed []DeadUse `json:"revoked_pin_used,omitempty"`
	PolledAt time.Time `json:"polled_at,omitzero"`
}

// HeardView sums up the webhooks of the lock.
type HeardView struct {
	Heard  int64     `json:"heard"`
	Wakes  int64     `json:"wakes"`
	Odd    int64     `json:"odd"`
	LastAt time.Time `json:"last_at,omitzero"`
	// Silent: they cannot be counted on, and polling does their work.
	Silent bool `json:"silent"`
}

// view is what the desk shows to a query at a moment.
func (d *Desk) view(now time.Time) DeskView {
	view := DeskView{
		Lock: d.Lock, Status: d.status(), Attention: d.attention(now), At: now, Health: d.Health, Capacity: d.Capacity,
		Writes: writesOf(d.Health), Syncs: d.SyncDesk.Sent, Waiting: len(d.SyncDesk.Asks), Next: d.next(now),
		Audit: AuditView{
			At: d.Audit.At, NextAt: d.Audit.ListAt, SyncAt: d.Audit.SyncAt, Count: d.Audit.Count,
			Differed: d.Audit.Differed, Swept: d.Audit.Swept, Doubted: d.Audit.Doubt.Reads,
		},
		Door: KeypadView{
			Opened: d.Door.Opened, Refused: d.Door.RefusedCount, Lately: d.Door.Refused, Shared: d.Door.Shared,
			SharedAt: d.Door.SharedAt, DeadUsed: d.Door.DeadUsed, PolledAt: d.Door.PolledAt,
		},
		Webhooks: HeardView{Heard: d.Heard, Wakes: d.Wakes, Odd: d.Odd, LastAt: d.HeardAt, Silent: d.Health.deaf(d.HeardAt, now, d.rules())},
	}
	view.Health.Took = nil
	for _, attendee := range d.Attendees {
		view.Reservations = append(view.Reservations, attendee.Reservation)
	}
	slices.Sort(view.Reservations)
	for _, entry := range d.Audit.Entries {
		view.Entries = append(view.Entries, DeskEntryView{
			AuthID: entry.AuthID, Name: entry.Name, Kind: entry.Kind, Reservation: entry.Reservation, Differs: entry.Differs,
			Collides: entry.Collides, From: entry.From, Until: entry.Until, Enabled: entry.Enabled, Running: entry.Running,
		})
	}
	return view
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
	if view.Count == 0 {
		return view
	}
	took := slices.Clone(h.Took)
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
	if len(view.Attention) > 0 {
		fmt.Fprintf(&text, "**Attention:** %s\n\n", strings.Join(words(view.Attention), ", "))
	}
	if q := view.Health.Quarantine; q != nil {
		fmt.Fprintf(&text, "Quarantined since %s: %s\n\n", stamp(q.Since), q.Why)
	}
	fmt.Fprintf(&text, "Link heard of at %s; batteries: lock %s, keypad %s; last read at %s\n\n",
		stamp(view.Health.LifeAt), battery(view.Health.State.BatteryCritical), battery(view.Health.State.KeypadBatteryCritical), stamp(view.Health.ReadAt))
	fmt.Fprintf(&text, "Codes: %d of %d (%d ours), most in the forecast %d at %s; provisioned %s before check-in\n\n",
		view.Capacity.InUse, view.Capacity.Limit, view.Capacity.Ours, view.Capacity.Peak, stamp(view.Capacity.PeakAt), view.Capacity.Lead)
	fmt.Fprintf(&text, "Looked over at %s (%d times; %d differences, %d swept), next at %s; %d syncs in a day, %d waiting for one\n\n",
		stamp(view.Audit.At), view.Audit.Count, view.Audit.Differed, view.Audit.Swept, stamp(view.Audit.NextAt), len(view.Syncs), view.Waiting)
	fmt.Fprintf(&text, "At the door: %d opened, %d refused; webhooks: %d, last at %s; %d wake-ups for %d reservations\n\n",
		view.Door.Opened, view.Door.Refused, view.Webhooks.Heard, stamp(view.Webhooks.LastAt), view.Webhooks.Wakes, len(view.Reservations))
	for _, use := range view.Door.DeadUsed {
		fmt.Fprintf(&text, "- opened at %s by %s of %s: %s\n", stamp(use.At), use.AuthID, orDash(use.Reservation), use.Why)
	}
	writeStrangers(&text, view.Entries)
	fmt.Fprintf(&text, "\n**Next:** %s\n", describe(view.Next))
	return text.String()
}

func battery(critical bool) string {
	if critical {
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
