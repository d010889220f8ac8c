// This file is a smart lock's activity log: its rows, and how they are asked for.

package nuki

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// Values of a log row that tell whether a code opened the door (Nuki OpenAPI 4.10.0).
const (
	SourceKeypadCode = 1   // Source: a code was typed
	TriggerKeypad    = 255 // Trigger: the keypad
	StateSuccess     = 0   // State: done
	StateInvalidCode = 224 // State: the keypad refused the code
	StateUnknown     = -1  // State: the row does not say; ours, not Nuki's
)

// LogRow is one row of the activity log. A row with SourceKeypadCode,
// StateSuccess and an authorization's id is the only physical proof that the
// keypad accepts its code.
type LogRow struct {
	ID          string
	SmartlockID int64
	AuthID      string // Authorization.ID; "" where no authorization was concerned
	Name        string
	Action      int
	Trigger     int
	State       int
	Source      int
	Date        time.Time
}

// MaxLogRows is what Nuki gives at most, whatever is asked for (integrator's
// measurement on the live service).
const MaxLogRows = 50

// LogQuery narrows the rows; the zero value asks for the newest.
type LogQuery struct {
	AuthID string    // only rows of this authorization
	From   time.Time // only rows from here on; zero for no bound
	To     time.Time // only rows up to here; zero for no bound
	Before string    // only rows older than the one with this id: the way to the next page
	Limit  int       // rows at most; 0 for Nuki's default of 20, above 50 counts as 50
}

func (q LogQuery) values() url.Values {
	values := url.Values{}
	set := func(key, value string) {
		if value != "" {
			values.Set(key, value)
		}
	}
	set("authId", q.AuthID)
	set("id", q.Before)
	if !q.From.IsZero() {
		set("fromDate", wireDate(q.From))
	}
	if !q.To.IsZero() {
		set("toDate", wireDate(q.To))
	}
	if q.Limit > 0 {
		set("limit", strconv.Itoa(min(q.Limit, MaxLogRows)))
	}
	return values
}

type wireLogRow struct {
	ID          string          `json:"id"`
	SmartlockID int64           `json:"smartlockId"`
	AuthID      json.RawMessage `json:"authId"`
	Name        string          `json:"name"`
	Action      int             `json:"action"`
	Trigger     int             `json:"trigger"`
	State       *int            `json:"state"`
	Source      int             `json:"source"`
	Date        wireTime        `json:"date"`
}

func (w wireLogRow) read() LogRow {
	return LogRow{
		ID:          w.ID,
		SmartlockID: w.SmartlockID,
		AuthID:      textOf(w.AuthID),
		Name:        w.Name,
		Action:      w.Action,
		Trigger:     w.Trigger,
		State:       stateOf(w.State),
		Source:      w.Source,
		Date:        w.Date.Time,
	}
}

// stateOf is a row's state: one that is missing is not 0, which is success.
func stateOf(state *int) int {
	if state == nil {
		return StateUnknown
	}
	return *state
}
