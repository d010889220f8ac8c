// This file takes reservations through what a caller does over HTTP: versions,
// withdrawals, statuses, listings, the PIN's own path, and what else is served.

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

func TestPut_WithAPreferenceToWait_AnswersTheEvaluatedDocument(t *testing.T) {
	s := start(t, stack.Options{})
	b := stayFrom(inAnHour(), 2*time.Hour, "432426", frontDoor, flatDoor)
	r := s.putEvaluated("STAY-1", b)
	if got := r.header.Get("Preference-Applied"); got != "wait=3" {
		t.Errorf("Preference-Applied is %q", got)
	}
	stay := b["stay"].(map[string]string)
	s.expectAt(r, map[string]string{
		"id": "STAY-1", "status": "pending", "stale": "false", "version": "1", "pin.mode": "supplied", "pin.disclose_at": "reread",
		"reservation.unit": "apt-4", "reservation.guest.name": "Anna Huber", "reservation.stay.starts_at": stay["starts_at"],
		"window.from": stay["starts_at"], "window.until": stay["ends_at"], "locks.1.status": "unset", "next.action": "wait",
		"workflow.id": "reservation-STAY-1", "workflow.state": "running", "links.pin": "/v1/reservations/STAY-1/pin",
	})
	if strings.Contains(string(r.body), "432426") {
		t.Errorf("the document shows the PIN: %s", r.body)
	}
	s.expect(s.ask(http.MethodPut, "/v1/reservations/STAY-1", b), http.StatusAccepted)
	s.expect(s.reservation("UNHEARD-OF"), http.StatusNotFound)
}

// message is one PUT and what must hold after it.
type message struct {
	version any // nil sends none
	unit    string
	holds   map[string]string
}

func TestVersions_DecideWhichMessageCounts(t *testing.T) {
	parent := start(t, stack.Options{})
	for id, messages := range map[string][]message{
		"NUMBERED": {
			{5, "a", map[string]string{"reservation.unit": "a", "version": "5", "ignored": "", "warning": ""}},
			{4, "b", map[string]string{"reservation.unit": "a", "version": "5", "ignored.version": "4"}},
			{5, "a", map[string]string{"reservation.unit": "a", "version": "5", "warning": ""}},
			{5, "c", map[string]string{"reservation.unit": "c", "version": "5", "warning": "same_version_other_content"}},
			{nil, "d", map[string]string{"reservation.unit": "d", "version": "5", "warning": ""}},
			{6, "e", map[string]string{"reservation.unit": "e", "version": "6", "warning": "", "ignored.version": "4"}},
		},
		"TIMED": {
			{"2026-03-02T10:00:00+01:00", "a", map[string]string{"reservation.unit": "a", "version": "2026-03-02T09:00:00Z"}},
			{"2026-03-02T08:59:59Z", "b", map[string]string{"reservation.unit": "a", "ignored.version": "2026-03-02T08:59:59Z"}},
			{"2026-03-02T09:00:01Z", "c", map[string]string{"reservation.unit": "c", "version": "2026-03-02T09:00:01Z"}},
			{7, "d", map[string]string{"reservation.unit": "d", "warning": "version_kind_changed"}},
		},
		"WITHOUT": {
			{nil, "a", map[string]string{"reservation.unit": "a", "version": "", "ignored": ""}},
			{nil, "b", map[string]string{"reservation.unit": "b", "version": "", "warning": ""}},
		},
	} {
		t.Run(id, func(t *testing.T) {
			s := parent.in(t)
			from := inAnHour()
			for _, m := range messages {
				b := stayFrom(from, time.Hour, "", frontDoor).with(0, booking{"unit": m.unit})
				b["version"] = m.version
				s.expectAt(s.putEvaluated(id, b), m.holds)
			}
		})
	}
}

