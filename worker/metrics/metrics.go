// This file makes the metrics of one process and serves them.

package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/keystay/keystay/workflows"
)

const (
	// Path is where Prometheus finds the metrics.
	Path = "/metrics"

	// readTimeout bounds a request's headers, stopGrace a scrape under way at the
	// end.
	readTimeout = 5 * time.Second
	stopGrace   = 2 * time.Second
)

// Metrics are those of one process.
type Metrics struct {
	registry *prometheus.Registry
	meter    metric.Meter
	handler  client.MetricsHandler
}

// New makes them. Counters of the table whose labels have known words begin at 0:
// what is not there before it happens cannot be seen to grow.
func New() (*Metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// Without suffixes a name is the one in the table, or in Temporal's documentation.
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutUnits(),
		otelprometheus.WithoutCounterSuffixes(), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithView(views()...)).Meter("keystay")
	m := &Metrics{registry: registry, meter: meter, handler: opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: meter, UseMonotonicCounters: true,
		// A metric that cannot be made must not stop a stay.
		OnError: func(error) {},
	})}
	m.beginAtZero()
	return m, nil
}

// Handler records metrics, for a Temporal client and for our own parts.
func (m *Metrics) Handler() client.MetricsHandler { return m.handler }

// HTTP answers with all metrics of this process.
func (m *Metrics) HTTP() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// Serve listens on an address, host:port, and answers in the background until ctx
// ends. It fails at once where it cannot listen. It asks nobody who they are.
func (m *Metrics) Serve(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("the address for metrics (KEYSTAY_METRICS_LISTEN) cannot be listened on; it must be host:port, another for each process of a machine: %w", err)
	}
	server := &http.Server{Handler: m.HTTP(), ReadHeaderTimeout: readTimeout}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		_ = server.Shutdown(grace)
	}()
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = listener.Close()
		}
	}()
	return nil
}

// beginAtZero shows every counter whose labels have known words.
func (m *Metrics) beginAtZero() {
	for _, of := range workflows.Metrics {
		if of.Kind != workflows.MetricCounter {
			continue
		}
		for _, words := range combinations(of.Labels) {
			of.Add(m.handler, 0, words...)
		}
	}
}

// combinations are all words that labels can hold together; none where the words
// of one are not in the table.
func combinations(labels []workflows.MetricLabel) [][]string {
	all := [][]string{nil}
	for _, label := range labels {
		var longer [][]string
		for _, words := range all {
			for _, word := range label.Values {
				longer = append(longer, append(words[:len(words):len(words)], word))
			}
		}
		all = longer
	}
	return all
}
