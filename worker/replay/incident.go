// This file packs one stay into an archive: what it says of itself, what happened,
// its sealed histories, and which programs took part.

package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/temporalproto"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

// askTime bounds the question to the workflow itself, which needs a worker.
const askTime = 5 * time.Second

// metadataQuery is the query by which the Web UI reads a workflow's details; every
// SDK answers it.
const metadataQuery = "__temporal_workflow_metadata"

// Incident writes the archive of a reservation into a file that must not be there
// yet; an empty path chooses a name by reservation and time. It says on out what it
// wrote. No PIN and no guest's name is in it in plain text: whoever is given the
// file needs the payload keys to replay it.
func (c Cluster) Incident(ctx context.Context, out io.Writer, reservation, path string, codec *worker.Codec) error {
	now := time.Now().UTC().Truncate(time.Second)
	files, err := c.gather(ctx, reservation, codec.ReturningErrors(), now)
	if err != nil {
		return err
	}
	archive, err := packed(files, now)
	if err != nil {
		return err
	}
	if path == "" {
		path = "incident-" + strings.ReplaceAll(reservation, ":", "_") + "-" + now.Format("20060102T150405Z") + ".tar.gz"
	}
	if err := writeNew(path, archive); err != nil {
		return err
	}
	say(out, "%s: %d files, %d KiB; `keystay replay %s` replays it, `tar xOzf %s timeline.txt` reads it",
		path, len(files), (len(archive)+1023)/1024, path, path)
	return nil
}

// writeNew writes a file that only its owner may read, and replaces none.
func writeNew(path string, content []byte) error {
	created, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the archive cannot be written: %w; choose another file with -o", err)
	}
	_, err = created.Write(content)
	return errors.Join(err, created.Close())
}

// gather is the files of an archive.
func (c Cluster) gather(ctx context.Context, reservation string, codec *worker.Codec, now time.Time) ([]file, error) {
	id := workflows.ReservationWorkflowID(reservation)
	described, err := c.Client.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return nil, c.explain(id, "", err)
	}
	info := described.GetWorkflowExecutionInfo()
	runs, err := c.runs(ctx, info)
	if err != nil {
		return nil, err
	}
	versions, err := c.versions(ctx, info, now)
	if err != nil {
		return nil, err
	}
	files := []file{{"timeline.txt", []byte(c.timeline(ctx, info, runs, codec, now))}, {"versions.json", versions}}
	for i, run := range runs {
		sealed, err := sealedJSON(ctx, run.history, codec)
		if err != nil {
			return nil, err
		}
		files = append(files, file{fmt.Sprintf("%s/%d-%s.json", historyFolder, i+1, run.id), sealed})
	}
	return files, nil
}

// run is the history of one run. Its id stands beside it: a history that a reset made
// names the run that it was copied from.
type run struct {
	id      string
	history *historypb.History
}

// runs are the histories of a workflow's chain, the first run first: from the latest
// back, as earlier ones may be gone with the namespace's retention. A run that a reset
// made begins with a copy of the one that it was made from.
func (c Cluster) runs(ctx context.Context, info *workflowpb.WorkflowExecutionInfo) ([]run, error) {
	id, latest := info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId()
	var all []run
	for next := latest; next != ""; {
		history, err := c.download(ctx, id, next)
		if errors.Is(err, errGone) && next != latest {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, run{next, history})
		next = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	slices.Reverse(all)
	return all, nil
}

// sealedJSON is a history as it is downloaded. A payload that lies open, as one
// that a person sent without the codec, is sealed here.
func sealedJSON(ctx context.Context, history *historypb.History, codec *worker.Codec) ([]byte, error) {
	seal := func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
		return sealOpen(payloads, codec)
	}
	if err := proxy.VisitPayloads(ctx, history, proxy.VisitPayloadsOptions{Visitor: seal, SkipSearchAttributes: true}); err != nil {
		return nil, err
	}
	return temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(history)
}

func sealOpen(payloads []*commonpb.Payload, codec *worker.Codec) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		sealed[i] = p
		if worker.IsSealed(p) || !holdsData(p) {
			continue
		}
		made, err := codec.Encode([]*commonpb.Payload{p})
		if err != nil {
			return nil, err
		}
		sealed[i] = made[0]
	}
	return sealed, nil
}

// timeline is the text that a person reads first.
func (c Cluster) timeline(ctx context.Context, info *workflowpb.WorkflowExecutionInfo, runs []run, codec *worker.Codec, now time.Time) string {
	var text strings.Builder
	id := info.GetExecution().GetWorkflowId()
	say(&text, "%s, %s, as of %s", id, c.Target, now.Format(time.RFC3339))
	say(&text, "Temporal says: %s; %s\n", strings.ToLower(info.GetStatus().String()), shown(info.GetSearchAttributes()))
	text.WriteString(c.details(ctx, id))
	for i, run := range runs {
		say(&text, "\nRun %d of %d, %s, times in UTC\n", i+1, len(runs), run.id)
		text.WriteString(tell(run.history, codec))
	}
	return text.String()
}

// details is what the workflow shows of itself in the Web UI, in Markdown; it holds
// no PIN and no guest's name.
func (c Cluster) details(ctx context.Context, id string) string {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var metadata sdkpb.WorkflowMetadata
	answer, err := c.Client.QueryWorkflow(ctx, id, "", metadataQuery)
	if err == nil {
		err = answer.Get(&metadata)
	}
	if err != nil {
		return "The workflow itself could not be asked: no worker answered in time.\n"
	}
	return metadata.GetCurrentDetails()
}

// versions is which programs took part, as JSON.
func (c Cluster) versions(ctx context.Context, info *workflowpb.WorkflowExecutionInfo, now time.Time) ([]byte, error) {
	server, err := c.Client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	if err != nil {
		return nil, fmt.Errorf("%s does not tell its version: %w", c.Target, err)
	}
	return json.MarshalIndent(struct {
		Build
		Server     string    `json:"temporal_server"`
		Address    string    `json:"temporal_address"`
		Namespace  string    `json:"namespace"`
		TaskQueue  string    `json:"task_queue"`
		WorkflowID string    `json:"workflow_id"`
		WrittenAt  time.Time `json:"written_at"`
	}{BuildOf(), server.GetServerVersion(), c.Target.HostPort, c.Target.Namespace, info.GetTaskQueue(), info.GetExecution().GetWorkflowId(), now}, "", "  ")
}
