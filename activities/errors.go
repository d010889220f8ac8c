// This file translates every answer of the Nuki Web API once: into a type that
// workflows decide by, whether retrying can help, and when.

package activities

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
)

// Error types: part of the contract with workflows. They hold no secrets, as
// Temporal shows them in clear.
const (
	// ErrUnreachable: no answer, or one of 5xx. A write may have landed.
	ErrUnreachable = "unreachable"
	// ErrNotSent: the client waits out a pause that Nuki asked for, or its queue is
	// too long for the call's time. This attempt has not left the worker.
	ErrNotSent = "not_sent"
	// ErrRateLimited: 429. The server says when to come back.
	ErrRateLimited = "rate_limited"
	// ErrAccountRefused: 401, 402, 403, 426. Only a person can mend it.
	ErrAccountRefused = "account_refused"
	// ErrLockUnknown: 404 for the lock itself.
	ErrLockUnknown = "lock_unknown"
	// ErrKeypadMissing: 400 to a create on a lock without a keypad.
	ErrKeypadMissing = "keypad_missing"
	// ErrWriteRefused: 400, 405 or 422 to a write: the body was refused.
	ErrWriteRefused = "write_refused"
	// ErrCodeInUse: 409. The code exists on that lock; it may be ours.
	ErrCodeInUse = "code_in_use"
	// ErrBusy: 423. Another operation on the entry is running.
	ErrBusy = "busy"
	// ErrNoFreePIN: no PIN was found that is free on every door.
	ErrNoFreePIN = "no_free_pin"
)

// NonRetryable are the types that a quick retry cannot mend.
var NonRetryable = []string{
	ErrRateLimited, ErrAccountRefused, ErrLockUnknown, ErrKeypadMissing, ErrWriteRefused, ErrCodeInUse, ErrBusy, ErrNoFreePIN,
}

// ErrorDetail travels with every error of ours.
type ErrorDetail struct {
	Status     int           `json:"status"`
	RetryAfter time.Duration `json:"retry_after,omitempty"`
}

// statusTypes says what each status means; see nuki-web-api facts §3.1: 401 to
// 426 by Nuki's OpenAPI file, 422 by a production report.
var statusTypes = map[int]string{
	http.StatusBadRequest:            ErrWriteRefused,
	http.StatusUnauthorized:          ErrAccountRefused,
	http.StatusPaymentRequired:       ErrAccountRefused,
	http.StatusForbidden:             ErrAccountRefused,
	http.StatusNotFound:              ErrLockUnknown,
	http.StatusMethodNotAllowed:      ErrWriteRefused,
	http.StatusRequestTimeout:        ErrUnreachable,
	http.StatusConflict:              ErrCodeInUse,
	http.StatusUnprocessableEntity:   ErrWriteRefused,
	http.StatusLocked:                ErrBusy,
	http.StatusUpgradeRequired:       ErrAccountRefused,
	http.StatusTooManyRequests:       ErrRateLimited,
	http.StatusRequestEntityTooLarge: ErrWriteRefused,
}

// typeOf is the type of an answer by its status; an unknown 4xx is a refusal,
// everything else may have landed and may pass.
func typeOf(status int) string {
	if kind, ok := statusTypes[status]; ok {
		return kind
	}
	if status >= 400 && status < 500 {
		return ErrWriteRefused
	}
	return ErrUnreachable
}

// translate turns an error of the client into one that Temporal carries: typed,
// with the server's delay, and redacted.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var answer *nuki.Error
	if !errors.As(err, &answer) {
		return temporal.NewApplicationErrorWithOptions("the Nuki API could not be asked", ErrUnreachable, temporal.ApplicationErrorOptions{})
	}
	kind := kindOf(answer)
	return temporal.NewApplicationErrorWithOptions(answer.Error(), kind, temporal.ApplicationErrorOptions{
		NonRetryable:   slices.Contains(NonRetryable, kind),
		NextRetryDelay: answer.RetryAfter,
		Category:       category(kind),
		Details:        []any{ErrorDetail{Status: answer.Status, RetryAfter: answer.RetryAfter}},
	})
}

// category keeps expected answers out of error logs and failure metrics.
func category(kind string) temporal.ApplicationErrorCategory {
	switch kind {
	case ErrUnreachable, ErrNotSent, ErrRateLimited, ErrBusy, ErrCodeInUse, ErrLockUnknown, ErrKeypadMissing, ErrNoFreePIN:
		return temporal.ApplicationErrorCategoryBenign
	}
	return temporal.ApplicationErrorCategoryUnspecified
}

// answered is the type of a client's error; empty where there is none.
func answered(err error) string {
	var answer *nuki.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &answer):
		return kindOf(answer)
	}
	return ErrUnreachable
}

// kindOf is the type of a client's error.
func kindOf(answer *nuki.Error) string {
	if errors.Is(answer, nuki.ErrNotSent) {
		return ErrNotSent
	}
	return typeOf(answer.Status)
}
