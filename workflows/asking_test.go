// This file tests how a reservation has its locks synced by their front desks, and
// what it does where no answer comes.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// wantsSync is a decision for a sync that was asked for so many minutes from noon on.
func wantsSync(since float64, urgent bool) Step {
	return Step{Do: ActSync, Since: after(since), Urgent: urgent, Attention: AttentionGhost, Row: "some-row", Reason: "because"}
}

// asked is a request of so many minutes from noon.
func asked(at, since float64, urgent bool) Asked {
	return Asked{At: after(at), Ask: Ask{Reservation: "R1", Since: after(since), Urgent: urgent}}
}

func TestAsking_GoesThroughTheDesk(t *testing.T) {
	put := func(a Asked, from float64) Asked {
		a.From = after(from)
		return a
	}
	failed := func(a Asked) Asked {
		a.Failed = true
		return a
	}
	for _, c := range []struct {
		name  string
		asked Asked
		step  Step
		do    Action
		alone bool
		// wait is in minutes from noon.
		wait float64
	}{
		{"nobody was asked: ask", Asked{}, wantsSync(-5, false), ActSync, false, 0},
		{"asked a moment ago: wait for a minute", asked(-0.5, -5, false), wantsSync(-5, false), ActWait, false, 0.5},
		{"one request serves every entry of the lock", asked(-0.5, -5, false), wantsSync(-0.1, false), ActWait, false, 0.5},
		{"an urgent request serves any", asked(-0.5, -5, true), wantsSync(-5, false), ActWait, false, 0.5},
		{"what is urgent asks again", asked(-0.5, -5, false), wantsSync(-5, true), ActSync, false, 0},
		{"no answer for a minute: alone", asked(-1, -5, false), wantsSync(-5, false), ActSync, true, 0},
		{"the desk put it off: wait for that and a minute", put(asked(-5, -9, false), 3), wantsSync(-9, false), ActWait, false, 4},
		{"and then no answer: alone", put(asked(-15, -19, false), -1), wantsSync(-19, false), ActSync, true, 0},
		{"the desk does not run: alone at once", failed(asked(-0.1, -5, false)), wantsSync(-5, false), ActSync, true, 0},
		{"what was asked long ago is forgotten", asked(-17, -20, false), wantsSync(-20, false), ActSync, false, 0},
		{"anything else is no matter of the desk's", asked(-0.5, -5, false), Step{Do: ActRead}, ActRead, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Situation{Now: noon, Policy: DefaultPolicy(), Lock: LockMemory{Asked: c.asked}, Entry: Entry{Absent: true}}
			step := throughDesk(s, c.step)
			if step.Do != c.do || step.Alone != c.alone || step.Do == ActWait && !step.Until.Equal(after(c.wait)) {
				t.Fatalf("got %s, alone %v, until %s; want %s, alone %v, until %v minutes", step.Do, step.Alone, step.Until.Sub(noon), c.do, c.alone, c.wait)
			}
			if step.Do == ActWait && (step.Row != c.step.Row || step.Attention != c.step.Attention) {
				t.Errorf("the wait forgets the row and the attention: %+v", step)
			}
		})
	}
}

