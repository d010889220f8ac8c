// This file is the activities that change and look at keypad authorizations.

package activities

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/keystay/keystay/activities/nuki"
)

// API is what the activities need of the Nuki Web API; *nuki.Client is it.
type API interface {
	Smartlock(ctx context.Context, id int64) (nuki.Smartlock, error)
	Authorizations(ctx context.Context, lock int64) ([]nuki.Authorization, error)
	CreateAuthorization(ctx context.Context, lock int64, d nuki.Document) error
	UpdateAuthorization(ctx context.Context, lock int64, id string, d nuki.Document) error
	DeleteAuthorization(ctx context.Context, lock int64, id string) error
	Sync(ctx context.Context, lock int64) error
	Log(ctx context.Context, lock int64, query nuki.LogQuery) ([]nuki.LogRow, error)
}

// FrontDesk reaches the workflows of locks and reservations, and starts them
// where they do not run.
type FrontDesk interface {
	// Attend tells a lock's front desk who wants to be woken.
	Attend(ctx context.Context, attend Attend) error
	// Sweep has a reservation remove an entry that it left behind.
	Sweep(ctx context.Context, sweep Sweep) error
}

// Keypad performs the activities about keypad authorizations.
type Keypad struct {
	Nuki API
	// Desk may be nil: then nobody is woken, and polling does its work.
	Desk FrontDesk
	// PrintKey keys the prints of codes; every worker of an installation needs
	// the same.
	PrintKey []byte
	// ReadGap is the least time between two reads of one lock's list; zero for none.
	ReadGap time.Duration
	// Random makes PINs; nil means crypto/rand.
	Random io.Reader
	// Now and Asked are this machine's clock and when the activity of a context
	// was called by it; nil means time.Now for both. A campaign has its own time.
	Now   func() time.Time
	Asked func(context.Context) time.Time
	// Attempt says which attempt of an activity a context belongs to, from 1 on;
	// nil asks Temporal. A campaign runs activities without a worker.
	Attempt func(context.Context) int32

	devices shared[nuki.Smartlock]
	lists   shared[[]nuki.Authorization]
}

// VerifyAuthorization looks once at a lock's list, and at the lock where asked.
// The lock comes first: a list read after a sign that a sync is complete is
// newer than that sync.
func (k *Keypad) VerifyAuthorization(ctx context.Context, input VerifyInput) (Reading, error) {
	asked := k.asked(ctx)
	k.attend(ctx, input.Attend)
	reading, err := k.look(ctx, input.Lock, asked, input.Owner, input.WithLock)
	return reading, translate(err)
}

// CreateAuthorization sends an authorization that is not there. The API accepts
// a code once per lock, so that a repeated create is answered with 409: that
// may be ours, and is looked up.
func (k *Keypad) CreateAuthorization(ctx context.Context, input CreateInput) (WriteResult, error) {
	k.attend(ctx, input.Attend)
	if k.repeated(ctx) {
		if result, done, err := k.alreadyCreated(ctx, input); done || err != nil {
			return result, translate(err)
		}
	}
	document, err := nuki.NewDocument(input.Name, input.PIN, input.Window, true)
	if err != nil {
		return WriteResult{}, refused(err)
	}
	err = k.Nuki.CreateAuthorization(ctx, input.Lock, document)
	switch answered(err) {
	case ErrCodeInUse:
		result, _, err := k.alreadyCreated(ctx, input)
		return result, translate(err)
	case ErrWriteRefused:
		return WriteResult{}, k.whyRefused(ctx, input.Lock, err)
	}
	return accepted(err)
}

// alreadyCreated looks whether an earlier attempt has landed. done is false
// where nobody holds the code.
func (k *Keypad) alreadyCreated(ctx context.Context, input CreateInput) (result WriteResult, done bool, err error) {
	reading, err := k.look(ctx, input.Lock, k.now(), input.Owner, false)
	if err != nil {
		return WriteResult{}, false, err
	}
	for _, listed := range reading.Own {
		if listed.PIN == input.PIN {
			return WriteResult{Outcome: AlreadyRight, Reading: &reading}, true, nil
		}
	}
	taken := slices.ContainsFunc(reading.Rivals, func(r Rival) bool { return r.PIN == input.PIN })
	return WriteResult{Outcome: CodeInUse, Reading: &reading}, taken, nil
}

