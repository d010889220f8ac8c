// This file connects to Temporal: where it is, and how payloads and failures
// are sealed on the way.

package worker

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.uber.org/zap"
)

// Config says how to connect. Where Temporal is comes from the environment, as
// for Temporal's own command line tool: the TEMPORAL_* variables and the
// profiles in its configuration file.
type Config struct {
	// HostPort overrides all of that, for a server that the program itself has
	// started or a test's. Neither environment nor profiles are read then: their
	// API key and certificates are meant for another server.
	HostPort string
	// Namespace overrides the namespace; empty means the configured one, and
	// "default" where none is.
	Namespace string
	// Codec seals every payload. It is required: without one, PINs and names
	// would rest in Temporal in plain text.
	Codec *Codec
	// Logger receives the SDK's log lines; nil drops them.
	Logger *zap.Logger
	// Identity is what Temporal's tools show as the worker's name; empty means
	// the SDK's "pid@host".
	Identity string
	// Metrics receives the SDK's metrics and the workflows' own; nil drops them.
	Metrics client.MetricsHandler
}

// Target is where a Config leads.
type Target struct {
	HostPort  string
	Namespace string
}

// String names the target as in a message.
func (t Target) String() string {
	return fmt.Sprintf("Temporal at %s, namespace %q", t.HostPort, t.Namespace)
}

// Target tells where Dial would connect to.
func (c Config) Target() (Target, error) {
	options, err := c.address()
	return Target{HostPort: options.HostPort, Namespace: options.Namespace}, err
}

// Dial connects to Temporal, and checks that the server answers and has the
// namespace. The caller closes the client.
func Dial(ctx context.Context, c Config) (client.Client, error) {
	options, err := c.clientOptions()
	if err != nil {
		return nil, err
	}
	at := Target{HostPort: options.HostPort, Namespace: options.Namespace}
	connected, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("%s does not answer: %w; check that a server listens there (TEMPORAL_ADDRESS, TEMPORAL_PROFILE) "+
			"and that TLS and API key are the ones it wants (TEMPORAL_TLS, TEMPORAL_API_KEY)", at, err)
	}
	if err := CheckNamespace(ctx, connected, at); err != nil {
		connected.Close()
		return nil, err
	}
	return connected, nil
}

// DialLazy returns a client that connects with its first call, so that the API
// starts, and says that it is not ready, while Temporal is away. What Dial
// checks, CheckNamespace checks later.
func DialLazy(c Config) (client.Client, error) {
	options, err := c.clientOptions()
	if err != nil {
		return nil, err
	}
	return client.NewLazyClient(options)
}

// DataConverter is the SDK's default one with the codec around it. Everything
// that reads or writes our payloads must use it: client, worker, replay.
func DataConverter(codec *Codec) converter.DataConverter {
	if codec == nil {
		return converter.GetDefaultDataConverter()
	}
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
}

func (c Config) clientOptions() (client.Options, error) {
	if c.Codec == nil {
		return client.Options{}, errors.New("no payload codec: PINs and names would be stored in plain text")
	}
	options, err := c.address()
	if err != nil {
		return client.Options{}, err
	}
	options.Logger = NewTemporalLogger(c.Logger)
	options.Identity = c.Identity
	options.MetricsHandler = c.Metrics
	options.DataConverter = DataConverter(c.Codec)
	options.FailureConverter = FailureConverter(c.Codec)
	return options, nil
}

// address finds out where to connect and with which credentials, and fills the
// SDK's own defaults in, so that messages can name them.
func (c Config) address() (client.Options, error) {
	options := client.Options{HostPort: c.HostPort}
	if c.HostPort == "" {
		var err error
		if options, err = envconfig.LoadDefaultClientOptions(); err != nil {
			return client.Options{}, fmt.Errorf("the settings for Temporal cannot be read (TEMPORAL_* variables, or the file that TEMPORAL_CONFIG_FILE names): %w", err)
		}
	}
	if options.HostPort == "" {
		options.HostPort = client.DefaultHostPort
	}
	if c.Namespace != "" {
		options.Namespace = c.Namespace
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	return options, nil
}
