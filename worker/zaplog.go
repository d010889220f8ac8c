// This file makes the program's logger, and lets Temporal's SDK log through it.

package worker

import (
	"encoding/json"
	"fmt"
	"io"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Log encodings that NewLogger knows.
const (
	LogJSON    = "json"
	LogConsole = "console"
)

// NewLogger makes a logger that writes to out: level is one of zap's words
// ("debug", "info", "warn", "error"; "" is info), encoding is LogJSON ("" too)
// or LogConsole.
//
// Values that zap has no form of its own for are rendered by fmt, not as JSON.
// Types that hide themselves do so through fmt, and travel as JSON inside
// sealed payloads: as JSON, a struct with a PIN in it would log the PIN.
func NewLogger(level, encoding string, out io.Writer) (*zap.Logger, error) {
	threshold := zapcore.InfoLevel
	if level != "" {
		var err error
		if threshold, err = zapcore.ParseLevel(level); err != nil {
			return nil, fmt.Errorf("unknown log level %q: want debug, info, warn or error", level)
		}
	}
	encoder, err := newEncoder(encoding)
	if err != nil {
		return nil, err
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), threshold)
	return zap.New(core, zap.AddCaller()), nil
}

func newEncoder(encoding string) (zapcore.Encoder, error) {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	config.EncodeDuration = zapcore.StringDurationEncoder
	config.NewReflectedEncoder = func(w io.Writer) zapcore.ReflectedEncoder { return fmtEncoder{w} }
	switch encoding {
	case "", LogJSON:
		return zapcore.NewJSONEncoder(config), nil
	case LogConsole:
		return zapcore.NewConsoleEncoder(config), nil
	}
	return nil, fmt.Errorf("unknown log encoding %q: want %s or %s", encoding, LogJSON, LogConsole)
}

// fmtEncoder renders a value by fmt and writes it as one JSON string, since zap
// puts its output into the line as it is.
type fmtEncoder struct{ w io.Writer }

// Encode implements zapcore.ReflectedEncoder.
func (e fmtEncoder) Encode(value any) error {
	encoder := json.NewEncoder(e.w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(fmt.Sprintf("%+v", value))
}

// TemporalLogger is a *zap.Logger as Temporal's SDK wants it. The SDK ships no
// adapter for zap.
type TemporalLogger struct{ zap *zap.Logger }

var (
	_ log.Logger          = TemporalLogger{}
	_ log.WithLogger      = TemporalLogger{}
	_ log.WithSkipCallers = TemporalLogger{}
)

// NewTemporalLogger adapts a logger; nil logs nothing.
func NewTemporalLogger(logger *zap.Logger) TemporalLogger {
	if logger == nil {
		logger = zap.NewNop()
	}
	// One frame: the adapter's own method.
	return TemporalLogger{logger.WithOptions(zap.AddCallerSkip(1))}
}

// Debug implements log.Logger.
func (l TemporalLogger) Debug(msg string, keyvals ...any) { l.zap.Debug(msg, fields(keyvals)...) }

// Info implements log.Logger.
func (l TemporalLogger) Info(msg string, keyvals ...any) { l.zap.Info(msg, fields(keyvals)...) }

// Warn implements log.Logger.
func (l TemporalLogger) Warn(msg string, keyvals ...any) { l.zap.Warn(msg, fields(keyvals)...) }

// Error implements log.Logger.
func (l TemporalLogger) Error(msg string, keyvals ...any) { l.zap.Error(msg, fields(keyvals)...) }

// With implements log.WithLogger.
func (l TemporalLogger) With(keyvals ...any) log.Logger {
	return TemporalLogger{l.zap.With(fields(keyvals)...)}
}

// WithCallerSkip implements log.WithSkipCallers.
func (l TemporalLogger) WithCallerSkip(depth int) log.Logger {
	return TemporalLogger{l.zap.WithOptions(zap.AddCallerSkip(depth))}
}

// fields pairs up the SDK's alternating keys and values. A value without a key
// is a mistake at the call, and is shown rather than lost.
func fields(keyvals []any) []zap.Field {
	all := make([]zap.Field, 0, (len(keyvals)+1)/2)
	for len(keyvals) >= 2 {
		all = append(all, zap.Any(keyName(keyvals[0]), keyvals[1]))
		keyvals = keyvals[2:]
	}
	if len(keyvals) == 1 {
		all = append(all, zap.Any("without_key", keyvals[0]))
	}
	return all
}

func keyName(key any) string {
	if name, ok := key.(string); ok {
		return name
	}
	return fmt.Sprint(key)
}
