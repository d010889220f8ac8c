// This file tests when the time of two PINs ends.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

func TestSecondPIN_TakesTheFirstsPlaceOnceItHasOpened(t *testing.T) {
	for _, c := range []struct {
		name   string
		opened string
		want   bool
	}{{"the first one opens", "a1", false}, {"the second one opens", "a2", true}, {"somebody else's", "x9", false}} {
		s := newState("R1", nil)
		s.PINs = []PINRecord{{PIN: nuki.CodeOf(guestsPIN), ToldAt: noon}, {PIN: nuki.CodeOf(738495), Beside: true}}
		s.Entries = []*Entry{{Lock: 11, AuthID: "a1", PIN: nuki.CodeOf(guestsPIN)}, {Lock: 11, AuthID: "a2", PIN: nuki.CodeOf(738495)}}
		at := noon.Add(time.Hour)
		s.wake(Wake{Lock: 11, Reason: WakeDoor, Door: []DoorNews{{Kind: DoorUsed, At: at, AuthID: c.opened}}}, at.Add(time.Second))
		if got := s.PINs[1].AcknowledgedAt.Equal(at); got != c.want || s.PINs[1].Told() != c.want || s.keeps(nuki.CodeOf(guestsPIN)) == c.want {
			t.Errorf("%s: %+v", c.name, s.PINs)
		}
	}
}
