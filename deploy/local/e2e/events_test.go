// This file tells others what becomes of a stay, on a real Temporal server: with
// receivers that are away, workers that are restarted, and runs that end.

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// receiver is another system that is told.
type receiver struct {
	*testing.T
	subscriber activities.Subscriber

	mu     sync.Mutex
	status int // 0 answers well
	tried  int
	got    []activities.Event
}

// startReceiver is a subscriber of that name, whose address holds a secret.
func startReceiver(t *testing.T, name string) *receiver {
	t.Helper()
	r := &receiver{T: t}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.subscriber = activities.Subscriber{
		Name: name, URL: server.URL + "/hook?key=Schlüsselblume",
		Secret: "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of 24 bytes for "+name)),
	}
	return r
}

// ServeHTTP takes one event in.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried++
	body, _ := io.ReadAll(request.Body)
	verifier, err := standardwebhooks.NewWebhook(r.subscriber.Secret)
	if err == nil {
		err = verifier.Verify(body, request.Header)
	}
	var event activities.Event
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil || request.Header.Get("webhook-id") != event.ID {
		r.Errorf("received %s with %v: %v", body, request.Header, err)
	}
	if r.status != 0 {
		w.WriteHeader(r.status)
		return
	}
	r.got = append(r.got, event)
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tried
}

// events are those received about a reservation, without twins: an attempt whose
// answer was lost may be repeated. Out of order they fail the test, and so does one
// that is missing where all are wanted.
func (r *receiver) events(reservation string) []activities.Event {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []activities.Event
	for _, event := range r.got {
		if event.ReservationID != reservation || len(all) > 0 && all[len(all)-1].ID == event.ID {
			continue
		}
		last := int64(0)
		if len(all) > 0 {
			last = all[len(all)-1].Sequence
		}
		if event.Sequence <= last || len(r.subscriber.Types) == 0 && event.Sequence != last+1 {
			r.Errorf("%s: received no. %d (%s) after no. %d", reservation, event.Sequence, event.Type, last)
		}
		all = append(all, event)
	}
	return all
}

// types are the types of those.
func (r *receiver) types(reservation string) []activities.EventType {
	r.Helper()
	var all []activities.EventType
	for _, event := range r.events(reservation) {
		all = append(all, event.Type)
	}
	return all
}

// awaitTold waits until a receiver has been told something of a reservation.
func (s *system) awaitTold(r *receiver, reservation string, kind activities.EventType) {
	s.Helper()
	s.awaitToldWithin(patience, r, reservation, kind)
}

func (s *system) awaitToldWithin(limit time.Duration, r *receiver, reservation string, kind activities.EventType) {
	s.Helper()
	s.awaitWithin(limit, fmt.Sprintf("%s is told %s of %s", r.subscriber.Name, kind, reservation), func() (bool, string) {
		types := r.types(reservation)
		return slices.Contains(types, kind), fmt.Sprint(types)
	})
}

// lostAttempt is how long an attempt may take that the server gave to a worker as it
// stopped: it is lost until its time of half a minute is over.
const lostAttempt = 2 * patience

// quickEvents is the timing of deliveries in seconds instead of minutes.
func quickEvents() workflows.EventsPolicy {
	const ms = workflows.Duration(time.Millisecond)
	return workflows.EventsPolicy{Spacing: []workflows.Duration{200 * ms, 400 * ms}, Late: 1500 * ms}
}

// telling are the options of a stack that tells these receivers.
func telling(events workflows.EventsPolicy, receivers ...*receiver) stack.Options {
	options := stack.Options{Policy: stack.FastPolicy()}
	options.Policy.Events = events
	for _, r := range receivers {
		options.Subscribers = append(options.Subscribers, r.subscriber)
	}
	return options
}

// eventsView asks the workflow that delivers.
func (s *system) eventsView(reservation string) workflows.EventsView {
	s.Helper()
	view, err := workflows.QueryEvents.Ask(s.Context(), s.Temporal, workflows.EventsWorkflowID(reservation))
	if err != nil {
		s.Fatal(err)
	}
	return view
}

