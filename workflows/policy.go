// This file is the timing that an installation may change, as data: the ladders to
// check-in and check-out, the retry spacing, and how long a proof lasts. A Policy
// travels in the reservation's input; no workflow reads configuration. Bounds that
// nobody should change stand beside what they bound.

package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// Duration is a time.Duration that reads and writes as text ("72h0m0s"), so
// that policies can be read in files and in the Web UI.
type Duration time.Duration

// D is the duration as the standard library has it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String is the duration in the standard library's form.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the standard library's form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the standard library's form.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("not a duration such as 90s or 72h: %w", err)
	}
	*d = Duration(parsed)
	return nil
}

// Policy is every duration and bound that a reservation works by. A field that
// is absent has the value of DefaultPolicy.
type Policy struct {
	// Mark begins the name of every authorization of ours.
	Mark string `json:"mark,omitempty"`
	// RequiredProof is the proof that every required door needs for "ready".
	RequiredProof ProofLevel `json:"required_proof,omitempty"`

	// Lead: provisioning begins this long before check-in.
	Lead Duration `json:"lead,omitempty"`
	// ToCheckIn are the rungs before check-in at which every door is read
	// again; the last one is check-in itself.
	ToCheckIn []Duration `json:"to_check_in,omitempty"`
	// ToCheckOut are the rungs before the end at which the window is read again.
	ToCheckOut []Duration `json:"to_check_out,omitempty"`
	// AtRisk: not ready by then is at_risk, with attention.
	AtRisk Duration `json:"at_risk,omitempty"`
	// ForceCreate: from then on a create may be sent to an offline lock, once
	// a rung.
	ForceCreate Duration `json:"force_create,omitempty"`
	// CallPerson: not ready by then calls a person.
	CallPerson Duration `json:"call_person,omitempty"`
	// LateRung is the least time after acceptance at which a rung that was
	// already past fires.
	LateRung Duration `json:"late_rung,omitempty"`

	// RetrySteps space attempts; an eighth of the time left shortens them,
	// RetryFloor bounds that. AfterCheckIn are the steps with a guest waiting.
	RetrySteps   []Duration `json:"retry_steps,omitempty"`
	RetryFloor   Duration   `json:"retry_floor,omitempty"`
	AfterCheckIn []Duration `json:"after_check_in,omitempty"`

	// FirstLook is the first re-read after an accepted write without a
	// wake-up, with a guest at the door or an hour from it; else it is twice that.
	// Each further one waits twice as long.
	FirstLook Duration `json:"first_look,omitempty"`
	// WriteGrace: an accepted write that does not show by then made no progress.
	WriteGrace Duration `json:"write_grace,omitempty"`
	// SyncGap and SyncsPerDay bound syncs per lock: each costs battery. With a
	// guest at the door, or one who comes within UrgentWithin, SyncGapUrgent and
	// SyncsUrgent are the bounds; or as many as guests arrive or leave within half a
	// day, where that is more.
	SyncGap       Duration `json:"sync_gap,omitempty"`
	UrgentWithin  Duration `json:"urgent_within,omitempty"`
	SyncGapUrgent Duration `json:"sync_gap_urgent,omitempty"`
	SyncsPerDay   int      `json:"syncs_per_day,omitempty"`
	SyncsUrgent   int      `json:"syncs_urgent,omitempty"`
	// AskWait is how long the lock's front desk may take to answer a request
	// for a sync, before the reservation sends one itself.
	AskWait Duration `json:"ask_wait,omitempty"`
	// MarkWait is how long the mark of a completed sync is waited for.
	MarkWait Duration `json:"mark_wait,omitempty"`
	// TimedGap is the least time between two exact reads that stand in for a
	// mark; half of it with a guest at the door, or one who comes within UrgentWithin.
	TimedGap Duration `json:"timed_gap,omitempty"`
	// Settled: a proof that was made sooner than this after the last write is made
	// again at the next rung. Write and proof may have come in the same bad hour,
	// in which a sync is answered and does nothing.
	Settled Duration `json:"settled,omitempty"`
	// ProofLife: a reread proof older than this counts as listed at a rung.
	ProofLife Duration `json:"proof_life,omitempty"`
	// OperationSync and OperationStuck: an operationId that stays so long
	// leads to a sync, and to attention.
	OperationSync  Duration `json:"operation_sync,omitempty"`
	OperationStuck Duration `json:"operation_stuck,omitempty"`
	// Unaccounted is how long an accepted write that was overtaken by a newer
	// wish may still land.
	Unaccounted Duration `json:"unaccounted,omitempty"`
	// OnlineLife is how long a read of a lock's offline state is believed.
	OnlineLife Duration `json:"online_life,omitempty"`

	// Capacity is how many keypad codes a lock holds. Nuki's staff say 100;
	// newer locks may hold more.
	Capacity int `json:"capacity,omitempty"`

	// EndSpread spreads the deletes of windows that have closed by themselves.
	EndSpread Duration `json:"end_spread,omitempty"`
	// Looks are the times after a proven removal at which it is looked again.
	// OpenLooks are further ones, counted from when the entry became unwanted,
	// while its window would still open the door.
	Looks     []Duration `json:"looks,omitempty"`
	OpenLooks []Duration `json:"open_looks,omitempty"`
	// Tombstone: a reservation stays open this long after the latest end it
	// ever saw.
	Tombstone Duration `json:"tombstone,omitempty"`

	// AuditEvery and AuditSync are how often a lock's front desk reads the whole
	// list, and has the lock synced before that.
	AuditEvery Duration `json:"audit_every,omitempty"`
	AuditSync  Duration `json:"audit_sync,omitempty"`
	// Forecast is how far ahead bookings count for a lock's capacity. Crowded is
	// the share of it, in percent, above which codes are provisioned later.
	Forecast Duration `json:"forecast,omitempty"`
	Crowded  int      `json:"crowded,omitempty"`
	// LogPoll is the least time between two looks at a keypad's log where no
	// webhooks come, LogPollMost the most while somebody is awaited.
	LogPoll     Duration `json:"log_poll,omitempty"`
	LogPollMost Duration `json:"log_poll_most,omitempty"`
	// RefusedTwice: two refused entries within it are a guest who cannot get in.
	RefusedTwice Duration `json:"refused_twice,omitempty"`
	// DoorSync is the least time between two syncs because of a refused guest.
	DoorSync Duration `json:"door_sync,omitempty"`

	// MaxSignals per run, before the run continues as new.
	MaxSignals int `json:"max_signals,omitempty"`

	// Events says who is told of the stay; nobody, where it is absent.
	Events EventsPolicy `json:"events,omitzero"`
}

