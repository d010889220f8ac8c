// This file runs EventsWorkflow on virtual time against receivers that answer over
// HTTP.

package workflows_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// post is an EventsWorkflow on virtual time, and the receivers it delivers to.
type post struct {
	*testing.T
	env *testsuite.TestWorkflowEnvironment

	mu sync.Mutex
	// answers are the receivers' statuses by name; 200 where there is none. got are
	// the events that were answered 2xx, tried counts the attempts.
	answers map[string]int
	got     map[string][]int64
	tried   map[string]int
}

// newPost has receivers of these names.
func newPost(t *testing.T, names ...string) *post {
	t.Helper()
	p := &post{T: t, env: newSuite().NewTestWorkflowEnvironment(), answers: map[string]int{}, got: map[string][]int64{}, tried: map[string]int{}}
	p.env.SetStartTime(booked)
	p.env.SetTestTimeout(time.Minute)
	server := httptest.NewServer(http.HandlerFunc(p.receive))
	t.Cleanup(server.Close)
	courier := &activities.Courier{}
	for _, name := range names {
		courier.Subscribers = append(courier.Subscribers, activities.Subscriber{
			Name: name, URL: server.URL + "/" + name, Secret: "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		})
	}
	workflows.Register(p.env)
	p.env.RegisterActivity(courier)
	return p
}

func (p *post) receive(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	body, _ := io.ReadAll(r.Body)
	var event activities.Event
	if err := json.Unmarshal(body, &event); err != nil {
		p.Errorf("a receiver got %q: %v", body, err)
	}
	p.tried[name]++
	status := p.answers[name]
	if status == 0 {
		status = http.StatusOK
		p.got[name] = append(p.got[name], event.Sequence)
	}
	w.WriteHeader(status)
}

// answer has a receiver answer so from a moment on; 0 is well.
func (p *post) answer(after time.Duration, name string, status int) {
	p.at(after, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.answers[name] = status
	})
}

func (p *post) at(after time.Duration, do func()) { p.env.RegisterDelayedCallback(do, after) }

// tell hands events of these numbers over, for all receivers.
func (p *post) tell(after time.Duration, policy workflows.EventsPolicy, numbers ...int) {
	p.at(after, func() { p.env.SignalWorkflow(workflows.SignalNews.Name, newsOf(policy, numbers...)) })
}

func newsOf(policy workflows.EventsPolicy, numbers ...int) workflows.News {
	message := workflows.News{Policy: policy}
	for _, n := range numbers {
		message.Events = append(message.Events, activities.Event{
			ID: fmt.Sprint("evt_", n), Type: activities.CodeDisclosable, Sequence: int64(n), ReservationID: "TEST-0805", PIN: nuki.CodeOf(432426),
		})
	}
	return message
}

// toldTo is the policy with these subscribers.
func toldTo(names ...string) workflows.EventsPolicy {
	var policy workflows.EventsPolicy
	for _, name := range names {
		policy.Subscribers = append(policy.Subscribers, workflows.Subscription{Name: name})
	}
	return policy
}

// run runs the workflow to its end, and answers when that was.
func (p *post) run() time.Duration {
	p.Helper()
	p.env.ExecuteWorkflow(workflows.EventsWorkflowType, workflows.EventsInput{})
	return p.env.Now().Sub(booked).Round(time.Second)
}

// view asks the workflow how it goes.
func (p *post) view() workflows.EventsView {
	p.Helper()
	answer, err := p.env.QueryWorkflow(workflows.QueryEvents.Name)
	if err != nil {
		p.Fatal(err)
	}
	var view workflows.EventsView
	if err := answer.Get(&view); err != nil {
		p.Fatal(err)
	}
	return view
}

func (p *post) wantGot(name string, want ...int64) {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.got[name], want) {
		p.Errorf("%s got %v, want %v", name, p.got[name], want)
	}
}

// wantShown checks at a moment how one subscriber's line is shown.
func (p *post) wantShown(after time.Duration, name string, want workflows.LineState, waiting, undelivered int, attention ...workflows.Attention) {
	p.at(after, func() {
		view := p.view()
		at := slices.IndexFunc(view.Subscribers, func(s workflows.SubscriberView) bool { return s.Name == name })
		if at < 0 {
			p.Fatalf("%s: no line %s in %+v", after, name, view)
		}
		line := view.Subscribers[at]
		if line.State != want || line.Waiting != waiting || line.Undelivered != undelivered || !slices.Equal(view.Attention, attention) {
			p.Errorf("after %s: %+v, attention %v; want %s, %d waiting, %d given up, attention %v",
				after, line, view.Attention, want, waiting, undelivered, attention)
		}
	})
}

