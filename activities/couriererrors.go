// This file translates what a receiver of events answered, once: into a type that
// the delivering workflow decides by. No text of it holds a URL or an answer.

package activities

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Error types of deliveries: part of the contract with workflows.
const (
	// ErrReceiverDown: no answer, 408, or one of 5xx.
	ErrReceiverDown = "receiver_down"
	// ErrReceiverBusy: 429. It may say when to come back.
	ErrReceiverBusy = "receiver_busy"
	// ErrReceiverGone: 410. It wants no more events.
	ErrReceiverGone = "receiver_gone"
	// ErrReceiverClosed: 401, 403, 404, 405 or a redirect: the address or the
	// secret is wrong, for this event as for every other.
	ErrReceiverClosed = "receiver_closed"
	// ErrEventRefused: any other 4xx: the receiver does not take this event.
	ErrEventRefused = "event_refused"
	// ErrSubscriberUnknown: the worker that tried is not configured for it.
	ErrSubscriberUnknown = "subscriber_unknown"
)

// receiverTypes says what each status means, where its class does not.
var receiverTypes = map[int]string{
	http.StatusUnauthorized:     ErrReceiverClosed,
	http.StatusForbidden:        ErrReceiverClosed,
	http.StatusNotFound:         ErrReceiverClosed,
	http.StatusMethodNotAllowed: ErrReceiverClosed,
	http.StatusRequestTimeout:   ErrReceiverDown,
	http.StatusGone:             ErrReceiverGone,
	http.StatusTooManyRequests:  ErrReceiverBusy,
}

func receiverTypeOf(status int) string {
	if kind, ok := receiverTypes[status]; ok {
		return kind
	}
	switch {
	case status >= 300 && status < 400:
		return ErrReceiverClosed
	case status >= 400 && status < 500:
		return ErrEventRefused
	}
	return ErrReceiverDown
}

// undelivered is one attempt that failed. When to try again is the workflow's
// business, where it is seen; so Temporal itself retries none.
func undelivered(kind, message string, detail ErrorDetail) error {
	return temporal.NewApplicationErrorWithOptions(message, kind, temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign, Details: []any{detail},
	})
}

// turnedDown is an answer that is not 2xx.
func turnedDown(name string, status int, retryAfter time.Duration) error {
	message := fmt.Sprintf("subscriber %s answered %d %s", name, status, http.StatusText(status))
	return undelivered(receiverTypeOf(status), message, ErrorDetail{Status: status, RetryAfter: retryAfter})
}

// noAnswer says why there is none, in words of ours: the client's own error holds
// the URL.
func noAnswer(name string, err error) error {
	return undelivered(ErrReceiverDown, "subscriber "+name+" did not answer: "+whyNoAnswer(err), ErrorDetail{})
}

func whyNoAnswer(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &name):
		return "its name could not be resolved"
	case errors.As(err, &certificate):
		return "its certificate is not trusted"
	case errors.Is(err, context.Canceled):
		return "the worker was stopped"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	}
	return "the connection failed"
}

func unknownSubscriber(name string) error {
	return undelivered(ErrSubscriberUnknown, "the worker is not configured for subscriber "+name, ErrorDetail{})
}

// notSendable is an event that cannot even be written down; CheckSubscribers has
// refused the configurations that would lead here.
func notSendable(name string) error {
	return undelivered(ErrEventRefused, "the event for subscriber "+name+" could not be signed", ErrorDetail{})
}
