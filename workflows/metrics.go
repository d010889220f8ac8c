// This file is the table of Keystay's own metrics: their names, units and labels
// as Prometheus shows them. Temporal's SDK adds its own, named as its
// documentation does. A label holds words of this table and nothing else: no id,
// no PIN, no name, no token.

package workflows

import (
	"time"

	"go.temporal.io/sdk/client"
)

// MetricKind is how a metric behaves.
type MetricKind string

// The kinds of metrics.
const (
	// MetricCounter only grows; after a restart of its program it begins at 0.
	MetricCounter MetricKind = "counter"
	// MetricGauge is counted anew whenever somebody asks.
	MetricGauge MetricKind = "gauge"
	// MetricHistogram is a distribution of seconds.
	MetricHistogram MetricKind = "histogram"
)

// Metric is one line of the table.
type Metric struct {
	// Name ends in the unit, or in _total for a counter.
	Name   string
	Kind   MetricKind
	Help   string
	Labels []MetricLabel
	// Buckets are a histogram's upper bounds in seconds.
	Buckets []float64
}

// MetricLabel is one label with the words that it may hold. Rows of the recovery
// policy are not repeated here: the code bounds them.
type MetricLabel struct {
	Name   string
	Values []string
}

// Bounds in seconds: waits for people and doors, slack before check-in, and calls.
var (
	waitBuckets  = []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400}
	slackBuckets = []float64{-14400, -3600, -900, 0, 900, 3600, 7200, 14400, 43200, 86400, 172800, 259200, 604800}
	callBuckets  = []float64{0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30}
)

// The metrics of workflows. Each is recorded once, on change, and never in a replay.
var (
	MetricTimeToProof = Metric{
		Name: "keystay_time_to_proof_seconds", Kind: MetricHistogram, Buckets: waitBuckets,
		Help: "From when a stay's PIN was to be brought to its doors (acceptance, or the lead before check-in) to the required proof on all of them, for the first time.",
	}
	MetricSlackAtProof = Metric{
		Name: "keystay_slack_at_proof_seconds", Kind: MetricHistogram, Buckets: slackBuckets,
		Help: "Time left to check-in when a stay first had the required proof on all doors; negative after check-in.",
	}
	MetricUnready = Metric{
		Name: "keystay_unready_seconds", Kind: MetricHistogram, Buckets: waitBuckets,
		Help: "How long a stay that had been ready was not, until it was again.",
	}
	MetricDecisions = Metric{
		Name: "keystay_decisions_total", Kind: MetricCounter,
		Help:   "Decisions about a door that differ from the one before, by action and by the row of the recovery policy that decided.",
		Labels: []MetricLabel{{Name: "action", Values: actionWords()}, {Name: "row"}},
	}
	MetricAttentionRaised = Metric{
		Name: "keystay_attention_raised_total", Kind: MetricCounter,
		Help:   "How often a reason for a person to look was raised.",
		Labels: []MetricLabel{{Name: "kind", Values: attentionWords()}},
	}
	MetricDoorNews = Metric{
		Name: "keystay_door_news_total", Kind: MetricCounter,
		Help: "What keypads' logs told of stays, by what the stay said of itself then. Refused while ready is a false ready; dead_used is a PIN that opened after it should.",
		Labels: []MetricLabel{
			{Name: "kind", Values: []string{string(DoorUsed), string(DoorRefused), string(DoorDeadUsed)}},
			{Name: "said", Values: statusWords()},
		},
	}
	MetricWebhookGap = Metric{
		Name: "keystay_webhook_gap_seconds", Kind: MetricHistogram, Buckets: waitBuckets,
		Help: "Time between two webhooks of the same lock.",
	}
)

