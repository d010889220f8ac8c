// This file packs reservations into archives at a running system, and looks into
// them.

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestPeople_PackAnIncidentWithoutASecretInIt(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	person := s.terminal()
	guest := booking{"guest": map[string]string{"name": secretGuests[0]}}
	b := stayFrom(inSeconds(2), time.Hour, "738495", frontDoor, flatDoor).with(1, guest)
	s.put("CASE-1", b)
	s.awaitStatus("CASE-1", "ready")
	s.cancel(workflows.ReservationWorkflowID("CASE-1"))
	s.awaitStatus("CASE-1", "cancelled")
	s.put("CASE-1", b.with(2, booking{"pin": map[string]any{"mode": "supplied", "code": "869574"}}))
	s.awaitStatus("CASE-1", "ready")
	s.withoutCodec("CASE-1", b.with(3, nil))
	s.await("the message without a codec is in force", func() (bool, string) {
		d := s.get("CASE-1")
		return d.Status == "ready", d.Status
	})

	archive := filepath.Join(t.TempDir(), "case.tar.gz")
	person.wants(0, []string{"case.tar.gz: 4 files", "keystay replay "}, "incident", "CASE-1", "-o", archive)
	files := s.unpack(archive)
	s.wantsNoSecretIn(files, "738495", "869574")
	for _, words := range []string{
		"reservation-CASE-1", "KeystayStatus=ready", "### ready", "Run 1 of 2", "Run 2 of 2", "was asked to cancel", "got the signal put",
		"CreateAuthorization create-", ": Choose a PIN that is free on every door", "the run ended: WorkflowExecutionContinuedAsNew",
	} {
		if !strings.Contains(files["timeline.txt"], words) {
			t.Errorf("the timeline lacks %q:\n%s", words, files["timeline.txt"])
		}
	}
	var versions map[string]string
	if err := json.Unmarshal([]byte(files["versions.json"]), &versions); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"namespace": s.Namespace, "task_queue": workflows.TaskQueue, "workflow_id": "reservation-CASE-1", "temporal_address": s.Addresses.Temporal,
		"go": "go1.", "temporal_sdk": "1.", "temporal_server": "1.", "written_at": "20",
	} {
		if !strings.HasPrefix(versions[name], want) {
			t.Errorf("versions.json says %s %q, want %q", name, versions[name], want)
		}
	}
	if info, err := os.Stat(archive); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive has the mode %v, want 0600", info.Mode())
	}

	person.wants(0, []string{"history/1-", "history/2-", `"reservation-CASE-1" replays`}, "replay", archive)
	person.with("KEYSTAY_CODEC_KEYS=").wants(1, []string{"no keys are given"}, "replay", archive)
	person.wants(1, []string{"file exists", "-o"}, "incident", "-o", archive, "CASE-1")
	person.wants(1, []string{`has no workflow "reservation-NOBODY"`}, "incident", "NOBODY")
	person.with("TEMPORAL_ADDRESS=127.0.0.1:1").wants(1, []string{"does not answer"}, "incident", "CASE-1")

	stop()
	person.wants(0, []string{"incident-CASE-1-", ".tar.gz: 4 files"}, "incident", "CASE-1")
	later := filepath.Join(t.TempDir(), "later.tar.gz")
	person.wants(0, nil, "incident", "-o", later, "CASE-1")
	if files := s.unpack(later); !strings.Contains(files["timeline.txt"], "could not be asked") || !strings.Contains(files["timeline.txt"], "KeystayStatus=ready") {
		t.Errorf("without a worker the timeline says\n%s", files["timeline.txt"])
	}
}

func TestPeople_PackTheRunThatAResetMade(t *testing.T) {
	s := start(t, stack.Options{})
	s.put("RESET-1", stayFrom(inSeconds(1), time.Hour, "", frontDoor))
	s.awaitStatus("RESET-1", "ready")
	id := workflows.ReservationWorkflowID("RESET-1")
	s.reset(id, s.runID(id), s.firstTask(id))
	s.awaitStatus("RESET-1", "ready")
	archive := filepath.Join(t.TempDir(), "reset.tar.gz")
	s.terminal().wants(0, nil, "incident", "RESET-1", "-o", archive)
	files := s.unpack(archive)
	if name := "history/1-" + s.runID(id) + ".json"; files[name] == "" {
		t.Errorf("the archive lacks %s", name)
	}
}

// withoutCodec has a person put a booking with a tool that knows no codec: its
// payload lies open in the history.
func (s *system) withoutCodec(id string, b booking) {
	s.Helper()
	plain, err := client.DialContext(s.Context(), client.Options{HostPort: s.Addresses.Temporal, Namespace: s.Namespace})
	if err != nil {
		s.Fatal(err)
	}
	defer plain.Close()
	message := map[string]any{"wish": map[string]any{"guest": secretGuests[0], "version": b["version"], "pin": map[string]string{"code": "869574"}}}
	// An older version, so that it changes nothing.
	message["wish"].(map[string]any)["version"] = 1
	if err := plain.SignalWorkflow(s.Context(), workflows.ReservationWorkflowID(id), "", workflows.SignalPut.Name, message); err != nil {
		s.Fatal(err)
	}
}

// unpack reads all files of an archive.
func (s *system) unpack(path string) map[string]string {
	s.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		s.Fatal(err)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		s.Fatal(err)
	}
	files := map[string]string{}
	for in := tar.NewReader(compressed); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		text, readErr := io.ReadAll(in)
		if err := errors.Join(err, readErr); err != nil {
			s.Fatal(err)
		}
		files[header.Name] = string(text)
	}
}

// wantsNoSecretIn looks for PINs, guests' names and tokens in every file.
func (s *system) wantsNoSecretIn(files map[string]string, pins ...string) {
	s.Helper()
	histories := 0
	for name, content := range files {
		if strings.HasPrefix(name, "history/") {
			histories++
		}
		for _, secret := range s.secrets(pins) {
			if secret.in([]byte(content)) {
				s.Errorf("%s holds %s", name, secret.what)
			}
		}
	}
	if histories != 2 {
		s.Errorf("%d histories are in the archive, want 2", histories)
	}
}
