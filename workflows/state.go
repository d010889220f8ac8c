// This file is what a reservation remembers: one serialisable value that
// continue-as-new carries over whole. Nothing else survives a run.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// State is everything a ReservationWorkflow knows.
type State struct {
	ID     string `json:"id"`
	Policy Policy `json:"policy"`

	// Wish is the last wish that was accepted; nil before the first.
	Wish *Wish `json:"wish,omitempty"`
	// AcceptedAt is when the present times or doors were accepted: rungs that
	// were past by then fire late.
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
	// Version is the highest version ever accepted.
	Version Version `json:"version,omitzero"`
	// Withdrawn is set by DELETE or by a cancel request until a newer wish.
	Withdrawn *Withdrawal `json:"withdrawn,omitempty"`
	// Ignored is the last message that changed nothing because it was old.
	Ignored *Ignored `json:"ignored,omitempty"`
	// Warning is what was odd about the last message, in one word.
	Warning Warning `json:"warning,omitempty"`
	// Raised is a reason for attention that the last message gave; the next
	// good one takes it back.
	Raised Attention `json:"raised,omitempty"`
	// LatestEnd is the latest end this reservation ever had.
	LatestEnd time.Time `json:"latest_end,omitzero"`

	// PINs are all that this reservation ever had, oldest first; the last one
	// is the present one.
	PINs []PINRecord `json:"pins,omitempty"`
	// FreshPIN asks for another PIN on all doors; it holds the reason.
	FreshPIN string `json:"fresh_pin,omitempty"`
	// Choosing is the trouble of the last attempt to choose a PIN.
	Choosing Trouble      `json:"choosing,omitzero"`
	Entries  []*Entry     `json:"entries,omitempty"`
	Locks    []LockMemory `json:"locks,omitempty"`

	// Held and Revoked are what a person decided, until a release: that nothing is
	// changed on the locks, or that nobody gets in. Messages do not take them back.
	Held    *Decree `json:"held,omitempty"`
	Revoked *Decree `json:"revoked,omitempty"`
	// Rotating: the PIN that FreshPIN asks for takes the present one's place, though
	// that was told.
	Rotating bool `json:"rotating,omitempty"`
	// Journal is what happened, in words.
	Journal []Happening `json:"journal,omitempty"`
	// Orders are the levers that people pulled.
	Orders Ledger `json:"orders,omitempty"`

	// DeadUsedAt is the last time that a PIN of ours opened which should be dead.
	DeadUsedAt time.Time `json:"dead_used_at,omitzero"`

	// WasReady and UnreadySince tell a stay under repair from one that never
	// was ready.
	WasReady     bool      `json:"was_ready,omitempty"`
	UnreadySince time.Time `json:"unready_since,omitzero"`

	// choosing is the reason of a choice that is under way; not carried over.
	choosing string

	// Shown is what search attributes hold, so that they change only on change.
	Shown Shown `json:"shown,omitzero"`
	// Announced is what subscribers were last told; empty where there are none.
	Announced Announced[Picture] `json:"announced,omitzero"`
}

// Decree is what a person decided, when and why.
type Decree struct {
	At  time.Time `json:"at"`
	By  string    `json:"by,omitempty"`
	Why string    `json:"why,omitempty"`
}

// Withdrawal is the wish "cancelled", from DELETE or a cancel request.
type Withdrawal struct {
	Version Version   `json:"version,omitzero"`
	At      time.Time `json:"at"`
}

// Ignored is a message that was older than what is known.
type Ignored struct {
	Version Version   `json:"version,omitzero"`
	At      time.Time `json:"at"`
}

// PINRecord is one PIN of the reservation and how far it has spread.
type PINRecord struct {
	PIN    nuki.PIN `json:"pin"`
	Source PINMode  `json:"source"`
	// ToldAt is when somebody may have learned it; zero while nobody has.
	ToldAt time.Time `json:"told_at,omitzero"`
	// Beside: it was added beside the one before it, which was told and stays
	// valid until AcknowledgedAt says that the new one took its place.
	Beside         bool      `json:"beside,omitempty"`
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
}

// Told reports whether somebody may know the PIN.
func (p PINRecord) Told() bool { return !p.ToldAt.IsZero() }

