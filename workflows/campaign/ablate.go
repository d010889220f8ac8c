// This file switches off each row of the recovery policy in turn, to show what it
// is there for: which figure of which profile gets worse without it.

package campaign

import (
	"fmt"
	"io"
	"slices"
	"strings"

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

// Ablate runs every profile without each row in turn, and reports each as it is done. It
// changes the tables of package workflows meanwhile, so that nothing else may run beside it.
func Ablate(profiles []Profile, seed uint64, stays int, report func(Ablation) error) error {
	base := map[string]Figures{}
	for _, profile := range profiles {
		figures, err := keystayFigures(profile, seed, stays)
		if err != nil {
			return err
		}
		base[profile.Name] = figures
	}
	for _, table := range []struct {
		name string
		rows *[]workflows.Row
	}{{"present", &workflows.PresentRows}, {"absent", &workflows.AbsentRows}} {
		for i := range *table.rows {
			if err := report(ablateRow(table.name, table.rows, i, profiles, base, seed, stays)); err != nil {
				return err
			}
		}
	}
	return nil
}

// ablateRow runs every profile without the i-th row of a table.
func ablateRow(name string, rows *[]workflows.Row, i int, profiles []Profile, base map[string]Figures, seed uint64, stays int) Ablation {
	whole := *rows
	defer func() { *rows = whole }()
	*rows = slices.Delete(slices.Clone(whole), i, i+1)
	ablation := Ablation{Table: name, Row: whole[i].ID}
	for _, profile := range profiles {
		figures, err := keystayFigures(profile, seed, stays)
		if err != nil { // A broken policy may break a workflow.
			ablation.Worse = append(ablation.Worse, profile.Name+": "+err.Error())
			continue
		}
		for _, change := range worse(base[profile.Name], figures) {
			ablation.Worse = append(ablation.Worse, profile.Name+": "+change)
		}
	}
	return ablation
}

func keystayFigures(profile Profile, seed uint64, stays int) (Figures, error) {
	results, err := Run(Options{Profile: profile, Seed: seed, Stays: stays, Strategies: Strategies[:1]})
	if err != nil {
		return Figures{}, err
	}
	return results[0].Figures, nil
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