// awaitListed waits until a filter of the Web UI finds these workflows.
func (s *system) awaitListed(query string, want ...string) {
	s.Helper()
	s.await(fmt.Sprintf("the filter %s finds %v", query, want), func() (bool, string) {
		answer, err := s.Temporal.ListWorkflow(s.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace, Query: query})
		if err != nil {
			s.Fatal(err)
		}
		var found []string
		for _, info := range answer.GetExecutions() {
			found = append(found, info.GetExecution().GetWorkflowId())
		}
		return slices.Equal(found, want), fmt.Sprint(found)
	})
}

const eventsInTrouble = `KeystayAttention IS NOT NULL AND WorkflowType = "EventsWorkflow" AND ExecutionStatus = "Running"`

func TestEvents_AReceiverThatWasAwayWhileTheWorkerWasRestartedMissesNothing(t *testing.T) {
	t.Parallel()
	pms, mail := startReceiver(t, "pms"), startReceiver(t, "mail")
	mail.subscriber.Types = activities.TypeFilter{"access.*"}
	options := telling(quickEvents(), pms, mail)
	options.NoWorker = true
	s := start(t, options)
	pms.answer(http.StatusServiceUnavailable)
	stop := s.startWorker(s.CodecKeys)
	s.put("AWAY", stayFrom(inSeconds(6), 6*time.Second, "", frontDoor))
	s.awaitStatus("AWAY", "ready") // The stay waits for nobody.
	s.await("the receiver was tried", func() (bool, string) { return pms.attempts() >= 3, fmt.Sprint(pms.attempts()) })
	s.awaitListed(eventsInTrouble, "events-AWAY")
	s.awaitTold(mail, "AWAY", activities.AccessReady) // One receiver does not wait for another.
	stop()
	pms.answer(0)
	s.startWorker(s.CodecKeys)
	s.awaitToldWithin(lostAttempt, pms, "AWAY", activities.AccessReady)
	s.awaitListed(eventsInTrouble)
	s.awaitTold(pms, "AWAY", activities.AccessRevoked)
	s.awaitTold(mail, "AWAY", activities.AccessRevoked)
	want := []activities.EventType{
		activities.CodeCreated, activities.CodeScheduled, activities.CodeDisclosable, activities.AccessReady,
		activities.CodeSet, activities.CodeRemoved, activities.AccessRevoked,
	}
	got := slices.DeleteFunc(pms.types("AWAY"), func(kind activities.EventType) bool { return !slices.Contains(want, kind) })
	if !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	s.awaitDelivered("AWAY")
	s.checkTidy(workflows.EventsWorkflowID("AWAY"))
	s.checkTidy(workflows.ReservationWorkflowID("AWAY"))
}

// awaitDelivered waits until nothing is left to deliver.
func (s *system) awaitDelivered(reservation string) {
	s.Helper()
	s.await("everything of "+reservation+" is delivered", func() (bool, string) {
		view := s.eventsView(reservation)
		return len(view.Backlog) == 0, fmt.Sprintf("%+v", view)
	})
}

func TestEvents_RunsThatEndLoseNone(t *testing.T) {
	t.Parallel()
	pms := startReceiver(t, "pms")
	options := telling(quickEvents(), pms)
	options.TemporalConfig = map[string]any{"limit.historyCount.suggestContinueAsNew": 80}
	s := start(t, options)
	b := stayFrom(inSeconds(2), time.Hour, "432426", frontDoor)
	s.put("LONG", b)
	s.awaitStatus("LONG", "ready")
	for version := 2; version <= 25; version++ {
		switch version % 8 {
		case 0:
			pms.answer(http.StatusBadGateway)
		case 3:
			pms.answer(0)
		}
		longer := stayFrom(time.Now(), time.Duration(version)*time.Hour, "432426", frontDoor)
		s.put("LONG", b.with(version, booking{"stay": longer["stay"]}))
		time.Sleep(150 * time.Millisecond)
	}
	pms.answer(0)
	s.ask(http.MethodDelete, "/v1/reservations/LONG", nil)
	s.awaitTold(pms, "LONG", activities.AccessRevoked)
	s.awaitDelivered("LONG")
	if runs := len(s.runs(workflows.EventsWorkflowID("LONG"))); runs < 3 {
		t.Errorf("%d runs, want several", runs)
	}
	s.checkTidy(workflows.EventsWorkflowID("LONG"))
	s.checkTidy(workflows.ReservationWorkflowID("LONG"))
}