// UpdateAuthorization sends a whole document in the place of what is there.
func (k *Keypad) UpdateAuthorization(ctx context.Context, input UpdateInput) (WriteResult, error) {
	k.attend(ctx, input.Attend)
	document, err := k.document(input)
	if err != nil {
		return WriteResult{}, refused(err)
	}
	err = k.Nuki.UpdateAuthorization(ctx, input.Lock, input.AuthID, document)
	switch answered(err) {
	case ErrCodeInUse:
		return k.outcome(ctx, CodeInUse, input.Lock, input.Owner)
	case ErrBusy:
		return WriteResult{Outcome: Busy}, nil
	case ErrLockUnknown:
		return k.outcome(ctx, NotThere, input.Lock, input.Owner)
	}
	return accepted(err)
}

// farAway is the window of a disarmed entry.
var farAway = time.Date(2099, time.January, 1, 0, 0, 0, 0, time.UTC)

// document is what an update writes.
func (k *Keypad) document(input UpdateInput) (nuki.Document, error) {
	if !input.Disarm {
		return nuki.NewDocument(input.Name, input.PIN, input.Window, true)
	}
	pin, err := nuki.RandomPIN(k.random())
	if err != nil {
		return nuki.Document{}, err
	}
	window, err := nuki.NewWindow(farAway, farAway.Add(time.Hour))
	if err != nil {
		return nuki.Document{}, err
	}
	return nuki.NewDocument(input.Name, pin, window, false)
}

// DeleteAuthorization asks for the removal of one authorization. That it is not
// there is an answer, not an error; only a read proves it gone.
func (k *Keypad) DeleteAuthorization(ctx context.Context, input DeleteInput) (WriteResult, error) {
	k.attend(ctx, input.Attend)
	err := k.Nuki.DeleteAuthorization(ctx, input.Lock, input.AuthID)
	switch answered(err) {
	case ErrBusy:
		return WriteResult{Outcome: Busy}, nil
	case ErrLockUnknown:
		return k.outcome(ctx, NotThere, input.Lock, input.Owner)
	}
	return accepted(err)
}

// SyncSmartlock asks the cloud to fetch the lock's own table. Its 2xx heals
// nothing by itself; the front desk is attended first, to hear of its end.
func (k *Keypad) SyncSmartlock(ctx context.Context, input SyncInput) error {
	k.attend(ctx, input.Attend)
	return translate(k.Nuki.Sync(ctx, input.Lock))
}

// outcome adds a reading to how a write was answered. A lock that is unknown
// itself fails the reading as well.
func (k *Keypad) outcome(ctx context.Context, outcome Outcome, lock int64, owner Owner) (WriteResult, error) {
	reading, err := k.look(ctx, lock, k.now(), owner, false)
	if err != nil {
		return WriteResult{}, translate(err)
	}
	return WriteResult{Outcome: outcome, Reading: &reading}, nil
}

// whyRefused tells a lock without a keypad from a body that was refused: both
// are 400.
func (k *Keypad) whyRefused(ctx context.Context, lock int64, refusal error) error {
	device, err := k.smartlock(ctx, lock, k.now())
	if err == nil && !device.KeypadPaired {
		return keypadMissing()
	}
	return translate(refusal)
}

// attend tells the front desk. A desk that cannot be told does not stop the
// work: polling takes its place.
func (k *Keypad) attend(ctx context.Context, attend *Attend) {
	if k.Desk == nil || attend == nil {
		return
	}
	if err := k.Desk.Attend(ctx, k.printed(*attend)); err != nil {
		activity.GetLogger(ctx).Warn("the lock's front desk could not be told; polling goes on", "lock", attend.Lock, "error", err)
	}
}

func (k *Keypad) random() io.Reader {
	if k.Random != nil {
		return k.Random
	}
	return rand.Reader
}

// repeated reports whether an earlier attempt may have landed.
func (k *Keypad) repeated(ctx context.Context) bool {
	if k.Attempt != nil {
		return k.Attempt(ctx) > 1
	}
	return activity.GetInfo(ctx).Attempt > 1
}

func accepted(err error) (WriteResult, error) {
	if err != nil {
		return WriteResult{}, translate(err)
	}
	return WriteResult{Outcome: Accepted}, nil
}
