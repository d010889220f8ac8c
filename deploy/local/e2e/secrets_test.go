// This file looks for PINs, guests' names and tokens in all that Temporal keeps
// and in all that is logged, after stays with every kind of trouble.

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/workflows"
)

const (
	conflictDoor = int64(18298712182)
	refusedDoor  = int64(18298712183)
)

// secretGuests are names that nothing else in the system is called by.
var secretGuests = []string{"Zacharias Quellwasser", "Jörg Müßiggang"}

func TestSecrets_AppearNowhereInTheClear(t *testing.T) {
	logs := &logBuffer{}
	logger, err := worker.NewLogger("debug", worker.LogJSON, logs)
	if err != nil {
		t.Fatal(err)
	}
	pms, away := startReceiver(t, "pms"), startReceiver(t, "away")
	pms.subscriber.WithPIN = true
	away.subscriber.URL = "http://user:Schlüsselblume@127.0.0.1:1/hook?key=Schlüsselblume"
	options := telling(quickEvents(), pms, away)
	options.NoWorker, options.Logger = true, logger
	options.Locks = []nukisim.LockConfig{{ID: frontDoor}, {ID: flatDoor}, {ID: conflictDoor}, {ID: refusedDoor}}
	s := start(t, options)
	nuki := startEcho(t, s.Nuki)
	s.Nuki = nuki.URL
	stop := s.startWorker(s.CodecKeys)
	ids := s.liveWithTrouble(nuki)
	s.awaitTold(pms, "SEC-GENERATED", activities.AccessRevoked)
	executions := s.executions(2*len(ids) + 4)
	kept, sealed := s.kept(executions), s.opened(executions)
	stop()
	pins, names := nuki.written()
	secrets := append(s.secrets(pins), secret{"a subscriber's secret", pms.subscriber.Secret, true}, secret{"a subscriber's address", "Schlüsselblume", true})
	written := material{"the names on the locks", []byte(strings.Join(names, "\n"))}
	for _, secret := range secrets {
		for _, m := range append(kept, written, material{"the log", logs.Bytes()}) {
			if secret.in(m.content) {
				t.Errorf("%s stands in the clear in %s", secret.what, m.where)
			}
		}
	}
	checkScan(t, secrets, ids, kept, sealed, logs.Bytes())
	checkToldOnlyWhatMayBe(t, pms, ids)
}

// checkToldOnlyWhatMayBe shows that PINs went out to the one who asks for them, and
// no name did.
func checkToldOnlyWhatMayBe(t *testing.T, r *receiver, ids []string) {
	t.Helper()
	pins := 0
	for _, id := range ids {
		for _, event := range r.events(id) {
			text, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range secretGuests {
				for part := range strings.FieldsSeq(name) {
					if bytes.Contains(text, []byte(part)) {
						t.Errorf("%s was told the name %s", id, part)
					}
				}
			}
			if !event.PIN.IsZero() {
				pins++
			}
		}
	}
	if pins == 0 {
		t.Error("no event carried a PIN: the scan proves nothing about them")
	}
}

// checkScan shows that the scan could have failed: what is no secret is found
// in the same places, and the secrets are found once the payloads are opened.
func checkScan(t *testing.T, secrets []secret, ids []string, kept, sealed []material, logged []byte) {
	t.Helper()
	for _, id := range ids {
		clear := secret{what: id, text: id}
		for _, kind := range []string{"history", "description", "list"} {
			if !found(clear, kept, kind) {
				t.Errorf("the scan does not see the id %s in any %s", id, kind)
			}
		}
		if !clear.in(logged) {
			t.Errorf("the scan does not see the id %s in the log", id)
		}
	}
	if !found(secret{text: "Wished: unit apt-4"}, kept, "details") || !bytes.Contains(logged, []byte(`"level":"debug"`)) {
		t.Error("the scan sees no opened details, or no log lines at debug level")
	}
	for _, secret := range secrets {
		if !secret.token && !found(secret, sealed, "opened history") {
			t.Errorf("%s is in no opened history: the scan proves nothing about it", secret.what)
		}
	}
}

func found(secret secret, materials []material, kind string) bool {
	for _, m := range materials {
		if strings.HasPrefix(m.where, kind) && secret.in(m.content) {
			return true
		}
	}
	return false
}

