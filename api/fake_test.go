// This file is Temporal's client as the tests need it: it answers what a test
// says and records what it was asked. Temporal itself is proven elsewhere, on a
// real server; here is only what the API makes of its answers.

package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/workflows"
)

// fakeTemporal has no other methods than the API uses: any other call panics.
type fakeTemporal struct {
	client.Client
	mu    sync.Mutex
	calls []call

	// signalError answers every signal, describeError and queryError reads.
	signalError, describeError, queryError, updateError, listError, healthError error
	// signalErrors and queryErrors answer single workflows, before those.
	signalErrors, queryErrors map[string]error
	status                    enumspb.WorkflowExecutionStatus
	attributes                map[string]any
	view                      workflows.View
	disclosure                workflows.Disclosure
	// desk and order answer for every lock, views for single reservations.
	desk     workflows.DeskView
	order    workflows.Answer
	views    map[string]workflows.View
	listed   []string
	nextPage []byte
	// notReady queries are answered in turn by "too early" and "no answer in
	// time" before one is answered.
	notReady int
}

// call is one thing that Temporal was asked.
type call struct {
	method, workflowID, name string
	argument                 any
	options                  client.StartWorkflowOptions
	input                    any
	query                    string
	token                    []byte
	size                     int32
}

func (f *fakeTemporal) SignalWithStartWorkflow(_ context.Context, id, signal string, argument any,
	options client.StartWorkflowOptions, workflowType any, args ...any,
) (client.WorkflowRun, error) {
	f.calls = append(f.calls, call{
		method: "signalWithStart " + workflowType.(string), workflowID: id, name: signal,
		argument: argument, options: options, input: args[0],
	})
	return nil, f.signalError
}

func (f *fakeTemporal) SignalWorkflow(_ context.Context, id, _ string, signal string, argument any) error {
	f.calls = append(f.calls, call{method: "signal", workflowID: id, name: signal, argument: argument})
	if err, ok := f.signalErrors[id]; ok {
		return err
	}
	return f.signalError
}

func (f *fakeTemporal) QueryWorkflow(_ context.Context, id, _ string, query string, _ ...any) (converter.EncodedValue, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call{method: "query", workflowID: id, name: query})
	if f.notReady > 0 {
		f.notReady--
		if f.notReady%2 == 0 {
			return nil, serviceerror.NewDeadlineExceeded("no answer in time")
		}
		return nil, serviceerror.NewWorkflowNotReady("first task not done")
	}
	if err, ok := f.queryErrors[id]; ok {
		return nil, err
	}
	if f.queryError != nil {
		return nil, f.queryError
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(f.answer(id, query))
	return client.NewValue(payloads), err
}

// answer is what a query answers.
func (f *fakeTemporal) answer(id, query string) any {
	if query == workflows.QuerySmartlock.Name {
		desk := f.desk
		desk.Lock = workflows.SmartlockID(id)
		return desk
	}
	if view, ok := f.views[id]; ok {
		return view
	}
	return f.view
}

func (f *fakeTemporal) UpdateWorkflow(_ context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.calls = append(f.calls, call{
		method: "update", workflowID: options.WorkflowID, name: options.UpdateName, query: options.UpdateID, argument: options.Args[0],
	})
	if options.UpdateName == workflows.UpdateDisclose.Name {
		return updateHandle{answer: f.disclosure, err: f.updateError}, nil
	}
	return updateHandle{answer: f.order, err: f.updateError}, nil
}

func (f *fakeTemporal) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.calls = append(f.calls, call{method: "describe", workflowID: id})
	if f.describeError != nil {
		return nil, f.describeError
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: f.info(id)}, nil
}

func (f *fakeTemporal) ListWorkflow(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.calls = append(f.calls, call{method: "list", query: request.GetQuery(), token: request.GetNextPageToken(), size: request.GetPageSize()})
	if f.listError != nil {
		return nil, f.listError
	}
	answer := &workflowservice.ListWorkflowExecutionsResponse{NextPageToken: f.nextPage}
	for _, id := range f.listed {
		answer.Executions = append(answer.Executions, f.info(id))
	}
	return answer, nil
}

