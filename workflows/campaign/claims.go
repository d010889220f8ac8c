// This file is what Keystay says of stays, and by what proof: taken down as it is
// said, to be held against the doors.

package campaign

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/workflows"
)

// Claim is what was said of a stay from a moment on.
type Claim struct {
	Stay      string
	At        time.Time
	Status    workflows.Status
	Attention []string
	// Proof is the weakest of what the status rests on.
	Proof    workflows.ProofLevel
	Evidence workflows.Evidence
}

// basis says in words what a claim rests on: "reread by sync_mark".
func (c Claim) basis() string {
	if c.Proof == workflows.ProofNone {
		return "no proof"
	}
	return string(c.Proof) + " by " + string(c.Evidence)
}

// SetQueryHandler keeps what shows a reservation: asked here, it costs no payload.
func (o *outbound) SetQueryHandler(ctx workflow.Context, queryType string, handler any) error {
	if show, ok := handler.(func() (workflows.View, error)); ok {
		o.world.views[workflows.ReservationID(workflow.GetInfo(ctx).WorkflowExecution.ID)] = show
	}
	return o.Next.SetQueryHandler(ctx, queryType, handler)
}

// claimed records a change of what a stay is said to be. It is held against what
// was said before, as an attribute that is unset looks like one that is not named.
func (w *keystayWorld) claimed(workflowID string, at time.Time, updates []temporal.SearchAttributeUpdate) {
	stay := workflows.ReservationID(workflowID)
	if stay == "" {
		return // A lock's front desk says how the lock is.
	}
	claim := w.claims[stay]
	claim.Stay, claim.At = stay, at
	before := []temporal.SearchAttributeUpdate{
		workflows.AttributeStatus.ValueSet(string(claim.Status)), workflows.AttributeAttention.ValueSet(claim.Attention),
	}
	said := temporal.NewSearchAttributes(append(before, updates...)...)
	status, _ := said.GetKeyword(workflows.AttributeStatus)
	claim.Status = workflows.Status(status)
	claim.Attention, _ = said.GetKeywordList(workflows.AttributeAttention)
	claim.Proof, claim.Evidence = w.proofOf(stay)
	w.claims[stay] = claim
	w.log.claim(claim)
}

// provedAnew records that a stay is said to be the same by another proof.
func (w *keystayWorld) provedAnew(workflowID string, at time.Time) {
	claim, ok := w.claims[workflows.ReservationID(workflowID)]
	if !ok || claim.Status != workflows.StatusReady {
		return
	}
	proof, evidence := w.proofOf(claim.Stay)
	if proof == claim.Proof && evidence == claim.Evidence {
		return
	}
	claim.At, claim.Proof, claim.Evidence = at, proof, evidence
	w.claims[claim.Stay] = claim
	w.log.claim(claim)
}

// proofOf is the weakest proof that a stay has: of its required doors, or where
// none are wished any more, of what has gone.
func (w *keystayWorld) proofOf(stay string) (workflows.ProofLevel, workflows.Evidence) {
	show, ok := w.views[stay]
	if !ok {
		return workflows.ProofNone, ""
	}
	view, err := show()
	if err != nil {
		return workflows.ProofNone, ""
	}
	entries := view.Leaving
	if len(view.Doors) > 0 {
		entries = bestByDoor(view.Doors)
	}
	var weakest workflows.DoorView
	for i, entry := range entries {
		if i == 0 || !entry.Counts.AtLeast(weakest.Counts) {
			weakest = entry
		}
	}
	return weakest.Counts, weakest.Proof.Evidence
}

// bestByDoor is the best entry of every required door, in the order of the view: a
// door may have two PINs.
func bestByDoor(entries []workflows.DoorView) []workflows.DoorView {
	var best []workflows.DoorView
	at := map[int64]int{}
	for _, entry := range entries {
		n, ok := at[entry.SmartlockID]
		switch {
		case !entry.Required:
		case !ok:
			at[entry.SmartlockID] = len(best)
			best = append(best, entry)
		case !best[n].Counts.AtLeast(entry.Counts):
			best[n] = entry
		}
	}
	return best
}
