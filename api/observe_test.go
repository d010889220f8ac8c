// This file tests that logs and panics give nothing away.

package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

func logged(fake *fakeTemporal) (Config, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.DebugLevel)
	config := testConfig(fake)
	config.Logger = zap.New(core)
	return config, logs
}

// lines are all log lines with their fields, but for the time that it took.
func lines(logs *observer.ObservedLogs) []string {
	var all []string
	for _, entry := range logs.All() {
		fields := entry.ContextMap()
		delete(fields, "took")
		delete(fields, "stack")
		all = append(all, fmt.Sprint(entry.Level, " ", entry.Message, " ", fields))
	}
	return all
}

func TestLog_NamesRoutesAndNeverWhatWasSent(t *testing.T) {
	fake := &fakeTemporal{disclosure: workflows.Disclosure{PIN: nuki.CodeOf(432426), Proof: workflows.ProofReread, ToldAt: today}}
	config, logs := logged(fake)
	server := newTestServer(t, config)
	token := []string{"Authorization", "Bearer " + testToken}
	send(server, "PUT", path, wholeDocument(), token...)
	send(server, "PUT", path, wholeBut(`"pin": {"mode": "supplied", "code": "127643"}`), token...)
	send(server, "PUT", "/v1/reservations/Anna%20Huber", wholeDocument(), token...)
	send(server, "GET", "/v1/reservations?unit=Huber", "", token...)
	send(server, "GET", path+"/pin", "", token...)
	send(server, "GET", "/Huber/432426", "", token...)
	send(server, "POST", hookPath, someEvent, nuki.SignatureHeader, sign(someEvent))
	send(server, "GET", "/healthz", "")
	want := []string{
		"info request map[method:PUT reservation:TEST-0805 route:/v1/reservations/{id} status:202]",
		"info request map[method:PUT problem:invalid_reservation reservation:TEST-0805 route:/v1/reservations/{id} status:422]",
		"info request map[method:PUT problem:invalid_id route:/v1/reservations/{id} status:400]",
		"info request map[method:GET route:/v1/reservations status:200]",
		"info a PIN was told map[by:api proof:reread reservation:TEST-0805 told_at:2026-07-01 12:00:00 +0000 UTC]",
		"info request map[method:GET reservation:TEST-0805 route:/v1/reservations/{id}/pin status:200]",
		"info request map[method:GET problem:not_found route:none status:404]",
		"info request map[method:POST route:/v1/webhooks/nuki status:200]",
		"debug request map[method:GET route:/healthz status:200]",
	}
	got := lines(logs)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("log:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, secret := range []string{"Huber", "432426", "127643", testToken, testSecret} {
		if strings.Contains(strings.Join(got, "\n"), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

func TestLog_SaysWhyTemporalFailed(t *testing.T) {
	config, logs := logged(&fakeTemporal{signalError: errUnavailable})
	send(newTestServer(t, config), "PUT", path, wholeDocument(), "Authorization", "Bearer "+testToken)
	want := "warn request map[cause:connection refused method:PUT problem:temporal_unavailable reservation:TEST-0805 route:/v1/reservations/{id} status:503]"
	if got := lines(logs); len(got) != 1 || got[0] != want {
		t.Errorf("got %s", got)
	}
}

func TestPanic_IsAnInternalErrorWithoutItsValue(t *testing.T) {
	config, logs := logged(&fakeTemporal{})
	server := newTestServer(t, config)
	handler := server.observed("/panics", func(http.ResponseWriter, *http.Request) error { panic("432426 Anna Huber") })
	server.handler = handler
	answer := send(server, "GET", "/panics", "")
	if strings.Contains(answer.Body.String(), "Huber") {
		t.Error("the answer quotes the panic")
	}
	wantProblem(t, answer, 500, "internal_error")
	got := lines(logs)
	if len(got) != 2 || !strings.Contains(got[0], "value:string") || strings.Contains(strings.Join(got, ""), "Huber") {
		t.Errorf("log %s", got)
	}
}
