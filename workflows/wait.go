// This file is the only place that waits for signals and a timer together.
//
// The SDK's own waits with a timeout either leave their timer behind when the
// signal comes first, or let a signal be lost that stands beside the timer in one
// workflow task. Here the timer is
// cancelled, and the caller drains every channel after every wait, whatever
// ended it: so a signal is seen before a timeout counts as one.

package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// waiter waits for any of several signals, futures, a flag, or a moment. It
// keeps its timer from one wait to the next while the moment stays the same, so
// that a wake-up in between costs no timer events.
type waiter struct {
	channels []workflow.ReceiveChannel
	until    time.Time
	timer    workflow.Future
	cancel   workflow.CancelFunc
}

// newWaiter waits for these signals.
func newWaiter(ctx workflow.Context, signals ...string) *waiter {
	w := &waiter{}
	for _, name := range signals {
		w.channels = append(w.channels, workflow.GetSignalChannel(ctx, name))
	}
	return w
}

// wait blocks until a signal can be received, a future is ready, woken says so,
// or the moment has come (never for the zero time). It receives no signal
// itself.
func (w *waiter) wait(ctx workflow.Context, until time.Time, summary string, futures []workflow.Future, woken func() bool) error {
	w.arm(ctx, until, summary, len(futures) > 0)
	err := workflow.Await(ctx, func() bool {
		return w.signalled() || w.timer != nil && w.timer.IsReady() || anyReady(futures) || woken()
	})
	if w.timer != nil && w.timer.IsReady() {
		w.timer = nil
	}
	return err
}

// arm keeps, replaces or starts the timer. While something is under way its end
// wakes too, so that an earlier timer may stay (it wakes for nothing, at worst),
// and a moment beyond its longest time needs none yet: each timer is two events.
func (w *waiter) arm(ctx workflow.Context, until time.Time, summary string, underway bool) {
	delay := max(until.Sub(workflow.Now(ctx)), 0)
	switch {
	case w.timer != nil && w.until.Equal(until):
		return
	case underway && w.timer != nil && w.until.Before(until):
		return
	case underway && w.timer == nil && delay > oneTurn:
		return
	}
	w.disarm()
	if until.IsZero() {
		return
	}
	timerCtx, cancel := workflow.WithCancel(ctx)
	w.until, w.cancel = until, cancel
	w.timer = workflow.NewTimerWithOptions(timerCtx, delay, workflow.TimerOptions{Summary: summary})
}

// disarm cancels the timer, so that none is left behind.
func (w *waiter) disarm() {
	if w.timer != nil {
		w.cancel()
		w.timer = nil
	}
}

// signalled reports whether some signal has been delivered and not been received.
func (w *waiter) signalled() bool {
	for _, channel := range w.channels {
		if channel.Len() > 0 {
			return true
		}
	}
	return false
}

func anyReady(futures []workflow.Future) bool {
	for _, future := range futures {
		if future.IsReady() {
			return true
		}
	}
	return false
}