func TestDelete_HoldsAtItsVersion(t *testing.T) {
	s := start(t, stack.Options{})
	b := stayFrom(inAnHour(), time.Hour, "", frontDoor)
	remove := func(id, query string, status int) {
		t.Helper()
		s.expect(s.ask(http.MethodDelete, "/v1/reservations/"+id+query, nil), status)
	}
	s.putEvaluated("GUEST", b.with(5, booking{}))
	remove("GUEST", "?version=4", http.StatusAccepted)
	s.expectAt(s.reservation("GUEST"), map[string]string{"status": "pending", "ignored.version": "4", "withdrawn": ""})
	remove("GUEST", "?version=6", http.StatusAccepted)
	s.awaitStatus("GUEST", "cancelled")
	s.expectAt(s.reservation("GUEST"), map[string]string{"withdrawn.version": "6", "version": "6"})
	s.expectAt(s.putEvaluated("GUEST", b.with(6, booking{})), map[string]string{"status": "cancelled", "ignored.version": "6"})
	s.expectAt(s.putEvaluated("GUEST", b.with(7, booking{})), map[string]string{"status": "pending", "withdrawn": "", "version": "7"})
	remove("GUEST", "", http.StatusAccepted)
	s.awaitStatus("GUEST", "cancelled")
	s.expectAt(s.putEvaluated("GUEST", b.with(7, booking{})), map[string]string{"status": "cancelled", "withdrawn.version": "7"})
	s.expectAt(s.putEvaluated("GUEST", b.with(8, booking{})), map[string]string{"status": "pending", "version": "8"})

	remove("LATER", "", http.StatusNotFound)
	remove("LATER", "?version=soon", http.StatusBadRequest)
	remove("LATER", "?version=3", http.StatusAccepted)
	s.expectAt(s.putEvaluated("LATER", b.with(2, booking{})), map[string]string{"status": "cancelled", "ignored.version": "2"})
	s.expectAt(s.putEvaluated("LATER", b.with(4, booking{})), map[string]string{"status": "pending", "version": "4"})
}

// Messages that wait for a worker reach the workflow all at once. Their order
// must count as if they had come one by one.
func TestDelete_FollowedByAPutWhileNoWorkerRuns_HoldsBackNobodyWhoBooksAgain(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	for _, c := range []struct {
		id, delete  string
		first, last any
	}{
		{"NUMBERED", "", 5, 6}, {"UNNUMBERED", "", nil, nil}, {"AT-A-VERSION", "?version=6", 5, 7},
	} {
		b := stayFrom(inAnHour(), time.Hour, "", frontDoor)
		b["version"] = c.first
		s.put(c.id, b)
		s.expect(s.ask(http.MethodDelete, "/v1/reservations/"+c.id+c.delete, nil), http.StatusAccepted)
		again := b.with(0, booking{"unit": "again"})
		again["version"] = c.last
		s.put(c.id, again)
	}
	s.startWorker(s.CodecKeys)
	for _, id := range []string{"NUMBERED", "UNNUMBERED", "AT-A-VERSION"} {
		s.awaitStatus(id, "pending")
		s.expectAt(s.reservation(id), map[string]string{"reservation.unit": "again", "withdrawn": "", "ignored": ""})
	}
}

func TestTentativeBooking_IsSentToNoLockUntilItIsConfirmed(t *testing.T) {
	s := start(t, stack.Options{})
	b := stayFrom(time.Now().Add(6*time.Second), time.Hour, "", frontDoor)
	r := s.putEvaluated("MAYBE", b.with(1, booking{"status": "tentative"}))
	s.expectAt(r, map[string]string{"status": "pending", "reservation.status": "tentative"})
	if requests := s.Sim.Stats(frontDoor); len(requests) != 0 {
		t.Errorf("the lock was asked for a tentative booking: %v", requests)
	}
	s.put("MAYBE", b.with(2, booking{}))
	s.awaitStatus("MAYBE", "ready")
	if held := s.table(frontDoor); len(held) != 1 || !held[0].Whole {
		t.Errorf("the lock holds %+v", held)
	}
	s.put("MAYBE", b.with(3, booking{"status": "tentative"}))
	s.awaitEmpty(frontDoor)
	s.awaitStatus("MAYBE", "pending")
}

func TestList_FindsReservationsByWhatPeopleAskFor(t *testing.T) {
	s := start(t, stack.Options{})
	from := inAnHour()
	unit := func(name string) booking { return booking{"unit": name} }
	s.put("L-EARLY", stayFrom(from, time.Hour, "", frontDoor).with(1, unit("red")))
	s.put("L-LATE", stayFrom(from.Add(24*time.Hour), time.Hour, "", frontDoor).with(1, unit("blue house")))
	s.put("L-OFF", stayFrom(from, time.Hour, "", frontDoor).with(1, booking{"unit": "red", "status": "cancelled"}))
	s.put("L-TROUBLE", stayFrom(time.Now().Add(7*time.Second), time.Hour, "", unknownDoor).with(1, unit("red")))
	s.awaitAttention("L-TROUBLE", "lock_unknown")
	for query, want := range map[string][]string{
		"":                        {"L-EARLY", "L-LATE", "L-OFF", "L-TROUBLE"},
		"status=pending":          {"L-EARLY", "L-LATE"},
		"status=cancelled":        {"L-OFF"},
		"unit=blue house":         {"L-LATE"},
		"unit=red&status=pending": {"L-EARLY"},
		"attention=any":           {"L-TROUBLE"},
		"attention=lock_unknown":  {"L-TROUBLE"},
		"attention=no_space":      {},
		"check_in_before=" + from.Add(time.Minute).Format(time.RFC3339):                {"L-EARLY", "L-OFF", "L-TROUBLE"},
		"check_in_after=" + from.Add(time.Minute).UTC().Format(time.RFC3339):           {"L-LATE"},
		"status=pending&check_in_before=" + from.Add(time.Minute).Format(time.RFC3339): {"L-EARLY"},
	} {
		s.await("the list with "+query+" is "+fmt.Sprint(want), func() (bool, string) {
			found := s.listed(values(query))
			return slices.Equal(found, want), fmt.Sprint(found)
		})
	}
	for _, query := range []string{"status=sleepy", "attention=NOT A WORD", "check_in_before=tomorrow", "page=?"} {
		r := s.ask(http.MethodGet, "/v1/reservations?"+values(query).Encode(), nil)
		s.expect(r, http.StatusBadRequest)
		s.expectProblem(r, "invalid_parameter")
	}
}

