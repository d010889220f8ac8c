// This file is a lock's capacity: how many codes it will have to hold in the
// next days, and how early its bookings may therefore be provisioned. Pure.

package workflows

import (
	"cmp"
	"encoding/json"
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
	// Peak is the most codes at one moment of the forecast, at PeakAt, were every
	// booking provisioned Lead before its check-in. Lead is the longest of some leads
	// by which there is room for all, or else the shortest.
	Peak   int       `json:"peak"`
	PeakAt time.Time `json:"peak_at,omitzero"`
	Lead   Duration  `json:"lead"`
}

// Advice is what a front desk tells its reservations of the lock.
type Advice struct {
	// Lead is how long before check-in the lock should be provisioned; zero
	// leaves it to the reservation's policy.
	Lead Duration `json:"lead,omitempty"`
	// Yield: the lock is full, and an earlier guest needs the place. The code is
	// taken off the lock until the lead.
	Yield bool `json:"yield,omitempty"`
	// Quarantined: the lock loses or delays writes.
	Quarantined bool `json:"quarantined,omitempty"`
}

// text is the advice as JSON; nil where there is none.
func (a Advice) text() json.RawMessage {
	if a == (Advice{}) {
		return nil
	}
	return textOf(a)
}

// adviceIn reads the advice that a reservation holds; what cannot be read is none.
func adviceIn(text json.RawMessage) Advice {
	var advice Advice
	if len(text) == 0 || json.Unmarshal(text, &advice) != nil {
		return Advice{}
	}
	return advice
}

// shortLeads are the leads of a lock that is crowded, longest first: the last one
// leaves time for a repair.
var shortLeads = []Duration{2 * day, 1 * day, 12 * hour, 6 * hour, leastLead}

// leastLead is the lead of a lock that is full; whoever has longer than leastYield
// to check-in can make room for somebody who has not.
const (
	leastLead  = 4 * hour
	leastYield = 1 * day
)

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

// placeStep is one more code, or one less, at a moment.
type placeStep struct {
	at time.Time
	by int
}

// peak is the most codes at one moment from now to the end of the forecast, where
// each booking takes its place so long before its window.
func (d *Desk) peak(now time.Time, lead time.Duration, others int) (peak int, at time.Time) {
	end := now.Add(d.rules().Forecast.D())
	var changes []placeStep
	d.living(func(_ *Attendee, known activities.KnownEntry) {
		from := known.From.Add(-lead)
		if known.AuthID != "" {
			from = now
		}
		if known.Until.After(now) && from.Before(end) {
			changes = append(changes, placeStep{latest(from, now), 1}, placeStep{known.Until, -1})
		}
	})
	// Of one moment, what ends comes first: it makes room.
	slices.SortStableFunc(changes, func(a, b placeStep) int { return cmp.Or(a.at.Compare(b.at), a.by-b.by) })
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
	general := d.advice()
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		advice := general
		switch {
		case attendee.Advice.Yield:
			advice.Yield, advice.Lead = true, leastLead
		case d.crowded() && attendee.Advice.Lead == d.rules().Lead:
			advice.Lead = attendee.Advice.Lead // It was let ahead.
		}
		if attendee.Advice != advice && attendee.planning() {
			attendee.advised(d.Lock, advice)
		}
	}
}

// advised tells a reservation what to know of the lock.
func (a *Attendee) advised(lock int64, advice Advice) {
	a.Advice = advice
	a.due(lock, WakeAdvice).Advice = &advice
}

// yieldTakes is how long a code takes to leave a lock, before another is asked.
const yieldTakes = 2 * time.Minute

