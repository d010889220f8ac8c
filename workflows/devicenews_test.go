// This file tests what is told of a lock: which event follows which change.

package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

func TestDeviceNews_AreToldOnceAndInOrder(t *testing.T) {
	for _, c := range []struct {
		name      string
		told, now DevicePicture
		want      []activities.EventType
	}{
		{"nothing has changed", DevicePicture{Offline: true, Refusals: 3}, DevicePicture{Offline: true, Refusals: 3}, nil},
		{"a lock goes", DevicePicture{}, DevicePicture{Offline: true}, []activities.EventType{activities.DeviceDisconnected}},
		{"and comes back", DevicePicture{Offline: true}, DevicePicture{}, []activities.EventType{activities.DeviceConnected}},
		{"too often", DevicePicture{}, DevicePicture{Offline: true, Flaky: true}, []activities.EventType{activities.DeviceDisconnected, activities.DeviceBecameFlaky}},
		{"and is steady", DevicePicture{Flaky: true}, DevicePicture{}, []activities.EventType{activities.DeviceStabilized}},
		{"batteries are low", DevicePicture{}, DevicePicture{LowBattery: true, LowKeypadBattery: true}, []activities.EventType{activities.DeviceLowBattery, activities.DeviceKeypadLowBattery}},
		{"that they were changed is no news", DevicePicture{LowBattery: true}, DevicePicture{}, nil},
		{"it does badly, and is full", DevicePicture{}, DevicePicture{Quarantined: true, CapacityLow: true}, []activities.EventType{activities.DeviceQuarantined, activities.DeviceCapacityLow}},
		{"it does well", DevicePicture{Quarantined: true}, DevicePicture{}, []activities.EventType{activities.DeviceReleased}},
		{"the account is refused", DevicePicture{}, DevicePicture{AccountRefused: true}, []activities.EventType{activities.DeviceSubscriptionRequired}},
		{"a dead PIN opened once more", DevicePicture{DeadUses: 1}, DevicePicture{DeadUses: 2}, []activities.EventType{activities.CodeUsedAfterRevoking}},
		{"a guest is refused", DevicePicture{}, DevicePicture{Refusals: 1}, []activities.EventType{activities.CodeWrongAttempts}},
	} {
		if got := deviceNews(c.told, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestHealth_IsFlakyAfterFourBreaksInADay(t *testing.T) {
	var h Health
	flaky := false
	at := func(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }
	for _, c := range []struct {
		hours float64
		state nuki.ServerState
		want  bool
	}{
		{0, nuki.ServerOnline, false}, {1, nuki.ServerOffline, false}, {2, nuki.ServerOnline, false}, {3, nuki.ServerOffline, false},
		{4, nuki.ServerOffline, false}, {5, nuki.ServerOnline, false}, {6, nuki.ServerOffline, false}, {7, nuki.ServerOnline, false},
		{8, nuki.ServerOffline, true}, {9, nuki.ServerOnline, true}, {19.9, nuki.ServerOnline, true}, {20, nuki.ServerOnline, true},
		{26.1, nuki.ServerOnline, false}, {40, nuki.ServerOffline, false},
	} {
		h.link(c.state, at(c.hours))
		if flaky = h.flaky(flaky, at(c.hours)); flaky != c.want {
			t.Errorf("after %.1f hours flaky: %v, want %v", c.hours, flaky, c.want)
		}
	}
}
