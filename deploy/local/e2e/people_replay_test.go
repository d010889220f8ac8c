// This file replays what a real Temporal server holds: one workflow, and every open
// one before a deployment.

package e2e

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/worker/replay"
	"github.com/keystay/keystay/workflows"
)

// cluster is the running system for somebody who replays.
func (s *system) cluster() replay.Cluster {
	return replay.Cluster{Client: s.Temporal, Target: worker.Target{HostPort: s.Addresses.Temporal, Namespace: s.Namespace}, PageSize: 2}
}

// sweep replays all that is open, and wants so many to be listed: the list is some
// moments behind.
func (s *system) sweep(o replay.Options, out, progress io.Writer, listed int) (sweep replay.Sweep, err error) {
	s.Helper()
	s.await(fmt.Sprintf("%d workflows are listed as open", listed), func() (bool, string) {
		sweep, err = s.cluster().Open(s.Context(), out, progress, o)
		return sweep.Listed == listed, fmt.Sprint(sweep, err)
	})
	return sweep, err
}

// hasty is ReservationWorkflow after a careless change.
func hasty(ctx workflow.Context, _ workflows.ReservationInput) error {
	return workflow.Sleep(ctx, time.Hour)
}

// hastyBuild registers hasty in the place of ReservationWorkflow.
func hastyBuild(registry workflows.Registry) {
	registry.RegisterWorkflowWithOptions(hasty, workflow.RegisterOptions{Name: workflows.ReservationWorkflowType})
	registry.RegisterWorkflowWithOptions(workflows.SmartlockWorkflow, workflow.RegisterOptions{Name: workflows.SmartlockWorkflowType})
}

func TestReplayOpen_IsTheGateBeforeADeployment(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	for _, id := range []string{"ONE", "TWO", "THREE"} {
		s.put(id, stayFrom(inSeconds(1), time.Hour, "", frontDoor))
		s.awaitStatus(id, "ready")
	}
	s.awaitQuiet(frontDoor)
	stop()
	s.put("WAITING", stayFrom(inAnHour(), time.Hour, "", flatDoor))
	s.startForeign("another program's")
	own := replay.Options{Codec: s.codec()}

	var out, progress strings.Builder
	sweep, err := s.sweep(own, &out, &progress, 5)
	if want := (replay.Sweep{Listed: 5, Replayed: 4, Waiting: 1}); err != nil || sweep != want {
		t.Errorf("this build: %+v, %v, want %+v", sweep, err, want)
	}
	if !strings.Contains(out.String(), "5 open workflows: 4 take the same course, 0 diverge") || !strings.Contains(progress.String(), "5 open workflows to replay") {
		t.Errorf("said %s and %s", out.String(), progress.String())
	}

	out.Reset()
	own.Workflows = hastyBuild
	sweep, err = s.sweep(own, &out, io.Discard, 5)
	if want := (replay.Sweep{Listed: 5, Replayed: 1, Diverged: 3, Waiting: 1}); !errors.Is(err, replay.ErrDiverges) || sweep != want {
		t.Errorf("a build that breaks stays: %+v, %v, want %+v", sweep, err, want)
	}
	for _, word := range []string{`DIVERGES  reservation-TWO`, "this build starts a timer instead, at deploy/local/e2e/people_replay_test.go:", "workflow.GetVersion"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("said %s, want %q", out.String(), word)
		}
	}

	sweep, err = s.sweep(replay.Options{Codec: s.codecOf(stack.NewKeys("another"))}, io.Discard, io.Discard, 5)
	if want := (replay.Sweep{Listed: 5, Failed: 4, Waiting: 1}); err == nil || errors.Is(err, replay.ErrDiverges) || sweep != want {
		t.Errorf("without the key: %+v, %v, want %+v", sweep, err, want)
	}
}

// startForeign starts a workflow that is none of ours.
func (s *system) startForeign(kind string) {
	s.Helper()
	_, err := s.Temporal.ExecuteWorkflow(s.Context(), client.StartWorkflowOptions{ID: "foreign", TaskQueue: "foreign"}, kind)
	if err != nil {
		s.Fatal(err)
	}
}

// meanwhile is a progress writer that does something once the list has been made.
type meanwhile struct{ happens func() }

func (m *meanwhile) Write(p []byte) (int, error) {
	if m.happens != nil {
		m.happens()
		m.happens = nil
	}
	return len(p), nil
}

