// This file reads what the API answers, and holds each object to its schema.

package conformance

import (
	"encoding/json"
	"time"
)

type wireLock struct {
	SmartlockID int64     `json:"smartlockId"`
	Name        string    `json:"name"`
	ServerState int       `json:"serverState"`
	UpdateDate  time.Time `json:"updateDate"`
	Config      struct {
		KeypadPaired  bool `json:"keypadPaired"`
		Keypad2Paired bool `json:"keypad2Paired"`
	} `json:"config"`
}

// UnmarshalJSON demands what the schema requires.
func (w *wireLock) UnmarshalJSON(data []byte) error {
	type plain wireLock
	return smartlock.read(data, (*plain)(w))
}

func (w wireLock) read() Lock {
	return Lock{
		ID: w.SmartlockID, Name: w.Name, ServerState: w.ServerState, UpdatedAt: w.UpdateDate,
		KeypadPaired: w.Config.KeypadPaired || w.Config.Keypad2Paired,
	}
}

type wireAuth struct {
	ID               string          `json:"id"`
	SmartlockID      int64           `json:"smartlockId"`
	Type             int             `json:"type"`
	Name             string          `json:"name"`
	Code             int             `json:"code"`
	Enabled          bool            `json:"enabled"`
	AllowedFromDate  *time.Time      `json:"allowedFromDate"`
	AllowedUntilDate *time.Time      `json:"allowedUntilDate"`
	AllowedWeekDays  *int            `json:"allowedWeekDays"`
	AllowedFromTime  *int            `json:"allowedFromTime"`
	AllowedUntilTime *int            `json:"allowedUntilTime"`
	OperationID      json.RawMessage `json:"operationId"`
}

// UnmarshalJSON demands what the schema requires.
func (w *wireAuth) UnmarshalJSON(data []byte) error {
	type plain wireAuth
	return smartlockAuth.read(data, (*plain)(w))
}

func (w wireAuth) read() Auth {
	return Auth{
		ID: w.ID, LockID: w.SmartlockID, Type: w.Type, Name: w.Name, Code: w.Code, Enabled: w.Enabled,
		From: w.AllowedFromDate, Until: w.AllowedUntilDate,
		WeekDays: w.AllowedWeekDays, FromTime: w.AllowedFromTime, UntilTime: w.AllowedUntilTime,
		OperationID: textOf(w.OperationID),
	}
}

// textOf: an operationId is an object in the specification and a string in
// practice; either means that an operation runs.
func textOf(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

type wireRow struct {
	ID          string    `json:"id"`
	SmartlockID int64     `json:"smartlockId"`
	AuthID      string    `json:"authId"`
	Trigger     int       `json:"trigger"`
	Source      int       `json:"source"`
	State       int       `json:"state"`
	Date        time.Time `json:"date"`
}

// UnmarshalJSON demands what the schema requires.
func (w *wireRow) UnmarshalJSON(data []byte) error {
	type plain wireRow
	return smartlockLog.read(data, (*plain)(w))
}

func (w wireRow) read() Row {
	return Row{ID: w.ID, LockID: w.SmartlockID, AuthID: w.AuthID, Trigger: w.Trigger, Source: w.Source, State: w.State, Date: w.Date}
}

type wireWebhook struct {
	ID       int      `json:"id"`
	URL      string   `json:"webhookUrl"`
	Features []string `json:"webhookFeatures"`
	Secret   string   `json:"secret"`
}

// UnmarshalJSON demands what the schema requires.
func (w *wireWebhook) UnmarshalJSON(data []byte) error {
	type plain wireWebhook
	return decentralWebhook.read(data, (*plain)(w))
}

func (w wireWebhook) read() Webhook { return Webhook(w) }
