// This file runs whole stays on virtual time with somebody to be told, and checks
// what is handed over.

package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// receiver takes what is handed over in the place of an EventsWorkflow, which the
// test environment cannot start by a signal.
type receiver struct {
	to     []activities.Recipient
	events []activities.Event
	// before may fail a hand-over.
	before func() error
}

func (r *receiver) handOver(_ context.Context, to activities.Recipient, news workflows.News) error {
	if r.before != nil {
		if err := r.before(); err != nil {
			return err
		}
	}
	r.to, r.events = append(r.to, to), append(r.events, news.Events...)
	return nil
}

// listens has a receiver in a world.
func (w *world) listens() *receiver {
	r := &receiver{}
	w.env.RegisterActivityWithOptions(r.handOver, activity.RegisterOptions{Name: "HandOver"})
	return r
}

// runTelling runs a stay of which these subscribers are told.
func (w *world) runTelling(wish workflows.Wish, subscribers ...workflows.Subscription) {
	w.Helper()
	policy := workflows.DefaultPolicy()
	policy.Events.Subscribers = subscribers
	w.env.ExecuteWorkflow(workflows.ReservationWorkflowType, workflows.ReservationInput{ID: "TEST-0805", Wish: &wish, Policy: &policy})
	if err := w.env.GetWorkflowError(); err != nil {
		w.Fatal(err)
	}
}

// types are the events' types in their order, but those of some kinds.
func (r *receiver) types(but ...activities.EventType) []string {
	var all []string
	for _, event := range r.events {
		if !slices.Contains(but, event.Type) {
			all = append(all, string(event.Type))
		}
	}
	return all
}

// first is the first event of a type.
func (r *receiver) first(t *testing.T, kind activities.EventType) activities.Event {
	t.Helper()
	at := slices.IndexFunc(r.events, func(e activities.Event) bool { return e.Type == kind })
	if at < 0 {
		t.Fatalf("no %s among %v", kind, r.types())
	}
	return r.events[at]
}

var (
	pms        = workflows.Subscription{Name: "pms"}
	pmsWithPIN = workflows.Subscription{Name: "pms", WithPIN: true}
)

func TestEvents_OfAnUndisturbedStay(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	w.runTelling(generated(frontDoor), pms)
	want := []string{
		"access_code.created", "access_code.scheduled_on_device", "access_code.disclosable", "access.ready",
		"access_code.set_on_device", "access_code.removed_from_device", "access.revoked",
	}
	if got := r.types(activities.CodeProofChanged); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	ids := map[string]bool{}
	for i, event := range r.events {
		ids[event.ID] = true
		if event.Sequence != int64(i+1) || event.ReservationID != "TEST-0805" || event.Unit != "apt-4" || !event.PIN.IsZero() {
			t.Errorf("event %d: %+v", i, event)
		}
	}
	if len(ids) != len(r.events) {
		t.Errorf("%d events have %d ids", len(r.events), len(ids))
	}
	recipient := activities.Recipient{WorkflowID: "events-TEST-0805", WorkflowType: "EventsWorkflow", Signal: "news"}
	if slices.ContainsFunc(r.to, func(to activities.Recipient) bool { return to != recipient }) {
		t.Errorf("handed over to %+v, want %+v each time", r.to, recipient)
	}
}

func TestEvents_SayHowWellItIsKnown(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	w.runTelling(generated(frontDoor, flatDoor), pms)
	ready := r.first(t, activities.AccessReady)
	if ready.Status != "ready" || len(ready.Doors) != 2 || !ready.ValidFrom.Equal(arrives) || !ready.ValidUntil.Equal(departs.Add(15*time.Minute)) {
		t.Errorf("ready: %+v", ready)
	}
	for _, door := range ready.Doors {
		if door.Status != "set" || !door.Required || door.Proof == nil || door.Proof.Level != "reread" || door.Proof.Evidence == "" ||
			door.Proof.AgeSeconds != int64(ready.OccurredAt.Sub(door.Proof.At)/time.Second) {
			t.Errorf("ready: door %+v, proof %+v", door, door.Proof)
		}
	}
	scheduled := r.first(t, activities.CodeScheduled)
	if len(scheduled.Doors) != 1 || scheduled.SmartlockID != scheduled.Doors[0].SmartlockID || scheduled.Doors[0].Proof.Level != "listed" {
		t.Errorf("scheduled: %+v", scheduled)
	}
	text, err := json.Marshal(r.events)
	if err != nil || strings.Contains(string(text), "Anna") || strings.Contains(string(text), "Huber") {
		t.Errorf("the events hold the guest's name, or cannot be written (%v)", err)
	}
}

