// This file tests that an entry which must go is handed over for removal, however
// often that fails.

package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/workflows"
)

// farDesk reaches no reservation for so many attempts.
type farDesk struct {
	fails, attempts int
	swept           []activities.Sweep
}

func (d *farDesk) Attend(context.Context, activities.Attend) error { return nil }

func (d *farDesk) Sweep(_ context.Context, sweep activities.Sweep) error {
	if d.attempts++; d.attempts <= d.fails {
		return errors.New("Temporal is away")
	}
	d.swept = append(d.swept, sweep)
	return nil
}

func TestSweep_IsHandedOverAgainUntilItsReservationIsReached(t *testing.T) {
	const attemptsOfOne = 3
	for name, fails := range map[string]int{"at once": 0, "after a hiccup": 1, "after the attempts of one call": attemptsOfOne, "after an hour": 40 * attemptsOfOne} {
		t.Run(name, func(t *testing.T) {
			desk := &farDesk{fails: fails}
			env := newSuite().NewTestWorkflowEnvironment()
			env.RegisterActivity(&activities.Keypad{Desk: desk})
			env.RegisterDelayedCallback(env.CancelWorkflow, 6*time.Hour) // A cancelled desk goes on as a new run.
			left := []activities.Sweep{
				{WorkflowID: workflows.ReservationWorkflowID("GONE"), Lock: frontDoor, AuthID: "a1", Why: "it opened the door after its end"},
				{WorkflowID: workflows.ReservationWorkflowID("LATE"), Lock: frontDoor, AuthID: "a2", Why: "the audit found it back on the lock"},
			}
			env.ExecuteWorkflow(workflows.SmartlockWorkflow, workflows.SmartlockInput{Lock: frontDoor, Desk: &workflows.Desk{Lock: frontDoor, Sweeps: left}})
			var anew *workflow.ContinueAsNewError
			if err := env.GetWorkflowError(); !errors.As(err, &anew) {
				t.Fatalf("it ended with %v", err)
			}
			if len(desk.swept) != 2 || desk.swept[0].AuthID != "a1" || desk.swept[1].AuthID != "a2" || desk.attempts != fails+2 {
				t.Errorf("handed over after %d attempts: %+v", desk.attempts, desk.swept)
			}
		})
	}
}
