// This file tests what Temporal is sent for a PUT or DELETE, and what the caller is
// told.

package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/workflows"
)

const path = "/v1/reservations/TEST-0805"

func wholeDocument() string { return fmt.Sprintf(whole, "") }

func TestPut_IsASignalThatStartsTheReservation(t *testing.T) {
	fake := &fakeTemporal{}
	config := testConfig(fake)
	config.Policy = workflows.Policy{Mark: "Z-"}
	answer := send(newTestServer(t, config), "PUT", path, wholeDocument(), "Authorization", "Bearer "+testToken)

	var got accepted
	decodeAnswer(t, answer, http.StatusAccepted, &got)
	want := accepted{ID: "TEST-0805", Status: "accepted", Links: links{Self: path, PIN: path + "/pin"}}
	if got != want {
		t.Errorf("answer %+v, want %+v", got, want)
	}
	if fake.methods() != "signalWithStart ReservationWorkflow" {
		t.Fatalf("Temporal was asked: %s", fake.methods())
	}
	asked := fake.calls[0]
	if asked.workflowID != "reservation-TEST-0805" || asked.name != "put" || asked.options.TaskQueue != "keystay" {
		t.Errorf("asked %+v", asked)
	}
	put := asked.argument.(workflows.Put)
	if put.Wish.Unit != "apt-4" || put.Policy == nil || put.Policy.Mark != "Z-" {
		t.Errorf("message %+v", put)
	}
	input := asked.input.(workflows.ReservationInput)
	if input.ID != "TEST-0805" || input.Policy.Mark != "Z-" || input.State != nil {
		t.Errorf("input %+v", input)
	}
}

func TestPut_StartsWithoutTimeoutsAndWithAttributes(t *testing.T) {
	fake := &fakeTemporal{}
	ask(t, fake, "PUT", path, wholeDocument())
	options := fake.calls[0].options
	if options.WorkflowExecutionTimeout != 0 || options.WorkflowRunTimeout != 0 || options.RetryPolicy != nil ||
		options.WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED {
		t.Errorf("options %+v", options)
	}
	attributes := options.TypedSearchAttributes
	if got, _ := attributes.GetKeyword(workflows.AttributeStatus); got != "pending" {
		t.Errorf("status %q", got)
	}
	if got, _ := attributes.GetKeyword(workflows.AttributeUnit); got != "apt-4" {
		t.Errorf("unit %q", got)
	}
	if got, _ := attributes.GetKeywordList(workflows.AttributeLocks); !reflect.DeepEqual(got, []string{"18298712180", "9223372036854775807"}) {
		t.Errorf("locks %q", got)
	}
	if got, _ := attributes.GetTime(workflows.AttributeCheckIn); got.Format(time.RFC3339) != "2026-07-10T13:00:00Z" {
		t.Errorf("check-in %v", got)
	}
	if shown := fmt.Sprint(options.StaticSummary, attributes); strings.Contains(shown, "Huber") || strings.Contains(shown, "432426") {
		t.Error("a name or PIN is in the summary or an attribute")
	}
}

func TestPut_ABareCancellationWithdrawsAtItsVersion(t *testing.T) {
	fake := &fakeTemporal{}
	answer := ask(t, fake, "PUT", path, `{"status": "no_show", "version": 9}`)
	if answer.Code != http.StatusAccepted || fake.methods() != "signalWithStart ReservationWorkflow" {
		t.Fatalf("%d, asked: %s", answer.Code, fake.methods())
	}
	message, ok := fake.calls[0].argument.(workflows.Put)
	if !ok || message.Withdraw == nil || message.Withdraw.Version.String() != "9" || message.Policy == nil {
		t.Errorf("message %+v", fake.calls[0].argument)
	}
}

func TestPut_AStayThatIsOver(t *testing.T) {
	// The test's day is 2026-07-01, 12:00 UTC; the buffer after is 15 minutes.
	stay := func(end string) string {
		return `{"stay": {"starts_at": "2026-06-20T15:00:00Z", "ends_at": "` + end + `"}, "locks": [{"smartlock_id": 1}]}`
	}
	const terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	cases := []struct {
		says, end string
		fake      *fakeTemporal
		status    int
		asked     string
	}{
		{"and is not known, is refused", "2026-06-25T11:00:00Z", &fakeTemporal{describeError: errNotFound}, 422, "describe"},
		{"to the second, is refused", "2026-07-01T11:45:00Z", &fakeTemporal{describeError: errNotFound}, 422, "describe"},
		{"but for its buffer, is taken", "2026-07-01T11:45:01Z", &fakeTemporal{}, 202, "signalWithStart ReservationWorkflow"},
		{"but whose reservation is open, is passed on", "2026-06-25T11:00:00Z", &fakeTemporal{}, 202, "describe, signalWithStart ReservationWorkflow"},
		{"and whose reservation was terminated, is refused", "2026-06-25T11:00:00Z", &fakeTemporal{status: terminated}, 422, "describe"},
		{"while Temporal is away, is neither", "2026-06-25T11:00:00Z", &fakeTemporal{describeError: errUnavailable}, 503, "describe"},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			answer := ask(t, c.fake, "PUT", path, stay(c.end))
			if answer.Code != c.status || c.fake.methods() != c.asked {
				t.Errorf("%d, asked: %s; want %d, %s", answer.Code, c.fake.methods(), c.status, c.asked)
			}
			if c.status == 422 {
				if found := wantProblem(t, answer, 422, "stay_over"); !reflect.DeepEqual(faultLines(found.Errors), []string{"/stay ends in the past"}) {
					t.Errorf("faults %v", found.Errors)
				}
			}
		})
	}
}

