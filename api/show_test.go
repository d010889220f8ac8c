// This file tests what is shown of a reservation with and without a worker.

package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/keystay/keystay/workflows"
)

var shownAttributes = map[string]any{
	"KeystayStatus":    "at_risk",
	"KeystayAttention": []string{"lock_offline"},
	"KeystayUnit":      "apt-4",
	"KeystayLocks":     []string{"18298712180"},
	"KeystayCheckIn":   today.Add(time.Hour),
	"KeystayDeadline":  today.Add(2 * time.Hour),
}

func TestGet_AsksTheReservationItself(t *testing.T) {
	fake := &fakeTemporal{view: workflows.View{ID: "TEST-0805", Status: workflows.StatusReady, At: today}}
	var got document
	decodeAnswer(t, ask(t, fake, "GET", path, ""), http.StatusOK, &got)
	if got.Status != "ready" || got.Stale || got.Note != "" || got.Workflow.State != "running" {
		t.Errorf("got %+v", got)
	}
	if fake.methods() != "describe, query" || fake.calls[1].name != "reservation" {
		t.Errorf("asked: %s", fake.methods())
	}
}

func TestGet_WithoutAWorkerShowsWhatTemporalKnows(t *testing.T) {
	cases := []struct {
		says string
		err  error
		note string
	}{
		{"no poller", errNoPoller, "No worker answered; this is what Temporal last recorded of the reservation."},
		{"no answer in time", context.DeadlineExceeded, "No worker answered; this is what Temporal last recorded of the reservation."},
		{"a failing query", serviceerror.NewQueryFailed("432426 Anna Huber"), "The reservation could not be asked; this is what Temporal last recorded of it."},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			fake := &fakeTemporal{queryError: c.err, attributes: shownAttributes}
			var got staleView
			decodeAnswer(t, ask(t, fake, "GET", path, ""), http.StatusOK, &got)
			if !got.Stale || got.Note != c.note {
				t.Errorf("stale %v, note %q", got.Stale, got.Note)
			}
			if got.ID != "TEST-0805" || got.Status != "at_risk" || strings.Join(got.Attention, " ") != "lock_offline" ||
				got.Unit != "apt-4" || len(got.SmartlockIDs) != 1 || got.SmartlockIDs[0] != 18298712180 ||
				!got.CheckIn.Equal(today.Add(time.Hour)) || !got.Deadline.Equal(today.Add(2*time.Hour)) {
				t.Errorf("row %+v", got.row)
			}
		})
	}
}

func TestGet_OfAnEndedWorkflowSaysThatNothingIsDone(t *testing.T) {
	cases := map[enumspb.WorkflowExecutionStatus]string{
		enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:  "The reservation is finished and closed.",
		enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED: "Its workflow has ended (terminated), so nothing is being done for it: PUT it again to take it up.",
	}
	for status, want := range cases {
		var live document
		decodeAnswer(t, ask(t, &fakeTemporal{status: status}, "GET", path, ""), http.StatusOK, &live)
		var stale staleView
		decodeAnswer(t, ask(t, &fakeTemporal{status: status, queryError: errNoPoller}, "GET", path, ""), http.StatusOK, &stale)
		if live.Note != want || !strings.HasSuffix(stale.Note, " "+want) {
			t.Errorf("%v: %q and %q", status, live.Note, stale.Note)
		}
	}
}

func TestGet_UnknownAndAway(t *testing.T) {
	wantProblem(t, ask(t, &fakeTemporal{describeError: errNotFound}, "GET", path, ""), 404, "reservation_unknown")
	wantProblem(t, ask(t, &fakeTemporal{describeError: errUnavailable}, "GET", path, ""), 503, "temporal_unavailable")
}

func TestAttributes_ThatAreOddCountAsAbsent(t *testing.T) {
	fake := &fakeTemporal{queryError: errNoPoller, attributes: map[string]any{
		"KeystayStatus": 5, "KeystayAttention": "no_space", "KeystayLocks": []string{"x", "7"}, "KeystayCheckIn": "soon",
	}}
	var got staleView
	decodeAnswer(t, ask(t, fake, "GET", path, ""), http.StatusOK, &got)
	if got.Status != "" || strings.Join(got.Attention, " ") != "no_space" || len(got.SmartlockIDs) != 1 || !got.CheckIn.IsZero() {
		t.Errorf("row %+v", got.row)
	}
}
