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

// replay runs the program and answers its exit code and what it said.
func replay(t *testing.T, file, keys string) (int, string) {
	t.Helper()
	t.Setenv("KEYSTAY_CODEC_KEYS", keys)
	var said bytes.Buffer
	return run(t.Context(), []string{"replay", file}, &said), said.String()
}

// A failure here means that this build would not go on with stays that are under
// way: put the change behind workflow.GetVersion. Never record the file again.
func TestReplay_EveryGoldenHistoryTakesTheSameCourse(t *testing.T) {
	for _, file := range golden(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if code, said := replay(t, file, goldenKeys(t, file)); code != 0 {
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
		want                string
	}{
		{"another activity", strings.Replace(string(whole), `"SyncSmartlock"`, `"VerifyAuthorization"`, 1), keys, "SyncSmartlock"},
		{"a timer that is missing", strings.Replace(string(whole), `"EVENT_TYPE_TIMER_STARTED"`, `"EVENT_TYPE_MARKER_RECORDED"`, 1), keys, "replay"},
		{"half a file", string(whole[:len(whole)/2]), keys, "ends in the middle"},
		{"no JSON", "history", keys, "JSON"},
		{"the wrong key", string(whole), "golden:" + strings.Repeat("A", 43) + "=", "key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "history.json")
			if err := os.WriteFile(file, []byte(c.history), 0o600); err != nil {
				t.Fatal(err)
			}
			code, said := replay(t, file, c.keys)
			if code != exitFailed || !strings.Contains(said, c.want) {
				t.Errorf("exit %d, want %d and a word of %q: %s", code, exitFailed, c.want, said)
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
	code, said := replay(t, file, goldenKeys(t, recorded))
	for _, want := range []string{"this build takes another course than the history of", "workflow.GetVersion"} {
		if code != exitFailed || !strings.Contains(said, want) {
			t.Errorf("exit %d, want %d and %q: %s", code, exitFailed, want, said)
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
	for _, args := range [][]string{nil, {"fly"}, {"replay"}, {"replay", "a", "b"}, {"worker", "now"}, {"api", "-x"}} {
		var said bytes.Buffer
		if code := run(t.Context(), args, &said); code != exitUsage || !strings.Contains(said.String(), "usage") {
			t.Errorf("%v: exit %d: %s", args, code, said.String())
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
			code := run(t.Context(), []string{command}, &said)
			if code != exitFailed || !strings.Contains(said.String(), "KEYSTAY_EVENTS_FILE") || !strings.Contains(said.String(), want) || strings.Contains(said.String(), "geheim") {
				t.Errorf("%s with %s: exit %d: %s", command, path, code, said.String())
			}
		}
	}
}
