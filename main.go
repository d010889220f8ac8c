// Command keystay runs one part of Keystay, the HTTP API or the worker, or does
// something for the people who run it. This file and commands.go are flags and
// environment, nothing else; deploy/README.md lists the variables.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.uber.org/zap"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/api"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/worker/metrics"
	"github.com/keystay/keystay/worker/replay"
	"github.com/keystay/keystay/workflows"
)

const usage = `usage: keystay COMMAND

  keystay api                serve the HTTP API
  keystay worker             run workflows and activities

  keystay status ID          show one reservation
  keystay list               list open reservations
  keystay webhooks           list, register and remove Nuki's webhooks
  keystay replay             run recorded histories against this build
  keystay incident ID        pack one reservation into an archive

keystay COMMAND -help tells more. Temporal is found by the TEMPORAL_* variables
and profiles of Temporal's own tools; Keystay's own settings are KEYSTAY_*
variables (see deploy/README.md).

Exit codes: 0 it worked, 1 it failed and the message says why, 2 the command line
makes no sense, 3 a history and this build part (replay).
`

// Exit codes, as the usage tells them.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitDiverges = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// call is one command line.
type call struct {
	args   []string
	logger *zap.Logger
	// out is for results, errOut for progress.
	out, errOut io.Writer
}

// command is something that the program can do.
type command struct {
	run  func(context.Context, call) error
	help string
}

// commands are all of them; what is for people is in commands.go.
var commands = map[string]command{
	"api":      {runAPI, "usage: keystay api\n\nIt takes no arguments; deploy/README.md lists its variables.\n"},
	"worker":   {runWorker, "usage: keystay worker\n\nIt takes no arguments; deploy/README.md lists its variables.\n"},
	"replay":   {runReplay, helpReplay},
	"incident": {runIncident, helpIncident},
	"status":   {runStatus, helpStatus},
	"list":     {runList, helpList},
	"webhooks": {runWebhooks, helpWebhooks},
}

// errUsage is a command line that makes no sense.
var errUsage = errors.New("the command line makes no sense")

// run performs one command and says how the program should exit.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	if len(args) == 1 && slices.Contains([]string{"-help", "--help", "-h", "help"}, args[0]) {
		_, _ = io.WriteString(out, usage)
		return 0
	}
	if len(args) == 0 || commands[args[0]].run == nil {
		_, _ = io.WriteString(errOut, usage)
		return exitUsage
	}
	name := args[0]
	logger, err := worker.NewLogger(os.Getenv("KEYSTAY_LOG_LEVEL"), os.Getenv("KEYSTAY_LOG_ENCODING"), errOut)
	if err == nil {
		err = commands[name].run(ctx, call{args: args[1:], logger: logger, out: out, errOut: errOut})
	}
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(out, commands[name].help)
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintf(errOut, "keystay %s: %v\n", name, err)
	}
	if errors.Is(err, errUsage) {
		_, _ = io.WriteString(errOut, commands[name].help)
	}
	return exitCode(err)
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, replay.ErrDiverges):
		return exitDiverges
	}
	return exitFailed
}

// readGap is the least time between two reads of one lock's list: short for a
// guest at the door, and long enough for the webhooks of one morning's entries to
// share a read.
const readGap = time.Second

