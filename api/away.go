// This file says what an error of Temporal means to a caller.

package api

import (
	"errors"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/workflows"
)

// retryLater is the Retry-After of every 503.
const retryLater = 5 * time.Second

// isNotFound reports whether no such workflow runs: never, or no longer.
func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// unknown is the answer for a reservation that Temporal does not have.
func unknown() *Problem {
	return problem(http.StatusNotFound, codeUnknown, "No reservation with this id is known.")
}

// notRecorded is the answer when a write was not confirmed. It may have been
// received all the same, so it says what is safe to do.
func notRecorded(err error) *Problem {
	return away("Temporal did not confirm the request, so count it as not recorded. Send it again: repeating does no harm.", err)
}

// notRead is the answer when a read failed.
func notRead(err error) *Problem {
	return away("Temporal did not answer. Nothing was changed.", err)
}

func away(detail string, err error) *Problem {
	p := problem(http.StatusServiceUnavailable, codeTemporalAway, detail)
	p.retryAfter, p.cause = retryLater, err
	return p
}

// readFailure maps the error of a read of one reservation.
func readFailure(err error) *Problem {
	if isNotFound(err) {
		return unknown()
	}
	return notRead(err)
}

// unknownLock is the answer for a lock that no reservation has attended.
func unknownLock() *Problem {
	return problem(http.StatusNotFound, codeLockUnknown, "No reservation has attended a lock with this id.")
}

// lockReadFailure maps the error of a read of one lock.
func lockReadFailure(err error) *Problem {
	if isNotFound(err) {
		return unknownLock()
	}
	return notRead(err)
}

// notDisclosed maps the error of a disclosure: the reservation's own refusal,
// no such reservation, or nobody there to record it.
func notDisclosed(err error) *Problem {
	if refusal := refusalOf(err, workflows.ErrPINNotReady); refusal != nil {
		return pinNotReady(refusal)
	}
	if isNotFound(err) {
		return noOpenReservation()
	}
	return notTaken(err, "Temporal did not answer, so the PIN is not told.",
		"Nobody could record that the PIN is told, so it is not told. Ask again once a worker runs.")
}

// notOrdered maps the error of a lever in the same way; what was found wrong before
// it was sent is answered as it is.
func notOrdered(err error, nobody func() *Problem) *Problem {
	var found *Problem
	if errors.As(err, &found) {
		return found
	}
	if refusal := refusalOf(err, workflows.ErrOrderRefused); refusal != nil {
		return problem(http.StatusConflict, codeRefused, sentence(refusal.Message()))
	}
	if isNotFound(err) {
		return nobody()
	}
	return notTaken(err, "Temporal did not answer, so count it as not ordered. Send it again, with the same Idempotency-Key.",
		"No worker took the order up, so count it as not ordered. Send it again, with the same Idempotency-Key, once one runs.")
}

// noDesk answers for a lock whose front desk is not open.
func noDesk() *Problem {
	p := unknownLock()
	p.Detail = "No front desk of a lock with this id is open: the next reservation that attends the lock begins one."
	return p
}

// noOpenReservation answers for a reservation that is unknown or closed.
func noOpenReservation() *Problem {
	p := unknown()
	p.Detail = "No reservation with this id is open."
	return p
}

// refusalOf is a workflow's own refusal of an update, by its type; nil for
// anything else.
func refusalOf(err error, kind string) *temporal.ApplicationError {
	var refusal *temporal.ApplicationError
	if errors.As(err, &refusal) && refusal.Type() == kind {
		return refusal
	}
	return nil
}

// notTaken is an update that Temporal did not answer, or no worker.
func notTaken(err error, noTemporal, noWorker string) *Problem {
	var gone *serviceerror.Unavailable
	if errors.As(err, &gone) {
		return away(noTemporal, err)
	}
	p := problem(http.StatusServiceUnavailable, codeNoWorker, noWorker)
	p.retryAfter, p.cause = retryLater, err
	return p
}

// sentence makes an error's text a sentence.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// pinNotReady explains a refusal by the disclosure in its detail.
func pinNotReady(refusal *temporal.ApplicationError) *Problem {
	var why workflows.Disclosure
	if refusal.HasDetails() {
		_ = refusal.Details(&why) // without it the refusal still stands
	}
	p := problem(http.StatusConflict, codePINNotReady, "The PIN is not told now; available_when says what has to happen first.")
	p.Proof, p.DiscloseAt, p.AvailableWhen = proofWord(why.Proof), string(why.DiscloseAt), why.AvailableWhen
	return p
}