const (
	day    = Duration(24 * time.Hour)
	hour   = Duration(time.Hour)
	minute = Duration(time.Minute)
	second = Duration(time.Second)
)

// DefaultPolicy is the policy of a real installation.
func DefaultPolicy() Policy {
	return Policy{
		Mark:          activities.DefaultMark,
		RequiredProof: ProofReread,

		Lead:        72 * hour,
		ToCheckIn:   []Duration{24 * hour, 4 * hour, 1 * hour, 0},
		ToCheckOut:  []Duration{4 * hour, 30 * minute},
		AtRisk:      24 * hour,
		ForceCreate: 4 * hour,
		CallPerson:  2 * hour,
		LateRung:    2 * minute,

		// Front-weighted: most faults of a cloud pass within minutes, a lock
		// without power or network does not.
		RetrySteps:   []Duration{30 * second, 1 * minute, 2 * minute, 5 * minute, 10 * minute, 20 * minute, 30 * minute, 1 * hour},
		RetryFloor:   15 * second,
		AfterCheckIn: []Duration{1 * minute, 2 * minute, 5 * minute, 10 * minute},

		FirstLook:      3 * second,
		WriteGrace:     45 * second,
		SyncGap:        15 * minute,
		UrgentWithin:   1 * hour,
		SyncGapUrgent:  2 * minute,
		SyncsPerDay:    12,
		SyncsUrgent:    24,
		AskWait:        1 * minute,
		MarkWait:       90 * second,
		TimedGap:       5 * minute,
		Settled:        11 * hour,
		ProofLife:      1 * day,
		OperationSync:  10 * minute,
		OperationStuck: 30 * minute,
		Unaccounted:    15 * minute,
		OnlineLife:     2 * minute,

		Capacity: 100,

		EndSpread: 2 * minute,
		Looks:     []Duration{1 * day, 7 * day},
		OpenLooks: []Duration{1 * hour, 3 * hour, 6 * hour, 12 * hour},
		Tombstone: 30 * day,

		AuditEvery:   6 * hour,
		AuditSync:    1 * day,
		Forecast:     14 * day,
		Crowded:      90,
		LogPoll:      5 * minute,
		LogPollMost:  1 * hour,
		RefusedTwice: 3 * minute,
		DoorSync:     30 * minute,

		// A fifth of the server's 10,000 signals per run.
		MaxSignals: 2000,
	}
}

