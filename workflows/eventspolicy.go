// This file is who hears of events and how long a delivery is tried, as data. It
// travels with a Policy, and from there to the workflow that delivers.

package workflows

import (
	"errors"
	"fmt"
	"time"

	"github.com/keystay/keystay/activities"
)

// EventsPolicy is all that a workflow knows about subscribers; their addresses and
// secrets are the worker's. Without subscribers nothing is told.
type EventsPolicy struct {
	Subscribers []Subscription `json:"subscribers,omitempty"`

	// Spacing are the pauses between attempts; the last one repeats.
	Spacing []Duration `json:"spacing,omitempty"`
	// Patience is how long an event is tried, from when it was handed over. What has
	// waited as long behind one that fails is given up with it, unattempted.
	Patience Duration `json:"patience,omitempty"`
	// PatienceRefused is the same where the receiver answers, and does not take
	// this very event, or where the worker does not know the receiver.
	PatienceRefused Duration `json:"patience_refused,omitempty"`
	// Late: an event that waits for so long raises attention.
	Late Duration `json:"late,omitempty"`
	// Keep is how long an event that could not be delivered is kept, to be
	// delivered when a person says so.
	Keep Duration `json:"keep,omitempty"`
	// Idle is how long the delivering workflow stays after its last event.
	Idle Duration `json:"idle,omitempty"`
	// Backlog bounds the events that are kept, undeliverable ones included.
	Backlog int `json:"backlog,omitempty"`
}

// Subscription is a subscriber as workflows know it.
type Subscription struct {
	Name    string                `json:"name"`
	Types   activities.TypeFilter `json:"types,omitempty"`
	WithPIN bool                  `json:"with_pin,omitempty"`
}

// SubscriptionsOf are what workflows should know of configured subscribers.
func SubscriptionsOf(all []activities.Subscriber) []Subscription {
	var known []Subscription
	for _, subscriber := range all {
		if !subscriber.Off {
			known = append(known, Subscription{Name: subscriber.Name, Types: subscriber.Types, WithPIN: subscriber.WithPIN})
		}
	}
	return known
}

// DefaultEventsPolicy is the timing of a real installation.
func DefaultEventsPolicy() EventsPolicy {
	return EventsPolicy{
		// Front-weighted: a restart or a deployment of the receiver passes in
		// seconds or minutes. Never more than an hour, so that one that comes back
		// the evening before an arrival hears of the PIN in time. 30 attempts a day.
		Spacing: []Duration{5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, 30 * minute, 1 * hour},
		// A day covers a night in which nobody looks, and a working day to mend.
		Patience: 1 * day,
		// An event that is refused by itself holds up those behind it, and most
		// often for good; an hour covers the deployment of a mended receiver.
		PatienceRefused: 1 * hour,
		Late:            15 * minute,
		// A week: long enough for a person to mend the receiver and say so.
		Keep: 7 * day,
		// Longer than any hand-over may be repeated, so that its twin is known.
		Idle: 1 * hour,
		// With some 1 KB each far below the 2 MB that one payload may have.
		Backlog: 200,
	}
}

// WithDefaults fills what is absent from DefaultEventsPolicy, where anybody is to
// be told; else the policy stays empty.
func (p EventsPolicy) WithDefaults() EventsPolicy {
	if len(p.Subscribers) == 0 {
		return p
	}
	d := DefaultEventsPolicy()
	fillList(&p.Spacing, d.Spacing)
	fill(&p.Patience, d.Patience)
	fill(&p.PatienceRefused, d.PatienceRefused)
	fill(&p.Late, d.Late)
	fill(&p.Keep, d.Keep)
	fill(&p.Idle, d.Idle)
	fill(&p.Backlog, d.Backlog)
	return p
}

// Validate says what in the policy cannot work, by the name of its JSON field.
func (p EventsPolicy) Validate() error {
	if len(p.Subscribers) == 0 {
		return nil
	}
	if p.Backlog < 1 || len(p.Spacing) == 0 {
		return errors.New("events.backlog and events.spacing: needs at least one")
	}
	for _, pause := range p.Spacing {
		if pause <= 0 {
			return errors.New("events.spacing: must be positive")
		}
	}
	for _, bound := range p.bounds() {
		if bound.value <= 0 {
			return fmt.Errorf("events.%s: must be positive", bound.field)
		}
	}
	return nil
}

func (p EventsPolicy) bounds() []bound {
	return []bound{
		{"patience", p.Patience}, {"patience_refused", p.PatienceRefused}, {"late", p.Late}, {"keep", p.Keep}, {"idle", p.Idle},
	}
}

// Wanted reports whether anybody is to be told of anything.
func (p EventsPolicy) Wanted() bool { return len(p.Subscribers) > 0 }

// wantedBy are the names of those who want an event.
func (p EventsPolicy) wantedBy(event activities.EventType) []string {
	var names []string
	for _, subscription := range p.Subscribers {
		if subscription.Types.Wants(event) {
			names = append(names, subscription.Name)
		}
	}
	return names
}

// wantsPIN reports whether anybody gets the PIN with an event.
func (p EventsPolicy) wantsPIN(event activities.EventType) bool {
	for _, subscription := range p.Subscribers {
		if subscription.WithPIN && event.CarriesPIN() && subscription.Types.Wants(event) {
			return true
		}
	}
	return false
}

// pauseAfter is the spacing after so many attempts before this one.
func (p EventsPolicy) pauseAfter(tries int) time.Duration {
	if len(p.Spacing) == 0 {
		return hour.D()
	}
	return p.Spacing[min(tries, len(p.Spacing)-1)].D()
}
