// This file switches off each row of the recovery policy in turn, to show what it
// is there for: which figure of which profile gets worse without it.

package campaign

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/keystay/keystay/workflows"
)

// Ablation is what became worse without one row.
type Ablation struct {
	// Table is "present" or "absent".
	Table string
	Row   string
	// Worse are the figures that got worse, by profile.
	Worse []string
}

// ablating is a campaign that is run once with the whole policy and once without each row.
type ablating struct {
	profiles []Profile
	seed     uint64
	stays    int
	// base are the figures with all rows, by profile.
	base map[string]Figures
}

// patience is how long a run may take for each of its stays: ten times of what one takes
// on two cores.
const patience = 500 * time.Millisecond

// Ablate runs every profile without each row in turn, and reports each as it is done. It
// changes the tables of package workflows meanwhile, so that nothing else may run beside it.
func Ablate(profiles []Profile, seed uint64, stays int, report func(Ablation) error) error {
	a := ablating{profiles: profiles, seed: seed, stays: stays, base: map[string]Figures{}}
	for _, profile := range profiles {
		figures, err := a.figures(profile)
		if err != nil {
			return err
		}
		a.base[profile.Name] = figures
	}
	for _, table := range []struct {
		name string
		rows *[]workflows.Row
	}{{"present", &workflows.PresentRows}, {"absent", &workflows.AbsentRows}} {
		for i := range *table.rows {
			if err := report(a.without(table.name, table.rows, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// without runs every profile without the i-th row of a table.
func (a ablating) without(name string, rows *[]workflows.Row, i int) Ablation {
	whole := *rows
	defer func() { *rows = whole }()
	*rows = slices.Delete(slices.Clone(whole), i, i+1)
	ablation := Ablation{Table: name, Row: whole[i].ID}
	for _, profile := range a.profiles {
		figures, err := a.figures(profile)
		if err != nil { // A broken policy may break a workflow.
			ablation.Worse = append(ablation.Worse, profile.Name+": "+err.Error())
			continue
		}
		for _, change := range worse(a.base[profile.Name], figures) {
			ablation.Worse = append(ablation.Worse, profile.Name+": "+change)
		}
	}
	return ablation
}

// figures are Keystay's in a profile. A policy without one of its rows may turn in a
// circle, or flood the test environment until that hangs: then the run is left alone.
func (a ablating) figures(profile Profile) (Figures, error) {
	type outcome struct {
		results []Result
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		results, err := Run(Options{Profile: profile, Seed: a.seed, Stays: a.stays, Strategies: Strategies[:1]})
		done <- outcome{results, err}
	}()
	select {
	case ran := <-done:
		if ran.err != nil {
			return Figures{}, ran.err
		}
		return ran.results[0].Figures, nil
	case <-time.After(time.Minute + time.Duration(a.stays)*patience):
		return Figures{}, errors.New("it never ends")
	}
}

// loss is a figure that is better small, and how much more of it matters.
type loss struct {
	name   string
	value  func(Figures) float64
	margin float64
}

// losses are what rows are there to keep small. Requests and syncs cost battery and
// quota, and people's attention is worth as much: a twentieth more of them matters.
var losses = []loss{
	{"stays not kept", func(f Figures) float64 { return float64(f.Expected - f.Kept) }, 0},
	{"feasible stays not kept", func(f Figures) float64 { return float64(f.Feasible - f.FeasibleKept) }, 0},
	{"endings not in time", func(f Figures) float64 { return float64(f.FeasibleEndings - f.EndedInTime) }, 0},
	{"opened outside the window", func(f Figures) float64 { return float64(f.Outside) }, 0},
	{"false ready", func(f Figures) float64 { return float64(f.FalseReady) }, 0},
	{"false revoked", func(f Figures) float64 { return float64(f.FalseRevoked) }, 0},
	{"told PINs changed", func(f Figures) float64 { return float64(f.Changed) }, 0},
	{"failures that nobody was asked about", func(f Figures) float64 { return float64(f.Unkept - f.Raised) }, 0},
	{"stays that a person was asked about", func(f Figures) float64 { return float64(f.Asked) }, 0.05},
	{"median seconds to ready", func(f Figures) float64 { return f.ReadyMedian }, 0.1},
	{"p99 seconds to ready", func(f Figures) float64 { return f.ReadyP99 }, 0.1},
	{"left behind", func(f Figures) float64 { return float64(f.Left) }, 0},
	{"foreign codes touched", func(f Figures) float64 { return float64(f.Touched) }, 0},
	{"worlds that ran away", func(f Figures) float64 { return float64(f.RanAway) }, 0},
	{"requests per stay", func(f Figures) float64 { return f.Requests }, 0.05},
	{"syncs per stay", func(f Figures) float64 { return f.Syncs }, 0.05},
}

// worse says which figures got worse.
func worse(before, after Figures) []string {
	var all []string
	for _, loss := range losses {
		was, is := loss.value(before), loss.value(after)
		if is > was+was*loss.margin {
			all = append(all, fmt.Sprintf("%s %s → %s", loss.name, number(was), number(is)))
		}
	}
	return all
}

func number(n float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", n), "0"), ".")
}

// AblationHead begins the Markdown table that Ablations are the rows of.
const AblationHead = "| table | row | without it |\n|---|---|---|\n"

// Print writes a row of the table.
func (a Ablation) Print(to io.Writer) error {
	effect := strings.Join(a.Worse, "; ")
	if effect == "" {
		effect = "no figure gets worse"
	}
	_, err := fmt.Fprintf(to, "| %s | `%s` | %s |\n", a.Table, a.Row, effect)
	return err
}
