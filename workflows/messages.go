// This file is the whole contract with callers: workflow types and ids, task
// queues, signals, updates, queries and search attributes.

package workflows

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// Workflow types, as they are registered and as Temporal's tools show them.
const (
	ReservationWorkflowType = activities.ReservationWorkflowType
	SmartlockWorkflowType   = activities.SmartlockWorkflowType
	EventsWorkflowType      = "EventsWorkflow"
)

// Task queues. Activities that call Nuki have one of their own, so that their
// rate can be limited apart from everything else; those about events too, so that
// a receiver that is slow to answer takes nothing from a door.
const (
	TaskQueue       = activities.WorkflowTaskQueue
	NukiTaskQueue   = "keystay-nuki"
	EventsTaskQueue = "keystay-events"
)

const (
	reservationPrefix = "reservation-"
	smartlockPrefix   = "smartlock-"
	// They differ from the first letter on, so that no reservation's id can make the
	// id of a lock's events.
	eventsPrefix       = "events-"
	deviceEventsPrefix = "device-events-"
)

// ReservationWorkflowID is the workflow id of a reservation.
func ReservationWorkflowID(reservation string) string { return reservationPrefix + reservation }

// ReservationID is the inverse of ReservationWorkflowID; empty for another
// workflow's id.
func ReservationID(workflowID string) string {
	id, ok := strings.CutPrefix(workflowID, reservationPrefix)
	if !ok {
		return ""
	}
	return id
}

// SmartlockWorkflowID is the workflow id of a lock's front desk.
func SmartlockWorkflowID(lock int64) string {
	return smartlockPrefix + strconv.FormatInt(lock, 10)
}

// SmartlockID is the inverse of SmartlockWorkflowID; zero for another workflow's
// id.
func SmartlockID(workflowID string) int64 {
	id, _ := strings.CutPrefix(workflowID, smartlockPrefix)
	lock, err := strconv.ParseInt(id, 10, 64)
	if err != nil || SmartlockWorkflowID(lock) != workflowID {
		return 0
	}
	return lock
}

// EventsWorkflowID is the workflow id of what delivers a reservation's events.
func EventsWorkflowID(reservation string) string { return eventsPrefix + reservation }

// DeviceEventsWorkflowID is the workflow id of what delivers a lock's events.
func DeviceEventsWorkflowID(lock int64) string {
	return deviceEventsPrefix + strconv.FormatInt(lock, 10)
}

// ReservationInput starts a ReservationWorkflow. Every field has a default, so
// that any Temporal client can start one: the id comes from the workflow id,
// the wish may come as a signal.
type ReservationInput struct {
	ID     string  `json:"id,omitempty"`
	Wish   *Wish   `json:"wish,omitempty"`
	Policy *Policy `json:"policy,omitempty"`
	// State is carried over by continue-as-new; nobody else sets it.
	State *State `json:"state,omitempty"`
}

// SmartlockInput starts a SmartlockWorkflow.
type SmartlockInput struct {
	// Lock comes from the workflow id where it is zero.
	Lock int64 `json:"lock,omitempty"`
	// Desk is carried over by continue-as-new; nobody else sets it.
	Desk *Desk `json:"desk,omitempty"`
}

// EventsInput starts an EventsWorkflow. Who is told comes with the first signal.
type EventsInput struct {
	// Outbox is carried over by continue-as-new; nobody else sets it.
	Outbox *Outbox `json:"outbox,omitempty"`
}

// Signals. They are durable without a worker, and in order.
var (
	// SignalPut hands a reservation its whole wish, or withdraws it. Both are
	// one signal: among signals of different names that reach one workflow
	// task, the order is lost.
	SignalPut = Signal[Put]{Name: "put"}
	// SignalWake tells a reservation that something happened on a lock. It is
	// a hint to read, never truth.
	SignalWake = Signal[Wake]{Name: "wake"}
	// SignalAttend tells a lock's front desk who wants to be woken.
	SignalAttend = Signal[activities.Attendance]{Name: activities.SignalAttend}
	// SignalAsk asks a lock's front desk for a sync.
	SignalAsk = Signal[Ask]{Name: "ask"}
	// SignalSweep has a reservation remove an entry that it left behind.
	SignalSweep = Signal[activities.Sweep]{Name: activities.SignalSweep}
	// SignalWebhook hands a lock's front desk what Nuki reported.
	SignalWebhook = Signal[nuki.Event]{Name: "webhook"}
	// SignalNews hands events over to the workflow that delivers them.
	SignalNews = Signal[News]{Name: "news"}
)

