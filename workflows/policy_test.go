package workflows

import (
	"encoding/json"
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

func TestPolicy_RefusesWhatCannotWork(t *testing.T) {
	for name, spoil := range map[string]func(*Policy){
		"a long mark":         func(p *Policy) { p.Mark = "KEYS" },
		"a strange mark":      func(p *Policy) { p.Mark = "K." },
		"an unknown proof":    func(p *Policy) { p.RequiredProof = ProofUsed },
		"a negative rung":     func(p *Policy) { p.ToCheckIn = []Duration{-hour} },
		"a negative duration": func(p *Policy) { p.SyncGap = -minute },
		"no retry steps":      func(p *Policy) { p.RetrySteps = []Duration{} },
	} {
		p := DefaultPolicy()
		spoil(&p)
		if p.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := DefaultPolicy().Validate(); err != nil {
		t.Errorf("the default policy is refused: %v", err)
	}
}
