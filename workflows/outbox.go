// This file is what an EventsWorkflow remembers: which events are still to be
// delivered to whom, and how each subscriber's line goes. Pure: no workflow, no
// effects.
//
// Order is kept for each subscriber: what is behind waits while the first one is
// being tried, as an "access.revoked" before the "access.ready" that it ends would
// leave the receiver with a guest who does not exist, and an older PIN after a
// newer one with a code that does not open. A receiver that is down is down for
// all of them anyway. But nothing waits for ever: an event that could not be
// delivered in its time is given up, kept apart, and the next ones go on.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// Outbox is everything an EventsWorkflow knows; continue-as-new carries it over.
type Outbox struct {
	// Policy came with the last message.
	Policy EventsPolicy `json:"policy"`
	// Queue is what somebody has not got yet, in order.
	Queue []Queued `json:"queue,omitempty"`
	// Lines are the subscribers that anything was ever for, as they came.
	Lines []Line `json:"lines,omitempty"`
	// Known are the ids of the last events taken, against twins.
	Known []string `json:"known,omitempty"`
	// Lost counts deliveries that were forgotten, as the backlog was full or they
	// had been kept long enough.
	Lost int64 `json:"lost,omitempty"`
	// ActiveAt is when anything last happened.
	ActiveAt time.Time `json:"active_at,omitzero"`
	// Shown is what the attribute holds, so that it changes only on change.
	Shown []Attention `json:"shown,omitempty"`
}

// Queued is one event and those who have not got it.
type Queued struct {
	Event activities.Event `json:"event"`
	To    []Due            `json:"to"`
}

// Due is one event for one subscriber.
type Due struct {
	Subscriber string `json:"subscriber"`
	// Since is when it was handed over, or was last asked to be tried again.
	Since time.Time `json:"since"`
	// GivenUp says why it is not tried any more; empty while it is.
	GivenUp   string    `json:"given_up,omitempty"`
	GivenUpAt time.Time `json:"given_up_at,omitzero"`
}

// Line is how it goes with one subscriber.
type Line struct {
	Name string `json:"name"`
	// Trouble is the unbroken series of failures up to now.
	Trouble Trouble `json:"trouble,omitzero"`
	// GoneAt is when it answered that it wants no more events; none are sent to it
	// until a person says so.
	GoneAt    time.Time `json:"gone_at,omitzero"`
	Delivered int64     `json:"delivered,omitempty"`
}

// maxKnown is more than any two hand-overs have together: only the last one may
// come twice.
const maxKnown = 500

// take queues events for those who want them. One that was taken before is a twin.
func (o *Outbox) take(message News, now time.Time) {
	o.ActiveAt = now
	if message.Policy.Wanted() {
		o.Policy = message.Policy.WithDefaults()
	}
	for _, event := range message.Events {
		if slices.Contains(o.Known, event.ID) {
			continue
		}
		o.Known = append(o.Known, event.ID)
		o.queue(event, now)
	}
	o.Known = o.Known[max(len(o.Known)-maxKnown, 0):]
	for len(o.Queue) > max(o.Policy.Backlog, 1) {
		o.forgetOne()
	}
}

func (o *Outbox) queue(event activities.Event, now time.Time) {
	queued := Queued{Event: event}
	for _, name := range o.Policy.wantedBy(event.Type) {
		line := o.line(name)
		if !line.GoneAt.IsZero() { // Kept: what redeliver brings must be whole.
			queued.To = append(queued.To, Due{Subscriber: name, Since: now, GivenUp: activities.ErrReceiverGone, GivenUpAt: now})
			continue
		}
		if o.first(name) == nil {
			line.Trouble.RetryAt = time.Time{} // It may have come back.
		}
		queued.To = append(queued.To, Due{Subscriber: name, Since: now})
	}
	if len(queued.To) > 0 {
		o.Queue = append(o.Queue, queued)
	}
}

