// This file is what is told to other systems: the types of events, and the
// document that is sent for one.

package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// EventType says what happened, in the field's words: object.verb_past.
type EventType string

// What a reservation tells of the stay as a whole, by its status.
const (
	AccessReady     EventType = "access.ready"
	AccessAtRisk    EventType = "access.at_risk"
	AccessDegraded  EventType = "access.degraded"
	AccessRecovered EventType = "access.recovered"
	AccessFailed    EventType = "access.failed"
	AccessRevoked   EventType = "access.revoked"
)

// What a reservation tells of its PIN, and of the PIN on one door.
const (
	CodeCreated          EventType = "access_code.created"
	CodeChanged          EventType = "access_code.code_changed"
	CodeTimeFrameChanged EventType = "access_code.time_frame_changed"
	CodeBackupPulled     EventType = "access_code.backup_access_code_pulled"
	CodeSuperseded       EventType = "access_code.superseded"
	CodeDisclosable      EventType = "access_code.disclosable"
	CodeDisclosed        EventType = "access_code.disclosed"

	CodeScheduled         EventType = "access_code.scheduled_on_device"
	CodeSet               EventType = "access_code.set_on_device"
	CodeProofChanged      EventType = "access_code.proof_changed"
	CodeUsed              EventType = "access_code.used"
	CodeDelayInSetting    EventType = "access_code.delay_in_setting_on_device"
	CodeFailedToSet       EventType = "access_code.failed_to_set_on_device"
	CodeModified          EventType = "access_code.modified_externally"
	CodeDeleted           EventType = "access_code.deleted_externally"
	CodeRemoved           EventType = "access_code.removed_from_device"
	CodeDelayInRemoving   EventType = "access_code.delay_in_removing_from_device"
	CodeFailedToRemove    EventType = "access_code.failed_to_remove_from_device"
	CodeGhostDetected     EventType = "access_code.ghost_detected"
	CodeUsedAfterRevoking EventType = "access_code.used_after_revocation"
	CodeWrongAttempts     EventType = "access_code.wrong_code_attempts"
)

// What a lock's front desk tells of the lock.
const (
	DeviceConnected            EventType = "device.connected"
	DeviceDisconnected         EventType = "device.disconnected"
	DeviceLowBattery           EventType = "device.low_battery"
	DeviceKeypadLowBattery     EventType = "device.keypad_low_battery"
	DeviceBecameFlaky          EventType = "device.connection_became_flaky"
	DeviceStabilized           EventType = "device.connection_stabilized"
	DeviceQuarantined          EventType = "device.quarantined"
	DeviceReleased             EventType = "device.released"
	DeviceCapacityLow          EventType = "device.capacity_low"
	DeviceSubscriptionRequired EventType = "device.error.subscription_required"
)

// EventKind is a type of event and what it says.
type EventKind struct {
	Type EventType
	Says string
	// ByLock: the lock's front desk tells it, not a reservation.
	ByLock bool
}

// EventKinds are all types that there are; deploy/events.md lists the same.
var EventKinds = []EventKind{
	{AccessReady, "every required door is confirmed to the required proof", false},
	{AccessAtRisk, "check-in is near, and not every required door is confirmed", false},
	{AccessDegraded, "the guest can enter, but by a second PIN, not by all doors, or not as last wished", false},
	{AccessRecovered, "what access.at_risk, access.degraded or access.failed said is over", false},
	{AccessFailed, "check-in has passed and no way in is confirmed; it is still being pursued", false},
	{AccessRevoked, "nobody should enter any more, and nothing of the stay is left on a lock", false},

	{CodeCreated, "the stay has got its PIN", false},
	{CodeChanged, "another PIN has taken the place of the one before, on all doors", false},
	{CodeTimeFrameChanged, "the PIN is to open at other times", false},
	{CodeBackupPulled, "a second PIN is added beside one that was told; both stay valid", false},
	{CodeSuperseded, "the second PIN has taken the place of the first, which was acknowledged", false},
	{CodeDisclosable, "the PIN may be told to the guest from now on", false},
	{CodeDisclosed, "somebody may have learned the PIN", false},

	{CodeScheduled, "the lock's list shows the PIN as wished; it will open at the beginning of its time frame", false},
	{CodeSet, "the lock's list shows the PIN as wished, and its time frame has begun", false},
	{CodeProofChanged, "how well the PIN is known to be on one door has changed, for better or worse", false},
	{CodeUsed, "the keypad of a door has accepted the PIN", false},
	{CodeDelayInSetting, "the PIN should be confirmed on a door by now, and is not", false},
	{CodeFailedToSet, "something prevents the PIN on a door that a person should know of; it is still being pursued", false},
	{CodeModified, "somebody else has changed the PIN's entry on a lock", false},
	{CodeDeleted, "somebody else has deleted the PIN's entry from a lock", false},
	{CodeRemoved, "a PIN that should be gone is proven gone from a door", false},
	{CodeDelayInRemoving, "a PIN should be proven gone from a door by now, and is not", false},
	{CodeFailedToRemove, "something prevents the removal of a PIN that a person should know of; it is still being pursued", false},
	{CodeGhostDetected, "a PIN that was deleted is still there, or there again", false},
	{CodeUsedAfterRevoking, "a PIN that should be gone has opened a door", true},
	{CodeWrongAttempts, "wrong codes are being entered at a keypad while a stay begins", true},

	{DeviceConnected, "the lock is online again", true},
	{DeviceDisconnected, "the lock is offline", true},
	{DeviceLowBattery, "the lock's battery is low", true},
	{DeviceKeypadLowBattery, "the keypad's battery is low", true},
	{DeviceBecameFlaky, "the lock's connection comes and goes", true},
	{DeviceStabilized, "the lock's connection is steady again", true},
	{DeviceQuarantined, "the lock loses or delays writes, and gets more care", true},
	{DeviceReleased, "the lock does well again", true},
	{DeviceCapacityLow, "the lock will hardly hold the codes of the coming stays", true},
	{DeviceSubscriptionRequired, "the lock's account needs a subscription", true},
}