// LockMemory is what a reservation remembers of one lock as a whole.
type LockMemory struct {
	ID int64 `json:"id"`
	// Names counts the names used on this lock, for the next suffix.
	Names int `json:"names,omitempty"`
	// State is the last read of the lock itself, at ReadAt.
	State  *activities.LockState `json:"state,omitempty"`
	ReadAt time.Time             `json:"read_at,omitzero"`
	// OnlineSince is the first of an unbroken series of reads of the lock
	// itself that showed it online.
	OnlineSince time.Time `json:"online_since,omitzero"`
	// Believed is the last list that was believed; Doubt counts those that
	// were not, since.
	Believed Belief `json:"believed,omitzero"`
	Doubt    Doubt  `json:"doubt,omitzero"`
	// Others are the windows of other stays in the last list believed.
	Others activities.Others `json:"others,omitzero"`
	// OfflineAt is the last read that showed the lock offline.
	OfflineAt time.Time `json:"offline_at,omitzero"`
	// Asked is the request for a sync that the lock's front desk has not granted.
	Asked Asked `json:"asked,omitzero"`
	// DoorSyncAt is when a sync was last asked for because of a refused guest.
	DoorSyncAt time.Time `json:"door_sync_at,omitzero"`
	// Advice is what the front desk told of the lock. Attended: the desk has been
	// told of the reservation; AttendedFor is the beginning of the stay that it was
	// told of.
	Advice      Advice    `json:"advice,omitzero"`
	Attended    bool      `json:"attended,omitempty"`
	AttendedFor time.Time `json:"attended_for,omitzero"`
	// RoomAsked: the desk has been told that a guest waits for room on this lock.
	RoomAsked bool `json:"room_asked,omitempty"`
	// Took are writes whose fate is known, and of which the desk does not know.
	Took []activities.Took `json:"took,omitempty"`
	// Syncs are the times of the syncs of the last day that we know of, oldest first.
	Syncs []time.Time `json:"syncs,omitempty"`
	// UpdatedBefore is the lock's own update time as read before the last sync.
	UpdatedBefore time.Time `json:"updated_before,omitzero"`
	// MarkAt is when the last sync was seen to be complete.
	MarkAt time.Time `json:"mark_at,omitzero"`
	// LifeAt is the last sign of life that was no read.
	LifeAt time.Time `json:"life_at,omitzero"`
	// WokenAt is the last wake-up that asks for a read.
	WokenAt time.Time `json:"woken_at,omitzero"`
}

// Entry is one authorization on one lock: wished, being brought about, or being
// removed. It outlives its removal until the last look.
type Entry struct {
	Lock   int64       `json:"lock"`
	Name   string      `json:"name"`
	PIN    nuki.PIN    `json:"pin"`
	Window nuki.Window `json:"window"`
	// OldUntil is the end that the window had before it was extended, at ExtendedAt.
	OldUntil   time.Time `json:"old_until,omitzero"`
	ExtendedAt time.Time `json:"extended_at,omitzero"`
	// Absent is the wish: false for present. Why says since when it is unwanted.
	Absent   bool      `json:"absent,omitempty"`
	Why      string    `json:"why,omitempty"`
	AbsentAt time.Time `json:"absent_at,omitzero"`
	// AuthID is Nuki's id, once a read showed it.
	AuthID string `json:"auth_id,omitempty"`

	// Seen is what the last read showed.
	Seen Finding `json:"seen,omitzero"`
	// Write is the last write, Tries the writes since the wish last changed
	// or the entry last did as wished.
	Write Write `json:"write,omitzero"`
	Tries int   `json:"tries,omitempty"`
	// Looks counts the reads since the last write or sync.
	Looks int `json:"looks,omitempty"`
	// Loose is the latest write that a newer wish overtook before a read
	// showed it: it may land late.
	Loose Write `json:"loose,omitzero"`
	// ExactSince is the first of an unbroken series of exact reads.
	ExactSince time.Time `json:"exact_since,omitzero"`
	// MissingSince is the first of an unbroken series of reads without it.
	MissingSince time.Time `json:"missing_since,omitzero"`
	// PendingSince is when an operation was first seen running on it.
	PendingSince time.Time `json:"pending_since,omitzero"`
	// Confirmed: a sync has shown it since its last create, so that vanishing
	// is somebody's act and not a lost create.
	Confirmed bool `json:"confirmed,omitempty"`
	// Refusals counts the 409 and 423 since a write was last accepted.
	Refusals int `json:"refusals,omitempty"`
	// Lost counts how often it vanished by no act of ours, since a message was
	// last accepted.
	Lost int `json:"lost,omitempty"`
	// RefusedAt is when the keypad last refused the guest, until it opened or the
	// entry was written anew.
	RefusedAt time.Time `json:"refused_at,omitzero"`
	// ReportedAt is when a person said that it does not work, until it opened or the
	// person says that all is well.
	ReportedAt time.Time `json:"reported_at,omitzero"`
	// WrittenOff: a person gave it up, as its lock is out of reach for good.
	WrittenOff bool `json:"written_off,omitempty"`
	// Resumed: a message came after somebody had switched the entry off, so that
	// the caller wants it all the same.
	Resumed bool `json:"resumed,omitempty"`

	// Proof is how well it is known to be as wished: on the keypad, or, once
	// RemovedAt is set, gone from it.
	Proof Proof `json:"proof,omitzero"`
	// FormerProof is the best proof of an earlier window: of the same code by the same
	// authorization.
	FormerProof ProofLevel `json:"former_proof,omitempty"`
	// RemovedAt is when its absence was first proven; LooksDone counts the
	// looks after that.
	RemovedAt time.Time `json:"removed_at,omitzero"`
	LooksDone int       `json:"looks_done,omitempty"`

	// Trouble is the error that is being waited out.
	Trouble Trouble `json:"trouble,omitzero"`
	// Noted is what the journal last told of it.
	Noted string `json:"noted,omitempty"`
	// Step is the last decision, for the people who read it.
	Step Step `json:"step,omitzero"`
}

