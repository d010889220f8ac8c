// This file is the world of one reservation on virtual time: the simulated account,
// its keypads, and what tests do and want at a moment of the stay.

package workflows_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

const (
	frontDoor = int64(18298712180)
	flatDoor  = int64(18298712181)
)

var (
	booked   = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	arrives  = time.Date(2026, 7, 10, 13, 0, 0, 0, time.UTC)
	departs  = time.Date(2026, 7, 14, 9, 0, 0, 0, time.UTC)
	supplied = "432426"
)

// world is one reservation on virtual time, and the simulated account.
type world struct {
	*testing.T
	env   *testsuite.TestWorkflowEnvironment
	sim   *nukisim.Sim
	clock *nukisim.VirtualClock
	// refuse answers calls by itself, with a status other than 0; refused counts.
	refuse  atomic.Pointer[func(*http.Request) int]
	refused int
	// afterCreate sees the PIN of every create that was accepted, if set.
	afterCreate func(pin string)
}

// hangUp is the status of no answer at all.
const hangUp = -1

// newSuite keeps the SDK's debug lines out of the tests' output.
func newSuite() *testsuite.WorkflowTestSuite {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return suite
}

// newWorld begins at the booking.
func newWorld(t *testing.T, faults nukisim.Faults) *world {
	t.Helper()
	clock := nukisim.NewVirtualClock(booked)
	sim := nukisim.New(nukisim.Config{
		Seed: 1, Clock: clock, Token: "t", Faults: faults,
		Locks: []nukisim.LockConfig{{ID: frontDoor, Name: "Front door"}, {ID: flatDoor, Name: "Flat"}},
	})
	env := newSuite().NewTestWorkflowEnvironment()
	env.SetStartTime(booked)
	env.SetTestTimeout(time.Minute)
	w := &world{T: t, env: env, sim: sim, clock: clock}
	server := httptest.NewServer(w.inTime(sim.Handler()))
	t.Cleanup(server.Close)
	cloud, err := nuki.New(nuki.Options{BaseURL: server.URL, Token: "t", RequestsPerSecond: 10000, Burst: 10000})
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(env)
	env.RegisterActivity(&activities.Keypad{Nuki: cloud})
	env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	return w
}

// inTime moves the simulation to the workflow's time before each call.
func (w *world) inTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.clock.AdvanceTo(w.env.Now())
		var sent struct {
			Code int `json:"code"`
		}
		if w.afterCreate != nil && r.Method == http.MethodPut {
			body, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(body, &sent)
			r.Body = io.NopCloser(bytes.NewReader(body))
			defer func() { w.afterCreate(strconv.Itoa(sent.Code)) }()
		}
		if refuse := w.refuse.Load(); refuse != nil && *refuse != nil {
			if status := (*refuse)(r); status == hangUp {
				panic(http.ErrAbortHandler)
			} else if status != 0 {
				rw.WriteHeader(status)
				return
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// refuseWith has calls answered before the simulation sees them; nil ends it.
func (w *world) refuseWith(refuse func(*http.Request) int) { w.refuse.Store(&refuse) }

// at does something at a moment of the stay.
func (w *world) at(when time.Time, do func()) {
	w.env.RegisterDelayedCallback(func() {
		w.clock.AdvanceTo(w.env.Now())
		do()
	}, when.Sub(booked))
}

// run runs the reservation until it has ended.
func (w *world) run(wish workflows.Wish) {
	w.Helper()
	w.env.ExecuteWorkflow(workflows.ReservationWorkflowType, workflows.ReservationInput{ID: "TEST-0805", Wish: &wish})
	if err := w.env.GetWorkflowError(); err != nil {
		w.Fatal(err)
	}
}

// view asks the reservation how it is.
func (w *world) view() workflows.View {
	w.Helper()
	answer, err := w.env.QueryWorkflow(workflows.QueryReservation.Name)
	if err != nil {
		w.Fatal(err)
	}
	var view workflows.View
	if err := answer.Get(&view); err != nil {
		w.Fatal(err)
	}
	return view
}

// wantStatus checks the reservation's word at a moment.
func (w *world) wantStatus(when time.Time, want workflows.Status) {
	w.at(when, func() {
		if got := w.view(); got.Status != want {
			w.Errorf("%s: status %s, want %s (attention %v, next %q)", when, got.Status, want, got.Attention, got.Next.Reason)
		}
	})
}

// wantOpens asks the keypad at a moment.
func (w *world) wantOpens(when time.Time, lock int64, pin string, want bool) {
	w.at(when, func() {
		if got := w.sim.Opens(lock, pin, when); got != want {
			w.Errorf("%s: the keypad of %d opens: %v, want %v", when, lock, got, want)
		}
	})
}

func stay(locks ...int64) workflows.Wish {
	wish := workflows.Wish{
		Version: workflows.NumberVersion(1), Status: workflows.Confirmed, Unit: "apt-4", StartsAt: arrives, EndsAt: departs,
		After: workflows.Duration(15 * time.Minute), Guest: "Anna Huber",
		PIN: workflows.PINWish{Mode: workflows.Supplied, Code: nuki.CodeOf(432426), DiscloseAt: workflows.DiscloseListed},
	}
	for _, lock := range locks {
		wish.Locks = append(wish.Locks, workflows.LockWish{SmartlockID: lock})
	}
	return wish
}

// generated is a stay whose PIN Keystay makes.
func generated(locks ...int64) workflows.Wish {
	wish := stay(locks...)
	wish.PIN = workflows.PINWish{Mode: workflows.Generate, DiscloseAt: workflows.DiscloseListed}
	return wish
}

// put sends another version of the wish at a moment.
func (w *world) put(when time.Time, wish workflows.Wish) {
	w.at(when, func() { w.env.SignalWorkflow(workflows.SignalPut.Name, workflows.Put{Wish: wish}) })
}

// gone checks at a moment that nothing is left on a lock.
func (w *world) wantEmpty(when time.Time, lock int64) {
	w.at(when, func() {
		if left := w.sim.Snapshot(lock).Table; len(left) > 0 {
			w.Errorf("%s: lock %d still holds %+v", when, lock, left)
		}
	})
}

// wantKept checks the whole promise for a PIN on a lock: refused before, accepted
// in the stay, refused after.
func (w *world) wantKept(lock int64, pin string) {
	w.wantOpens(arrives.Add(-time.Second), lock, pin, false)
	w.wantOpens(arrives, lock, pin, true)
	w.wantOpens(departs, lock, pin, true)
	w.wantOpens(departs.Add(16*time.Minute), lock, pin, false)
	w.wantEmpty(departs.Add(2*time.Hour), lock)
	w.wantStatus(departs.Add(2*time.Hour), workflows.StatusRevoked)
}
