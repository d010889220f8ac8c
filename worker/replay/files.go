// This file replays histories that lie in files: downloads, and the archives of
// incidents.

package replay

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Files replays every history in the files and prints what became of each. It goes
// on after one that fails or diverges; the error says how many did, and is
// ErrDiverges where that is all that is wrong.
//
// A history is JSON as `temporal workflow show --workflow-id ID --output json` prints
// it, or as the Web UI downloads it with the payloads encoded or decoded.
func Files(ctx context.Context, out io.Writer, paths []string, o Options) error {
	all := report{out: out}
	for _, path := range paths {
		histories, err := load(path)
		all.alone = len(paths) == 1 && len(histories) <= 1
		if err != nil {
			all.add(path, Outcome{}, err)
		}
		for _, f := range histories {
			outcome, err := replayJSON(ctx, f.content, o)
			all.add(f.name, outcome, err)
		}
	}
	return all.err()
}

// load reads a file: one history, or an archive of several.
func load(path string) ([]file, error) {
	from, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	content, err := readAll(from)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if !isArchive(content) {
		return []file{{path, content}}, nil
	}
	histories, err := historiesIn(content)
	for i := range histories {
		histories[i].name = path + ": " + histories[i].name
	}
	return histories, err
}

func replayJSON(ctx context.Context, content []byte, o Options) (Outcome, error) {
	history, err := readHistory(content)
	if err != nil {
		return Outcome{}, err
	}
	return History(ctx, history, o)
}
