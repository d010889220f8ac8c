// This file gives each metric what the SDK's handler cannot: its help text, its
// buckets, and the only labels that it may have.

package metrics

import (
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/keystay/keystay/workflows"
)

// sdkBuckets are in seconds, for the SDK's own latencies.
var sdkBuckets = []float64{0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600}

// views are those of the table, and one for the SDK's latencies.
func views() []sdkmetric.View {
	all := []sdkmetric.View{sdkmetric.NewView(
		sdkmetric.Instrument{Name: "temporal_*", Kind: sdkmetric.InstrumentKindHistogram},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: sdkBuckets}},
	)}
	for _, of := range workflows.Metrics {
		stream := sdkmetric.Stream{Description: of.Help, AttributeFilter: labelsOf(of)}
		if of.Kind == workflows.MetricHistogram {
			stream.Aggregation = sdkmetric.AggregationExplicitBucketHistogram{Boundaries: of.Buckets}
		}
		all = append(all, sdkmetric.NewView(sdkmetric.Instrument{Name: of.Name}, stream))
	}
	return all
}

// labelsOf lets the table's labels pass and drops all others, those too that the
// SDK adds to whatever a workflow records.
func labelsOf(of workflows.Metric) attribute.Filter {
	var keys []attribute.Key
	for _, label := range of.Labels {
		keys = append(keys, attribute.Key(label.Name))
	}
	return attribute.NewAllowKeysFilter(keys...)
}