// redeliver performs the update at a moment.
func (p *post) redeliver(after time.Duration, ask workflows.Redeliver, want workflows.Redelivery) {
	p.at(after, func() {
		p.env.UpdateWorkflow(workflows.UpdateRedeliver.Name, after.String(), &redelivering{p.T, want}, ask)
	})
}

type redelivering struct {
	*testing.T
	want workflows.Redelivery
}

func (r *redelivering) Accept()          {}
func (r *redelivering) Reject(err error) { r.Errorf("the redelivery was refused: %v", err) }
func (r *redelivering) Complete(answer any, err error) {
	if got, ok := answer.(workflows.Redelivery); !ok || err != nil || got != r.want {
		r.Errorf("redelivered %+v, %v; want %+v", answer, err, r.want)
	}
}

func TestEventsWorkflow_DeliversInOrderAndEndsWhenThereIsNoMore(t *testing.T) {
	p := newPost(t, "pms", "mail")
	p.tell(0, toldTo("pms", "mail"), 1, 2)
	p.tell(30*time.Minute, toldTo("pms", "mail"), 2, 3) // 2 is handed over twice.
	p.wantShown(40*time.Minute, "pms", workflows.LineIdle, 0, 0)
	if ended := p.run(); ended != 90*time.Minute || p.env.GetWorkflowError() != nil {
		t.Errorf("ended after %s with %v, want after an hour without news", ended, p.env.GetWorkflowError())
	}
	p.wantGot("pms", 1, 2, 3)
	p.wantGot("mail", 1, 2, 3)
}

func TestEventsWorkflow_AReceiverThatIsDownForTheNightMissesNothing(t *testing.T) {
	p := newPost(t, "pms", "mail")
	p.answer(0, "pms", http.StatusBadGateway)
	p.tell(0, toldTo("pms", "mail"), 1, 2)
	p.tell(8*time.Hour, toldTo("pms", "mail"), 3)
	p.wantShown(9*time.Hour, "pms", workflows.LineRetrying, 3, 0, workflows.AttentionReceiverDown)
	p.wantShown(9*time.Hour, "mail", workflows.LineIdle, 0, 0, workflows.AttentionReceiverDown)
	p.answer(23*time.Hour, "pms", 0)
	p.wantShown(24*time.Hour, "pms", workflows.LineIdle, 0, 0)
	p.run()
	p.wantGot("pms", 1, 2, 3)
	p.wantGot("mail", 1, 2, 3)
	if tried := p.tried["pms"]; tried < 25 || tried > 35 {
		t.Errorf("the receiver was asked %d times in 23 hours", tried)
	}
}

func TestEventsWorkflow_WhatCannotBeDeliveredInADayIsKeptForAPerson(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusServiceUnavailable)
	p.tell(0, toldTo("pms"), 1, 2)
	p.tell(20*time.Hour, toldTo("pms"), 3)
	p.wantShown(26*time.Hour, "pms", workflows.LineRetrying, 1, 2, workflows.AttentionUndelivered, workflows.AttentionReceiverDown)
	p.answer(30*time.Hour, "pms", 0)
	p.wantShown(32*time.Hour, "pms", workflows.LineIdle, 0, 2, workflows.AttentionUndelivered)
	p.at(32*time.Hour, func() { p.wantGot("pms", 3) })
	p.redeliver(48*time.Hour, workflows.Redeliver{}, workflows.Redelivery{Queued: 2})
	p.wantShown(48*time.Hour+time.Minute, "pms", workflows.LineIdle, 0, 0)
	if ended := p.run(); ended != 49*time.Hour {
		t.Errorf("ended after %s, want an hour after the redelivery", ended)
	}
	p.wantGot("pms", 3, 1, 2)
}

func TestEventsWorkflow_WhatNobodyAsksForIsForgottenAfterAWeek(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusUnprocessableEntity)
	p.tell(0, toldTo("pms"), 1)
	p.answer(5*time.Hour, "pms", 0)
	p.tell(6*time.Hour, toldTo("pms"), 2)
	// Given up after 1:52:35 of refusals, and kept for a week after that.
	p.wantShown(8*24*time.Hour-23*time.Hour, "pms", workflows.LineIdle, 0, 1, workflows.AttentionUndelivered)
	if ended, want := p.run(), 7*24*time.Hour+time.Hour+52*time.Minute+35*time.Second; ended != want {
		t.Errorf("ended after %s, want %s", ended, want)
	}
	p.wantGot("pms", 2)
}

