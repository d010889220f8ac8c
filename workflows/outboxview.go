// This file shows what an EventsWorkflow still has to deliver: to a query, and as
// the details in the Web UI. It never shows a PIN.

package workflows

import (
	"fmt"
	"strings"
	"time"

	"github.com/keystay/keystay/activities"
)

// EventsView answers QueryEvents.
type EventsView struct {
	At          time.Time        `json:"at"`
	Attention   []Attention      `json:"attention,omitempty"`
	Subscribers []SubscriberView `json:"subscribers,omitempty"`
	// Backlog are the deliveries that are waiting or were given up, in order.
	Backlog []BacklogView `json:"backlog,omitempty"`
	Lost    int64         `json:"lost,omitempty"`
}

// LineState is how it goes with a subscriber, in one word.
type LineState string

// The words of a subscriber's line.
const (
	// LineIdle: it has got everything.
	LineIdle LineState = "idle"
	// LineDelivering: something is on its way to it.
	LineDelivering LineState = "delivering"
	// LineRetrying: the last attempt failed; the next one is set.
	LineRetrying LineState = "retrying"
	// LineGone: it answered 410 and gets nothing until a person says so.
	LineGone LineState = "gone"
)

// SubscriberView is one subscriber's line.
type SubscriberView struct {
	Name        string    `json:"name"`
	State       LineState `json:"state"`
	Waiting     int       `json:"waiting"`
	Undelivered int       `json:"undelivered"`
	Delivered   int64     `json:"delivered"`
	GoneAt      time.Time `json:"gone_at,omitzero"`
	// LastError is the unbroken series of failures, with the next attempt.
	LastError *Trouble `json:"last_error,omitempty"`
}

// BacklogView is one event that one subscriber has not got.
type BacklogView struct {
	EventID    string               `json:"event_id"`
	Type       activities.EventType `json:"type"`
	OccurredAt time.Time            `json:"occurred_at"`
	Sequence   int64                `json:"sequence"`
	Subscriber string               `json:"subscriber"`
	Since      time.Time            `json:"since"`
	GivenUp    string               `json:"given_up,omitempty"`
	GivenUpAt  time.Time            `json:"given_up_at,omitzero"`
}

func (o *Outbox) view(now time.Time) EventsView {
	view := EventsView{At: now, Attention: o.attention(now), Lost: o.Lost}
	for _, queued := range o.Queue {
		for _, due := range queued.To {
			view.Backlog = append(view.Backlog, BacklogView{
				EventID: queued.Event.ID, Type: queued.Event.Type, OccurredAt: queued.Event.OccurredAt, Sequence: queued.Event.Sequence,
				Subscriber: due.Subscriber, Since: due.Since, GivenUp: due.GivenUp, GivenUpAt: due.GivenUpAt,
			})
		}
	}
	for _, line := range o.Lines {
		view.Subscribers = append(view.Subscribers, line.view(view.Backlog))
	}
	return view
}

func (l Line) view(backlog []BacklogView) SubscriberView {
	view := SubscriberView{Name: l.Name, Delivered: l.Delivered, GoneAt: l.GoneAt}
	for _, delivery := range backlog {
		if delivery.Subscriber == l.Name {
			view.Waiting += one(delivery.GivenUp == "")
			view.Undelivered += one(delivery.GivenUp != "")
		}
	}
	if l.Trouble.Type != "" {
		trouble := l.Trouble
		view.LastError = &trouble
	}
	view.State = view.state()
	return view
}

func (v SubscriberView) state() LineState {
	switch {
	case !v.GoneAt.IsZero():
		return LineGone
	case v.Waiting == 0:
		return LineIdle
	case v.LastError != nil:
		return LineRetrying
	}
	return LineDelivering
}

// maxListed is how much of a backlog the details list; the query has all of it.
const maxListed = 20

// details is the Markdown that the Web UI shows.
func (o *Outbox) details(now time.Time) string {
	var text strings.Builder
	view := o.view(now)
	fmt.Fprintf(&text, "### Waiting or given up: %d\n", len(view.Backlog))
	writeAttention(&text, view.Attention)
	text.WriteString("| subscriber | state | waiting | given up | delivered | last error | next attempt |\n|---|---|---|---|---|---|---|\n")
	for _, s := range view.Subscribers {
		problem, next := "", time.Time{}
		if s.LastError != nil {
			problem, next = fmt.Sprintf("%s (%d times since %s)", s.LastError.Message, s.LastError.Tries, stamp(s.LastError.Since)), s.LastError.RetryAt
		}
		fmt.Fprintf(&text, "| %s | %s | %d | %d | %d | %s | %s |\n", s.Name, s.State, s.Waiting, s.Undelivered, s.Delivered, orDash(problem), stamp(next))
	}
	writeBacklog(&text, view.Backlog)
	if len(view.Attention) > 0 {
		text.WriteString("\nOnce the receiver is mended, the update `redeliver` tries everything again at once.\n")
	}
	return text.String()
}

func writeBacklog(text *strings.Builder, backlog []BacklogView) {
	if len(backlog) == 0 {
		return
	}
	text.WriteString("\n| no. | event | for | since | given up |\n|---|---|---|---|---|\n")
	for _, d := range backlog[:min(len(backlog), maxListed)] {
		givenUp := orDash(d.GivenUp)
		if d.GivenUp != "" {
			givenUp += ", " + stamp(d.GivenUpAt)
		}
		fmt.Fprintf(text, "| %d | %s | %s | %s | %s |\n", d.Sequence, d.Type, d.Subscriber, stamp(d.Since), givenUp)
	}
	if more := len(backlog) - maxListed; more > 0 {
		fmt.Fprintf(text, "\nand %d more\n", more)
	}
}
