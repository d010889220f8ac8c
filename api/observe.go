// This file is around every endpoint: errors become problem documents, panics
// become errors, and each request leaves one log line without a body, a query
// string or a token.

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// observed turns an endpoint into a handler. The log names the route, not the
// path: a path is the caller's text.
func (s *Server) observed(route string, next endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := s.caught(next, recorded, r)
		if err != nil && !recorded.begun {
			asProblem(err).write(recorded)
		}
		s.logRequest(route, r, recorded.status, time.Since(begun), err)
	})
}

// caught turns a panic into an error. The panic's value is not kept, as it may
// hold anything; its stack names code only.
func (s *Server) caught(next endpoint, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		value := recover()
		switch value {
		case nil:
			return
		case http.ErrAbortHandler:
			panic(value)
		}
		s.log.Error("a request's handler panicked",
			zap.String("value", fmt.Sprintf("%T", value)), zap.ByteString("stack", debug.Stack()))
		err = errors.New("panic")
	}()
	return next(w, r)
}

// asProblem is the problem in an error, or an internal one.
func asProblem(err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	return problem(http.StatusInternalServerError, codeInternal, "The request could not be carried out. The log has the cause.")
}

func (s *Server) logRequest(route string, r *http.Request, status int, took time.Duration, err error) {
	fields := []zap.Field{
		zap.String("method", r.Method), zap.String("route", route),
		zap.Int("status", status), zap.Duration("took", took),
	}
	if lock, bad := lockID(r); bad == nil && strings.HasPrefix(route, locksPath) {
		fields = append(fields, zap.Int64("smartlock", lock))
	}
	if id, bad := reservationID(r); bad == nil && strings.HasPrefix(route, reservationsPath) {
		fields = append(fields, zap.String("reservation", id))
	}
	if err != nil {
		fields = append(fields, zap.String("problem", asProblem(err).Code))
	}
	if status >= http.StatusInternalServerError && err != nil {
		fields = append(fields, zap.String("cause", cause(err)))
	}
	s.log.Log(levelOf(route, status), "request", fields...)
}

// levelOf keeps the probes of an orchestrator out of sight while all is well.
func levelOf(route string, status int) zapcore.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return zapcore.WarnLevel
	case route == healthPath || route == readyPath:
		return zapcore.DebugLevel
	}
	return zapcore.InfoLevel
}

// cause is an error fit for a log: the text of errors of Temporal's server and
// of contexts, which quote no payload, and the type of any other.
func cause(err error) string {
	var service serviceerror.ServiceError
	switch {
	case errors.As(err, &service):
		return service.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "no answer in time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// recorder remembers the status of an answer, and whether it has begun.
type recorder struct {
	http.ResponseWriter
	status int
	begun  bool
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	if !r.begun {
		r.status, r.begun = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (r *recorder) Write(body []byte) (int, error) {
	r.begun = true
	return r.ResponseWriter.Write(body)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
