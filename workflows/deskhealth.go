// This file is how a lock does: its link, its batteries, how well it takes what
// is written, and whether it needs more work than others. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Health is what is known of a lock as a whole.
type Health struct {
	// State is the last read of the lock itself, at ReadAt.
	State  activities.LockState `json:"state,omitzero"`
	ReadAt time.Time            `json:"read_at,omitzero"`
	// Link is the newest word on the link, by read or webhook, Since when it
	// has been so.
	Link  nuki.ServerState `json:"link"`
	Since time.Time        `json:"since,omitzero"`
	// OfflineAt is when it was last said to be broken.
	OfflineAt time.Time `json:"offline_at,omitzero"`
	// Breaks are the last times it broke, oldest first.
	Breaks []time.Time `json:"breaks,omitempty"`
	// LifeAt is the last sign of life.
	LifeAt time.Time `json:"life_at,omitzero"`
	// Trouble is the error of the last look, if it had one.
	Trouble Trouble `json:"trouble,omitzero"`
	// Took are the last writes whose fate is known.
	Took []activities.Took `json:"took,omitempty"`
	// Unheard counts the completed syncs in a row of which no webhook told.
	Unheard int `json:"unheard,omitempty"`
	// Quarantine is set while the lock is handled with more work.
	Quarantine *Quarantine `json:"quarantine,omitempty"`
	// Released is when a person last ended a quarantine.
	Released time.Time `json:"released,omitzero"`
}

// Quarantine is why a lock gets more work: earlier provisioning, no updates in
// place while a PIN can still be replaced, its bookings flagged.
type Quarantine struct {
	Since time.Time `json:"since"`
	Why   string    `json:"why"`
	// Person: only a person ends it.
	Person bool `json:"person,omitempty"`
}

const (
	// keptWrites is how many writes a lock is judged by.
	keptWrites = 20
	// badWrites of them lost, or slow, make a bad lock; at most goodAgain make a
	// good one again.
	badWrites = 5
	goodAgain = 2
	// writeLife is how long a write counts: a lock that nobody books is not bad for ever.
	writeLife = 14 * 24 * time.Hour
	// slowWrite is a write that took longer than any that went well.
	slowWrite = 10 * time.Minute
	// unheardTwice is how many syncs in a row must stay without a webhook before
	// webhooks are said to be silent.
	unheardTwice = 2
	// quietWrites is the same for writes; each causes several webhooks, and single
	// ones get lost.
	quietWrites = 3
)

// took takes in how writes went.
func (h *Health) took(writes []activities.Took) {
	for _, write := range writes {
		if !slices.Contains(h.Took, write) { // A call that is tried again tells it again.
			h.Took = append(h.Took, write)
		}
	}
	h.Took = h.Took[max(0, len(h.Took)-keptWrites):]
}

// hear takes a webhook as a sign of life, or of the link's end.
func (h *Health) hear(event nuki.Event, now time.Time) {
	if event.ServerState != nil {
		h.link(nuki.ServerState(*event.ServerState), now)
	} else if alive(event) {
		h.link(nuki.ServerOnline, now)
	}
	if event.Feature == nuki.FeatureMasterdata || event.Feature == nuki.FeatureConfig {
		h.Unheard = 0
	}
}

// read takes in a read of the lock itself.
func (h *Health) read(state activities.LockState, at time.Time) {
	h.State, h.ReadAt, h.Trouble = state, at, Trouble{}
	h.link(state.ServerState, at)
}

// link keeps since when the link has been as it is.
func (h *Health) link(state nuki.ServerState, at time.Time) {
	if state != nuki.ServerOnline && (h.Since.IsZero() || h.Link == nuki.ServerOnline) {
		h.Breaks = append(h.Breaks, at)
		h.Breaks = h.Breaks[max(0, len(h.Breaks)-keptBreaks):]
	}
	if h.Since.IsZero() || state != h.Link {
		h.Link, h.Since = state, at
	}
	if state == nuki.ServerOnline {
		h.LifeAt = at
	} else {
		h.OfflineAt = at
	}
}

// bad counts the writes that were lost, or slow.
func (h *Health) bad() int {
	bad := 0
	for _, write := range h.Took {
		bad += one(write.Lost || time.Duration(write.Seconds)*time.Second > slowWrite)
	}
	return bad
}

