// This file records the golden histories that every later build must replay.
//
// Record from released code only, at a release, into a folder of that release:
//
//	KEYSTAY_RECORD_HISTORIES=v0.1.0 go test ./deploy/local/e2e -run TestRecordGoldenHistories
//
// Never record again to make a replay pass: a golden history that does not
// replay means that stays which are under way would not either. So recording
// replaces nothing; what has not been released yet may be removed by hand.

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/demo"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

const goldenHistories = "../../../workflows/testdata/histories"

func TestRecordGoldenHistories(t *testing.T) {
	release := os.Getenv("KEYSTAY_RECORD_HISTORIES")
	if release == "" {
		t.Skip("records only where KEYSTAY_RECORD_HISTORIES names a release")
	}
	folder := filepath.Join(goldenHistories, release)
	if there, _ := filepath.Glob(filepath.Join(folder, "*.json")); len(there) > 0 {
		t.Fatalf("%s has histories already, and golden histories are not replaced", folder)
	}
	options := stack.Options{CodecKeys: goldenKeys(folder), Faults: nukisim.Faults{LatencyMin: 50, LatencyMax: 150, WebhookDelay: 10}}
	for _, lock := range demo.Locks {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock.ID, Name: lock.Name})
	}
	s := start(t, options)
	at := demo.Addresses{API: s.API, APIToken: s.APIToken, Nuki: s.Nuki, NukiToken: s.NukiToken}
	if err := demo.Run(t.Context(), at, t.Output(), false); err != nil {
		t.Fatal(err)
	}
	before, after := s.cancelledFromOutside()
	s.awaitLastLooks()
	s.write(folder, "codec.keys", []byte(s.CodecKeys))
	for _, id := range demo.Reservations() {
		s.record(folder, workflows.ReservationWorkflowID(id), "", "")
	}
	s.record(folder, workflows.ReservationWorkflowID(cancelRequest), before, "-first-run")
	s.record(folder, workflows.ReservationWorkflowID(cancelRequest), after, "-second-run")
	s.record(folder, workflows.SmartlockWorkflowID(demo.Locks[0].ID), "", "")
}

// goldenKeys seal these histories alone, which hold made-up stays. Keys that a
// folder has are kept.
func goldenKeys(folder string) string {
	kept, err := os.ReadFile(filepath.Join(folder, "codec.keys"))
	if err != nil {
		return stack.NewKeys("golden")
	}
	return strings.TrimSpace(string(kept))
}

const cancelRequest = "CANCEL-REQUEST"

// cancelledFromOutside cancels a stay as somebody does in Temporal's Web UI: its
// run ends and another begins. It answers the ids of both.
func (s *system) cancelledFromOutside() (before, after string) {
	s.Helper()
	id := workflows.ReservationWorkflowID(cancelRequest)
	s.put(cancelRequest, stayFrom(time.Now().Add(7*time.Second), time.Hour, "", demo.Locks[1].ID, demo.Locks[2].ID))
	s.awaitStatus(cancelRequest, "ready")
	before = s.runID(id)
	s.cancel(id)
	s.awaitStatus(cancelRequest, "cancelled")
	return before, s.runID(id)
}

// awaitLastLooks waits until nothing is left to do but to be kept.
func (s *system) awaitLastLooks() {
	s.Helper()
	for _, id := range append(demo.Reservations(), cancelRequest) {
		s.await(id+" has been looked after for the last time", func() (bool, string) {
			r := s.reservation(id)
			return strings.HasPrefix(r.text("next.reason"), "Nothing is left"), string(r.body)
		})
	}
}

// The name of the machine that recorded has no place in a history. It stands in
// identities and in the names of a worker's own task queues.
var (
	recordedBy    = regexp.MustCompile(`("identity": *)"[0-9]+@[^"]*"`)
	recordedQueue = regexp.MustCompile(`("name": *)"[^":]*:([0-9a-f-]{36})"`)
)

// record writes a history in the form of `temporal workflow show --output json`.
func (s *system) record(folder, workflowID, runID, suffix string) {
	s.Helper()
	history := &historypb.History{Events: s.history(workflowID, runID)}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(history)
	if err != nil {
		s.Fatal(err)
	}
	text = recordedBy.ReplaceAll(text, []byte(`$1"recorder"`))
	text = recordedQueue.ReplaceAll(text, []byte(`$1"recorder:$2"`))
	s.write(folder, workflowID+suffix+".json", text)
	s.Logf("%s%s: %d events", workflowID, suffix, len(history.Events))
}

func (s *system) write(folder, name string, text []byte) {
	s.Helper()
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644)
	}
	if err != nil {
		s.Fatal(err)
	}
}
