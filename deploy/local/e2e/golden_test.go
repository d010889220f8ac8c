// This file records the golden histories that every later build must replay.
//
// Record from released code only, at a release, into a folder of that release:
//
//	KEYSTAY_RECORD_HISTORIES=v0.1.0 go test ./deploy/local/e2e -run TestRecordGoldenHistories
//
// Never record again to make a replay pass: a golden history that does not
// replay means that stays which are under way would not either. So recording
// replaces nothing; what has not been released yet may be removed by hand. An
// absolute path in the variable records there, for a look.

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/demo"
	"github.com/keystay/keystay/deploy/local/stack"
)

const goldenHistories = "../../../workflows/testdata/histories"

func TestRecordGoldenHistories(t *testing.T) {
	release := os.Getenv("KEYSTAY_RECORD_HISTORIES")
	if release == "" {
		t.Skip("records only where KEYSTAY_RECORD_HISTORIES names a release")
	}
	folder := release
	if !filepath.IsAbs(release) {
		folder = filepath.Join(goldenHistories, release)
	}
	if there, _ := filepath.Glob(filepath.Join(folder, "*.json")); len(there) > 0 {
		t.Fatalf("%s has histories already, and golden histories are not replaced", folder)
	}
	stays, short := startRecording(t, folder)
	t.Run("played", func(t *testing.T) {
		t.Run("demonstration", func(t *testing.T) {
			t.Parallel()
			s := stays.in(t)
			at := demo.Addresses{API: s.API, APIToken: s.APIToken, Nuki: s.Nuki, NukiToken: s.NukiToken}
			if err := demo.Run(t.Context(), at, t.Output(), false); err != nil {
				t.Fatal(err)
			}
		})
		for _, scenario := range goldenScenarios {
			t.Run(scenario.name, func(t *testing.T) { t.Parallel(); scenario.played(stays.in(t), short.in(t)) })
		}
	})
	if t.Failed() {
		t.Fatal("nothing is recorded, as not every scenario was played to its end")
	}
	recorded := map[string][]byte{"codec.keys": []byte(stays.CodecKeys)}
	for _, scenario := range goldenScenarios {
		scenario.record(stays, short, recorded)
	}
	if t.Failed() {
		t.Fatal("nothing is recorded, as a history is not what its name says")
	}
	for name, text := range recorded {
		stays.write(folder, name, text)
	}
}

// startRecording starts a system for whole stays, and one whose histories are
// short, so that runs are continued as new.
func startRecording(t *testing.T, folder string) (stays, short *system) {
	t.Helper()
	options := stack.Options{CodecKeys: goldenKeys(folder), Faults: nukisim.Faults{LatencyMin: 50, LatencyMax: 150, WebhookDelay: 10}}
	for _, lock := range demo.Locks {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock.ID, Name: lock.Name})
	}
	for _, lock := range goldenDoors {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock})
	}
	stays = start(t, options)
	short = start(t, stack.Options{
		CodecKeys: stays.CodecKeys, TemporalConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 80},
	})
	return stays, short
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

// record adds a scenario's histories to the files, and wants them to hold what its
// name says.
func (g goldenScenario) record(stays, short *system, files map[string][]byte) {
	s := stays
	if g.short {
		s = short
	}
	s.Helper()
	runs := g.histories(s)
	if lacks := g.lacks(runs); lacks != "" {
		s.Errorf("%s: the history lacks %s", g.name, lacks)
	}
	for i, events := range runs {
		name := g.name
		if len(runs) > 1 {
			name += fmt.Sprintf("-run-%d", i+1)
		}
		files[name+".json"] = s.asDownloaded(events)
		s.Logf("%s: %d events", name, len(events))
	}
}

// The name of the machine that recorded has no place in a history. It stands in
// identities and in the names of a worker's own task queues.
var (
	recordedBy    = regexp.MustCompile(`("identity": *)"[0-9]+@[^"]*"`)
	recordedQueue = regexp.MustCompile(`("name": *)"[^":]*:([0-9a-f-]{36})"`)
)

// asDownloaded is a history in the form of `temporal workflow show --output json`.
func (s *system) asDownloaded(events []*historypb.HistoryEvent) []byte {
	s.Helper()
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(&historypb.History{Events: events})
	if err != nil {
		s.Fatal(err)
	}
	text = recordedBy.ReplaceAll(text, []byte(`$1"recorder"`))
	return recordedQueue.ReplaceAll(text, []byte(`$1"recorder:$2"`))
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