// TypeFilter selects events: by whole types, or by their beginning as in
// "access_code.*". An empty one selects all.
type TypeFilter []string

// Wants reports whether an event is selected.
func (f TypeFilter) Wants(t EventType) bool {
	return len(f) == 0 || slices.ContainsFunc(f, func(pattern string) bool { return matches(pattern, t) })
}

func matches(pattern string, t EventType) bool {
	if beginning, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(string(t), beginning)
	}
	return pattern == string(t)
}

// selects reports whether a pattern can select anything at all.
func selects(pattern string) bool {
	return slices.ContainsFunc(EventKinds, func(kind EventKind) bool { return matches(pattern, kind.Type) })
}

// CarriesPIN reports whether an event of this type may hold the PIN, for a
// subscriber that asks for it.
func (t EventType) CarriesPIN() bool {
	return t == CodeDisclosable || t == CodeScheduled || t == CodeSet
}

// Event is the document that is sent. It holds no guest's name; a PIN only where
// the subscriber asks for it and it may be told.
type Event struct {
	// ID is the same at every delivery of the event.
	ID         string    `json:"event_id"`
	Type       EventType `json:"type"`
	OccurredAt time.Time `json:"occurred_at"`
	// Sequence numbers the events of a reservation, or of a lock, from 1 on.
	Sequence int64 `json:"sequence"`

	// ReservationID and SmartlockID say whom it is about: a stay, one door of a
	// stay, or a lock.
	ReservationID string   `json:"reservation_id,omitempty"`
	SmartlockID   int64    `json:"smartlock_id,omitempty"`
	Unit          string   `json:"unit,omitempty"`
	Status        string   `json:"status,omitempty"`
	Attention     []string `json:"attention,omitempty"`
	// ValidFrom and ValidUntil are the PIN's time frame.
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
	// Doors are those that the event is about.
	Doors []EventDoor `json:"doors,omitempty"`
	PIN   nuki.PIN    `json:"pin,omitzero"`
}

// EventDoor is the PIN on one door, at the time of the event.
type EventDoor struct {
	SmartlockID int64  `json:"smartlock_id"`
	Required    bool   `json:"required"`
	Status      string `json:"status"`
	// Proof is how well the PIN is known to be there; nil while nothing is.
	Proof    *EventProof    `json:"proof,omitempty"`
	Errors   []EventError   `json:"errors,omitempty"`
	Warnings []EventWarning `json:"warnings,omitempty"`
}

// EventProof is a proof, its evidence and how old it was.
type EventProof struct {
	Level      string    `json:"level"`
	Evidence   string    `json:"evidence,omitempty"`
	At         time.Time `json:"at,omitzero"`
	AgeSeconds int64     `json:"age_seconds"`
}

// EventError is what prevents something that is still pursued.
type EventError struct {
	Code string `json:"error_code"`
}

// EventWarning is what takes longer than it should, or is not as usual.
type EventWarning struct {
	Code string `json:"warning_code"`
}
