// This file tests the readers of values whose form varies.

package nuki

import (
	"encoding/json"
	"testing"
	"time"
)

func TestWireTime_ReadsNukisForms(t *testing.T) {
	noon := at("2026-09-22T12:00:00Z")
	cases := map[string]time.Time{
		`"2026-09-22T12:00:00.000Z"`:     noon,
		`"2026-09-22T12:00:00Z"`:         noon,
		`"2026-09-22T14:00:00+02:00"`:    noon,
		`"2026-09-22T14:00:00.000+0200"`: noon,
		`null`:                           {},
		`""`:                             {},
		`1790078400000`:                  {},
		`"tomorrow"`:                     {},
		`{"date":1}`:                     {},
		`"9999-12-31T23:59:59-12:00"`:    {},
		`"0000-01-01T00:00:00Z"`:         {},
	}
	for data, want := range cases {
		var got wireTime
		if err := json.Unmarshal([]byte(data), &got); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", data, got, want)
		}
	}
}

func TestTextOf_TakesStringsAndObjects(t *testing.T) {
	for data, want := range map[string]string{
		``: "", `null`: "", `""`: "", `"65219648"`: "65219648", `{"timestamp":1}`: `{"timestamp":1}`, `{}`: `{}`, ` 7 `: "7",
	} {
		if got := textOf(json.RawMessage(data)); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
}

func TestInt32Of_NeverFails(t *testing.T) {
	for data, want := range map[string]int32{
		`847362`: 847362, `"847362"`: 847362, `null`: 0, ``: 0, `"x"`: 0, `1.5`: 0, `4294967296`: 0, `{}`: 0,
	} {
		if got := int32Of(json.RawMessage(data)); got != want {
			t.Errorf("%q: got %d, want %d", data, got, want)
		}
	}
}
