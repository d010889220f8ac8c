// This file turns what people had a reservation do into the API's document.

package api

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

// decreeView is what a person decided, until a release.
type decreeView struct {
	At  time.Time `json:"at"`
	By  string    `json:"by,omitempty"`
	Why string    `json:"why,omitempty"`
}

// actionView is a lever that was pulled.
type actionView struct {
	Action string    `json:"action"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
	Why    string    `json:"why,omitempty"`
	Says   string    `json:"says"`
}

// reportView is how far a report that the PIN does not work has come.
type reportView struct {
	At    time.Time        `json:"at"`
	Steps []reportStepView `json:"steps"`
}

// reportStepView is one thing that is done about it; without a time it is still to
// come.
type reportStepView struct {
	What       string    `json:"what"`
	At         time.Time `json:"at,omitzero"`
	AgeSeconds *int64    `json:"age_seconds,omitempty"`
}

func renderDecree(decree *workflows.Decree) *decreeView {
	if decree == nil {
		return nil
	}
	return &decreeView{At: decree.At.UTC(), By: decree.By, Why: decree.Why}
}

func renderOrders(orders workflows.Ledger) []actionView {
	all := []actionView{}
	for _, one := range orders {
		all = append(all, actionView{Action: one.Lever, At: one.Answer.At.UTC(), By: one.Order.By, Why: one.Order.Why, Says: one.Answer.Says})
	}
	return all
}

func renderReport(report *workflows.ReportView, now time.Time) *reportView {
	if report == nil {
		return nil
	}
	rendered := &reportView{At: report.At.UTC()}
	for _, step := range report.Steps {
		one := reportStepView{What: step.What, At: step.At.UTC()}
		if !step.At.IsZero() {
			age := ageSeconds(step.At, now)
			one.AgeSeconds = &age
		}
		rendered.Steps = append(rendered.Steps, one)
	}
	return rendered
}
