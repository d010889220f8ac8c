// This file is the wire format: how the real API writes locks, entries and log
// rows (Nuki OpenAPI 4.10.0).

package nukisim

import "time"

const (
	accountID = 987654321
	typeCode  = 13
)

// date is how the real API writes an instant.
func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (l *lock) serverState() int {
	if l.offline && !l.faultsNow().OfflineHidden {
		return 4
	}
	return 0
}

func (l *lock) state() map[string]any {
	return map[string]any{
		"mode": 2, "state": 1, "trigger": 0, "lastAction": 2, "batteryCritical": false, "batteryCharging": false,
		"batteryCharge": 90, "keypadBatteryCritical": false, "doorsensorBatteryCritical": false, "doorState": 0,
		"ringToOpenTimer": 0, "nightMode": false,
	}
}

func (l *lock) config() map[string]any {
	return map[string]any{
		"name": l.cfg.Name, "timezoneId": 37, "timezoneOffset": 0, "keypadPaired": false, "keypad2Paired": !l.cfg.NoKeypad,
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

func (l *lock) authJSON(e *entry) map[string]any {
	wire := map[string]any{
		"id": e.id, "smartlockId": l.cfg.ID, "type": typeCode, "name": e.name, "code": e.code, "enabled": e.enabled,
		"remoteAllowed": e.remoteAllowed, "lockCount": e.lockCount, "creationDate": date(e.created), "updateDate": date(e.updated),
	}
	if e.authID != 0 {
		wire["authId"] = e.authID
	}
	if e.operation != "" {
		wire["operationId"] = e.operation
	}
	if !e.lastActive.IsZero() {
		wire["lastActiveDate"] = date(e.lastActive)
	}
	e.window.write(wire)
	return wire
}

// write adds the fields of a window that are there.
func (w window) write(wire map[string]any) {
	if w.from != nil {
		wire["allowedFromDate"] = date(*w.from)
	}
	if w.until != nil {
		wire["allowedUntilDate"] = date(*w.until)
	}
	for key, n := range map[string]*int{"allowedWeekDays": w.weekDays, "allowedFromTime": w.fromTime, "allowedUntilTime": w.untilTime} {
		if n != nil {
			wire[key] = *n
		}
	}
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
