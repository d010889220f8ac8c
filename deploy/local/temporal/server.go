// Package temporal runs a whole Temporal server and its Web UI inside this
// process, on one machine and on 127.0.0.1 only: Keystay's demonstration and
// its end-to-end tests need nothing installed but Go. Production uses a
// Temporal of its own (see deploy/compose.yaml); nothing here is meant for it.
//
// This file starts and stops it.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
)

// NoUI as Options.UIPort leaves the Web UI out.
const NoUI = -1

// DefaultRetention is how long closed workflows stay readable. The dev server
// of Temporal's own tools keeps a day; a stay is asked about weeks later.
const DefaultRetention = 60 * 24 * time.Hour

// Bounds of starting and stopping. Both take about a second; the rest is for
// a machine that is busy with other things.
const (
	readyWithin   = 60 * time.Second
	stoppedWithin = 20 * time.Second
)

// Options say what to start. The zero value is an in-memory server with a Web
// UI, both on ports that happen to be free.
type Options struct {
	// DBFile keeps everything in this SQLite file, which is created when it is
	// missing and belongs to one server at a time. Empty: in memory, gone with
	// Stop. A file must not be deleted while this process runs: Temporal keeps
	// its connection to it.
	DBFile string
	// Namespace is made when it is missing. Empty: "default".
	Namespace string
	// Retention of closed workflows, also set on a namespace that exists with
	// another one. Zero: DefaultRetention. Temporal wants at least an hour.
	Retention time.Duration
	// FrontendPort is where Temporal's clients connect. Zero: a free one.
	FrontendPort int
	// UIPort is where the Web UI is served. Zero: a free one. NoUI: none.
	UIPort int
	// CodecEndpoint is the address of the codec server that the browser asks to
	// decode payloads, such as http://127.0.0.1:8080/codec. It need not answer
	// yet. The browser sends it no access token.
	CodecEndpoint string
	// LogLevel is from which level on Temporal speaks to standard error, such as
	// "info". Empty: errors only.
	LogLevel string
	// Logger gets what Temporal says instead of standard error, at its own
	// level. Nil: standard error.
	Logger *zap.Logger
	// DynamicConfig adds to Temporal's dynamic configuration, by key, or
	// overrides what this package sets.
	DynamicConfig map[string]any
}

func (o Options) withDefaults() (Options, error) {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.Retention < time.Hour {
		return o, errors.New("the retention of closed workflows is at least an hour")
	}
	if o.LogLevel == "" {
		o.LogLevel = "error"
	}
	var err error
	if o.Logger == nil {
		o.Logger, err = stderrLogger(o.LogLevel)
	}
	return o, err
}

// Server is a running Temporal server with its Web UI.
type Server struct {
	options Options
	address string
	core    temporal.Server
	logger  *logger
	ui      *webUI
	stop    sync.Once
}

// starting lets one server at a time choose its ports and occupy them, so that
// two that start at once do not choose the same.
var starting sync.Mutex

// Start starts a server and returns once its namespace is there with the
// wanted retention and the frontend answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("options of Temporal: %w", err)
	}
	s := &Server{options: o, logger: newLogger(o.Logger)}
	if err := s.start(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting Temporal: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := s.prepare(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("waiting for Temporal: %w", err)
	}
	return s, nil
}

// start occupies the ports.
func (s *Server) start() (err error) {
	starting.Lock()
	defer starting.Unlock()
	ports, err := choosePorts(s.options.FrontendPort)
	if err != nil {
		return err
	}
	s.address = ports.address(frontend)
	if s.options.UIPort != NoUI {
		if s.ui, err = startUI(s.options, s.address); err != nil {
			return err
		}
	}
	config, err := serverConfig(s.options, ports)
	if err != nil {
		return err
	}
	s.core, err = startCore(config, s.options, ports, s.logger)
	return err
}

// Address is the frontend's host:port, for Temporal's clients.
func (s *Server) Address() string { return s.address }

// UIURL is the Web UI's address, empty when there is none.
func (s *Server) UIURL() string {
	if s.ui == nil {
		return ""
	}
	return s.ui.url
}

// Namespace is the namespace that was made ready.
func (s *Server) Namespace() string { return s.options.Namespace }

// Stop ends the Web UI and the server and returns when their ports are free,
// or when that takes too long. Calls that wait at the server get a second to
// end. Stopping again does nothing.
func (s *Server) Stop() {
	s.stop.Do(func() {
		s.logger.stopping.Store(true)
		if s.ui != nil {
			s.ui.stop()
		}
		if s.core != nil {
			stopCore(s.core, s.options.Logger)
		}
	})
}

// stopCore bounds Temporal's own stop, which waits minutes for a service that
// does not end.
func stopCore(core temporal.Server, logger *zap.Logger) {
	ended := make(chan error, 1)
	go func() { ended <- core.Stop() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(stoppedWithin):
		err = errors.New("took too long, left behind")
	}
	if err != nil {
		logger.Error("stopping Temporal", zap.Error(err))
	}
}