func (f *fakeTemporal) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	return &client.CheckHealthResponse{}, f.healthError
}

func (f *fakeTemporal) info(id string) *workflowpb.WorkflowExecutionInfo {
	indexed := map[string]*commonpb.Payload{}
	for name, value := range f.attributes {
		payload, err := converter.GetDefaultDataConverter().ToPayload(value)
		if err != nil {
			panic(err)
		}
		indexed[name] = payload
	}
	status := f.status
	if status == enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED {
		status = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	}
	return &workflowpb.WorkflowExecutionInfo{
		Execution:        &commonpb.WorkflowExecution{WorkflowId: id, RunId: "run-1"},
		Status:           status,
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: indexed},
	}
}

// methods are what Temporal was asked, in order.
func (f *fakeTemporal) methods() string {
	var names []string
	for _, call := range f.calls {
		names = append(names, call.method)
	}
	return strings.Join(names, ", ")
}

type updateHandle struct {
	client.WorkflowUpdateHandle
	answer any
	err    error
}

func (h updateHandle) Get(_ context.Context, target any) error {
	if h.err == nil {
		reflect.ValueOf(target).Elem().Set(reflect.ValueOf(h.answer))
	}
	return h.err
}

// Errors as Temporal's client returns them.
var (
	errNotFound    = serviceerror.NewNotFound("workflow not found")
	errUnavailable = serviceerror.NewUnavailable("connection refused")
	errNoPoller    = serviceerror.NewFailedPrecondition("no poller seen for task queue recently, worker may be down")
	errNotReady    = temporal.NewApplicationError("not ready", workflows.ErrPINNotReady, workflows.Disclosure{
		DiscloseAt: workflows.DiscloseReread, Proof: workflows.ProofListed, AvailableWhen: "both doors have been read again",
	})
)

const (
	testToken  = "api-token-1"
	testOrders = "operator-token-1"
	testSecret = "webhook-secret-1"
)

// today is the day on which the tests run.
var today = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func testConfig(fake *fakeTemporal) Config {
	return Config{
		Listen: "127.0.0.1:0", Temporal: fake, Token: testToken, WebhookSecret: testSecret,
		Clock: func() time.Time { return today },
	}
}

func newTestServer(t *testing.T, config Config) *Server {
	t.Helper()
	server, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// ask sends a request with the token and returns the answer.
func ask(t *testing.T, fake *fakeTemporal, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	headers = append([]string{"Authorization", "Bearer " + testToken}, headers...)
	return send(newTestServer(t, testConfig(fake)), method, target, body, headers...)
}

// send sends a request with pairs of header names and values.
func send(server *Server, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	return serve(server, newRequest(method, target, body, headers...))
}

func newRequest(method, target, body string, headers ...string) *http.Request {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return request
}

func serve(server *Server, request *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, request)
	return answer
}

// problemIn decodes a problem document and checks its outer form.
func problemIn(t *testing.T, answer *httptest.ResponseRecorder) Problem {
	t.Helper()
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type = %q, want a problem; body: %s", got, answer.Body)
	}
	var found Problem
	decoder := json.NewDecoder(answer.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		t.Fatal(err)
	}
	if found.Status != answer.Code || found.Title == "" || found.Type != "urn:keystay:problem:"+found.Code {
		t.Errorf("problem %+v of an answer %d is not in form", found, answer.Code)
	}
	return found
}

func wantProblem(t *testing.T, answer *httptest.ResponseRecorder, status int, code string) Problem {
	t.Helper()
	found := problemIn(t, answer)
	if answer.Code != status || found.Code != code {
		t.Errorf("got %d %s, want %d %s", answer.Code, found.Code, status, code)
	}
	return found
}

// decodeAnswer reads a JSON answer with a certain status.
func decodeAnswer(t *testing.T, answer *httptest.ResponseRecorder, status int, target any) {
	t.Helper()
	body, _ := io.ReadAll(answer.Body)
	if answer.Code != status {
		t.Fatalf("status %d, want %d: %s", answer.Code, status, body)
	}
	if got := answer.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
	if err := json.Unmarshal(body, target); err != nil {
		t.Fatal(err)
	}
}
