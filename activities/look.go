// This file reads a lock's list and keeps of it what concerns one reservation.

package activities

import (
	"context"
	"slices"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// look reads a lock's list as it was after a moment, and the lock itself first
// where asked.
func (k *Keypad) look(ctx context.Context, lock int64, asked time.Time, owner Owner, withLock bool) (Reading, error) {
	var state *LockState
	if withLock {
		device, err := k.smartlock(ctx, lock, asked)
		if err != nil {
			return Reading{}, err
		}
		state = stateOf(device)
	}
	list, err := k.authorizations(ctx, lock, asked)
	if err != nil {
		return Reading{}, err
	}
	reading := readingOf(list, owner)
	reading.Lock = state
	return reading, nil
}

func stateOf(device nuki.Smartlock) *LockState {
	return &LockState{
		ServerState: device.ServerState, KeypadPaired: device.KeypadPaired,
		TimeZone: device.TimeZone, UpdatedAt: device.UpdatedAt, Error: device.Error,
		BatteryCritical: device.BatteryCritical, KeypadBatteryCritical: device.KeypadBatteryCritical,
	}
}

// readingOf keeps of a list what is the owner's, and who else holds its codes.
func readingOf(list []nuki.Authorization, owner Owner) Reading {
	reading := Reading{Total: len(list)}
	for _, listed := range list {
		if _, named := KeyInName(owner.Mark, listed.Name); !named && !owner.owns(listed) {
			reading.Foreign++
		}
		switch {
		case owner.owns(listed):
			reading.Own = append(reading.Own, listedOf(listed))
		case slices.Contains(owner.PINs, listed.PIN):
			reading.Rivals = append(reading.Rivals, rivalOf(listed, owner))
		}
		reading.Others.add(listed, owner)
	}
	return reading
}

// owns reports whether an entry is the owner's: by a recorded id, or by its whole name
// together with a code that the owner had. An owner that remembers no PIN takes
// an entry with its name over.
func (o Owner) owns(listed nuki.Authorization) bool {
	if slices.Contains(o.IDs, listed.ID) {
		return true
	}
	key, named := KeyInName(o.Mark, listed.Name)
	if !named || key != o.Key {
		return false
	}
	return len(o.PINs) == 0 || slices.Contains(o.PINs, listed.PIN)
}

// add takes an entry into account, where another stay of ours has it.
func (o *Others) add(listed nuki.Authorization, owner Owner) {
	key, named := KeyInName(owner.Mark, listed.Name)
	window, whole := listed.Window.Whole()
	if !named || key == owner.Key || !whole || !listed.Enabled || owner.AsOf.IsZero() || !owner.AsOf.Before(window.Until) {
		return
	}
	if window.From.After(owner.AsOf) {
		if o.Next.IsZero() || window.From.Before(o.Next) {
			o.Next = window.From
		}
	} else if window.From.After(o.Begun) {
		o.Begun = window.From
	}
}

func listedOf(listed nuki.Authorization) Listed {
	return Listed{
		AuthID: listed.ID, Name: listed.Name, PIN: listed.PIN, Window: listed.Window,
		Enabled: listed.Enabled, Running: listed.OperationID != "",
	}
}

// rivalOf names the other stay of this installation that holds a code, and says
// nothing about anybody else's entry.
func rivalOf(listed nuki.Authorization, owner Owner) Rival {
	rival := Rival{PIN: listed.PIN}
	key, named := KeyInName(owner.Mark, listed.Name)
	if window, whole := listed.Window.Whole(); named && whole {
		rival.Until = window.Until
	}
	rival.Sibling = key
	return rival
}
