// This file reads a keypad's log: which codes were typed, and which of them opened.

package activities

import (
	"context"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// LogInput asks for the newest rows of a lock's log.
type LogInput struct {
	Lock int64 `json:"lock"`
	// From is the earliest time of a row.
	From time.Time `json:"from,omitzero"`
	// Before goes on from a reading that left older rows: with its Rest.
	Before string `json:"before,omitempty"`
}

// KeypadLog is one reading of a lock's log.
type KeypadLog struct {
	// Entries are the codes typed, newest first.
	Entries []KeypadEntry `json:"entries,omitempty"`
	// Rest is the id of the oldest row read, where older ones are left to be read.
	Rest string `json:"rest,omitempty"`
}

// KeypadEntry is one row of a lock's log that tells of a code typed on the keypad.
type KeypadEntry struct {
	// AuthID is the authorization that opened; empty for a code that was refused.
	AuthID  string    `json:"auth_id,omitempty"`
	Refused bool      `json:"refused,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// MaxLogEntries is the most that one reading brings: some hours of a busy main door.
const MaxLogEntries = maxLogPages * nuki.MaxLogRows

const maxLogPages = 12

// ReadLog reads the codes typed on a lock's keypad, as many pages as one call has time for.
func (k *Keypad) ReadLog(ctx context.Context, input LogInput) (KeypadLog, error) {
	var log KeypadLog
	query := nuki.LogQuery{From: input.From, Before: input.Before, Limit: nuki.MaxLogRows}
	for range maxLogPages {
		rows, err := k.Nuki.Log(ctx, input.Lock, query)
		if err != nil {
			return KeypadLog{}, translate(err)
		}
		for _, row := range rows {
			if entry, ok := TypedOn(row.Source, row.Trigger, row.State, row.AuthID, row.Date); ok {
				log.Entries = append(log.Entries, entry)
			}
		}
		if len(rows) < nuki.MaxLogRows || rows[len(rows)-1].ID == query.Before { // The same page again is no progress.
			return log, nil
		}
		query.Before = rows[len(rows)-1].ID
	}
	log.Rest = query.Before
	return log, nil
}

// TypedOn tells a code typed on the keypad from every other row of the log.
func TypedOn(source, trigger, state int, authID string, at time.Time) (KeypadEntry, bool) {
	typed := source == nuki.SourceKeypadCode || trigger == nuki.TriggerKeypad
	switch {
	case typed && state == nuki.StateSuccess && authID != "":
		return KeypadEntry{AuthID: authID, At: at}, true
	case typed && state == nuki.StateInvalidCode:
		return KeypadEntry{Refused: true, At: at}, true
	}
	return KeypadEntry{}, false
}
