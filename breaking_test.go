// This file builds the program with changes that break stays under way, and wants
// the replay of the golden histories to catch each.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A change that the golden histories do not catch could be deployed, and stays would
// stop. So either the histories lack the course that it concerns, or the replay does
// not see it.
func TestReplay_CatchesEveryBreakingChange(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program once for each change")
	}
	patches, err := filepath.Glob("workflows/testdata/breaking/*.patch")
	if err != nil || len(patches) < 3 {
		t.Fatalf("there are %d breaking changes, want 3 at least: %v", len(patches), err)
	}
	for _, patch := range patches {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
			program := buildWith(t, patch)
			caught := 0
			for _, folder := range goldenFolders(t) {
				caught += diverging(t, program, folder)
			}
			if caught == 0 {
				t.Errorf("every golden history replays with %s", patch)
			}
			t.Logf("%d golden histories diverge", caught)
		})
	}
}

// goldenFolders are the releases that have golden histories.
func goldenFolders(t *testing.T) []string {
	t.Helper()
	folders := map[string]bool{}
	var found []string
	for _, file := range golden(t) {
		if folder := filepath.Dir(file); !folders[folder] {
			folders[folder] = true
			found = append(found, folder)
		}
	}
	return found
}

// diverging replays a release's histories and counts those that diverge. One that
// cannot be replayed at all would prove nothing.
func diverging(t *testing.T, program, folder string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	replay := exec.CommandContext(t.Context(), program, append([]string{"replay"}, files...)...)
	replay.Env = append(os.Environ(), "KEYSTAY_CODEC_KEYS="+goldenKeys(t, files[0]))
	said, err := replay.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != exitDiverges) || strings.Contains(string(said), "FAILED") {
		t.Fatalf("%v: %s", err, said)
	}
	return strings.Count(string(said), "DIVERGES")
}

// buildWith builds the program with a patch in the place of the file that it
// changes; everything else comes from the build cache.
func buildWith(t *testing.T, patch string) string {
	t.Helper()
	file, changed, err := patched(patch)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	overlay, program := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "keystay")
	replaced := filepath.Join(folder, filepath.Base(file))
	here, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(map[string]map[string]string{"Replace": {here: replaced}})
	if err = errors.Join(err, os.WriteFile(overlay, content, 0o600), os.WriteFile(replaced, []byte(changed), 0o600)); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-ldflags=-s -w", "-o", program, ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s does not build with %s: write the patch anew: %v: %s", file, patch, err, said)
	}
	return program
}

// patched reads a patch of one file and answers that file with the change.
func patched(patch string) (file, content string, err error) {
	text, err := os.ReadFile(patch)
	if err != nil {
		return "", "", err
	}
	_, rest, _ := strings.Cut(string(text), "\n+++ b/")
	file, hunks, found := strings.Cut(rest, "\n@@ ")
	if !found {
		return "", "", fmt.Errorf("%s is no patch: want a line +++ b/FILE and a line @@", patch)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return "", "", fmt.Errorf("%s changes a file that is not there: %w", patch, err)
	}
	content = string(source)
	for i, hunk := range strings.Split(hunks, "\n@@ ") {
		before, after := sides(hunk)
		if n := strings.Count(content, before); n != 1 {
			return "", "", fmt.Errorf("%s does not apply: what its change %d wants to replace stands %d times in %s, want once; "+
				"write the patch anew against the code at hand", patch, i+1, n, file)
		}
		content = strings.Replace(content, before, after, 1)
	}
	return file, content, nil
}

// sides are the lines before a change and after it, whole lines.
func sides(hunk string) (before, after string) {
	before, after = "\n", "\n"
	for _, line := range strings.Split(strings.TrimSuffix(hunk, "\n"), "\n")[1:] {
		kind, text := line[:1], line[1:]+"\n"
		if kind != "+" {
			before += text
		}
		if kind != "-" {
			after += text
		}
	}
	return before, after
}

func TestPatched_SaysWhenAPatchDoesNotApply(t *testing.T) {
	for name, c := range map[string]struct{ patch, says string }{
		"code that is gone":   {"x\n--- a/main.go\n+++ b/main.go\n@@ -1,1 +1,1 @@\n-func gone() {\n+func here() {\n", "stands 0 times in main.go, want once; write the patch anew"},
		"code that is twice":  {"x\n--- a/main.go\n+++ b/main.go\n@@ -1,1 +1,1 @@\n-}\n+)\n", "write the patch anew"},
		"a file that is gone": {"x\n--- a/gone.go\n+++ b/gone.go\n@@ -1,1 +1,1 @@\n-a\n+b\n", "changes a file that is not there"},
		"no patch":            {"hello\n", "is no patch"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.patch")
			if err := os.WriteFile(file, []byte(c.patch), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := patched(file); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error = %v, want one that says %q", err, c.says)
			}
		})
	}
}
