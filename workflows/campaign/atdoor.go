// This file judges what was noticed at the door.

package campaign

import (
	"slices"
	"time"

	"github.com/keystay/keystay/workflows"
)

const (
	// noticedWithin is how soon a refused guest, or the use of a dead PIN, must be
	// told; letInWithin how soon the guest should be in.
	noticedWithin = time.Minute
	letInWithin   = 15 * time.Minute
)

// atDoor adds what happened at the keypads to the figures.
func (f *Figures) atDoor(log *Log) {
	for _, refusal := range log.Refusals {
		if refusal.Awaited != 1 {
			f.RefusedShared++
			continue
		}
		f.Refused++
		f.Noticed += one(log.raised(refusal.Stay, refusal.At, workflows.AttentionRefusedAtDoor))
		f.LetIn += one(!refusal.LetIn.IsZero() && refusal.LetIn.Sub(refusal.At) <= letInWithin)
	}
	for _, use := range log.DeadUses {
		f.DeadUses++
		f.Reported += one(log.raised(use.Stay, use.At, workflows.AttentionDeadUsed))
	}
}

// raised says that a stay showed a reason for attention a minute after a moment.
func (l *Log) raised(stay string, at time.Time, attention workflows.Attention) bool {
	return slices.Contains(l.claimAt(stay, at.Add(noticedWithin)).Attention, string(attention))
}
