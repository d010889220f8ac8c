// This file tests the logger that Temporal is given, and that secrets do not print in it.

package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// secret hides itself from fmt and shows in JSON, as a PIN does.
type secret struct{ digits string }

func (secret) Format(f fmt.State, _ rune)     { _, _ = f.Write([]byte("******")) }
func (s secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.digits) }

func observed() (TemporalLogger, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.DebugLevel)
	return NewTemporalLogger(zap.New(core, zap.AddCaller())), logs
}

func TestTemporalLogger_CarriesLevelsAndFields(t *testing.T) {
	logger, logs := observed()
	logger.Debug("d", "a", 1)
	logger.Info("i", "b", "two")
	logger.Warn("w", 3, true)
	logger.Error("e", "Error", errors.New("broken"), "left over")
	log.With(logger, "WorkflowID", "reservation-7").Info("with", "c", 4)
	want := []struct {
		level  zapcore.Level
		msg    string
		fields string
	}{
		{zapcore.DebugLevel, "d", "map[a:1]"},
		{zapcore.InfoLevel, "i", "map[b:two]"},
		{zapcore.WarnLevel, "w", "map[3:true]"},
		{zapcore.ErrorLevel, "e", "map[Error:broken without_key:left over]"},
		{zapcore.InfoLevel, "with", "map[WorkflowID:reservation-7 c:4]"},
	}
	got := logs.All()
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i, w := range want {
		fields := fmt.Sprint(got[i].ContextMap())
		if got[i].Level != w.level || got[i].Message != w.msg || fields != w.fields {
			t.Errorf("got %v %q %s, want %v %q %s", got[i].Level, got[i].Message, fields, w.level, w.msg, w.fields)
		}
	}
}

func TestTemporalLogger_WithLeavesTheOriginalAsItWas(t *testing.T) {
	logger, logs := observed()
	logger.With("only", "child")
	logger.Info("parent")
	if got := logs.All()[0].ContextMap(); len(got) != 0 {
		t.Errorf("the parent logs %v, want nothing of its child", got)
	}
}

// viaHelper logs one frame further down, as the SDK's own wrappers do.
func viaHelper(logger log.Logger) { logger.Info("helped") }

func TestTemporalLogger_NamesTheLineThatLogged(t *testing.T) {
	logger, logs := observed()
	_, _, here, _ := runtime.Caller(0)
	logger.Info("direct")
	log.With(logger, "k", "v").Info("with")
	viaHelper(log.Skip(logger, 1))
	for i, entry := range logs.All() {
		if got, want := entry.Caller.Line, here+1+i; got != want || !strings.HasSuffix(entry.Caller.File, "zaplog_test.go") {
			t.Errorf("%q: caller = %s:%d, want line %d of this file", entry.Message, entry.Caller.File, got, want)
		}
	}
}

func TestNewTemporalLogger_TakesNil(t *testing.T) {
	NewTemporalLogger(nil).Info("goes nowhere")
}

func TestNewLogger_HidesWhatHidesItself(t *testing.T) {
	type guest struct {
		Name   string
		PIN    secret
		hidden *secret
	}
	pin := secret{"432426"}
	values := map[string]any{
		"alone":      pin,
		"pointer":    &pin,
		"in struct":  guest{"Ada", pin, &pin},
		"in slice":   []secret{pin},
		"in map":     map[string]any{"pin": pin},
		"in error":   fmt.Errorf("no: %v", pin),
		"two levels": []guest{{PIN: pin}},
	}
	for _, encoding := range []string{LogJSON, LogConsole} {
		for name, value := range values {
			var out bytes.Buffer
			logger, err := NewLogger("debug", encoding, &out)
			if err != nil {
				t.Fatal(err)
			}
			logger.With(zap.Any("before", value)).Info("x", zap.Any("value", value))
			NewTemporalLogger(logger).Info("y", "value", value)
			if got := out.String(); strings.Contains(got, "432426") || !strings.Contains(got, "******") && name != "pointer" {
				t.Errorf("%s, %s: logged %s", encoding, name, got)
			}
		}
	}
}

func TestNewLogger_WritesOneJSONObjectPerLine(t *testing.T) {
	var out bytes.Buffer
	logger, err := NewLogger("", "", &out)
	if err != nil {
		t.Fatal(err)
	}
	logger.Debug("below the level")
	logger.Info("a \"quoted\"\nline", zap.Any("value", struct{ A string }{"<b>\n\"c\""}))
	var line struct{ Level, Msg, Value, Caller, TS string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if line.Level != "info" || line.Msg != "a \"quoted\"\nline" || line.Value != "{A:<b>\n\"c\"}" {
		t.Errorf("got %+v", line)
	}
	if !strings.Contains(line.Caller, "zaplog_test.go") {
		t.Errorf("caller = %q, want this file", line.Caller)
	}
}

func TestNewLogger_RefusesWhatItDoesNotKnow(t *testing.T) {
	tests := []struct{ level, encoding, says string }{
		{"loud", "", `unknown log level "loud"`},
		{"", "xml", `unknown log encoding "xml"`},
	}
	for _, test := range tests {
		_, err := NewLogger(test.level, test.encoding, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("NewLogger(%q, %q): error = %v, want %q", test.level, test.encoding, err, test.says)
		}
	}
}
