// This file tests that each answer of the API has one meaning.

package activities

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
)

func TestTranslate_EachStatusOnce(t *testing.T) {
	for _, c := range []struct {
		status    int
		want      string
		retryable bool
	}{
		{0, ErrUnreachable, true},   // no answer
		{200, ErrUnreachable, true}, // an answer that could not be read
		{400, ErrWriteRefused, false},
		{401, ErrAccountRefused, false},
		{402, ErrAccountRefused, false},
		{403, ErrAccountRefused, false},
		{404, ErrLockUnknown, false},
		{405, ErrWriteRefused, false},
		{408, ErrUnreachable, true},
		{409, ErrCodeInUse, false},
		{413, ErrWriteRefused, false},
		{418, ErrWriteRefused, false},
		{422, ErrWriteRefused, false},
		{423, ErrBusy, false},
		{426, ErrAccountRefused, false},
		{429, ErrRateLimited, false},
		{500, ErrUnreachable, true},
		{502, ErrUnreachable, true},
		{503, ErrUnreachable, true},
		{504, ErrUnreachable, true},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			err := translate(&nuki.Error{Operation: "create authorization", Status: c.status, RetryAfter: 7 * time.Second})
			var application *temporal.ApplicationError
			if !errors.As(err, &application) {
				t.Fatalf("got %T, want an ApplicationError", err)
			}
			if application.Type() != c.want || application.NonRetryable() == c.retryable {
				t.Errorf("got %s, non-retryable %v; want %s, retryable %v", application.Type(), application.NonRetryable(), c.want, c.retryable)
			}
			if application.NextRetryDelay() != 7*time.Second {
				t.Errorf("the server's delay is lost: %s", application.NextRetryDelay())
			}
			var detail ErrorDetail
			if err := application.Details(&detail); err != nil || detail != (ErrorDetail{Status: c.status, RetryAfter: 7 * time.Second}) {
				t.Errorf("detail %+v, %v", detail, err)
			}
		})
	}
}

func TestTranslate_NamesEveryStatusOfItsTable(t *testing.T) {
	for status := range statusTypes {
		if http.StatusText(status) == "" {
			t.Errorf("%d is no status", status)
		}
	}
	if translate(nil) != nil {
		t.Error("no error became one")
	}
	var application *temporal.ApplicationError
	paused := &nuki.Error{Operation: "sync", RetryAfter: time.Minute, Err: fmt.Errorf("%w: later", nuki.ErrNotSent)}
	if err := translate(paused); !errors.As(err, &application) || application.Type() != ErrNotSent || application.NonRetryable() || application.NextRetryDelay() != time.Minute {
		t.Errorf("a call that has not left the worker: %v", err)
	}
	if err := translate(errors.New("something else")); !errors.As(err, &application) || application.Type() != ErrUnreachable {
		t.Errorf("an error that is not the client's: %v", err)
	}
}
