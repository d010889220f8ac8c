// This file answers the calls of decentral webhooks: registering the addresses that
// events are posted to, which needs a token of its own kind.

package nukisim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// decentralWebhook is one as the API shows it (OAS, schema DecentralWebhook).
type decentralWebhook struct {
	ID       int      `json:"id"`
	URL      string   `json:"webhookUrl"`
	Features []string `json:"webhookFeatures"`
	Secret   string   `json:"secret"`
}

// webhookFeatures are all that there are (OAS).
var webhookFeatures = []string{"DEVICE_STATUS", "DEVICE_MASTERDATA", "DEVICE_CONFIG", "DEVICE_LOGS", "DEVICE_AUTHS", "ACCOUNT_USER"}

func (s *Sim) handleDecentral(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/decentralWebhook", s.integration(s.listDecentral))
	mux.HandleFunc("PUT /api/decentralWebhook", s.integration(s.registerDecentral))
	mux.HandleFunc("DELETE /api/decentralWebhook/{id}", s.integration(s.removeDecentral))
}

// integration demands the scope webhook.decentral. An API token of the account has
// no scopes; whether Nuki refuses it with 401 or 403 is not documented. The handler
// runs under the mutex.
func (s *Sim) integration(next http.HandlerFunc) http.HandlerFunc {
	return s.gate(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.say(nil, r.Method, "on decentral webhooks")
		if carries(r, s.cfg.OAuthToken) {
			next(w, r)
		} else {
			restlet(w, r, http.StatusForbidden, "The server understood the request, but is refusing to fulfill it")
		}
	})
}

func (s *Sim) listDecentral(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, append([]decentralWebhook{}, s.decentral...))
}

// registerDecentral takes an address as often as it is given.
func (s *Sim) registerDecentral(w http.ResponseWriter, r *http.Request) {
	var wanted decentralWebhook
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&wanted) != nil || !wanted.valid() {
		throwable(w, http.StatusBadRequest, "The supplied value for parameter 'webhookUrl' or 'webhookFeatures' is not valid")
		return
	}
	s.registered++
	wanted.ID = s.registered
	random := sha256.Sum256(fmt.Appendf(nil, "decentral webhook %d of seed %d", wanted.ID, s.cfg.Seed))
	wanted.Secret = hex.EncodeToString(random[:20])
	s.decentral = append(s.decentral, wanted)
	answer(w, http.StatusOK, wanted)
}

// valid is what the schema demands: an https address and a set of features.
func (d decentralWebhook) valid() bool {
	address, err := url.Parse(d.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" || len(d.Features) == 0 {
		return false
	}
	for i, feature := range d.Features {
		if !slices.Contains(webhookFeatures, feature) || slices.Contains(d.Features[:i], feature) {
			return false
		}
	}
	return true
}

// removeDecentral answers 404 for one that is not there; what Nuki answers is not
// documented.
func (s *Sim) removeDecentral(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	at := slices.IndexFunc(s.decentral, func(d decentralWebhook) bool { return d.ID == id })
	if err != nil || at < 0 {
		restlet(w, r, http.StatusNotFound, "No such webhook")
		return
	}
	s.decentral = slices.Delete(s.decentral, at, at+1)
	w.WriteHeader(http.StatusNoContent)
}