// UpdateDisclose records that the PIN was told, and answers it. It is refused
// with ErrPINNotReady before the PIN may be disclosed.
var UpdateDisclose = Update[Disclose, Disclosure]{Name: "disclose"}

// UpdateRedeliver delivers again what could not be delivered, and tries at once
// what is waiting. Doing it twice does no harm: receivers know events by their ids.
var UpdateRedeliver = Update[Redeliver, Redelivery]{Name: "redeliver"}

// Queries.
var (
	QueryReservation = Query[View]{Name: "reservation"}
	QuerySmartlock   = Query[DeskView]{Name: "smartlock"}
	QueryEvents      = Query[EventsView]{Name: "events"}
)

// ErrPINNotReady is the error type of a refused disclosure; its detail is a
// Disclosure without the PIN.
const ErrPINNotReady = "pin_not_ready"

// Put is the message of SignalPut.
type Put struct {
	Wish Wish `json:"wish,omitzero"`
	// Withdraw stands in the place of a wish.
	Withdraw *Withdraw `json:"withdraw,omitempty"`
	// Policy is the caller's present policy; absent keeps the one there is.
	Policy *Policy `json:"policy,omitempty"`
}

// Withdraw is DELETE: the wish "cancelled" at a version.
type Withdraw struct {
	// Version of the cancellation; absent means the last one known.
	Version Version `json:"version,omitzero"`
}

// Wake is the message of SignalWake.
type Wake struct {
	Lock   int64      `json:"lock"`
	Reason WakeReason `json:"reason"`
	// Life: a webhook was a sign of life of the lock. What the front desk read by
	// itself is none: the list of a lock that is offline can be read like any other.
	Life bool `json:"life,omitempty"`
	// Sync answers an Ask.
	Sync *SyncNews `json:"sync,omitempty"`
	// Door is what the keypad's log told of the stay.
	Door []DoorNews `json:"door,omitempty"`
	// Advice is what to know of the lock.
	Advice *Advice `json:"advice,omitempty"`
}

// News is the message of SignalNews: events in their order, for whom, and how long
// they are to be tried.
type News struct {
	Events []activities.Event `json:"events"`
	Policy EventsPolicy       `json:"policy"`
}

// Redeliver asks for another attempt at once: for one subscriber or all, and for
// one event or all.
type Redeliver struct {
	Subscriber string `json:"subscriber,omitempty"`
	EventID    string `json:"event_id,omitempty"`
}

// Redelivery answers UpdateRedeliver.
type Redelivery struct {
	// Queued counts the deliveries that had been given up and are tried again.
	Queued int `json:"queued"`
	// Hastened counts those that were waiting and are tried at once.
	Hastened int `json:"hastened"`
}

// WakeReason says what kind of news wakes a reservation.
type WakeReason string

const (
	// WakeEntry: something happened to an entry of the reservation.
	WakeEntry WakeReason = "entry"
	// WakeMark: a sync of the lock has completed.
	WakeMark WakeReason = activities.WaitMark
	// WakeOnline: the lock gave a sign of life.
	WakeOnline WakeReason = activities.WaitOnline
	// WakeSync: an Ask is answered.
	WakeSync WakeReason = "sync"
	// WakeDoor: something happened at the door.
	WakeDoor WakeReason = "door"
	// WakeAdvice: there is something to know of the lock.
	WakeAdvice WakeReason = "advice"
	// WakeAlive: the front desk wants to know whether the reservation still runs.
	WakeAlive WakeReason = "alive"
)

// rank orders the reasons by what they say of the list; zero is no reason to read it.
func (w WakeReason) rank() int {
	switch w {
	case WakeMark:
		return 3
	case WakeEntry:
		return 2
	case WakeOnline:
		return 1
	}
	return 0
}

// Disclose asks for the PIN on behalf of somebody, who is recorded.
type Disclose struct {
	// By names the caller (a token's name or "api"), never a guest.
	By string `json:"by,omitempty"`
}

