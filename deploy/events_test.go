// This file tests that events.md says what the code does.

package deploy_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/workflows"
)

func TestEvents_PageListsTheTypesOfTheCode(t *testing.T) {
	var want []string
	for _, kind := range activities.EventKinds {
		by := "reservation"
		if kind.ByLock {
			by = "lock"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", kind.Type, kind.Says, by))
	}
	var got []string
	for line := range strings.Lines(readFile(t, "events.md")) {
		if regexp.MustCompile("^\\| `(access|access_code|device)\\.").MatchString(line) {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("events.md lists\n%s\nthe code has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// blocks are the fenced blocks of a language.
func blocks(text, language string) []string {
	var all []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func TestEvents_PageShowsDocumentsAndFilesThatTheCodeReads(t *testing.T) {
	documents, files := 0, 0
	for _, block := range blocks(readFile(t, "events.md"), "json") {
		if strings.Contains(block, `"subscribers"`) {
			files++
			if _, err := activities.ParseSubscribers(strings.NewReader(block)); err != nil {
				t.Errorf("%v: %s", err, block)
			}
			continue
		}
		documents++
		checkDocument(t, block)
	}
	if documents < 2 || files < 2 {
		t.Errorf("%d documents and %d files of subscribers: does the test still see them?", documents, files)
	}
}

// checkDocument holds an example against the type that is sent: no field more,
// and written again it is the same.
func checkDocument(t *testing.T, text string) {
	t.Helper()
	var event activities.Event
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		t.Errorf("%v: %s", err, text)
		return
	}
	if !slices.ContainsFunc(activities.EventKinds, func(kind activities.EventKind) bool { return kind.Type == event.Type }) {
		t.Errorf("%s is no event", event.Type)
	}
	again, err := json.Marshal(event)
	var shown, written any
	if err != nil || json.Unmarshal([]byte(text), &shown) != nil || json.Unmarshal(again, &written) != nil || fmt.Sprint(shown) != fmt.Sprint(written) {
		t.Errorf("the page shows %s\nand the code writes %s (%v)", text, again, err)
	}
	if event.PIN.IsZero() == event.Type.CarriesPIN() {
		t.Errorf("%s with a PIN: %v", event.Type, !event.PIN.IsZero())
	}
}

func TestEvents_PageSaysHowLongIsTried(t *testing.T) {
	policy, page := workflows.DefaultEventsPolicy(), readFile(t, "events.md")
	var pauses []string
	for _, pause := range policy.Spacing {
		pauses = append(pauses, regexp.MustCompile(`([hm])(0[ms])+$`).ReplaceAllString(pause.String(), "$1"))
	}
	last := len(pauses) - 1
	if want := "are " + strings.Join(pauses[:last], ", ") + " and then " + pauses[last] + " each"; !strings.Contains(page, want) {
		t.Errorf("events.md does not say that the pauses %s", want)
	}
	for _, c := range []struct {
		value workflows.Duration
		is    string
		says  string
	}{
		{policy.Patience, "24h0m0s", "tries for a day"}, {policy.PatienceRefused, "1h0m0s", "tries for an hour"},
		{policy.Late, "15m0s", "waiting for 15 minutes"}, {policy.Keep, "168h0m0s", "kept for a week"}, {policy.Idle, "1h0m0s", "ends by itself an hour after"},
	} {
		if c.value.String() != c.is || !strings.Contains(page, c.says) {
			t.Errorf("events.md should say %q, and the code has %s", c.says, c.value)
		}
	}
}

func TestEvents_PageExplainsEveryReasonForAttention(t *testing.T) {
	page := readFile(t, "events.md")
	for _, word := range []workflows.Attention{workflows.AttentionReceiverDown, workflows.AttentionReceiverGone, workflows.AttentionUndelivered} {
		if !strings.Contains(page, "| `"+string(word)+"` |") {
			t.Errorf("events.md does not explain %s", word)
		}
	}
	for _, name := range []string{workflows.UpdateRedeliver.Name, workflows.QueryEvents.Name, workflows.EventsWorkflowType, workflows.EventsWorkflowID("BK-1")} {
		if !strings.Contains(page, name) {
			t.Errorf("events.md does not name %s", name)
		}
	}
	for _, status := range []int{http.StatusGone, http.StatusTooManyRequests} {
		if !strings.Contains(page, fmt.Sprintf("| %d", status)) {
			t.Errorf("events.md does not say what happens at %d", status)
		}
	}
}
