// This file takes workers away: one that lacks the key, none at all, and one that
// is killed between two doors.

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestWorkerWithoutTheKey_LosesNeitherAStartNorASignal(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	id := workflows.ReservationWorkflowID("SEALED")
	b := stayFrom(time.Now().Add(2*time.Second), time.Hour, "432426", frontDoor)
	s.put("SEALED", b)
	stranger := s.startWorker(stack.NewKeys("another"))
	s.awaitFailedTask(id)
	stranger()
	own := s.startWorker(s.CodecKeys)
	s.awaitStatus("SEALED", "ready")
	own()

	s.put("SEALED", b.with(2, booking{"pin": map[string]any{"mode": "supplied", "code": "738495"}}))
	failed := count(s.history(id, ""), enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED)
	stranger = s.startWorker(stack.NewKeys("another"))
	s.await("the task with the signal fails", func() (bool, string) {
		return count(s.history(id, ""), enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED) > failed, ""
	})
	stranger()
	if !s.isRunning(id) {
		t.Fatal("the workflow ended on a signal that could not be opened")
	}
	s.startWorker(s.CodecKeys)
	s.awaitOpens(frontDoor, "738495", true)
	s.awaitOpens(frontDoor, "432426", false)
}

func (s *system) awaitFailedTask(id string) {
	s.Helper()
	s.await("the workflow task fails and the workflow stays", func() (bool, string) {
		return count(s.history(id, ""), enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED) > 0 && s.isRunning(id), ""
	})
}

func (s *system) startWorker(keys string) (stop func()) {
	s.Helper()
	stop, err := s.StartWorker(s.Context(), keys)
	if err != nil {
		s.Fatal(err)
	}
	return stop
}

func TestNoWorker_PutIsDurableAndGetSaysThatItIsStale(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	s.put("ALONE", stayFrom(time.Now().Add(3*time.Second), time.Hour, "432426", frontDoor))
	if d := s.get("ALONE"); !d.Stale || d.Status != "pending" {
		t.Errorf("without a worker GET answers %+v", d)
	}
	status, header, answer := s.call(http.MethodGet, "/v1/reservations/ALONE/pin", nil)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("without a worker the PIN is answered with %d, Retry-After %q: %s", status, header.Get("Retry-After"), answer)
	}
	s.startWorker(s.CodecKeys)
	s.awaitOpens(frontDoor, "432426", true)
	s.awaitStatus("ALONE", "ready")
}

func TestWorkerKilledBetweenTheDoors_EndsWithAFreshPINOnBoth(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	program := s.build()
	first := s.run(program)
	// The second door is slow, so that its write is under way when somebody else
	// takes the code there and the worker dies.
	s.Sim.SetFaults(flatDoor, nukisim.Faults{LatencyMin: 2000, LatencyMax: 2000, WebhookDelay: 10})
	s.put("KILLED", stayFrom(time.Now().Add(6*time.Second), time.Hour, "", frontDoor, flatDoor))
	s.await("the first door has the PIN", func() (bool, string) { return len(s.table(frontDoor)) > 0, "" })
	clashing := s.table(frontDoor)[0].PIN
	s.Sim.AddForeign(flatDoor, "Cleaner", clashing, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	kill(t, first)
	second := s.run(program)
	defer kill(t, second)
	// Nothing but the 30 s of an attempt tells the server that its worker died.
	s.awaitWithin(90*time.Second, "both doors are ready", func() (bool, string) {
		d := s.get("KILLED")
		return d.Status == "ready", fmt.Sprintf("%+v", d)
	})

	pin := s.ownPIN(frontDoor)
	if pin == clashing || s.ownPIN(flatDoor) != pin {
		t.Errorf("front door %s, flat %s, the clashing PIN was %s", pin, s.ownPIN(flatDoor), clashing)
	}
	s.await("the old PIN is gone from the first door", func() (bool, string) { return len(s.table(frontDoor)) == 1, "" })
	if !s.Sim.Opens(flatDoor, clashing, time.Now()) {
		t.Error("the cleaner's code was touched")
	}
}

// ownPIN is the PIN of the newest entry of ours on a lock.
func (s *system) ownPIN(lock int64) string {
	pin := ""
	for _, entry := range s.table(lock) {
		if entry.Name != "Cleaner" {
			pin = entry.PIN
		}
	}
	return pin
}

// build builds the program as it is shipped.
func (s *system) build() string {
	s.Helper()
	return s.buildFrom(".")
}

// buildFrom builds the program in a folder of the repository.
func (s *system) buildFrom(folder string) string {
	s.Helper()
	program := filepath.Join(s.TempDir(), "program")
	build := exec.CommandContext(s.Context(), "go", "build", "-o", program, "./"+folder)
	build.Dir = filepath.Join("..", "..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		s.Fatalf("%v: %s", err, output)
	}
	return program
}

// run starts a worker as a process of its own.
func (s *system) run(program string) *exec.Cmd {
	s.Helper()
	worker := exec.Command(program, "worker")
	worker.Env = append(os.Environ(),
		"TEMPORAL_ADDRESS="+s.Addresses.Temporal, "TEMPORAL_NAMESPACE="+s.Namespace, "KEYSTAY_CODEC_KEYS="+s.CodecKeys,
		"KEYSTAY_NUKI_URL="+s.Nuki, "KEYSTAY_NUKI_TOKEN="+s.NukiToken, "KEYSTAY_NUKI_REQUESTS_PER_SECOND=50")
	if err := worker.Start(); err != nil {
		s.Fatal(err)
	}
	return worker
}

// kill takes a process away without a word.
func kill(t *testing.T, process *exec.Cmd) {
	t.Helper()
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait()
}
