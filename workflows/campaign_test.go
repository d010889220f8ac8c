// This file is the campaign as a test: many stays on virtual time, judged by the
// keypads.
//
//	go test ./workflows -run TestCampaign -campaign.stays=10000 -campaign.profile=mission-post -campaign.seed=1

package workflows_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/workflows/campaign"
)

// positive is a flag that takes whole numbers above 0 alone.
type positive int

func (p *positive) String() string { return strconv.Itoa(int(*p)) }

func (p *positive) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return fmt.Errorf("want a whole number above 0")
	}
	*p = positive(n)
	return nil
}

// profileNames is a flag that takes profiles there are, with commas between.
type profileNames []campaign.Profile

func (p *profileNames) String() string {
	var names []string
	for _, profile := range *p {
		names = append(names, profile.Name)
	}
	return strings.Join(names, ",")
}

func (p *profileNames) Set(text string) error {
	*p = nil
	for name := range strings.SplitSeq(text, ",") {
		profile, err := campaign.ProfileNamed(name)
		if err != nil {
			return err
		}
		*p = append(*p, profile)
	}
	return nil
}

var campaignFlags = struct {
	stays      positive
	rowStays   positive
	profiles   profileNames
	seed       *uint64
	json       *string
	world      *int
	stay       *string
	strategies *bool
	ablate     *bool
}{
	stays:      campaign.StaysPerWorld,
	rowStays:   campaign.StaysPerWorld / 4,
	seed:       flag.Uint64("campaign.seed", 1, "what the worlds are made from"),
	json:       flag.String("campaign.json", "", "write the figures to this `FILE`"),
	world:      flag.Int("campaign.world", -1, "replay this world alone; needs campaign.stay"),
	stay:       flag.String("campaign.stay", "", "tell all that happened to this stay of campaign.world"),
	ablate:     flag.Bool("campaign.ablate", false, "switch off each row of the policy in turn, and print what gets worse"),
	strategies: flag.Bool("campaign.compare", false, "run the two plain strategies in the same worlds too"),
}

func init() {
	flag.Var(&campaignFlags.stays, "campaign.stays", "how many stays")
	flag.Var(&campaignFlags.rowStays, "campaign.row-stays", "how many stays for each row of the open questions")
	flag.Var(&campaignFlags.profiles, "campaign.profile", "the `NAMES` of profiles, with commas between; all of them where absent")
}

// gcPercent trades memory for speed: worlds leave much garbage behind.
const gcPercent = 400

func TestCampaign(t *testing.T) {
	if *campaignFlags.world >= 0 {
		tellStay(t)
		return
	}
	if *campaignFlags.ablate { // Many runs in one process: memory is scarcer than time.
		ablate(t)
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	for _, profile := range profilesToRun(t) {
		t.Run(profile.Name, func(t *testing.T) { runCampaign(t, profile) })
	}
}

func profilesToRun(t *testing.T) []campaign.Profile {
	t.Helper()
	if len(campaignFlags.profiles) > 0 {
		return campaignFlags.profiles
	}
	all, err := campaign.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func runCampaign(t *testing.T, profile campaign.Profile) {
	options := campaign.Options{
		Profile: profile, Seed: *campaignFlags.seed, Stays: int(campaignFlags.stays), Strategies: campaign.Strategies[:1],
	}
	if testing.Short() { // Under the race detector, which costs ten times as long.
		options.Stays = min(options.Stays, campaign.StaysPerWorld/2)
	}
	if *campaignFlags.strategies {
		options.Strategies = campaign.Strategies
	}
	began := time.Now()
	results, err := campaign.Run(options)
	took := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	if err := campaign.Print(t.Output(), results); err != nil {
		t.Fatal(err)
	}
	keystay := results[0]
	t.Logf("%d stays by %d strategies in %s: %.0f stays a second; trace %s", options.Stays, len(results), took,
		float64(options.Stays*len(results))/took.Seconds(), keystay.Hash)
	holdToAims(t, profile, keystay)
	writeFigures(t, results)
}

// holdToAims fails the test with each aim that was missed, and the one command that
// tells how.
func holdToAims(t *testing.T, profile campaign.Profile, result campaign.Result) {
	t.Helper()
	for _, failure := range result.Failures {
		t.Errorf("%s: %s\n\tgo test ./workflows -run 'TestCampaign$' -v -campaign.profile=%s -campaign.seed=%d -campaign.stays=%d -campaign.world=%d -campaign.stay=%s",
			profile.Name, failure.Aim, profile.Name, *campaignFlags.seed, failure.Stays, failure.World, failure.Stay)
	}
	if result.Figures.Touched > 0 {
		t.Errorf("%s: %d foreign codes were touched", profile.Name, result.Figures.Touched)
	}
}

// ablate prints what each row of the policy is there for, each as it is known.
func ablate(t *testing.T) {
	out := t.Output()
	if _, err := io.WriteString(out, campaign.AblationHead); err != nil {
		t.Fatal(err)
	}
	report := func(row campaign.Ablation) error { return row.Print(out) }
	if err := campaign.Ablate(profilesToRun(t), *campaignFlags.seed, int(campaignFlags.stays), report); err != nil {
		t.Fatal(err)
	}
}

// tellStay tells all that happened to one stay of one world.
func tellStay(t *testing.T) {
	for _, profile := range profilesToRun(t) {
		text, err := campaign.Replay(profile, *campaignFlags.seed, *campaignFlags.world, int(campaignFlags.stays), *campaignFlags.stay)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(text)
	}
}

func writeFigures(t *testing.T, results []campaign.Result) {
	if *campaignFlags.json == "" {
		return
	}
	var figures []campaign.Figures
	for _, result := range results {
		figures = append(figures, result.Figures)
	}
	text, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*campaignFlags.json, append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCampaignFlags_RefuseWhatMakesNoSense(t *testing.T) {
	for _, c := range []struct {
		flag flag.Value
		text string
	}{
		{new(positive), "0"}, {new(positive), "-3"}, {new(positive), "many"}, {new(profileNames), "sunny"}, {new(profileNames), ""}, {new(profileNames), "clean,"},
	} {
		if err := c.flag.Set(c.text); err == nil {
			t.Errorf("%T takes %q", c.flag, c.text)
		}
	}
	var stays positive
	if err := stays.Set("48"); err != nil || stays != 48 {
		t.Errorf("48 stays are read as %d, %v", stays, err)
	}
}
