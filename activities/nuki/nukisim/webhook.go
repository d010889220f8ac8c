// This file is the webhooks: what they say, how they are signed, and how they
// are lost, doubled, delayed and forged on the way.

package nukisim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// signatureHeader carries the HMAC-SHA256 over the raw body, in hex.
const signatureHeader = "X-Nuki-Signature-SHA256"

// Delivery is one webhook that was sent, for the page and for tests.
type Delivery struct {
	At      time.Time `json:"at"`
	Feature string    `json:"feature"`
	Lock    int64     `json:"lock"`
	Fate    string    `json:"fate"`
}

const keptDeliveries = 20

type event map[string]any

func statusEvent(l *lock) event {
	return event{"feature": "DEVICE_STATUS", "smartlockId": l.cfg.ID, "state": l.state(), "serverState": l.serverState(), "adminPinState": 0}
}

func masterdataEvent(l *lock) event {
	return event{
		"feature": "DEVICE_MASTERDATA", "deleted": false, "smartlockId": l.cfg.ID, "accountId": accountID, "type": 4,
		"name": l.cfg.Name, "favorite": false, "serverState": l.serverState(), "adminPinState": 0,
		"updateDate": date(l.updated),
	}
}

func configEvent(l *lock) event {
	return event{"feature": "DEVICE_CONFIG", "smartlockId": l.cfg.ID, "config": l.config()}
}

func authEvent(l *lock, e *entry, deleted bool) event {
	var about any = json.RawMessage(l.authJSON(e))
	if l.faultsNow().WebhookIDsOnly {
		about = authIDs{e.authID, e.id, l.cfg.ID}
	}
	return event{"feature": "DEVICE_AUTHS", "deleted": deleted, "smartlockAuth": about}
}

func logEvent(l *lock, row logRow) event {
	return event{"feature": "DEVICE_LOGS", "smartlockLog": row.json(l)}
}

// emit sends an event about somebody as the knobs let it.
func (s *Sim) emit(l *lock, about subject, e event) {
	if s.cfg.WebhookURL == "" && s.cfg.Deliver == nil && len(s.decentral) == 0 {
		return
	}
	body, err := json.Marshal(e)
	if err != nil {
		return
	}
	feature, _ := e["feature"].(string)
	faults := l.faultsNow()
	if s.happens(l, "webhook_lost", about, faults.WebhookLost) {
		s.note(l, feature, "lost")
		s.say(l, "webhook", feature, "about", about.entity, "is lost")
		return
	}
	s.send(l, about, body, feature, "sent")
	if s.happens(l, "webhook_doubled", about, faults.WebhookDoubled) {
		s.send(l, about, body, feature, "doubled")
	}
	if s.happens(l, "webhook_forged", about, faults.WebhookForged) {
		s.send(l, about, body, feature, forged)
	}
}

// forged is the fate of a webhook whose signature is that of another body.
const forged = "forged"

// send delivers a body after the delay.
func (s *Sim) send(l *lock, about subject, body []byte, feature, fate string) {
	faults := l.faultsNow()
	delay := faults.WebhookDelay.D()
	if delay > 0 {
		delay += time.Duration(s.draw(l, "webhook_delay", about) * float64(delay))
	}
	if s.happens(l, "webhook_late", about, faults.WebhookLate) {
		delay += faults.WebhookLateBy.D()
	}
	s.note(l, feature, fate)
	s.say(l, "webhook", feature, "about", about.entity, "is", fate+", for", s.span(delay))
	s.after(delay, func() { s.deliver(body, feature, fate) })
}

// deliver hands a body to everybody who wants to hear of the feature, each with a
// signature of its own.
func (s *Sim) deliver(body []byte, feature, fate string) {
	signed := body
	if fate == forged {
		signed = append(body, ' ')
	}
	for _, hook := range s.decentral {
		if slices.Contains(hook.Features, feature) {
			url, signature := hook.URL, sign(hook.Secret, signed)
			s.posts.Go(func() { s.post(url, body, signature) })
		}
	}
	switch signature := sign(s.cfg.WebhookSecret, signed); {
	case s.cfg.Deliver != nil:
		s.mu.Unlock()
		s.cfg.Deliver(body, signature)
		s.mu.Lock()
	case s.cfg.WebhookURL != "":
		url := s.cfg.WebhookURL
		s.posts.Go(func() { s.post(url, body, signature) })
	}
}

// post sends one webhook; nothing is known of retries of the real one.
func (s *Sim) post(url string, body []byte, signature string) {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json; charset=UTF-8")
	request.Header.Set(signatureHeader, signature)
	response, err := s.cfg.HTTPClient.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Sim) note(l *lock, feature, fate string) {
	s.recent = append(s.recent, Delivery{At: s.cfg.Clock.Now(), Feature: feature, Lock: l.cfg.ID, Fate: fate})
	if len(s.recent) > keptDeliveries {
		s.recent = s.recent[len(s.recent)-keptDeliveries:]
	}
}
