// This file is what a reservation shows of itself to a query: everything but
// the PIN.

package workflows

import (
	"time"
)

// Status is the reservation's status, in the field's words.
type Status string

// The words of a reservation, from the booking to the proof that nothing is left.
const (
	// StatusPending: nothing is due yet.
	StatusPending Status = "pending"
	// StatusProvisioning: the doors are getting the PIN.
	StatusProvisioning Status = "provisioning"
	// StatusReady: every required door is at the required proof.
	StatusReady Status = "ready"
	// StatusAtRisk: check-in is near and the stay is not ready.
	StatusAtRisk Status = "at_risk"
	// StatusDegraded: the guest can enter, but by a second PIN, not by all
	// doors, or not as it was last wished.
	StatusDegraded Status = "degraded"
	// StatusFailed: check-in has passed with no proven way in; still pursued.
	StatusFailed Status = "failed"
	// StatusRevoking: entries must go whose absence is not proven.
	StatusRevoking Status = "revoking"
	// StatusRevoked: the stay has ended, and absence is proven.
	StatusRevoked Status = "revoked"
	// StatusOnHold: a person wants nothing changed on the locks until a release.
	StatusOnHold Status = "on_hold"
	// StatusCancelled: cancelled, withdrawn or a no-show, and absence is proven.
	StatusCancelled Status = "cancelled"
)

// Statuses are all words that a reservation can have.
var Statuses = []Status{
	StatusPending, StatusProvisioning, StatusReady, StatusAtRisk, StatusDegraded, StatusFailed,
	StatusOnHold, StatusRevoking, StatusRevoked, StatusCancelled,
}

// AuthStatus is the status of one authorization; failing is never one, it is an
// error on something that is still pursued.
type AuthStatus string

// The words of an authorization.
const (
	AuthUnset    AuthStatus = "unset"
	AuthSetting  AuthStatus = "setting"
	AuthSet      AuthStatus = "set"
	AuthRemoving AuthStatus = "removing"
	AuthRemoved  AuthStatus = "removed"
	AuthUnknown  AuthStatus = "unknown"
)

// Warning is something odd about the last message, in one word.
type Warning string

const (
	// WarningSameVersion: the same version came with other content.
	WarningSameVersion Warning = "same_version_other_content"
	// WarningVersionKind: a number followed a time or the other way round, so
	// that arrival order decided.
	WarningVersionKind Warning = "version_kind_changed"
)

// View answers QueryReservation.
type View struct {
	ID        string      `json:"id"`
	Status    Status      `json:"status"`
	Attention []Attention `json:"attention,omitempty"`
	// At is the workflow's time of this view; ages count from it.
	At      time.Time `json:"at"`
	Wish    *Wish     `json:"wish,omitempty"`
	Version Version   `json:"version,omitzero"`
	// Withdrawn says that the reservation was deleted or cancelled by request.
	Withdrawn *Withdrawal `json:"withdrawn,omitempty"`
	Ignored   *Ignored    `json:"ignored,omitempty"`
	Warning   Warning     `json:"warning,omitempty"`
	// Held and Revoked are what a person decided, until a release.
	Held    *Decree `json:"held,omitempty"`
	Revoked *Decree `json:"revoked,omitempty"`
	// Orders are the last levers that people pulled, oldest first.
	Orders Ledger `json:"orders,omitempty"`
	// Levers are those that can be pulled now.
	Levers []LeverView `json:"levers,omitempty"`
	// Timeline is what happened, oldest first.
	Timeline []Happening `json:"timeline,omitempty"`
	// Opens and Closes bound the window that is written to the locks.
	Opens  time.Time  `json:"opens,omitzero"`
	Closes time.Time  `json:"closes,omitzero"`
	Doors  []DoorView `json:"doors,omitempty"`
	// Leaving are entries that are being removed, or were.
	Leaving []DoorView `json:"leaving,omitempty"`
	Next    NextView   `json:"next,omitzero"`
	// LastError is the newest error that is being waited out.
	LastError *Trouble       `json:"last_error,omitempty"`
	PIN       DisclosureView `json:"pin"`
}

// DoorView is one authorization on one lock.
type DoorView struct {
	SmartlockID int64      `json:"smartlock_id"`
	Required    bool       `json:"required"`
	Name        string     `json:"name,omitempty"`
	AuthID      string     `json:"auth_id,omitempty"`
	Status      AuthStatus `json:"status"`
	// Proof is how well the entry is known to be on the keypad; of one that is
	// removed, how well it is known to be gone.
	Proof Proof `json:"proof,omitzero"`
	// Counts is the proof that counts now.
	Counts ProofLevel `json:"counts,omitempty"`
	// ReadAt is when the lock's list was last read, Shows what it said.
	ReadAt  time.Time   `json:"read_at,omitzero"`
	Shows   FindingKind `json:"shows,omitempty"`
	Why     string      `json:"why,omitempty"`
	Trouble *Trouble    `json:"trouble,omitempty"`
	Step    Step        `json:"step,omitzero"`
	// Report is how far a report that it does not open has come.
	Report *ReportView `json:"report,omitempty"`
}

// NextView is what happens next, when and why.
type NextView struct {
	Action Action    `json:"action,omitempty"`
	Lock   int64     `json:"lock,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// DisclosureView says how far the PIN may be told, never the PIN.
type DisclosureView struct {
	Mode          PINMode    `json:"mode,omitempty"`
	DiscloseAt    DiscloseAt `json:"disclose_at,omitempty"`
	Disclosable   bool       `json:"disclosable"`
	AvailableWhen string     `json:"available_when,omitempty"`
	ToldAt        time.Time  `json:"told_at,omitzero"`
}
