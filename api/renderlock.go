// This file turns a front desk's view of a lock into the API's documents. It
// copies field by field, so that nothing reaches a caller by having been added to
// a view.

package api

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

// lockDocument is what GET answers of a lock.
type lockDocument struct {
	SmartlockID  int64        `json:"smartlock_id"`
	Status       string       `json:"status"`
	Attention    []string     `json:"attention"`
	Stale        bool         `json:"stale"`
	AsOf         time.Time    `json:"as_of"`
	Note         string       `json:"note,omitempty"`
	Health       lockHealth   `json:"health"`
	Capacity     capacityView `json:"capacity"`
	Writes       writesView   `json:"writes"`
	Audit        auditView    `json:"audit"`
	Syncs        syncsView    `json:"syncs"`
	Webhooks     webhooksView `json:"webhooks"`
	Keypad       keypadView   `json:"keypad"`
	Reservations []string     `json:"reservations"`
	Entries      []entryView  `json:"entries"`
	// Unanswered are the reservations whose own word is missing from entries.
	Unanswered []string     `json:"unanswered,omitempty"`
	Next       *nextView    `json:"next,omitempty"`
	Workflow   workflowView `json:"workflow"`
	Links      lockLinks    `json:"links"`
}

// lockHealth is how the lock itself does.
type lockHealth struct {
	Link  string    `json:"link"`
	Since time.Time `json:"since,omitzero"`
	// AliveAt is the last sign of life, Read the last read of the lock itself;
	// what follows is as that read showed it.
	AliveAt         time.Time       `json:"alive_at,omitzero"`
	Read            *momentView     `json:"read,omitempty"`
	KeypadPaired    *bool           `json:"keypad_paired,omitempty"`
	BatteryCritical *bool           `json:"battery_critical,omitempty"`
	KeypadBattery   *bool           `json:"keypad_battery_critical,omitempty"`
	AccountError    string          `json:"account_error,omitempty"`
	LastError       *errorView      `json:"last_error,omitempty"`
	Quarantine      *quarantineView `json:"quarantine,omitempty"`
	ReleasedAt      time.Time       `json:"released_at,omitzero"`
}

// quarantineView says why the lock gets more work than others.
type quarantineView struct {
	Since time.Time `json:"since"`
	Why   string    `json:"why"`
	// ByPerson: only a person ends it.
	ByPerson bool `json:"by_person"`
}

// capacityView is how full the lock is, and will be.
type capacityView struct {
	capacityUse
	Ours int `json:"ours"`
	// Peak is the most codes at one moment of the forecast.
	Peak   int       `json:"forecast_peak"`
	PeakAt time.Time `json:"forecast_peak_at,omitzero"`
	// LeadSeconds is how long before check-in the lock is provisioned.
	LeadSeconds int64 `json:"lead_seconds"`
}

// writesView is how the lock took its last writes.
type writesView struct {
	Count int `json:"count"`
	// Bad were lost at first, or slow.
	Bad           int   `json:"bad"`
	MedianSeconds int64 `json:"median_seconds"`
	MostSeconds   int64 `json:"most_seconds"`
}

// auditView says when the lock was looked over, and what came of it.
type auditView struct {
	LastLook   *momentView `json:"last_look,omitempty"`
	NextLookAt time.Time   `json:"next_look_at,omitzero"`
	NextSyncAt time.Time   `json:"next_sync_at,omitzero"`
	Looks      int64       `json:"looks"`
	// Differed counts the reservations that were woken, HandedOver the entries
	// that a reservation was told to remove.
	Differed   int64 `json:"differed"`
	HandedOver int64 `json:"handed_over"`
	// Doubted counts the looks since the last one that was believed.
	Doubted int `json:"doubted"`
}

// syncsView is the last day's syncs, and who waits for one.
type syncsView struct {
	LastDay []syncView `json:"last_day"`
	Waiting int        `json:"waiting"`
}

type syncView struct {
	SentAt time.Time `json:"sent_at"`
	// CompletedAt is when its end was seen, if it was.
	CompletedAt time.Time `json:"completed_at,omitzero"`
}

// webhooksView is what Nuki told of the lock.
type webhooksView struct {
	Silent bool      `json:"silent"`
	Heard  int64     `json:"heard"`
	LastAt time.Time `json:"last_at,omitzero"`
	Odd    int64     `json:"odd"`
	Wakes  int64     `json:"wakes"`
}

