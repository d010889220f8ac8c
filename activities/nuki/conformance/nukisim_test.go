// This file tests the simulator by the suite with plain requests, in real time: its
// operations land while others are asked for.

package conformance_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/conformance"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

const (
	token  = "right"
	oauth  = "oauth"
	door   = int64(18298712180) // a real device's size: more than 32 bits
	bare   = int64(18298712181) // a lock without a keypad
	landed = 5                  // milliseconds until an operation has landed, at most
)

func TestSuite_SimulatorInRealTime(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Target {
		target := newTarget(t)
		target.Driver = conformance.HTTPDriver{BaseURL: target.BaseURL, Token: token}
		target.Stranger = conformance.HTTPDriver{BaseURL: target.BaseURL, Token: "wrong"}
		target.Integration = conformance.HTTPDriver{BaseURL: target.BaseURL, Token: oauth}
		return target
	})
}

// newTarget is a simulator without its drivers.
func newTarget(t *testing.T) conformance.Target {
	sim := nukisim.New(nukisim.Config{
		Token: token, OAuthToken: oauth,
		Locks:  []nukisim.LockConfig{{ID: door}, {ID: bare, NoKeypad: true}},
		Faults: nukisim.Faults{LatencyMin: 1, LatencyMax: landed, OfflineQueues: true, OfflineHidden: true},
	})
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { server.Close(); sim.Close() })
	return conformance.Target{
		BaseURL:           server.URL,
		Lock:              door,
		LockWithoutKeypad: bare,
		Type:              func(pin string) { sim.Type(door, pin) },
		Settle:            func() { settle(t, sim) },
		// A lock that is offline unnoticed, and keeps what it is told.
		Hold: func(hold bool) { sim.SetOffline(door, hold) },
	}
}

func settle(t *testing.T, sim *nukisim.Sim) {
	t.Helper()
	time.Sleep(2 * landed * time.Millisecond) // For a sync, which is no operation.
	for end := time.Now().Add(10 * time.Second); len(sim.Snapshot(door).Operations) > 0; {
		if time.Now().After(end) {
			t.Fatal("operations do not land")
		}
		time.Sleep(time.Millisecond)
	}
}
