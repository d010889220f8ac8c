// This file tests a lock's health: when it is put in quarantine, and what a person is told.

package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// writes are so many writes of known fate, from noon on.
func writes(n int, lost bool, seconds int64) (all []activities.Took) {
	for i := range n {
		all = append(all, activities.Took{At: after(float64(one(lost)*1000 + i)), Seconds: seconds, Lost: lost})
	}
	return all
}

func TestHealth_QuarantineByTheLocksOwnDoings(t *testing.T) {
	good, lost, slow := writes(1, false, 5), writes(1, true, 5), writes(1, false, 601)
	repeat := func(write []activities.Took, n int) (all []activities.Took) {
		for i := range n {
			one := write[0]
			one.At = one.At.Add(time.Duration(i) * time.Second)
			all = append(all, one)
		}
		return all
	}
	for _, c := range []struct {
		name  string
		takes []activities.Took
		want  bool
	}{
		{"a lock that takes every write", repeat(good, 20), false},
		{"four that were lost", repeat(lost, 4), false},
		{"five of them", repeat(lost, 5), true},
		{"five that were slow", repeat(slow, 5), true},
		{"some of each", append(repeat(slow, 3), repeat(lost, 2)...), true},
		{"five of them long ago", append(repeat(lost, 5), repeat(good, 18)...), false},
		{"not yet long enough ago", append(repeat(lost, 5), repeat(good, 17)...), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h Health
			for i, write := range c.takes {
				h.took([]activities.Took{write})
				h.judge(after(float64(i)))
			}
			if got := h.Quarantine != nil; got != c.want || len(h.Took) > keptWrites {
				t.Errorf("quarantined: %v, want %v, by %d writes", got, c.want, len(h.Took))
			}
		})
	}
}

func TestHealth_ACallThatIsTriedAgainTellsItsWritesOnce(t *testing.T) {
	var h Health
	for range 5 {
		h.took(writes(1, true, 5))
	}
	if len(h.Took) != 1 {
		t.Errorf("%d writes are counted", len(h.Took))
	}
}

func TestHealth_BadWritesAreForgottenAfterTwoWeeks(t *testing.T) {
	d := deskWith(staying("R1", "a1", 24, 48))
	d.Health.took(writes(6, true, 5))
	d.Health.judge(noon)
	late := after(1000).Add(writeLife)
	d.Health.judge(late)
	if d.Health.Quarantine == nil {
		t.Fatal("after two weeks to the minute it is forgotten, or was not quarantined at all")
	}
	d.Health.judge(late.Add(time.Hour))
	if d.Health.Quarantine != nil || len(d.Health.Took) > 0 {
		t.Errorf("after two weeks it is quarantined by %+v", d.Health.Took)
	}
}

func TestHealth_WritesThatNoWebhookTellsOfAreSilence(t *testing.T) {
	landed := func(n int) func(*Desk) {
		return func(d *Desk) {
			d.attend(activities.Attendance{Reservation: "R1", Took: writes(n, false, 5)}, after(10))
		}
	}
	lost := func(d *Desk) { d.attend(activities.Attendance{Reservation: "R1", Took: writes(5, true, 5)}, after(10)) }
	hears := func(minute float64) func(*Desk) {
		return func(d *Desk) {
			d.hear(nuki.Event{Feature: nuki.FeatureAuths, SmartlockID: 11, AuthID: "x"}, after(minute))
		}
	}
	for _, c := range []struct {
		name    string
		strokes []func(*Desk)
		// at is in minutes from noon.
		at   float64
		want bool
	}{
		{"three that landed", []func(*Desk){hears(-60), landed(3)}, 12, true},
		{"from the moment on when the webhook of the third is late", []func(*Desk){hears(-60), landed(3)}, 3.5, true},
		{"not while it may be on its way", []func(*Desk){hears(-60), landed(3)}, 3.4, false},
		{"two may be chance", []func(*Desk){hears(-60), landed(2)}, 12, false},
		{"what was lost causes none", []func(*Desk){hears(-60), lost}, 12, false},
		{"one webhook ends it", []func(*Desk){hears(-60), landed(3), hears(11)}, 12, false},
		{"one that came meanwhile as well", []func(*Desk){hears(5), landed(3)}, 12, false},
		{"an account that never had any is not silent", []func(*Desk){landed(3)}, 12, false},
	} {
		d := deskWith(staying("R1", "a1", 24, 48))
		for _, stroke := range c.strokes {
			stroke(d)
		}
		if got := slices.Contains(d.attention(after(c.at)), AttentionWebhooksSilent); got != c.want {
			t.Errorf("%s: silent %v, want %v (%+v)", c.name, got, c.want, d.Health.Took)
		}
	}
}

