// This file gives activities to a worker that lacks the payload key: it can open
// neither their input nor say why in words that anybody else can read.

package e2e

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

func TestActivitiesFailedForLackOfTheKey_DoNotEndTheStay(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true})
	id := workflows.ReservationWorkflowID("POISONED")
	s.startWorkflowsOnly()
	s.put("POISONED", stayFrom(inSeconds(1), time.Hour, "432426", frontDoor))
	s.awaitEvents(id, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, 1)
	run := s.runID(id)
	stranger := s.startWorker(stack.NewKeys("another"))
	s.awaitEvents(id, enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED, 1)
	stranger()

	s.startWorker(s.CodecKeys)
	s.awaitStatus("POISONED", "ready")
	s.awaitOpens(frontDoor, "432426", true)
	if s.runID(id) != run {
		t.Error("the stay is another run than it was")
	}
}

// startWorkflowsOnly starts a worker that has the key and leaves the activities
// to others.
func (s *system) startWorkflowsOnly() {
	s.Helper()
	keys, err := worker.ParseKeys(s.CodecKeys)
	if err != nil {
		s.Fatal(err)
	}
	codec, err := worker.NewCodec(keys, worker.PanicInWorker)
	if err != nil {
		s.Fatal(err)
	}
	client, err := worker.Dial(s.Context(), worker.Config{HostPort: s.Addresses.Temporal, Namespace: s.Namespace, Codec: codec})
	if err != nil {
		s.Fatal(err)
	}
	stays := sdkworker.New(client, workflows.TaskQueue, sdkworker.Options{LocalActivityWorkerOnly: true})
	workflows.Register(stays)
	if err := stays.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { stays.Stop(); client.Close() })
}
