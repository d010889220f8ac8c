// This file judges a strategy by the keypads: what opened when it should, what
// opened when it should not, and what was said meanwhile.

package campaign

import (
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// Verdict is what became of one stay.
type Verdict struct {
	Stay string
	// Expected: a guest was to get in at all. Feasible: by the schedule that could
	// be kept; Anytime: without the condition on the planned looks.
	Expected, Feasible, Anytime bool
	// AtCheckIn and Throughout: the PIN that the guest knew opened every door.
	AtCheckIn, Throughout bool
	// Outside: a PIN of the stay opened before its window, or after it had closed
	// by itself.
	Outside bool
	// Endings are those that came before a window had closed by itself.
	Endings []Ending
	// FalseReady and FalseRevoked are what it was said by, where the door disagreed.
	FalseReady, FalseRevoked string
	// Changed: the PIN was replaced after it was told, and nobody was asked to
	// tell the guest.
	Changed bool
	// Raised: a person was asked to look by the time a probe failed.
	Raised bool
	// Asked: a person was asked to look at any time. ReadyAfter is how long it took
	// until the stay was said to be ready; nil where that never was, or means nothing.
	Asked      bool
	ReadyAfter *time.Duration
	// Left counts entries of the stay that were on a lock when the world ended.
	Left int
	// FailedAt and FailedOn are the first probe that failed.
	FailedAt time.Time
	FailedOn int64
}

// Ending is that a PIN must stop opening a door before its window closes.
type Ending struct {
	Lock int64
	At   time.Time
	// Lived is how long a PIN still opened.
	Lived time.Duration
	// Feasible and InTime: it could have been dead by its deadline, and was.
	Feasible, InTime bool
}

// Kept reports whether the stay was kept through every probe.
func (v Verdict) Kept() bool { return v.AtCheckIn && v.Throughout }

type judging struct {
	plan    *Plan
	log     *Log
	stay    *Stay
	policy  workflows.Policy
	verdict Verdict
}

// judge judges one stay.
func judge(plan *Plan, log *Log, stay *Stay) Verdict {
	j := &judging{plan: plan, log: log, stay: stay, policy: workflows.DefaultPolicy()}
	j.verdict = Verdict{Stay: stay.ID, AtCheckIn: true, Throughout: true}
	j.presence()
	j.outside()
	j.endings()
	j.revoked()
	j.left()
	j.said()
	return j.verdict
}

// presence tries every door with the PIN that the guest knows.
func (j *judging) presence() {
	j.verdict.Expected, j.verdict.Feasible, j.verdict.Anytime = j.plan.prospects(j.stay)
	first := map[int64]bool{}
	for _, probe := range j.stay.probes() {
		good := &j.verdict.Throughout
		if !first[probe.lock] {
			first[probe.lock], good = true, &j.verdict.AtCheckIn
		}
		if !j.tried(probe) {
			*good = false
		}
	}
}

// tried reports whether a door opened by the PIN that the guest knew.
func (j *judging) tried(p probe) bool {
	pin, told := j.log.toldBy(j.stay.ID, p.at)
	if told && j.opens(p.lock, pin, p.at) {
		return true
	}
	if j.verdict.FailedAt.IsZero() {
		j.verdict.FailedAt, j.verdict.FailedOn = p.at, p.lock
	}
	claim := j.log.claimAt(j.stay.ID, p.at)
	raised := len(claim.Attention) > 0
	if j.verdict.FalseReady == "" && claim.Status == workflows.StatusReady && !j.wouldOpen(p) {
		j.verdict.FalseReady = claim.basis()
	}
	j.verdict.Raised = j.verdict.Raised || raised
	if newest, ok := j.log.writtenBy(j.stay.ID, p.at); told && ok && newest != pin && !raised {
		j.verdict.Changed = true
	}
	return false
}

// wouldOpen reports whether a door opens by the newest PIN, though perhaps nobody asked
// for it: then the guest does not get in, but what was said of the door is true.
func (j *judging) wouldOpen(p probe) bool {
	pin, ok := j.log.writtenBy(j.stay.ID, p.at)
	_, told := j.log.toldBy(j.stay.ID, p.at)
	return !told && ok && j.opens(p.lock, pin, p.at)
}

func (j *judging) opens(lock int64, pin nuki.PIN, at time.Time) bool {
	return j.log.sim.OpenedAt(lock, pin.Reveal(), at)
}

// opensByOwn reports whether a PIN opens a door by an entry of the stay's own: another
// stay may rightly have the same PIN.
func (j *judging) opensByOwn(lock int64, pin nuki.PIN, at time.Time) bool {
	name, opened := j.log.sim.OpenedBy(lock, pin.Reveal(), at)
	key, ours := stayOf(name)
	return opened && ours && key == j.stay.ID
}

// opensAny reports whether any PIN that the stay ever had opens a door at a moment, by
// an entry of its own.
func (j *judging) opensAny(lock int64, at time.Time) bool {
	for _, pin := range j.log.pins(j.stay.ID) {
		if j.opensByOwn(lock, pin, at) {
			return true
		}
	}
	return false
}

// outside tries the doors before every window that was ever wished, and after.
func (j *judging) outside() {
	earliest, latest := j.stay.Messages[0].Wish.Window().From, j.stay.latestEnd()
	for _, message := range j.stay.Messages {
		earliest = earlier(earliest, message.Wish.Window().From)
	}
	for _, lock := range j.stay.locks() {
		for _, away := range []time.Duration{time.Minute, time.Hour, 12 * time.Hour, 72 * time.Hour} {
			if j.opensAny(lock, earliest.Add(-away)) || j.opensAny(lock, latest.Add(away)) {
				j.verdict.Outside = true
			}
		}
	}
}

// left counts what is on the locks when the world ends.
func (j *judging) left() {
	for _, lock := range j.stay.locks() {
		for _, name := range j.log.sim.HeldAt(lock, j.plan.Ends) {
			if key, ours := stayOf(name); ours && key == j.stay.ID {
				j.verdict.Left++
			}
		}
	}
}

// revoked holds what was said to be gone against the doors.
func (j *judging) revoked() {
	claims := j.log.claimsOf(j.stay.ID)
	for i, claim := range claims {
		if claim.Status != workflows.StatusRevoked && claim.Status != workflows.StatusCancelled {
			continue
		}
		until := earlier(j.plan.Ends, j.stay.latestEnd().Add(day))
		if i+1 < len(claims) {
			until = earlier(until, claims[i+1].At)
		}
		if j.verdict.FalseRevoked == "" && j.opensBetween(claim.At, until) {
			j.verdict.FalseRevoked = claim.basis()
		}
	}
}

// opensBetween reports whether a PIN of the stay opens one of its doors in a span.
func (j *judging) opensBetween(from, until time.Time) bool {
	for at := from; at.Before(until); at = at.Add(10 * time.Minute) {
		for _, lock := range j.stay.locks() {
			if j.opensAny(lock, at) {
				return true
			}
		}
	}
	return false
}
