// This file tests windows: what is written, what is refused, what counts as whole.

package nuki

import (
	"encoding/json"
	"testing"
	"time"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func mustWindow(t *testing.T) Window {
	t.Helper()
	w, err := NewWindow(at("2026-09-22T12:00:00Z"), at("2026-09-25T08:30:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestNewWindow_IsUTCInWholeSecondsOnAllDays(t *testing.T) {
	w, err := NewWindow(at("2026-09-22T14:00:00.9+02:00"), at("2026-09-25T10:30:00.1+02:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := Window{From: at("2026-09-22T12:00:00Z"), Until: at("2026-09-25T08:30:00Z"), WeekDays: 127}
	if w != want {
		t.Errorf("got %+v, want %+v", w, want)
	}
}

func TestNewWindow_RefusesWhatNeverOpens(t *testing.T) {
	noon := at("2026-09-22T12:00:00Z")
	for name, c := range map[string][2]time.Time{
		"same instant":       {noon, noon},
		"same second":        {noon, noon.Add(999 * time.Millisecond)},
		"end before start":   {noon, noon.Add(-time.Hour)},
		"no start":           {{}, noon},
		"no end":             {noon, {}},
		"same, other offset": {noon, noon.In(time.FixedZone("", 7200))},
	} {
		if _, err := NewWindow(c[0], c[1]); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestWindow_EqualLooksAtAllFiveFields(t *testing.T) {
	w := mustWindow(t)
	same := w
	same.From = same.From.In(time.FixedZone("", 7200))
	if !w.Equal(same) {
		t.Error("the same instant in another zone differs")
	}
	for name, change := range map[string]func(*Window){
		"from":       func(o *Window) { o.From = o.From.Add(time.Second) },
		"until":      func(o *Window) { o.Until = o.Until.Add(time.Second) },
		"week days":  func(o *Window) { o.WeekDays = 126 },
		"from time":  func(o *Window) { o.FromTime = 1 },
		"until time": func(o *Window) { o.UntilTime = 1 },
	} {
		other := w
		change(&other)
		if w.Equal(other) {
			t.Errorf("a change of %s is not seen", name)
		}
	}
}

func TestPartialWindow_IsWholeOnlyWithAllFive(t *testing.T) {
	w := mustWindow(t)
	whole := PartialWindow{From: &w.From, Until: &w.Until, WeekDays: &w.WeekDays, FromTime: &w.FromTime, UntilTime: &w.UntilTime}
	if got, ok := whole.Whole(); !ok || !got.Equal(w) {
		t.Errorf("got %+v, %v", got, ok)
	}
	for name, drop := range map[string]func(*PartialWindow){
		"from":       func(p *PartialWindow) { p.From = nil },
		"until":      func(p *PartialWindow) { p.Until = nil },
		"week days":  func(p *PartialWindow) { p.WeekDays = nil },
		"from time":  func(p *PartialWindow) { p.FromTime = nil },
		"until time": func(p *PartialWindow) { p.UntilTime = nil },
	} {
		partial := whole
		drop(&partial)
		if got, ok := partial.Whole(); ok || got != (Window{}) {
			t.Errorf("whole without %s: %+v", name, got)
		}
	}
}

func TestWindow_ComesThroughJSONWhole(t *testing.T) {
	w := mustWindow(t)
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"from":"2026-09-22T12:00:00Z","until":"2026-09-25T08:30:00Z","weekDays":127,"fromTime":0,"untilTime":0}`
	if string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
	var back Window
	if err := json.Unmarshal(data, &back); err != nil || !back.Equal(w) {
		t.Errorf("came back as %+v, %v", back, err)
	}
}
