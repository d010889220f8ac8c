// This file tests histories of every origin against this build: sealed, decoded, cut short.

package replay

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

// Keys of the tests: 32 equal bytes each, in base64.
const (
	oldKey = "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	newKey = "new:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
)

func codecOf(t *testing.T, keys string, mode worker.Mode) *worker.Codec {
	t.Helper()
	parsed, err := worker.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	codec, err := worker.NewCodec(parsed, mode)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// checkSays wants an error that says all parts, or none where there are none.
func checkSays(t *testing.T, err error, parts []string) {
	t.Helper()
	if len(parts) == 0 && err != nil {
		t.Errorf("error = %v, want none", err)
	}
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error = %v, want one that says %q", err, part)
		}
	}
}

// testdata/stay.json is the history of this workflow: it waits for a guest's
// name, then an hour, and greets under its own id.
func stayWorkflow(ctx workflow.Context, city string) (string, error) {
	var guest string
	workflow.GetSignalChannel(ctx, "guest").Receive(ctx, &guest)
	if err := workflow.Sleep(ctx, time.Hour); err != nil {
		return "", err
	}
	if got := workflow.GetInfo(ctx).WorkflowExecution.ID; got != "stay-7" {
		return "", fmt.Errorf("the workflow runs as %s", got)
	}
	return guest + " in " + city, nil
}

// hastyWorkflow is the same one after a careless change.
func hastyWorkflow(ctx workflow.Context, city string) (string, error) {
	var guest string
	workflow.GetSignalChannel(ctx, "guest").Receive(ctx, &guest)
	return guest + " in " + city, nil
}

func registerAs(name string, function any) func(workflows.Registry) {
	return func(r workflows.Registry) {
		r.RegisterWorkflowWithOptions(function, workflow.RegisterOptions{Name: name})
	}
}