// The metrics of the API, of the Nuki client, and of what is counted in Temporal.
var (
	MetricStays = Metric{
		Name: "keystay_stays", Kind: MetricGauge,
		Help:   "Open reservations by status, counted in Temporal. Each API counts all: take the maximum, not the sum.",
		Labels: []MetricLabel{{Name: "status", Values: statusWords()}},
	}
	MetricAttention = Metric{
		Name: "keystay_attention", Kind: MetricGauge,
		Help: "Open stays, locks and event deliveries that a person should look at, by reason, counted in Temporal. Each API counts all: take the maximum, not the sum.",
		Labels: []MetricLabel{
			{Name: "kind", Values: attentionWords()},
			{Name: "of", Values: []string{ReservationWorkflowType, SmartlockWorkflowType, EventsWorkflowType}},
		},
	}
	MetricCounted = Metric{
		Name: "keystay_counted", Kind: MetricGauge,
		Help: "1 where Temporal let the API count stays and reasons for attention, 0 where it did not: then both are absent.",
	}
	MetricNukiAnswers = Metric{
		Name: "keystay_nuki_answers_total", Kind: MetricCounter,
		Help:   "Answers of Nuki's Web API by operation and class; no_answer and not_sent (held back by our own pace) are no answers.",
		Labels: []MetricLabel{{Name: "operation", Values: nukiOperations()}, {Name: "class", Values: nukiClasses()}},
	}
	MetricNukiTime = Metric{
		Name: "keystay_nuki_answer_seconds", Kind: MetricHistogram, Buckets: callBuckets,
		Help:   "Time of one call of Nuki's Web API, waiting for its turn included.",
		Labels: []MetricLabel{{Name: "operation", Values: nukiOperations()}},
	}
	MetricWebhooks = Metric{
		Name: "keystay_webhook_events_total", Kind: MetricCounter,
		Help:   "Webhook events by outcome; for bad_signature and unparsable whole requests.",
		Labels: []MetricLabel{{Name: "outcome", Values: []string{WebhookAccepted, WebhookUnknownLock, WebhookIgnored, WebhookBadSignature, WebhookUnparsable}}},
	}
	MetricWebhookLag = Metric{
		Name: "keystay_webhook_lag_seconds", Kind: MetricHistogram, Buckets: waitBuckets,
		Help: "From when a keypad was used, by the log row that a webhook carries, to that webhook.",
	}
)

// Metrics is the whole table.
var Metrics = []Metric{
	MetricTimeToProof, MetricSlackAtProof, MetricUnready, MetricDecisions, MetricAttentionRaised, MetricDoorNews, MetricWebhookGap,
	MetricStays, MetricAttention, MetricCounted, MetricNukiAnswers, MetricNukiTime, MetricWebhooks, MetricWebhookLag,
}

// What became of a webhook's events.
const (
	WebhookAccepted     = "accepted"
	WebhookUnknownLock  = "unknown_lock"
	WebhookIgnored      = "ignored"
	WebhookBadSignature = "bad_signature"
	WebhookUnparsable   = "unparsable"
)

// Add counts n more, under one word for each label.
func (m Metric) Add(to client.MetricsHandler, n int64, words ...string) {
	to.WithTags(m.tags(words)).Counter(m.Name).Inc(n)
}

// Observe records one span of time, under one word for each label.
func (m Metric) Observe(to client.MetricsHandler, span time.Duration, words ...string) {
	to.WithTags(m.tags(words)).Timer(m.Name).Record(span)
}

func (m Metric) tags(words []string) map[string]string {
	tags := map[string]string{}
	for i, label := range m.Labels {
		tags[label.Name] = words[i]
	}
	return tags
}

// statusWords are those of Statuses, and of a stay that has not said any yet.
func statusWords() []string {
	all := []string{"none"}
	for _, status := range Statuses {
		all = append(all, string(status))
	}
	return all
}

func attentionWords() []string { return words(Attentions) }

func actionWords() []string {
	var all []string
	for _, action := range []Action{
		ActWait, ActRead, ActSync, ActCreate, ActUpdate, ActRefresh, ActDelete, ActDisarm, ActAskFreshPIN, ActDone,
	} {
		all = append(all, string(action))
	}
	return all
}

// nukiOperations are the calls that a running system makes, as package nuki names
// them.
func nukiOperations() []string {
	return []string{
		"list smart locks", "read smart lock", "list authorizations", "create authorization", "update authorization",
		"delete authorization", "sync", "read log",
	}
}

// nukiClasses sort answers by what they mean for the account.
func nukiClasses() []string {
	return []string{"2xx", "3xx", "401", "429", "4xx", "5xx", "unreadable", "no_answer", "not_sent"}
}
