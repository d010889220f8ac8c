// This file is the activities about events: one hands them over to the workflow
// that delivers them, the other delivers one.

package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/activities/nuki"
)

// Courier performs the activities about events.
type Courier struct {
	// Client signals the workflows that deliver.
	Client client.Client
	// Subscribers are those that this worker can reach.
	Subscribers []Subscriber
	// HTTP sends; nil means a client of the courier's own.
	HTTP *http.Client
}

// Recipient is a workflow that is signalled, and started where it does not run.
type Recipient struct {
	WorkflowID   string `json:"workflow_id"`
	WorkflowType string `json:"workflow_type"`
	Signal       string `json:"signal"`
}

// HandOver signals a workflow, and starts it where it does not run. The message
// passes through as it is: what it says is between the two workflows. It may come
// twice, where an attempt was answered and the answer was lost.
func (c *Courier) HandOver(ctx context.Context, to Recipient, message converter.RawValue) error {
	_, err := c.Client.SignalWithStartWorkflow(ctx, to.WorkflowID, to.Signal, message,
		client.StartWorkflowOptions{ID: to.WorkflowID, TaskQueue: WorkflowTaskQueue}, to.WorkflowType, struct{}{})
	return err
}

// Delivery asks for one attempt to deliver one event.
type Delivery struct {
	Subscriber string `json:"subscriber"`
	Event      Event  `json:"event"`
}

// Delivered says how a delivery ended that need not be tried again.
type Delivered struct {
	// Status is what the receiver answered, of 2xx.
	Status int `json:"status,omitempty"`
	// Off: nothing was sent, as the subscriber is switched off.
	Off bool `json:"off,omitempty"`
}

const (
	// answerWithin is far above what taking an event in should need: receivers
	// are asked to answer first and to work afterwards.
	answerWithin = 10 * time.Second
	// maxReceiverAnswer is how much of an answer is read, and that only so that
	// the connection can be used again. Nothing in it matters but the status.
	maxReceiverAnswer = 4 << 10
	// maxReceiverHeader bounds what a receiver can make us hold.
	maxReceiverHeader = 16 << 10
)

// receivers is the client of every courier that has none of its own: connections
// are kept from one delivery to the next.
var receivers = NewReceiverClient()

// NewReceiverClient follows no redirect: a signature is for one address.
func NewReceiverClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = maxReceiverHeader
	return &http.Client{
		Transport: transport, Timeout: answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Deliver sends one event to one subscriber, once.
func (c *Courier) Deliver(ctx context.Context, delivery Delivery) (Delivered, error) {
	at := slices.IndexFunc(c.Subscribers, func(s Subscriber) bool { return s.Name == delivery.Subscriber })
	if at < 0 {
		return Delivered{}, unknownSubscriber(delivery.Subscriber)
	}
	to := c.Subscribers[at]
	if to.Off {
		return Delivered{Off: true}, nil
	}
	request, err := to.request(ctx, delivery.Event, time.Now())
	if err != nil {
		return Delivered{}, notSendable(to.Name)
	}
	return c.send(to.Name, request)
}

func (c *Courier) send(name string, request *http.Request) (Delivered, error) {
	sender := c.HTTP
	if sender == nil {
		sender = receivers
	}
	response, err := sender.Do(request)
	if err != nil {
		return Delivered{}, noAnswer(name, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxReceiverAnswer)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return Delivered{}, turnedDown(name, response.StatusCode, nuki.RetryAfter(response.Header.Get("Retry-After")))
	}
	return Delivered{Status: response.StatusCode}, nil
}

// request is the event as this subscriber gets it, signed at this moment: a
// receiver refuses what was signed long ago.
func (s Subscriber) request(ctx context.Context, event Event, now time.Time) (*http.Request, error) {
	if !s.WithPIN {
		event.PIN = nuki.PIN{}
	}
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "keystay")
	return request, s.sign(request.Header, event.ID, now, body)
}

// sign adds the headers of Standard Webhooks.
func (s Subscriber) sign(header http.Header, id string, now time.Time, body []byte) error {
	signer, err := s.signer()
	if err != nil {
		return err
	}
	signature, err := signer.Sign(id, now, body)
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return err
}