// keypadView is what the keypad's log told.
type keypadView struct {
	Opened         int64         `json:"opened"`
	Refused        int64         `json:"refused"`
	RefusedAt      []time.Time   `json:"refused_at"`
	Unclear        int64         `json:"refused_unclear"`
	UnclearAt      time.Time     `json:"refused_unclear_at,omitzero"`
	RevokedPINUsed []deadUseView `json:"revoked_pin_used"`
	LogReadAt      time.Time     `json:"log_read_at,omitzero"`
}

// deadUseView is a PIN that opened the door and should not have.
type deadUseView struct {
	At          time.Time `json:"at"`
	HeardAt     time.Time `json:"heard_at"`
	AuthID      string    `json:"auth_id"`
	Reservation string    `json:"reservation,omitempty"`
	Why         string    `json:"why"`
}

// entryView is one keypad code, and whose it is.
type entryView struct {
	AuthID      string `json:"auth_id"`
	Name        string `json:"name,omitempty"`
	Kind        string `json:"kind"`
	Reservation string `json:"reservation,omitempty"`
	// Listed: the last look showed it, with what differs from the wish and the
	// reservations whose wished code it holds.
	Listed           bool        `json:"listed"`
	Differs          string      `json:"differs,omitempty"`
	CollidesWith     []string    `json:"collides_with,omitempty"`
	Window           *windowView `json:"window,omitempty"`
	Enabled          *bool       `json:"enabled,omitempty"`
	OperationRunning bool        `json:"operation_running,omitempty"`
	// Status, Proof and List are the word of the reservation that answers for it.
	Status string     `json:"status,omitempty"`
	Proof  *proofView `json:"proof,omitempty"`
	List   *listView  `json:"list,omitempty"`
}

// staleLock is a lock while its front desk cannot be asked.
type staleLock struct {
	lockRow
	Note     string       `json:"note"`
	Workflow workflowView `json:"workflow"`
}

func renderStaleLock(run lockExecution, err error) staleLock {
	stale := staleLock{lockRow: run.lockRow, Note: staleNote("lock", err, closedDeskNote(run.run)), Workflow: workflowOf(run.run)}
	stale.Stale = true
	return stale
}

// closedDeskNote says that nobody looks after a lock whose front desk has ended.
func closedDeskNote(run run) string {
	if run.open {
		return ""
	}
	return "Its front desk has ended (" + run.state + "): the next reservation that attends the lock begins it anew."
}

func renderLockRow(view workflows.DeskView, now time.Time) lockRow {
	silent := view.Webhooks.Silent
	return lockRow{
		SmartlockID: view.Lock, Status: string(view.Status), Attention: words(view.Attention), WebhooksSilent: &silent,
		Entries: countEntries(view.Entries), Capacity: &capacityUse{InUse: view.Capacity.InUse, Limit: view.Capacity.Limit},
		LastLook: renderMoment(view.Audit.At, now), Next: renderNext(view.Next), Links: lockLinksOf(view.Lock),
	}
}

func countEntries(entries []workflows.DeskEntryView) *entryCounts {
	counts := &entryCounts{}
	of := map[workflows.EntryKind]*int{
		workflows.EntryOurs: &counts.Ours, workflows.EntryLeft: &counts.Left,
		workflows.EntryOrphan: &counts.Orphan, workflows.EntryForeign: &counts.Foreign,
	}
	for _, entry := range entries {
		if n := of[entry.Kind]; n != nil && entry.Listed {
			*n++
		}
	}
	return counts
}

func renderMoment(at, now time.Time) *momentView {
	if at.IsZero() {
		return nil
	}
	return &momentView{At: at.UTC(), AgeSeconds: ageSeconds(at, now)}
}

func renderLock(view workflows.DeskView, said answers, run run, now time.Time) lockDocument {
	return lockDocument{
		SmartlockID: view.Lock, Status: string(view.Status), Attention: words(view.Attention),
		AsOf: view.At.UTC(), Note: closedDeskNote(run),
		Health:       renderHealth(view.Health, now),
		Capacity:     renderCapacity(view.Capacity),
		Writes:       writesView{Count: view.Writes.Count, Bad: view.Writes.Bad, MedianSeconds: view.Writes.Median, MostSeconds: view.Writes.Most},
		Audit:        renderAudit(view.Audit, now),
		Syncs:        renderSyncs(view),
		Webhooks:     renderWebhooks(view.Webhooks),
		Keypad:       renderKeypad(view.Keypad),
		Reservations: append([]string{}, view.Reservations...),
		Entries:      renderEntries(view, said.doors, now),
		Unanswered:   said.unanswered,
		Next:         renderNext(view.Next),
		Workflow:     workflowOf(run),
		Links:        lockLinksOf(view.Lock),
	}
}

