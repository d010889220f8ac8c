// Command local runs the whole of Keystay on this machine: Temporal with its Web
// UI, a simulated Nuki, the worker and the API. It takes a demonstration set of
// stays through their life and goes on serving until it is interrupted. This
// file is flags and output, nothing else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"go.uber.org/zap"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/demo"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/worker"
)

// Exit codes: 2 for a command line that makes no sense, 1 for a failure, which
// includes a keypad that disagreed.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the command line.
type settings struct {
	once, noDemo                                         bool
	db, addresses, events, logLevel                      string
	temporalPort, uiPort, apiPort, nukiPort, metricsPort int
}

func parse(args []string, errOut io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.BoolVar(&s.once, "once", false, "end after the demonstration; exit 0 only if the simulated keypads agreed at every step")
	flags.BoolVar(&s.noDemo, "no-demo", false, "serve without the demonstration")
	flags.StringVar(&s.db, "db", "", "keep Temporal's data in this SQLite `file` (its payload key beside it, in FILE.key); the simulated keypads begin empty each time")
	flags.StringVar(&s.addresses, "addresses", "", "write all addresses and tokens to this `file` as JSON once everything is ready")
	flags.StringVar(&s.events, "events", "", "tell the subscribers in this JSON `file` what becomes of the stays (deploy/events.md)")
	flags.StringVar(&s.logLevel, "log", "error", "log level: debug, info, warn or error")
	flags.IntVar(&s.temporalPort, "temporal-port", 7233, "port of Temporal; 0 picks a free one")
	flags.IntVar(&s.uiPort, "ui-port", 8233, "port of Temporal's Web UI; 0 picks a free one")
	flags.IntVar(&s.apiPort, "api-port", 8080, "port of Keystay's API; 0 picks a free one")
	flags.IntVar(&s.nukiPort, "nuki-port", 8081, "port of the simulated Nuki; 0 picks a free one")
	flags.IntVar(&s.metricsPort, "metrics-port", 0, "port of the metrics; 0 picks a free one")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 || s.once && s.noDemo {
		flags.Usage()
		return s, errors.New("usage")
	}
	return s, nil
}

// run starts everything, plays the demonstration, and serves.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	s, err := parse(args, errOut)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return exitUsage
	}
	if err := s.serve(ctx, out, errOut); err != nil {
		_, _ = fmt.Fprintln(errOut, "local:", err)
		return exitFailed
	}
	return 0
}

func (s settings) serve(ctx context.Context, out, errOut io.Writer) error {
	options, err := s.options(errOut)
	if err != nil {
		return err
	}
	running, err := stack.Start(ctx, options)
	if err != nil {
		return err
	}
	defer running.Stop()
	s.announce(out, running.Addresses)
	if err := s.writeAddresses(running.Addresses); err != nil {
		return err
	}
	if !s.noDemo {
		err := s.demonstrate(ctx, out, running.Addresses)
		if s.once || ctx.Err() != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(out, "Serving until interrupted (Ctrl-C).")
	select {
	case <-ctx.Done():
		return nil
	case err := <-running.Failed():
		return err
	}
}

// options are those of the stack.
func (s settings) options(errOut io.Writer) (stack.Options, error) {
	logger, err := worker.NewLogger(s.logLevel, worker.LogConsole, errOut)
	if err != nil {
		return stack.Options{}, err
	}
	keys, err := s.keys()
	if err != nil {
		return stack.Options{}, err
	}
	subscribers, err := s.subscribers()
	if err != nil {
		return stack.Options{}, err
	}
	options := stack.Options{
		DBFile: s.db, TemporalPort: s.temporalPort, UIPort: s.uiPort, APIPort: s.apiPort, NukiPort: s.nukiPort, MetricsPort: s.metricsPort,
		Policy: stack.FastPolicy(), CodecKeys: keys, Subscribers: subscribers, Logger: logger,
		Faults: nukisim.Faults{LatencyMin: 50, LatencyMax: 150, WebhookDelay: 10},
	}
	logger.Debug("starting", zap.String("db", s.db))
	for _, lock := range demo.Locks {
		options.Locks = append(options.Locks, nukisim.LockConfig{ID: lock.ID, Name: lock.Name})
	}
	return options, nil
}

// subscribers are those who are told; nobody is, without a file.
func (s settings) subscribers() ([]activities.Subscriber, error) {
	if s.events == "" {
		return nil, nil
	}
	file, err := os.Open(s.events)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	subscribers, err := activities.ParseSubscribers(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.events, err)
	}
	return subscribers, nil
}

// keys are the payload keys of data that are kept: without them nothing in the
// file could be read again.
func (s settings) keys() (string, error) {
	if s.db == "" {
		return "", nil
	}
	path := filepath.Clean(s.db) + ".key"
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if _, err := os.Stat(s.db); err == nil {
		return "", fmt.Errorf("%s has data, and its payload key %s is gone: nothing in it could be read", s.db, path)
	}
	keys := stack.NewKeys("local")
	return keys, os.WriteFile(path, []byte(keys+"\n"), 0o600)
}

func (s settings) announce(out io.Writer, at stack.Addresses) {
	_, _ = fmt.Fprintf(out, `Keystay runs on this machine:
  Temporal Web UI   %s
  keypads           %s/sim/
  API               %s
  API token         %s
  Temporal          %s
  metrics           %s
`, at.UI, at.Nuki, at.API, at.APIToken, at.Temporal, at.Metrics)
}

func (s settings) writeAddresses(at stack.Addresses) error {
	if s.addresses == "" {
		return nil
	}
	text, err := json.MarshalIndent(at, "", "  ")
	if err != nil {
		return err
	}
	// Written beside and moved, so that a reader never sees half of it.
	half := s.addresses + ".new"
	if err := os.WriteFile(half, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(half, s.addresses)
}

// demonstrate plays the stays and says how it went.
func (s settings) demonstrate(ctx context.Context, out io.Writer, at stack.Addresses) error {
	err := demo.Run(ctx, demo.Addresses{API: at.API, APIToken: at.APIToken, Nuki: at.Nuki, NukiToken: at.NukiToken}, out, isTerminal(out))
	if ctx.Err() != nil {
		_, _ = fmt.Fprintln(out, "Interrupted: the demonstration was not seen to its end.")
		if s.once {
			return errors.New("interrupted")
		}
		return nil
	}
	if err != nil {
		_, _ = fmt.Fprintf(out, "The keypads disagreed:\n%v\n", err)
		return err
	}
	_, _ = fmt.Fprintln(out, "The keypads agreed at every step: refused before, accepted during, refused after.")
	return nil
}

// isTerminal reports whether somebody may be watching.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
