// This file replays a workflow that a namespace holds.

package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/worker"
)

// Cluster is a namespace to download histories from.
type Cluster struct {
	// Client is connected; the caller closes it.
	Client client.Client
	// Target says where.
	Target worker.Target
	// PageSize is how many workflows are listed at once; zero means DefaultPageSize.
	PageSize int32
}

// Workflow replays one run of a workflow, its latest for an empty run id, and
// prints the outcome.
func (c Cluster) Workflow(ctx context.Context, out io.Writer, id, run string, o Options) error {
	history, err := c.download(ctx, id, run)
	if err != nil {
		return err
	}
	one := report{out: out, alone: true}
	outcome, err := History(ctx, history, o)
	one.add(c.Target.String(), outcome, err)
	return one.err()
}

// download reads a whole history.
func (c Cluster) download(ctx context.Context, id, run string) (*historypb.History, error) {
	history := &historypb.History{}
	pages := c.Client.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		event, err := pages.Next()
		if err != nil {
			return nil, c.explain(id, run, err)
		}
		history.Events = append(history.Events, event)
	}
	return history, nil
}

// latest reads the history of a workflow's latest run, whichever that was when it
// was listed. A run that is continued as new while it is read has a successor.
func (c Cluster) latest(ctx context.Context, id string) (history *historypb.History, err error) {
	const tries = 5
	for range tries {
		if history, err = c.download(ctx, id, ""); err != nil || !continued(history.GetEvents()) {
			return history, err
		}
	}
	return history, err
}

// errGone says that the namespace does not have a workflow, or not any more.
var errGone = errors.New("there is no such workflow")

// explain says what a failed download means.
func (c Cluster) explain(id, run string, err error) error {
	var notFound *serviceerror.NotFound
	var invalid *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &notFound) && run == "":
		return fmt.Errorf("%s has no workflow %q: %w; a reservation's is reservation-ID, a lock's smartlock-NUMBER, "+
			"and closed ones are kept for the namespace's retention only", c.Target, id, errGone)
	case errors.As(err, &notFound), errors.As(err, &invalid) && run != "":
		return fmt.Errorf("%s has no run %q of workflow %q: %w; without -run the latest one is taken", c.Target, run, id, errGone)
	}
	return fmt.Errorf("the history of %q cannot be downloaded from %s: %w", id, c.Target, err)
}
