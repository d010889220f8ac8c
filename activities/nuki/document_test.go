// This file tests what a document refuses, and that every write is whole on the wire.

package nuki

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func mustDocument(t *testing.T, enabled bool) Document {
	t.Helper()
	d, err := NewDocument("K-R100.1", mustPIN(t, secretDigits), mustWindow(t), enabled)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNewDocument_RefusesWhatIsNotWhole(t *testing.T) {
	pin, whole := mustPIN(t, secretDigits), mustWindow(t)
	without := func(change func(*Window)) Window {
		w := whole
		change(&w)
		return w
	}
	cases := []struct {
		what   string
		name   string
		pin    PIN
		window Window
		ok     bool
	}{
		{"shortest name", "K", pin, whole, true},
		{"longest name", strings.Repeat("K", 20), pin, whole, true},
		{"weak but adopted PIN", "K", CodeOf(111111), whole, true},
		{"no name", "", pin, whole, false},
		{"name of 21 bytes", strings.Repeat("K", 21), pin, whole, false},
		{"name that is not ASCII", "K-ü", pin, whole, false},
		{"name with a line end", "K-\n", pin, whole, false},
		{"no PIN", "K", PIN{}, whole, false},
		{"no window", "K", pin, Window{}, false},
		{"no start", "K", pin, without(func(w *Window) { w.From = time.Time{} }), false},
		{"no end", "K", pin, without(func(w *Window) { w.Until = time.Time{} }), false},
		{"ends before it starts", "K", pin, without(func(w *Window) { w.From, w.Until = w.Until, w.From }), false},
		{"no week days", "K", pin, without(func(w *Window) { w.WeekDays = 0 }), false},
		{"too many week days", "K", pin, without(func(w *Window) { w.WeekDays = 128 }), false},
		{"daily start below zero", "K", pin, without(func(w *Window) { w.FromTime = -1 }), false},
		{"daily end after midnight", "K", pin, without(func(w *Window) { w.UntilTime = 1441 }), false},
	}
	for _, c := range cases {
		d, err := NewDocument(c.name, c.pin, c.window, true)
		if (err == nil) != c.ok {
			t.Errorf("%s: got error %v", c.what, err)
		}
		if d.IsZero() == c.ok {
			t.Errorf("%s: the document is zero: %v", c.what, d.IsZero())
		}
	}
}

func TestDocument_GivesBackItsParts(t *testing.T) {
	d := mustDocument(t, true)
	if d.Name() != "K-R100.1" || d.PIN() != mustPIN(t, secretDigits) || !d.Window().Equal(mustWindow(t)) || !d.Enabled() {
		t.Errorf("got %q %s %+v %v", d.Name(), d.PIN().Reveal(), d.Window(), d.Enabled())
	}
}

// The wire text is compared as a whole: a field more or less is a change of contract.
func TestDocument_IsWholeOnTheWire(t *testing.T) {
	const common = `"name":"K-R100.1","code":847362,"remoteAllowed":false,` +
		`"allowedFromDate":"2026-09-22T12:00:00Z","allowedUntilDate":"2026-09-25T08:30:00Z",` +
		`"allowedWeekDays":127,"allowedFromTime":0,"allowedUntilTime":0}`
	d := mustDocument(t, false)
	for want, body := range map[string]any{
		`{"type":13,` + common:       wireCreate{Type: TypeKeypadCode, wireDocument: d.wire()},
		`{"enabled":false,` + common: wireUpdate{Enabled: d.Enabled(), wireDocument: d.wire()},
	} {
		got, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
