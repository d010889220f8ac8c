// This file records the golden histories that every later build must replay.
//
// Record from released code only, at a release, into a folder of that release:
//
//	KEYSTAY_RECORD_HISTORIES=v0.1.0 go test ./deploy/local/e2e -run TestRecordGoldenHistories
//
// Never record again to make a replay pass: a golden history that does not
// replay means that stays which are under way would not either.

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"testing"

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
	// A key for these histories alone, which hold made-up stays.
	options := stack.Options{CodecKeys: stack.NewKeys("golden"), Faults: nukisim.Faults{LatencyMin: 50, LatencyMax: 150, WebhookDelay: 10}}
	for _, lock := range demo.Locks {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock.ID, Name: lock.Name})
	}
	s := start(t, options)
	at := demo.Addresses{API: s.API, APIToken: s.APIToken, Nuki: s.Nuki, NukiToken: s.NukiToken}
	if err := demo.Run(t.Context(), at, io.Discard, false); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(goldenHistories, release)
	s.write(folder, "codec.keys", []byte(s.CodecKeys))
	for _, id := range demo.Reservations() {
		s.record(folder, workflows.ReservationWorkflowID(id))
	}
	s.record(folder, workflows.SmartlockWorkflowID(demo.Locks[0].ID))
}

// record writes a history in the form of `temporal workflow show --output json`.
func (s *system) record(folder, workflowID string) {
	s.Helper()
	history := &historypb.History{Events: s.history(workflowID, "")}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(history)
	if err != nil {
		s.Fatal(err)
	}
	s.write(folder, workflowID+".json", text)
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
