// This file tests this build against the golden histories, by the program's
// own replay command.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
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

// goldenWith is the first golden history that holds all words.
func goldenWith(t *testing.T, words ...string) (file, content string) {
	t.Helper()
	for _, file := range golden(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(string(content), word) }) {
			return file, string(content)
		}
	}
	t.Fatalf("no golden history holds %q", words)
	return "", ""
}

// Runs of one workflow are one scenario.
var ofOneScenario = regexp.MustCompile(`-(run-[0-9]+|first-run|second-run)$`)

func TestGolden_HasEightScenariosInEveryRelease(t *testing.T) {
	scenarios := map[string]map[string]bool{}
	for _, file := range golden(t) {
		release, name := filepath.Split(strings.TrimSuffix(file, ".json"))
		if scenarios[release] == nil {
			scenarios[release] = map[string]bool{}
		}
		scenarios[release][ofOneScenario.ReplaceAllString(name, "")] = true
	}
	for release, found := range scenarios {
		if len(found) < 8 {
			t.Errorf("%s has %d scenarios, want 8 at least: %v", release, len(found), found)
		}
	}
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
	file, whole := goldenWith(t, `"SyncSmartlock"`, `"EVENT_TYPE_TIMER_STARTED"`)
	keys := goldenKeys(t, file)
	for _, c := range []struct {
		name, history, keys string
		code                int
		want                string
	}{
		{"another activity", strings.Replace(whole, `"SyncSmartlock"`, `"VerifyAuthorization"`, 1), keys, exitDiverges, "this build starts the activity SyncSmartlock"},
		{"an event that no server writes", strings.Replace(whole, `"EVENT_TYPE_TIMER_STARTED"`, `"EVENT_TYPE_MARKER_RECORDED"`, 1), keys, exitFailed, "not as a server writes it"},
		{"half a file", whole[:len(whole)/2], keys, exitFailed, "ends in the middle"},
		{"nothing", "", keys, exitFailed, "the file is empty"},
		{"no JSON", "history", keys, exitFailed, "JSON"},
		{"the wrong key", whole, "golden:" + strings.Repeat("A", 43) + "=", exitFailed, "key"},
		{"no key", whole, "", exitFailed, "KEYSTAY_CODEC_KEYS"},
		{"a key that is none", whole, "golden", exitFailed, "KEYSTAY_CODEC_KEYS"},
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

func TestReplay_KeepsTheStackForThoseWhoAsk(t *testing.T) {
	recorded, whole := goldenWith(t, `"CreateAuthorization"`)
	file := filepath.Join(t.TempDir(), "history.json")
	if err := os.WriteFile(file, []byte(strings.Replace(whole, `"CreateAuthorization"`, `"DeleteAuthorization"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KEYSTAY_CODEC_KEYS", goldenKeys(t, recorded))
	for _, c := range []struct {
		line  []string
		stack bool
	}{{[]string{"replay", file}, false}, {[]string{"replay", "-v", file}, true}} {
		var out, errOut bytes.Buffer
		code := run(t.Context(), c.line, &out, &errOut)
		if logged := strings.Contains(errOut.String(), "Workflow panic"); code != exitDiverges || logged != c.stack {
			t.Errorf("%v: exit %d, the SDK's log is printed: %v", c.line, code, logged)
		}
		if lines := strings.Count(errOut.String(), "\n"); !c.stack && lines > 1 {
			t.Errorf("%v: %d lines, want one paragraph: %s", c.line, lines, errOut.String())
		}
	}
}

func TestReplay_SaysThatCommandsCameInAnotherOrder(t *testing.T) {
	recorded, history := "", []byte(nil)
	for _, recorded = range golden(t) {
		if history = reordered(t, recorded); history != nil {
			break
		}
	}
	file := filepath.Join(t.TempDir(), "history.json")
	if err := os.WriteFile(file, history, 0o600); err != nil {
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
// have followed: a history as it could have been, by code that is not this one. It is
// nil where they never stand side by side.
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
		return nil
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

func TestRun_SaysWhatIsWrongWithTheFileOfSubscribers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.json")
	content := `{"subscribers": [{"name": "pms", "url": "http://pms.example/?key=geheim", "secret": "whsec_geheim"}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{file: `subscriber "pms": url must be https`, file + ".gone": "no such file"} {
		for _, command := range []string{"api", "worker"} {
			t.Setenv("KEYSTAY_EVENTS_FILE", path)
			var said bytes.Buffer
			code := run(t.Context(), []string{command}, &said, &said)
			if code != exitFailed || !strings.Contains(said.String(), "KEYSTAY_EVENTS_FILE") || !strings.Contains(said.String(), want) || strings.Contains(said.String(), "geheim") {
				t.Errorf("%s with %s: exit %d: %s", command, path, code, said.String())
			}
		}
	}
}
