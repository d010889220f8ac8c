// This file tests how far apart the syncs of one lock are, and how many a day has.

package workflows

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities"
)

func TestSync_StaysWithinItsBounds(t *testing.T) {
	policy := DefaultPolicy()
	every := func(minutes float64, n int) (syncs []float64) {
		for i := range n {
			syncs = append(syncs, -minutes*float64(n-i))
		}
		return syncs
	}
	for _, c := range []struct {
		name   string
		sent   []float64
		urgent bool
		want   float64
	}{
		{"the first one at once", nil, false, -1e6},
		{"the next one a quarter of an hour later", []float64{-5}, false, 10},
		{"but for a guest at the door", []float64{-5}, true, -3},
		{"who waits two minutes", []float64{-1}, true, 1},
		{"from the fifth of a day on they are spread", every(16, 5), false, 120 - 16},
		{"but for a guest at the door, again", every(16, 5), true, -14},
		{"there are twelve a day", every(119, 12), false, 24*60 - 119*12},
		{"and some more for guests at the door", every(60, 12), true, -58},
		{"though not without end", every(50, 24), true, 24*60 - 50*24},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s SyncDesk
			for _, minutes := range c.sent {
				s.sent(after(minutes))
			}
			at := s.allowedAt(c.urgent, policy)
			if c.want > -1e6 && !at.Equal(after(c.want)) || c.want <= -1e6 && !at.IsZero() {
				t.Errorf("allowed %s from now, want %v minutes", at.Sub(noon), c.want)
			}
		})
	}
}

func TestSync_NoDayHasMoreThanItsNumber(t *testing.T) {
	for _, urgent := range []bool{false, true} {
		d, policy := asking("R1"), DefaultPolicy()
		var sent []time.Time
		for now := noon; now.Before(noon.Add(72 * time.Hour)); now = now.Add(30 * time.Second) {
			d.ask(Ask{Reservation: "R1", Since: now.Add(-time.Second), Urgent: urgent}, now)
			if step := d.syncDue(now); !step.Until.IsZero() && !step.Until.After(now) {
				d.synced(now)
				sent = append(sent, now)
			}
			d.answer(now, false)
		}
		most, gap := policy.SyncsPerDay, policy.SyncGap.D()
		if urgent {
			most, gap = policy.SyncsUrgent, policy.SyncGapUrgent.D()
		}
		for i, at := range sent {
			if i > 0 && at.Sub(sent[i-1]) < gap {
				t.Errorf("urgent %v: two syncs %s apart", urgent, at.Sub(sent[i-1]))
			}
			if i >= most && at.Sub(sent[i-most]) < day.D() {
				t.Errorf("urgent %v: %d syncs in %s", urgent, most+1, at.Sub(sent[i-most]))
			}
		}
		if len(sent) < 3*most-most/2 || len(d.SyncDesk.Sent) > most+1 {
			t.Errorf("urgent %v: %d syncs in three days, %d remembered", urgent, len(sent), len(d.SyncDesk.Sent))
		}
	}
}

func TestSync_AfterOneThatFailedTheNextKeepsTheGapWhereItMayHaveBeenSent(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		urgent     bool
		// want is in minutes.
		want float64
	}{
		{"without an answer", activities.ErrUnreachable, false, 15},
		{"with a guest at the door", activities.ErrUnreachable, true, 2},
		{"where Nuki has refused it", activities.ErrRateLimited, true, 0.5},
		{"where it has not left the worker", activities.ErrNotSent, false, 0.5},
	} {
		d := deskWith(staying("R1", "a1", -1, 480))
		d.SyncDesk.refused(noon, d.rules(), mayHaveSynced(temporal.NewApplicationError("no", c.kind)))
		if at := d.SyncDesk.allowedAt(c.urgent, d.rules()); !at.Equal(after(c.want)) {
			t.Errorf("%s the next one may be sent after %s, want %v minutes", c.name, at.Sub(noon), c.want)
		}
	}
}

func TestSync_EmergenciesMayBeAsManyAsGuestsArriveOrLeave(t *testing.T) {
	house := func(guests, from, until int) (all []activities.Attendance) {
		for i := range guests {
			all = append(all, staying(fmt.Sprintf("R%d", i), fmt.Sprintf("a%d", i), from, until))
		}
		return all
	}
	for _, c := range []struct {
		name   string
		guests []activities.Attendance
		want   int
	}{
		{"a flat's door", house(1, 0, 48), 24},
		{"sixty arrive in the next hours", house(60, 12, 48), 60},
		{"or left in the last", house(60, -48, -12), 60},
		{"two hundred stay", house(200, -48, 48), 24},
		{"or come next week", house(200, 168, 240), 24},
	} {
		if got := deskWith(c.guests...).syncRules(noon).SyncsUrgent; got != c.want {
			t.Errorf("%s: %d emergencies in a day, want %d", c.name, got, c.want)
		}
	}
}
