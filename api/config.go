// This file is what a Server is made of, and which settings it refuses.

package api

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/keystay/keystay/workflows"
)

// Config is the whole program as a value. Temporal and Listen are needed, the
// rest may be left out.
type Config struct {
	// Listen is host:port. Without a Token its host must be a loopback address.
	Listen string
	// Temporal is a client whose data converter has the payload codec.
	Temporal client.Client
	// Namespace is named in listings; empty for the client's own.
	Namespace string

	// Token is the bearer token of /v1.
	Token string
	// OperatorToken is the bearer token of locks' actions, and reads of locks too.
	// Without one Token is.
	OperatorToken string
	// PINToken opens what OperatorToken does of reservations, and tells PINs: for
	// people who may see them.
	PINToken string
	// WebhookSecret signs what Nuki sends; without it webhooks are refused.
	WebhookSecret string

	// Codec answers /encode and /decode for Temporal's Web UI; nil serves none.
	Codec http.Handler
	// CodecToken is the bearer token of the codec server, a scope of its own:
	// who has it can read PINs and names. Without it the codec is served on a
	// loopback address only.
	CodecToken string
	// UIOrigin is the Web UI's scheme://host[:port], which may call the codec
	// server from a browser.
	UIOrigin string

	// Policy travels with every reservation that is put or withdrawn.
	Policy workflows.Policy

	// Metrics receives what the API counts; nil drops it.
	Metrics client.MetricsHandler

	// Logger and Clock default to silence and to the system's time.
	Logger *zap.Logger
	Clock  func() time.Time
}

// check refuses settings that cannot work, or would leave doors open.
func (c Config) check() error {
	if c.Temporal == nil {
		return errors.New("api: a Temporal client is needed")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("api: the address to listen on must be host:port: %w", err)
	}
	if c.Token == "" && !c.loopback() {
		return fmt.Errorf("api: without a token it may only listen on a loopback address such as 127.0.0.1:8080, "+
			"not on %q: configure a token, or another address", c.Listen)
	}
	if err := c.checkScopes(); err != nil {
		return err
	}
	return checkOrigin(c.UIOrigin)
}

// checkScopes refuses one token for two scopes: the smaller would be the greater.
func (c Config) checkScopes() error {
	tokens := []string{c.Token, c.OperatorToken, c.PINToken, c.CodecToken}
	for i, token := range tokens {
		if token != "" && slices.Contains(tokens[:i], token) && (token == c.OperatorToken || token == c.PINToken) {
			return errors.New("api: the operator's token and that of people who may see PINs must each be another than all other tokens")
		}
	}
	return nil
}

// loopback reports whether only this machine can reach the address.
func (c Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && isLoopback(host)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// checkOrigin refuses what a browser would never send as an Origin, such as a
// trailing slash, which would otherwise fail without a word in the Web UI.
func checkOrigin(origin string) error {
	if origin == "" {
		return nil
	}
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Host == "" || parsed.Scheme+"://"+parsed.Host != origin {
		return fmt.Errorf("api: the Web UI's origin must be scheme://host[:port] without a path or slash, not %q", origin)
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = zap.NewNop()
	}
	if c.Metrics == nil {
		c.Metrics = client.MetricsNopHandler
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}
