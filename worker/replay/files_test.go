// This file tests histories and archives in files: what is read from them, and what
// an archive must not show.

package replay

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"
)

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func archiveOf(t *testing.T, files ...file) []byte {
	t.Helper()
	archive, err := packed(files, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func TestFiles_SaysWhatBecameOfEach(t *testing.T) {
	plain := stayHistory(t)
	good, bad, cutOff := write(t, "good.json", plain), write(t, "empty.json", nil), write(t, "cut.json", plain[:50])
	archive := write(t, "case.tar.gz", archiveOf(t, file{"timeline.txt", []byte("words")}, file{"history/1-a.json", plain}, file{"history/2-b.json", plain}))
	hasty, careful := registerAs("stayWorkflow", hastyWorkflow), registerAs("stayWorkflow", stayWorkflow)
	for _, c := range []struct {
		name     string
		paths    []string
		code     Options
		diverges bool
		says     string // what the error says; "" wants none
		prints   []string
	}{
		{"one", []string{good}, Options{Workflows: careful}, false, "", []string{"ok", "good.json", `stayWorkflow "stay-7" replays, 14 events`}},
		{"one that diverges", []string{good}, Options{Workflows: hasty}, true, "good.json: stayWorkflow", nil},
		{"one that is none", []string{bad}, Options{Workflows: careful}, false, "empty.json: the file is empty", nil},
		{"an archive", []string{archive}, Options{Workflows: careful}, false, "", []string{"case.tar.gz: history/1-a.json", "case.tar.gz: history/2-b.json"}},
		{"an archive that diverges", []string{archive}, Options{Workflows: hasty}, true, "of 2 histories 2 diverge", []string{"DIVERGES"}},
		{"several, of which some are none", []string{good, bad, cutOff}, Options{Workflows: careful}, false, "of 3 histories 2 cannot be replayed",
			[]string{"ok", "FAILED", "ends in the middle"}},
		{"several, one of each kind", []string{good, bad}, Options{Workflows: hasty}, true, "of 2 histories 1 diverges and 1 cannot be replayed",
			[]string{"DIVERGES", "FAILED"}},
		{"nowhere", []string{"nowhere.json"}, Options{Workflows: careful}, false, "no such file", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Files(t.Context(), &out, c.paths, c.code)
			if errors.Is(err, ErrDiverges) != c.diverges || c.says == "" && err != nil || !strings.Contains(errorText(err), c.says) {
				t.Errorf("error = %v, want %q", err, c.says)
			}
			for _, words := range c.prints {
				if !strings.Contains(out.String(), words) {
					t.Errorf("printed %s, want %q", out.String(), words)
				}
			}
		})
	}
}

func TestFiles_SaysWhatIsWrongWithAnArchive(t *testing.T) {
	whole := archiveOf(t, file{"history/1-a.json", stayHistory(t)})
	var noTar bytes.Buffer
	compressed := gzip.NewWriter(&noTar)
	_, _ = compressed.Write([]byte(strings.Repeat("no tar file ", 100)))
	_ = compressed.Close()
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"cut off":            {whole[:len(whole)/2], "the archive is not whole"},
		"no archive":         {noTar.Bytes(), "the archive is not whole"},
		"only the beginning": {whole[:3], "cannot be opened"},
		"without a history":  {archiveOf(t, file{"timeline.txt", []byte("words")}), "none that `keystay incident` wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Files(t.Context(), &bytes.Buffer{}, []string{write(t, "case.tar.gz", c.content)}, Options{})
			checkSays(t, err, []string{c.says})
		})
	}
}

// The made-up guests and PINs of the golden histories must not show in what is made
// of them for an archive, nor the words that Keystay keeps for nobody else.
// times may hold a PIN's digits by chance: nanoseconds have nine.
var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`)

func TestArchive_HoldsNothingOfAGoldenHistoryInPlainText(t *testing.T) {
	for _, path := range goldenHistories(t) {
		codec, history := goldenCodec(t, path), goldenHistory(t, path)
		told := tell(history, codec)
		sealed, err := sealedJSON(t.Context(), proto.CloneOf[*historypb.History](history), codec)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"432426", "738495", "Anna", "Huber"} {
			if strings.Contains(told, secret) || bytes.Contains(times.ReplaceAll(sealed, nil), []byte(secret)) {
				t.Errorf("%s: %s shows", path, secret)
			}
		}
		if lines := strings.Count(told, "\n"); lines < 2 || lines > len(history.GetEvents()) {
			t.Errorf("%s: the timeline has %d lines for %d events", path, lines, len(history.GetEvents()))
		}
		if _, err := replayJSON(t.Context(), sealed, Options{Codec: codec}); err != nil {
			t.Errorf("%s does not replay from an archive: %v", path, err)
		}
	}
}

// A payload that a tool without the codec sent lies open in a history, and must not
// in an archive.
func TestArchive_SealsWhatLiesOpen(t *testing.T) {
	codec := codecOf(t, newKey, 0)
	history, err := readHistory(stayHistory(t))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealedJSON(t.Context(), history, codec)
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []string{"Berlin", "IkJlcmxpbiI=", "Ada", "IkFkYSI="} {
		if bytes.Contains(sealed, []byte(open)) {
			t.Errorf("the sealed history holds %s", open)
		}
	}
	outcome, err := replayJSON(t.Context(), sealed, Options{Codec: codec, Workflows: registerAs("stayWorkflow", stayWorkflow)})
	if err != nil || outcome.Decoded {
		t.Errorf("it does not replay: %v, %+v", err, outcome)
	}
}