func TestAsking_TheAnswerIsTakenIn(t *testing.T) {
	now := after(1)
	for _, c := range []struct {
		name   string
		asked  Asked
		before []float64
		news   SyncNews
		// want is the last sync, from when the next may be sent, and whether the
		// request is still open.
		sync, from float64
		marked     bool
		open       bool
	}{
		{"a sync that serves", asked(-1, -5, false), nil, SyncNews{At: noon}, 0, 0, false, false},
		{"with its mark", asked(-1, -5, false), nil, SyncNews{At: noon, MarkAt: after(0.5)}, 0, 0, true, false},
		{"an older one that does not", asked(-1, -0.5, false), nil, SyncNews{At: after(-0.6)}, -0.6, 0, false, true},
		{"the time of the next", asked(-1, -0.5, false), []float64{-2}, SyncNews{From: after(9)}, -2, 9, false, true},
		{"both at once", asked(-1, -0.5, false), nil, SyncNews{At: after(-0.6), From: after(9)}, -0.6, 9, false, true},
		{"one that is known already", asked(-1, -5, false), []float64{-3, 0}, SyncNews{At: noon}, 0, 0, false, false},
		{"an old one, after a newer of its own", asked(-1, -5, false), []float64{0.5}, SyncNews{At: noon}, 0.5, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			entry := &Entry{Lock: 11, Looks: 9}
			state := &State{Locks: []LockMemory{{ID: 11, Asked: c.asked}}, Entries: []*Entry{entry}}
			m := state.lock(11)
			for _, at := range c.before {
				m.synced(after(at))
			}
			news := c.news.At.After(m.lastSync())
			state.deskAnswered(11, c.news, now)
			if soon := entry.Looks == looksAtSync; soon != news {
				t.Errorf("looked for soon: %v, want %v", soon, news)
			}
			if !m.lastSync().Equal(after(c.sync)) || m.marked() != c.marked || len(m.Syncs) > len(c.before)+1 {
				t.Errorf("syncs %v, marked %v", m.Syncs, m.marked())
			}
			if m.Asked.At.IsZero() == c.open || c.from != 0 && !m.Asked.From.Equal(after(c.from)) || c.from == 0 && !m.Asked.From.IsZero() {
				t.Errorf("the request is %+v, want open: %v", m.Asked, c.open)
			}
		})
	}
}

// TestAsking_IsNoEndlessLoop has two entries of one lock decide in turns, each with
// needs of its own, and a desk that says nothing.
func TestAsking_IsNoEndlessLoop(t *testing.T) {
	policy := DefaultPolicy()
	for name, steps := range map[string]func(now time.Time) []Step{
		"two that need syncs of different age": func(time.Time) []Step { return []Step{wantsSync(-5, false), wantsSync(-1, false)} },
		"one of them urgent":                   func(time.Time) []Step { return []Step{wantsSync(-5, true), wantsSync(-1, false)} },
		"one whose need moves on with time": func(now time.Time) []Step {
			return []Step{{Do: ActSync, Since: now.Add(-time.Hour), Reason: "an operation has been running for long"}}
		},
		"one that has nothing to wait for": func(now time.Time) []Step { return []Step{{Do: ActSync, Since: now, Reason: "at once"}} },
	} {
		t.Run(name, func(t *testing.T) {
			memory, asks, alone := LockMemory{ID: 11}, 0, time.Time{}
			for now := noon; alone.IsZero() && now.Before(after(5)); now = now.Add(10 * time.Millisecond) {
				for _, step := range steps(now) {
					step = throughDesk(Situation{Now: now, Policy: policy, Lock: memory, Entry: Entry{Absent: true}}, step)
					switch {
					case step.Do == ActSync && step.Alone:
						alone = now
					case step.Do == ActSync:
						memory.Asked = memory.Asked.with(step, "R1", now, policy)
						asks++
					}
				}
			}
			if asks > 2 {
				t.Errorf("asked %d times", asks)
			}
			if waited := alone.Sub(noon); alone.IsZero() || waited < policy.AskWait.D() || waited > policy.AskWait.D()+time.Second {
				t.Errorf("acts alone after %s", waited)
			}
		})
	}
}

func TestAsking_WhatIsUrgentDoesNotWaitForWhatTheOthersWereTold(t *testing.T) {
	policy := DefaultPolicy()
	waiting := asked(-5, -9, false)
	waiting.From = after(600) // A dozen syncs a day have been sent.
	both := waiting.with(wantsSync(-1, true), "R1", noon, policy)
	if !both.Urgent || !both.Since.Equal(after(-1)) || !both.At.Equal(noon) || !both.From.IsZero() {
		t.Errorf("the urgent request is %+v", both)
	}
	if until := both.until(policy); !until.Equal(after(1)) {
		t.Errorf("an answer is waited for until %s", until)
	}
	later := waiting.with(wantsSync(-1, false), "R1", noon, policy)
	if later.Urgent || !later.Since.Equal(after(-1)) || !later.At.Equal(waiting.At) || !later.From.Equal(waiting.From) {
		t.Errorf("the other one is %+v", later)
	}
}

