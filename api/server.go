// This file runs the API: a Server made from a Config, listening until its
// context ends.

package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

const (
	// A slow sender must not hold a connection open for ever.
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	// The longest honest answer is a PUT that waits (maxWait) after Temporal
	// took its time.
	writeTimeout = 45 * time.Second
	idleTimeout  = 2 * time.Minute
	// stopGrace lets requests under way end before the process does.
	stopGrace = 15 * time.Second
)

// Server answers HTTP for one Temporal namespace.
type Server struct {
	config  Config
	log     *zap.Logger
	engine  engine
	hooks   webhookCounts
	handler http.Handler
}

// New checks the configuration and makes a Server, which does not listen yet.
func New(config Config) (*Server, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	s := &Server{
		config: config,
		log:    config.Logger,
		engine: engine{client: config.Temporal, namespace: config.Namespace, policy: &config.Policy},
	}
	s.handler = s.router()
	return s, nil
}

// Handler is all routes of the API.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on a listener, which is to be at Config.Listen, until ctx ends;
// then it lets the requests under way end, and returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          zap.NewStdLog(s.log),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.log.Info("the API listens", zap.Stringer("address", listener.Addr()))
	select {
	case err := <-ended:
		return fmt.Errorf("api: serving: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("api: stopping: %w", err)
	}
	return nil
}

// Run listens on config.Listen and serves until ctx ends.
func Run(ctx context.Context, config Config) error {
	server, err := New(config)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return fmt.Errorf("api: listening: %w", err)
	}
	return server.Serve(ctx, listener)
}
