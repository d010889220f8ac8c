// This file is the campaign over what nobody knows of the API: its aims must hold
// whatever the answers are.
//
//	go test ./workflows -run TestCampaign_Holds -v -campaign.row-stays=240 -campaign.seed=1

package workflows_test

import (
	"fmt"
	"runtime/debug"
	"testing"
	"text/tabwriter"

	"github.com/keystay/keystay/workflows/campaign"
)

func TestCampaign_HoldsWhateverTheAnswersToTheOpenQuestions(t *testing.T) {
	if len(campaignFlags.profiles) > 0 || *campaignFlags.ablate {
		t.Skip("a profile, or an ablation, was asked for alone")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	rows, err := campaign.QuestionRows()
	if err != nil {
		t.Fatal(err)
	}
	stays := int(campaignFlags.rowStays)
	if testing.Short() { // Under the race detector, which costs ten times as long.
		rows, stays = rows[len(rows)-1:], campaign.StaysPerWorld/4
	}
	var all []campaign.Result
	for _, row := range rows {
		results, err := campaign.Run(campaign.Options{
			Profile: row, Seed: *campaignFlags.seed, Stays: stays, Strategies: campaign.Strategies[:1],
		})
		if err != nil {
			t.Fatal(err)
		}
		holdToAims(t, row, results[0])
		all = append(all, results...)
	}
	printRows(t, rows, all)
}

// printRows prints a line for each row of the cover, with the numbers of the
// questions whose answer is not the first one, and that answer's letter.
func printRows(t *testing.T, rows []campaign.Profile, all []campaign.Result) {
	table := tabwriter.NewWriter(t.Output(), 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "row\tguests\tfeasible\tkept of them\tendings in time\tleft\tchanged\ttouched\tfalse ready\trequests\tanswers")
	for i, result := range all {
		f := result.Figures
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d of %d\t%d\t%d\t%d\t%d\t%.0f\t%s\n", rows[i].Name, f.Expected, f.Feasible, f.FeasibleKept,
			f.EndedInTime, f.FeasibleEndings, f.Left, f.Changed, f.Touched, f.FalseReady, f.Requests, rows[i].AnswerLetters())
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
}
