// This file prints figures for people: a column for each strategy.

package campaign

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// tableRow is one line: its name, and its value for one strategy.
type tableRow struct {
	name  string
	value func(Figures) string
}

var tableRows = []tableRow{
	{"stays with a guest", func(f Figures) string { return fmt.Sprint(f.Expected) }},
	{"opened at check-in, of all", func(f Figures) string { return share(f.AtCheckIn, f.Expected) }},
	{"opened at every probe, of all", func(f Figures) string { return share(f.Kept, f.Expected) }},
	{"feasible stays", func(f Figures) string { return share(f.Feasible, f.Expected) }},
	{"  opened at check-in", func(f Figures) string { return share(f.FeasibleAtCheckIn, f.Feasible) }},
	{"  opened at every probe", func(f Figures) string { return share(f.FeasibleKept, f.Feasible) }},
	{"feasible without a planned look", func(f Figures) string { return share(f.FeasibleAnytime, f.Expected) }},
	{"  opened at every probe", func(f Figures) string { return share(f.AnytimeKept, f.FeasibleAnytime) }},
	{"opened outside its window", func(f Figures) string { return share(f.Outside, f.Stays) }},
	{"ended early", func(f Figures) string { return fmt.Sprint(f.Endings) }},
	{"  feasible, dead in time", func(f Figures) string { return share(f.EndedInTime, f.FeasibleEndings) }},
	{"  PIN still opened: median", func(f Figures) string { return seconds(f.LivedMedian) }},
	{"  PIN still opened: p99", func(f Figures) string { return seconds(f.LivedP99) }},
	{"  PIN still opened: longest", func(f Figures) string { return seconds(f.LivedMax) }},
	{"false \"ready\"", func(f Figures) string { return fmt.Sprint(f.FalseReady) }},
	{"  said by", func(f Figures) string { return byName(f.FalseReadyBy) }},
	{"false \"revoked\"", func(f Figures) string { return fmt.Sprint(f.FalseRevoked) }},
	{"  said by", func(f Figures) string { return byName(f.FalseRevokedBy) }},
	{"told PIN changed silently", func(f Figures) string { return fmt.Sprint(f.Changed) }},
	{"not feasible, not kept", func(f Figures) string { return fmt.Sprint(f.Unkept) }},
	{"  a person was asked in time", func(f Figures) string { return share(f.Raised, f.Unkept) }},
	{"stays that a person was asked about", func(f Figures) string { return fmt.Sprint(f.Asked) }},
	{"said \"ready\" after: median", func(f Figures) string { return seconds(f.ReadyMedian) }},
	{"said \"ready\" after: p99", func(f Figures) string { return seconds(f.ReadyP99) }},
	{"entries left behind", func(f Figures) string { return fmt.Sprint(f.Left) }},
	{"foreign codes touched", func(f Figures) string { return fmt.Sprint(f.Touched) }},
	{"worlds that ran away", func(f Figures) string { return fmt.Sprint(f.RanAway) }},
	{"refused guests, alone awaited", func(f Figures) string { return fmt.Sprint(f.Refused) }},
	{"  noticed within a minute", func(f Figures) string { return share(f.Noticed, f.Refused) }},
	{"  let in within 15 minutes", func(f Figures) string { return share(f.LetIn, f.Refused) }},
	{"refused guests, others", func(f Figures) string { return fmt.Sprint(f.RefusedShared) }},
	{"uses of a dead PIN", func(f Figures) string { return fmt.Sprint(f.DeadUses) }},
	{"  reported", func(f Figures) string { return share(f.Reported, f.DeadUses) }},
	{"  with a connection", func(f Figures) string { return fmt.Sprint(f.LinkedUses) }},
	{"    reported within a minute", func(f Figures) string { return share(f.ReportedSoon, f.LinkedUses) }},
	{"writes to a lock known to be offline", func(f Figures) string { return fmt.Sprint(f.Astray) }},
	{"requests per stay", func(f Figures) string { return fmt.Sprintf("%.1f", f.Requests) }},
	{"  of these, looks at whole locks", func(f Figures) string { return fmt.Sprintf("%.1f", f.Audits) }},
	{"most syncs of a lock in a day", func(f Figures) string { return fmt.Sprint(f.MostSyncs) }},
	{"syncs per stay", func(f Figures) string { return fmt.Sprintf("%.2f", f.Syncs) }},
	{"workflow events per stay", func(f Figures) string { return fmt.Sprintf("%.0f", f.Events) }},
}

// Print writes a table with a column for each result.
func Print(to io.Writer, results []Result) error {
	table := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	if len(results) > 0 {
		_, _ = fmt.Fprintf(table, "%s", results[0].Figures.Profile)
	}
	for _, result := range results {
		_, _ = fmt.Fprintf(table, "\t%s", result.Figures.Strategy)
	}
	_, _ = fmt.Fprintln(table)
	for _, row := range tableRows {
		_, _ = fmt.Fprint(table, row.name)
		for _, result := range results {
			_, _ = fmt.Fprintf(table, "\t%s", row.value(result.Figures))
		}
		_, _ = fmt.Fprintln(table)
	}
	return table.Flush()
}

// share is a count and its share of a whole, never rounded up to 100 %.
func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	percent := float64(n) / float64(of) * 100
	if n < of && percent > 99.99 {
		percent = 99.99
	}
	return fmt.Sprintf("%d (%.2f %%)", n, percent)
}

// byName are counts in the order of their names.
func byName(counts map[string]int) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s: %d", name, counts[name]))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}

func seconds(s float64) string { return time.Duration(s * float64(time.Second)).String() }
