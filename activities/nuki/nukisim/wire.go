// This file is the wire format: how the real API writes locks, entries and log
// rows (Nuki OpenAPI 4.10.0).

package nukisim

import (
	"encoding/json"
	"time"
)

const (
	accountID = 987654321
	typeCode  = 13
)

// date is how the real API writes an instant.
func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (l *lock) serverState() int {
	switch faults := l.faultsNow(); {
	case !l.offline || faults.OfflineHidden:
		return 0
	case faults.AccountLink != 0:
		return faults.AccountLink
	}
	return 4
}

// keypadAt reports whether a keypad is paired at a moment.
func (l *lock) keypadAt(at time.Time) bool { return !l.cfg.NoKeypad && !l.faultsAt(at).KeypadLost }

func (l *lock) state() map[string]any {
	return map[string]any{
		"mode": 2, "state": 1, "trigger": 0, "lastAction": 2, "batteryCritical": false, "batteryCharging": false,
		"batteryCharge": 90, "keypadBatteryCritical": false, "doorsensorBatteryCritical": false, "doorState": 0,
		"ringToOpenTimer": 0, "nightMode": false,
	}
}

func (l *lock) config() map[string]any {
	return map[string]any{
		"name": l.cfg.Name, "timezoneId": 37, "timezoneOffset": 0, "keypadPaired": false, "keypad2Paired": l.keypadAt(l.clock.Now()),
		"fobPaired": false, "advertisingMode": 0, "singleLock": false, "latitude": 48.2, "longitude": 16.4,
	}
}

func (l *lock) json() map[string]any {
	return map[string]any{
		"smartlockId": l.cfg.ID, "accountId": accountID, "type": 4, "authId": 1212121212, "name": l.cfg.Name,
		"favorite": false, "serverState": l.serverState(), "adminPinState": 0, "config": l.config(), "state": l.state(),
		"firmwareVersion": 199175, "creationDate": "2025-01-16T12:20:23.541Z", "updateDate": date(l.updated),
	}
}

// authWire is an entry of a list, with its fields in the order of the alphabet.
type authWire struct {
	AllowedFromDate  string `json:"allowedFromDate,omitempty"`
	AllowedFromTime  *int   `json:"allowedFromTime,omitempty"`
	AllowedUntilDate string `json:"allowedUntilDate,omitempty"`
	AllowedUntilTime *int   `json:"allowedUntilTime,omitempty"`
	AllowedWeekDays  *int   `json:"allowedWeekDays,omitempty"`
	AuthID           int    `json:"authId,omitempty"`
	Code             int    `json:"code"`
	CreationDate     string `json:"creationDate"`
	Enabled          bool   `json:"enabled"`
	ID               string `json:"id"`
	LastActiveDate   string `json:"lastActiveDate,omitempty"`
	LockCount        int    `json:"lockCount"`
	Name             string `json:"name"`
	OperationID      any    `json:"operationId,omitempty"`
	RemoteAllowed    bool   `json:"remoteAllowed"`
	SmartlockID      int64  `json:"smartlockId"`
	Type             int    `json:"type"`
	UpdateDate       string `json:"updateDate"`
}

// listJSON is a list of entries, in a buffer that the next list uses again.
func (l *lock) listJSON(list []*entry) []byte {
	wire := append(l.buffer[:0], '[')
	for i, e := range list {
		if i > 0 {
			wire = append(wire, ',')
		}
		wire = append(wire, l.authJSON(e)...)
	}
	l.buffer = append(wire, ']', '\n')
	return l.buffer
}

// authJSON is an entry as lists write it. It is written once for all lists, but
// while an operation runs on it, whose id is written by a knob.
func (l *lock) authJSON(e *entry) []byte {
	if e.operation != "" {
		wire, _ := json.Marshal(l.authWire(e))
		return wire
	}
	if e.wire == nil {
		e.wire, _ = json.Marshal(l.authWire(e))
	}
	return e.wire
}

func (l *lock) authWire(e *entry) authWire {
	wire := authWire{
		ID: e.id, SmartlockID: l.cfg.ID, Type: typeCode, Name: e.name, Code: e.code, Enabled: e.enabled,
		RemoteAllowed: e.remoteAllowed, LockCount: e.lockCount, CreationDate: date(e.created), UpdateDate: date(e.updated),
		AuthID: e.authID, AllowedFromDate: optionalDate(e.window.from), AllowedUntilDate: optionalDate(e.window.until),
		AllowedWeekDays: e.window.weekDays, AllowedFromTime: e.window.fromTime, AllowedUntilTime: e.window.untilTime,
	}
	if !e.lastActive.IsZero() {
		wire.LastActiveDate = date(e.lastActive)
	}
	if e.operation != "" {
		wire.OperationID = l.operationID(e.operation)
	}
	return wire
}

func optionalDate(t *time.Time) string {
	if t == nil {
		return ""
	}
	return date(*t)
}

// operationID is an operation's id as a string, or as an object.
func (l *lock) operationID(id string) any {
	if l.faultsNow().OperationObject {
		return map[string]string{"id": id}
	}
	return id
}

// authIDs are what is left of an entry in a webhook of ids only.
type authIDs struct {
	AuthID      int    `json:"authId,omitempty"`
	ID          string `json:"id"`
	SmartlockID int64  `json:"smartlockId"`
}

// logRow is one row of a lock's activity log.
type logRow struct {
	id, authID, name string
	state            int
	at               time.Time
	// unseen: typed while the lock was offline, and the cloud has not heard.
	unseen bool
}

func (r logRow) json(l *lock) map[string]any {
	wire := map[string]any{
		"id": r.id, "smartlockId": l.cfg.ID, "deviceType": 4, "name": r.name, "action": 1, "trigger": 255,
		"state": r.state, "source": 1, "autoUnlock": false, "date": date(r.at),
	}
	if r.authID != "" {
		wire["authId"] = r.authID
	}
	return wire
}