func TestAsking_NoSyncIsSentBeforeTheDesksTime(t *testing.T) {
	s := situation(func(s *Situation) {
		s.Lock.Asked = Asked{At: s.Now, From: s.Now.Add(7 * time.Minute)}
	})
	if s.maySync() || !s.syncAllowedAt().Equal(s.Now.Add(7*time.Minute)) {
		t.Errorf("allowed at %s", s.syncAllowedAt())
	}
	s = situation(at(time.Minute), seen(Exact), func(s *Situation) {
		s.Lock.Asked = Asked{At: s.Now, From: s.Now.Add(7 * time.Minute)}
	})
	if !s.maySync() {
		t.Error("a guest at the door waits for what was said to one who could wait")
	}
}

func TestAsking_TheDeskHearsHowLongWritesTook(t *testing.T) {
	entry := func(shown bool, unsure bool) Entry {
		return Entry{Write: Write{Kind: ActCreate, At: noon, Shown: shown, Unsure: unsure}, Tries: 2}
	}
	for _, c := range []struct {
		name          string
		before, after Entry
		want          []activities.Took
	}{
		{"a write that shows", entry(false, false), entry(true, false), []activities.Took{{At: noon, Seconds: 90}}},
		{"one that does not yet", entry(false, false), entry(false, false), nil},
		{"one that has shown before", entry(true, false), entry(true, false), nil},
		{"one that may not have been sent", entry(false, true), entry(true, true), nil},
		{"none", Entry{}, Entry{}, nil},
	} {
		m := LockMemory{}
		m.landed(c.before, &c.after, after(1.5))
		if len(m.Took) != len(c.want) || len(m.Took) == 1 && m.Took[0] != c.want[0] {
			t.Errorf("%s: %+v, want %+v", c.name, m.Took, c.want)
		}
	}
}

func TestAsking_TheDeskHearsOfWritesThatWereLost(t *testing.T) {
	entry := func(tries int, shown, unsure bool) Entry {
		return Entry{Write: Write{Kind: ActDelete, At: noon, Shown: shown, Unsure: unsure}, Tries: tries}
	}
	ghost := func(tries int) Entry {
		e := entry(tries, false, false)
		e.Absent = true
		return e
	}
	link := func(state nuki.ServerState) *activities.LockState { return &activities.LockState{ServerState: state} }
	for _, c := range []struct {
		name  string
		entry Entry
		state *activities.LockState
		want  int
	}{
		{"a second try", entry(1, false, false), nil, 1},
		{"and a third", entry(2, false, false), link(nuki.ServerOnline), 1},
		{"not the first", entry(0, false, false), nil, 0},
		{"nor one after a write that has shown", entry(1, true, false), nil, 0},
		{"nor after one that may not have been sent", entry(1, false, true), nil, 0},
		{"nor on a lock that is offline", entry(1, false, false), link(nuki.ServerOffline), 0},
		{"nor once more of an entry that will not go", ghost(3), nil, 0},
		{"but while that may be the lock", ghost(2), nil, 1},
	} {
		m := LockMemory{State: c.state}
		m.sentAgain(&c.entry, after(1.5))
		if len(m.Took) != c.want || c.want == 1 && m.Took[0] != (activities.Took{At: noon, Seconds: 90, Lost: true}) {
			t.Errorf("%s: %+v", c.name, m.Took)
		}
	}
}

func TestAsking_OnlyAWriteThatWasAcceptedOnceMoreSaysThatOneWasLost(t *testing.T) {
	for outcome, want := range map[activities.Outcome]int{
		activities.Accepted: 1, activities.AlreadyRight: 0, activities.NotThere: 0, activities.CodeInUse: 0, activities.Busy: 0,
	} {
		entry := &Entry{Name: "K-R1", AuthID: "a1", Absent: true, Write: Write{Kind: ActDelete, At: noon}, Tries: 1}
		s := withEntries(entry)
		s.landWrite(&flight{action: ActDelete, lock: entry.Lock, entry: entry, absent: true, window: entry.Window, began: after(1.5)}, activities.WriteResult{Outcome: outcome}, nil, after(2))
		if took := s.lock(entry.Lock).Took; len(took) != want {
			t.Errorf("after %s: %+v", outcome, took)
		}
	}
}
