// This file holds this build against the golden histories, through the program's
// own replay command.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
)

// goldenKeys open the histories recorded beside them, which hold made-up stays.
func goldenKeys(t *testing.T, file string) string {
	t.Helper()
	keys, err := os.ReadFile(filepath.Join(filepath.Dir(file), "codec.keys"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(keys))
}

func golden(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("workflows/testdata/histories/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no golden histories: %v", err)
	}
	return files
}

// replayed runs the program and answers its exit code and what it said.
func replayed(t *testing.T, file, keys string) (int, string) {
	t.Helper()
	t.Setenv("KEYSTAY_CODEC_KEYS", keys)
	var said bytes.Buffer
	return run(t.Context(), []string{"replay", file}, &said, &said), said.String()
}

// A failure here means that this build would not go on with stays that are under
// way: put the change behind workflow.GetVersion. Never record the file again.
func TestReplay_EveryGoldenHistoryTakesTheSameCourse(t *testing.T) {
	for _, file := range golden(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if code, said := replayed(t, file, goldenKeys(t, file)); code != 0 {
				t.Errorf("exit %d: %s", code, said)
			}
		})
	}
}

func TestReplay_SaysWhatIsWrong(t *testing.T) {
	const file = "workflows/testdata/histories/v0.1.0/reservation-TEST-0805.json"
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys := goldenKeys(t, file)
	for _, c := range []struct {
		name, history, keys string
		code                int
		want                string
	}{
		{"another activity", strings.Replace(string(whole), `"SyncSmartlock"`, `"VerifyAuthorization"`, 1), keys, exitDiverges, "this build starts the activity SyncSmartlock"},
		{"an event that no server writes", strings.Replace(string(whole), `"EVENT_TYPE_TIMER_STARTED"`, `"EVENT_TYPE_MARKER_RECORDED"`, 1), keys, exitFailed, "not as a server writes it"},
		{"half a file", string(whole[:len(whole)/2]), keys, exitFailed, "ends in the middle"},
		{"nothing", "", keys, exitFailed, "the file is empty"},
		{"no JSON", "history", keys, exitFailed, "JSON"},
		{"the wrong key", string(whole), "golden:" + strings.Repeat("A", 43) + "=", exitFailed, "key"},
		{"no key", string(whole), "", exitFailed, "KEYSTAY_CODEC_KEYS"},
		{"a key that is none", string(whole), "golden", exitFailed, "KEYSTAY_CODEC_KEYS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "history.json")
			if err := os.WriteFile(file, []byte(c.history), 0o600); err != nil {
				t.Fatal(err)
			}
			code, said := replayed(t, file, c.keys)
			if code != c.code || !strings.Contains(said, c.want) || len(said) > 1500 {
				t.Errorf("exit %d, want %d and in a paragraph %q: %s", code, c.code, c.want, said)
			}
		})
	}
}

func TestReplay_SaysThatCommandsCameInAnotherOrder(t *testing.T) {
	recorded := golden(t)[0]
	file := filepath.Join(t.TempDir(), "history.json")
	if err := os.WriteFile(file, reordered(t, recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := replayed(t, file, goldenKeys(t, recorded))
	for _, want := range []string{"this build takes another course at event", "this build first starts the activity", ", at workflows/converge.go:", "workflow.GetVersion"} {
		if code != exitDiverges || !strings.Contains(said, want) {
			t.Errorf("exit %d, want %d and %q: %s", code, exitDiverges, want, said)
		}
	}
}

// reordered is a history in which an activity and the search attributes of the
// same workflow task have changed places, and the references to the activity
// have followed: a history as it could have been, by code that is not this one.
func reordered(t *testing.T, recorded string) []byte {
	t.Helper()
	text, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	history, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	events := history.GetEvents()
	at := slices.IndexFunc(events, func(e *historypb.HistoryEvent) bool {
		return e.GetActivityTaskScheduledEventAttributes() != nil && events[e.GetEventId()].GetUpsertWorkflowSearchAttributesEventAttributes() != nil
	})
	if at < 0 {
		t.Fatalf("%s has no activity beside search attributes", recorded)
	}
	from, to := int64(at+1), int64(at+2)
	events[at], events[at+1] = events[at+1], events[at]
	events[at].EventId, events[at+1].EventId = from, to
	for _, event := range events {
		if a := event.GetActivityTaskStartedEventAttributes(); a.GetScheduledEventId() == from {
			a.ScheduledEventId = to
		}
		if a := event.GetActivityTaskCompletedEventAttributes(); a.GetScheduledEventId() == from {
			a.ScheduledEventId = to
		}
	}
	changed, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestRun_RefusesACommandLineThatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{
		nil, {"fly"}, {"worker", "now"}, {"api", "-x"},
		{"replay"}, {"replay", "-open", "a"}, {"replay", "-run", "x", "-open"}, {"replay", "-workflow", "x", "-open"},
		{"incident"}, {"incident", "a", "b"}, {"status"}, {"status", "-x", "a"}, {"list", "a"},
		{"webhooks"}, {"webhooks", "fly"}, {"webhooks", "list", "a"}, {"webhooks", "register"}, {"webhooks", "remove"},
	} {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), args, &out, &errOut); code != exitUsage || !strings.Contains(errOut.String(), "usage: keystay") || out.Len() > 0 {
			t.Errorf("%v: exit %d: %s", args, code, errOut.String())
		}
	}
}

func TestRun_HelpsWhoeverAsks(t *testing.T) {
	lines := [][]string{{"-help"}, {"help"}}
	for name := range commands {
		lines = append(lines, []string{name, "-help"}, []string{name, "-h"})
	}
	for _, args := range lines {
		var out, errOut bytes.Buffer
		code := run(t.Context(), args, &out, &errOut)
		if code != 0 || !strings.HasPrefix(out.String(), "usage: keystay") || errOut.Len() > 0 {
			t.Errorf("%v: exit %d: %s%s", args, code, out.String(), errOut.String())
		}
	}
}

// Whoever reads a command's help must find there what its exit code means.
func TestHelp_ListsEveryCommandAndItsExitCodes(t *testing.T) {
	for name, c := range commands {
		if !strings.Contains(usage, "keystay "+name) {
			t.Errorf("the usage does not name %s", name)
		}
		if name != "api" && name != "worker" && !strings.Contains(c.help, "Exit codes: 0") {
			t.Errorf("%s -help does not tell its exit codes", name)
		}
	}
}

func TestAnyAttention_NeedsNoReason(t *testing.T) {
	for line, want := range map[string]string{
		"-attention":                "-attention any",
		"--attention -json":         "--attention any -json",
		"-attention lock_offline":   "-attention lock_offline",
		"-status at_risk":           "-status at_risk",
		"-json -attention=no_space": "-json -attention=no_space",
	} {
		if got := strings.Join(anyAttention(strings.Fields(line)), " "); got != want {
			t.Errorf("%q became %q, want %q", line, got, want)
		}
	}
}
