// This file tests decentral webhooks: what is refused before it is sent, and that
// the secret does not show.

package nuki

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestDecentralWebhooks_GoOutAndComeBackAsTheSchemaSays(t *testing.T) {
	client, server := answering(t, http.StatusOK, `{"id":7,"webhookUrl":"https://stay.example/hook","webhookFeatures":["DEVICE_LOGS","DEVICE_AUTHS"],"secret":"5ec2e7"}`)
	made, err := client.RegisterDecentralWebhook(t.Context(), "https://stay.example/hook", []string{FeatureLogs, FeatureAuths})
	if err != nil {
		t.Fatal(err)
	}
	sent := server.last(t)
	if want := `{"webhookUrl":"https://stay.example/hook","webhookFeatures":["DEVICE_AUTHS","DEVICE_LOGS"]}`; sent.body != want || sent.method != "PUT" || sent.uri != "/api/decentralWebhook" {
		t.Errorf("sent %s %s %s, want PUT of %s", sent.method, sent.uri, sent.body, want)
	}
	if made.ID != 7 || made.Secret != "5ec2e7" || made.URL != "https://stay.example/hook" || fmt.Sprint(made.Features) != "[DEVICE_AUTHS DEVICE_LOGS]" {
		t.Errorf("registered %v with the secret %q", made, made.Secret)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb, made); strings.Contains(shown, "5ec2e7") {
			t.Errorf("%s shows the secret: %s", verb, shown)
		}
	}
	server.status, server.answer = http.StatusNoContent, ""
	if err := client.RemoveDecentralWebhook(t.Context(), 7); err != nil || server.last(t).uri != "/api/decentralWebhook/7" || server.last(t).method != "DELETE" {
		t.Errorf("%v: sent %+v", err, server.last(t))
	}
}

func TestRegisterDecentralWebhook_RefusesWhatNukiWould(t *testing.T) {
	client, server := answering(t, http.StatusOK, `{}`)
	for _, c := range []struct {
		address  string
		features []string
		says     string
	}{
		{"http://stay.example/hook", []string{FeatureAuths}, "https://"},
		{"stay.example/hook", []string{FeatureAuths}, "https://"},
		{"https:///hook", []string{FeatureAuths}, "https://"},
		{"https://stay.example", nil, "a feature at least"},
		{"https://stay.example", []string{"DEVICE_WEATHER"}, `"DEVICE_WEATHER" is no feature`},
		{"https://stay.example", []string{FeatureAuths, FeatureAuths}, "given twice"},
	} {
		_, err := client.RegisterDecentralWebhook(t.Context(), c.address, c.features)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %v: %v, want an error that says %q", c.address, c.features, err, c.says)
		}
	}
	if len(server.seen) > 0 {
		t.Errorf("%d requests were sent", len(server.seen))
	}
}
