// This file runs Keystay in a world: the reservations' and the locks' workflows
// in the SDK's test environment, on virtual time.

package campaign

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"

	enumspb "go.temporal.io/api/enums/v1"
)

// keystayWorld is one world under way with Keystay in it.
type keystayWorld struct {
	*stage
	env    *testsuite.TestWorkflowEnvironment
	keypad *activities.Keypad
	// claims are what was said last of stays, views what shows them.
	claims map[string]Claim
	views  map[string]func() (workflows.View, error)
	links  links
	// armed is when the simulation is moved on next.
	armed time.Time
	// calls counts activities.
	calls int
	// begun are the reservations whose workflow runs, brought the PINs that came
	// with a booking: its guest knows it, and is not told again by an extension.
	begun   map[string]bool
	brought map[string]nuki.PIN
}

// Keystay runs a world with Keystay in it.
func Keystay(plan *Plan, keep bool) (*Log, error) {
	w := &keystayWorld{claims: map[string]Claim{}, views: map[string]func() (workflows.View, error){}, begun: map[string]bool{}, brought: map[string]nuki.PIN{}, links: newLinks()}
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	w.env = suite.NewTestWorkflowEnvironment()
	w.env.SetStartTime(plan.Begins)
	w.env.SetTestTimeout(10 * time.Minute)
	w.env.SetDetachedChildWait(false)
	w.env.SetWorkerOptions(worker.Options{
		Interceptors:             []interceptor.WorkerInterceptor{&dispatcher{world: w}},
		DeadlockDetectionTimeout: time.Minute,
	})
	stage, err := newStage(plan, w.env.Now, w.hear, keep)
	if err != nil {
		return nil, err
	}
	w.stage = stage
	w.moved, w.report = w.arm, w.pullReport
	w.keypad = &activities.Keypad{
		Nuki: stage.client, Desk: desks{w}, Attempt: attemptOf, Random: random(plan.Seed), PrintKey: []byte(secret),
		Now: w.env.Now, Asked: askedOf, ReadGap: readGap,
	}
	w.schedule()
	workflows.Register(w.env)
	w.env.RegisterWorkflowWithOptions(w.run, workflow.RegisterOptions{Name: "World"})
	w.env.ExecuteWorkflow("World")
	return w.log, w.env.GetWorkflowError()
}

// random makes the PINs of one world.
func random(seed uint64) *rand.ChaCha8 {
	var key [32]byte
	for i := range key {
		key[i] = byte(mixed(seed, "pins", i))
	}
	return rand.NewChaCha8(key)
}

// schedule puts what people do on the agenda.
func (w *keystayWorld) schedule() {
	for _, stay := range w.plan.Stays {
		for _, at := range stay.asks() {
			w.agenda.add(at, func() { w.ask(stay) })
		}
	}
}

// run is the world: its locks' workflows first, one by one, then whatever is on
// the agenda. A booking starts its reservation's workflow, as the API would.
func (w *keystayWorld) run(ctx workflow.Context) error {
	for _, lock := range w.plan.Locks {
		input := workflows.SmartlockInput{Lock: lock.ID}
		if err := begin(ctx, workflows.SmartlockWorkflowID(lock.ID), workflows.SmartlockWorkflowType, input); err != nil {
			return err
		}
	}
	messages := w.messages()
	for {
		at, ok := w.agenda.next()
		if len(messages) > 0 && (!ok || messages[0].At.Before(at)) {
			at, ok = messages[0].At, true
		}
		if !ok || at.After(w.plan.Ends) {
			return workflow.Sleep(ctx, w.plan.Ends.Sub(workflow.Now(ctx)))
		}
		if err := workflow.Sleep(ctx, at.Sub(workflow.Now(ctx))); err != nil {
			return err
		}
		for len(messages) > 0 && !messages[0].At.After(at) {
			if err := w.put(ctx, messages[0]); err != nil {
				return err
			}
			messages = messages[1:]
		}
		w.agenda.run(at)
		w.arm()
	}
}

// begin starts a child and waits until it runs: two at once could start in any
// order.
func begin(ctx workflow.Context, id, kind string, input any) error {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: id, TaskQueue: activities.WorkflowTaskQueue, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_TERMINATE,
	})
	return workflow.ExecuteChildWorkflow(ctx, kind, input).GetChildWorkflowExecution().Get(ctx, nil)
}

