// This file adds verdicts up to the figures of a campaign.

package campaign

import (
	"slices"
	"time"
)

// Figures are what a strategy came to in a profile.
type Figures struct {
	Profile  string `json:"profile"`
	Strategy string `json:"strategy"`
	// Stays counts all, Expected those with a guest who was to get in, Feasible
	// those of them that could be kept by the schedule, and FeasibleAnytime the
	// same without the condition on the planned looks.
	Stays           int `json:"stays"`
	Expected        int `json:"expected"`
	Feasible        int `json:"feasible"`
	FeasibleAnytime int `json:"feasible_anytime"`
	// The PIN opened at check-in, and at every probe of the stay.
	AtCheckIn         int `json:"opened_at_check_in"`
	Kept              int `json:"kept"`
	FeasibleAtCheckIn int `json:"feasible_opened_at_check_in"`
	FeasibleKept      int `json:"feasible_kept"`
	AnytimeKept       int `json:"feasible_anytime_kept"`
	// Outside: a PIN opened before its window or after it had closed.
	Outside         int `json:"opened_outside_window"`
	FeasibleOutside int `json:"feasible_opened_outside_window"`
	// Endings before the window closes by itself, those that could be dead by
	// their deadline, and those of them that were.
	Endings         int `json:"endings"`
	FeasibleEndings int `json:"feasible_endings"`
	EndedInTime     int `json:"feasible_endings_in_time"`
	// How long an ended PIN still opened, in seconds.
	LivedMedian float64 `json:"ended_pin_lived_median_s"`
	LivedP99    float64 `json:"ended_pin_lived_p99_s"`
	LivedMax    float64 `json:"ended_pin_lived_max_s"`
	// FalseReady and FalseRevoked: it was said and the door disagreed; also by the
	// proof that it was said by, as "reread by sync_mark".
	FalseReady     int            `json:"false_ready"`
	FalseReadyBy   map[string]int `json:"false_ready_by_proof,omitempty"`
	FalseRevoked   int            `json:"false_revoked"`
	FalseRevokedBy map[string]int `json:"false_revoked_by_proof,omitempty"`
	// Changed: a told PIN was replaced and nobody was asked to tell the guest.
	Changed int `json:"told_pin_changed_silently"`
	// Unkept and Raised: not feasible and not kept, and those of them where a
	// person had been asked to look.
	Unkept int `json:"not_feasible_and_not_kept"`
	Raised int `json:"of_these_raised_in_time"`
	// Asked counts stays about which a person was asked to look at any time.
	Asked int `json:"stays_a_person_was_asked_about"`
	// How long it took until a stay was said to be ready, in seconds, from when the
	// work on it could begin.
	ReadyMedian float64 `json:"ready_after_median_s"`
	ReadyP99    float64 `json:"ready_after_p99_s"`
	// Left counts entries of ours at the end, Touched foreign codes that are gone.
	Left    int `json:"entries_left_behind"`
	Touched int `json:"foreign_codes_touched"`
	// Refused counts guests who were refused twice where nobody else could be
	// meant, at a lock with a connection; Noticed those of them whose stay said so within a minute, LetIn those
	// who got in within 15 minutes. RefusedShared counts the others.
	Refused       int `json:"refused_guests"`
	Noticed       int `json:"refused_guests_noticed"`
	LetIn         int `json:"refused_guests_let_in"`
	RefusedShared int `json:"refused_guests_among_several"`
	// DeadUses counts uses of a PIN after its end, Reported those that were told;
	// LinkedUses those at a lock with a connection, ReportedSoon those of them that
	// were told within a minute.
	DeadUses     int `json:"dead_pin_uses"`
	Reported     int `json:"dead_pin_uses_reported"`
	LinkedUses   int `json:"dead_pin_uses_with_a_connection"`
	ReportedSoon int `json:"dead_pin_uses_reported_within_a_minute"`
	// Astray counts updates and deletes that were sent to a lock although the stay
	// had just read that it is offline.
	Astray int `json:"writes_to_a_lock_known_to_be_offline"`
	// RanAway counts worlds that were stopped because they asked without end: a
	// broken policy, seen where one is broken on purpose.
	RanAway int `json:"worlds_ran_away"`
	// Per stay.
	Requests float64 `json:"requests_per_stay"`
	// Operations are the same by what was asked.
	Operations map[string]float64 `json:"operations_per_stay"`
	Syncs      float64            `json:"syncs_per_stay"`
	Events     float64            `json:"workflow_events_per_stay"`
	// Audits are those of the requests by which front desks looked over whole
	// locks and their logs, per stay.
	Audits float64 `json:"audit_requests_per_stay"`
	// MostSyncs is the most that one lock had within 24 hours.
	MostSyncs int `json:"most_syncs_of_a_lock_in_a_day"`

	lived []time.Duration
	ready []time.Duration
	total map[string]int
}

