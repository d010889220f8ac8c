// This file is what errors of activities mean for a door: how long to wait, and
// when a person should know.

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities"
)

// accountPause is the pause after an error that retrying cannot mend: it goes on
// slowly, since a person may mend it at any time. Near a deadline, where the retry
// table is denser, it is four of its last steps.
const accountPause = 10 * time.Minute

// newTrouble is one more error after a series of them. delay is the retry
// table's, which the server's Retry-After may lengthen.
func newTrouble(before Trouble, err error, at time.Time, delay func(tries int) time.Duration) Trouble {
	trouble := Trouble{Type: errorType(err), Message: errorMessage(err), Since: at, Tries: before.Tries + 1, InARow: 1}
	if before.Tries > 0 {
		trouble.Since = before.Since
	}
	if before.Type == trouble.Type {
		trouble.InARow += before.InARow
	}
	pause := max(delay(before.Tries), retryAfter(err))
	if needsPerson(trouble.Type) {
		pause = max(pause, min(accountPause, 4*delay(len(DefaultPolicy().RetrySteps))))
	}
	trouble.RetryAt = at.Add(pause)
	return trouble
}

// refusal reports whether the lock refused a write. Its pause outlasts reads: two
// entries that are refused in turns would end each other's.
func (t Trouble) refusal() bool {
	return t.Type == string(activities.CodeInUse) || t.Type == string(activities.Busy)
}

// errorType is the application's type of an activity's error; an activity that
// timed out or was never run counts as unreachable.
func errorType(err error) string {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Type()
	}
	return activities.ErrUnreachable
}

// errorMessage is the redacted sentence of an activity's error.
func errorMessage(err error) string {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Message()
	}
	return "the activity did not end in its time"
}

// retryAfter is what the server asked for, if it did.
func retryAfter(err error) time.Duration {
	var application *temporal.ApplicationError
	var detail activities.ErrorDetail
	if errors.As(err, &application) && application.HasDetails() && application.Details(&detail) == nil {
		return detail.RetryAfter
	}
	return 0
}

// mayHaveLanded reports whether a write which ended in this error may have been
// received all the same: if not by the last attempt, then by one before it.
func mayHaveLanded(err error) bool {
	switch errorType(err) {
	case activities.ErrUnreachable, activities.ErrNotSent, activities.ErrRateLimited:
		return true
	}
	return false
}

// mayHaveSynced is the same for a sync, of which there is one attempt.
func mayHaveSynced(err error) bool { return errorType(err) == activities.ErrUnreachable }

// needsPerson reports whether retrying alone cannot mend this error.
func needsPerson(kind string) bool {
	switch kind {
	case activities.ErrAccountRefused, activities.ErrLockUnknown, activities.ErrKeypadMissing, activities.ErrWriteRefused:
		return true
	}
	return false
}

// troubleAttention names the reason for a person to look at an error: at once
// where only a person can mend it or a PIN that is known must go, else when the
// deadline is near.
func troubleAttention(s Situation) Attention {
	switch s.Entry.Trouble.Type {
	case activities.ErrAccountRefused:
		return AttentionAccountRefused
	case activities.ErrLockUnknown:
		return AttentionLockUnknown
	case activities.ErrKeypadMissing:
		return AttentionKeypadMissing
	case activities.ErrWriteRefused:
		return AttentionRefused
	}
	if s.Entry.Absent && !s.Entry.searches() || s.atRisk() {
		return AttentionUnreadable
	}
	return ""
}
