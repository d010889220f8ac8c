// This file is the policy of the demonstration: the same ladders as a real
// installation's, seconds long instead of days.

package stack

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

// FastPolicy keeps the shape of the default policy in seconds.
func FastPolicy() workflows.Policy {
	const (
		ms  = workflows.Duration(time.Millisecond)
		sec = workflows.Duration(time.Second)
	)
	return workflows.Policy{
		Lead:        8 * sec,
		ToCheckIn:   []workflows.Duration{5 * sec, 3 * sec, 1 * sec, 0},
		ToCheckOut:  []workflows.Duration{3 * sec, 1 * sec},
		AtRisk:      4 * sec,
		ForceCreate: 3 * sec,
		CallPerson:  2 * sec,
		LateRung:    1 * sec,

		RetrySteps:   []workflows.Duration{300 * ms, 500 * ms, 1 * sec, 2 * sec},
		RetryFloor:   200 * ms,
		AfterCheckIn: []workflows.Duration{300 * ms, 500 * ms, 1 * sec},

		FirstLook:      250 * ms,
		WriteGrace:     1 * sec,
		SyncGap:        1 * sec,
		UrgentWithin:   1 * sec,
		SyncsPerDay:    100000,
		SyncsUrgent:    100000,
		AskWait:        2 * sec,
		MarkWait:       2 * sec,
		TimedGap:       1 * sec,
		Settled:        500 * ms,
		ProofLife:      60 * sec,
		OperationSync:  3 * sec,
		OperationStuck: 6 * sec,
		Unaccounted:    3 * sec,
		OnlineLife:     1 * sec,

		AuditEvery:  10 * sec,
		AuditSync:   40 * sec,
		LogPoll:     500 * ms,
		LogPollMost: 5 * sec,
		DoorSync:    2 * sec,

		EndSpread: 1 * ms,
		Looks:     []workflows.Duration{3 * sec, 6 * sec},
		OpenLooks: []workflows.Duration{1 * sec, 2 * sec},
		Tombstone: workflows.Duration(time.Hour),
	}
}
