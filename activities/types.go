// This file is the contract between workflows and activities: what is asked,
// and what is true afterwards.

package activities

import (
	"encoding/json"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// Owner says whose entries are looked for in a lock's list.
type Owner struct {
	// Mark and Key make the name: see Name.
	Mark string `json:"mark"`
	Key  string `json:"key"`
	// IDs are the authorization ids that the reservation recorded as its own.
	IDs []string `json:"ids,omitempty"`
	// PINs are all PINs that the reservation ever had.
	PINs []nuki.PIN `json:"pins,omitempty"`
	// AsOf is the workflow's time, by which windows of other stays are judged:
	// a repeated read must not depend on this machine's clock.
	AsOf time.Time `json:"as_of,omitzero"`
}

// Others is when guests of this installation's other stays on a lock may come in, as
// far as the names of their entries tell.
type Others struct {
	// Begun is the latest beginning of their windows that are open.
	Begun time.Time `json:"begun,omitzero"`
	// Next is the earliest beginning of those that are still to open.
	Next time.Time `json:"next,omitzero"`
}

// Reading is what one look at a lock's list showed of one reservation. It
// carries no code that the reservation does not have itself.
type Reading struct {
	// Own are the entries with a recorded id, or with the reservation's name
	// together with a PIN that it had.
	Own []Listed `json:"own,omitempty"`
	// Rivals are other entries that hold one of the reservation's PINs.
	Rivals []Rival `json:"rivals,omitempty"`
	// Total counts all keypad codes in the list, everybody's.
	Total int `json:"total"`
	// Foreign counts those of them that do not look like this installation's.
	Foreign int `json:"foreign,omitempty"`
	// Others are the windows of this installation's other stays.
	Others Others `json:"others,omitzero"`
	// Lock is the lock's own state, where it was asked for.
	Lock *LockState `json:"lock,omitempty"`
}

// Listed is one of our entries as the list shows it.
type Listed struct {
	AuthID  string             `json:"auth_id"`
	Name    string             `json:"name"`
	PIN     nuki.PIN           `json:"pin"`
	Window  nuki.PartialWindow `json:"window"`
	Enabled bool               `json:"enabled"`
	// Running says that an operation is running on it: a write now is
	// answered with 423.
	Running bool `json:"running,omitempty"`
}

// Rival is an entry that holds one of our PINs and is not ours.
type Rival struct {
	PIN nuki.PIN `json:"pin"`
	// Sibling is the key of the other stay of this installation that holds
	// the PIN, recognised by its name; empty for a foreign entry.
	Sibling string `json:"sibling,omitempty"`
	// Until is the end of that stay's window as the list shows it; zero where
	// it shows none, and for a foreign entry.
	Until time.Time `json:"until,omitzero"`
}

// LockState is what a read of the lock itself showed.
type LockState struct {
	ServerState  nuki.ServerState `json:"server_state"`
	KeypadPaired bool             `json:"keypad_paired"`
	TimeZone     string           `json:"time_zone,omitempty"`
	UpdatedAt    time.Time        `json:"updated_at,omitzero"`
	// BatteryCritical and KeypadBatteryCritical ask for new batteries.
	BatteryCritical       bool `json:"battery_critical,omitempty"`
	KeypadBatteryCritical bool `json:"keypad_battery_critical,omitempty"`
	// Error is Nuki's own complaint, such as a missing subscription; redacted.
	Error string `json:"error,omitempty"`
}

// Attendance is what a reservation tells its lock's front desk: who it is,
// by which names and ids its events are known, and what it waits for.
type Attendance struct {
	Reservation string   `json:"reservation"`
	Mark        string   `json:"mark"`
	Key         string   `json:"key"`
	IDs         []string `json:"ids,omitempty"`
	// Waits are the news of the lock as a whole that the reservation wants
	// once: WaitMark, WaitOnline, WaitRoom. News of its own entries always reaches it.
	Waits []string `json:"waits,omitempty"`
	// Entries are those that the reservation wishes on the lock or off it.
	Entries []KnownEntry `json:"entries,omitempty"`
	// Took are the writes whose fate has become known since the last attendance, by
	// which the desk knows how well the lock does.
	Took []Took `json:"took,omitempty"`
	// Policy is the front desk's where it is not the default, as JSON.
	Policy json.RawMessage `json:"policy,omitempty"`
	// Advised is what the reservation holds of the front desk's advice, as JSON: a
	// desk that has lost its memory does not know it.
	Advised json.RawMessage `json:"advised,omitempty"`
	// Leave ends the attendance. The ids stay known as ours.
	Leave bool `json:"leave,omitempty"`
}

// KnownEntry is one entry of a reservation as its lock's front desk knows it: by
// a print of the code, never by the code.
type KnownEntry struct {
	AuthID string    `json:"auth_id,omitempty"`
	Name   string    `json:"name,omitempty"`
	Print  Print     `json:"print,omitempty"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	// Absent: the entry should be gone, since AbsentAt.
	Absent   bool      `json:"absent,omitempty"`
	AbsentAt time.Time `json:"absent_at,omitzero"`
	// Gone: its absence is proven.
	Gone bool `json:"gone,omitempty"`
	// Placed: a read has shown it as it is wished, so that a difference is news.
	Placed bool `json:"placed,omitempty"`
	// Used: the keypad's log has shown it to open the door.
	Used bool `json:"used,omitempty"`
	// WindowAt and Before are the front desk's own notes on an entry that had another
	// window: since when it knows this one, and that other one. Zero where it has known
	// no other.
	WindowAt time.Time    `json:"window_at,omitzero"`
	Before   FormerWindow `json:"before,omitzero"`
}

// FormerWindow is a window that was wished of an entry before, known since a moment;
// zero where it was so from the beginning.
type FormerWindow struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Since time.Time `json:"since,omitzero"`
}

// Took is how one accepted write went.
type Took struct {
	At time.Time `json:"at"`
	// Seconds from the write to the read that showed it, or to the next try.
	Seconds int64 `json:"seconds"`
	// Lost: no read had shown it when it was sent once more.
	Lost bool `json:"lost,omitempty"`
}

const (
	// WaitMark waits for the mark of a completed sync: a MASTERDATA or CONFIG
	// webhook of the lock.
	WaitMark = "mark"
	// WaitOnline waits for any sign of life of the lock.
	WaitOnline = "online"
	// WaitRoom waits for a place on a lock that is full, for a guest who comes
	// within the day.
	WaitRoom = "room"
)

// Disarmed reports whether the entry was overwritten because it would not go: disabled,
// with a window far away and a code of nobody.
func (l Listed) Disarmed() bool {
	return !l.Enabled && l.Window.From != nil && !l.Window.From.Before(farAway)
}

// The workflow types and signals that activities send, and the task queue on
// which those workflows run. They stand here because the sending is done here;
// package workflows takes them over.
const (
	SignalAttend            = "attend"
	SignalSweep             = "sweep"
	SmartlockWorkflowType   = "SmartlockWorkflow"
	ReservationWorkflowType = "ReservationWorkflow"
	WorkflowTaskQueue       = "keystay"
)

// Attend asks for an attendance at a lock's front desk, which it starts where
// it does not run. The workflow's id is the caller's.
type Attend struct {
	WorkflowID string     `json:"workflow_id"`
	Lock       int64      `json:"lock"`
	Attendance Attendance `json:"attendance"`
	// Codes are those of Attendance.Entries, in order; the front desk gets
	// their prints.
	Codes []nuki.PIN `json:"codes,omitempty"`
}

// VerifyInput asks for one look at a lock's list.
type VerifyInput struct {
	Lock  int64 `json:"lock"`
	Owner Owner `json:"owner"`
	// WithLock also reads the lock itself, at the price of one request.
	WithLock bool    `json:"with_lock,omitempty"`
	Attend   *Attend `json:"attend,omitempty"`
}

// CreateInput asks for an authorization that is not there yet.
type CreateInput struct {
	Lock   int64       `json:"lock"`
	Owner  Owner       `json:"owner"`
	Name   string      `json:"name"`
	PIN    nuki.PIN    `json:"pin"`
	Window nuki.Window `json:"window"`
	Attend *Attend     `json:"attend,omitempty"`
}

// UpdateInput asks for a whole document in the place of another.
type UpdateInput struct {
	Lock   int64       `json:"lock"`
	AuthID string      `json:"auth_id"`
	Owner  Owner       `json:"owner"`
	Name   string      `json:"name"`
	PIN    nuki.PIN    `json:"pin"`
	Window nuki.Window `json:"window"`
	// Disarm overwrites the entry instead: disabled, with a window far away and
	// a code of nobody, which frees the guest's PIN.
	Disarm bool    `json:"disarm,omitempty"`
	Attend *Attend `json:"attend,omitempty"`
}

// DeleteInput asks for the removal of one authorization by its recorded id.
type DeleteInput struct {
	Lock   int64   `json:"lock"`
	AuthID string  `json:"auth_id"`
	Owner  Owner   `json:"owner"`
	Attend *Attend `json:"attend,omitempty"`
}

// SyncInput asks the cloud to fetch the lock's own table.
type SyncInput struct {
	Lock   int64   `json:"lock"`
	Attend *Attend `json:"attend,omitempty"`
}

// Outcome is how a write was answered. It says nothing about the lock: a read
// must follow.
type Outcome string

const (
	// Accepted: the API answered 2xx. Nuki: validated and queued, not executed.
	Accepted Outcome = "accepted"
	// AlreadyRight: an earlier attempt had landed; nothing was sent.
	AlreadyRight Outcome = "already_right"
	// CodeInUse: another entry of the lock holds this code (409).
	CodeInUse Outcome = "code_in_use"
	// Busy: another operation on the entry is running (423).
	Busy Outcome = "busy"
	// NotThere: the entry to change or delete does not exist (404).
	NotThere Outcome = "not_there"
)

// WriteResult is what a write activity knows when it ends.
type WriteResult struct {
	Outcome Outcome `json:"outcome"`
	// Reading is there when the activity had to look.
	Reading *Reading `json:"reading,omitempty"`
}

// ChooseInput asks for one PIN that is free on all doors of a reservation.
type ChooseInput struct {
	Locks []int64 `json:"locks"`
	Owner Owner   `json:"owner"`
	// PIN is the caller's own; zero has one made.
	PIN nuki.PIN `json:"pin"`
	// Adopt takes over an entry with the reservation's name, with its code: a
	// run that remembers nothing must not add a second PIN beside it.
	Adopt  bool     `json:"adopt,omitempty"`
	Attend []Attend `json:"attend,omitempty"`
}

// Choice is the PIN chosen, and what each lock showed meanwhile.
type Choice struct {
	PIN nuki.PIN `json:"pin"`
	// Adopted says that the PIN was found on a lock under our name, so that
	// somebody may have been told it.
	Adopted bool         `json:"adopted,omitempty"`
	Doors   []DoorChoice `json:"doors"`
}

// DoorChoice is one lock's part of a Choice.
type DoorChoice struct {
	Lock    int64    `json:"lock"`
	Reading *Reading `json:"reading,omitempty"`
	// Problem is the error type where the lock could not be read: see errors.go.
	Problem string `json:"problem,omitempty"`
	// Message says it in words, redacted.
	Message string `json:"message,omitempty"`
}