func TestEventsWorkflow_AReceiverThatIsGoneIsAskedNoMore(t *testing.T) {
	p := newPost(t, "pms", "mail")
	p.answer(0, "pms", http.StatusGone)
	p.tell(0, toldTo("pms", "mail"), 1, 2)
	p.tell(time.Hour, toldTo("pms", "mail"), 3)
	gone := []workflows.Attention{workflows.AttentionUndelivered, workflows.AttentionReceiverGone}
	p.wantShown(2*time.Hour, "pms", workflows.LineGone, 0, 3, gone...)
	p.at(2*time.Hour, func() {
		if p.tried["pms"] != 1 {
			t.Errorf("a receiver that is gone was asked %d times", p.tried["pms"])
		}
	})
	p.answer(3*time.Hour, "pms", 0)
	p.redeliver(4*time.Hour, workflows.Redeliver{Subscriber: "pms"}, workflows.Redelivery{Queued: 3})
	p.tell(4*time.Hour+time.Minute, toldTo("pms", "mail"), 4)
	p.run()
	p.wantGot("pms", 1, 2, 3, 4)
	p.wantGot("mail", 1, 2, 3, 4)
}

func TestEventsWorkflow_ARedeliveryDoesNotWaitForTheNextAttempt(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusInternalServerError)
	p.tell(0, toldTo("pms"), 1)
	p.answer(5*time.Hour, "pms", 0)
	p.redeliver(5*time.Hour, workflows.Redeliver{}, workflows.Redelivery{Hastened: 1})
	p.at(5*time.Hour+time.Second, func() { p.wantGot("pms", 1) })
	p.run()
}

func TestEventsWorkflow_ARedeliveryThatCanMeanNobodyIsRefused(t *testing.T) {
	p := newPost(t, "pms")
	p.tell(0, toldTo("pms"), 1)
	refused := &refusal{}
	p.at(time.Minute, func() {
		p.env.UpdateWorkflow(workflows.UpdateRedeliver.Name, "u", refused, workflows.Redeliver{Subscriber: "smp"})
	})
	p.run()
	var application *temporal.ApplicationError
	if !errors.As(refused.err, &application) || application.Type() != workflows.ErrNoSuchSubscriber {
		t.Errorf("refused with %v", refused.err)
	}
}

type refusal struct{ err error }

func (*refusal) Accept()             {}
func (r *refusal) Reject(err error)  { r.err = err }
func (*refusal) Complete(any, error) {}

func TestEventsWorkflow_ContinuesAsNewWithAllThatIsLeft(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusBadGateway)
	p.tell(0, toldTo("pms"), 1, 2)
	p.at(time.Hour, func() {
		p.env.SetContinueAsNewSuggested(true)
		p.env.SignalWorkflow(workflows.SignalNews.Name, newsOf(toldTo("pms"), 3))
	})
	p.run()
	input := p.continued()
	var left []int64
	for _, queued := range input.Outbox.Queue {
		left = append(left, queued.Event.Sequence)
	}
	if !slices.Equal(left, []int64{1, 2, 3}) || input.Outbox.Queue[0].Event.PIN.Reveal() != "432426" {
		t.Errorf("carried over: %v", left)
	}
}

// continued is what the run was continued with.
func (p *post) continued() workflows.EventsInput {
	p.Helper()
	var next *workflow.ContinueAsNewError
	if !errors.As(p.env.GetWorkflowError(), &next) {
		p.Fatalf("ended with %v, want another run", p.env.GetWorkflowError())
	}
	var input workflows.EventsInput
	if err := json.Unmarshal(next.Input.GetPayloads()[0].GetData(), &input); err != nil || input.Outbox == nil {
		p.Fatalf("continued with %s: %v", next.Input, err)
	}
	return input
}

func TestEventsWorkflow_ACancelRequestThrowsTheBacklogAway(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusBadGateway)
	p.tell(0, toldTo("pms"), 1, 2)
	p.at(time.Hour, p.env.CancelWorkflow)
	ended := p.run()
	var cancelled *temporal.CanceledError
	if ended != time.Hour || !errors.As(p.env.GetWorkflowError(), &cancelled) {
		t.Errorf("ended after %s with %v", ended, p.env.GetWorkflowError())
	}
	p.wantGot("pms")
}

func TestEventsWorkflow_ShowsNoPIN(t *testing.T) {
	p := newPost(t, "pms")
	p.answer(0, "pms", http.StatusBadGateway)
	p.tell(0, toldTo("pms"), 1)
	p.at(time.Minute, func() {
		text, err := json.Marshal(p.view())
		if err != nil || !strings.Contains(string(text), "access_code.disclosable") || strings.Contains(string(text), "432426") {
			t.Errorf("shown: %s, %v", text, err)
		}
	})
	p.answer(2*time.Minute, "pms", 0)
	p.run()
}