func TestEvents_SayWhenTheTimeFrameBegins(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	wish := generated(frontDoor)
	wish.Before = workflows.Duration(30 * time.Minute)
	w.runTelling(wish, pms)
	if set := r.first(t, activities.CodeSet); !set.OccurredAt.Equal(arrives.Add(-30 * time.Minute)) {
		t.Errorf("set at %s, want half an hour before %s", set.OccurredAt, arrives)
	}
}

func TestEvents_CarryThePINFromWhenItMayBeTold(t *testing.T) {
	for _, c := range []struct {
		name       string
		subscriber workflows.Subscription
		discloseAt workflows.DiscloseAt
		first      activities.EventType // with the PIN; none: it is never told
	}{
		{"nobody asks for it", pms, workflows.DiscloseListed, ""},
		{"once listed", pmsWithPIN, workflows.DiscloseListed, activities.CodeScheduled},
		{"once confirmed", pmsWithPIN, workflows.DiscloseReread, activities.CodeDisclosable},
		{"as soon as it is reserved", pmsWithPIN, workflows.DiscloseReserved, activities.CodeDisclosable},
		{"who asks for it wants other events", workflows.Subscription{Name: "pms", WithPIN: true, Types: activities.TypeFilter{"access.*"}}, workflows.DiscloseReserved, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			r := w.listens()
			wish := generated(frontDoor)
			wish.PIN.DiscloseAt = c.discloseAt
			w.runTelling(wish, c.subscriber)
			at := slices.IndexFunc(r.events, func(e activities.Event) bool { return !e.PIN.IsZero() })
			if at < 0 {
				if c.first != "" || !w.view().PIN.ToldAt.IsZero() {
					t.Errorf("no event carries the PIN: %v; told at %s", r.types(), w.view().PIN.ToldAt)
				}
				return
			}
			if r.events[at].Type != c.first || !w.view().PIN.ToldAt.Equal(r.events[at].OccurredAt) {
				t.Errorf("the first with the PIN is %s of %s, want %s; told at %s",
					r.events[at].Type, r.events[at].OccurredAt, c.first, w.view().PIN.ToldAt)
			}
			if disclosed := r.first(t, activities.CodeDisclosed); !disclosed.OccurredAt.Equal(r.events[at].OccurredAt) {
				t.Errorf("disclosed at %s, told at %s", disclosed.OccurredAt, r.events[at].OccurredAt)
			}
		})
	}
}

// A PIN that an event has told is not replaced silently any more (D8).
func TestEvents_APINThatWasToldByOneGetsASecondBesideIt(t *testing.T) {
	for _, c := range []struct {
		subscriber workflows.Subscription
		want, not  string
	}{
		{pms, "access_code.code_changed", "access_code.backup_access_code_pulled"},
		{pmsWithPIN, "access_code.backup_access_code_pulled", "access_code.code_changed"},
	} {
		w := newWorld(t, nukisim.Faults{})
		r := w.listens()
		taken := false
		w.afterCreate = func(pin string) { // Somebody takes the first PIN on the other door.
			if !taken {
				w.sim.AddForeign(flatDoor, "Cleaner", pin, booked, departs)
			}
			taken = true
		}
		wish := generated(frontDoor, flatDoor)
		wish.PIN.DiscloseAt = workflows.DiscloseReserved
		w.runTelling(wish, c.subscriber)
		if types := r.types(); !slices.Contains(types, c.want) || slices.Contains(types, c.not) {
			t.Errorf("with the PIN: %v; told %v, want a %s and no %s", c.subscriber.WithPIN, types, c.want, c.not)
		}
	}
}