func TestPut_WhileTemporalIsAwaySaysWhatToDo(t *testing.T) {
	for _, err := range []error{errUnavailable, errNoPoller, fmt.Errorf("anything else")} {
		answer := ask(t, &fakeTemporal{signalError: err}, "PUT", path, wholeDocument())
		if answer.Header().Get("Retry-After") != "5" {
			t.Errorf("Retry-After %q", answer.Header().Get("Retry-After"))
		}
		found := wantProblem(t, answer, 503, "temporal_unavailable")
		if !strings.Contains(found.Detail, "not recorded") {
			t.Errorf("detail %q", found.Detail)
		}
	}
}

func TestPut_ProblemDocument(t *testing.T) {
	fake := &fakeTemporal{}
	answer := ask(t, fake, "PUT", path, wholeBut(`"stay": null, "pin": {"mode": "supplied", "code": "127643"}`))
	want := `{
  "type": "urn:keystay:problem:invalid_reservation",
  "title": "The reservation is not valid",
  "status": 422,
  "code": "invalid_reservation",
  "detail": "The reservation was not recorded. All that is wrong with it is listed.",
  "errors": [
    {
      "pointer": "/stay",
      "detail": "is needed: either arrival, departure, check_in_time, check_out_time and time_zone, or starts_at and ends_at"
    },
    {
      "pointer": "/pin/code",
      "detail": "must not start with 12"
    }
  ]
}
`
	if got := answer.Body.String(); answer.Code != 422 || got != want {
		t.Errorf("%d\n%s", answer.Code, got)
	}
	if len(fake.calls) != 0 {
		t.Errorf("Temporal was asked: %s", fake.methods())
	}
}

func TestPut_ABodyThatIsTooLarge(t *testing.T) {
	for says, size := range map[string]int{"one byte": maxReservation + 1 - len(`{"x":""}`), "10 MB": 10 << 20} {
		fake := &fakeTemporal{}
		answer := ask(t, fake, "PUT", path, `{"x":"`+strings.Repeat("x", size)+`"}`)
		if answer.Header().Get("Connection") != "close" || len(fake.calls) != 0 {
			t.Errorf("%s: headers %v, asked %s", says, answer.Header(), fake.methods())
		}
		wantProblem(t, answer, 413, "body_too_large")
	}
}

func TestPut_PreferWait(t *testing.T) {
	view := workflows.View{ID: "TEST-0805", Status: workflows.StatusProvisioning, At: today}
	cases := []struct {
		says, prefer, applied string
		fake                  *fakeTemporal
		status                int
	}{
		{"answers the document", "wait=3", "wait=3", &fakeTemporal{view: view}, 200},
		{"among other preferences", `respond-async, Wait="2"`, "wait=2", &fakeTemporal{view: view}, 200},
		{"is at most ten seconds", "wait=3600", "wait=10", &fakeTemporal{view: view}, 200},
		{"waits for the first task", "wait=3", "wait=3", &fakeTemporal{view: view, notReady: 2}, 200},
		{"ends when nobody answers", "wait=1", "wait=1", &fakeTemporal{notReady: 1000}, 202},
		{"ends when nobody can answer", "wait=3", "wait=3", &fakeTemporal{queryError: errNoPoller}, 202},
		{"of nothing is none", "wait=0", "", &fakeTemporal{view: view}, 202},
		{"of nonsense is none", "wait=soon", "", &fakeTemporal{view: view}, 202},
		{"of the past is none", "wait=-1", "", &fakeTemporal{view: view}, 202},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			begun := time.Now()
			answer := ask(t, c.fake, "PUT", path, wholeDocument(), "Prefer", c.prefer)
			if answer.Code != c.status || answer.Header().Get("Preference-Applied") != c.applied {
				t.Errorf("%d, %q: %s", answer.Code, answer.Header().Get("Preference-Applied"), answer.Body)
			}
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			var got struct{ Status string }
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || (got.Status == "provisioning") != (c.status == 200) {
				t.Errorf("status %q, %v", got.Status, err)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	cases := []struct {
		says, target string
		fake         *fakeTemporal
		status       int
		asked        string
		version      string
	}{
		{"without a version needs a reservation", path, &fakeTemporal{}, 202, "signal", ""},
		{"without a version and reservation", path, &fakeTemporal{signalError: errNotFound}, 404, "signal", ""},
		{"without a version while Temporal is away", path, &fakeTemporal{signalError: errUnavailable}, 503, "signal", ""},
		{"with a number is recorded in any case", path + "?version=8", &fakeTemporal{}, 202, "signalWithStart ReservationWorkflow", "8"},
		{"with a time", path + "?version=2026-07-01T09:14:22Z", &fakeTemporal{}, 202, "signalWithStart ReservationWorkflow", "2026-07-01T09:14:22Z"},
		{"with a time whose plus was not escaped", path + "?version=2026-07-01T11:14:22+02:00", &fakeTemporal{}, 202, "signalWithStart ReservationWorkflow", "2026-07-01T09:14:22Z"},
		{"with a version while Temporal is away", path + "?version=8", &fakeTemporal{signalError: errUnavailable}, 503, "signalWithStart ReservationWorkflow", "8"},
		{"with nonsense", path + "?version=latest", &fakeTemporal{}, 400, "", ""},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			answer := ask(t, c.fake, "DELETE", c.target, "")
			if answer.Code != c.status || c.fake.methods() != c.asked {
				t.Fatalf("%d, asked: %s: %s", answer.Code, c.fake.methods(), answer.Body)
			}
			if c.asked == "" {
				return
			}
			message := c.fake.calls[0].argument.(workflows.Put)
			if message.Withdraw == nil || message.Withdraw.Version.String() != c.version {
				t.Errorf("message %+v", message)
			}
		})
	}
}
