// This file is a smart lock as Nuki describes it.

package nuki

import (
	"encoding/json"
	"time"
)

// ServerState is how a smart lock's link to the account stands.
type ServerState int

// The server states (Nuki OpenAPI 4.10.0). Only ServerOffline is an outage; 1 to
// 3 mean that the link to the account must be set up anew by a person.
const (
	ServerOnline          ServerState = 0
	ServerUnregistered    ServerState = 1
	ServerAuthUUIDInvalid ServerState = 2
	ServerAuthInvalid     ServerState = 3
	ServerOffline         ServerState = 4
)

// Word is the state in words for people.
func (s ServerState) Word() string {
	switch s {
	case ServerOnline:
		return "online"
	case ServerUnregistered:
		return "unregistered"
	case ServerAuthUUIDInvalid, ServerAuthInvalid:
		return "not_authorized"
	case ServerOffline:
		return "offline"
	}
	return "unknown"
}

// Smartlock is one device, as the cloud last heard of it.
type Smartlock struct {
	ID                    int64 // exceeds 32 bits on real devices
	Name                  string
	Type                  int // Nuki's device type: 0 Smart Lock 1/2, 3 Smart Door, 4 Smart Lock 3/4, 5 Smart Lock 5 ...
	ServerState           ServerState
	AdminPinState         int    // 0 ok, 1 missing, 2 invalid
	KeypadPaired          bool   // a keypad of either generation; without one a code is answered with 400
	TimeZone              string // by which the lock judges daily times: a number of Nuki's own list as text (OpenAPI 4.10.0)
	BatteryCritical       bool
	KeypadBatteryCritical bool
	OperationID           string // not empty while an operation runs on the device
	UpdatedAt             time.Time
	Error                 string // Nuki's complaint about the device, such as a missing subscription; redacted
}

type wireSmartlock struct {
	SmartlockID   int64           `json:"smartlockId"`
	Name          string          `json:"name"`
	Type          int             `json:"type"`
	ServerState   int             `json:"serverState"`
	AdminPinState int             `json:"adminPinState"`
	OperationID   json.RawMessage `json:"operationId"`
	UpdateDate    wireTime        `json:"updateDate"`
	Error         string          `json:"error"`
	Config        struct {
		TimezoneID    json.RawMessage `json:"timezoneId"`
		KeypadPaired  bool            `json:"keypadPaired"`
		Keypad2Paired bool            `json:"keypad2Paired"`
	} `json:"config"`
	State struct {
		BatteryCritical       bool `json:"batteryCritical"`
		KeypadBatteryCritical bool `json:"keypadBatteryCritical"`
	} `json:"state"`
}

func (w wireSmartlock) read() Smartlock {
	return Smartlock{
		ID:                    w.SmartlockID,
		Name:                  w.Name,
		Type:                  w.Type,
		ServerState:           ServerState(w.ServerState),
		AdminPinState:         w.AdminPinState,
		KeypadPaired:          w.Config.KeypadPaired || w.Config.Keypad2Paired,
		TimeZone:              textOf(w.Config.TimezoneID),
		BatteryCritical:       w.State.BatteryCritical,
		KeypadBatteryCritical: w.State.KeypadBatteryCritical,
		OperationID:           textOf(w.OperationID),
		UpdatedAt:             w.UpdateDate.Time,
		Error:                 redact(w.Error, ""),
	}
}