// liveWithTrouble takes stays through disclosure, change, conflict, errors that
// quote what was sent, cancellation and revocation. It answers their ids.
func (s *system) liveWithTrouble(nuki *echo) []string {
	s.Helper()
	soon := time.Now().Add(7 * time.Second)
	guest := func(i int) booking { return booking{"guest": map[string]string{"name": secretGuests[i]}} }
	s.Sim.AddForeign(conflictDoor, "Cleaning", "847362", soon, soon.Add(time.Hour))
	nuki.refuse(refusedDoor, -http.StatusUnprocessableEntity)
	nuki.refuse(flatDoor, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusConflict)

	ends := stayFrom(soon, 2*time.Second, "738495", frontDoor).with(1, guest(0))
	s.put("SEC-ENDS", ends)
	generated := stayFrom(soon, time.Hour, "", frontDoor).with(1, guest(1))
	s.put("SEC-GENERATED", generated)
	s.put("SEC-CONFLICT", stayFrom(soon, time.Hour, "847362", conflictDoor, frontDoor).with(1, guest(0)))
	s.put("SEC-ERRORS", stayFrom(soon, time.Hour, "", flatDoor).with(1, guest(1)))
	s.put("SEC-REFUSED", stayFrom(soon, time.Hour, "583927", refusedDoor).with(1, guest(0)))
	s.ask(http.MethodPut, "/v1/reservations/SEC-BAD", generated.with(1, booking{"pin": map[string]string{"mode": "supplied", "code": "9384756"}}))

	s.awaitStatus("SEC-GENERATED", "ready")
	s.expect(s.ask(http.MethodGet, "/v1/reservations/SEC-GENERATED/pin", nil), http.StatusOK)
	s.put("SEC-GENERATED", generated.with(2, booking{"pin": map[string]string{"mode": "supplied", "code": "629184"}}))
	s.awaitAttention("SEC-CONFLICT", "pin_conflict")
	s.awaitAttention("SEC-REFUSED", "write_refused")
	s.awaitStatus("SEC-ERRORS", "ready")
	s.cancel(workflows.ReservationWorkflowID("SEC-ERRORS"))
	s.expect(s.ask(http.MethodDelete, "/v1/reservations/SEC-GENERATED", nil), http.StatusAccepted)
	s.awaitStatus("SEC-ERRORS", "cancelled")
	s.awaitStatus("SEC-GENERATED", "cancelled")
	s.awaitStatus("SEC-ENDS", "revoked")
	return []string{"SEC-ENDS", "SEC-GENERATED", "SEC-CONFLICT", "SEC-ERRORS", "SEC-REFUSED"}
}

// secret is something that must be nowhere, in the forms that it may take.
type secret struct {
	what, text string
	// token: it has no business in a sealed payload either.
	token bool
}

// secrets are all that must not be found: PINs, names, and what authenticates.
func (s *system) secrets(pins []string) []secret {
	all := []secret{
		{"the API's token", s.APIToken, true}, {"Nuki's token", s.NukiToken, true},
		{"the webhook secret", s.WebhookSecret, true}, {"the payload key", s.CodecKeys[strings.Index(s.CodecKeys, ":")+1:], true},
	}
	for _, pin := range pins {
		all = append(all, secret{what: "the PIN " + pin, text: pin})
	}
	for _, name := range secretGuests {
		for part := range strings.FieldsSeq(name) {
			all = append(all, secret{what: "the name " + part, text: part})
		}
	}
	return all
}

