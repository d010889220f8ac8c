// This file counts stays and reasons for attention in Temporal when somebody asks:
// what a process remembered would be wrong after a restart, and beside a second one.

package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/workflows"
)

const (
	// countTime is less than Prometheus waits for a scrape (10 s).
	countTime = 8 * time.Second
	// countEvery bounds what counting costs Temporal, however often one asks.
	countEvery = 10 * time.Second
	// countPage is how many executions one call lists.
	countPage = 500
)

// counted is how many there are, by status, and by reason and workflow type.
type counted struct {
	stays     map[string]int64
	attention map[[2]string]int64
}

// census counts, at most every so often.
type census struct {
	temporal client.Client

	mu   sync.Mutex
	at   time.Time
	last counted
	err  error
}

// CountStays has each scrape show how many stays there are by status and how much
// attention they need. While Temporal does not answer neither is shown, rather
// than what once was true.
func (m *Metrics) CountStays(temporal client.Client) error {
	gauges := map[string]metric.Int64ObservableGauge{}
	var all []metric.Observable
	for _, of := range []workflows.Metric{workflows.MetricStays, workflows.MetricAttention, workflows.MetricCounted} {
		gauge, err := m.meter.Int64ObservableGauge(of.Name)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		gauges[of.Name] = gauge
		all = append(all, gauge)
	}
	c := &census{temporal: temporal}
	_, err := m.meter.RegisterCallback(func(ctx context.Context, to metric.Observer) error {
		now, err := c.take(ctx)
		if err != nil {
			to.ObserveInt64(gauges[workflows.MetricCounted.Name], 0)
			return nil
		}
		to.ObserveInt64(gauges[workflows.MetricCounted.Name], 1)
		for status, n := range now.stays {
			to.ObserveInt64(gauges[workflows.MetricStays.Name], n, metric.WithAttributes(attribute.String("status", status)))
		}
		for of, n := range now.attention {
			to.ObserveInt64(gauges[workflows.MetricAttention.Name], n, metric.WithAttributes(
				attribute.String("kind", of[0]), attribute.String("of", of[1])))
		}
		return nil
	}, all...)
	return err
}

// take counts, or answers what was counted a moment ago.
func (c *census) take(ctx context.Context) (counted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < countEvery {
		return c.last, c.err
	}
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	c.last, c.err = count(ctx, c.temporal)
	c.at = time.Now()
	return c.last, c.err
}

func count(ctx context.Context, temporal client.Client) (counted, error) {
	stays, err := countStays(ctx, temporal)
	if err != nil {
		return counted{}, err
	}
	attention, err := countAttention(ctx, temporal)
	return counted{stays: stays, attention: attention}, err
}

// countStays asks once for each status: Temporal groups by its own attributes only.
func countStays(ctx context.Context, temporal client.Client) (map[string]int64, error) {
	all := map[string]int64{}
	for _, status := range workflows.Statuses {
		query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running' AND %s = '%s'",
			workflows.ReservationWorkflowType, workflows.AttributeStatus.GetName(), status)
		answer, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			return nil, err
		}
		all[string(status)] = answer.GetCount()
	}
	return all, nil
}

// countAttention reads what is open and needs attention: few, where all is well,
// so that it costs less than a question for each reason.
func countAttention(ctx context.Context, temporal client.Client) (map[[2]string]int64, error) {
	all := noneOfEach()
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: countPage,
		Query:    fmt.Sprintf("ExecutionStatus = 'Running' AND %s IS NOT NULL", workflows.AttributeAttention.GetName()),
	}
	for {
		page, err := temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, execution := range page.GetExecutions() {
			for _, kind := range kinds(execution) {
				all[[2]string{kind, execution.GetType().GetName()}]++
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return all, nil
		}
	}
}
