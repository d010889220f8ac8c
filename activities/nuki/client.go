// This file is the client: its options, and one method for each endpoint in use.

package nuki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// The defaults of Options. Nuki documents no rate limit, only that abuse is
// stopped (staff); 5 requests a second is a guess on the polite side.
const (
	DefaultBaseURL           = "https://api.nuki.io"
	DefaultUserAgent         = "keystay"
	DefaultRequestsPerSecond = 5
	DefaultBurst             = 10
	DefaultTimeout           = 15 * time.Second
)

// Options say how to reach Nuki. Only Token is required.
type Options struct {
	BaseURL           string        // http or https, without query; "" = DefaultBaseURL
	Token             string        `json:"-"` // API token or OAuth2 access token of the account
	UserAgent         string        // "" = DefaultUserAgent
	HTTPClient        *http.Client  // nil = one with a transport of its own; redirects are refused in any case
	RequestsPerSecond float64       // of all callers together; 0 = DefaultRequestsPerSecond
	Burst             int           // requests that may go out at once; 0 = DefaultBurst
	Timeout           time.Duration // of one request and its answer, waiting for its turn not included; 0 = DefaultTimeout

	// Observe, where given, is called after each call, from any goroutine.
	Observe func(Exchange) `json:"-"`

	// Now is the clock of the shared pause after a 429 or 401; nil = time.Now.
	// A simulation on virtual time has another one.
	Now func() time.Time `json:"-"`
}

// String leaves the token out.
func (o Options) String() string { return "nuki options for " + o.BaseURL }

// GoString leaves the token out.
func (o Options) GoString() string { return o.String() }

// Client speaks to one Nuki account. It is safe for concurrent use, and meant to
// be the only one for its account in a process: the rate limit and the pause
// after a 429 or 401 are shared by all its callers.
//
// Every method fails with an *Error once its arguments are sound.
type Client struct {
	base      string // without a slash at the end
	token     string
	userAgent string
	http      *http.Client
	pace      *pace
	timeout   time.Duration
	observe   func(Exchange)
}

