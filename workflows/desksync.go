// This file is how one lock's syncs are shared: each costs its battery, so that
// one serves everybody who needs one, within the bounds of the policy. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// Ask is a reservation's request for a sync.
type Ask struct {
	Reservation string `json:"reservation"`
	// Since: a sync that was sent after this moment serves.
	Since time.Time `json:"since"`
	// Urgent: a guest is at the door, or about to be.
	Urgent bool `json:"urgent,omitempty"`
}

// SyncNews answers an Ask.
type SyncNews struct {
	// At is when the sync was sent that serves, MarkAt when its completion was
	// seen; zero while it has not been.
	At     time.Time `json:"at,omitzero"`
	MarkAt time.Time `json:"mark_at,omitzero"`
	// From is when the next one may be sent, where none serves yet.
	From time.Time `json:"from,omitzero"`
}

// SyncDesk keeps a lock's syncs and who waits for one.
type SyncDesk struct {
	Asks []DeskAsk `json:"asks,omitempty"`
	// Sent are the syncs of the last day that the API accepted, oldest first.
	Sent []SyncNews `json:"sent,omitempty"`
	// UnsureAt is when one was last sent of which no answer came: it may have cost the
	// battery like any other.
	UnsureAt time.Time `json:"unsure_at,omitzero"`
	// NotBefore is the end of a pause after a refusal; Refusals counts those in a row.
	NotBefore time.Time `json:"not_before,omitzero"`
	Refusals  int       `json:"refusals,omitempty"`
	// Ordered asks for one on behalf of the desk itself: an audit, or a person.
	Ordered time.Time `json:"ordered,omitzero"`
}

// DeskAsk is a request that waits.
type DeskAsk struct {
	Ask
	At time.Time `json:"at"`
	// Told is the beginning of the next sync that it was told.
	Told time.Time `json:"told,omitzero"`
}

// ask takes a request in, in the place of the same reservation's last one.
func (s *SyncDesk) ask(ask Ask, now time.Time) {
	s.forget(ask.Reservation)
	s.Asks = append(s.Asks, DeskAsk{Ask: ask, At: now})
}

func (s *SyncDesk) forget(reservation string) {
	s.Asks = slices.DeleteFunc(s.Asks, func(ask DeskAsk) bool { return ask.Reservation == reservation })
}

// last is the last sync that the API accepted.
func (s *SyncDesk) last() SyncNews {
	if len(s.Sent) == 0 {
		return SyncNews{}
	}
	return s.Sent[len(s.Sent)-1]
}

// wanted says that a sync is to be sent for somebody, and how soon.
func (s *SyncDesk) wanted() (wanted, urgent bool) {
	for _, ask := range s.Asks {
		if !s.serves(ask) {
			wanted, urgent = true, urgent || ask.Urgent
		}
	}
	return wanted || s.Ordered.After(s.last().At), urgent
}

// looked ends the desk's own order with a look after its sync is complete: other
// syncs are nobody's audit.
func (s *SyncDesk) looked(at time.Time, policy Policy) {
	last := s.last()
	complete := last.MarkAt
	if complete.IsZero() {
		complete = last.At.Add(policy.MarkWait.D())
	}
	if !last.At.Before(s.Ordered) && !at.Before(complete) {
		s.Ordered = time.Time{}
	}
}

// serves reports whether the last sync is one that an ask is for.
func (s *SyncDesk) serves(ask DeskAsk) bool { return s.last().At.After(ask.Since) }

// allowedAt is when the next sync is within its bounds: of gap and of number, both
// wider with a guest at the door. After a third of a day's number the others are
// spread over the day, so that some are left at its end.
func (s *SyncDesk) allowedAt(urgent bool, policy Policy) time.Time {
	gap, most := policy.SyncGap.D(), policy.SyncsPerDay
	switch {
	case urgent:
		gap, most = min(gap, policy.SyncGapUrgent.D()), max(most, policy.SyncsUrgent)
	case len(s.Sent) > most/3:
		gap = max(gap, day.D()/time.Duration(most))
	}
	at := s.NotBefore
	if last := latest(s.last().At, s.UnsureAt); !last.IsZero() {
		at = latest(at, last.Add(gap))
	}
	if n := len(s.Sent); n >= most {
		at = latest(at, s.Sent[n-most].At.Add(day.D()))
	}
	return at
}

