// This file is the forgiving readers for values whose form on Nuki's wire varies.

package nuki

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// wireTime reads a date such as 2026-09-22T12:00:00.000Z. A date that nobody can
// read counts as missing: one odd entry must not make a whole list unreadable,
// and a window that lacks a date is never taken for right.
type wireTime struct{ time.Time }

func (t *wireTime) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return nil
	}
	t.Time = parseDate(text)
	return nil
}

// instant is nil for a missing date.
func (t *wireTime) instant() *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return &t.Time
}

func parseDate(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		// An offset can carry the year out of what JSON can express again.
		if at = at.UTC(); at.Year() > 0 && at.Year() < 10000 {
			return at
		}
	}
	return time.Time{}
}

// textOf is the text of a value that is sometimes a string and sometimes
// something else. Nuki's specification has operationId as an object, its server
// sends a string; either means that an operation runs.
func textOf(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// int32Of is a number that may be sent as a string; 0 when it is none that fits.
// It never fails, as the error of a failed decode would quote the number.
func int32Of(raw json.RawMessage) int32 {
	n, err := strconv.ParseInt(textOf(raw), 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}
