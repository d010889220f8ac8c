// This file tests that the table of metrics is whole and well named.

package workflows

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMetrics_SayTheirUnitAndTheirWords(t *testing.T) {
	for _, m := range Metrics {
		switch {
		case m.Help == "":
			t.Errorf("%s has no help", m.Name)
		case m.Kind == MetricCounter != strings.HasSuffix(m.Name, "_total"):
			t.Errorf("%s is a %s", m.Name, m.Kind)
		case m.Kind == MetricHistogram != strings.HasSuffix(m.Name, "_seconds"):
			t.Errorf("%s is a %s", m.Name, m.Kind)
		case m.Kind == MetricHistogram != (len(m.Buckets) > 0) || !slices.IsSorted(m.Buckets):
			t.Errorf("%s has the buckets %v", m.Name, m.Buckets)
		}
	}
}

// A reason that the table forgets would never be counted: the source has them all.
func TestMetrics_KnowEveryReasonForAttentionAndEveryAction(t *testing.T) {
	for file, c := range map[string]struct {
		declared string
		known    []string
	}{
		"attention.go": {`Attention\w+ +Attention = "(\w+)"`, attentionWords()},
		"decide.go":    {`Act\w+ +Action = "(\w+)"`, actionWords()},
	} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var declared []string
		for _, match := range regexp.MustCompile(c.declared).FindAllStringSubmatch(string(source), -1) {
			declared = append(declared, match[1])
		}
		slices.Sort(declared)
		slices.Sort(c.known)
		if !slices.Equal(declared, c.known) {
			t.Errorf("%s declares %q, the table knows %q", file, declared, c.known)
		}
	}
}
