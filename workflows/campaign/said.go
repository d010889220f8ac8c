// This file judges what people heard of a stay: how soon it was said to be ready, and
// whether somebody was asked to look.

package campaign

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

// said notes how long it took until the stay was said to be ready, from when the work
// could begin, and whether a person was asked to look at it at any time.
func (j *judging) said() {
	begins, moved := j.stay.workBegins(j.policy)
	for _, claim := range j.log.claimsOf(j.stay.ID) {
		j.verdict.Asked = j.verdict.Asked || len(claim.Attention) > 0
		if claim.Status == workflows.StatusReady && !moved && j.verdict.ReadyAfter == nil {
			after := max(0, claim.At.Sub(begins))
			j.verdict.ReadyAfter = &after
		}
	}
}

// workBegins is when the work on a stay could begin; of one whose check-in was moved it
// means nothing.
func (s *Stay) workBegins(policy workflows.Policy) (at time.Time, moved bool) {
	starts := s.Messages[0].Wish.StartsAt
	for _, message := range s.Messages {
		moved = moved || !message.Wish.StartsAt.Equal(starts)
	}
	return later(s.Messages[0].At, starts.Add(-policy.Lead.D())), moved
}