// Write is one write that the API has answered, or may have received.
type Write struct {
	Kind Action    `json:"kind,omitempty"`
	At   time.Time `json:"at,omitzero"`
	// Done is when the answer was taken in.
	Done time.Time `json:"done,omitzero"`
	// Unsure: no answer came; it may have been received all the same.
	Unsure bool `json:"unsure,omitempty"`
	// Shown: a read has shown its effect.
	Shown bool `json:"shown,omitempty"`
}

// answered is when the write was with the API for certain.
func (w Write) answered() time.Time { return latest(w.At, w.Done) }

// Pending reports whether the write was sent and no read has shown its effect.
func (w Write) Pending() bool { return w.Kind != "" && !w.Shown }

// Trouble is an error on something that is still pursued.
type Trouble struct {
	// Type is an error type of package activities.
	Type    string    `json:"type,omitempty"`
	Message string    `json:"message,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Tries   int       `json:"tries,omitempty"`
	// InARow counts the last of the tries that ended in this type.
	InARow int `json:"in_a_row,omitempty"`
	// RetryAt is when it may be tried again.
	RetryAt time.Time `json:"retry_at,omitzero"`
}

// newState is a reservation that knows nothing yet.
func newState(id string, policy *Policy) *State {
	state := &State{ID: id}
	if policy != nil {
		state.Policy = *policy
	}
	state.Policy = state.Policy.WithDefaults()
	return state
}

// pin is the present PIN, or nil before one has been chosen.
func (s *State) pin() *PINRecord {
	if len(s.PINs) == 0 {
		return nil
	}
	return &s.PINs[len(s.PINs)-1]
}

// told reports whether somebody may know this PIN.
func (s *State) told(pin nuki.PIN) bool {
	for _, record := range s.PINs {
		if record.PIN == pin && record.Told() {
			return true
		}
	}
	return false
}

// lock is the memory of one lock, made where there is none.
func (s *State) lock(id int64) *LockMemory {
	for i := range s.Locks {
		if s.Locks[i].ID == id {
			return &s.Locks[i]
		}
	}
	s.Locks = append(s.Locks, LockMemory{ID: id})
	return &s.Locks[len(s.Locks)-1]
}

// entriesOn are the reservation's entries on one lock, wished or not.
func (s *State) entriesOn(lock int64) []*Entry {
	var found []*Entry
	for _, entry := range s.Entries {
		if entry.Lock == lock {
			found = append(found, entry)
		}
	}
	return found
}

// owner says whose entries are ours on one lock.
func (s *State) owner(lock int64) activities.Owner {
	owner := activities.Owner{Mark: s.Policy.Mark, Key: activities.Key(s.ID)}
	for _, entry := range s.entriesOn(lock) {
		if entry.AuthID != "" && !slices.Contains(owner.IDs, entry.AuthID) {
			owner.IDs = append(owner.IDs, entry.AuthID)
		}
	}
	if s.search(lock) != nil {
		return owner // A search takes whatever has our name.
	}
	for _, record := range s.PINs {
		owner.PINs = append(owner.PINs, record.PIN)
	}
	return owner
}

// maxNames bounds the suffix, so that a name stays within Nuki's 20 bytes.
const maxNames = 100

// memory is a copy of what is remembered of one lock; empty without any.
func (s *State) memory(id int64) LockMemory {
	for _, memory := range s.Locks {
		if memory.ID == id {
			return memory
		}
	}
	return LockMemory{ID: id}
}

// nextName is the next unused name on a lock.
func (s *State) nextName(lock int64) string {
	memory := s.lock(lock)
	name := activities.Name(s.Policy.Mark, activities.Key(s.ID), memory.Names%maxNames)
	memory.Names++
	return name
}
