// This file is the activities of a lock's front desk: what the whole lock holds, and
// asking a reservation to come back. log.go reads the keypad's log.

package activities

import (
	"context"
	"encoding/json"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// ObserveInput asks for a look at a whole lock.
type ObserveInput struct {
	Lock int64 `json:"lock"`
	// Mark begins the names of the installation's entries.
	Mark string `json:"mark"`
	// WithLock also reads the lock itself, at the price of one request.
	WithLock bool `json:"with_lock,omitempty"`
}

// Observation is what a lock's list showed, codes as prints, and the lock itself
// where that was asked for.
type Observation struct {
	Lock *LockState `json:"lock,omitempty"`
	Rows []Row      `json:"rows,omitempty"`
}

// Row is one keypad code in a lock's list.
type Row struct {
	AuthID string `json:"auth_id"`
	// Name is the entry's; a foreign one may be a person's.
	Name string `json:"name,omitempty"`
	// Key is the reservation's, recognised by the name; empty for a foreign entry.
	Key   string `json:"key,omitempty"`
	Print Print  `json:"print,omitempty"`
	// From and Until are the window's, zero where it is lost; Whole says that
	// all five fields are there and nothing limits days or hours.
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	Whole   bool      `json:"whole,omitempty"`
	Enabled bool      `json:"enabled,omitempty"`
	// Running says that an operation is running on it.
	Running bool `json:"running,omitempty"`
}

// ObserveSmartlock looks once at a lock's whole list, after the lock itself.
func (k *Keypad) ObserveSmartlock(ctx context.Context, input ObserveInput) (Observation, error) {
	asked, observation := k.asked(ctx), Observation{}
	if input.WithLock {
		device, err := k.smartlock(ctx, input.Lock, asked)
		if err != nil {
			return Observation{}, translate(err)
		}
		observation.Lock = stateOf(device)
	}
	list, err := k.authorizations(ctx, input.Lock, asked)
	if err != nil {
		return Observation{}, translate(err)
	}
	for _, listed := range list {
		observation.Rows = append(observation.Rows, k.rowOf(input, listed))
	}
	return observation, nil
}

func (k *Keypad) rowOf(input ObserveInput, listed nuki.Authorization) Row {
	row := Row{
		AuthID: listed.ID, Name: listed.Name, Print: k.print(input.Lock, listed.PIN),
		Enabled: listed.Enabled, Running: listed.OperationID != "",
	}
	row.Key, _ = KeyInName(input.Mark, listed.Name)
	window, whole := listed.Window.Whole()
	if whole {
		row.From, row.Until = window.From, window.Until
		plain, err := nuki.NewWindow(window.From, window.Until)
		row.Whole = err == nil && window.Equal(plain)
	}
	return row
}

// AttendSmartlock tells a lock's front desk of a reservation, without a call of
// the API.
func (k *Keypad) AttendSmartlock(ctx context.Context, attend Attend) error {
	if k.Desk == nil {
		return nil
	}
	return k.Desk.Attend(ctx, k.printed(attend))
}

// Sweep asks a reservation to remove an entry of its own that came back, or was
// left when it was closed. The workflow's id is the caller's.
type Sweep struct {
	WorkflowID string `json:"workflow_id"`
	Lock       int64  `json:"lock"`
	AuthID     string `json:"auth_id"`
	Name       string `json:"name,omitempty"`
	// Until is the end of the entry's window as the list shows it.
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why"`
	// Policy is the front desk's, as in Attendance: a reservation that is started
	// for this works by it.
	Policy json.RawMessage `json:"policy,omitempty"`
}

// SweepEntry hands the removal of one entry to its reservation, which is started
// where it does not run.
func (k *Keypad) SweepEntry(ctx context.Context, sweep Sweep) error {
	if k.Desk == nil {
		return nil
	}
	return k.Desk.Sweep(ctx, sweep)
}