// forgetOne makes room: of the oldest event that nobody tries to deliver any more,
// else of the oldest.
func (o *Outbox) forgetOne() {
	at := slices.IndexFunc(o.Queue, func(q Queued) bool { return !slices.ContainsFunc(q.To, Due.tried) })
	at = max(at, 0)
	o.Lost += int64(len(o.Queue[at].To))
	o.Queue = slices.Delete(o.Queue, at, at+1)
}

func (d Due) tried() bool { return d.GivenUp == "" }

// line is a subscriber's, made where there is none. The pointer holds until the
// next one is made.
func (o *Outbox) line(name string) *Line {
	for i := range o.Lines {
		if o.Lines[i].Name == name {
			return &o.Lines[i]
		}
	}
	o.Lines = append(o.Lines, Line{Name: name})
	return &o.Lines[len(o.Lines)-1]
}

// first is the event that a subscriber should get next; nil without one.
func (o *Outbox) first(name string) *Queued {
	for i := range o.Queue {
		if due := o.Queue[i].due(name); due != nil && due.tried() {
			return &o.Queue[i]
		}
	}
	return nil
}

func (q *Queued) due(name string) *Due {
	for i := range q.To {
		if q.To[i].Subscriber == name {
			return &q.To[i]
		}
	}
	return nil
}

// nextFor is the event to send to a subscriber now, or when one may be sent; zero
// where there is none.
func (o *Outbox) nextFor(name string, now time.Time) (*activities.Event, time.Time) {
	queued := o.first(name)
	if queued == nil {
		return nil, time.Time{}
	}
	if at := o.line(name).Trouble.RetryAt; now.Before(at) {
		return nil, at
	}
	return &queued.Event, time.Time{}
}

// delivered takes in that a subscriber has got an event.
func (o *Outbox) delivered(name, eventID string, now time.Time) {
	line := o.line(name)
	line.Trouble, o.ActiveAt = Trouble{}, now
	line.Delivered++
	o.drop(func(q *Queued, d Due) bool { return d.Subscriber == name && q.Event.ID == eventID })
}

// drop takes deliveries away, and events that are left to nobody.
func (o *Outbox) drop(which func(*Queued, Due) bool) {
	for i := range o.Queue {
		queued := &o.Queue[i]
		queued.To = slices.DeleteFunc(queued.To, func(d Due) bool { return which(queued, d) })
	}
	o.Queue = slices.DeleteFunc(o.Queue, func(q Queued) bool { return len(q.To) == 0 })
}

// failed takes in one more failed attempt: when to try again, and what to give up.
func (o *Outbox) failed(name, eventID string, err error, now time.Time) {
	line := o.line(name)
	before := line.Trouble
	line.Trouble, o.ActiveAt = newTrouble(before, err, now, o.Policy.pauseAfter), now
	if o.patience(before.Type) != o.patience(line.Trouble.Type) {
		line.Trouble.Since = now // Another kind of trouble: its time begins now.
	}
	switch kind := line.Trouble.Type; kind {
	case activities.ErrReceiverGone:
		line.GoneAt = now
		o.giveUp(kind, now, func(_ *Queued, d *Due) bool { return d.Subscriber == name })
	case activities.ErrEventRefused:
		if o.giveUp(kind, now, func(q *Queued, d *Due) bool {
			return d.Subscriber == name && q.Event.ID == eventID && o.tooLong(*d, *line, now)
		}) {
			line.Trouble = Trouble{} // The next one may be taken at once.
		}
	default:
		o.giveUp(kind, now, func(_ *Queued, d *Due) bool { return d.Subscriber == name && o.tooLong(*d, *line, now) })
	}
}

// giveUp keeps deliveries apart that are not tried any more.
func (o *Outbox) giveUp(why string, now time.Time, which func(*Queued, *Due) bool) (any bool) {
	for i := range o.Queue {
		for j := range o.Queue[i].To {
			if due := &o.Queue[i].To[j]; due.tried() && which(&o.Queue[i], due) {
				due.GivenUp, due.GivenUpAt = why, now
				any = true
			}
		}
	}
	return any
}