func renderHealth(health workflows.Health, now time.Time) lockHealth {
	rendered := lockHealth{
		Link: "unknown", AliveAt: health.LifeAt.UTC(), Read: renderMoment(health.ReadAt, now), AccountError: health.State.Error,
		LastError: renderTrouble(&health.Trouble), ReleasedAt: health.Released.UTC(),
	}
	if !health.Since.IsZero() {
		rendered.Link, rendered.Since = health.Link.Word(), health.Since.UTC()
	}
	if rendered.Read != nil {
		state := health.State
		rendered.KeypadPaired, rendered.BatteryCritical, rendered.KeypadBattery = &state.KeypadPaired, &state.BatteryCritical, &state.KeypadBatteryCritical
	}
	if q := health.Quarantine; q != nil {
		rendered.Quarantine = &quarantineView{Since: q.Since.UTC(), Why: q.Why, ByPerson: q.Person}
	}
	return rendered
}

func renderCapacity(capacity workflows.Capacity) capacityView {
	return capacityView{
		capacityUse: capacityUse{InUse: capacity.InUse, Limit: capacity.Limit}, Ours: capacity.Ours,
		Peak: capacity.Peak, PeakAt: capacity.PeakAt.UTC(), LeadSeconds: int64(capacity.Lead.D() / time.Second),
	}
}

func renderAudit(audit workflows.AuditView, now time.Time) auditView {
	return auditView{
		LastLook: renderMoment(audit.At, now), NextLookAt: audit.NextAt.UTC(), NextSyncAt: audit.SyncAt.UTC(),
		Looks: audit.Count, Differed: audit.Differed, HandedOver: audit.Swept, Doubted: audit.Doubted,
	}
}

func renderSyncs(view workflows.DeskView) syncsView {
	syncs := syncsView{LastDay: []syncView{}, Waiting: view.Waiting}
	for _, sync := range view.Syncs {
		if view.At.Sub(sync.At) < 24*time.Hour {
			syncs.LastDay = append(syncs.LastDay, syncView{SentAt: sync.At.UTC(), CompletedAt: sync.MarkAt.UTC()})
		}
	}
	return syncs
}

func renderWebhooks(hooks workflows.WebhookView) webhooksView {
	return webhooksView{Silent: hooks.Silent, Heard: hooks.Heard, LastAt: hooks.LastAt.UTC(), Odd: hooks.Odd, Wakes: hooks.Wakes}
}

func renderKeypad(keypad workflows.KeypadView) keypadView {
	rendered := keypadView{
		Opened: keypad.Opened, Refused: keypad.Refused, RefusedAt: []time.Time{}, RevokedPINUsed: []deadUseView{},
		Unclear: keypad.Unclear, UnclearAt: keypad.UnclearAt.UTC(), LogReadAt: keypad.PolledAt.UTC(),
	}
	for _, at := range keypad.RefusedAt {
		rendered.RefusedAt = append(rendered.RefusedAt, at.UTC())
	}
	for _, use := range keypad.DeadUsed {
		rendered.RevokedPINUsed = append(rendered.RevokedPINUsed, deadUseView{At: use.At.UTC(), HeardAt: use.HeardAt.UTC(), AuthID: use.AuthID, Reservation: use.Reservation, Why: use.Why})
	}
	return rendered
}

func renderEntries(view workflows.DeskView, answers []workflows.DoorView, now time.Time) []entryView {
	all := []entryView{}
	for _, entry := range view.Entries {
		rendered := renderEntry(entry)
		if door := answerFor(view.Lock, entry, answers); door != nil {
			rendered.Status, rendered.Proof, rendered.List = string(door.Status), renderProof(*door, now), renderList(*door)
		}
		all = append(all, rendered)
	}
	return all
}

func renderEntry(entry workflows.DeskEntryView) entryView {
	rendered := entryView{
		AuthID: entry.AuthID, Name: entry.Name, Kind: string(entry.Kind), Reservation: entry.Reservation, Listed: entry.Listed,
		Differs: entry.Differs, CollidesWith: entry.Collides, OperationRunning: entry.Running,
	}
	if !entry.From.IsZero() && !entry.Until.IsZero() {
		rendered.Window = &windowView{From: entry.From.UTC(), Until: entry.Until.UTC()}
	}
	if entry.Listed {
		enabled := entry.Enabled
		rendered.Enabled = &enabled
	}
	return rendered
}

// answerFor is what a reservation says of an entry, by Nuki's id of it.
func answerFor(lock int64, entry workflows.DeskEntryView, answers []workflows.DoorView) *workflows.DoorView {
	for i := range answers {
		if answers[i].SmartlockID == lock && answers[i].AuthID == entry.AuthID && entry.Kind == workflows.EntryOurs {
			return &answers[i]
		}
	}
	return nil
}
