// This file is the cases of decentral webhooks.

package conformance

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// hookAddress begins the address of every webhook of the suite; the name belongs to
// nobody (RFC 2606).
const hookAddress = "https://conformance.invalid/"

// integration is the driver that may register webhooks.
func (k *kit) integration() Driver {
	k.Helper()
	if k.Integration == nil {
		k.Skip("the target has no integration")
	}
	return k.Integration
}

// hook finds a webhook by its address.
func (k *kit) hook(address string) (Webhook, bool) {
	k.Helper()
	registered, status, err := k.integration().Webhooks(k.Context())
	k.want(http.StatusOK, "the list of webhooks", status, err)
	at := slices.IndexFunc(registered, func(w Webhook) bool { return w.URL == address })
	if at < 0 {
		return Webhook{}, false
	}
	return registered[at], true
}

func keepsWebhooks(k *kit) {
	wanted := Webhook{URL: hookAddress + "kept", Features: []string{"DEVICE_AUTHS", "DEVICE_LOGS"}}
	made, status, err := k.integration().Register(k.Context(), wanted)
	k.want(http.StatusOK, "the registration", status, err)
	if made.ID == 0 || made.Secret == "" || made.URL != wanted.URL {
		k.Errorf("registered %+v, want the address with an id and a secret", made)
	}
	listed, there := k.hook(wanted.URL)
	if !there || listed.ID != made.ID || !sameSet(listed.Features, wanted.Features) {
		k.Errorf("listed %+v, want %+v", listed, made)
	}
	status, err = k.Integration.Unregister(k.Context(), made.ID)
	k.want(http.StatusNoContent, "the removal", status, err)
	if _, still := k.hook(wanted.URL); still {
		k.Error("a webhook that was removed is still listed")
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func refusesBadWebhooks(k *kit) {
	for _, body := range []map[string]any{
		{"webhookUrl": "http://conformance.invalid/plain", "webhookFeatures": []string{"DEVICE_AUTHS"}},
		{"webhookUrl": hookAddress + "unknown", "webhookFeatures": []string{"DEVICE_WEATHER"}},
		{"webhookUrl": hookAddress + "none"},
	} {
		_, status, err := k.integration().Raw(k.Context(), http.MethodPut, "/api/decentralWebhook", body)
		k.want(http.StatusBadRequest, "the registration of "+body["webhookUrl"].(string), status, err)
	}
}

// refusesWebhooksWithoutScope: which of both it is, is not documented.
func refusesWebhooksWithoutScope(k *kit) {
	_, status, err := k.Driver.Webhooks(k.Context())
	k.wantOneOf([]int{http.StatusUnauthorized, http.StatusForbidden}, "a list without the scope", status, err)
}

// removeWebhooks leaves the integration as it was found, as far as it can.
func (k *kit) removeWebhooks(ctx context.Context) {
	if k.Integration == nil {
		return
	}
	registered, _, err := k.Integration.Webhooks(ctx)
	if err != nil {
		return
	}
	for _, hook := range registered {
		if strings.HasPrefix(hook.URL, hookAddress) {
			_, _ = k.Integration.Unregister(ctx, hook.ID)
		}
	}
}
