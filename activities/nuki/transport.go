// This file is one HTTP exchange: build it, send it, bound and read the answer.

package nuki

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxAnswer is far above a full lock's list (200 entries of about 600 bytes).
	maxAnswer = 8 << 20
	// maxComplaint is how much of an error's body is looked at.
	maxComplaint = 64 << 10
)

// call is one request to make.
type call struct {
	operation string // for people, in errors
	method    string
	path      string // escaped, from the first slash on
	query     url.Values
	body      any // nil for none
	into      any // where the answer goes; nil when it has no body
}

// Exchange is one call as it went, for whoever counts them. It holds no id.
type Exchange struct {
	// Operation is what was asked, in a few words that the code bounds.
	Operation string
	// Took is the whole time, waiting for its turn included.
	Took time.Duration
	// Err is nil or what the caller got.
	Err error
}

// do makes a call, and tells whoever observes.
func (c *Client) do(ctx context.Context, call call) error {
	began := time.Now()
	err := c.exchange(ctx, call)
	c.observe(Exchange{Operation: call.operation, Took: time.Since(began), Err: err})
	return err
}

func (c *Client) exchange(ctx context.Context, call call) error {
	request, err := c.request(call)
	if err != nil {
		return c.notSent(call, cause(err, c.token))
	}
	if err := c.pace.wait(ctx); err != nil {
		return c.notSent(call, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	response, err := c.http.Do(request.WithContext(ctx))
	if err != nil {
		return &Error{Operation: call.operation, Err: cause(err, c.token)}
	}
	defer finish(response.Body)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return c.refusal(call, response)
	}
	if call.into == nil {
		return nil
	}
	if err := decode(response.Body, call.into); err != nil {
		return &Error{Operation: call.operation, Status: response.StatusCode, Err: cause(err, c.token)}
	}
	return nil
}

func (c *Client) request(call call) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		data, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	address := c.base + call.path
	if len(call.query) > 0 {
		address += "?" + call.query.Encode()
	}
	request, err := http.NewRequest(call.method, address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

func (c *Client) notSent(call call, err error) error {
	return &Error{
		Operation:  call.operation,
		RetryAfter: c.pace.left(),
		Err:        fmt.Errorf("%w: %w", ErrNotSent, err),
	}
}

// refusal reads an answer that is not 2xx. Its body is only ever a message: the
// shape of most of them is not documented.
func (c *Client) refusal(call call, response *http.Response) error {
	wait := RetryAfter(response.Header.Get("Retry-After"))
	c.pace.heed(response.StatusCode, wait)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxComplaint))
	if err != nil {
		body = nil
	}
	return &Error{
		Operation:  call.operation,
		Status:     response.StatusCode,
		RetryAfter: wait,
		Message:    redact(complaint(body), c.token),
	}
}

func decode(from io.Reader, into any) error {
	body, err := io.ReadAll(io.LimitReader(from, maxAnswer+1))
	if err != nil {
		return err
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	// null would decode to an empty list, and an empty list is evidence of absence.
	if string(bytes.TrimSpace(body)) == "null" {
		return errors.New("the answer is null")
	}
	return json.Unmarshal(body, into)
}

// finish reads what is left, within reason, so that the connection can serve the
// next request.
func finish(body io.ReadCloser) {
	_, _ = io.Copy(io.Discard, io.LimitReader(body, maxComplaint))
	_ = body.Close()
}

// newTransport keeps connections open between requests: a new TLS handshake for
// each of them would cost more than the request.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	transport.IdleConnTimeout = 90 * time.Second
	return transport
}

// noRedirects hands a redirect back as an answer: a bearer token must not travel
// to wherever it points.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