// New checks the options and makes a client. It sends nothing.
func New(o Options) (*Client, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	// A copy, so that refusing redirects does not change the caller's client.
	sender := *o.HTTPClient
	sender.CheckRedirect = noRedirects
	return &Client{
		base:      strings.TrimRight(o.BaseURL, "/"),
		token:     o.Token,
		userAgent: o.UserAgent,
		http:      &sender,
		pace:      &pace{limiter: rate.NewLimiter(rate.Limit(o.RequestsPerSecond), o.Burst), now: o.Now},
		timeout:   o.Timeout,
		observe:   o.Observe,
	}, nil
}

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.UserAgent == "" {
		o.UserAgent = DefaultUserAgent
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: newTransport()}
	}
	if o.RequestsPerSecond == 0 {
		o.RequestsPerSecond = DefaultRequestsPerSecond
	}
	if o.Burst == 0 {
		o.Burst = DefaultBurst
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Observe == nil {
		o.Observe = func(Exchange) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (o Options) check() error {
	base, err := url.Parse(o.BaseURL)
	switch {
	// The parser's own error is left out: it would quote a password in the address.
	case err != nil, base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		return errors.New("nuki: the base URL must be http:// or https:// and a host")
	case base.User != nil, base.RawQuery != "", base.Fragment != "":
		return errors.New("nuki: the base URL must have no user, query or fragment")
	case o.Token == "" || !onlyBytes(o.Token, '!', '~'):
		return errors.New("nuki: the token must be printable ASCII without spaces or line ends")
	case o.RequestsPerSecond < 0 || o.Burst < 0 || o.Timeout < 0:
		return errors.New("nuki: the rate, the burst and the timeout must be positive")
	}
	return nil
}

// String leaves the token out.
func (c *Client) String() string { return "nuki client for " + c.base }

// GoString leaves the token out.
func (c *Client) GoString() string { return c.String() }

// Smartlocks lists the devices of the account.
func (c *Client) Smartlocks(ctx context.Context) ([]Smartlock, error) {
	var listed []wireSmartlock
	err := c.do(ctx, call{operation: "list smart locks", method: http.MethodGet, path: "/smartlock", into: &listed})
	if err != nil {
		return nil, err
	}
	return readAll(listed, wireSmartlock.read), nil
}

// Smartlock reads one device. Status 404 means that the account has none of this id.
func (c *Client) Smartlock(ctx context.Context, id int64) (Smartlock, error) {
	var read wireSmartlock
	err := c.do(ctx, call{operation: "read smart lock", method: http.MethodGet, path: lockPath(id), into: &read})
	if err != nil {
		return Smartlock{}, err
	}
	return read.read(), nil
}

// Authorizations lists the keypad codes of one smart lock as the cloud has them.
// The list may be older than the lock's own, in both directions.
func (c *Client) Authorizations(ctx context.Context, lock int64) ([]Authorization, error) {
	var listed []wireAuthorization
	err := c.do(ctx, call{
		operation: "list authorizations",
		method:    http.MethodGet,
		path:      lockPath(lock) + "/auth",
		query:     url.Values{"types": {strconv.Itoa(TypeKeypadCode)}},
		into:      &listed,
	})
	if err != nil {
		return nil, err
	}
	return keypadCodes(listed), nil
}

// CreateAuthorization asks for a new keypad code. Accepted is not done, and the
// answer holds no id: read the list. Status 409 means that the lock has the code
// already, perhaps by an earlier try of ours.
//
// A disabled document is refused here: Nuki's specification has no "enabled" on
// create, so the code would open.
func (c *Client) CreateAuthorization(ctx context.Context, lock int64, d Document) error {
	if d.IsZero() {
		return errors.New("nuki: create authorization: the document is empty")
	}
	if !d.Enabled() {
		return errors.New("nuki: create authorization: a code cannot be created disabled")
	}
	return c.do(ctx, call{
		operation: "create authorization",
		method:    http.MethodPut,
		path:      lockPath(lock) + "/auth",
		body:      wireCreate{Type: TypeKeypadCode, wireDocument: d.wire()},
	})
}

// UpdateAuthorization overwrites an entry with the whole document. Accepted is
// not done. Status 423 means that another operation on the entry still runs, 409
// that the lock has the code in another entry.
func (c *Client) UpdateAuthorization(ctx context.Context, lock int64, id string, d Document) error {
	if d.IsZero() {
		return errors.New("nuki: update authorization: the document is empty")
	}
	path, err := authPath(lock, id)
	if err != nil {
		return err
	}
	return c.do(ctx, call{
		operation: "update authorization",
		method:    http.MethodPost,
		path:      path,
		body:      wireUpdate{Enabled: d.Enabled(), wireDocument: d.wire()},
	})
}

// DeleteAuthorization asks for an entry's removal. Accepted is not done. What
// Nuki answers for an entry that is gone already is not documented: take 403 and
// 404 as "perhaps gone" and read the list.
func (c *Client) DeleteAuthorization(ctx context.Context, lock int64, id string) error {
	path, err := authPath(lock, id)
	if err != nil {
		return err
	}
	return c.do(ctx, call{operation: "delete authorization", method: http.MethodDelete, path: path})
}

// Sync asks the lock to report its state to the cloud. It may heal, it may do
// nothing, and it costs battery.
func (c *Client) Sync(ctx context.Context, lock int64) error {
	return c.do(ctx, call{operation: "sync", method: http.MethodPost, path: lockPath(lock) + "/sync"})
}

// Log reads rows of the activity log, newest first.
func (c *Client) Log(ctx context.Context, lock int64, q LogQuery) ([]LogRow, error) {
	var listed []wireLogRow
	err := c.do(ctx, call{
		operation: "read log",
		method:    http.MethodGet,
		path:      lockPath(lock) + "/log",
		query:     q.values(),
		into:      &listed,
	})
	if err != nil {
		return nil, err
	}
	return readAll(listed, wireLogRow.read), nil
}

func lockPath(lock int64) string { return "/smartlock/" + strconv.FormatInt(lock, 10) }

// authPath refuses ids that would address something else than an entry: with ""
// and dots the path is that of the list, or of the lock itself.
func authPath(lock int64, id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", fmt.Errorf("nuki: %q is no authorization id", id)
	}
	return lockPath(lock) + "/auth/" + url.PathEscape(id), nil
}

func readAll[W, T any](listed []W, read func(W) T) []T {
	all := make([]T, 0, len(listed))
	for _, w := range listed {
		all = append(all, read(w))
	}
	return all
}