// runWorker serves the task queues of workflows, calls and events until it is told to stop.
func runWorker(ctx context.Context, c call) error {
	logger := c.logger
	if _, err := c.parse(newFlags("worker"), 0); err != nil {
		return err
	}
	subscribers, err := eventsFile(os.Getenv("KEYSTAY_EVENTS_FILE"))
	if err != nil {
		return err
	}
	codec, err := newCodec(worker.PanicInWorker)
	if err != nil {
		return err
	}
	measured, err := serveMetrics(ctx)
	if err != nil {
		return err
	}
	temporal, target, err := dial(ctx, worker.Config{Codec: codec, Logger: logger, Metrics: measured.Handler()})
	if err != nil {
		return err
	}
	defer temporal.Close()
	cloud, err := nukiClient(metrics.Nuki(measured.Handler()))
	if err != nil {
		return err
	}
	rate, err := nukiRate()
	if err != nil {
		return err
	}
	keypad := &activities.Keypad{
		Nuki: cloud, Desk: activities.TemporalDesk{Client: temporal}, PrintKey: codec.PrintKey(), ReadGap: readGap,
	}
	return worker.Run(ctx, worker.Options{
		Client: temporal, Namespace: target.Namespace, Logger: logger,
		Activities:              []any{keypad},
		NukiActivitiesPerSecond: activitiesPerRequest * rate,
		EventActivities:         []any{&activities.Courier{Client: temporal, Subscribers: subscribers}},
	})
}

// activitiesPerRequest is how many activities the queue hands out for each request
// that a worker may send: many a look is served by a read that another one made.
const activitiesPerRequest = 2

// runAPI serves HTTP until it is told to stop.
func runAPI(ctx context.Context, c call) error {
	logger := c.logger
	if _, err := c.parse(newFlags("api"), 0); err != nil {
		return err
	}
	policy, err := policy()
	if err != nil {
		return err
	}
	codec, err := newCodec(worker.ReturnError)
	if err != nil {
		return err
	}
	measured, err := serveMetrics(ctx)
	if err != nil {
		return err
	}
	config := worker.Config{Codec: codec, Logger: logger, Metrics: measured.Handler()}
	target, err := config.Target()
	if err != nil {
		return err
	}
	temporal, err := worker.DialLazy(config)
	if err != nil {
		return err
	}
	defer temporal.Close()
	if err := measured.CountStays(temporal); err != nil {
		return err
	}
	go registerAttributes(ctx, temporal, target.Namespace, logger)
	return api.Run(ctx, api.Config{
		Listen: orDefault(os.Getenv("KEYSTAY_API_LISTEN"), "127.0.0.1:8080"), Temporal: temporal, Namespace: target.Namespace,
		Token: os.Getenv("KEYSTAY_API_TOKEN"), OperatorToken: os.Getenv("KEYSTAY_OPERATOR_TOKEN"), PINToken: os.Getenv("KEYSTAY_PIN_TOKEN"), WebhookSecret: os.Getenv("KEYSTAY_NUKI_WEBHOOK_SECRET"),
		Codec: converter.NewPayloadCodecHTTPHandler(codec), CodecToken: os.Getenv("KEYSTAY_CODEC_TOKEN"),
		UIOrigin: os.Getenv("KEYSTAY_UI_ORIGIN"), Policy: policy, Logger: logger, Metrics: measured.Handler(),
	})
}

// registerAttributes registers the search attributes for an API that is there
// before the first worker: without them a reservation is recorded all the same,
// and cannot be listed until a worker has run.
func registerAttributes(ctx context.Context, temporal client.Client, namespace string, logger *zap.Logger) {
	for ctx.Err() == nil {
		err := worker.EnsureSearchAttributes(ctx, temporal, namespace, worker.AttributesOf(workflows.SearchAttributes))
		if err == nil {
			return
		}
		logger.Warn("search attributes are not registered yet; a worker does it too", zap.Error(err))
		select {
		case <-ctx.Done():
		case <-time.After(attributesPause):
		}
	}
}

// attributesPause spaces attempts while Temporal is away.
const attributesPause = 30 * time.Second

// serveMetrics serves this process's metrics where KEYSTAY_METRICS_LISTEN says;
// nowhere without it, since several processes of one machine would fight for a port.
func serveMetrics(ctx context.Context) (*metrics.Metrics, error) {
	measured, err := metrics.New()
	if err != nil {
		return nil, err
	}
	if address := os.Getenv("KEYSTAY_METRICS_LISTEN"); address != "" {
		return measured, measured.Serve(ctx, address)
	}
	return measured, nil
}

