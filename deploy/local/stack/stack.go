// Package stack is the whole of Keystay in one process on one machine: Temporal
// with its Web UI, the simulated Nuki, the worker and the API, each on a
// loopback port. The demonstration and the end-to-end tests run on it; it may
// import everything.
package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.uber.org/zap"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/api"
	"github.com/keystay/keystay/deploy/local/temporal"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/worker/metrics"
	"github.com/keystay/keystay/workflows"
)

// Options say how to start a stack. The zero value takes free ports, keeps
// nothing, and has no locks.
type Options struct {
	// DBFile keeps Temporal's data; empty keeps them in memory.
	DBFile string
	// Ports; 0 takes a free one. UIPort -1 starts no Web UI.
	TemporalPort, UIPort, APIPort, NukiPort, MetricsPort int
	Policy                                               workflows.Policy
	// Subscribers are told of what becomes of the stays; nobody is, without any.
	Subscribers []activities.Subscriber
	Locks       []nukisim.LockConfig
	Faults      nukisim.Faults
	// RequestsPerSecond is how fast the worker may ask Nuki; 0 is faster than any test.
	RequestsPerSecond float64
	// NoWebhooks is an account without the approved integration.
	NoWebhooks bool
	// NoWorker leaves the worker to the caller: see StartWorker.
	NoWorker bool
	// TemporalConfig overrides Temporal's dynamic configuration, by key.
	TemporalConfig map[string]any
	// CodecKeys seal the payloads; empty makes one.
	CodecKeys string
	Logger    *zap.Logger
}

// Addresses say where everything can be reached.
type Addresses struct {
	Temporal  string `json:"temporal"`
	UI        string `json:"ui"`
	API       string `json:"api"`
	APIToken  string `json:"api_token"`
	Nuki      string `json:"nuki"`
	NukiToken string `json:"nuki_token"`
	// Metrics has those of worker and API together, for Prometheus.
	Metrics string `json:"metrics"`
}

// Stack is a running system.
type Stack struct {
	Addresses
	// Sim is the simulated account; Temporal a client with the payload codec.
	Sim      *nukisim.Sim
	Temporal client.Client
	// CodecKeys are the keys in use, for a program started beside this one.
	CodecKeys string
	Namespace string
	// WebhookSecret signs what the simulation sends.
	WebhookSecret string

	options Options
	metrics *metrics.Metrics
	server  *temporal.Server
	running sync.WaitGroup
	stops   []func()
	failed  chan error
}

// Start starts everything and returns when all of it answers.
func Start(ctx context.Context, options Options) (*Stack, error) {
	if options.Logger == nil {
		options.Logger = zap.NewNop()
	}
	s := &Stack{options: options, failed: make(chan error, 4), CodecKeys: options.CodecKeys, WebhookSecret: secret()}
	s.APIToken, s.NukiToken = secret(), secret()
	for _, step := range []func(context.Context) error{s.startMetrics, s.startTemporalAndAPI, s.startNuki, s.startWorkerIfWanted} {
		if err := step(ctx); err != nil {
			s.Stop()
			return nil, err
		}
	}
	return s, nil
}

// Failed reports a part that ended by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

// Stop ends everything in the opposite order of its start.
func (s *Stack) Stop() {
	for i := len(s.stops) - 1; i >= 0; i-- {
		s.stops[i]()
	}
	s.stops = nil
	s.running.Wait()
}

// startMetrics serves the metrics of this one process, which is worker and API.
func (s *Stack) startMetrics(context.Context) error {
	measured, err := metrics.New()
	if err != nil {
		return err
	}
	listener, err := listen(s.options.MetricsPort)
	if err != nil {
		return fmt.Errorf("the metrics' port: %w", err)
	}
	s.metrics, s.Metrics = measured, "http://"+listener.Addr().String()+metrics.Path
	s.serveHTTP(listener, measured.HTTP())
	return nil
}

// startTemporalAndAPI takes the API's port first, as the Web UI must know where
// the codec server will be.
func (s *Stack) startTemporalAndAPI(ctx context.Context) error {
	listener, err := listen(s.options.APIPort)
	if err != nil {
		return fmt.Errorf("the API's port: %w", err)
	}
	s.API = "http://" + listener.Addr().String()
	s.server, err = temporal.Start(ctx, temporal.Options{
		DBFile: s.options.DBFile, FrontendPort: s.options.TemporalPort, UIPort: s.options.UIPort, CodecEndpoint: s.API + "/codec",
		DynamicConfig: s.options.TemporalConfig,
	})
	if err != nil {
		_ = listener.Close()
		return fmt.Errorf("starting Temporal: %w", err)
	}
	s.stops = append(s.stops, s.server.Stop)
	s.Addresses.Temporal, s.UI, s.Namespace = s.server.Address(), s.server.UIURL(), s.server.Namespace()
	return s.startAPI(ctx, listener)
}

