// This file tests who gets a place on a full lock, and when.

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// seldomLooking is a policy whose own next look at a lock is minutes away, so that only a
// wake-up brings one before.
func seldomLooking() workflows.Policy {
	policy := quietPolicy()
	const minutes = workflows.Duration(10 * time.Minute)
	policy.Lead = workflows.Duration(4 * time.Hour)
	policy.RetrySteps, policy.AfterCheckIn = []workflows.Duration{minutes}, []workflows.Duration{minutes}
	return policy
}

func TestFullLock_ACodeThatGoesMakesRoomForTheGuestWhoHasJustCome(t *testing.T) {
	t.Parallel()
	policy := seldomLooking()
	policy.Capacity = 1
	s := start(t, stack.Options{Policy: policy})
	tenant := s.Sim.AddForeign(frontDoor, "Tenant", "847362", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	s.put("WAITS", stayFrom(inSeconds(3600), time.Hour, "432426", frontDoor))
	s.await("WAITS has found the lock full, and said so", func() (bool, string) {
		step := s.view("WAITS").Doors[0].Step
		return step.Row == "lock-full" && s.calls("WAITS", "AttendSmartlock") > 0 && !s.isCalling("WAITS"), fmt.Sprintf("%+v", step)
	})
	if _, err := s.Sim.InApp(frontDoor, nukisim.AppEdit{ID: tenant, Delete: true}); err != nil {
		t.Fatal(err)
	}
	s.await("WAITS has the place", func() (bool, string) {
		table := s.table(frontDoor)
		return len(table) == 1 && table[0].PIN == "432426", fmt.Sprintf("%+v", table)
	})
}

// isCalling reports whether an activity of a reservation has not ended.
func (s *system) isCalling(id string) bool {
	s.Helper()
	description, err := s.Temporal.DescribeWorkflowExecution(s.Context(), workflows.ReservationWorkflowID(id), "")
	if err != nil {
		s.Fatal(err)
	}
	return len(description.GetPendingActivities()) > 0
}
