// This file is what a front desk wakes a reservation with: what an event means to it, and
// news that wait. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// hear notes what an event means to one reservation. News of its own entries
// always reach it; those of the lock as a whole only when it waits for them.
func (a *Attendee) hear(lock int64, event nuki.Event) {
	switch {
	case a.waitsFor(activities.WaitMark) && (event.Feature == nuki.FeatureMasterdata || event.Feature == nuki.FeatureConfig):
		a.hears(lock, WakeMark, alive(event))
		a.Waits = nil
	case a.concerns(event):
		a.hears(lock, WakeEntry, alive(event))
	case a.waitsFor(activities.WaitOnline) && alive(event):
		a.hears(lock, WakeOnline, true)
		a.Waits = slices.DeleteFunc(slices.Clone(a.Waits), func(wait string) bool { return wait == activities.WaitOnline })
	}
}

// hears has a reservation woken by a webhook, which may be a sign of life.
func (a *Attendee) hears(lock int64, reason WakeReason, life bool) {
	wake := a.due(lock, reason)
	wake.Life = wake.Life || life
}

// due has a reservation woken. A mark says more than a change of an entry, and
// that more than a sign of life.
func (a *Attendee) due(lock int64, reason WakeReason) *Wake {
	if a.Due == nil {
		a.Due = &Wake{Lock: lock, Reason: reason}
	}
	if reason.rank() > a.Due.Reason.rank() {
		a.Due.Reason = reason
	}
	return a.Due
}

// notWoken takes back the news of a wake-up that did not arrive, under what has come
// meanwhile.
func (a *Attendee) notWoken(lost Wake, now time.Time) {
	newer := a.Due
	a.Due, a.WakeFrom = &lost, now.Add(messagePause)
	if newer == nil {
		return
	}
	wake := a.due(lost.Lock, newer.Reason)
	wake.Life = wake.Life || newer.Life
	wake.Door = append(wake.Door, newer.Door...)
	wake.Door = wake.Door[max(0, len(wake.Door)-keptNews):]
	if newer.Sync != nil {
		wake.Sync = newer.Sync
	}
	if newer.Advice != nil {
		wake.Advice = newer.Advice
	}
}

func (a *Attendee) waitsFor(news string) bool { return slices.Contains(a.Waits, news) }

// concerns reports whether an event is about an entry of this reservation, by its id
// or by its whole name. Use at the door changes nothing on the lock.
func (a *Attendee) concerns(event nuki.Event) bool {
	if event.Feature == nuki.FeatureLogs {
		return false
	}
	key, named := activities.KeyInName(a.Mark, event.Name)
	return named && key == a.Key || event.AuthID != "" && slices.Contains(a.IDs, event.AuthID)
}

// alive reports whether an event is a sign of life of the lock.
func alive(event nuki.Event) bool {
	if event.ServerState != nil {
		return *event.ServerState == int(nuki.ServerOnline)
	}
	return event.Feature == nuki.FeatureLogs || event.Feature == nuki.FeatureAuths
}