// Disclosure answers UpdateDisclose; without the PIN it explains a refusal.
type Disclosure struct {
	PIN        nuki.PIN   `json:"pin,omitzero"`
	DiscloseAt DiscloseAt `json:"disclose_at"`
	// Proof is the lowest proof over the required doors.
	Proof      ProofLevel `json:"proof,omitempty"`
	ValidFrom  time.Time  `json:"valid_from,omitzero"`
	ValidUntil time.Time  `json:"valid_until,omitzero"`
	ToldAt     time.Time  `json:"told_at,omitzero"`
	// AvailableWhen says in words what has to happen first.
	AvailableWhen string `json:"available_when,omitempty"`
}

// Search attributes: what ops filter by. Never a guest's name or a PIN.
var (
	AttributeStatus    = temporal.NewSearchAttributeKeyKeyword("KeystayStatus")
	AttributeAttention = temporal.NewSearchAttributeKeyKeywordList("KeystayAttention")
	AttributeUnit      = temporal.NewSearchAttributeKeyKeyword("KeystayUnit")
	AttributeLocks     = temporal.NewSearchAttributeKeyKeywordList("KeystayLocks")
	AttributeCheckIn   = temporal.NewSearchAttributeKeyTime("KeystayCheckIn")
	// AttributeDeadline is check-in until the stay has begun, then its end.
	AttributeDeadline = temporal.NewSearchAttributeKeyTime("KeystayDeadline")
)

// SearchAttributes lists every attribute that a workflow upserts. They must be
// registered before: an unknown one blocks the workflow task without an error
// in the code.
var SearchAttributes = []temporal.SearchAttributeKey{
	AttributeStatus, AttributeAttention, AttributeUnit, AttributeLocks, AttributeCheckIn, AttributeDeadline,
}

// Signal is a signal's name and payload type, declared once for both ends.
type Signal[T any] struct{ Name string }

// Channel returns the channel that a workflow receives the signal from.
func (s Signal[T]) Channel(ctx workflow.Context) workflow.ReceiveChannel {
	return workflow.GetSignalChannel(ctx, s.Name)
}

// Drain returns all signals that have been delivered and not been read.
func (s Signal[T]) Drain(ctx workflow.Context) []T {
	var all []T
	for ch := s.Channel(ctx); ; {
		var message T
		if !ch.ReceiveAsync(&message) {
			return all
		}
		all = append(all, message)
	}
}

// Send signals a running workflow from outside.
func (s Signal[T]) Send(ctx context.Context, c client.Client, workflowID string, message T) error {
	return c.SignalWorkflow(ctx, workflowID, "", s.Name, message)
}

// SendFrom signals a peer from inside a workflow, by id with an empty run id.
func (s Signal[T]) SendFrom(ctx workflow.Context, workflowID string, message T) workflow.Future {
	return workflow.SignalExternalWorkflow(ctx, workflowID, "", s.Name, message)
}

// Query is a query's name and result type, declared once for both ends.
type Query[R any] struct{ Name string }

// Handle registers the query's handler, which must only read.
func (q Query[R]) Handle(ctx workflow.Context, handler func() (R, error)) error {
	return workflow.SetQueryHandler(ctx, q.Name, handler)
}

// Ask queries a workflow from outside. It needs a worker.
func (q Query[R]) Ask(ctx context.Context, c client.Client, workflowID string) (R, error) {
	var result R
	answer, err := c.QueryWorkflow(ctx, workflowID, "", q.Name)
	if err != nil {
		return result, err
	}
	return result, answer.Get(&result)
}

// Update is an update's name, argument and result types.
type Update[A, R any] struct{ Name string }

// Handle registers the update's handler and its validator, which must only
// read.
func (u Update[A, R]) Handle(ctx workflow.Context, handler func(workflow.Context, A) (R, error), validator func(workflow.Context, A) error) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, u.Name, handler, workflow.UpdateHandlerOptions{Validator: validator})
}

// Send performs the update from outside and waits for its result. It needs a
// worker: without one it blocks until ctx ends, and nothing is recorded.
func (u Update[A, R]) Send(ctx context.Context, c client.Client, workflowID, updateID string, argument A) (R, error) {
	var result R
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   workflowID,
		UpdateID:     updateID,
		UpdateName:   u.Name,
		Args:         []any{argument},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return result, err
	}
	return result, handle.Get(ctx, &result)
}