// put sends a booking's message as SignalWithStart does.
func (w *keystayWorld) put(ctx workflow.Context, message stayMessage) error {
	id := workflows.ReservationWorkflowID(message.stay.ID)
	w.log.said(w.now(), message.stay.ID, message.describe())
	if !w.begun[message.stay.ID] {
		w.begun[message.stay.ID] = true
		if err := begin(ctx, id, workflows.ReservationWorkflowType, workflows.ReservationInput{ID: message.stay.ID}); err != nil {
			return err
		}
	}
	if pin, ok := supplied(message.Wish); ok && pin != w.brought[message.stay.ID] {
		w.brought[message.stay.ID] = pin
		w.tell(message.stay, pin)
	}
	return w.env.SignalWorkflowByID(id, workflows.SignalPut.Name, workflows.Put{Wish: message.Wish, Policy: &oneRun})
}

// oneRun is the default policy without continue-as-new: the test environment has
// no place for a signal that comes between two runs. Tests on a real server have.
var oneRun = func() workflows.Policy {
	policy := workflows.DefaultPolicy()
	policy.MaxSignals = 1_000_000
	return policy
}()

// ask asks for the PIN of a stay, to tell it to the guest.
func (w *keystayWorld) ask(stay *Stay) {
	answer := &asked{
		told: func(pin nuki.PIN) { w.tell(stay, pin) },
		not:  func(err error) { w.log.said(w.now(), stay.ID, "PIN asked for: "+err.Error()) },
	}
	id := workflows.ReservationWorkflowID(stay.ID)
	if err := w.env.UpdateWorkflowByID(id, workflows.UpdateDisclose.Name, w.now().String()+id, answer, workflows.Disclose{}); err != nil {
		answer.not(err)
	}
}

// pullReport is the host on the phone with a guest who cannot get in: the lever, and
// the PIN again until the guest is in.
func (w *keystayWorld) pullReport(stay *Stay, lock int64) {
	id := workflows.ReservationWorkflowID(stay.ID)
	order := workflows.Order{Why: "the guest cannot get in", SmartlockID: lock}
	said := func(err error) { w.log.said(w.now(), stay.ID, "reported not working: "+err.Error()) }
	err := w.env.UpdateWorkflowByID(id, workflows.UpdateReportNotWorking.Name, w.now().String()+id+"report", pulled(said), order)
	if err != nil {
		said(err)
	}
	for _, after := range tellsAgain {
		w.agenda.add(w.now().Add(after), func() { w.ask(stay) })
	}
}

// pulled takes the answer to a lever, and hears why it was refused.
type pulled func(error)

func (pulled) Accept()            {}
func (p pulled) Reject(err error) { p(err) }
func (p pulled) Complete(_ any, err error) {
	if err != nil {
		p(err)
	}
}

// asked takes the answer to the disclose update.
type asked struct {
	told func(nuki.PIN)
	not  func(error)
}

func (*asked) Accept()            {}
func (a *asked) Reject(err error) { a.not(err) }
func (a *asked) Complete(success any, err error) {
	disclosure, ok := success.(workflows.Disclosure)
	switch {
	case err != nil:
		a.not(err)
	case !ok:
		a.not(errors.New("the answer is no disclosure"))
	default:
		a.told(disclosure.PIN)
	}
}

// hear takes a webhook of the simulation as the API does.
func (w *keystayWorld) hear(body []byte) {
	events, err := nuki.ParseWebhook(body)
	if err != nil {
		return
	}
	for _, event := range events {
		// A lock that nobody attends is not an error: the API counts it.
		w.links.heard[event.SmartlockID] = w.env.Now()
		_ = w.env.SignalWorkflowByID(workflows.SmartlockWorkflowID(event.SmartlockID), workflows.SignalWebhook.Name, event)
	}
}

// desks reaches the locks' workflows as the activity does, but that they run
// already: the test environment has no SignalWithStart.
type desks struct{ world *keystayWorld }

func (d desks) Attend(_ context.Context, attend activities.Attend) error {
	return d.world.env.SignalWorkflowByID(attend.WorkflowID, activities.SignalAttend, attend.Attendance)
}

// Sweep signals a reservation, which is begun where it does not run.
func (d desks) Sweep(_ context.Context, sweep activities.Sweep) error {
	return d.world.env.SignalWorkflowByID(sweep.WorkflowID, activities.SignalSweep, sweep)
}

// arm makes sure that the simulation is moved on when something happens in it.
func (w *keystayWorld) arm() {
	now := w.env.Now()
	next, ok := w.clock.Next()
	if !ok || !w.armed.Before(now) && w.armed.After(now) && !next.Before(w.armed) {
		return
	}
	w.armed = next
	w.env.RegisterDelayedCallback(w.tick, max(next.Sub(now), 0))
}

func (w *keystayWorld) tick() {
	w.clock.AdvanceTo(w.env.Now())
	w.arm()
}
