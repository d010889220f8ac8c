// This file counts what became of histories and says it.

package replay

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// report is the outcomes of several histories.
type report struct {
	out io.Writer
	// alone says that there is one history: what is wrong with it is the error, and
	// is not printed beside it.
	alone                      bool
	replayed, diverged, failed int
	// last is the newest error, which says it all where there is one history.
	last error
}

// add takes one outcome in and prints it; name is where the history came from.
func (r *report) add(name string, outcome Outcome, err error) {
	switch {
	case err == nil:
		r.replayed++
		r.print("ok", name, outcome.String())
	case errors.Is(err, ErrDiverges):
		r.diverged++
		r.print("DIVERGES", name, err.Error())
	default:
		r.failed++
		r.print("FAILED", name, err.Error())
	}
	if err != nil {
		r.last = fmt.Errorf("%s: %w", name, err)
	}
}

func (r *report) print(verdict, name, text string) {
	if r.alone && verdict != "ok" {
		return
	}
	_, _ = fmt.Fprintf(r.out, "%-9s %s: %s\n", verdict, name, text)
}

// String is an outcome in a sentence.
func (o Outcome) String() string {
	text := fmt.Sprintf("%s %q replays, %d events", o.Type, o.WorkflowID, o.Events)
	if o.Decoded {
		text += "; it was downloaded decoded, so whoever has the file can read PINs and names in it: delete it when you are done"
	}
	return text
}

// diverge is so many histories with their verb.
func diverge(n int) string {
	if n == 1 {
		return "1 diverges"
	}
	return fmt.Sprintf("%d diverge", n)
}

// err is nil where every history replayed, ErrDiverges where one diverged.
func (r *report) err() error {
	total := r.replayed + r.diverged + r.failed
	var wrong []string
	if r.diverged > 0 {
		wrong = append(wrong, diverge(r.diverged))
	}
	if r.failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d cannot be replayed", r.failed))
	}
	switch {
	case len(wrong) == 0:
		return nil
	case total == 1:
		return r.last
	case r.diverged > 0:
		return fmt.Errorf("of %d histories %s: %w", total, strings.Join(wrong, " and "), ErrDiverges)
	}
	return fmt.Errorf("of %d histories %s", total, strings.Join(wrong, " and "))
}