// tooLong reports whether a delivery has waited, and the line has failed, for as long as
// patience lasts: time without a worker is no failure.
func (o *Outbox) tooLong(due Due, line Line, now time.Time) bool {
	return now.Sub(latest(due.Since, line.Trouble.Since)) >= o.patience(line.Trouble.Type)
}

// patience with a kind of failure.
func (o *Outbox) patience(kind string) time.Duration {
	if kind == activities.ErrEventRefused || kind == activities.ErrSubscriberUnknown {
		return o.Policy.PatienceRefused.D()
	}
	return o.Policy.Patience.D()
}

// expire forgets what was kept for a person for long enough.
func (o *Outbox) expire(now time.Time) {
	o.drop(func(_ *Queued, d Due) bool {
		old := !d.tried() && !now.Before(d.GivenUpAt.Add(o.Policy.Keep.D()))
		o.Lost += int64(one(old))
		return old
	})
}

// changesAt is when something happens by time alone: attention, or forgetting, or
// the end of an outbox that is empty.
func (o *Outbox) changesAt(now time.Time) time.Time {
	var next time.Time
	for _, queued := range o.Queue {
		for _, due := range queued.To {
			if !due.tried() {
				next = earliest(next, due.GivenUpAt.Add(o.Policy.Keep.D()))
			} else if late := due.Since.Add(o.Policy.Late.D()); late.After(now) {
				next = earliest(next, late)
			}
		}
	}
	if o.empty() {
		next = o.ActiveAt.Add(o.Policy.Idle.D())
	}
	return next
}

// empty reports whether nothing is left to deliver or to keep.
func (o *Outbox) empty() bool { return len(o.Queue) == 0 }

// finished reports whether it is empty, and nothing has come for a while.
func (o *Outbox) finished(now time.Time) bool {
	return o.empty() && !now.Before(o.ActiveAt.Add(o.Policy.Idle.D()))
}

// redeliver tries at once what was given up or is waiting.
func (o *Outbox) redeliver(ask Redeliver, now time.Time) Redelivery {
	var done Redelivery
	o.ActiveAt = now
	for i := range o.Lines {
		if line := &o.Lines[i]; ask.Subscriber == "" || ask.Subscriber == line.Name {
			line.GoneAt, line.Trouble = time.Time{}, Trouble{}
		}
	}
	for i := range o.Queue {
		queued := &o.Queue[i]
		for j := range queued.To {
			due := &queued.To[j]
			if !ask.means(queued.Event.ID, due.Subscriber) {
				continue
			}
			done.Queued += one(!due.tried())
			done.Hastened += one(due.tried())
			due.Since, due.GivenUp, due.GivenUpAt = now, "", time.Time{}
		}
	}
	return done
}

func (r Redeliver) means(eventID, subscriber string) bool {
	return (r.EventID == "" || r.EventID == eventID) && (r.Subscriber == "" || r.Subscriber == subscriber)
}

// knows reports whether a redelivery can mean anybody.
func (o *Outbox) knows(ask Redeliver) bool {
	return ask.Subscriber == "" || slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Name == ask.Subscriber })
}

// attention lists the reasons why a person should look, sorted.
func (o *Outbox) attention(now time.Time) []Attention {
	var all []Attention
	add := func(word Attention, when bool) {
		if when && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	for _, line := range o.Lines {
		add(AttentionReceiverGone, !line.GoneAt.IsZero())
	}
	for _, queued := range o.Queue {
		for _, due := range queued.To {
			add(AttentionUndelivered, !due.tried())
			add(AttentionReceiverDown, due.tried() && !now.Before(due.Since.Add(o.Policy.Late.D())))
		}
	}
	slices.Sort(all)
	return all
}
