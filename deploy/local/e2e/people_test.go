// This file is what people type, at the program as it is shipped: status and list.
// The other commands are in people_replay_test.go and people_incident_test.go.

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/deploy/local/stack"
)

// terminal is somebody who types commands against a running system.
type terminal struct {
	*system
	program string
	env     []string
}

// terminal builds the program and sets its environment as for this system.
func (s *system) terminal() terminal {
	s.Helper()
	return terminal{s, s.build(), []string{
		"TEMPORAL_ADDRESS=" + s.Addresses.Temporal, "TEMPORAL_NAMESPACE=" + s.Namespace, "KEYSTAY_CODEC_KEYS=" + s.CodecKeys,
		"KEYSTAY_API_URL=" + s.API, "KEYSTAY_API_TOKEN=" + s.APIToken,
		"KEYSTAY_NUKI_URL=" + s.Nuki, "KEYSTAY_NUKI_TOKEN=" + s.NukiToken,
	}}
}

// with is the same with other variables.
func (t terminal) with(env ...string) terminal {
	t.env = append(slices.Clone(t.env), env...)
	return t
}

// types runs a command line of the program.
func (t terminal) types(line ...string) (code int, out, errOut string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), t.program, line...)
	command.Env = append(os.Environ(), t.env...)
	command.Dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// wants runs a command line and checks its exit code and words in what it printed
// on both.
func (t terminal) wants(code int, words []string, line ...string) (out string) {
	t.Helper()
	got, out, errOut := t.types(line...)
	if got != code {
		t.Errorf("keystay %s: exit %d, want %d: %s%s", strings.Join(line, " "), got, code, out, errOut)
	}
	for _, word := range words {
		if !strings.Contains(out+errOut, word) {
			t.Errorf("keystay %s: said %s%s, want %q in it", strings.Join(line, " "), out, errOut, word)
		}
	}
	return out
}

func TestPeople_StatusShowsAReservation(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	person := s.terminal()
	s.put("SHOWN", stayFrom(inSeconds(2), time.Hour, "432426", frontDoor))
	s.put("BROKEN", stayFrom(inSeconds(6), time.Hour, "", unknownDoor))
	s.awaitStatus("SHOWN", "ready")
	s.awaitAttention("BROKEN", "lock_unknown")

	out := person.wants(0, []string{"SHOWN: ready", "apt-4", "attention  none", fmt.Sprint(frontDoor, " set"), "confirmed to reread", "next", "reservation-SHOWN, running"}, "status", "SHOWN")
	if strings.Contains(out, "432426") || strings.Contains(out, "Anna") {
		t.Errorf("the text has a PIN or a name: %s", out)
	}
	person.wants(0, []string{"attention", "lock_unknown", fmt.Sprint(unknownDoor)}, "status", "BROKEN")
	late := stayFrom(inSeconds(2), time.Hour, "738495", frontDoor)
	s.put("LATE", late.with(5, nil))
	s.put("LATE", late.with(4, nil))
	s.put("LATE", late.with(5, booking{"unit": "apt-5"}))
	s.await("both messages are taken in", func() (bool, string) {
		view := s.view("LATE")
		return view.Ignored != nil && view.Warning != "", fmt.Sprintf("%+v", view.Ignored)
	})
	person.wants(0, []string{"warning    same_version_other_content", "ignored    a message of version 4"}, "status", "LATE")
	var document struct{ ID, Status string }
	if err := json.Unmarshal([]byte(person.wants(0, nil, "status", "SHOWN", "-json")), &document); err != nil || document.ID != "SHOWN" || document.Status != "ready" {
		t.Errorf("as JSON: %v, %+v", err, document)
	}
	person.wants(1, []string{`no reservation "NOBODY" is known`, "keystay list"}, "status", "NOBODY")
	person.wants(1, []string{"1 to 64 letters"}, "status", "no/id")
	person.with("KEYSTAY_API_TOKEN=wrong").wants(1, []string{"refuses the token", "KEYSTAY_API_TOKEN"}, "status", "SHOWN")
	person.with("KEYSTAY_API_URL="+s.Nuki).wants(1, []string{"is not Keystay's API", "KEYSTAY_API_URL"}, "status", "SHOWN")
	person.with("KEYSTAY_API_URL=http://127.0.0.1:1").wants(1, []string{"does not answer", "keystay api"}, "status", "SHOWN")

	stop()
	person.wants(0, []string{"No worker answered", "SHOWN: ready", "reservation-SHOWN, running"}, "status", "SHOWN")
}

func TestPeople_ListShowsAllPagesOfWhatFits(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	person := s.terminal()
	const quiet = 103 // More than a page.
	for i := range quiet {
		s.put(fmt.Sprintf("QUIET-%03d", i), stayFrom(inAnHour(), time.Hour, "", flatDoor).with(1, booking{"unit": "annexe"}))
	}
	s.put("LOUD", stayFrom(inSeconds(6), time.Hour, "", unknownDoor))
	s.startWorker(s.CodecKeys)
	s.awaitAttention("LOUD", "lock_unknown")
	listed := func(line ...string) int {
		var all struct{ Reservations []struct{ ID string } }
		out := person.wants(0, nil, append([]string{"list", "-json"}, line...)...)
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatal(err)
		}
		return len(all.Reservations)
	}
	for _, c := range []struct {
		want int
		line []string
	}{
		{quiet + 1, nil}, {quiet, []string{"-unit", "annexe"}}, {1, []string{"--attention"}}, {1, []string{"-attention", "lock_unknown"}},
		{0, []string{"-attention", "no_space"}}, {quiet, []string{"--status", "pending", "--unit=annexe"}},
		{1, []string{"-check-in-before", time.Now().Add(time.Minute).Format(time.RFC3339)}},
		{quiet, []string{"-check-in-after", time.Now().Add(time.Minute).UTC().Format(time.RFC3339)}},
	} {
		s.await(fmt.Sprintf("%v lists %d", c.line, c.want), func() (bool, string) {
			n := listed(c.line...)
			return n == c.want, fmt.Sprint(n)
		})
	}
	person.wants(0, []string{"ID", "ATTENTION", "LOUD", "lock_unknown", "apt-4", fmt.Sprint(unknownDoor)}, "list", "-attention")
	person.wants(0, []string{"no open reservation fits"}, "list", "-attention", "no_space")
	person.wants(1, []string{"status must be one of", "at_risk"}, "list", "-status", "sleepy")
	person.wants(1, []string{"check_in_after must be an RFC 3339 time"}, "list", "-check-in-after", "tomorrow")
}
