// This file lets everything happen while no worker runs: what was wished meanwhile
// is carried out when one comes, and nothing that was taken back is.

package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestNoWorker_WhatWasWishedMeanwhileIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true})
	b := stayFrom(inSeconds(2), time.Hour, "432426", frontDoor)
	s.put("CHANGED", b)
	s.put("CHANGED", b.with(3, booking{"pin": map[string]any{"mode": "supplied", "code": "738495"}}))
	s.put("CHANGED", b.with(2, booking{"unit": "older"}))
	s.put("REVIVED", stayFrom(inSeconds(2), time.Hour, "869574", frontDoor))
	s.withdraw("REVIVED")
	s.put("REVIVED", stayFrom(inSeconds(2), time.Hour, "869574", frontDoor).with(2, nil))
	off := stayFrom(inSeconds(2), time.Hour, "594837", flatDoor)
	s.put("DELETED", off)
	s.withdraw("DELETED")
	s.put("STOPPED", off)
	s.cancel(workflows.ReservationWorkflowID("STOPPED"))

	s.startWorker(s.CodecKeys)
	s.awaitOpens(frontDoor, "738495", true)
	s.awaitStatus("CHANGED", "ready")
	d := s.get("CHANGED")
	if d.Ignored == nil || fmt.Sprint(d.Ignored.Version) != "2" || fmt.Sprint(d.Version) != "3" {
		t.Errorf("version %v is in force and %+v was ignored", d.Version, d.Ignored)
	}
	if s.Sim.Opens(frontDoor, "432426", time.Now()) {
		t.Error("the PIN that was replaced before anybody took it in opens")
	}
	s.awaitOpens(frontDoor, "869574", true)
	s.awaitStatus("REVIVED", "ready")
	for _, id := range []string{"DELETED", "STOPPED"} {
		s.awaitStatus(id, "cancelled")
	}
	if sent := s.Sim.Stats(flatDoor)["create"]; sent != 0 {
		t.Errorf("%d creates were sent for stays that were off before a worker ran", sent)
	}
	for _, id := range []string{"CHANGED", "REVIVED", "DELETED", "STOPPED"} {
		s.checkTidy(workflows.ReservationWorkflowID(id))
	}
}

// withdraw deletes a reservation at its last version.
func (s *system) withdraw(id string) {
	s.Helper()
	s.expect(s.ask(http.MethodDelete, "/v1/reservations/"+id, nil), http.StatusAccepted)
}

func TestWorkerAway_AllThroughTheStay_EndsItAtOnceWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoWorker: true})
	stop := s.startWorker(s.CodecKeys)
	end := inSeconds(9)
	s.put("SLEPT", stayFrom(inSeconds(1), time.Until(end), "", frontDoor).with(1, nil))
	s.awaitStatus("SLEPT", "ready")
	pin := s.onlyPIN(frontDoor)
	stop()
	s.await("the stay is over", func() (bool, string) { return time.Now().After(end.Add(time.Second)), "" })
	if s.Sim.Opens(frontDoor, pin, time.Now()) {
		t.Error("without a worker the window does not close by itself")
	}
	s.startWorker(s.CodecKeys)
	s.awaitEmpty(frontDoor)
	s.awaitStatus("SLEPT", "revoked")
	s.checkTidy(workflows.ReservationWorkflowID("SLEPT"))
}