// byChance holds digits and hex that are nobody's, in lower case: ids, times,
// durations.
var byChance = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{20,40}|` +
	`\d{4}-\d\d-\d\dt[0-9:.]+|\d+\.\d+(ns|µs|ms|s|m|h)`)

// in reports whether a text holds the secret, as it is or in base64. A PIN counts
// where its six digits stand alone.
func (x secret) in(content []byte) bool {
	text := strings.ToLower(string(content))
	if regexp.MustCompile(`^[0-9]{6}$`).MatchString(x.text) {
		alone := regexp.MustCompile(`(^|[^0-9])` + x.text + `([^0-9]|$)`)
		if alone.MatchString(byChance.ReplaceAllString(text, " ")) {
			return true
		}
	} else if strings.Contains(text, strings.ToLower(x.text)) {
		return true
	}
	for shift := range 3 {
		if bytes.Contains(content, base64Core(x.text, shift)) {
			return true
		}
	}
	return false
}

// base64Core is what a text looks like in base64, wherever it stands, that many
// bytes after a multiple of three.
func base64Core(text string, shift int) []byte {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), text...))
	return []byte(encoded[(shift*8+5)/6 : (shift+len(text))*8/6])
}

// material is something to be searched.
type material struct {
	where   string
	content []byte
}

// executions are all runs in the namespace, once that many workflows are listed.
func (s *system) executions(workflows int) []*commonpb.WorkflowExecution {
	s.Helper()
	var all []*commonpb.WorkflowExecution
	s.await(fmt.Sprintf("%d workflows are listed", workflows), func() (bool, string) {
		answer, err := s.Temporal.ListWorkflow(s.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace})
		if err != nil {
			s.Fatal(err)
		}
		all = nil
		ids := map[string]bool{}
		for _, info := range answer.GetExecutions() {
			all = append(all, info.GetExecution())
			ids[info.GetExecution().GetWorkflowId()] = true
		}
		return len(ids) >= workflows, fmt.Sprint(ids)
	})
	return all
}

// kept is all that Temporal has of these runs, asked by a client without codec.
func (s *system) kept(executions []*commonpb.WorkflowExecution) []material {
	s.Helper()
	plain, err := client.Dial(client.Options{HostPort: s.Addresses.Temporal, Namespace: s.Namespace})
	if err != nil {
		s.Fatal(err)
	}
	defer plain.Close()
	service := plain.WorkflowService()
	list, err := service.ListWorkflowExecutions(s.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace})
	all := s.both("list", list, err)
	for _, execution := range executions {
		described, err := service.DescribeWorkflowExecution(s.Context(), &workflowservice.DescribeWorkflowExecutionRequest{
			Namespace: s.Namespace, Execution: execution,
		})
		all = append(all, s.both("description of "+execution.GetWorkflowId(), described, err)...)
		for _, event := range s.history(execution.GetWorkflowId(), execution.GetRunId()) {
			where := fmt.Sprintf("history of %s, event %d", execution.GetWorkflowId(), event.GetEventId())
			all = append(all, s.both(where, event, nil)...)
		}
		all = append(all, s.details(plain, execution), s.details(s.Temporal, execution))
	}
	return all
}

// both is a message as its bytes, in which payloads lie as they are, and as JSON.
func (s *system) both(where string, message proto.Message, err error) []material {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	raw, err := proto.Marshal(message)
	if err != nil {
		s.Fatal(err)
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		s.Fatal(err)
	}
	return []material{{where, raw}, {where + ", as JSON", text}}
}

// details is what the Web UI shows of a workflow now. Opened or not, it must hold
// no secret.
func (s *system) details(c client.Client, execution *commonpb.WorkflowExecution) material {
	s.Helper()
	ctx, stop := context.WithTimeout(s.Context(), patience)
	defer stop()
	answer, err := c.QueryWorkflow(ctx, execution.GetWorkflowId(), execution.GetRunId(), "__temporal_workflow_metadata")
	if err != nil {
		s.Fatal(err)
	}
	var raw converter.RawValue
	if err := answer.Get(&raw); err != nil {
		s.Fatal(err)
	}
	return material{"details of " + execution.GetWorkflowId(), raw.Payload().GetData()}
}

// codec opens the payloads of this system.
func (s *system) codec() *worker.Codec { return s.codecOf(s.CodecKeys) }

func (s *system) codecOf(keysText string) *worker.Codec {
	s.Helper()
	keys, err := worker.ParseKeys(keysText)
	if err != nil {
		s.Fatal(err)
	}
	codec, err := worker.NewCodec(keys, worker.ReturnError)
	if err != nil {
		s.Fatal(err)
	}
	return codec
}

// opened are the same histories with their payloads opened.
func (s *system) opened(executions []*commonpb.WorkflowExecution) []material {
	s.Helper()
	codec := s.codec()
	open := func(_ *proxy.VisitPayloadsContext, sealed []*commonpb.Payload) ([]*commonpb.Payload, error) {
		return codec.Decode(sealed)
	}
	var all []material
	for _, execution := range executions {
		whole := &historypb.History{Events: s.history(execution.GetWorkflowId(), execution.GetRunId())}
		err := proxy.VisitPayloads(s.Context(), whole, proxy.VisitPayloadsOptions{Visitor: open, SkipSearchAttributes: true})
		all = append(all, s.both("opened history of "+execution.GetWorkflowId(), whole, err)...)
	}
	return all
}

// logBuffer keeps log lines as they are written.
type logBuffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

// Write implements io.Writer.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(line)
}

// Bytes is all that was written so far.
func (b *logBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.content.Bytes())
}

func TestSecretScan_KnowsASecretFromNumbersThatAreNobodys(t *testing.T) {
	pin, name := secret{text: "738495"}, secret{text: "Quellwasser"}
	for text, want := range map[string]bool{
		`{"code":738495}`: true, `"738495"`: true, "pin=738495&x": true, "Mr QUELLWASSER": true,
		base64.StdEncoding.EncodeToString([]byte(`{"pin":"738495"}`)):   true,
		base64.StdEncoding.EncodeToString([]byte(`{"n":"Quellwasser"`)): true,
		"1738495": false, "2026-07-10T15:00:00.738495Z": false, "12.738495ms": false,
		"f738495e-738495-1234": true, "0a738495-1b2c-4d5e-8f60-738495738495": false, "": false,
	} {
		if got := pin.in([]byte(text)) || name.in([]byte(text)); got != want {
			t.Errorf("%q: found %v, want %v", text, got, want)
		}
	}
}