func TestHealth_APersonsQuarantineEndsWithAPerson(t *testing.T) {
	d := deskWith(staying("R1", "a1", 24, 48))
	pullQuarantine(d, Order{Why: "the door sticks"}, noon)
	d.Health.took(writes(20, false, 5))
	d.Health.judge(after(1))
	if q := d.Health.Quarantine; q == nil || q.Why != "the door sticks" || d.status() != LockQuarantined {
		t.Fatalf("after twenty good writes: %+v", q)
	}
	if err := checkQuarantine(d, Order{}, noon); err == nil {
		t.Error("it can be quarantined twice")
	}
	pullRelease(d, Order{}, after(2))
	if err := checkRelease(d, Order{}, noon); d.Health.Quarantine != nil || err == nil {
		t.Error("it is not released, or can be twice")
	}
}

func TestHealth_AReleaseForgivesWhatWasBefore(t *testing.T) {
	d := deskWith(staying("R1", "a1", 24, 48))
	d.Health.took(writes(6, true, 5))
	d.Health.judge(noon)
	if d.Health.Quarantine == nil || checkQuarantine(d, Order{}, noon) != nil {
		t.Fatal("six bad writes do not quarantine, or a person cannot make it his own")
	}
	released := after(2000 + 100)
	pullRelease(d, Order{}, released)
	d.Health.judge(released)
	if d.Health.Quarantine != nil {
		t.Fatal("what was before the release counts")
	}
	for i := range 5 {
		d.Health.took([]activities.Took{{At: released.Add(time.Duration(i+1) * time.Minute), Lost: true}})
	}
	d.Health.judge(released)
	if d.Health.Quarantine == nil {
		t.Error("what came after it does not")
	}
}

func TestHealth_AQuarantineIsToldToThoseWhoArePlanned(t *testing.T) {
	planned := staying("R2", "", 24, 48)
	planned.Entries[0].Placed = false
	d := deskWith(staying("R1", "a1", -1, 48), planned)
	pullQuarantine(d, Order{}, noon)
	d.plan(noon)
	d.advise()
	if d.attendee("R1").Due != nil {
		t.Error("who is on the lock already is told")
	}
	want := Advice{Lead: 2 * DefaultPolicy().Lead, Quarantined: true}
	if due := d.attendee("R2").Due; due == nil || due.Advice == nil || *due.Advice != want || due.Reason != WakeAdvice {
		t.Fatalf("who is planned is told %+v", due)
	}
	d.attendee("R2").Due = nil
	d.advise()
	if d.attendee("R2").Due != nil {
		t.Error("the same advice is told twice")
	}
}

func TestHealth_TheLinkIsKnownByTheNewestWord(t *testing.T) {
	status := func(state int) nuki.Event {
		return nuki.Event{Feature: nuki.FeatureStatus, SmartlockID: 11, ServerState: &state}
	}
	for _, c := range []struct {
		name   string
		events []nuki.Event
		want   LockStatus
		odd    int64
	}{
		{"nothing is heard", nil, LockUnknown, 0},
		{"it says that it is online", []nuki.Event{status(0)}, LockOnline, 0},
		{"it says that it is offline", []nuki.Event{status(0), status(4)}, LockOffline, 0},
		{"a code typed after that is a sign of life", []nuki.Event{status(4), logRow(0, "a1")}, LockOnline, 0},
		{"a state that does not exist says nothing", []nuki.Event{status(0), status(99), status(-1)}, LockOnline, 2},
		{"a status without a state neither", []nuki.Event{status(4), {Feature: nuki.FeatureStatus, SmartlockID: 11}}, LockOffline, 0},
		{"a master record tells of a sync alone", []nuki.Event{status(4), {Feature: nuki.FeatureMasterdata, SmartlockID: 11}}, LockOffline, 0},
	} {
		d := deskWith(staying("R1", "a1", -1, 48))
		for _, event := range c.events {
			d.hear(event, noon)
		}
		if got := d.status(); got != c.want || d.Odd != c.odd || d.Heard != int64(len(c.events)) {
			t.Errorf("%s: %s with %d odd of %d, want %s with %d", c.name, got, d.Odd, d.Heard, c.want, c.odd)
		}
	}
}