// add counts one verdict.
func (f *Figures) add(v Verdict) {
	f.Stays++
	if v.Expected {
		f.addExpected(v)
	}
	f.Outside += one(v.Outside)
	f.FeasibleOutside += one(v.Outside && v.Feasible)
	for _, ending := range v.Endings {
		f.Endings++
		f.FeasibleEndings += one(ending.Feasible)
		f.EndedInTime += one(ending.Feasible && ending.InTime)
		f.lived = append(f.lived, ending.Lived)
	}
	f.FalseReady += one(v.FalseReady != "")
	f.FalseReadyBy = counted(f.FalseReadyBy, v.FalseReady, 1)
	f.FalseRevoked += one(v.FalseRevoked != "")
	f.FalseRevokedBy = counted(f.FalseRevokedBy, v.FalseRevoked, 1)
	f.Changed += one(v.Changed)
	f.Left += v.Left
	f.Asked += one(v.Asked)
	if v.ReadyAfter != nil {
		f.ready = append(f.ready, *v.ReadyAfter)
	}
}

func (f *Figures) addExpected(v Verdict) {
	f.Expected++
	f.Feasible += one(v.Feasible)
	f.FeasibleAnytime += one(v.Anytime)
	f.AtCheckIn += one(v.AtCheckIn)
	f.Kept += one(v.Kept())
	f.FeasibleAtCheckIn += one(v.Feasible && v.AtCheckIn)
	f.FeasibleKept += one(v.Feasible && v.Kept())
	f.AnytimeKept += one(v.Anytime && v.Kept())
	f.Unkept += one(!v.Feasible && !v.Kept())
	f.Raised += one(!v.Feasible && !v.Kept() && v.Raised)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// merge adds another world's figures.
func (f *Figures) merge(other Figures) {
	f.Stays += other.Stays
	f.Expected += other.Expected
	f.Feasible += other.Feasible
	f.FeasibleAnytime += other.FeasibleAnytime
	f.AtCheckIn += other.AtCheckIn
	f.Kept += other.Kept
	f.FeasibleAtCheckIn += other.FeasibleAtCheckIn
	f.FeasibleKept += other.FeasibleKept
	f.AnytimeKept += other.AnytimeKept
	f.Outside += other.Outside
	f.FeasibleOutside += other.FeasibleOutside
	f.Endings += other.Endings
	f.FeasibleEndings += other.FeasibleEndings
	f.EndedInTime += other.EndedInTime
	f.FalseReady += other.FalseReady
	f.FalseRevoked += other.FalseRevoked
	for basis, n := range other.FalseReadyBy {
		f.FalseReadyBy = counted(f.FalseReadyBy, basis, n)
	}
	for basis, n := range other.FalseRevokedBy {
		f.FalseRevokedBy = counted(f.FalseRevokedBy, basis, n)
	}
	f.Changed += other.Changed
	f.Unkept += other.Unkept
	f.Raised += other.Raised
	f.Left += other.Left
	f.Asked += other.Asked
	f.Refused += other.Refused
	f.Noticed += other.Noticed
	f.LetIn += other.LetIn
	f.RefusedShared += other.RefusedShared
	f.DeadUses += other.DeadUses
	f.Reported += other.Reported
	f.LinkedUses += other.LinkedUses
	f.ReportedSoon += other.ReportedSoon
	f.Astray += other.Astray
	f.Touched += other.Touched
	f.RanAway += other.RanAway
	f.Events += other.Events
	f.Audits += other.Audits
	f.MostSyncs = max(f.MostSyncs, other.MostSyncs)
	f.lived, f.ready = append(f.lived, other.lived...), append(f.ready, other.ready...)
	f.addRequests(other.total)
}

// counted adds to the count of a name; an empty name counts nothing.
func counted(all map[string]int, name string, n int) map[string]int {
	if name == "" {
		return all
	}
	if all == nil {
		all = map[string]int{}
	}
	all[name] += n
	return all
}

func (f *Figures) addRequests(total map[string]int) {
	if f.total == nil {
		f.total = map[string]int{}
	}
	for operation, n := range total {
		f.total[operation] += n
	}
}

// finish turns sums into what is shown.
func (f *Figures) finish() {
	if f.Stays == 0 {
		return
	}
	stays := float64(f.Stays)
	f.Operations = map[string]float64{}
	for operation, n := range f.total {
		f.Operations[operation] = float64(n) / stays
		f.Requests += float64(n) / stays
	}
	f.Syncs = float64(f.total["sync"]) / stays
	f.Events /= stays
	f.Audits /= stays
	slices.Sort(f.lived)
	slices.Sort(f.ready)
	f.ReadyMedian, f.ReadyP99 = quantile(f.ready, 0.5), quantile(f.ready, 0.99)
	f.LivedMedian, f.LivedP99, f.LivedMax = quantile(f.lived, 0.5), quantile(f.lived, 0.99), quantile(f.lived, 1)
}

// quantile of sorted durations, in seconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Seconds()
}
