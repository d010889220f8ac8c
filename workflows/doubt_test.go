// This file tests which lists are not believed.

package workflows

import "testing"

func TestBelief_DoubtsAListThatLostManyAndNotOnlyOurs(t *testing.T) {
	for _, c := range []struct {
		name        string
		before, now Belief
		want        bool
	}{
		{"nothing is known yet", Belief{}, Belief{}, false},
		{"all have vanished", Belief{Total: 2, Foreign: 1}, Belief{}, true},
		{"all have vanished, and all were ours", Belief{Total: 2}, Belief{}, false},
		{"three of four have", Belief{Total: 4, Foreign: 4}, Belief{Total: 1, Foreign: 1}, false},
		{"four of ten have", Belief{Total: 10, Foreign: 9}, Belief{Total: 6, Foreign: 5}, true},
		{"four of twenty have", Belief{Total: 20, Foreign: 19}, Belief{Total: 16, Foreign: 15}, false},
		{"four of ten have, and all were ours", Belief{Total: 10, Foreign: 6}, Belief{Total: 6, Foreign: 6}, false},
		{"more have come", Belief{Total: 10, Foreign: 9}, Belief{Total: 20, Foreign: 19}, false},
	} {
		if got := c.before.implausible(c.now); got != c.want {
			t.Errorf("%s: doubted: %v, want %v", c.name, got, c.want)
		}
	}
}
