// This file tests what a policy may be: read from JSON, filled up, and refused.

package workflows

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestPolicy_ReadsDurationsAsTextAndFillsTheRest(t *testing.T) {
	var p Policy
	if err := json.Unmarshal([]byte(`{"lead":"48h","to_check_in":["12h","0s"],"mark":"H-"}`), &p); err != nil {
		t.Fatal(err)
	}
	p = p.WithDefaults()
	if p.Lead != 48*hour || len(p.ToCheckIn) != 2 || p.Mark != "H-" || p.SyncGap != 15*minute {
		t.Errorf("got %+v", p)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(`{"lead":"three days"}`), &p); err == nil {
		t.Error("a duration in words was taken")
	}
}

func TestPolicy_RefusesWhatCannotWorkByItsField(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*Policy)
	}{
		{"mark", func(p *Policy) { p.Mark = "KEYS" }},
		{"mark", func(p *Policy) { p.Mark = "K." }},
		{"required_proof", func(p *Policy) { p.RequiredProof = ProofUsed }},
		{"to_check_in", func(p *Policy) { p.ToCheckIn = []Duration{-hour} }},
		{"retry_steps", func(p *Policy) { p.RetrySteps = []Duration{} }},
		{"syncs_per_day", func(p *Policy) { p.Capacity = 0 }},
		{"crowded", func(p *Policy) { p.Crowded = 101 }},
	} {
		p := DefaultPolicy()
		c.spoil(&p)
		if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), c.field) {
			t.Errorf("want a complaint about %s, got %v", c.field, err)
		}
	}
	if err := DefaultPolicy().Validate(); err != nil {
		t.Errorf("the default policy is refused: %v", err)
	}
}

func TestPolicy_RefusesEveryDurationThatIsNegative(t *testing.T) {
	fields := reflect.TypeFor[Policy]()
	for i := range fields.NumField() {
		p, field := DefaultPolicy(), fields.Field(i)
		switch value := reflect.ValueOf(&p).Elem().Field(i); value.Interface().(type) {
		case Duration:
			value.SetInt(-1)
		case []Duration:
			value.Set(reflect.ValueOf([]Duration{-1}))
		default:
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("%s of -1 ns was answered with %v", name, err)
		}
	}
}
