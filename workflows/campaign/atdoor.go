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

// atDoor adds what happened at the keypads to the figures, and answers what missed
// an aim of the profile's.
func (f *Figures) atDoor(plan *Plan, log *Log) []Failure {
	var missed []Failure
	miss := func(stay, aim string, noticed bool) int {
		if !noticed && plan.Profile.House != nil {
			missed = append(missed, Failure{Stay: stay, Aim: aim})
		}
		return one(noticed)
	}
	for _, refusal := range log.Refusals {
		if refusal.Awaited != 1 || !refusal.Linked {
			f.RefusedShared++
			continue
		}
		f.Refused++
		f.Noticed += miss(refusal.Stay, "a refused guest was not noticed within a minute", log.raisedWithin(refusal.Stay, refusal.At, noticedWithin, workflows.AttentionRefusedAtDoor))
		f.LetIn += one(!refusal.LetIn.IsZero() && refusal.LetIn.Sub(refusal.At) <= letInWithin)
	}
	for _, use := range log.DeadUses {
		f.DeadUses++
		f.Reported += miss(use.Stay, "the use of a dead PIN was not reported", log.raisedWithin(use.Stay, use.At, plan.Ends.Sub(use.At), workflows.AttentionDeadUsed))
		if use.Linked {
			f.LinkedUses++
			f.ReportedSoon += miss(use.Stay, "the use of a dead PIN was not reported within a minute", log.raisedWithin(use.Stay, use.At, noticedWithin, workflows.AttentionDeadUsed))
		}
	}
	return missed
}

// raisedWithin reports whether a stay showed a reason for attention at some time from a
// moment on.
func (l *Log) raisedWithin(stay string, from time.Time, span time.Duration, attention workflows.Attention) bool {
	shows := func(claim Claim) bool { return slices.Contains(claim.Attention, string(attention)) }
	if shows(l.claimAt(stay, from)) {
		return true
	}
	return slices.ContainsFunc(l.claimsOf(stay), func(claim Claim) bool {
		return shows(claim) && claim.At.After(from) && !claim.At.After(from.Add(span))
	})
}