func stayHistory(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/stay.json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// sealedHistory is the stay's history as a server would have it: sealed.
func sealedHistory(t *testing.T, codec *worker.Codec) []byte {
	t.Helper()
	history, err := client.HistoryFromJSON(bytes.NewReader(stayHistory(t)), client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seal := func(_ *proxy.VisitPayloadsContext, p []*commonpb.Payload) ([]*commonpb.Payload, error) {
		return codec.Encode(p)
	}
	if err := proxy.VisitPayloads(context.Background(), history, proxy.VisitPayloadsOptions{Visitor: seal, SkipSearchAttributes: true}); err != nil {
		t.Fatal(err)
	}
	content, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// cut keeps what stands before the first occurrence of a mark, and ends the list.
func cut(content []byte, mark string) []byte {
	before, _, found := bytes.Cut(content, []byte(mark))
	if !found {
		panic("no " + mark)
	}
	return append(bytes.Clone(before), "]}"...)
}

func replace(content []byte, old, new string) []byte {
	if !bytes.Contains(content, []byte(old)) {
		panic("no " + old)
	}
	return bytes.ReplaceAll(content, []byte(old), []byte(new))
}

func TestReplay(t *testing.T) {
	plain := stayHistory(t)
	codec := codecOf(t, newKey, worker.PanicInWorker) // The mode must not matter.
	sealed := sealedHistory(t, codec)
	stay := registerAs("stayWorkflow", stayWorkflow)
	tests := []struct {
		name      string
		content   []byte
		codec     *worker.Codec
		workflows func(workflows.Registry)
		says      []string // what the error must say; none: it replays
	}{
		{"a sealed history", sealed, codec, stay, nil},
		{"a plain one, without keys", plain, nil, stay, nil},
		{"a decoded one, with keys", plain, codec, stay, nil},
		{"of a workflow that is still open", cut(plain, ",\n{\"eventId\":\"6\""), nil, stay, nil},
		{"sealed with another key", sealed, codecOf(t, oldKey, worker.PanicInWorker), stay,
			[]string{"event 1", `"new"`, "lacks", "old"}},
		{"sealed, without keys", sealed, nil, stay, []string{"event 1", `key "new"`, "no keys are given"}},
		{"of another program", sealed, codec, registerAs("otherWorkflow", hastyWorkflow),
			[]string{`no workflow of type "stayWorkflow"`, "another program's"}},
		{"of another program, by Keystay's own workflows", sealed, codec, nil, []string{`no workflow of type "stayWorkflow"`}},
		{"of code that took another course", sealed, codec, registerAs("stayWorkflow", hastyWorkflow),
			[]string{`stayWorkflow "stay-7"`, "another course at event 9, TimerStarted", "workflow.GetVersion"}},
		{"an empty file", nil, codec, stay, []string{"the file is empty", "--output json"}},
		{"no JSON", []byte("Progress:\n  ID  Time"), codec, stay, []string{"is not JSON", "--output json"}},
		{"a file that was cut off", plain[:len(plain)/2], codec, stay, []string{"ends in the middle, after"}},
		{"one event a line", []byte("{\"eventId\":\"1\"}\n{\"eventId\":\"2\"}\n"), codec, stay, []string{"more than one JSON value"}},
		{"a list", []byte(`[{"eventId":"1"}]`), codec, stay, []string{"no list of events at its top"}},
		{"other JSON", []byte(`{"name":"x"}`), codec, stay, []string{"no list of events at its top"}},
		{"events of another kind", []byte(`{"events":[7]}`), codec, stay, []string{"not a workflow's history"}},
		{"no events", []byte(`{"events":[]}`), codec, stay, []string{"no events"}},
		{"without its start", []byte(`{"events":[{"eventId":"4"},{"eventId":"5"}]}`), codec, stay, []string{"event 4 stands where 1 should"}},
		{"with a gap", replace(plain, `"eventId":"5"`, `"eventId":"9"`), nil, stay, []string{"event 9 stands where 5 should"}},
		{"that begins otherwise", []byte(`{"events":[{"eventId":"1","eventType":"EVENT_TYPE_TIMER_STARTED"}]}`), codec, stay, []string{"not the start of a workflow"}},
		{"that no worker has taken up", cut(plain, ",\n{\"eventId\":\"3\""), nil, stay, []string{"nothing to replay yet"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := replayJSON(t.Context(), test.content, Options{Codec: test.codec, Workflows: test.workflows})
			checkSays(t, err, test.says)
		})
	}
}

func TestReplay_RecognisesReadablePayloads(t *testing.T) {
	const metadata = `"metadata":{"encoding":"anNvbi9wbGFpbg=="},`
	plain := stayHistory(t)
	tests := map[string][]byte{
		"metadata as text, data as value":  replace(replace(plain, "anNvbi9wbGFpbg==", "json/plain"), `"IkJlcmxpbiI="`, `{"city":"Berlin"}`),
		"metadata as text, data as string": replace(replace(plain, "anNvbi9wbGFpbg==", "json/plain"), `"IkJlcmxpbiI="`, `"abcd"`),
		"only the value, an object":        replace(plain, `{`+metadata+`"data":"IkJlcmxpbiI="}`, `{"city":"Berlin"}`),
		"only the value, a string":         replace(plain, `{`+metadata+`"data":"IkJlcmxpbiI="}`, `"Berlin"`),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := replayJSON(t.Context(), content, Options{Workflows: registerAs("stayWorkflow", stayWorkflow)})
			checkSays(t, err, []string{"payloads made readable", "choose Encoded"})
			if err != nil && strings.Contains(err.Error(), "Berlin") {
				t.Errorf("the error shows a payload: %v", err)
			}
		})
	}
}

func TestReplay_TellsADecodedFileFromASealedOne(t *testing.T) {
	codec := codecOf(t, newKey, worker.ReturnError)
	for name, test := range map[string]struct {
		content []byte
		want    bool
	}{"decoded": {stayHistory(t), true}, "sealed": {sealedHistory(t, codec), false}} {
		outcome, err := replayJSON(t.Context(), test.content, Options{Codec: codec, Workflows: registerAs("stayWorkflow", stayWorkflow)})
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(outcome.String(), "downloaded decoded"); outcome.Decoded != test.want || said != test.want {
			t.Errorf("%s: decoded %v, %q", name, outcome.Decoded, outcome)
		}
	}
}

// A worker with the wrong key fails the workflow task, and seals its failure
// with that key. The history must stay replayable when that key is long gone.
func TestReplay_NeedsNoKeyForTheFailuresOfWorkflowTasks(t *testing.T) {
	failed := temporal.NewApplicationError("at the door", "lock_offline", 7)
	failure := worker.FailureConverter(codecOf(t, oldKey, worker.ReturnError)).ErrorToFailure(failed)
	attributes := &historypb.HistoryEvent_WorkflowTaskFailedEventAttributes{
		WorkflowTaskFailedEventAttributes: &historypb.WorkflowTaskFailedEventAttributes{Failure: failure},
	}
	for kind, want := range map[enumspb.EventType][]string{
		enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:        nil,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: {"lacks", `"old"`},
	} {
		history := &historypb.History{Events: []*historypb.HistoryEvent{{EventId: 4, EventType: kind, Attributes: attributes}}}
		_, err := checkSeals(t.Context(), history, codecOf(t, newKey, worker.ReturnError))
		checkSays(t, err, want)
	}
}
