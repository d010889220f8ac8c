// This file replays every open workflow of a namespace: the gate before a deployment.

package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/workflow"
)

const (
	// abreast is how many histories are downloaded and replayed at once.
	abreast = 4
	// progressEvery is after how many histories it is said how far it is.
	progressEvery = 100
	// DefaultPageSize is how many workflows are listed at once.
	DefaultPageSize = 500
)

// Sweep is what replaying every open workflow came to.
type Sweep struct {
	// Listed are those that were open when the list was made.
	Listed int
	// Replayed take the same course, Diverged do not, Failed cannot be replayed.
	Replayed, Diverged, Failed int
	// Waiting have no workflow task behind them yet, so any build suits.
	Waiting int
	// Ended had ended when their turn came, Gone had been deleted.
	Ended, Gone int
}

// String is the summary.
func (s Sweep) String() string {
	return fmt.Sprintf("%d open workflows: %d take the same course, %d diverge, %d cannot be replayed, %d have not begun; "+
		"meanwhile %d ended and %d were deleted", s.Listed, s.Replayed, s.Diverged, s.Failed, s.Waiting, s.Ended, s.Gone)
}

// Open replays every open workflow of this program's types. What diverges or cannot
// be replayed is printed to out, with the summary at the end; how far it is, to
// progress. The error is ErrDiverges where any diverges. A connection that fails
// ends the sweep: a gate that has not seen everything must stay shut.
func (c Cluster) Open(ctx context.Context, out, progress io.Writer, o Options) (Sweep, error) {
	o = o.withDefaults()
	found, err := c.listOpen(ctx, typesOf(o))
	if err != nil {
		return Sweep{}, err
	}
	say(progress, "%s: %d open workflows to replay", c.Target, len(found))
	s := &sweeping{cluster: c, options: o, lines: report{out: out}, progress: progress, sweep: Sweep{Listed: len(found)}}
	if err := s.all(ctx, found); err != nil {
		return s.sweep, fmt.Errorf("stopped after %d of %d open workflows: %w", s.sweep.done(), len(found), err)
	}
	say(out, "%s", s.sweep)
	return s.sweep, s.sweep.err()
}

func say(to io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(to, format+"\n", args...) }

// err is the verdict of the gate.
func (s Sweep) err() error {
	switch {
	case s.Diverged > 0:
		return fmt.Errorf("do not deploy this build: of %d open workflows %s: %w", s.Listed, diverge(s.Diverged), ErrDiverges)
	case s.Failed > 0:
		return fmt.Errorf("%d of %d open workflows could not be replayed, so that nothing is known of them", s.Failed, s.Listed)
	}
	return nil
}

func (s Sweep) done() int {
	return s.Replayed + s.Diverged + s.Failed + s.Waiting + s.Ended + s.Gone
}

// typesOf are the workflow types that this program has.
func typesOf(o Options) []string {
	var found types
	o.Workflows(&found)
	return found
}

// types is a registry that only takes names down.
type types []string

// RegisterWorkflowWithOptions implements workflows.Registry.
func (t *types) RegisterWorkflowWithOptions(_ any, options workflow.RegisterOptions) {
	*t = append(*t, options.Name)
}

// listOpen lists the ids of the open workflows of some types, page by page. One
// that is listed twice, as it can be while pages change, is taken once.
func (c Cluster) listOpen(ctx context.Context, types []string) ([]string, error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: c.Target.Namespace, PageSize: c.PageSize,
		Query: "WorkflowType IN ('" + strings.Join(types, "', '") + "') AND CloseTime IS NULL",
	}
	if request.PageSize == 0 {
		request.PageSize = DefaultPageSize
	}
	var found []string
	known := map[string]bool{}
	for {
		page, err := c.Client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("the open workflows of %s cannot be listed: %w", c.Target, err)
		}
		for _, info := range page.GetExecutions() {
			if id := info.GetExecution().GetWorkflowId(); !known[id] {
				known[id] = true
				found = append(found, id)
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

// sweeping is a sweep under way.
type sweeping struct {
	cluster  Cluster
	options  Options
	progress io.Writer
	mu       sync.Mutex
	lines    report
	sweep    Sweep
}

// all replays every workflow, several at once, until one cannot be downloaded.
func (s *sweeping) all(ctx context.Context, ids []string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan string, len(ids))
	for _, id := range ids {
		next <- id
	}
	close(next)
	var helpers sync.WaitGroup
	for range abreast {
		helpers.Go(func() {
			for id := range next {
				if ctx.Err() != nil {
					return
				}
				if err := s.one(ctx, id); err != nil {
					stop(err)
				}
			}
		})
	}
	helpers.Wait()
	return context.Cause(ctx)
}

// one replays a workflow's latest run. The error is about the connection.
func (s *sweeping) one(ctx context.Context, id string) error {
	history, err := s.cluster.latest(ctx, id)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	var outcome Outcome
	var verdict error
	if replayable(history) {
		outcome, verdict = History(ctx, history, s.options)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(id, history, outcome, verdict)
	if done := s.sweep.done(); done%progressEvery == 0 {
		say(s.progress, "%d of %d, %d diverge", done, s.sweep.Listed, s.sweep.Diverged)
	}
	return nil
}

// replayable reports whether a history has something behind it and something ahead.
func replayable(history *historypb.History) bool {
	events := history.GetEvents()
	return begun(events) && !closed(events)
}

// count files one workflow under what became of it, and prints what is wrong.
func (s *sweeping) count(id string, history *historypb.History, outcome Outcome, verdict error) {
	switch {
	case history == nil:
		s.sweep.Gone++
	case closed(history.GetEvents()):
		s.sweep.Ended++
	case !begun(history.GetEvents()):
		s.sweep.Waiting++
	case verdict == nil:
		s.sweep.Replayed++
	case errors.Is(verdict, ErrDiverges):
		s.sweep.Diverged++
		s.lines.add(id, outcome, verdict)
	default:
		s.sweep.Failed++
		s.lines.add(id, outcome, verdict)
	}
}
