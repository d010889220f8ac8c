// This file is what can be told of a lock at one moment, and which events lead from
// what was told to that. Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// DevicePicture is a lock as its subscribers can know it.
type DevicePicture struct {
	Offline          bool `json:"offline,omitempty"`
	Flaky            bool `json:"flaky,omitempty"`
	LowBattery       bool `json:"low_battery,omitempty"`
	LowKeypadBattery bool `json:"low_keypad_battery,omitempty"`
	Quarantined      bool `json:"quarantined,omitempty"`
	CapacityLow      bool `json:"capacity_low,omitempty"`
	AccountRefused   bool `json:"account_refused,omitempty"`
	// DeadUses and Refusals count the uses of dead PINs, and the pairs of refused
	// entries while a stay begins, since the desk began.
	DeadUses int64 `json:"dead_uses,omitempty"`
	Refusals int64 `json:"refusals,omitempty"`
}

const (
	// flakyAfter are the times a link must break within a day to be called flaky.
	flakyAfter = 4
	// keptBreaks is how many breaks of the link are kept.
	keptBreaks = 10
)

// flaky reports whether the link comes and goes. It is steady again after half a day
// without a break.
func (h *Health) flaky(before bool, now time.Time) bool {
	within := func(span Duration) (n int) {
		for _, at := range h.Breaks {
			n += one(now.Sub(at) < span.D())
		}
		return n
	}
	return within(day) >= flakyAfter || before && within(day/2) > 0
}

// picture is the lock as it can be told now, after what was told before.
func (d *Desk) picture(before DevicePicture, now time.Time) DevicePicture {
	attention := d.attention(now)
	raised := func(reason Attention) bool { return slices.Contains(attention, reason) }
	return DevicePicture{
		Offline: d.Health.offline(), Flaky: d.Health.flaky(before.Flaky, now),
		LowBattery: raised(AttentionBattery), LowKeypadBattery: raised(AttentionKeypadBattery),
		Quarantined: raised(AttentionQuarantined), CapacityLow: raised(AttentionNoSpace), AccountRefused: raised(AttentionAccountRefused),
		DeadUses: d.Door.DeadUses, Refusals: d.Door.Refusals,
	}
}

// deviceNews are the changes from what was told to what is true, in the order in
// which they are told.
func deviceNews(told, now DevicePicture) []activities.EventType {
	var all []activities.EventType
	for _, one := range []struct {
		kind activities.EventType
		when bool
	}{
		{activities.DeviceSubscriptionRequired, now.AccountRefused && !told.AccountRefused},
		{activities.DeviceDisconnected, now.Offline && !told.Offline},
		{activities.DeviceConnected, !now.Offline && told.Offline},
		{activities.DeviceBecameFlaky, now.Flaky && !told.Flaky},
		{activities.DeviceStabilized, !now.Flaky && told.Flaky},
		{activities.DeviceLowBattery, now.LowBattery && !told.LowBattery},
		{activities.DeviceKeypadLowBattery, now.LowKeypadBattery && !told.LowKeypadBattery},
		{activities.DeviceQuarantined, now.Quarantined && !told.Quarantined},
		{activities.DeviceReleased, !now.Quarantined && told.Quarantined},
		{activities.DeviceCapacityLow, now.CapacityLow && !told.CapacityLow},
		{activities.CodeUsedAfterRevoking, now.DeadUses > told.DeadUses},
		{activities.CodeWrongAttempts, now.Refusals > told.Refusals},
	} {
		if one.when {
			all = append(all, one.kind)
		}
	}
	return all
}

// takeNews makes events of what has changed since the last ones.
func (d *Desk) takeNews(now time.Time) []activities.Event {
	policy := d.rules().Events
	picture := d.picture(d.Announced.Picture, now)
	var events []activities.Event
	for _, kind := range deviceNews(d.Announced.Picture, picture) {
		if len(policy.wantedBy(kind)) > 0 {
			events = append(events, d.event(kind, now))
		}
	}
	d.Announced.Picture = picture
	return events
}

// event is the document of one change. It names no reservation: it is numbered
// among the lock's events.
func (d *Desk) event(kind activities.EventType, now time.Time) activities.Event {
	d.Announced.Sequence++
	event := activities.Event{
		Type: kind, OccurredAt: now, Sequence: d.Announced.Sequence, SmartlockID: d.Lock, Attention: words(d.attention(now)),
	}
	event.ID = eventID(event)
	return event
}
