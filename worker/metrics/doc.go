// Package metrics serves the metrics of one process, worker or API, to
// Prometheus: Temporal's SDK records through OpenTelemetry, and so does Keystay,
// by the table in package workflows. Nothing else imports OpenTelemetry or
// Prometheus. It may import workflows and below; main.go and deploy/local hand
// its handler to worker and API.
package metrics
