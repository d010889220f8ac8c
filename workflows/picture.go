// This file is what can be told of a stay at one moment, in the field's words. What
// is told is the difference between two such pictures (news.go). Pure.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
)

// Picture is a stay as its subscribers can know it.
type Picture struct {
	Status Status `json:"status,omitempty"`
	// Trouble: what was last told of the access is trouble that is not over.
	Trouble bool `json:"trouble,omitempty"`
	// Opens and Closes are the PIN's time frame.
	Opens  time.Time `json:"opens,omitzero"`
	Closes time.Time `json:"closes,omitzero"`
	// PINs counts all that the stay ever had, Backup says that the last one stands
	// beside another; Acknowledged and Told count those of which that is true.
	PINs         int  `json:"pins,omitempty"`
	Backup       bool `json:"backup,omitempty"`
	Acknowledged int  `json:"acknowledged,omitempty"`
	Told         int  `json:"told,omitempty"`
	// Disclosable is the number of the last PIN that might be told; none once nobody
	// should get in any more.
	Disclosable int `json:"disclosable,omitempty"`
	// Doors are the stay's entries, in their order: none is ever taken away.
	Doors []PictureDoor `json:"doors,omitempty"`
}

// PictureDoor is one PIN on one door.
type PictureDoor struct {
	// Word is the entry's status, or authScheduled.
	Word     AuthStatus `json:"word,omitempty"`
	Proof    ProofLevel `json:"proof,omitempty"`
	Leaving  bool       `json:"leaving,omitempty"`
	Errors   []string   `json:"errors,omitempty"`
	Warnings []string   `json:"warnings,omitempty"`
}

// authScheduled is "set" before the time frame begins.
const authScheduled AuthStatus = "scheduled"

// The field's words for what takes longer than it should.
const (
	warningDelayInSetting  = "delay_in_setting_on_device"
	warningDelayInRemoving = "delay_in_removing_from_device"
)

// The field's words for errors that have an event of their own.
const (
	errorModified    = "modified_externally"
	errorDeleted     = "deleted_externally"
	errorGhost       = "ghost_on_device"
	errorUnconfirmed = "access_code_state_unconfirmed"
)

// errorCodes are the field's words for what a person should know of a door. A
// reason without one is told by its own word.
var errorCodes = map[Attention]string{
	AttentionLockOffline:       "device_offline",
	AttentionAccountRefused:    "account_disconnected",
	AttentionLockUnknown:       "device_removed",
	AttentionNoSpace:           "no_space_for_access_code_on_device",
	AttentionPINConflict:       "duplicate_code_on_device",
	AttentionRefused:           "invalid_access_code",
	AttentionChangedExternally: errorModified,
	AttentionDeletedExternally: errorDeleted,
	AttentionGhost:             errorGhost,
	AttentionOperationStuck:    errorUnconfirmed,
	AttentionUnreadable:        errorUnconfirmed,
	AttentionListImplausible:   errorUnconfirmed,
}