// sent records a sync that the API accepted.
func (s *SyncDesk) sent(at time.Time) {
	s.Sent = slices.DeleteFunc(s.Sent, func(sync SyncNews) bool { return at.Sub(sync.At) >= day.D() })
	s.Sent = append(s.Sent, SyncNews{At: at})
	s.NotBefore, s.Refusals = time.Time{}, 0
}

// refused pauses after a sync that the API did not accept, or of which nobody knows.
// Who asked long ago acts alone by now.
func (s *SyncDesk) refused(now time.Time, policy Policy, unsure bool) {
	if unsure {
		s.UnsureAt = now
	}
	s.NotBefore = now.Add(retryDelay(policy.RetrySteps, s.Refusals, 0, policy.RetryFloor.D()))
	s.Refusals++
	s.Asks = slices.DeleteFunc(s.Asks, func(ask DeskAsk) bool { return ask.Told.IsZero() && now.Sub(ask.At) >= policy.AskWait.D() })
}

// mark notes that the last sync was seen to be complete.
func (s *SyncDesk) mark(now time.Time) {
	if n := len(s.Sent); n > 0 && s.Sent[n-1].MarkAt.IsZero() {
		s.Sent[n-1].MarkAt = now
	}
}

// syncRules are the rules with as many emergencies in a day as guests arrive or leave in
// it: at the main door of a hundred flats that may be sixty, and each may need one.
func (d *Desk) syncRules(now time.Time) Policy {
	policy, guests := d.rules(), 0
	for _, attendee := range d.Attendees {
		guests += one(slices.ContainsFunc(attendee.Entries, func(known activities.KnownEntry) bool {
			return min(now.Sub(known.From).Abs(), now.Sub(known.Until).Abs()) <= day.D()/2
		}))
	}
	policy.SyncsUrgent = max(policy.SyncsUrgent, guests)
	return policy
}

// answer answers every request that can be: with the sync that serves it, or with the
// time of the next one. sending says that one is under way.
func (d *Desk) answer(now time.Time, sending bool) {
	desk := &d.SyncDesk
	var open []DeskAsk
	for _, ask := range desk.Asks {
		attendee := d.attendee(ask.Reservation)
		if attendee == nil {
			continue // Closed meanwhile, or unknown to a desk that lost its memory: it acts alone.
		}
		if desk.serves(ask) {
			attendee.granted(d.Lock, desk.last())
			continue
		}
		if at := d.putOffTo(ask, now, sending); !at.IsZero() {
			attendee.putOff(d.Lock, at)
			ask.Told = at
		}
		open = append(open, ask)
	}
	desk.Asks = open
}

// putOffTo is from when on a sync may be sent for a request that has not been told so;
// zero where there is nothing to tell. One that is under way for long, as when many calls
// queue, must not let everybody who asked lose patience and send another.
func (d *Desk) putOffTo(ask DeskAsk, now time.Time, sending bool) time.Time {
	policy := d.syncRules(now)
	at := d.SyncDesk.allowedAt(ask.Urgent, policy)
	switch {
	case sending && !now.Before(ask.impatientAt(policy)):
		return now.Add(policy.SyncGapUrgent.D())
	case sending || !at.After(now) || at.Equal(ask.Told):
		return time.Time{}
	}
	return at
}

// impatientAt is when a request needs to hear something, before it acts alone.
func (a DeskAsk) impatientAt(policy Policy) time.Time {
	return latest(a.At, a.Told).Add(policy.AskWait.D() / 2)
}

// impatientAt is when the first of those who asked needs to hear something.
func (s *SyncDesk) impatientAt(policy Policy) time.Time {
	var at time.Time
	for _, ask := range s.Asks {
		at = earliest(at, ask.impatientAt(policy))
	}
	return at
}

// putOff tells a reservation from when on the next sync may be sent. What it has
// not heard yet of the one before stays told.
func (a *Attendee) putOff(lock int64, from time.Time) {
	wake := a.due(lock, WakeSync)
	news := SyncNews{From: from}
	if wake.Sync != nil {
		news.At, news.MarkAt = wake.Sync.At, wake.Sync.MarkAt
	}
	wake.Sync = &news
}

// granted tells a reservation of a sync that serves it, and of its end when that
// is seen.
func (a *Attendee) granted(lock int64, sync SyncNews) {
	a.due(lock, WakeSync).Sync = &sync
	if sync.MarkAt.IsZero() && !a.waitsFor(activities.WaitMark) {
		a.Waits = append(slices.Clone(a.Waits), activities.WaitMark)
	}
}
