// This file sends random changes to a stay on virtual time and asks the keypads
// some hours after each: whatever the order, the last wish must be in force.

package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// pins are those that the caller supplies, one after the other and back again.
var pins = []int32{432426, 738495, 594837}

// settled is how long after a change the last wish must be in force: removals may
// wait for the next sync, and an overtaken write is watched for 15 minutes.
const settled = 3 * time.Hour

// change is one change of a stay, by its name.
type change struct {
	name string
	do   func(r *rand.Rand, wish *workflows.Wish, now time.Time)
}

var changes = []change{
	{"extend", func(r *rand.Rand, w *workflows.Wish, _ time.Time) {
		w.EndsAt = w.EndsAt.Add(time.Duration(1+r.IntN(30)) * time.Hour)
	}},
	{"shorten", func(_ *rand.Rand, w *workflows.Wish, _ time.Time) {
		if end := w.EndsAt.Add(-5 * time.Hour); end.After(w.StartsAt) {
			w.EndsAt = end
		}
	}},
	{"arrive later", func(_ *rand.Rand, w *workflows.Wish, _ time.Time) {
		if start := w.StartsAt.Add(6 * time.Hour); start.Before(w.EndsAt) {
			w.StartsAt = start
		}
	}},
	{"arrive earlier", func(_ *rand.Rand, w *workflows.Wish, _ time.Time) { w.StartsAt = w.StartsAt.Add(-9 * time.Hour) }},
	{"front door", doors(frontDoor)},
	{"flat", doors(flatDoor)},
	{"both doors", doors(frontDoor, flatDoor)},
	{"another PIN", func(r *rand.Rand, w *workflows.Wish, _ time.Time) { w.PIN.Code = nuki.CodeOf(pins[r.IntN(len(pins))]) }},
	{"cancel", status(workflows.Cancelled)},
	{"confirm", status(workflows.Confirmed)},
	{"tentative", status(workflows.Tentative)},
	{"check out", status(workflows.CheckedOut)},
	{"check in", status(workflows.CheckedIn)},
}

func doors(locks ...int64) func(*rand.Rand, *workflows.Wish, time.Time) {
	return func(_ *rand.Rand, w *workflows.Wish, _ time.Time) { w.Locks = stay(locks...).Locks }
}

func status(word workflows.BookingStatus) func(*rand.Rand, *workflows.Wish, time.Time) {
	return func(_ *rand.Rand, w *workflows.Wish, _ time.Time) { w.Status = word }
}

func TestStay_FollowsRandomChangesInAnyOrder(t *testing.T) {
	seeds := uint64(150)
	if testing.Short() { // Under the race detector, which costs ten times as long.
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playChanges(t, seed) })
	}
}

// playChanges sends up to ten changes, some within a second of each other.
func playChanges(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, nukisim.Faults{})
	first := stay(frontDoor)
	wish, now, story := first, arrives.Add(-80*time.Hour), ""
	for version := range 3 + r.IntN(8) {
		picked := changes[r.IntN(len(changes))]
		picked.do(r, &wish, now)
		wish.Version = workflows.NumberVersion(int64(version) + 2)
		story += fmt.Sprintf("%s %s; ", now.Format("02T15:04:05"), picked.name)
		w.put(now, wish)
		if r.IntN(3) == 0 {
			now = now.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
			continue
		}
		now = now.Add(settled)
		w.wantInForce(now, wish, story)
		now = now.Add(time.Duration(r.IntN(20)) * time.Hour)
	}
	now = now.Add(settled)
	w.wantInForce(now, wish, story)
	over := wish.EndsAt.Add(30 * time.Hour)
	if over.Before(now) {
		over = now.Add(30 * time.Hour)
	}
	w.wantEmpty(over, frontDoor)
	w.wantEmpty(over, flatDoor)
	w.run(first)
}

// wantInForce asks both keypads for every PIN at a moment.
func (w *world) wantInForce(when time.Time, wish workflows.Wish, story string) {
	w.at(when, func() {
		window := wish.Window()
		open := wish.Status.WantsEntry() && !when.Before(window.From) && when.Before(window.Until)
		for _, door := range []int64{frontDoor, flatDoor} {
			for _, code := range pins {
				pin := nuki.CodeOf(code)
				want := open && pin == wish.PIN.Code && has(wish, door)
				if got := w.sim.Opens(door, pin.Reveal(), when); got != want {
					w.Errorf("%s: door %d opens for %s: %v, want %v; after: %s\n%+v", when.Format("02T15:04"), door, pin.Reveal(), got, want, story, w.view().Next)
				}
			}
		}
	})
}

func has(wish workflows.Wish, door int64) bool {
	for _, lock := range wish.Locks {
		if lock.SmartlockID == door {
			return true
		}
	}
	return false
}
