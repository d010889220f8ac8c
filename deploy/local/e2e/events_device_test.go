// This file tells others what becomes of a lock, on a real Temporal server.

package e2e

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
)

func TestEvents_OfALock(t *testing.T) {
	t.Parallel()
	r := startReceiver(t, "pms")
	r.subscriber.Types = activities.TypeFilter{"device.*", "access_code.wrong_code_attempts", "access_code.used_after_revocation"}
	s := start(t, telling(quickEvents(), r))
	s.put("GUEST", stayFrom(inSeconds(2), time.Hour, "432426", frontDoor))
	s.awaitStatus("GUEST", "ready")
	s.awaitOpens(frontDoor, "432426", true)
	for range 2 {
		s.Sim.Type(frontDoor, "111113")
		time.Sleep(time.Second) // Nobody types two codes at once, and a row of the log has no other mark than its time.
	}
	const byLock = "" // Events of a lock name no reservation.
	s.awaitTold(r, byLock, activities.CodeWrongAttempts)
	s.Sim.SetOffline(frontDoor, true)
	s.awaitTold(r, byLock, activities.DeviceDisconnected)
	s.Sim.SetOffline(frontDoor, false)
	s.awaitTold(r, byLock, activities.DeviceConnected)
	for _, event := range r.events(byLock) {
		if event.SmartlockID != frontDoor || !event.PIN.IsZero() {
			t.Errorf("told %+v", event)
		}
	}
}
