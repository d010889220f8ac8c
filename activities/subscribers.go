// This file is who receives events: the configuration of subscribers, and what
// in it cannot work.

package activities

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Subscriber is one receiver of events. However it is printed, it shows its name
// alone: its URL may hold a password, or a key in its query.
type Subscriber struct {
	// Name is what people and workflows know it by; it is no secret.
	Name string `json:"name"`
	// URL takes events by POST: https, or http on a loopback address.
	URL string `json:"url"`
	// Secret signs what is sent: "whsec_" and 24 to 64 bytes in base64.
	Secret string `json:"secret"`
	// Types selects events; none selects all.
	Types TypeFilter `json:"types"`
	// WithPIN: events may carry the PIN, once it may be told.
	WithPIN bool `json:"with_pin"`
	// Off drops what is still on its way to it, without a word. This is how a
	// subscriber is taken away: reservations that know it go on naming it.
	Off bool `json:"off"`
}

// String is the name.
func (s Subscriber) String() string { return s.Name }

// Format prints the name, whatever the verb.
func (s Subscriber) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.Name) }

// maxSubscribers keeps an event's fan-out within what one workflow should do.
const maxSubscribers = 10

var (
	subscriberName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
	errNotJSON     = errors.New(`it must be JSON: {"subscribers": [{"name": …, "url": …, "secret": …}]}`)
)

// ParseSubscribers reads and checks a file of subscribers. Its errors name the
// subscriber and the field, and never quote a URL or a secret.
func ParseSubscribers(from io.Reader) ([]Subscriber, error) {
	var file struct {
		Subscribers []Subscriber `json:"subscribers"`
	}
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, jsonProblem(err)
	}
	if decoder.More() {
		return nil, errors.New("it has more than one JSON value")
	}
	return file.Subscribers, CheckSubscribers(file.Subscribers)
}

// jsonProblem says what is wrong with a file, without its content. The decoder
// has no type for an unknown field; that one is named by its text.
func jsonProblem(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("field %q must not be a %s", wrong.Field, wrong.Value)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return errNotJSON
}

// CheckSubscribers says what in a configuration cannot work.
func CheckSubscribers(all []Subscriber) error {
	if len(all) > maxSubscribers {
		return fmt.Errorf("there are %d subscribers, and at most %d are served", len(all), maxSubscribers)
	}
	seen := map[string]bool{}
	for i, subscriber := range all {
		if !subscriberName.MatchString(subscriber.Name) {
			return fmt.Errorf("subscriber %d: name must be 1 to 40 small letters, digits, dashes or underscores", i+1)
		}
		if seen[subscriber.Name] {
			return fmt.Errorf("subscriber %q is there twice", subscriber.Name)
		}
		seen[subscriber.Name] = true
		if err := subscriber.check(); err != nil {
			return fmt.Errorf("subscriber %q: %w", subscriber.Name, err)
		}
	}
	return nil
}

func (s Subscriber) check() error {
	for _, pattern := range s.Types {
		if !selects(pattern) {
			return fmt.Errorf("types: %q selects no event that there is", pattern)
		}
	}
	if s.Off {
		return nil // Nothing is sent to it any more.
	}
	if err := checkReceiver(s.URL); err != nil {
		return err
	}
	_, err := s.signer()
	return err
}

// checkReceiver refuses addresses that would carry events in the clear.
func checkReceiver(address string) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Hostname() == "":
		return errors.New("url must be https://host/path")
	case parsed.Scheme == "http" && isLoopback(parsed.Hostname()), parsed.Scheme == "https":
		return nil
	}
	return errors.New("url must be https; http is for loopback addresses such as http://127.0.0.1:9000/")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

const (
	secretPrefix = "whsec_"
	// The bounds of Standard Webhooks for a signing key.
	minSecret, maxSecret = 24, 64
)

// signer makes and checks signatures by the secret.
func (s Subscriber) signer() (*standardwebhooks.Webhook, error) {
	encoded, marked := strings.CutPrefix(s.Secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !marked || err != nil || len(key) < minSecret || len(key) > maxSecret {
		return nil, fmt.Errorf("secret must be %s and %d to %d bytes in base64: echo whsec_$(openssl rand -base64 32)", secretPrefix, minSecret, maxSecret)
	}
	return standardwebhooks.NewWebhookRaw(key)
}
