package temporal

// This file turns a configuration into Temporal's running services, and their
// wish to end the process into an error.

import (
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
// the goroutine it is written in (see logger).
func startCore(c *config.Config, o Options, ports ports) (temporal.Server, error) {
	logger := &logger{Logger: log.NewZapLogger(o.Logger), fatal: new(atomic.Pointer[string])}
	var core temporal.Server
	err := errors.New("gave up")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
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
	return c.Build()
}

// logger is Temporal's logger with another end: where Temporal would end the
// process (a port that is taken, say), only the goroutine ends, and what it
// said is kept. The process is not Temporal's here.
type logger struct {
	log.Logger
	fatal *atomic.Pointer[string]
}

// Fatal logs and ends the goroutine.
func (l *logger) Fatal(msg string, tags ...tag.Tag) {
	l.fatal.Store(&msg)
	l.Error(msg, tags...)
	runtime.Goexit()
}

// With keeps the other end on the loggers made from this one.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	return &logger{Logger: log.With(l.Logger, tags...), fatal: l.fatal}
}