// WithDefaults fills what is absent from DefaultPolicy.
func (p Policy) WithDefaults() Policy {
	d := DefaultPolicy()
	fill(&p.Mark, d.Mark)
	fill(&p.RequiredProof, d.RequiredProof)
	fill(&p.Lead, d.Lead)
	fillList(&p.ToCheckIn, d.ToCheckIn)
	fillList(&p.ToCheckOut, d.ToCheckOut)
	fill(&p.AtRisk, d.AtRisk)
	fill(&p.ForceCreate, d.ForceCreate)
	fill(&p.CallPerson, d.CallPerson)
	fill(&p.LateRung, d.LateRung)
	fillList(&p.RetrySteps, d.RetrySteps)
	fill(&p.RetryFloor, d.RetryFloor)
	fillList(&p.AfterCheckIn, d.AfterCheckIn)
	fill(&p.FirstLook, d.FirstLook)
	fill(&p.WriteGrace, d.WriteGrace)
	fill(&p.SyncGap, d.SyncGap)
	fill(&p.UrgentWithin, d.UrgentWithin)
	fill(&p.SyncGapUrgent, d.SyncGapUrgent)
	fill(&p.SyncsPerDay, d.SyncsPerDay)
	fill(&p.SyncsUrgent, d.SyncsUrgent)
	fill(&p.AskWait, d.AskWait)
	fill(&p.MarkWait, d.MarkWait)
	fill(&p.TimedGap, d.TimedGap)
	fill(&p.Settled, d.Settled)
	fill(&p.ProofLife, d.ProofLife)
	fill(&p.OperationSync, d.OperationSync)
	fill(&p.OperationStuck, d.OperationStuck)
	fill(&p.Unaccounted, d.Unaccounted)
	fill(&p.OnlineLife, d.OnlineLife)
	fill(&p.Capacity, d.Capacity)
	fill(&p.EndSpread, d.EndSpread)
	fillList(&p.Looks, d.Looks)
	fillList(&p.OpenLooks, d.OpenLooks)
	fill(&p.Tombstone, d.Tombstone)
	fill(&p.AuditEvery, d.AuditEvery)
	fill(&p.AuditSync, d.AuditSync)
	fill(&p.Forecast, d.Forecast)
	fill(&p.Crowded, d.Crowded)
	fill(&p.LogPoll, d.LogPoll)
	fill(&p.LogPollMost, d.LogPollMost)
	fill(&p.RefusedTwice, d.RefusedTwice)
	fill(&p.DoorSync, d.DoorSync)
	fill(&p.MaxSignals, d.MaxSignals)
	p.Events = p.Events.WithDefaults()
	return p
}

// Validate says what in a policy cannot work, by the name of its JSON field.
func (p Policy) Validate() error {
	if !activities.ValidMark(p.Mark) {
		return errors.New("mark: one to three letters, digits, dashes or underscores")
	}
	if p.RequiredProof != ProofListed && p.RequiredProof != ProofReread {
		return errors.New("required_proof: listed or reread")
	}
	for _, ladder := range p.ladders() {
		if len(ladder.steps) == 0 || slices.ContainsFunc(ladder.steps, func(d Duration) bool { return d < 0 }) {
			return fmt.Errorf("%s: needs durations, none of them negative", ladder.field)
		}
	}
	for _, bound := range p.bounds() {
		if bound.value <= 0 {
			return fmt.Errorf("%s: must be positive", bound.field)
		}
	}
	if min(p.SyncsPerDay, p.SyncsUrgent, p.MaxSignals, p.Capacity) < 1 {
		return errors.New("syncs_per_day, syncs_urgent, max_signals and capacity: must be at least 1")
	}
	if p.Crowded < 1 || p.Crowded > 100 {
		return errors.New("crowded: a share of the capacity in percent, 1 to 100")
	}
	return p.Events.Validate()
}

// ladder is a list of durations by the name of its JSON field.
type ladder struct {
	field string
	steps []Duration
}

func (p Policy) ladders() []ladder {
	return []ladder{
		{"to_check_in", p.ToCheckIn}, {"to_check_out", p.ToCheckOut}, {"retry_steps", p.RetrySteps},
		{"after_check_in", p.AfterCheckIn}, {"looks", p.Looks}, {"open_looks", p.OpenLooks},
	}
}

// bound is a duration by the name of its JSON field.
type bound struct {
	field string
	value Duration
}

func (p Policy) bounds() []bound {
	return []bound{
		{"lead", p.Lead}, {"at_risk", p.AtRisk}, {"force_create", p.ForceCreate}, {"call_person", p.CallPerson}, {"late_rung", p.LateRung},
		{"retry_floor", p.RetryFloor}, {"first_look", p.FirstLook}, {"write_grace", p.WriteGrace}, {"sync_gap", p.SyncGap}, {"urgent_within", p.UrgentWithin},
		{"sync_gap_urgent", p.SyncGapUrgent}, {"mark_wait", p.MarkWait}, {"timed_gap", p.TimedGap}, {"settled", p.Settled},
		{"proof_life", p.ProofLife}, {"operation_sync", p.OperationSync}, {"operation_stuck", p.OperationStuck},
		{"ask_wait", p.AskWait}, {"audit_every", p.AuditEvery}, {"audit_sync", p.AuditSync}, {"forecast", p.Forecast},
		{"log_poll", p.LogPoll}, {"log_poll_most", p.LogPollMost}, {"refused_twice", p.RefusedTwice}, {"door_sync", p.DoorSync},
		{"unaccounted", p.Unaccounted}, {"online_life", p.OnlineLife}, {"end_spread", p.EndSpread}, {"tombstone", p.Tombstone},
	}
}

func fill[T comparable](value *T, standard T) {
	var zero T
	if *value == zero {
		*value = standard
	}
}

func fillList(value *[]Duration, standard []Duration) {
	if *value == nil {
		*value = standard
	}
}