// values are parameters as they are read; a caller escapes them.
func values(query string) url.Values {
	all := url.Values{}
	for part := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			all.Set(name, value)
		}
	}
	return all
}

func TestPIN_IsToldOnceItIsProvenAndThatIsRecorded(t *testing.T) {
	s := start(t, stack.Options{})
	pending := stayFrom(inAnHour(), time.Hour, "", flatDoor).with(1, booking{"pin": booking{"disclose_at": "reread"}})
	s.putEvaluated("FAR", pending)
	r := s.ask(http.MethodGet, "/v1/reservations/FAR/pin", nil)
	s.expect(r, http.StatusConflict)
	s.expectProblem(r, "pin_not_ready")
	s.expectAt(r, map[string]string{"proof": "none", "disclose_at": "reread"})
	if when := r.text("available_when"); !strings.Contains(when, "when provisioning has begun") {
		t.Errorf("available_when is %q", when)
	}

	b := stayFrom(time.Now().Add(6*time.Second).Truncate(time.Second), time.Hour, "", frontDoor).with(1, booking{"pin": booking{"disclose_at": "reread"}})
	s.Sim.SetOffline(frontDoor, true)
	s.putEvaluated("NEAR", b)
	r = s.ask(http.MethodGet, "/v1/reservations/NEAR/pin", nil)
	s.expect(r, http.StatusConflict)
	s.Sim.SetOffline(frontDoor, false)
	s.awaitStatus("NEAR", "ready")
	if told := s.reservation("NEAR").at("pin.told_at"); told != nil {
		t.Errorf("told_at is %v before anybody asked", told)
	}
	s.expectTold("NEAR", b, frontDoor)
	s.expect(s.ask(http.MethodGet, "/v1/reservations/UNHEARD-OF/pin", nil), http.StatusNotFound)
}

// expectTold asks for the PIN, which must be the one that the keypad obeys, and
// expects that it is recorded as told from then on.
func (s *system) expectTold(id string, b booking, lock int64) {
	s.Helper()
	r := s.ask(http.MethodGet, "/v1/reservations/"+id+"/pin", nil)
	s.expect(r, http.StatusOK)
	stay := b["stay"].(map[string]string)
	s.expectAt(r, map[string]string{
		"pin": s.table(lock)[0].PIN, "valid_from": stay["starts_at"], "valid_until": stay["ends_at"], "proof": "reread",
	})
	if r.header.Get("Cache-Control") != "no-store" {
		s.Error("the answer with the PIN may be stored")
	}
	first := r.text("told_at")
	s.expectAt(s.reservation(id), map[string]string{"pin.told_at": first, "pin.disclosable": "true"})
	s.expectAt(s.ask(http.MethodGet, "/v1/reservations/"+id+"/pin", nil), map[string]string{"told_at": first})
}

