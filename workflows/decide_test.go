// This file tests the recovery policy: at least one case for each row.

package workflows

import (
	"testing"
	"time"
)

// decision is one case of the policy: by which row, in words, and what is done in which
// situation. Words that begin with "and" or "but" go on from the case before.
type decision struct {
	row       string
	name      string
	do        Action
	attention Attention
	// wait is how long from now, for ActWait.
	wait time.Duration
	s    Situation
}

func TestDecide_EachRowOfThePolicy(t *testing.T) {
	for _, table := range []struct {
		name  string
		rows  []Row
		cases []decision
	}{{"present", PresentRows, presentCases}, {"absent", AbsentRows, absentCases}} {
		covered := map[string]bool{}
		for _, c := range table.cases {
			covered[c.row] = true
			t.Run(table.name+"/"+c.row+"/"+c.name, func(t *testing.T) { checkDecision(t, c) })
		}
		for _, row := range table.rows {
			if !covered[row.ID] {
				t.Errorf("%s: row %q has no case", table.name, row.ID)
			}
		}
	}
}

func checkDecision(t *testing.T, c decision) {
	t.Helper()
	step := Decide(c.s)
	if step.Row != c.row || step.Do != c.do || step.Attention != c.attention {
		t.Errorf("got %s by row %s with attention %q (%s), want %s by row %s with attention %q",
			step.Do, step.Row, step.Attention, step.Reason, c.do, c.row, c.attention)
	}
	if step.Do == ActWait && !step.Until.Equal(c.s.Now.Add(c.wait)) {
		t.Errorf("waits %s, want %s", step.Until.Sub(c.s.Now), c.wait)
	}
	if step.Reason == "" {
		t.Error("gives no reason")
	}
}
