// This file tests how errors in a row are counted.

package workflows

import (
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities"
)

func TestTrouble_CountsWhatWasAnsweredInARow(t *testing.T) {
	unknown, down := activities.ErrLockUnknown, activities.ErrUnreachable
	for _, c := range []struct {
		name          string
		answers       []string // empty for a sync that was accepted
		tries, inARow int
	}{
		{"one kind", []string{unknown, unknown, unknown}, 3, 3},
		{"another kind begins anew", []string{down, down, unknown}, 3, 1},
		{"an answer begins anew", []string{unknown, unknown, "", unknown}, 3, 1},
	} {
		entry := &Entry{Name: "K-R1"}
		s := withEntries(entry)
		for i, kind := range c.answers {
			now := began.Add(time.Duration(i) * time.Hour)
			s.synced(11, now)
			var err error
			if kind != "" {
				err = temporal.NewApplicationError("no", kind)
			}
			s.landSync(&flight{action: ActSync, lock: 11, began: now}, err, now)
		}
		if got := entry.Trouble; got.Tries != c.tries || got.InARow != c.inARow {
			t.Errorf("%s: %d tries, %d in a row, want %d and %d", c.name, got.Tries, got.InARow, c.tries, c.inARow)
		}
	}
}

func TestSync_IsLookedForAsSoonAsAWrite(t *testing.T) {
	entry := &Entry{Name: "K-R1", Looks: 9, Seen: Finding{Kind: Missing, At: began.Add(-time.Hour)}}
	s := withEntries(entry)
	s.synced(11, began)
	if got := s.situation(entry, began).nextLook().Sub(began); got != 3*time.Second {
		t.Errorf("the first look comes after %s, want 3 s", got)
	}
}