func (s *Stack) startAPI(ctx context.Context, listener net.Listener) error {
	codec, err := s.codec(worker.ReturnError)
	if err != nil {
		return err
	}
	s.Temporal, err = s.dial(ctx, codec)
	if err != nil {
		return err
	}
	s.stops = append(s.stops, s.Temporal.Close)
	if err := s.metrics.CountStays(s.Temporal); err != nil {
		return err
	}
	if err := worker.EnsureSearchAttributes(ctx, s.Temporal, s.Namespace, worker.AttributesOf(workflows.SearchAttributes)); err != nil {
		return err
	}
	server, err := api.New(api.Config{
		Listen: listener.Addr().String(), Temporal: s.Temporal, Namespace: s.Namespace, Token: s.APIToken,
		WebhookSecret: s.WebhookSecret, Codec: converter.NewPayloadCodecHTTPHandler(codec), UIOrigin: s.UI,
		Policy: s.policy(), Logger: s.options.Logger, Metrics: s.metrics.Handler(),
	})
	if err != nil {
		return err
	}
	s.serve(func(ctx context.Context) error { return server.Serve(ctx, listener) })
	return nil
}

// policy is what the API sends with every booking.
func (s *Stack) policy() workflows.Policy {
	policy := s.options.Policy
	policy.Events.Subscribers = workflows.SubscriptionsOf(s.options.Subscribers)
	return policy.WithDefaults()
}

// startNuki serves the simulation, which sends its webhooks to the API.
func (s *Stack) startNuki(context.Context) error {
	listener, err := listen(s.options.NukiPort)
	if err != nil {
		return fmt.Errorf("the simulation's port: %w", err)
	}
	s.Nuki = "http://" + listener.Addr().String()
	config := nukisim.Config{Token: s.NukiToken, WebhookSecret: s.WebhookSecret, Locks: s.options.Locks, Faults: s.options.Faults, Seed: 1}
	if !s.options.NoWebhooks {
		config.WebhookURL = s.API + "/v1/webhooks/nuki"
	}
	s.Sim = nukisim.New(config)
	s.stops = append(s.stops, s.Sim.Close)
	s.serveHTTP(listener, s.Sim.Handler())
	return nil
}

// serveHTTP answers on a listener until the stack stops.
func (s *Stack) serveHTTP(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	s.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	})
	s.stops = append(s.stops, func() { _ = server.Close() })
}

func (s *Stack) startWorkerIfWanted(ctx context.Context) error {
	if s.options.NoWorker {
		return nil
	}
	_, err := s.StartWorker(ctx, s.CodecKeys)
	return err
}

// StartWorker starts a worker with the given payload keys and returns when it
// polls; stop ends it gracefully.
func (s *Stack) StartWorker(ctx context.Context, keys string) (stop func(), err error) {
	return s.StartWorkerTelling(ctx, keys, s.options.Subscribers)
}

// StartWorkerTelling is StartWorker with subscribers of the worker's own, as while
// a new configuration is being rolled out.
func (s *Stack) StartWorkerTelling(ctx context.Context, keys string, subscribers []activities.Subscriber) (stop func(), err error) {
	codec, err := newCodec(keys, worker.PanicInWorker)
	if err != nil {
		return nil, err
	}
	connected, err := s.dial(ctx, codec)
	if err != nil {
		return nil, err
	}
	cloud, err := s.cloud()
	if err != nil {
		return nil, err
	}
	started := make(chan struct{})
	stop = s.serve(func(ctx context.Context) error {
		defer connected.Close()
		return worker.Run(ctx, worker.Options{
			Client: connected, Namespace: s.Namespace, Logger: s.options.Logger, NukiActivitiesPerSecond: 1000, NukiConcurrency: 50,
			Activities:      []any{&activities.Keypad{Nuki: cloud, Desk: activities.TemporalDesk{Client: connected}, PrintKey: codec.PrintKey()}},
			EventActivities: []any{&activities.Courier{Client: connected, Subscribers: subscribers}},
			Started:         func() { close(started) },
		})
	})
	select {
	case <-started:
		return stop, nil
	case err := <-s.failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cloud is the worker's client of the simulated account.
func (s *Stack) cloud() (*nuki.Client, error) {
	options := nuki.Options{BaseURL: s.Nuki, Token: s.NukiToken, RequestsPerSecond: s.options.RequestsPerSecond, Observe: metrics.Nuki(s.metrics.Handler())}
	if options.RequestsPerSecond == 0 {
		options.RequestsPerSecond, options.Burst = 200, 200
	}
	return nuki.New(options)
}

// serve runs a part until it is stopped.
func (s *Stack) serve(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	s.running.Go(func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			s.failed <- err
		}
	})
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	s.stops = append(s.stops, stop)
	return stop
}

func (s *Stack) dial(ctx context.Context, codec *worker.Codec) (client.Client, error) {
	return worker.Dial(ctx, worker.Config{
		HostPort: s.Addresses.Temporal, Namespace: s.Namespace, Codec: codec, Logger: s.options.Logger, Metrics: s.metrics.Handler(),
	})
}

// codec makes the payload codec, and a key where none was given.
func (s *Stack) codec(mode worker.Mode) (*worker.Codec, error) {
	if s.CodecKeys == "" {
		s.CodecKeys = NewKeys("local")
	}
	return newCodec(s.CodecKeys, mode)
}

func newCodec(keys string, mode worker.Mode) (*worker.Codec, error) {
	parsed, err := worker.ParseKeys(keys)
	if err != nil {
		return nil, err
	}
	return worker.NewCodec(parsed, mode)
}

// NewKeys makes one payload key in the form of KEYSTAY_CODEC_KEYS.
func NewKeys(id string) string {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}

func secret() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}
