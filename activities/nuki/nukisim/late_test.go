// This file is operations that land long after their operationId was released:
// over whatever newer ones have written.

package nukisim

import (
	"strings"
	"testing"
	"time"
)

func TestLate_LandsOnWhatIsThereThen(t *testing.T) {
	for _, c := range []struct {
		name      string
		late      func(w *world, id string)
		meanwhile func(w *world, id string)
		before    seen
		after     seen
	}{
		{"an old update over a newer one", updateTo567891, func(w *world, id string) { w.update(id, 678912) },
			seen{"204 204", "678912", "678912", "auths"}, seen{"204 204", "567891", "567891", "auths auths"}},
		{"an old delete on a newer update", deleteIt, func(w *world, id string) { w.update(id, 678912) },
			seen{"204 204", "678912", "678912", "auths"}, seen{"204 204", "", "", "auths auths-deleted"}},
		{"an old update after a delete comes to nothing", updateTo567891, deleteIt,
			seen{"204 204", "", "", "auths-deleted"}, seen{"204 204", "", "", "auths-deleted"}},
		{"an old delete after a delete comes to nothing", deleteIt, deleteIt,
			seen{"204 204", "", "", "auths-deleted"}, seen{"204 204", "", "", "auths-deleted"}},
		{"an old create beside a newer one", create456789, func(w *world, _ string) { w.create(678912) },
			seen{"204 204", "345678 678912", "345678 678912", "auths"}, seen{"204 204", "345678 678912 456789", "345678 678912 456789", "auths auths"}},
		{"an old create of a code that is there meanwhile is refused without a word", create456789, create456789,
			seen{"204 204", "345678 456789", "345678 456789", "auths"}, seen{"204 204", "345678 456789", "345678 456789", "auths"}},
		{"an old delete of an entry that was made anew deletes the old one only", deleteIt, func(w *world, id string) {
			_, _ = w.sim.InApp(door, AppEdit{ID: id, Delete: true})
			_, _ = w.sim.InApp(door, AppEdit{Name: "New", PIN: "345678"})
		}, seen{"204", "345678~", "345678~", "auths-deleted auths"}, seen{"204", "345678~", "345678~", "auths-deleted auths"}},
		{"a sync does not hasten it", updateTo567891, func(w *world, _ string) { w.sync() },
			seen{"204 204", "345678", "345678", "masterdata config"}, seen{"204 204", "567891", "567891", "masterdata config auths"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{LateBy: 3600 * second})
			id := w.given(345678)
			w.sim.Once(door, "late_landing")
			c.late(w, id)
			w.settle()
			c.meanwhile(w, id)
			w.clock.Advance(59 * time.Minute)
			w.want(c.before)
			w.clock.Advance(2 * time.Minute)
			w.want(c.after)
		})
	}
}

func TestLate_ListedAtOnceShowsAnEntryThatTheLockHasNot(t *testing.T) {
	w := newWorld(t, Faults{LateBy: 3600 * second, PendingListed: true})
	w.sim.Once(door, "late_landing")
	w.create(345678)
	w.wantLists("345678!", "")
	w.settle()
	w.wantLists("345678", "")
	if got := strings.Join(w.sim.Snapshot(door).Operations, " "); got != "late create" {
		t.Errorf("in flight is %q, want the late create", got)
	}
	w.clock.Advance(time.Hour)
	w.wantLists("345678", "345678")
	if got := w.sim.Snapshot(door).Operations; len(got) != 0 {
		t.Errorf("in flight is %q, want nothing", got)
	}
}

func TestLate_WaitsForALockThatIsOfflineWhenItShouldLand(t *testing.T) {
	for _, c := range []struct {
		name   string
		queues bool
		want   string
	}{{"kept", true, "567891"}, {"dropped", false, "345678"}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{LateBy: 3600 * second, OfflineQueues: c.queues})
			id := w.given(345678)
			w.sim.Once(door, "late_landing")
			w.update(id, 567891)
			w.settle()
			w.sim.SetOffline(door, true)
			w.clock.Advance(2 * time.Hour)
			w.wantLists("345678", "345678")
			w.sim.SetOffline(door, false)
			w.settle()
			w.wantLists(c.want, c.want)
		})
	}
}

// An update for the cloud alone must not bring back what was deleted since.
func TestLate_ForTheCloudOnlyChangesNothingThatIsGone(t *testing.T) {
	w := newWorld(t, Faults{LateBy: 3600 * second})
	id := w.given(345678)
	w.sim.Once(door, "late_landing")
	w.sim.Once(door, "cloud_only")
	w.update(id, 567891)
	w.settle()
	w.remove(id)
	w.clock.Advance(2 * time.Hour)
	w.want(seen{"204 204", "", "", "auths-deleted"})
}
