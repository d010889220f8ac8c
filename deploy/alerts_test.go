// This file tests that alerts, dashboard and the list of metrics in README.md agree
// with the code's table. That each metric is really served, the tests in local/e2e
// show; what each alert does, promtool (`bash .ci/run`).

package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/keystay/keystay/workflows"
)

// rules are alerts.yaml, as far as is looked at.
type rules struct {
	Groups []struct {
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// byKind is the link of an alert that stands for many reasons for attention: the
// page of each is named after it.
const byKind = "{{ $labels.kind }}"

const runbook = "https://github.com/keystay/keystay/blob/main/deploy/runbook/"

func readRules(t *testing.T) []rule {
	t.Helper()
	var all rules
	if err := yaml.Unmarshal([]byte(readFile(t, "alerts.yaml")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Groups) != 1 || len(all.Groups[0].Rules) < 10 {
		t.Fatalf("alerts.yaml has %+v: does the test still see its rules?", all)
	}
	return all.Groups[0].Rules
}

func TestAlerts_EachLinksToItsRunbookPage(t *testing.T) {
	linked := map[string]bool{}
	for _, rule := range readRules(t) {
		page, ours := strings.CutPrefix(rule.Annotations["runbook_url"], runbook)
		switch {
		case !ours:
			t.Errorf("%s links to %q, not into the runbook", rule.Alert, rule.Annotations["runbook_url"])
		case page == byKind+".md":
			if !strings.HasPrefix(strings.TrimSpace(rule.Expr), "max by (kind) (keystay_attention{") {
				t.Errorf("%s links by a kind that it does not have: %s", rule.Alert, rule.Expr)
			}
		default:
			linked[page] = true
			if _, err := os.Stat(filepath.Join("runbook", page)); err != nil {
				t.Errorf("%s: %v", rule.Alert, err)
			}
		}
		if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
			t.Errorf("%s has the severity %q", rule.Alert, severity)
		}
	}
	pages, err := filepath.Glob("runbook/alert-*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if !linked[filepath.Base(page)] {
			t.Errorf("%s: no alert links to it", page)
		}
	}
}

func TestAlerts_EachIsTestedToFireAndToKeepQuiet(t *testing.T) {
	var file struct {
		Tests []struct {
			Rules []struct {
				Alert string           `yaml:"alertname"`
				Fires []map[string]any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		} `yaml:"tests"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, "alerts_test.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, rule := range test.Rules {
			fires[rule.Alert] = fires[rule.Alert] || len(rule.Fires) > 0
			quiet[rule.Alert] = quiet[rule.Alert] || len(rule.Fires) == 0
		}
	}
	for _, rule := range readRules(t) {
		if !fires[rule.Alert] || !quiet[rule.Alert] {
			t.Errorf("%s is tested to fire: %v, to keep quiet: %v", rule.Alert, fires[rule.Alert], quiet[rule.Alert])
		}
	}
}

// Reasons for attention that are urgent must be named once more where they are
// left out, or they would be told twice or never.
func TestAlerts_EveryReasonForAttentionIsToldOnce(t *testing.T) {
	kinds := regexp.MustCompile(`keystay_attention\{kind([!=]~)"([^"]+)"`)
	told := map[string]int{}
	for _, rule := range readRules(t) {
		match := kinds.FindStringSubmatch(rule.Expr)
		if match == nil {
			continue
		}
		named := strings.Split(match[2], "|")
		for _, kind := range workflows.MetricAttention.Labels[0].Values {
			if slices.Contains(named, kind) == (match[1] == "=~") {
				told[kind]++
			}
		}
		for _, kind := range named {
			if !slices.Contains(workflows.MetricAttention.Labels[0].Values, kind) {
				t.Errorf("%s names %q, which is no reason for attention", rule.Alert, kind)
			}
		}
	}
	for _, kind := range workflows.MetricAttention.Labels[0].Values {
		if told[kind] != 1 {
			t.Errorf("%s is told by %d alerts, want 1", kind, told[kind])
		}
	}
}

// selected are the words that an expression asks a label of ours for.
var selected = regexp.MustCompile(`(keystay_[a-z_]+)\{([^}]*)\}`)

// A label or a word with a typing error selects nothing, for ever, in silence.
func TestAlertsAndDashboard_SelectWordsOfTheTable(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal([]byte(readFile(t, "dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	var exprs []string
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			exprs = append(exprs, target.Expr)
		}
	}
	for _, rule := range readRules(t) {
		exprs = append(exprs, rule.Expr)
	}
	seen := 0
	for _, match := range selected.FindAllStringSubmatch(strings.Join(exprs, "\n"), -1) {
		for _, label := range regexp.MustCompile(`([a-z]+)(?:=|=~|!=|!~)"([^"]*)"`).FindAllStringSubmatch(match[2], -1) {
			seen++
			for word := range strings.SplitSeq(label[2], "|") {
				if !inTable(match[1], label[1], word) {
					t.Errorf("%s: the table has no %s %q", match[0], label[1], word)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d selections seen: does the test still see them?", seen)
	}
}

// inTable reports whether a metric may have a word under a label. A bucket's bound must
// be one of the table's too.
func inTable(metric, label, word string) bool {
	for _, of := range workflows.Metrics {
		if metric == of.Name+"_bucket" && label == "le" {
			return slices.ContainsFunc(of.Buckets, func(bound float64) bool { return strings.TrimSuffix(jsonOf(bound), ".0") == word })
		}
		for _, known := range of.Labels {
			if metric == of.Name && label == known.Name && slices.Contains(known.Values, word) {
				return true
			}
		}
	}
	return false
}

func jsonOf(bound float64) string {
	text, _ := json.Marshal(bound)
	return string(text)
}

func TestReadme_ListsTheMetricsOfTheTable(t *testing.T) {
	var listed, known []string
	for _, match := range regexp.MustCompile("(?m)^\\| `(keystay_[a-z_]+)` \\| ([a-z, ]*)\\|").FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		listed = append(listed, match[1]+": "+strings.TrimSpace(match[2]))
	}
	for _, of := range workflows.Metrics {
		var labels []string
		for _, label := range of.Labels {
			labels = append(labels, label.Name)
		}
		known = append(known, of.Name+": "+strings.Join(labels, ", "))
	}
	slices.Sort(listed)
	slices.Sort(known)
	if !slices.Equal(listed, known) {
		t.Errorf("README.md lists\n%s\nthe table has\n%s", strings.Join(listed, "\n"), strings.Join(known, "\n"))
	}
}
