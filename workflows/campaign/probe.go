// This file says when a guest tries which door, and since when the world could
// know that this must work.

package campaign

import (
	"sort"
	"time"

	"github.com/keystay/keystay/workflows"
)

// probe is one try of one door.
type probe struct {
	lock int64
	at   time.Time
	// known is when the booking's system first said what makes it work.
	known time.Time
}

// probeEvery is how often a door is tried during a stay.
const probeEvery = 4 * time.Hour

// probes are all tries of a stay that must work, by lock and time.
func (s *Stay) probes() []probe {
	var all []probe
	for _, lock := range s.locks() {
		for _, at := range s.probeTimes(lock) {
			if known, ok := s.settled(lock, at); ok {
				all = append(all, probe{lock: lock, at: at, known: known})
			}
		}
	}
	return all
}

// probeTimes are the moments at which a door may be worth a try: the beginnings
// and ends of all windows, every few hours between, and soon after each change.
func (s *Stay) probeTimes(lock int64) []time.Time {
	var all []time.Time
	for _, message := range s.Messages {
		window := message.Wish.Window()
		if !has(message.Wish, lock) {
			continue
		}
		all = append(all, message.At.Add(graceOfGuests), window.Until.Add(-time.Second), window.Until.Add(time.Minute))
		for at := window.From; at.Before(window.Until); at = at.Add(probeEvery) {
			all = append(all, at)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Before(all[j]) })
	return all
}

// settled reports whether a guest should get in at a moment by every message of the
// last minutes, and since when that was known.
func (s *Stay) settled(lock int64, at time.Time) (known time.Time, ok bool) {
	now := s.messageAt(at)
	if now < 0 || !entitles(s.Messages[now].Wish, lock, at) {
		return time.Time{}, false
	}
	first := now
	for first > 0 && s.grants(first-1, now, lock, at) {
		first--
	}
	known = s.Messages[first].At
	return known, !known.Add(graceOfGuests).After(at)
}

// grants reports whether an earlier message lets the guest in at a moment just as the
// present one does: by the same PIN.
func (s *Stay) grants(earlier, now int, lock int64, at time.Time) bool {
	return entitles(s.Messages[earlier].Wish, lock, at) && s.Messages[earlier].Wish.PIN == s.Messages[now].Wish.PIN
}

// messageAt is the number of the message in force; -1 before the first.
func (s *Stay) messageAt(at time.Time) int {
	found := -1
	for i, message := range s.Messages {
		if !message.At.After(at) {
			found = i
		}
	}
	return found
}

// demands are what must be done by when for all probes to work: one for each lock
// and each time at which something became known, due at the first of its probes.
func (p *Plan) demands(s *Stay, policy workflows.Policy) []demand {
	var all []demand
	for _, probe := range s.probes() {
		if n := len(all); n > 0 && all[n-1].lock == probe.lock && all[n-1].said.Equal(probe.known) {
			continue // The probes of one lock are in order of time.
		}
		starts := s.wishAt(probe.at).StartsAt
		begins := earlier(later(probe.known, starts.Add(-policy.Lead.D())), probe.at)
		begins = p.workBegins(s, probe.lock, begins, probe.at, policy)
		all = append(all, demand{
			lock: probe.lock, said: probe.known, known: begins, by: probe.at, rungs: rungs(policy, begins, probe.at),
		})
	}
	return all
}

// prospects say whether a guest is to get in at all, and whether the schedule
// lets that be kept: by the planned looks, and without that condition.
func (p *Plan) prospects(stay *Stay) (expected, feasible, anytime bool) {
	feasible, anytime = true, true
	for _, d := range p.demands(stay, workflows.DefaultPolicy()) {
		expected = true
		feasible = feasible && p.feasible(stay, d, true)
		anytime = anytime && p.feasible(stay, d, false)
	}
	return expected, feasible, anytime
}