// picture is the stay as it can be told now, after what was told before.
func (s *State) picture(before Picture, now time.Time) Picture {
	p := Picture{Status: s.tellableStatus(before, now), PINs: len(s.PINs), Disclosable: before.Disclosable}
	if s.Wish != nil {
		window := s.Wish.Window()
		p.Opens, p.Closes = window.From, window.Until
	}
	for _, pin := range s.PINs {
		p.Backup = pin.Beside
		p.Acknowledged += one(!pin.AcknowledgedAt.IsZero())
		p.Told += one(pin.Told())
	}
	switch {
	case s.notDisclosable(now) == "":
		p.Disclosable = len(s.PINs)
	case p.Status.over():
		p.Disclosable = 0 // Whoever removes the code then gets it again with a reinstatement.
	}
	p.Trouble = p.Status.troubled() || before.Trouble && p.Status == StatusRevoking
	for i, entry := range s.Entries {
		p.Doors = append(p.Doors, s.pictureDoor(entry, before.door(i), p.Status, now))
	}
	return p
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// troubled reports whether the guest may not get in as wished.
func (s Status) troubled() bool {
	return s == StatusAtRisk || s == StatusDegraded || s == StatusFailed
}

// over reports whether nobody should get in any more.
func (s Status) over() bool {
	return s == StatusRevoking || s == StatusRevoked || s == StatusCancelled
}

// tellableStatus is the status, but that a stay which was ready is told to be in
// trouble only when a person is: most disturbances are mended in seconds.
func (s *State) tellableStatus(before Picture, now time.Time) Status {
	status := s.status(now)
	if status.troubled() && before.Status != "" && now.Before(s.repairedBy()) {
		return before.Status
	}
	return status
}

// door is what was told of an entry; empty of one that is new.
func (p Picture) door(i int) PictureDoor {
	if i < len(p.Doors) {
		return p.Doors[i]
	}
	return PictureDoor{}
}

func (s *State) pictureDoor(entry *Entry, before PictureDoor, status Status, now time.Time) PictureDoor {
	door := PictureDoor{Word: entry.word(now), Leaving: entry.Absent}
	if !entry.Absent {
		door.Proof = s.counts(entry, now)
	}
	if code := errorCode(entry.Step.Attention); code != "" {
		door.Errors = []string{code}
	}
	if warning := s.delayed(entry, status, now); warning != "" {
		door.Warnings = []string{warning}
	}
	if !door.settled() && before.Leaving == door.Leaving {
		// What was told is told once, until the door has come right: reads and
		// waits take turns, and not every one of them names the reason.
		door.Errors, door.Warnings = union(before.Errors, door.Errors), union(before.Warnings, door.Warnings)
	}
	return door
}

// settled reports whether the door is as wished.
func (d PictureDoor) settled() bool {
	return d.Word == AuthSet || d.Word == authScheduled || d.Word == AuthRemoved
}

// word is the entry's status; what was never sent to a lock needs no removal.
func (e *Entry) word(now time.Time) AuthStatus {
	status := e.status()
	switch {
	case e.Absent && e.untouched():
		return AuthUnset
	case status == AuthSet && now.Before(e.Window.From):
		return authScheduled
	}
	return status
}

func errorCode(attention Attention) string {
	if code, ok := errorCodes[attention]; ok {
		return code
	}
	return string(attention)
}

// delayed is the word for an entry that should be settled by now.
func (s *State) delayed(entry *Entry, status Status, now time.Time) string {
	switch {
	case !entry.Absent && status.troubled() && !s.situation(entry, now).provenEnough():
		return warningDelayInSetting
	case entry.Absent && entry.word(now) == AuthRemoving && now.Sub(entry.AbsentAt) >= s.Policy.OperationStuck.D():
		return warningDelayInRemoving
	}
	return ""
}

func union(told, now []string) []string {
	all := slices.Clone(told)
	for _, word := range now {
		if !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// opensNext is when the time frame of a PIN begins that waits for it: it is "set"
// from then on. Zero for never.
func (s *State) opensNext(now time.Time) time.Time {
	var next time.Time
	for _, entry := range s.Entries {
		if entry.word(now) == authScheduled {
			next = earliest(next, entry.Window.From)
		}
	}
	return next
}

// maxEventDoors bounds an event; a stay has at most 20 doors.
const maxEventDoors = maxLocks

// eventDoors are the doors that an event is about: one entry, or the stay's.
func (s *State) eventDoors(about change, picture Picture, now time.Time) []activities.EventDoor {
	if about.door >= 0 {
		return []activities.EventDoor{s.eventDoor(s.doorView(s.Entries[about.door], now), picture.door(about.door), now)}
	}
	var doors []activities.EventDoor
	for i, entry := range s.Entries {
		if picture.Doors[i].Leaving == picture.Status.over() && len(doors) < maxEventDoors {
			doors = append(doors, s.eventDoor(s.doorView(entry, now), picture.Doors[i], now))
		}
	}
	return doors
}

func (s *State) eventDoor(view DoorView, door PictureDoor, now time.Time) activities.EventDoor {
	told := activities.EventDoor{SmartlockID: view.SmartlockID, Required: s.requires(view.SmartlockID), Status: string(view.Status)}
	if view.Counts != ProofNone && !door.Leaving {
		told.Proof = &activities.EventProof{
			Level: string(view.Counts), Evidence: string(view.Proof.Evidence), At: view.Proof.At,
			AgeSeconds: int64(now.Sub(view.Proof.At) / time.Second),
		}
	}
	for _, code := range door.Errors {
		told.Errors = append(told.Errors, activities.EventError{Code: code})
	}
	for _, code := range door.Warnings {
		told.Warnings = append(told.Warnings, activities.EventWarning{Code: code})
	}
	return told
}

// requires reports whether the stay needs a door.
func (s *State) requires(lock int64) bool {
	return s.Wish != nil && slices.Contains(s.Wish.Locks, LockWish{SmartlockID: lock})
}
