// This file finds the line of workflow code that gave a command.

package replay

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	module = "github.com/keystay/keystay/"
	// maxFrames is more than workflow code is ever deep.
	maxFrames = 64
)

// place is a line of code, by its path in the repository whatever folder the
// program was built in.
type place struct {
	file string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// places is the way to the caller through our own code, the innermost place first.
func places() []place {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var found []place
	for {
		frame, more := frames.Next()
		if ofWorkflow(frame.Function) {
			found = append(found, place{file: inRepository(frame), line: frame.Line})
		}
		if !more {
			return found
		}
	}
}

// ofWorkflow tells workflow code from the SDK's, Go's and the recorder's own.
func ofWorkflow(function string) bool {
	listener := strings.Contains(function, "/worker/replay.(*outbound)") || strings.Contains(function, "/worker/replay.(*inbound)") ||
		strings.Contains(function, "/worker/replay.(*recorder)")
	return strings.HasPrefix(function, module) && !listener
}

// inRepository is a file by its package: a program that was built with -trimpath
// has no other path to it.
func inRepository(frame runtime.Frame) string {
	folder, name := path.Split(strings.TrimPrefix(frame.Function, module))
	name, _, _ = strings.Cut(name, ".")
	return path.Join(folder, name, filepath.Base(frame.File))
}

// where is a command's line, and the line in another file from which it was
// reached, to be added to a sentence. A command that is the end of the workflow's
// function has none.
func where(at []place) string {
	if len(at) == 0 {
		return ""
	}
	for _, caller := range at[1:] {
		if caller.file != at[0].file {
			return fmt.Sprintf(", at %s, called from %s", at[0], caller)
		}
	}
	return ", at " + at[0].String()
}