func TestEvents_TheWorkflowEndsWhenThereIsNoMoreAndComesBack(t *testing.T) {
	t.Parallel()
	pms := startReceiver(t, "pms")
	events := quickEvents()
	events.Idle = workflows.Duration(500 * time.Millisecond)
	s := start(t, telling(events, pms))
	id := workflows.EventsWorkflowID("IDLE")
	s.put("IDLE", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitTold(pms, "IDLE", activities.AccessReady)
	s.await("the workflow ends", func() (bool, string) {
		description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), id, "")
		return err == nil && description.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, fmt.Sprint(err)
	})
	s.checkTidy(id)
	s.ask(http.MethodDelete, "/v1/reservations/IDLE", nil)
	s.awaitTold(pms, "IDLE", activities.AccessRevoked)
}

func TestEvents_AReceiverThatIsGoneIsToldAgainWhenAPersonSaysSo(t *testing.T) {
	t.Parallel()
	pms := startReceiver(t, "pms")
	pms.answer(http.StatusGone)
	s := start(t, telling(quickEvents(), pms))
	s.put("GONE", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("GONE", "ready")
	s.awaitListed(eventsInTrouble, "events-GONE")
	gone := s.eventsView("GONE").Subscribers[0]
	if gone.State != workflows.LineGone || gone.Undelivered == 0 || pms.attempts() != 1 {
		t.Errorf("shown as %+v, after %d attempts", gone, pms.attempts())
	}
	pms.answer(0)
	done, err := workflows.UpdateRedeliver.Send(s.Context(), s.Temporal, workflows.EventsWorkflowID("GONE"), "by-a-person", workflows.Redeliver{Subscriber: "pms"})
	// The stay goes on meanwhile: what it had to say since the view is queued as well.
	if err != nil || done.Queued < gone.Undelivered {
		t.Errorf("redelivered %+v, %v; want at least %d", done, err, gone.Undelivered)
	}
	s.awaitTold(pms, "GONE", activities.CodeCreated)
	s.awaitDelivered("GONE")
	s.awaitListed(eventsInTrouble)
	s.redeliverByHand("GONE")
}

// redeliverByHand sends the update as Temporal's command line tool does, which does
// not seal what it sends.
func (s *system) redeliverByHand(reservation string) {
	s.Helper()
	plain, err := client.Dial(client.Options{HostPort: s.Addresses.Temporal, Namespace: s.Namespace})
	if err != nil {
		s.Fatal(err)
	}
	defer plain.Close()
	handle, err := plain.UpdateWorkflow(s.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.EventsWorkflowID(reservation), UpdateName: workflows.UpdateRedeliver.Name,
		Args: []any{struct{}{}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(s.Context(), nil)
	}
	if err != nil {
		s.Errorf("the update in the clear ended with %v", err)
	}
}

func TestEvents_WhatTheWorkerLacksIsDeliveredByOneThatHasIt(t *testing.T) {
	t.Parallel()
	pms := startReceiver(t, "pms")
	options := telling(quickEvents(), pms)
	options.NoWorker = true
	s := start(t, options)
	stop := s.startWorkerTelling()
	s.put("ROLLING", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("ROLLING", "ready")
	s.await("a worker without the subscriber has tried", func() (bool, string) {
		view := s.eventsView("ROLLING")
		trouble := view.Subscribers[0].LastError
		return trouble != nil && trouble.Type == activities.ErrSubscriberUnknown, fmt.Sprintf("%+v", view)
	})
	stop()
	s.startWorkerTelling(pms.subscriber)
	s.awaitToldWithin(lostAttempt, pms, "ROLLING", activities.AccessReady)
}

// startWorkerTelling starts a worker that is configured for these subscribers.
func (s *system) startWorkerTelling(subscribers ...activities.Subscriber) (stop func()) {
	s.Helper()
	stop, err := s.StartWorkerTelling(s.Context(), s.CodecKeys, subscribers)
	if err != nil {
		s.Fatal(err)
	}
	return stop
}

func TestEvents_NothingIsHandedOverWhereNobodyIsTold(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("QUIET", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("QUIET", "ready")
	if n := s.calls("QUIET", "HandOver"); n > 0 {
		t.Errorf("%d hand-overs", n)
	}
	s.awaitListed(`WorkflowType = "EventsWorkflow"`)
}
