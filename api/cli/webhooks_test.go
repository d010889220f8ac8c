// This file tests the commands for Nuki's webhooks, against a stand-in for Nuki.

package cli

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

const (
	plainToken = "of-the-account"
	oauthToken = "of-the-integration"
	hook       = "https://stay.example/v1/webhooks/nuki"
)

// account is a simulated Nuki, and the webhooks as a token of it sees them.
func account(t *testing.T, token string) Webhooks {
	t.Helper()
	sim := nukisim.New(nukisim.Config{Token: plainToken, OAuthToken: oauthToken})
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { server.Close(); sim.Close() })
	return webhooksAt(t, server.URL, token)
}

func webhooksAt(t *testing.T, address, token string) Webhooks {
	t.Helper()
	client, err := nuki.New(nuki.Options{BaseURL: address, Token: token, RequestsPerSecond: 1000, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return Webhooks{Nuki: client}
}

// said runs a command and gives what it printed, or its error.
func said(command func(out *bytes.Buffer) error) string {
	var out bytes.Buffer
	if err := command(&out); err != nil {
		return out.String() + "error: " + err.Error()
	}
	return out.String()
}

func wantSaid(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("said %q, want it to say %q", got, part)
		}
	}
}

func TestWebhooks_FromRegistrationToRemoval(t *testing.T) {
	w := account(t, oauthToken)
	list := func(asJSON bool) string {
		return said(func(out *bytes.Buffer) error { return w.List(t.Context(), out, asJSON) })
	}
	register := func(address string, asJSON bool) string {
		return said(func(out *bytes.Buffer) error {
			return w.Register(t.Context(), out, address, DefaultFeatures(), asJSON)
		})
	}
	remove := func(id int32, asJSON bool) string {
		return said(func(out *bytes.Buffer) error { return w.Remove(t.Context(), out, id, asJSON) })
	}
	wantSaid(t, list(false), "no webhook is registered", "works without")
	wantSaid(t, list(true), `"webhooks": []`)

	registered := register(hook, false)
	wantSaid(t, registered, "registered as 1", "DEVICE_AUTHS", "restart it", "KEYSTAY_NUKI_WEBHOOK_SECRET=")
	_, secret, _ := strings.Cut(strings.TrimSpace(registered), "KEYSTAY_NUKI_WEBHOOK_SECRET=")
	if len(secret) != 40 {
		t.Errorf("the secret is %q", secret)
	}
	for _, listed := range []string{list(false), list(true)} {
		wantSaid(t, listed, hook, "DEVICE_AUTHS")
		if strings.Contains(listed, secret) || strings.Contains(listed, "ACCOUNT_USER") {
			t.Errorf("the list shows the secret, or a feature that nobody needs: %s", listed)
		}
	}
	wantSaid(t, register(hook, false), "error: ", "registered already, as 1", "keystay webhooks remove 1")

	var second struct {
		ID          int
		URL, Secret string
	}
	if err := json.Unmarshal([]byte(register(hook+"/other", true)), &second); err != nil || second.ID != 2 || second.Secret == "" || second.URL != hook+"/other" {
		t.Errorf("as JSON: %v, %+v", err, second)
	}
	wantSaid(t, remove(2, true), `"removed": 2`)
	wantSaid(t, remove(2, false), "error: no webhook 2 is registered", "keystay webhooks list")
	wantSaid(t, remove(1, false), "removed 1", "works without")
	wantSaid(t, list(true), `"webhooks": []`)
}

func TestWebhooks_SayWhatTheyNeedAndHowToLiveWithout(t *testing.T) {
	w := account(t, plainToken)
	for name, got := range map[string]string{
		"list":     said(func(out *bytes.Buffer) error { return w.List(t.Context(), out, false) }),
		"register": said(func(out *bytes.Buffer) error { return w.Register(t.Context(), out, hook, DefaultFeatures(), false) }),
		"remove":   said(func(out *bytes.Buffer) error { return w.Remove(t.Context(), out, 7, false) }),
	} {
		t.Run(name, func(t *testing.T) {
			wantSaid(t, got, "error: ", "403", "Advanced API integration", "OAuth token", "webhook.decentral", "KEYSTAY_NUKI_TOKEN",
				"same guarantees without webhooks", "next check point")
		})
	}
}

func TestWebhooks_RefuseWhatWouldNotWork(t *testing.T) {
	w := account(t, oauthToken)
	for _, c := range []struct {
		address  string
		features []string
		says     string
	}{
		{"http://stay.example/v1/webhooks/nuki", DefaultFeatures(), "https:// address only"},
		{"stay.example", DefaultFeatures(), "put TLS in front"},
		{"https://stay.example", DefaultFeatures(), "https://stay.example/v1/webhooks/nuki"},
		{hook, []string{"DEVICE_WEATHER"}, "there are DEVICE_STATUS"},
	} {
		got := said(func(out *bytes.Buffer) error { return w.Register(t.Context(), out, c.address, c.features, false) })
		wantSaid(t, got, "error: ", c.says)
	}
	away := webhooksAt(t, "http://127.0.0.1:1", oauthToken)
	wantSaid(t, said(func(out *bytes.Buffer) error { return away.List(t.Context(), out, false) }), "does not answer", "KEYSTAY_NUKI_URL")
}