func TestWithoutAWorker_MessagesAreKeptAndAnswersSaySo(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	b := stayFrom(time.Now().Add(20*time.Second), time.Hour, "432426", frontDoor)
	s.put("WAITING", b)
	s.expect(s.ask(http.MethodPut, "/v1/reservations/WAITING", b.with(2, booking{"unit": "apt-5"}), "Prefer", "wait=1"), http.StatusAccepted)
	s.expect(s.ask(http.MethodDelete, "/v1/reservations/GONE?version=3", nil), http.StatusAccepted)

	r := s.reservation("WAITING")
	s.expect(r, http.StatusOK)
	s.expectAt(r, map[string]string{"stale": "true", "status": "pending", "unit": "apt-4", "workflow.state": "running"})
	if !strings.Contains(r.text("note"), "No worker answered") {
		t.Errorf("the note is %q", r.text("note"))
	}
	r = s.ask(http.MethodGet, "/v1/reservations/WAITING/pin", nil)
	s.expect(r, http.StatusServiceUnavailable)
	s.expectProblem(r, "no_worker")
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After says when to ask again")
	}
	if requests := s.Sim.Stats(frontDoor); len(requests) != 0 {
		t.Errorf("somebody asked the lock without a worker: %v", requests)
	}

	s.startWorker(s.CodecKeys)
	s.awaitStatus("WAITING", "ready")
	s.expectAt(s.reservation("WAITING"), map[string]string{"stale": "false", "version": "2", "reservation.unit": "apt-5"})
	s.awaitStatus("GONE", "cancelled")
	s.expectAt(s.ask(http.MethodGet, "/v1/reservations/WAITING/pin", nil), map[string]string{"pin": "432426"})
}

func TestCodecServer_ShowsPayloadsToTheWebUIOnly(t *testing.T) {
	s := startWithUI(t, frontDoor)
	s.putEvaluated("SHOWN", stayFrom(inAnHour(), time.Hour, "432426", frontDoor))
	payloads := s.sealedSignal("SHOWN")
	decode := func(origin string) reply {
		return s.send(request{method: http.MethodPost, path: "/codec/decode", body: payloads, headers: map[string]string{
			"Origin": origin, "Content-Type": "application/json", "X-Namespace": s.Namespace,
		}})
	}
	r := decode(s.UI)
	s.expect(r, http.StatusOK)
	if got := r.header.Get("Access-Control-Allow-Origin"); got != s.UI {
		t.Errorf("the Web UI's page may not read the answer: %q", got)
	}
	if shown := opened(t, r.body); !strings.Contains(shown, "Anna Huber") || !strings.Contains(shown, "432426") {
		t.Errorf("the codec server decoded to %s", shown)
	}
	r = decode("http://elsewhere.example")
	s.expect(r, http.StatusForbidden)
	if r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another page may read the answer")
	}
	r = s.send(request{method: http.MethodOptions, path: "/codec/decode", headers: map[string]string{
		"Origin": s.UI, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace",
	}})
	s.expect(r, http.StatusNoContent)
	if allowed := strings.ToLower(r.header.Get("Access-Control-Allow-Headers")); !strings.Contains(allowed, "x-namespace") {
		t.Errorf("the Web UI may not send its headers: %q", allowed)
	}
}

// sealedSignal is the payload of a reservation's first message as the Web UI
// sends it to the codec server.
func (s *system) sealedSignal(id string) string {
	s.Helper()
	for _, event := range s.history(workflows.ReservationWorkflowID(id), "") {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			sealed, err := protojson.Marshal(event.GetWorkflowExecutionSignaledEventAttributes().GetInput())
			if err != nil {
				s.Fatal(err)
			}
			return string(sealed)
		}
	}
	s.Fatal("the reservation got no signal")
	return ""
}

// opened is the data of the payloads that a codec server answered.
func opened(t *testing.T, body []byte) string {
	t.Helper()
	var answer struct{ Payloads []struct{ Data []byte } }
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Payloads) != 1 {
		t.Fatalf("the codec server answered %s, %v", body, err)
	}
	return string(answer.Payloads[0].Data)
}

func TestHealth_CountsWebhooksAndSaysWhenTemporalAnswers(t *testing.T) {
	s := start(t, stack.Options{})
	before := s.health()
	s.put("HEALTHY", stayFrom(time.Now().Add(4*time.Second), time.Hour, "", frontDoor))
	s.awaitStatus("HEALTHY", "ready")
	s.webhook(`{"feature":"DEVICE_STATUS","smartlockId":5,"state":1}`)
	s.webhook(`{"feature":"ACCOUNT_USER","accountUserId":7}`)
	s.expect(s.send(request{method: http.MethodPost, path: "/v1/webhooks/nuki", body: "{}"}), http.StatusUnauthorized)
	s.await("the webhooks are counted", func() (bool, string) {
		now := s.health()
		return now["accepted"] == before["accepted"]+3 && now["unknown_lock"] == 1 && now["ignored"] == 1 && now["bad_signature"] == 1, fmt.Sprint(now)
	})
	s.expectAt(s.send(request{method: http.MethodGet, path: "/readyz"}), map[string]string{"status": "ready"})
	if r := s.send(request{method: http.MethodGet, path: "/openapi.yaml"}); r.status != http.StatusOK || !strings.Contains(string(r.body), "openapi: 3") {
		t.Errorf("/openapi.yaml is answered with %d: %.100s", r.status, r.body)
	}
}
