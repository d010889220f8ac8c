// This file tests when a PIN is told, and when not.

package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

func TestPIN_IsToldOnceItIsRecorded(t *testing.T) {
	fake := &fakeTemporal{disclosure: workflows.Disclosure{
		PIN: nuki.CodeOf(432426), DiscloseAt: workflows.DiscloseReread, Proof: workflows.ProofReread,
		ValidFrom: today, ValidUntil: today.Add(time.Hour), ToldAt: today.Add(time.Second),
	}}
	answer := ask(t, fake, "GET", path+"/pin", "")
	want := `{
  "pin": "432426",
  "valid_from": "2026-07-01T12:00:00Z",
  "valid_until": "2026-07-01T13:00:00Z",
  "proof": "reread",
  "told_at": "2026-07-01T12:00:01Z"
}
`
	if got := answer.Body.String(); answer.Code != http.StatusOK || got != want {
		t.Errorf("%d\n%s", answer.Code, got)
	}
	if answer.Header().Get("Cache-Control") != "no-store" {
		t.Error("the answer may be cached")
	}
	if asked := fake.calls[0]; fake.methods() != "update" || asked.workflowID != "reservation-TEST-0805" || asked.name != "disclose" || asked.query == "" {
		t.Errorf("asked %+v", fake.calls)
	}
}

func TestPIN_EachTellingIsAnUpdateOfItsOwn(t *testing.T) {
	fake := &fakeTemporal{}
	ask(t, fake, "GET", path+"/pin", "")
	ask(t, fake, "GET", path+"/pin", "")
	if fake.calls[0].query == fake.calls[1].query {
		t.Error("two updates have the same id")
	}
}

func TestPIN_TooEarly(t *testing.T) {
	found := wantProblem(t, ask(t, &fakeTemporal{updateError: errNotReady}, "GET", path+"/pin", ""), 409, "pin_not_ready")
	if found.Proof != "listed" || found.DiscloseAt != "reread" || found.AvailableWhen != "both doors have been read again" {
		t.Errorf("got %+v", found)
	}
	bare := temporal.NewApplicationError("not ready", workflows.ErrPINNotReady)
	found = wantProblem(t, ask(t, &fakeTemporal{updateError: bare}, "GET", path+"/pin", ""), 409, "pin_not_ready")
	if found.Proof != "none" {
		t.Errorf("got %+v", found)
	}
}

func TestPIN_WhenItCannotBeRecordedItIsNotTold(t *testing.T) {
	full := workflows.Disclosure{PIN: nuki.CodeOf(432426)}
	for says, err := range map[string]error{
		"no worker":       client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded),
		"Temporal away":   errUnavailable,
		"another refusal": temporal.NewApplicationError("432426", "something_else"),
		"anything":        errors.New("432426"),
	} {
		answer := ask(t, &fakeTemporal{updateError: err, disclosure: full}, "GET", path+"/pin", "")
		if answer.Header().Get("Retry-After") != "5" || strings.Contains(answer.Body.String(), "432426") {
			t.Errorf("%s: %v %s", says, answer.Header(), answer.Body)
		}
		want := "no_worker"
		if says == "Temporal away" {
			want = "temporal_unavailable"
		}
		wantProblem(t, answer, 503, want)
	}
	wantProblem(t, ask(t, &fakeTemporal{updateError: errNotFound}, "GET", path+"/pin", ""), 404, "reservation_unknown")
}