// judge begins and ends the quarantine that the lock's own doings ask for.
func (h *Health) judge(now time.Time) {
	h.Took = slices.DeleteFunc(h.Took, func(t activities.Took) bool { return now.Sub(t.At) > writeLife })
	recent := slices.DeleteFunc(slices.Clone(h.Took), func(t activities.Took) bool { return t.At.Before(h.Released) })
	bad := (&Health{Took: recent}).bad()
	switch {
	case h.Quarantine == nil && bad >= badWrites:
		h.Quarantine = &Quarantine{Since: now, Why: "of its last writes several were lost, or slow"}
	case h.Quarantine != nil && !h.Quarantine.Person && bad <= goodAgain:
		h.Quarantine = nil
	}
}

// deaf reports whether no webhooks can be counted on: none in the time of two audits
// with a sync, each of which causes one, or several syncs or writes in a row without.
func (h *Health) deaf(heardAt, now time.Time, policy Policy) bool {
	return heardAt.IsZero() || now.Sub(heardAt) > 2*policy.AuditSync.D() || h.unheard(heardAt, now, policy)
}

// unheard reports whether syncs or writes were complete of which no webhook told. One of
// a write that was sent a moment ago may be on its way.
func (h *Health) unheard(heardAt, now time.Time, policy Policy) bool {
	quiet := 0
	for _, write := range h.Took {
		quiet += one(!write.Lost && write.At.After(heardAt) && now.Sub(write.At) >= policy.MarkWait.D())
	}
	return h.Unheard >= unheardTwice || quiet >= quietWrites
}

// offline reports whether the lock is offline, as far as anything was heard of it.
func (h *Health) offline() bool { return !h.Since.IsZero() && h.Link == nuki.ServerOffline }

// attention lists the reasons why a person should look at a lock.
func (d *Desk) attention(now time.Time) []Attention {
	h, policy := d.Health, d.rules()
	read := !h.ReadAt.IsZero()
	reasons := []struct {
		word  Attention
		holds bool
	}{
		{AttentionLockOffline, h.offline() && now.Sub(h.Since) >= policy.OperationStuck.D()},
		{AttentionAccountRefused, read && (h.Link != nuki.ServerOnline && h.Link != nuki.ServerOffline || h.State.Error != "") || h.Trouble.Type == activities.ErrAccountRefused},
		{AttentionLockUnknown, h.Trouble.Type == activities.ErrLockUnknown},
		{AttentionKeypadMissing, read && !h.State.KeypadPaired},
		{AttentionBattery, h.State.BatteryCritical},
		{AttentionKeypadBattery, h.State.KeypadBatteryCritical},
		{AttentionQuarantined, h.Quarantine != nil},
		{AttentionWebhooksSilent, d.silent(now)},
		{AttentionListImplausible, d.Audit.Doubt.Reads > 0},
		{AttentionOrphan, d.count(EntryOrphan) > 0},
		{AttentionNoSpace, d.Capacity.Peak > policy.Capacity},
		{AttentionDeadUsed, d.deadUseHeardAfter(now.Add(-day.D()))},
		{AttentionUndelivered, d.Announced.attention() != ""},
	}
	var all []Attention
	for _, reason := range reasons {
		if reason.holds {
			all = append(all, reason.word)
		}
	}
	slices.Sort(all)
	return all
}

// silent reports whether webhooks have come before and do not any more, although a sync
// should have brought one. A lock that nobody stays at says nothing.
func (d *Desk) silent(now time.Time) bool {
	expected := d.Health.unheard(d.HeardAt, now, d.rules()) || d.SyncDesk.last().At.After(d.HeardAt)
	return !d.HeardAt.IsZero() && expected && d.Health.deaf(d.HeardAt, now, d.rules())
}

// deadUseHeardAfter reports whether anybody has heard since a moment that a PIN opened
// which should be dead. The log may tell of it a day later.
func (d *Desk) deadUseHeardAfter(moment time.Time) bool {
	return slices.ContainsFunc(d.Door.DeadUsed, func(use DeadUse) bool { return use.HeardAt.After(moment) })
}

// count counts the entries of a kind in the last look.
func (d *Desk) count(kind EntryKind) int {
	n := 0
	for _, entry := range d.Audit.Entries {
		if entry.Kind == kind {
			n++
		}
	}
	return n
}