func TestHealth_APersonIsCalled(t *testing.T) {
	healthy := func(d *Desk) {
		d.Health.read(activities.LockState{KeypadPaired: true}, noon.Add(-time.Hour))
	}
	read := func(state activities.LockState) func(*Desk) {
		return func(d *Desk) { d.Health.read(state, noon.Add(-time.Hour)) }
	}
	offline := func(ago time.Duration) func(*Desk) {
		return func(d *Desk) { healthy(d); d.Health.link(nuki.ServerOffline, noon.Add(-ago)) }
	}
	heard := func(ago time.Duration, syncs ...time.Duration) func(*Desk) {
		return func(d *Desk) {
			healthy(d)
			d.HeardAt = noon.Add(-ago)
			for _, before := range syncs {
				d.SyncDesk.sent(noon.Add(-before))
			}
		}
	}
	for _, c := range []struct {
		name string
		do   func(*Desk)
		want []Attention
	}{
		{"for nothing before the first word", func(*Desk) {}, nil},
		{"for nothing while all is well", healthy, nil},
		{"not for a lock that is offline for a moment", offline(29 * time.Minute), nil},
		{"for one that is offline for long", offline(30 * time.Minute), []Attention{AttentionLockOffline}},
		{"for a link that must be set up anew", read(activities.LockState{KeypadPaired: true, ServerState: nuki.ServerAuthInvalid}), []Attention{AttentionAccountRefused}},
		{"for a subscription that is missing", read(activities.LockState{KeypadPaired: true, Error: "no subscription"}), []Attention{AttentionAccountRefused}},
		{"for an account that refuses", func(d *Desk) { healthy(d); d.Health.Trouble.Type = activities.ErrAccountRefused }, []Attention{AttentionAccountRefused}},
		{"for a lock that is gone from it", func(d *Desk) { healthy(d); d.Health.Trouble.Type = activities.ErrLockUnknown }, []Attention{AttentionLockUnknown}},
		{"not for a cloud that is away", func(d *Desk) { healthy(d); d.Health.Trouble.Type = activities.ErrUnreachable }, nil},
		{"for a keypad that is not paired", read(activities.LockState{}), []Attention{AttentionKeypadMissing}},
		{"for the lock's battery", read(activities.LockState{KeypadPaired: true, BatteryCritical: true}), []Attention{AttentionBattery}},
		{"for the keypad's", read(activities.LockState{KeypadPaired: true, KeypadBatteryCritical: true}), []Attention{AttentionKeypadBattery}},
		{"for a quarantine", func(d *Desk) { healthy(d); pullQuarantine(d, Order{}, noon) }, []Attention{AttentionQuarantined}},
		{"for webhooks that have stopped", heard(49*time.Hour, 47*time.Hour, 23*time.Hour), []Attention{AttentionWebhooksSilent}},
		{"not on a door where nothing happens", heard(49 * time.Hour), nil},
		{"nor while they may be on their way", heard(47*time.Hour, 46*time.Hour), nil},
		{"nor where there never were any", func(d *Desk) { healthy(d); d.SyncDesk.sent(noon.Add(-47 * time.Hour)) }, nil},
		{"for two syncs of which none told", func(d *Desk) { heard(time.Hour)(d); d.Health.Unheard = 2 }, []Attention{AttentionWebhooksSilent}},
		{"for a PIN that should be dead, for a day", func(d *Desk) { healthy(d); d.Door.DeadUsed = []DeadUse{{HeardAt: noon.Add(-23 * time.Hour)}} }, []Attention{AttentionDeadUsed}},
		{"and no longer", func(d *Desk) { healthy(d); d.Door.DeadUsed = []DeadUse{{HeardAt: noon.Add(-25 * time.Hour)}} }, nil},
		{"for more bookings than it holds", func(d *Desk) { healthy(d); d.Capacity.Peak = 101 }, []Attention{AttentionNoSpace}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(staying("R1", "a1", -1, 480))
			c.do(d)
			if got := d.attention(noon); !slices.Equal(got, c.want) {
				t.Errorf("attention %v, want %v", got, c.want)
			}
		})
	}
}

func TestHealth_AWebhookOfASyncEndsTheSilence(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.HeardAt, d.Health.Unheard = noon.Add(-time.Hour), 5
	d.hear(nuki.Event{Feature: nuki.FeatureConfig, SmartlockID: 11}, noon)
	if d.Health.Unheard != 0 || d.silent(noon) {
		t.Errorf("%d syncs count as unheard", d.Health.Unheard)
	}
}

func TestHealth_ALongOutageIsShownInItsTime(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.Health.link(nuki.ServerOffline, noon)
	if at := d.changesAt(noon, false); !at.Equal(noon.Add(30 * time.Minute)) {
		t.Errorf("the desk looks at itself again at %s", at)
	}
	if at := d.changesAt(noon.Add(30*time.Minute), false); !at.IsZero() {
		t.Errorf("and then at %s", at)
	}
}
