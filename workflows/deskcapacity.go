// This file is a lock's capacity: how many codes it will have to hold in the
// next days, and how early its bookings may therefore be provisioned. Pure.

package workflows

import (
	"cmp"
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// Capacity is how full a lock is, and will be.
type Capacity struct {
	// Limit is the policy's. InUse counts the codes of the last look, Ours those
	// of them that are this installation's.
	Limit int `json:"limit"`
	InUse int `json:"in_use"`
	Ours  int `json:"ours"`
	// Peak is the most codes at one moment of the forecast, at PeakAt, with the
	// lead that is advised.
	Peak   int       `json:"peak"`
	PeakAt time.Time `json:"peak_at,omitzero"`
	Lead   Duration  `json:"lead"`
}

// Advice is what a front desk tells its reservations of the lock.
type Advice struct {
	// Lead is how long before check-in the lock should be provisioned; zero
	// leaves it to the reservation's policy.
	Lead Duration `json:"lead,omitempty"`
	// Quarantined: the lock does badly.
	Quarantined bool `json:"quarantined,omitempty"`
}

// shortLeads are the leads of a lock that is crowded, longest first: the last one
// leaves time for a repair.
var shortLeads = []Duration{2 * day, 1 * day, 12 * hour, 6 * hour, 4 * hour}

// replan is how long a forecast serves while bookings come in.
const replan = 10 * time.Minute

// plan makes the forecast anew, where bookings have come in since the last one or
// the list has been read.
func (d *Desk) plan(now time.Time) {
	if d.Planned.After(d.Audit.At) && (!d.rebooked || now.Sub(d.Planned) < replan) {
		return
	}
	d.Capacity, d.Planned, d.rebooked = d.forecast(now), now, false
}

// forecast is the lock's capacity, with the longest lead that leaves room.
func (d *Desk) forecast(now time.Time) Capacity {
	policy := d.rules()
	others := d.count(EntryForeign) + d.count(EntryOrphan)
	capacity := Capacity{Limit: policy.Capacity, InUse: len(d.Audit.Entries), Ours: len(d.Audit.Entries) - others}
	for _, lead := range append([]Duration{policy.Lead}, shortLeads...) {
		if lead > policy.Lead {
			continue
		}
		capacity.Lead = lead
		capacity.Peak, capacity.PeakAt = d.peak(now, lead.D(), others)
		if capacity.Peak*100 <= policy.Capacity*policy.Crowded {
			break
		}
	}
	return capacity
}

// change is one more code, or one less, at a moment.
type change struct {
	at time.Time
	by int
}

// peak is the most codes at one moment from now to the end of the forecast, where
// each booking takes its place so long before its window.
func (d *Desk) peak(now time.Time, lead time.Duration, others int) (peak int, at time.Time) {
	end := now.Add(d.rules().Forecast.D())
	var changes []change
	d.living(func(_ *Attendee, known activities.KnownEntry) {
		from := known.From.Add(-lead)
		if known.AuthID != "" {
			from = now
		}
		if known.Until.After(now) && from.Before(end) {
			changes = append(changes, change{latest(from, now), 1}, change{known.Until, -1})
		}
	})
	// Of one moment, what ends comes first: it makes room.
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Or(a.at.Compare(b.at), a.by-b.by) })
	n := others
	peak, at = n, now
	for _, c := range changes {
		if n += c.by; n > peak {
			peak, at = n, c.at
		}
	}
	return peak, at
}

// advise tells the reservations that are still to be provisioned what to know of
// the lock. Only a change is news.
func (d *Desk) advise() {
	advice := d.advice()
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		if attendee.Advice == advice || !attendee.planning() {
			continue
		}
		attendee.Advice = advice
		attendee.due(d.Lock, WakeAdvice).Advice = &advice
	}
}

// advice is what the lock's state asks of its reservations: a lock that is crowded
// is provisioned later, one that does badly earlier.
func (d *Desk) advice() Advice {
	policy := d.rules()
	advice := Advice{Quarantined: d.Health.Quarantine != nil}
	if lead := d.Capacity.Lead; lead > 0 && lead < policy.Lead {
		advice.Lead = lead
	} else if advice.Quarantined {
		advice.Lead = 2 * policy.Lead
	}
	return advice
}

// planning says that a reservation has an entry that is not on the lock yet.
func (a *Attendee) planning() bool {
	return slices.ContainsFunc(a.Entries, func(known activities.KnownEntry) bool { return !known.Absent && !known.Placed })
}
