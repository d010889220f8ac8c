// This file lends the golden histories to the tests of this package.

package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"

	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

func goldenHistories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../workflows/testdata/histories/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no golden histories: %v", err)
	}
	return files
}

func goldenHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	history, err := readHistory(content)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

// goldenCodec opens the histories beside a file; guests and PINs in them are made up.
func goldenCodec(t *testing.T, file string) *worker.Codec {
	t.Helper()
	keys, err := os.ReadFile(filepath.Join(filepath.Dir(file), "codec.keys"))
	if err != nil {
		t.Fatal(err)
	}
	return codecOf(t, strings.TrimSpace(string(keys)), worker.ReturnError)
}

// recorded replays a history and says what the code did.
func recorded(t *testing.T, file string, history *historypb.History) (*recorder, error) {
	t.Helper()
	seen := &recorder{}
	replayer, err := newReplayer(goldenCodec(t, file), seen)
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(replayer)
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return seen, replayer.ReplayWorkflowHistoryWithOptions(worker.NewTemporalLogger(nil), history, originalExecution(started))
}
