// This file tests the simulation by the suite that every Web API must pass.

package nukisim_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/conformance"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

func TestSim_AnswersAsNukiDoes(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Target {
		const withKeypad, without = 18298712180, 18298712181
		clock := nukisim.NewVirtualClock(time.Now())
		sim := nukisim.New(nukisim.Config{
			Clock: clock, Token: "right", OAuthToken: "oauth",
			Locks: []nukisim.LockConfig{{ID: withKeypad}, {ID: without, NoKeypad: true}},
		})
		server := httptest.NewServer(sim.Handler())
		t.Cleanup(func() { server.Close(); sim.Close() })
		return conformance.Target{
			Driver:            conformance.HTTPDriver{BaseURL: server.URL, Token: "right"},
			Stranger:          conformance.HTTPDriver{BaseURL: server.URL, Token: "wrong"},
			Integration:       conformance.HTTPDriver{BaseURL: server.URL, Token: "oauth"},
			Lock:              withKeypad,
			LockWithoutKeypad: without,
			Type:              func(pin string) { sim.Type(withKeypad, pin) },
			Settle:            func() { clock.Advance(time.Minute) },
		}
	})
}
