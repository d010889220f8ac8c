// This file says what an error of Temporal means to a caller.

package api

import (
	"errors"
	"net/http"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/workflows"
)

// retryLater is the Retry-After of every 503.
const retryLater = 5 * time.Second

// isNotFound says that no such workflow runs: never, or no longer.
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

// notDisclosed maps the error of a disclosure: the reservation's own refusal,
// no such reservation, or nobody there to record it.
func notDisclosed(err error) *Problem {
	var refusal *temporal.ApplicationError
	switch {
	case isNotFound(err):
		p := unknown()
		p.Detail = "No reservation with this id is open."
		return p
	case errors.As(err, &refusal) && refusal.Type() == workflows.ErrPINNotReady:
		return pinNotReady(refusal)
	}
	var gone *serviceerror.Unavailable
	if errors.As(err, &gone) {
		return away("Temporal did not answer, so the PIN is not told.", err)
	}
	p := problem(http.StatusServiceUnavailable, codeNoWorker,
		"Nobody could record that the PIN is told, so it is not told. Ask again once a worker runs.")
	p.retryAfter, p.cause = retryLater, err
	return p
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
