// This file is an authorization as Nuki lists it.

package nuki

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// TypeKeypadCode is the type of an authorization that is a keypad code.
const TypeKeypadCode = 13

// Authorization is one entry of a smart lock's list, as the cloud believes it to
// be. That an entry is listed does not prove that the keypad has it.
type Authorization struct {
	ID            string // 24 hex digits; the one that updates and deletes take
	SmartlockID   int64
	Type          int // TypeKeypadCode, or another kind
	Name          string
	PIN           PIN // unchecked; zero where Nuki did not tell
	Window        PartialWindow
	Enabled       bool
	RemoteAllowed bool
	OperationID   string // not empty while an operation runs on the entry: a write now is answered with 423
	LockAuthID    int32  // the lock's own number for it, Nuki's authId; 0 until the lock gave one
	LockCount     int    // how often it was used
	CreatedAt     time.Time
	UpdatedAt     time.Time
	LastActiveAt  time.Time
	Error         string // Nuki's complaint about the entry, such as a missing subscription; redacted
}

// String names the entry by its ids. The name is left out: on an entry that
// somebody made by hand it may be a guest's.
func (a Authorization) String() string {
	return fmt.Sprintf("authorization %s on smart lock %d", a.ID, a.SmartlockID)
}

// LogValue is what String says, so that a logger which renders structs as JSON
// does not reach the PIN.
func (a Authorization) LogValue() slog.Value { return slog.StringValue(a.String()) }

type wireAuthorization struct {
	ID               string          `json:"id"`
	SmartlockID      int64           `json:"smartlockId"`
	Type             int             `json:"type"`
	Name             string          `json:"name"`
	Code             json.RawMessage `json:"code"`
	Enabled          bool            `json:"enabled"`
	RemoteAllowed    bool            `json:"remoteAllowed"`
	LockCount        int             `json:"lockCount"`
	AuthID           json.RawMessage `json:"authId"`
	OperationID      json.RawMessage `json:"operationId"`
	Error            string          `json:"error"`
	AllowedFromDate  *wireTime       `json:"allowedFromDate"`
	AllowedUntilDate *wireTime       `json:"allowedUntilDate"`
	AllowedWeekDays  *int            `json:"allowedWeekDays"`
	AllowedFromTime  *int            `json:"allowedFromTime"`
	AllowedUntilTime *int            `json:"allowedUntilTime"`
	CreationDate     wireTime        `json:"creationDate"`
	UpdateDate       wireTime        `json:"updateDate"`
	LastActiveDate   wireTime        `json:"lastActiveDate"`
}

func (w wireAuthorization) read() Authorization {
	return Authorization{
		ID:            w.ID,
		SmartlockID:   w.SmartlockID,
		Type:          w.Type,
		Name:          w.Name,
		PIN:           CodeOf(int32Of(w.Code)),
		Window:        w.window(),
		Enabled:       w.Enabled,
		RemoteAllowed: w.RemoteAllowed,
		OperationID:   textOf(w.OperationID),
		LockAuthID:    int32Of(w.AuthID),
		LockCount:     w.LockCount,
		CreatedAt:     w.CreationDate.Time,
		UpdatedAt:     w.UpdateDate.Time,
		LastActiveAt:  w.LastActiveDate.Time,
		Error:         redact(w.Error, ""),
	}
}

func (w wireAuthorization) window() PartialWindow {
	return PartialWindow{
		From:      w.AllowedFromDate.instant(),
		Until:     w.AllowedUntilDate.instant(),
		WeekDays:  w.AllowedWeekDays,
		FromTime:  w.AllowedFromTime,
		UntilTime: w.AllowedUntilTime,
	}
}

// keypadCodes keeps the keypad codes: a server that ignores the filter of the
// query would otherwise show us people's phones.
func keypadCodes(listed []wireAuthorization) []Authorization {
	codes := make([]Authorization, 0, len(listed))
	for _, w := range listed {
		if w.Type == TypeKeypadCode {
			codes = append(codes, w.read())
		}
	}
	return codes
}
