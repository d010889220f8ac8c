// This file holds this build against the golden histories, through the program's
// own replay command.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

func TestRun_RefusesACommandLineThatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{nil, {"fly"}, {"replay"}, {"replay", "a", "b"}, {"worker", "now"}, {"api", "-x"}} {
		var said bytes.Buffer
		if code := run(t.Context(), args, &said); code != exitUsage || !strings.Contains(said.String(), "usage") {
			t.Errorf("%v: exit %d: %s", args, code, said.String())
		}
	}
}
