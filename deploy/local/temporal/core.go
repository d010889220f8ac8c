package temporal

// This file turns a configuration into Temporal's running services, and their
// wish to end the process into an error.

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
)

// startCore starts the four services. A server comes back with the error when
// some of them may be running.
//
// It runs in a goroutine of its own because a fatal message of Temporal's ends
// the goroutine it is written in (see logger). Where a sync.Once is on the way,
// that end arrives as a panic.
func startCore(c *config.Config, o Options, ports ports, logger *logger) (temporal.Server, error) {
	var core temporal.Server
	err := errors.New("gave up")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if p := recover(); p != nil && logger.fatal.Load() == nil {
				panic(p)
			}
		}()
		core, err = temporal.NewServer(
			temporal.WithConfig(c),
			temporal.ForServices(temporal.DefaultServices),
			temporal.WithStaticHosts(ports.hosts()),
			temporal.WithDynamicConfigClient(dynamicConfig(o)),
			temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
			temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
			temporal.WithLogger(logger),
		)
		if err == nil {
			err = errors.New("gave up")
			err = core.Start()
		}
	}()
	<-ended
	if reason := logger.fatal.Load(); err != nil && reason != nil {
		err = fmt.Errorf("%w (%s)", err, *reason)
	}
	return core, err
}

// stderrLogger writes to standard error; standard output is the program's own.
func stderrLogger(level string) (*zap.Logger, error) {
	parsed, err := zap.ParseAtomicLevel(level)
	if err != nil {
		return nil, err
	}
	c := zap.NewProductionConfig()
	c.Level = parsed
	// Temporal's call stacks are some forty interceptors deep.
	c.DisableStacktrace = true
	return c.Build()
}

// logger is Temporal's logger with another end: where Temporal would end the
// process (a port that is taken, say), only the goroutine ends, and what it
// said is kept. The process is not Temporal's here.
type logger struct {
	log.Logger
	*loggerState
}

// loggerState is shared by all loggers made from one.
type loggerState struct {
	fatal    atomic.Pointer[string]
	stopping atomic.Bool
}

func newLogger(to *zap.Logger) *logger {
	return &logger{Logger: log.NewZapLogger(to), loggerState: &loggerState{}}
}

// Error logs what is wrong, which nothing is when a caller left (a worker that
// stopped polling) or when services miss each other while they stop.
func (l *logger) Error(msg string, tags ...tag.Tag) {
	if !l.stopping.Load() && !callerLeft(tags) {
		l.Logger.Error(msg, tags...)
	}
}

func callerLeft(tags []tag.Tag) bool {
	canceled := tag.Error(context.Canceled)
	for _, one := range tags {
		if one != nil && one.Key() == canceled.Key() && one.Value() == canceled.Value() {
			return true
		}
	}
	return false
}

// Fatal logs and ends the goroutine.
func (l *logger) Fatal(msg string, tags ...tag.Tag) {
	l.fatal.Store(&msg)
	l.Error(msg, tags...)
	runtime.Goexit()
}

// With keeps the other end on the loggers made from this one.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	return &logger{Logger: log.With(l.Logger, tags...), loggerState: l.loggerState}
}