// dial connects to Temporal.
func dial(ctx context.Context, config worker.Config) (client.Client, worker.Target, error) {
	target, err := config.Target()
	if err != nil {
		return nil, worker.Target{}, err
	}
	temporal, err := worker.Dial(ctx, config)
	return temporal, target, err
}

// newCodec reads the payload keys.
func newCodec(mode worker.Mode) (*worker.Codec, error) {
	keys, err := worker.ParseKeys(os.Getenv("KEYSTAY_CODEC_KEYS"))
	if err != nil {
		return nil, fmt.Errorf("KEYSTAY_CODEC_KEYS: %w", err)
	}
	return worker.NewCodec(keys, mode)
}

// nukiClient reads how Nuki is reached; observe may be nil.
func nukiClient(observe func(nuki.Exchange)) (*nuki.Client, error) {
	options := nuki.Options{BaseURL: os.Getenv("KEYSTAY_NUKI_URL"), Token: os.Getenv("KEYSTAY_NUKI_TOKEN"), Observe: observe}
	if options.Token == "" {
		return nil, errors.New("KEYSTAY_NUKI_TOKEN is needed: an API token of Nuki Web, or an OAuth token")
	}
	var err error
	if options.RequestsPerSecond, err = nukiRate(); err != nil {
		return nil, err
	}
	return nuki.New(options)
}

// nukiRate is the pace of this process in requests per second; 0 where none is set.
func nukiRate() (float64, error) {
	rate := os.Getenv("KEYSTAY_NUKI_REQUESTS_PER_SECOND")
	if rate == "" {
		return 0, nil
	}
	perSecond, err := strconv.ParseFloat(rate, 64)
	if err != nil || perSecond <= 0 || math.IsInf(perSecond, 0) || math.IsNaN(perSecond) {
		return 0, errors.New("KEYSTAY_NUKI_REQUESTS_PER_SECOND must be a positive number")
	}
	return perSecond, nil
}

// policy is what travels with every reservation: durations, and who is told.
func policy() (workflows.Policy, error) {
	policy, err := policyFile(os.Getenv("KEYSTAY_POLICY_FILE"))
	if err != nil {
		return policy, err
	}
	subscribers, err := eventsFile(os.Getenv("KEYSTAY_EVENTS_FILE"))
	if err != nil {
		return policy, err
	}
	policy.Events.Subscribers = workflows.SubscriptionsOf(subscribers)
	policy.Mark = orDefault(os.Getenv("KEYSTAY_MARK"), policy.Mark)
	policy = policy.WithDefaults()
	if err := policy.Validate(); err != nil {
		return policy, fmt.Errorf("the policy (KEYSTAY_POLICY_FILE, KEYSTAY_MARK): %w", err)
	}
	return policy, nil
}

// policyFile reads durations and bounds that differ from the defaults.
func policyFile(path string) (workflows.Policy, error) {
	var policy workflows.Policy
	if path == "" {
		return workflows.DefaultPolicy(), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return policy, fmt.Errorf("KEYSTAY_POLICY_FILE: %w", err)
	}
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&policy); err != nil {
		return policy, fmt.Errorf("KEYSTAY_POLICY_FILE %s: %w", path, err)
	}
	if decoder.More() {
		return policy, fmt.Errorf("KEYSTAY_POLICY_FILE %s: has more than one JSON value", path)
	}
	return policy.WithDefaults(), nil
}

// eventsFile reads who is told of what becomes of the stays; nobody, without a file.
func eventsFile(path string) ([]activities.Subscriber, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("KEYSTAY_EVENTS_FILE: %w", err)
	}
	defer func() { _ = file.Close() }()
	subscribers, err := activities.ParseSubscribers(file)
	if err != nil {
		return nil, fmt.Errorf("KEYSTAY_EVENTS_FILE %s: %w", path, err)
	}
	return subscribers, nil
}

func orDefault(value, standard string) string {
	if value != "" {
		return value
	}
	return standard
}
