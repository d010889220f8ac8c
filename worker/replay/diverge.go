// This file says in one paragraph where this build and a history part.

package replay

import (
	"errors"
	"fmt"
	"strings"

	historypb "go.temporal.io/api/history/v1"
)

// ErrDiverges says that this build takes another course than a history. A stay of
// that history would stop in its next workflow task until a build comes that fits.
var ErrDiverges = errors.New("this build takes another course")

// Divergence is where the two part. It is ErrDiverges.
type Divergence struct {
	// WorkflowID and Type name the workflow, Events is the length of its history.
	WorkflowID, Type string
	Events           int
	// EventID is the event that this build does not lead to; where this build only
	// adds something, the last event before that.
	EventID int64
	// EventType is that event's type in Temporal's words, such as TimerStarted.
	EventType string
	// Story says what the history does there, and what this build does and where.
	Story string
	// SDK is what the replayer itself said; it may be long.
	SDK error
}

// Error is one paragraph.
func (d *Divergence) Error() string {
	return fmt.Sprintf("%s %q (%d events): this build takes another course at event %d, %s: %s. "+
		"A stay that is under way would stop there: guard the change with workflow.GetVersion.",
		d.Type, d.WorkflowID, d.Events, d.EventID, d.EventType, d.Story)
}

// Is makes errors.Is find ErrDiverges.
func (d *Divergence) Is(target error) bool { return target == ErrDiverges }

// Unwrap is the replayer's own error.
func (d *Divergence) Unwrap() error { return d.SDK }

// explain finds the place by comparing, task by task, what the history records
// with what the code did.
func explain(events []*historypb.HistoryEvent, seen *recorder, verdict error) *Divergence {
	d := &Divergence{Events: len(events), SDK: verdict}
	if p := seen.panicked; p != nil {
		d.locate(events, p.task)
		d.Story = fmt.Sprintf("in the workflow task that began there, this build panics%s: %s", where(p.at), firstLine(p.text))
		return d
	}
	recorded, given := commandsOf(events), whole(seen.given(), events)
	for _, task := range tasks(recorded, given) {
		if i, differ := firstDifference(of(task, recorded), of(task, given)); differ {
			d.tell(events, task, i, of(task, recorded), of(task, given))
			return d
		}
	}
	d.locate(events, int64(len(events)))
	d.Story = "the commands agree, yet the replay says: " + firstLine(verdict.Error())
	return d
}

// locate names an event.
func (d *Divergence) locate(events []*historypb.HistoryEvent, id int64) {
	d.EventID = id
	if id > 0 && id <= int64(len(events)) {
		d.EventType = events[id-1].GetEventType().String()
	}
}

// whole are the commands of workflow tasks whose end is in the history: what code
// does in another one cannot be compared.
func whole(given []command, events []*historypb.HistoryEvent) (found []command) {
	ended := map[int64]bool{}
	for _, event := range events {
		ended[event.GetWorkflowTaskCompletedEventAttributes().GetStartedEventId()] = true
	}
	for _, c := range given {
		if ended[c.task] {
			found = append(found, c)
		}
	}
	return found
}

// tasks are the workflow tasks in which there are commands, in order.
func tasks(recorded, given []command) []int64 {
	var all []int64
	next := func(c []command) int64 {
		if len(c) == 0 {
			return 1 << 62
		}
		return c[0].task
	}
	for len(recorded)+len(given) > 0 {
		task := min(next(recorded), next(given))
		all = append(all, task)
		recorded, given = recorded[len(of(task, recorded)):], given[len(of(task, given)):]
	}
	return all
}

// of are the commands of one task.
func of(task int64, commands []command) (found []command) {
	for _, c := range commands {
		if c.task == task {
			found = append(found, c)
		}
	}
	return found
}

func firstDifference(recorded, given []command) (at int, differ bool) {
	for at < len(recorded) && at < len(given) && recorded[at].same(given[at]) {
		at++
	}
	return at, at < len(recorded) || at < len(given)
}

// tell writes the story of one task's commands that differ from place i on.
func (d *Divergence) tell(events []*historypb.HistoryEvent, task int64, i int, recorded, given []command) {
	switch {
	case i >= len(recorded): // This build adds something at the end.
		d.locate(events, lastEvent(task, recorded, events))
		d.Story = fmt.Sprintf("after it this build also %s%s; the history has nothing there", given[i], where(given[i].at))
	case i >= len(given):
		d.locate(events, recorded[i].event)
		d.Story = fmt.Sprintf("there the history %s; this build does not%s", recorded[i], afterwards(given))
	case len(given) > i+1 && recorded[i].same(given[i+1]):
		d.locate(events, recorded[i].event)
		d.Story = fmt.Sprintf("there the history %s; this build first %s%s", recorded[i], given[i], where(given[i].at))
	case len(recorded) > i+1 && recorded[i+1].same(given[i]):
		d.locate(events, recorded[i].event)
		d.Story = fmt.Sprintf("there the history %s; this build leaves that out and %s%s", recorded[i], given[i], where(given[i].at))
	default:
		d.locate(events, recorded[i].event)
		d.Story = fmt.Sprintf("there the history %s; this build %s instead%s", recorded[i], given[i], where(given[i].at))
	}
}

// lastEvent is the last event of a task's commands, or the task's own completion.
func lastEvent(task int64, recorded []command, events []*historypb.HistoryEvent) int64 {
	if len(recorded) > 0 {
		return recorded[len(recorded)-1].event
	}
	for _, event := range events {
		if event.GetWorkflowTaskCompletedEventAttributes().GetStartedEventId() == task {
			return event.GetEventId()
		}
	}
	return task
}

// afterwards says what the code did last, where a command is missing.
func afterwards(given []command) string {
	if len(given) == 0 {
		return ", nor anything else in that workflow task"
	}
	last := given[len(given)-1]
	return fmt.Sprintf(", having done this last: it %s%s", last, where(last.at))
}

func firstLine(text string) string {
	const enough = 300
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > enough {
		line = strings.ToValidUTF8(line[:enough], "") + " …"
	}
	return strings.TrimSuffix(line, ".")
}