// grant lets the earliest check-ins of a crowded lock go ahead while there is room
// by the last look, but for a reserve: a crowded lock is filled in the order in
// which its guests come.
func (d *Desk) grant(now time.Time) {
	policy := d.rules()
	if !d.crowded() || d.GrantedAt.Equal(d.Audit.At) {
		return
	}
	d.GrantedAt = d.Audit.At
	var next []*Attendee
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		due := attendee.begins().Before(now.Add(policy.Lead.D())) && attendee.begins().After(now.Add(leastLead.D()))
		if due && !attendee.onLock() && attendee.planning() && attendee.Advice.Lead != policy.Lead {
			next = append(next, attendee)
		}
	}
	slices.SortStableFunc(next, func(a, b *Attendee) int { return a.begins().Compare(b.begins()) })
	room := policy.Capacity - len(d.Audit.Entries) - reserve
	for _, attendee := range next[:min(len(next), max(0, room))] {
		attendee.advised(d.Lock, Advice{Lead: policy.Lead, Quarantined: attendee.Advice.Quarantined})
	}
}

// reserve is how many places of a crowded lock are kept for bookings of the last
// minute.
const reserve = 3

// crowded reports whether the lock cannot hold everybody as early as it should.
func (d *Desk) crowded() bool { return d.Capacity.Lead > 0 && d.Capacity.Lead < d.rules().Lead }

// makeRoom has the latest check-ins of a full lock give way to guests who come
// within the day and find no place there: bookings of the last minute, that no
// forecast knew.
func (d *Desk) makeRoom(now time.Time) {
	waiting := 0
	var late []*Attendee
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		switch {
		case attendee.waitsFor(activities.WaitRoom):
			waiting++
		case attendee.Advice.Yield && now.Sub(attendee.YieldAt) < yieldTakes:
			waiting--
		case !attendee.Advice.Yield && attendee.onLock() && attendee.begins().After(now.Add(leastYield.D())):
			late = append(late, attendee)
		}
	}
	slices.SortStableFunc(late, func(a, b *Attendee) int { return b.begins().Compare(a.begins()) })
	for _, attendee := range late[:min(len(late), max(0, waiting))] {
		attendee.YieldAt = now
		attendee.advised(d.Lock, Advice{Yield: true, Lead: leastLead, Quarantined: attendee.Advice.Quarantined})
	}
}

// roomMade has the first guest in line look again at a lock that was full: a code
// has left it.
func (d *Desk) roomMade() {
	var first *Attendee
	for i := range d.Attendees {
		attendee := &d.Attendees[i]
		if attendee.waitsFor(activities.WaitRoom) && (first == nil || attendee.begins().Before(first.begins())) {
			first = attendee
		}
	}
	if first == nil {
		return
	}
	first.due(d.Lock, WakeEntry)
	first.Waits = slices.DeleteFunc(slices.Clone(first.Waits), func(wait string) bool { return wait == activities.WaitRoom })
}

// newlyGone counts the entries whose absence has been proven since before.
func newlyGone(before, entries []activities.KnownEntry) (n int) {
	for _, entry := range entries {
		n += one(entry.Gone && slices.ContainsFunc(before, func(known activities.KnownEntry) bool {
			return known.AuthID != "" && known.AuthID == entry.AuthID && !known.Gone
		}))
	}
	return n
}

// onLock reports whether a wished entry of the reservation is on the lock.
func (a *Attendee) onLock() bool {
	return slices.ContainsFunc(a.Entries, func(known activities.KnownEntry) bool { return !known.Absent && known.AuthID != "" })
}

// begins is the latest beginning of a reservation's wished windows.
func (a *Attendee) begins() time.Time {
	var at time.Time
	for _, known := range a.Entries {
		if !known.Absent {
			at = latest(at, known.From)
		}
	}
	return at
}

// advice is what the lock's state asks of its reservations: a lock that is crowded
// is provisioned later, one in quarantine earlier.
func (d *Desk) advice() Advice {
	policy := d.rules()
	advice := Advice{Quarantined: d.Health.Quarantine != nil}
	if d.crowded() {
		advice.Lead = leastLead
	} else if advice.Quarantined {
		advice.Lead = 2 * policy.Lead
	}
	return advice
}

// planning reports whether a reservation has an entry that is not on the lock yet.
func (a *Attendee) planning() bool {
	return slices.ContainsFunc(a.Entries, func(known activities.KnownEntry) bool { return !known.Absent && !known.Placed })
}
