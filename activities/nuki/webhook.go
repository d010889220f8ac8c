// This file is webhooks: whether one is Nuki's, and what it is about.

package nuki

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// SignatureHeader carries the signature of a webhook.
const SignatureHeader = "X-Nuki-Signature-SHA256"

// VerifySignature reports whether header is the HMAC-SHA256 of the raw body, in
// hex of either case, by secret as UTF-8 text (three integrators do it the same
// way). An empty secret verifies nothing. The signature has no time in it, so a
// webhook can be replayed: an event is a reason to read, never a fact.
func VerifySignature(secret string, body []byte, header string) bool {
	if secret == "" {
		return false
	}
	claimed, err := hex.DecodeString(header)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(mac.Sum(nil), claimed)
}

// The features of webhooks (Nuki, "device-triggered webhooks" page).
const (
	FeatureStatus      = "DEVICE_STATUS"
	FeatureMasterdata  = "DEVICE_MASTERDATA"
	FeatureConfig      = "DEVICE_CONFIG"
	FeatureLogs        = "DEVICE_LOGS"
	FeatureAuths       = "DEVICE_AUTHS"
	FeatureAccountUser = "ACCOUNT_USER"
)

// Event is what a webhook is about. It never holds a code, though the body may.
// Any field may be zero: most shapes are not documented.
type Event struct {
	Feature     string    `json:"feature,omitempty"` // one of the Feature constants; "" for the answer to an advanced call
	SmartlockID int64     `json:"smartlockId,omitempty"`
	AuthID      string    `json:"authId,omitempty"`     // Authorization.ID
	LockAuthID  int32     `json:"lockAuthId,omitempty"` // Authorization.LockAuthID
	AuthType    int       `json:"authType,omitempty"`   // Authorization.Type
	Name        string    `json:"name,omitempty"`       // of the authorization or the log row; where that is not ours it may be a person's
	Deleted     bool      `json:"deleted,omitempty"`
	Date        time.Time `json:"date,omitzero"` // of the log row, or the update date of what the event is about
	Action      int       `json:"action,omitempty"`
	Source      int       `json:"source,omitempty"`
	State       int       `json:"state,omitempty"` // of the log row: StateSuccess ...
	Trigger     int       `json:"trigger,omitempty"`
	ServerState *int      `json:"serverState,omitempty"` // nil where the body does not say
	Type        string    `json:"type,omitempty"`        // of the answer to an advanced call, such as AuthCreation
	RequestID   string    `json:"requestId,omitempty"`   // of the answer to an advanced call
	Success     *bool     `json:"success,omitempty"`     // of the answer to an advanced call; nil where the body does not say
	ErrorCode   string    `json:"errorCode,omitempty"`   // of the answer to an advanced call, hex
}

// ParseWebhook reads a body, which holds one event or an array of them. It goes
// by content, as Nuki's own examples contradict its list of features. Missing
// and unreadable fields are tolerated; a body that is not JSON, or not made of
// objects, is an error. The error never quotes the body.
func ParseWebhook(body []byte) ([]Event, error) {
	bodies, err := webhookObjects(body)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, object := range bodies {
		events = append(events, eventsOf(object)...)
	}
	return events, nil
}

func webhookObjects(body []byte) ([]fields, error) {
	objects := make([]fields, 1)
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		err = json.Unmarshal(body, &objects)
	} else {
		err = json.Unmarshal(body, &objects[0])
	}
	if err != nil {
		return nil, errors.New("nuki: the webhook's body is not a JSON object, nor an array of them")
	}
	for _, object := range objects {
		if object == nil {
			return nil, errors.New("nuki: the webhook's body is null")
		}
	}
	return objects, nil
}

// eventsOf is one event, but for the answer to an advanced call on several
// locks, which has a row for each of them.
func eventsOf(body fields) []Event {
	event := eventOf(body)
	rows := body.objects("detail")
	if len(rows) == 0 {
		return []Event{event}
	}
	events := make([]Event, 0, len(rows))
	for _, row := range rows {
		events = append(events, event.withDetail(row))
	}
	return events
}

func eventOf(body fields) Event {
	auth, row, state := body.object("smartlockAuth"), body.object("smartlockLog"), body.object("smartlockState")
	event := Event{
		Feature:     body.text("feature"),
		SmartlockID: firstNonZero(body.number("smartlockId"), auth.number("smartlockId"), row.number("smartlockId"), state.number("smartlockId")),
		Deleted:     body.truth("deleted"),
		Date:        parseDate(body.text("updateDate")),
		ServerState: body.maybeInt("serverState"),
		Type:        body.text("type"),
		RequestID:   body.text("requestId"),
		Success:     body.maybeTruth("success"),
		ErrorCode:   body.text("errorCode"),
	}
	if event.ServerState == nil {
		event.ServerState = state.maybeInt("serverState")
	}
	if auth != nil {
		event = event.withAuth(auth)
	}
	if row != nil {
		event = event.withLogRow(row)
	}
	return event
}

func (e Event) withAuth(auth fields) Event {
	e.Feature = firstNonZero(e.Feature, FeatureAuths)
	e.AuthID = auth.text("id")
	e.LockAuthID = int32Of(auth["authId"])
	e.AuthType = int(auth.number("type"))
	e.Name = auth.text("name")
	e.Date = parseDate(auth.text("updateDate"))
	return e
}

func (e Event) withLogRow(row fields) Event {
	e.Feature = firstNonZero(e.Feature, FeatureLogs)
	e.AuthID = textOf(row["authId"])
	e.Name = row.text("name")
	e.Action = int(row.number("action"))
	e.Source = int(row.number("source"))
	e.State = stateOf(row.maybeInt("state"))
	e.Trigger = int(row.number("trigger"))
	e.Date = parseDate(row.text("date"))
	return e
}

func (e Event) withDetail(row fields) Event {
	e.SmartlockID = firstNonZero(row.number("smartlockId"), e.SmartlockID)
	e.ErrorCode = firstNonZero(row.text("errorCode"), e.ErrorCode)
	if success := row.maybeTruth("success"); success != nil {
		e.Success = success
	}
	return e
}

func firstNonZero[T comparable](values ...T) T {
	var zero T
	for _, value := range values {
		if value != zero {
			return value
		}
	}
	return zero
}
