// This file tests the campaign itself: that its judge sees what goes wrong, that
// a world is the same twice, and that what it calls feasible is so by the plan.

package campaign

import (
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/workflows"
)

func profile(t *testing.T, name string) Profile {
	t.Helper()
	found, err := ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// figuresOf runs one small world.
func figuresOf(t *testing.T, profile Profile, run func(*Plan, bool) (*Log, error)) Figures {
	t.Helper()
	results, err := Run(Options{Profile: profile, Seed: 7, Stays: 24, Strategies: []Strategy{{"test", run}}})
	if err != nil {
		t.Fatal(err)
	}
	return results[0].Figures
}

func TestJudge_SeesThatNobodyGotIn(t *testing.T) {
	f := figuresOf(t, profile(t, "clean"), func(plan *Plan, _ bool) (*Log, error) {
		s, err := newStage(plan, func() time.Time { return plan.Begins }, nil, false)
		if err != nil {
			return nil, err
		}
		for _, stay := range plan.Stays {
			s.tell(stay, newDice(1, stay.ID).pin())
			s.log.claim(Claim{Stay: stay.ID, At: plan.Begins, Status: workflows.StatusReady})
		}
		return s.log, nil
	})
	if f.Expected < 20 || f.AtCheckIn != 0 || f.Kept != 0 || f.FalseReady != f.Expected {
		t.Errorf("of %d guests %d got in, %d were kept, %d times ready was false; want all, 0, 0, all",
			f.Expected, f.AtCheckIn, f.Kept, f.FalseReady)
	}
}

func TestJudge_SeesWhatIsNeverDeleted(t *testing.T) {
	f := figuresOf(t, profile(t, "clean"), func(plan *Plan, keep bool) (*Log, error) {
		for _, stay := range plan.Stays { // As if nobody ever heard of a change.
			stay.Messages[0].Wish.After = workflows.Duration(2000 * time.Hour)
		}
		log, err := FireAndForget(plan, keep)
		for _, stay := range plan.Stays {
			stay.Messages[0].Wish.After = workflows.Duration(15 * time.Minute)
		}
		return log, err
	})
	if f.Outside < 10 || f.Left < 10 {
		t.Errorf("%d PINs opened outside their window and %d entries were left behind; want many", f.Outside, f.Left)
	}
}

func TestJudge_FindsNothingWrongInACleanWorld(t *testing.T) {
	for _, strategy := range Strategies {
		f := figuresOf(t, profile(t, "clean"), strategy.Run)
		if f.Kept != f.Expected || f.Feasible != f.Expected || f.EndedInTime != f.FeasibleEndings || f.Left != 0 || f.Touched != 0 {
			t.Errorf("%s in a clean world: %+v", strategy.Name, f)
		}
	}
}

func TestPlainStrategies_LoseStaysWhereTheCloudLies(t *testing.T) {
	lies := profile(t, "clean")
	lies.Disturbances = []Disturbance{{
		Name: "lies", Every: workflows.Duration(30 * time.Hour), Shortest: workflows.Duration(5 * time.Hour), Longest: workflows.Duration(20 * time.Hour),
	}}
	lies.Disturbances[0].Faults.LoseAccepted = 0.9
	if f := figuresOf(t, lies, FireAndForget); f.Kept == f.Expected || f.FalseReady == 0 {
		t.Errorf("fire and forget kept %d of %d stays with %d false ready; want losses", f.Kept, f.Expected, f.FalseReady)
	}
}

func TestWorld_IsTheSameTwice(t *testing.T) {
	hash := func(seed uint64) string {
		results, err := Run(Options{Profile: profile(t, "hostile"), Seed: seed, Stays: StaysPerWorld, Strategies: Strategies[:1]})
		if err != nil {
			t.Fatal(err)
		}
		return results[0].Hash
	}
	first, second, other := hash(3), hash(3), hash(4)
	if first != second {
		t.Errorf("two runs of one seed left the traces %s and %s", first, second)
	}
	if first == other {
		t.Errorf("two seeds left the same trace %s", first)
	}
}

func TestProfiles_LeaveStaysThatCouldBeKept(t *testing.T) {
	for name, least := range map[string]float64{"clean": 1, "mission-post": 0.95, "bad-week": 0.9, "no-webhooks": 0.95, "hostile": 0.5} {
		expected, feasible := 0, 0
		for world := range 60 {
			plan := NewPlan(profile(t, name), 1, world, StaysPerWorld)
			for _, stay := range plan.Stays {
				guest, could, _ := plan.prospects(stay)
				expected, feasible = expected+one(guest), feasible+one(guest && could)
			}
		}
		if got := float64(feasible) / float64(expected); got < least {
			t.Errorf("%s: %.2f %% of %d stays are feasible, want at least %.0f %%", name, got*100, expected, least*100)
		}
	}
}

func TestProfiles_AreReadStrictly(t *testing.T) {
	const good = "- {name: a, says: b, why: c, disturbances: [{name: d, why: e, every: 1h, shortest: 1m, longest: 2m, faults: {fail: 0.5}}]}"
	if _, err := parseProfiles([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"name: a", "nam: a", `unknown field "nam"`},
		{"fail: 0.5", "fial: 0.5", `unknown field "fial"`},
		{"why: e, ", "", "needs a name and a reason"},
		{"every: 1h", "every: 0s", "positive mean time"},
		{"every: 1h", "every: soon", "not a duration"},
		{"longest: 2m", "longest: 1s", "longest one not below it"},
		{"faults: {fail: 0.5}", "act: paint", `unknown act "paint"`},
		{"why: c", "why: c, always: {lose_accepted: 0.1}", "no stay could be kept"},
	} {
		_, err := parseProfiles([]byte(strings.Replace(good, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.to, c.from, err, c.want)
		}
	}
	if _, err := ProfileNamed("sunny"); err == nil || !strings.Contains(err.Error(), "clean") {
		t.Errorf("an unknown name is answered with %v, want the names there are", err)
	}
}

// hours are moments of one day.
func hours(from, until float64) span {
	at := func(h float64) time.Time { return firstDay.Add(time.Duration(h * float64(time.Hour))) }
	return span{at(from), at(until)}
}

func TestFeasible_ByTheSchedule(t *testing.T) {
	stay := &Stay{ID: "S", Messages: []Message{{At: firstDay, Wish: workflows.Wish{StartsAt: hours(0, 12).until, EndsAt: hours(0, 20).until}}}}
	bad := func(from, until float64) Trouble {
		d := Disturbance{}
		d.Faults.LoseAccepted = 0.5
		return Trouble{Disturbance: d, From: hours(from, until).from, Until: hours(from, until).until}
	}
	act := func(at float64) Trouble {
		return Trouble{Disturbance: Disturbance{Act: actUnrestrict}, From: hours(at, at).from, Until: hours(at, at).from, Stay: stay}
	}
	offline := func(from, until float64) Trouble {
		return Trouble{Disturbance: Disturbance{Offline: true}, From: hours(from, until).from, Until: hours(from, until).until}
	}
	for _, c := range []struct {
		name     string
		troubles []Trouble
		rung     float64
		planned  bool
		anytime  bool
	}{
		{"nothing goes wrong", nil, 6, true, true},
		{"a good spell around the rung", []Trouble{bad(0, 5), bad(7, 12)}, 6, true, true},
		{"a good spell that the rung misses", []Trouble{bad(0, 5), bad(7, 12)}, 8, false, true},
		{"a good spell that lasts to the probe", []Trouble{bad(0, 10)}, 6, true, true},
		{"a good spell that is too short", []Trouble{bad(0, 11)}, 6, false, false},
		{"no connection all the time", []Trouble{offline(0, 12)}, 6, false, false},
		{"two troubles that leave no gap", []Trouble{offline(0, 6), bad(5, 11)}, 6, false, false},
		{"somebody edits the entry after the last good spell", []Trouble{bad(3, 12), act(13)}, 2, false, false},
		{"somebody edits the entry before a good spell", []Trouble{act(2)}, 6, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := &Plan{Locks: []*PlannedLock{{ID: 1, Troubles: c.troubles}}, Stays: []*Stay{stay}, Ends: hours(0, 48).until}
			d := demand{lock: 1, known: hours(0, 12).from, by: hours(0, 12).until, rungs: []time.Time{hours(c.rung, 12).from}}
			planned, anytime := plan.feasible(stay, d, true), plan.feasible(stay, d, false)
			if planned != c.planned || anytime != c.anytime {
				t.Errorf("feasible %v, without a planned look %v; want %v and %v", planned, anytime, c.planned, c.anytime)
			}
		})
	}
}

func TestPrint_NeverRoundsALossAway(t *testing.T) {
	for _, c := range []struct {
		n, of int
		want  string
	}{{10000, 10000, "10000 (100.00 %)"}, {99999, 100000, "99999 (99.99 %)"}, {0, 0, "–"}, {1, 3, "1 (33.33 %)"}} {
		if got := share(c.n, c.of); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.n, c.of, got, c.want)
		}
	}
}

func TestReplay_TellsOneStayAlone(t *testing.T) {
	text, err := Replay(profile(t, "mission-post"), 1, 0, 12, "S0-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"S0-1         booked", "calls choose-pin", "said to be ready", "create of K-S0-1 lands", "Stay:S0-1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the timeline says nothing of %q", want)
		}
	}
	if strings.Contains(text, "S1-0 ") {
		t.Error("the timeline tells of another stay")
	}
	if _, err := Replay(profile(t, "clean"), 1, 0, 12, "nobody"); err == nil {
		t.Error("a stay that is not there is no error")
	}
}
