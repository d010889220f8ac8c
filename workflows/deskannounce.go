// This file tells others what becomes of a lock, as announce.go does of a stay.

package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// announce hands the news over, and says when it is tried again.
func (d *desk) announce(ctx workflow.Context, now time.Time) time.Time {
	announced, events := &d.desk.Announced, d.desk.rules().Events
	switch {
	case !events.Wanted():
		announced.Batch = nil
		return time.Time{}
	case d.announcing:
		return time.Time{}
	case len(announced.Batch) == 0:
		announced.Batch = d.desk.takeNews(now)
	}
	switch {
	case len(announced.Batch) == 0:
		return time.Time{}
	case now.Before(announced.Trouble.RetryAt):
		return announced.Trouble.RetryAt
	}
	d.announcing = true
	future := handOver(ctx, DeviceEventsWorkflowID(d.desk.Lock), News{Events: announced.Batch, Policy: events})
	d.flights = append(d.flights, &deskFlight{began: now, future: future, take: d.takeHandover})
	return time.Time{}
}

// takeHandover takes in how the hand-over ended.
func (d *desk) takeHandover(ctx workflow.Context, f *deskFlight) {
	d.announcing = false
	d.desk.Announced.handedOver(f.future.Get(ctx, nil), workflow.Now(ctx), d.desk.rules().Events)
}
