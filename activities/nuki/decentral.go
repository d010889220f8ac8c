// This file is decentral webhooks: the addresses that an integration has Nuki post
// events to. No call about a lock needs them.

package nuki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Features lists every feature that a webhook can be registered for.
func Features() []string {
	return []string{FeatureStatus, FeatureMasterdata, FeatureConfig, FeatureLogs, FeatureAuths, FeatureAccountUser}
}

// DecentralWebhook is a registered address.
type DecentralWebhook struct {
	ID       int32
	URL      string
	Features []string // sorted; of Features
	// Secret is the key of VerifySignature. Nuki gives it when the webhook is
	// registered; whether a list shows it is not documented.
	Secret string `json:"-"`
}

// String leaves the secret out.
func (w DecentralWebhook) String() string {
	return fmt.Sprintf("webhook %d to %s for %s", w.ID, w.URL, strings.Join(w.Features, ", "))
}

// GoString leaves the secret out.
func (w DecentralWebhook) GoString() string { return w.String() }

// DecentralWebhooks lists the registered webhooks. These three calls need an OAuth
// token with the scope webhook.decentral of an approved Advanced API integration
// (OpenAPI 4.10.0); any other token is answered with 401 or 403.
func (c *Client) DecentralWebhooks(ctx context.Context) ([]DecentralWebhook, error) {
	var listed []wireDecentral
	err := c.do(ctx, call{operation: "list webhooks", method: http.MethodGet, path: decentralPath, into: &listed})
	if err != nil {
		return nil, err
	}
	return readAll(listed, wireDecentral.read), nil
}

// RegisterDecentralWebhook registers an https address for features. Registering an
// address twice may deliver everything twice: list first.
func (c *Client) RegisterDecentralWebhook(ctx context.Context, address string, features []string) (DecentralWebhook, error) {
	if err := checkDecentral(address, features); err != nil {
		return DecentralWebhook{}, err
	}
	var made wireDecentral
	err := c.do(ctx, call{
		operation: "register webhook", method: http.MethodPut, path: decentralPath,
		body: wireDecentral{URL: address, Features: slices.Sorted(slices.Values(features))}, into: &made,
	})
	if err != nil {
		return DecentralWebhook{}, err
	}
	return made.read(), nil
}

// RemoveDecentralWebhook ends the deliveries to one address.
func (c *Client) RemoveDecentralWebhook(ctx context.Context, id int32) error {
	return c.do(ctx, call{
		operation: "remove webhook", method: http.MethodDelete, path: decentralPath + "/" + strconv.FormatInt(int64(id), 10),
	})
}

const decentralPath = "/api/decentralWebhook"

// checkDecentral refuses what Nuki would, with a sentence instead of a 400.
func checkDecentral(address string, features []string) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Scheme != "https" || parsed.Host == "":
		return errors.New("nuki: a webhook's address must be https:// and a host")
	case len(features) == 0:
		return errors.New("nuki: a webhook needs a feature at least")
	}
	for i, feature := range features {
		if !slices.Contains(Features(), feature) || slices.Contains(features[:i], feature) {
			return fmt.Errorf("nuki: %q is no feature of webhooks, or given twice; there are %s", feature, strings.Join(Features(), ", "))
		}
	}
	return nil
}

// wireDecentral is the schema DecentralWebhook of the OpenAPI document.
type wireDecentral struct {
	ID       int32    `json:"id,omitempty"`
	URL      string   `json:"webhookUrl"`
	Features []string `json:"webhookFeatures"`
	Secret   string   `json:"secret,omitempty"`
}

func (w wireDecentral) read() DecentralWebhook {
	return DecentralWebhook{ID: w.ID, URL: w.URL, Features: slices.Sorted(slices.Values(w.Features)), Secret: w.Secret}
}
