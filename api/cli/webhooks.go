// This file registers Nuki's decentral webhooks, and says what it takes to have
// them and how to live without.

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/keystay/keystay/activities/nuki"
)

// Webhooks are the decentral webhooks of an integration.
type Webhooks struct{ Nuki *nuki.Client }

// DefaultFeatures are what Keystay makes use of: all but news of account users.
func DefaultFeatures() []string {
	return []string{nuki.FeatureAuths, nuki.FeatureConfig, nuki.FeatureLogs, nuki.FeatureMasterdata, nuki.FeatureStatus}
}

// webhookView is a webhook as JSON shows it. The secret is shown once, by Register.
type webhookView struct {
	ID       int32    `json:"id"`
	URL      string   `json:"url"`
	Features []string `json:"features"`
	Secret   string   `json:"secret,omitempty"`
}

func viewOf(w nuki.DecentralWebhook) webhookView {
	return webhookView{ID: w.ID, URL: w.URL, Features: w.Features}
}

// List prints what is registered, without secrets.
func (w Webhooks) List(ctx context.Context, out io.Writer, asJSON bool) error {
	registered, err := w.Nuki.DecentralWebhooks(ctx)
	if err != nil {
		return explain(err)
	}
	views := []webhookView{}
	for _, webhook := range registered {
		views = append(views, viewOf(webhook))
	}
	switch {
	case asJSON:
		return marshal(out, map[string]any{"webhooks": views})
	case len(views) == 0:
		_, err = fmt.Fprintln(out, "no webhook is registered; Keystay works without, and notices later what others change on a lock")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tURL\tFEATURES")
	for _, view := range views {
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\n", view.ID, view.URL, strings.Join(view.Features, ","))
	}
	return table.Flush()
}

// Register registers an address, unless it is registered already: twice would
// deliver everything twice. It prints the secret, which Keystay's API needs.
func (w Webhooks) Register(ctx context.Context, out io.Writer, address string, features []string, asJSON bool) error {
	if err := checkAddress(address); err != nil {
		return err
	}
	registered, err := w.Nuki.DecentralWebhooks(ctx)
	if err != nil {
		return explain(err)
	}
	for _, there := range registered {
		if there.URL == address {
			return fmt.Errorf("%s is registered already, as %d: `keystay webhooks remove %d` first if its features or its secret are to change",
				address, there.ID, there.ID)
		}
	}
	made, err := w.Nuki.RegisterDecentralWebhook(ctx, address, features)
	if err != nil {
		return explain(err)
	}
	view := viewOf(made)
	view.Secret = made.Secret
	if asJSON {
		return marshal(out, view)
	}
	_, err = fmt.Fprintf(out, "registered as %d, for %s\nGive the API this secret and restart it; Nuki may never show it again:\nKEYSTAY_NUKI_WEBHOOK_SECRET=%s\n",
		made.ID, strings.Join(made.Features, ", "), made.Secret)
	return err
}

// checkAddress refuses an address at which no webhook of Nuki's would be taken.
func checkAddress(address string) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Scheme != "https" || parsed.Host == "":
		return errors.New("a webhook goes to an https:// address only: put TLS in front of the API, and give its address as the internet sees it")
	case strings.Trim(parsed.Path, "/") == "":
		return fmt.Errorf("the address has no path; the API takes Nuki's webhooks at /v1/webhooks/nuki: https://%s/v1/webhooks/nuki", parsed.Host)
	}
	return nil
}

// Remove ends the deliveries to one webhook.
func (w Webhooks) Remove(ctx context.Context, out io.Writer, id int32, asJSON bool) error {
	err := w.Nuki.RemoveDecentralWebhook(ctx, id)
	var refused *nuki.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return fmt.Errorf("no webhook %d is registered: `keystay webhooks list` shows what is", id)
	}
	if err != nil {
		return explain(err)
	}
	if asJSON {
		return marshal(out, map[string]any{"removed": id})
	}
	_, err = fmt.Fprintf(out, "removed %d; Keystay works without webhooks, and notices later what others change on a lock\n", id)
	return err
}

// explain says what a refusal of Nuki's means here.
func explain(err error) error {
	var refused *nuki.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w\n"+
			"Decentral webhooks need two things that a plain account has not: an Advanced API integration that Nuki has approved "+
			"(apply for it in Nuki Web, under API), and an OAuth token of that integration with the scope webhook.decentral; "+
			"the API token of an account will not do. Call this command with that token in KEYSTAY_NUKI_TOKEN; the worker may keep its own.\n"+
			"Keystay gives the same guarantees without webhooks: what it writes is proven by reading. "+
			"What somebody else changes on a lock is then noticed at the next check point instead of at once", err)
	case 0:
		return fmt.Errorf("%w\nNuki does not answer: check the network and KEYSTAY_NUKI_URL, and try again", err)
	}
	return err
}

func marshal(out io.Writer, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return printJSON(out, content)
}
