// This file tests in which words a divergence is told: the event, the command, the line.

package replay

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// changed is the workflow of testdata/stay.json after a careless change: before,
// instead and after say what it does about its timer, which is event 9, in the
// workflow task that event 7 began.
type changed struct {
	before, instead, after func(workflow.Context)
}

var cityAttribute = temporal.NewSearchAttributeKeyKeyword("City")

func setCity(ctx workflow.Context) {
	_ = workflow.UpsertTypedSearchAttributes(ctx, cityAttribute.ValueSet("Berlin"))
}

func nothing(workflow.Context) {}

func forever(ctx workflow.Context) {
	workflow.GetSignalChannel(ctx, "never").Receive(ctx, nil)
}

func call(ctx workflow.Context) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{ActivityID: "greet-7", StartToCloseTimeout: time.Minute})
	_ = workflow.ExecuteActivity(ctx, "Greet").Get(ctx, nil)
}

func startTimer(ctx workflow.Context) { workflow.NewTimer(ctx, time.Hour) }

func (c changed) workflow(ctx workflow.Context, city string) (string, error) {
	var guest string
	workflow.GetSignalChannel(ctx, "guest").Receive(ctx, &guest)
	c.before(ctx)
	if c.instead != nil {
		c.instead(ctx)
	} else {
		timer := workflow.NewTimer(ctx, time.Hour)
		c.after(ctx)
		_ = timer.Get(ctx, nil)
	}
	return guest + " in " + city, nil
}

func TestDivergence_NamesEventCommandAndLine(t *testing.T) {
	const here = "worker/replay/diverge_test.go:LINE"
	tests := []struct {
		name string
		code changed
		says string // LINE stands for a number
	}{
		{"another command", changed{before: nothing, instead: call},
			"at event 9, TimerStarted: there the history starts a timer; this build starts the activity Greet (greet-7) instead, at " + here},
		{"a command more, before", changed{before: setCity, after: nothing},
			"at event 9, TimerStarted: there the history starts a timer; this build first sets search attributes (City), at " + here},
		{"a command more, after", changed{before: nothing, after: setCity},
			"at event 9, TimerStarted: after it this build also sets search attributes (City), at " + here + "; the history has nothing there"},
		{"a second one of the same kind", changed{before: startTimer, after: nothing},
			"at event 9, TimerStarted: after it this build also starts a timer, at " + here + "; the history has nothing there"},
		{"a command less", changed{before: nothing, instead: forever},
			"at event 9, TimerStarted: there the history starts a timer; this build does not, nor anything else in that workflow task"},
		{"an end too early", changed{before: nothing, instead: nothing},
			"at event 9, TimerStarted: there the history starts a timer; this build completes the workflow instead"},
		{"a panic", changed{before: nothing, instead: func(workflow.Context) { panic("no city") }},
			"at event 7, WorkflowTaskStarted: in the workflow task that began there, this build panics, at " + here + ": no city"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := replayJSON(t.Context(), stayHistory(t), Options{Workflows: registerAs("stayWorkflow", test.code.workflow)})
			said := regexp.MustCompile(`(diverge_test\.go:)[0-9]+`).ReplaceAllString(errorText(err), "${1}LINE")
			if !errors.Is(err, ErrDiverges) || !strings.Contains(said, test.says) {
				t.Errorf("\n got %s\nwant %s", said, test.says)
			}
			if strings.Contains(said, "\n") || len(said) > 600 {
				t.Errorf("that is more than a paragraph: %s", said)
			}
		})
	}
}

// The SDK does not compare the end of the code with the last workflow task of an
// open history; a stay would be closed by such a build.
func TestDivergence_AnEndInTheLastTaskOfAnOpenHistory(t *testing.T) {
	open := cut(stayHistory(t), ",\n{\"eventId\":\"6\"")
	atOnce := func(workflow.Context, string) (string, error) { return "", nil }
	_, err := replayJSON(t.Context(), open, Options{Workflows: registerAs("stayWorkflow", atOnce)})
	const want = "at event 4, WorkflowTaskCompleted: after it this build also completes the workflow; the history has nothing there"
	if !errors.Is(err, ErrDiverges) || !strings.Contains(errorText(err), want) {
		t.Errorf("\n got %s\nwant %s", errorText(err), want)
	}
}

func errorText(err error) string {
	if err == nil {
		return "it replays"
	}
	return err.Error()
}

// What the code did is compared with every golden history: where the recorder saw
// something else than the history records, its explanations would be wrong.
func TestRecorder_SeesWhatAHistoryRecords(t *testing.T) {
	compared := 0
	for _, file := range goldenHistories(t) {
		history := goldenHistory(t, file)
		seen, err := recorded(t, file, history)
		if err != nil {
			t.Fatal(err)
		}
		want, got := commandsOf(history.GetEvents()), whole(seen.given(), history.GetEvents())
		compared += len(want)
		for _, task := range tasks(want, got) {
			if i, differ := firstDifference(of(task, want), of(task, got)); differ {
				t.Errorf("%s: in the task of event %d the code gives %v, the history records %v; they differ at %d",
					file, task, of(task, got), of(task, want), i)
			}
		}
	}
	if compared < 100 {
		t.Errorf("all golden histories have %d commands: does the test still see them?", compared)
	}
}
