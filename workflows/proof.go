// This file holds the levels of proof: how well we know that an authorization
// is on the keypad.

package workflows

import "time"

// ProofLevel says how well an authorization is known to be on the keypad. None
// below used proves that the keypad accepts the PIN: say "confirmed to …".
type ProofLevel string

const (
	// ProofNone: nothing is known yet, or the entry is not as wished.
	ProofNone ProofLevel = ""
	// ProofRequested: the API answered 2xx to a write.
	ProofRequested ProofLevel = "requested"
	// ProofListed: the lock's list shows our code, whole window, enabled, and
	// no operation running.
	ProofListed ProofLevel = "listed"
	// ProofReread: still exact in a list read after a completed sync, or
	// (evidence timed) in two reads apart with the lock online.
	ProofReread ProofLevel = "reread"
	// ProofUsed: a log row shows that the keypad accepted the PIN.
	ProofUsed ProofLevel = "used"
)

// rank orders the levels.
func (p ProofLevel) rank() int {
	switch p {
	case ProofRequested:
		return 1
	case ProofListed:
		return 2
	case ProofReread:
		return 3
	case ProofUsed:
		return 4
	}
	return 0
}

// AtLeast reports whether p is as good as the other level.
func (p ProofLevel) AtLeast(other ProofLevel) bool { return p.rank() >= other.rank() }

// Evidence says what a proof rests on.
type Evidence string

const (
	// EvidenceAnswer: the API's answer to a write.
	EvidenceAnswer Evidence = "api_answer"
	// EvidenceList: one read of the lock's list.
	EvidenceList Evidence = "list"
	// EvidenceMark: a list read after a sync whose completion was seen.
	EvidenceMark Evidence = "sync_mark"
	// EvidenceLog: the keypad's log.
	EvidenceLog Evidence = "keypad_log"
	// EvidenceTimed: two exact reads apart, after a sync that left no mark.
	EvidenceTimed Evidence = "timed"
)

// Proof is a level with its evidence and time. It belongs to a code and a
// window: a change of either resets it.
type Proof struct {
	Level    ProofLevel `json:"level,omitempty"`
	Evidence Evidence   `json:"evidence,omitempty"`
	At       time.Time  `json:"at,omitzero"`
}

// Counts is the level that counts at a moment: a reread proof that has outlived
// its life counts as listed.
func (p Proof) Counts(at time.Time, life Duration) ProofLevel {
	if p.Level == ProofReread && at.Sub(p.At) > life.D() {
		return ProofListed
	}
	return p.Level
}