func TestReplayOpen_CountsWhatEndsOrIsDeletedMeanwhile(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	for _, id := range []string{"STAYS", "ENDS", "VANISHES"} {
		s.put(id, stayFrom(inSeconds(1), time.Hour, "", frontDoor))
		s.awaitStatus(id, "ready")
	}
	s.awaitQuiet(frontDoor)
	stop()
	options := replay.Options{Codec: s.codec()}
	if _, err := s.sweep(options, io.Discard, io.Discard, 4); err != nil {
		t.Fatal(err)
	}
	sweep, err := s.cluster().Open(t.Context(), io.Discard, &meanwhile{func() { s.terminate("ENDS"); s.delete("VANISHES") }}, options)
	if want := (replay.Sweep{Listed: 4, Replayed: 2, Ended: 1, Gone: 1}); err != nil || sweep != want {
		t.Errorf("%+v, %v, want %+v", sweep, err, want)
	}
}

// delete removes a reservation's run with its history.
func (s *system) delete(id string) {
	s.Helper()
	execution := &commonpb.WorkflowExecution{WorkflowId: workflows.ReservationWorkflowID(id)}
	_, err := s.Temporal.WorkflowService().DeleteWorkflowExecution(s.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: s.Namespace, WorkflowExecution: execution,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.await("the run is deleted", func() (bool, string) {
		pages := s.Temporal.GetWorkflowHistory(s.Context(), execution.GetWorkflowId(), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		_, err := pages.Next()
		return err != nil, ""
	})
}

func TestPeople_ReplayAWorkflowAndDownloads(t *testing.T) {
	s := start(t, stack.Options{})
	person := s.terminal()
	s.put("PAST", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitStatus("PAST", "ready")
	id := workflows.ReservationWorkflowID("PAST")
	run := s.runID(id)

	person.wants(0, []string{`"reservation-PAST" replays`}, "replay", "-workflow", id)
	person.wants(0, []string{`"reservation-PAST" replays`}, "replay", "-workflow", id, "-run", run)
	person.wants(0, []string{"2 open workflows: 2 take the same course"}, "replay", "-open")
	person.wants(1, []string{`has no workflow "PAST"`, "reservation-ID"}, "replay", "-workflow", "PAST")
	person.wants(1, []string{`has no run "5b5d3c52-0000-4000-8000-000000000000"`}, "replay", "-workflow", id, "-run", "5b5d3c52-0000-4000-8000-000000000000")
	person.wants(1, []string{`has no run "yesterday"`}, "replay", "-workflow", id, "-run", "yesterday")
	person.with("TEMPORAL_ADDRESS=127.0.0.1:1").wants(1, []string{"Temporal at 127.0.0.1:1", "does not answer", "TEMPORAL_ADDRESS"}, "replay", "-open")
	person.with("TEMPORAL_NAMESPACE=elsewhere").wants(1, []string{"no such namespace", "TEMPORAL_NAMESPACE"}, "replay", "-open")
	person.with("KEYSTAY_CODEC_KEYS=").wants(1, []string{"KEYSTAY_CODEC_KEYS"}, "replay", "-workflow", id)

	sealed, decoded := filepath.Join(t.TempDir(), "sealed.json"), filepath.Join(t.TempDir(), "decoded.json")
	events := s.history(id, "")
	s.writeFile(sealed, s.asDownloaded(events))
	s.writeFile(decoded, s.asDownloaded(s.decoded(id)))
	person.wants(0, []string{`"reservation-PAST" replays`}, "replay", sealed)
	person.wants(0, []string{`"reservation-PAST" replays`, "downloaded decoded", "PINs and names"}, "replay", decoded)
	person.with("KEYSTAY_CODEC_KEYS=").wants(0, []string{"downloaded decoded"}, "replay", decoded)
	person.with("KEYSTAY_CODEC_KEYS=").wants(1, []string{"no keys are given", "KEYSTAY_CODEC_KEYS"}, "replay", sealed)
	person.wants(1, []string{"no such file"}, "replay", "nowhere.json")
}

func (s *system) writeFile(path string, content []byte) {
	s.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		s.Fatal(err)
	}
}

// decoded is a history as Temporal's command line tool downloads it that is given
// the codec server as --codec-endpoint.
func (s *system) decoded(workflowID string) []*historypb.HistoryEvent {
	s.Helper()
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: s.API + "/codec"})
	opening, err := converter.NewPayloadCodecGRPCClientInterceptor(converter.PayloadCodecGRPCClientInterceptorOptions{
		Codecs: []converter.PayloadCodec{remote},
	})
	if err != nil {
		s.Fatal(err)
	}
	tool, err := client.DialContext(s.Context(), client.Options{
		HostPort: s.Addresses.Temporal, Namespace: s.Namespace,
		ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(opening)}},
	})
	if err != nil {
		s.Fatal(err)
	}
	defer tool.Close()
	sighted := &system{s.TB, &stack.Stack{Temporal: tool}}
	return sighted.history(workflowID, "")
}
