// This file tells others what becomes of a stay: it makes events of the news and
// hands them over to the workflow that delivers them. The stay never waits for
// that, and where nobody is to be told it does nothing at all.

package workflows

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Announced is what subscribers were told, of a stay or of a lock.
type Announced[P any] struct {
	// Picture is what they know once Batch has reached them.
	Picture P `json:"picture,omitzero"`
	// Sequence is the number of the last event.
	Sequence int64 `json:"sequence,omitempty"`
	// Batch is being handed over. The next news wait for it and are then the
	// difference from it: so there is never more than one, and order is kept.
	Batch []activities.Event `json:"batch,omitempty"`
	// Trouble is that of handing it over.
	Trouble Trouble `json:"trouble,omitzero"`
}

// attention is raised while others cannot even be told: nobody serves the queue of
// those activities, or Temporal refuses the message.
func (a Announced[P]) attention() Attention {
	if a.Trouble.Tries == 0 {
		return ""
	}
	return AttentionUndelivered
}

// courier names the activities about events; it is nil, as only its method names
// are used.
var courier *activities.Courier

// announce hands the news over, and says when there may be more by time alone.
func (r *reservation) announce(ctx workflow.Context, now time.Time) time.Time {
	announced := &r.state.Announced
	switch {
	case !r.state.Policy.Events.Wanted():
		announced.Batch = nil
		return time.Time{}
	case r.handover != nil:
		return time.Time{}
	case len(announced.Batch) == 0:
		announced.Batch = r.state.takeNews(now)
	}
	switch {
	case len(announced.Batch) == 0:
		return r.state.opensNext(now)
	case now.Before(announced.Trouble.RetryAt):
		return announced.Trouble.RetryAt
	}
	r.handover = handOver(ctx, EventsWorkflowID(r.state.ID), News{Events: announced.Batch, Policy: r.state.Policy.Events})
	return time.Time{}
}

// handOver gives events to the workflow that delivers them, which it starts where
// it does not run. Events that come twice are known by their ids.
func handOver(ctx workflow.Context, workflowID string, message News) workflow.Future {
	to := activities.Recipient{WorkflowID: workflowID, WorkflowType: EventsWorkflowType, Signal: SignalNews.Name}
	summary := fmt.Sprintf("Hand over events to be delivered: %d, up to %s", len(message.Events), message.Events[len(message.Events)-1].Type)
	return workflow.ExecuteActivity(callTemporal(ctx, "hand-over", summary), courier.HandOver, to, message)
}

// landHandover takes in how the hand-over ended. One that failed is repeated: what
// is told is late then, and no door is.
func (r *reservation) landHandover(ctx workflow.Context) {
	if r.handover == nil || !r.handover.IsReady() {
		return
	}
	err := r.handover.Get(ctx, nil)
	r.handover = nil
	r.state.Announced.handedOver(err, workflow.Now(ctx), r.state.Policy.Events)
	if err != nil {
		r.logger.Warn("events could not be handed over; it is tried again", "events", len(r.state.Announced.Batch), "error", err)
	}
}

// handedOver takes in how a hand-over ended.
func (a *Announced[P]) handedOver(err error, now time.Time, policy EventsPolicy) {
	if err == nil {
		a.Batch, a.Trouble = nil, Trouble{}
		return
	}
	a.Trouble = newTrouble(a.Trouble, err, now, policy.pauseAfter)
}

// quiet reports whether nothing is in flight, to a door or to those who are told.
func (r *reservation) quiet() bool { return r.idle() && r.handover == nil }

// takeNews makes events of what has changed since the last ones. The PIN counts as
// told from the moment on at which an event that carries it is handed over.
func (s *State) takeNews(now time.Time) []activities.Event {
	picture := s.picture(s.Announced.Picture, now)
	changes := news(s.Announced.Picture, picture)
	if pin := s.pin(); s.tells(changes, now) && !pin.Told() {
		pin.ToldAt = now
		picture = s.picture(s.Announced.Picture, now)
		changes = news(s.Announced.Picture, picture)
	}
	var events []activities.Event
	for _, about := range changes {
		if len(s.Policy.Events.wantedBy(about.kind)) > 0 {
			events = append(events, s.event(about, picture, now))
		}
	}
	s.Announced.Picture = picture
	return events
}

// tells reports whether some change will carry the PIN to somebody.
func (s *State) tells(changes []change, now time.Time) bool {
	for _, about := range changes {
		if !s.carried(about, now).IsZero() {
			return true
		}
	}
	return false
}

// carried is the PIN that goes with a change: the present one, where somebody asks
// for it and it may be told.
func (s *State) carried(about change, now time.Time) nuki.PIN {
	if !s.Policy.Events.wantsPIN(about.kind) || s.notDisclosable(now) != "" {
		return nuki.PIN{}
	}
	if present := s.pin().PIN; about.door == wholeStay || s.Entries[about.door].PIN == present {
		return present
	}
	return nuki.PIN{}
}

// event is the document of one change. It holds no guest's name.
func (s *State) event(about change, picture Picture, now time.Time) activities.Event {
	s.Announced.Sequence++
	event := activities.Event{
		Type: about.kind, OccurredAt: now, Sequence: s.Announced.Sequence,
		ReservationID: s.ID, Status: string(picture.Status), Attention: words(s.attention(now)),
		ValidFrom: picture.Opens, ValidUntil: picture.Closes,
		Doors: s.eventDoors(about, picture, now), PIN: s.carried(about, now),
	}
	if s.Wish != nil {
		event.Unit = s.Wish.Unit
	}
	if about.door != wholeStay {
		event.SmartlockID = s.Entries[about.door].Lock
	}
	event.ID = eventID(event)
	return event
}

// eventID depends on the event alone, so that a replay finds the same; and on its
// time, so that a run without memory, which counts from 1 again, makes other ones.
func eventID(event activities.Event) string {
	hash := fnv.New128a()
	_, _ = fmt.Fprintf(hash, "%s/%d/%d/%s/%d", event.ReservationID, event.SmartlockID, event.Sequence, event.Type, event.OccurredAt.UnixNano())
	return "evt_" + hex.EncodeToString(hash.Sum(nil))
}