// By access.revoked a receiver drops the code; it must get it again.
func TestEvents_OfABookingThatIsReinstatedTellThePINAnew(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	wish := generated(frontDoor)
	wish.Version, wish.Status = workflows.NumberVersion(2), workflows.Cancelled
	w.put(arrives.Add(-20*time.Hour), wish)
	wish.Version, wish.Status = workflows.NumberVersion(3), workflows.Confirmed
	w.put(arrives.Add(-10*time.Hour), wish)
	w.runTelling(generated(frontDoor), workflows.Subscription{Name: "pms", Types: activities.TypeFilter{"access.revoked", "access_code.disclosable"}})
	if got, want := r.types(), []string{"access_code.disclosable", "access.revoked", "access_code.disclosable", "access.revoked"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestEvents_OnlyThoseThatSomebodyWants(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	w.runTelling(generated(frontDoor),
		workflows.Subscription{Name: "mail", Types: activities.TypeFilter{"access.ready"}},
		workflows.Subscription{Name: "pms", Types: activities.TypeFilter{"access.rev*"}})
	if got, want := r.types(), []string{"access.ready", "access.revoked"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestEvents_OfAStayInTrouble(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*world)
		want []string // in this order, among others
	}{
		{"the lock comes online late", func(w *world) {
			w.sim.SetOffline(frontDoor, true)
			w.at(arrives.Add(-10*time.Hour), func() { w.sim.SetOffline(frontDoor, false) })
		}, []string{"access_code.delay_in_setting_on_device", "access.at_risk", "access.recovered", "access.ready", "access.revoked"}},
		{"the lock comes online after the stay", func(w *world) {
			w.sim.SetOffline(frontDoor, true)
			w.at(departs.Add(time.Hour), func() { w.sim.SetOffline(frontDoor, false) })
		}, []string{"access_code.failed_to_set_on_device", "access.at_risk", "access.failed"}},
		{"somebody switches it off", func(w *world) {
			w.at(arrives.Add(-30*time.Hour), func() {
				w.inApp(frontDoor, nukisim.AppEdit{ID: w.sim.Snapshot(frontDoor).Table[0].ID, Disable: true})
			})
		}, []string{"access.ready", "access_code.modified_externally"}},
		{"the entry will not go", func(w *world) {
			w.at(departs, func() {
				for range 5 {
					w.sim.Once(frontDoor, "ghost_delete")
				}
			})
		}, []string{"access_code.ghost_detected", "access_code.removed_from_device", "access.revoked"}},
		{"the stay is extended, and cancelled", func(w *world) {
			longer := generated(frontDoor)
			longer.Version, longer.EndsAt = workflows.NumberVersion(2), departs.AddDate(0, 0, 1)
			w.put(arrives.Add(-20*time.Hour), longer)
			longer.Version, longer.Status = workflows.NumberVersion(3), workflows.Cancelled
			w.put(arrives.Add(-10*time.Hour), longer)
		}, []string{"access.ready", "access_code.time_frame_changed", "access_code.scheduled_on_device", "access_code.removed_from_device", "access.revoked"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nukisim.Faults{})
			r := w.listens()
			c.do(w)
			w.runTelling(generated(frontDoor), pms)
			rest := r.types()
			for _, want := range c.want {
				at := slices.Index(rest, want)
				if at < 0 {
					t.Fatalf("told %v; no %s where it should come", r.types(activities.CodeProofChanged), want)
				}
				rest = rest[at+1:]
			}
		})
	}
}

// A door never waits for those who are told, and what they are told is not lost.
func TestEvents_AHandOverThatFailsHoldsNoDoorUp(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	mended := arrives.Add(24 * time.Hour)
	r.before = func() error {
		if w.env.Now().Before(mended) {
			return errors.New("Temporal is away")
		}
		return nil
	}
	w.wantAttention(arrives, workflows.AttentionUndelivered, true)
	w.wantAttention(mended.Add(2*time.Hour), workflows.AttentionUndelivered, false)
	w.wantKept(frontDoor, supplied)
	w.runTelling(stay(frontDoor), pms)
	got := r.types(activities.CodeProofChanged)
	want := []string{
		"access_code.created", "access_code.disclosed", // The news of the first turn, kept for days,
		"access_code.set_on_device", "access_code.disclosable", "access.ready", // and the difference from it.
		"access_code.removed_from_device", "access.revoked",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestEvents_NoneWithoutASubscriber(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	w.run(stay(frontDoor))
	if len(r.to) > 0 {
		t.Errorf("handed over %v", r.types())
	}
}

// A subscriber that is there from a later message on is told how things stand.
func TestEvents_OneWhoComesLaterIsToldHowItStands(t *testing.T) {
	w := newWorld(t, nukisim.Faults{})
	r := w.listens()
	policy := workflows.DefaultPolicy()
	policy.Events.Subscribers = []workflows.Subscription{pms}
	again := stay(frontDoor)
	again.Version, again.Unit = workflows.NumberVersion(2), "apt-5"
	w.at(arrives.Add(time.Hour), func() {
		w.env.SignalWorkflow(workflows.SignalPut.Name, workflows.Put{Wish: again, Policy: &policy})
	})
	w.run(stay(frontDoor))
	want := []string{
		"access_code.created", "access_code.set_on_device", "access_code.proof_changed", "access_code.disclosable", "access_code.disclosed", "access.ready",
	}
	if got := r.types(); !slices.Equal(got[:len(want)], want) {
		t.Errorf("told %v, want first %v", got, want)
	}
}
