// This file takes webhooks of Nuki in: each becomes a wake-up of its lock's
// front desk, and is answered 2xx only once Temporal has it.

package api

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// maxWebhook bounds the body; Nuki's are some kilobytes.
const maxWebhook = 1 << 20

// webhookCounts count since the process began: events, and for the signature
// and the syntax whole requests.
type webhookCounts struct {
	accepted, unknownLock, ignored, badSignature, unparsable atomic.Int64
}

// handled answers a webhook: what became of its events.
type handled struct {
	Accepted    int64 `json:"accepted"`
	UnknownLock int64 `json:"unknown_lock"`
	Ignored     int64 `json:"ignored"`
}

// postWebhook has no bearer token: the signature over the raw body says that it
// is Nuki's. It does not say that it is new, so it is a reason to read and
// never a fact.
func (s *Server) postWebhook(w http.ResponseWriter, r *http.Request) error {
	if s.config.WebhookSecret == "" {
		p := problem(http.StatusServiceUnavailable, codeWebhooksDisabled,
			"No webhook secret is configured, so no webhook can be trusted. Keystay works without them, more slowly.")
		p.retryAfter = retryLater
		return p
	}
	body, err := readBody(w, r, maxWebhook)
	if err != nil {
		return err
	}
	if !nuki.VerifySignature(s.config.WebhookSecret, body, r.Header.Get(nuki.SignatureHeader)) {
		s.hooks.badSignature.Add(1)
		workflows.MetricWebhooks.Add(s.config.Metrics, 1, workflows.WebhookBadSignature)
		return badSignature()
	}
	events, err := nuki.ParseWebhook(body)
	if err != nil {
		s.hooks.unparsable.Add(1)
		workflows.MetricWebhooks.Add(s.config.Metrics, 1, workflows.WebhookUnparsable)
		return problem(http.StatusBadRequest, codeMalformedJSON, "The body must be a JSON object, or an array of them.")
	}
	done, err := s.wakeAll(r.Context(), events)
	s.measure(events, done)
	if err != nil {
		return notRecorded(err)
	}
	return writeJSON(w, http.StatusOK, done)
}

// measure records what became of a request's events, and how late a keypad's use is
// told. Other dates are of the entry or the lock, and say nothing of the webhook.
func (s *Server) measure(events []nuki.Event, done handled) {
	for outcome, n := range map[string]int64{
		workflows.WebhookAccepted: done.Accepted, workflows.WebhookUnknownLock: done.UnknownLock, workflows.WebhookIgnored: done.Ignored,
	} {
		workflows.MetricWebhooks.Add(s.config.Metrics, n, outcome)
	}
	for _, event := range events {
		if event.Feature == nuki.FeatureLogs && !event.Date.IsZero() {
			// A lock's clock may be ahead of ours.
			workflows.MetricWebhookLag.Observe(s.config.Metrics, max(0, s.config.Clock().Sub(event.Date)))
		}
	}
}

func badSignature() *Problem {
	p := problem(http.StatusUnauthorized, codeBadSignature, "The body is not signed with this installation's webhook secret.")
	p.challenge = nuki.SignatureHeader
	return p
}

// wakeAll hands over every event of interest. It stops at the first that
// Temporal does not take: Nuki sends the whole again, which does no harm.
func (s *Server) wakeAll(ctx context.Context, events []nuki.Event) (handled, error) {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	var done handled
	for _, event := range events {
		if !ofInterest(event) {
			done.Ignored++
			s.hooks.ignored.Add(1)
			continue
		}
		err := s.engine.wake(ctx, event)
		switch {
		case err == nil:
			done.Accepted++
			s.hooks.accepted.Add(1)
		case isNotFound(err):
			done.UnknownLock++
			s.hooks.unknownLock.Add(1)
		default:
			return done, err
		}
	}
	return done, nil
}

// ofInterest reports whether an event can concern a PIN on a lock. The answers to
// advanced calls have no feature, and none of ours is such a call; a feature
// that is new to us may be a sign of life.
func ofInterest(event nuki.Event) bool {
	return event.SmartlockID > 0 && event.Feature != "" && event.Feature != nuki.FeatureAccountUser
}
