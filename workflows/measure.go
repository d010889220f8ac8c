// This file records the workflows' metrics. The SDK's handler keeps silent in a
// replay, and none of this is a command: it may change under running stays.

package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/activities/nuki"
)

// noteReadiness keeps whether the stay is ready, and measures how that changed.
func (r *reservation) noteReadiness(ctx workflow.Context, now time.Time) {
	before, since := r.state.WasReady, r.state.UnreadySince
	r.state.noteReadiness(now)
	metrics := workflow.GetMetricsHandler(ctx)
	switch {
	case !before && r.state.WasReady:
		MetricTimeToProof.Observe(metrics, now.Sub(r.state.wantedSince()))
		MetricSlackAtProof.Observe(metrics, r.state.Wish.StartsAt.Sub(now))
	case !since.IsZero() && r.state.UnreadySince.IsZero():
		MetricUnready.Observe(metrics, now.Sub(since))
	}
}

// wantedSince is since when the PIN is to be on the doors: nothing is done about
// it before the lead.
func (s *State) wantedSince() time.Time {
	return latest(s.AcceptedAt, s.Wish.StartsAt.Add(-s.Policy.Lead.D()))
}

// countDecision counts a decision that differs from the one before.
func countDecision(ctx workflow.Context, before, now Step) {
	if before.Do != now.Do || before.Row != now.Row {
		MetricDecisions.Add(workflow.GetMetricsHandler(ctx), 1, string(now.Do), now.Row)
	}
}

// countRaised counts the reasons for attention that were not there before.
func countRaised(ctx workflow.Context, before, now []Attention) {
	for _, kind := range now {
		if !slices.Contains(before, kind) {
			MetricAttentionRaised.Add(workflow.GetMetricsHandler(ctx), 1, string(kind))
		}
	}
}

// countDoor counts what happened at the door, by what the stay said of itself. A
// guest who is refused twice and tries again is told once for each pair.
func (r *reservation) countDoor(ctx workflow.Context, message Wake) {
	said := string(r.state.Shown.Status)
	if said == "" {
		said = "none"
	}
	for _, news := range message.Door {
		MetricDoorNews.Add(workflow.GetMetricsHandler(ctx), 1, string(news.Kind), said)
	}
}

// hear takes a webhook in, and measures how long there was none.
func (d *desk) hear(ctx workflow.Context, event nuki.Event, now time.Time) {
	if !d.desk.HeardAt.IsZero() {
		MetricWebhookGap.Observe(workflow.GetMetricsHandler(ctx), now.Sub(d.desk.HeardAt))
	}
	d.desk.hear(event, now)
}
