// This file tests failures that were sealed under a key which this worker has not.

package worker

import (
	"errors"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"
)

func TestFailureConverter_AMessageUnderAnotherKeyBlocksNothing(t *testing.T) {
	cause := temporal.NewApplicationError("guest Ada again", "unreachable")
	failed := temporal.NewApplicationErrorWithOptions("guest Ada at the door", "lock_offline", temporal.ApplicationErrorOptions{Cause: cause})
	sealed := FailureConverter(codecOf(t, oldKey, PanicInWorker)).ErrorToFailure(failed)
	before := sealed.String()

	opened := FailureConverter(codecOf(t, newKey, PanicInWorker)).FailureToError(sealed)
	var application, inner *temporal.ApplicationError
	if !errors.As(opened, &application) || application.Type() != "lock_offline" {
		t.Fatalf("got %v, want an error of the same type", opened)
	}
	if !errors.As(application.Unwrap(), &inner) || inner.Type() != "unreachable" {
		t.Errorf("the cause is %v, want one of the same type", application.Unwrap())
	}
	if text := opened.Error(); !strings.Contains(text, sealedMessage) || strings.Contains(text, "Ada") {
		t.Errorf("the error says %q", text)
	}
	if sealed.String() != before {
		t.Error("the failure in the history was changed")
	}
}

func TestFailureConverter_DetailsUnderAnotherKeyStillBlock(t *testing.T) {
	failed := temporal.NewApplicationError("no", "rate_limited", 7)
	sealed := FailureConverter(codecOf(t, oldKey, PanicInWorker)).ErrorToFailure(failed)
	var application *temporal.ApplicationError
	if err := FailureConverter(codecOf(t, newKey, PanicInWorker)).FailureToError(sealed); !errors.As(err, &application) {
		t.Fatalf("got %v", err)
	}
	var detail int
	if err := panicOf(func() { _ = application.Details(&detail) }); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("got %v, want a panic: what is decided by details must not differ between replays", err)
	}
}
