// This file is the cases of what an answer looks like on the wire, field by field.

package conformance

import (
	"encoding/json"
	"fmt"
	"time"
)

func locksFitSchema(k *kit) {
	var locks []json.RawMessage
	k.raw("/smartlock", &locks)
	for _, lock := range locks {
		k.fits(smartlock, lock)
		var parts struct {
			Config        json.RawMessage `json:"config"`
			State         json.RawMessage `json:"state"`
			ServerState   int             `json:"serverState"`
			AdminPinState int             `json:"adminPinState"`
		}
		k.check(json.Unmarshal(lock, &parts))
		if parts.ServerState < 0 || parts.ServerState > 4 || parts.AdminPinState < 0 || parts.AdminPinState > 2 {
			k.Errorf("serverState is %d, want 0 to 4; adminPinState is %d, want 0 to 2", parts.ServerState, parts.AdminPinState)
		}
		if parts.Config != nil {
			k.fits(smartlockConfig, parts.Config)
		}
		if parts.State != nil {
			k.fits(smartlockState, parts.State)
		}
	}
}

// entriesFitSchema looks at a whole entry and at one whose window was cleared.
func entriesFitSchema(k *kit) {
	d := k.document()
	k.entry(d)
	bare := k.document()
	k.updateRaw(k.entry(bare).ID, bare.Code, map[string]any{"name": bare.Name, "code": bare.Code})
	var entries []json.RawMessage
	k.raw(lockPath(k.Lock)+"/auth?types=13", &entries)
	whole := map[string]string{
		"smartlockId": fmt.Sprint(k.Lock), "code": fmt.Sprint(d.Code), "type": "13",
		"allowedFromDate": quoted(d.From), "allowedUntilDate": quoted(d.Until),
	}
	found := false
	for _, entry := range entries {
		k.fits(smartlockAuth, entry)
		found = found || says(entry, whole)
	}
	if !found {
		k.Errorf("no entry says, to the letter, %v", whole)
	}
}

func quoted(t time.Time) string { return `"` + wireDate(t) + `"` }

// says compares fields to the letter: a number is no text, and has no exponent.
func says(entry json.RawMessage, want map[string]string) bool {
	var present map[string]json.RawMessage
	if json.Unmarshal(entry, &present) != nil {
		return false
	}
	for name, value := range want {
		if string(present[name]) != value {
			return false
		}
	}
	return true
}

func rowsFitSchema(k *kit) {
	_, pin := k.typed()
	k.Type(pin)
	k.Type("999888")
	var rows []json.RawMessage
	k.raw(lockPath(k.Lock)+"/log", &rows)
	if len(rows) < 2 {
		k.Errorf("the log has %d rows, want 2 at least", len(rows))
	}
	for _, row := range rows {
		k.fits(smartlockLog, row)
	}
}

func filtersTypes(k *kit) {
	d := k.document()
	k.entry(d)
	for types, want := range map[string]bool{"?types=13": true, "?types=0,2,13": true, "": true, "?types=0,2": false} {
		var entries []wireAuth
		k.raw(lockPath(k.Lock)+"/auth"+types, &entries)
		listed := false
		for _, entry := range entries {
			listed = listed || entry.Code == d.Code
		}
		if listed != want {
			k.Errorf("with the query %q, that a keypad code is listed is %v, want %v", types, listed, want)
		}
	}
}

// fits checks an object against its schema.
func (k *kit) fits(s schema, object json.RawMessage) {
	k.Helper()
	if err := s.check(object); err != nil {
		k.Error(err)
	}
}
