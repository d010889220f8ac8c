// This file tests that every reason for attention is in the table that explains them.

package workflows_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/keystay/keystay/workflows"
)

// A reason that is missing in the table would be missing in all that is made from it.
func TestAttentions_AreAllConstants(t *testing.T) {
	source, err := os.ReadFile("attention.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[workflows.Attention]bool{}
	for _, reason := range workflows.Attentions {
		listed[reason] = true
	}
	declared := regexp.MustCompile(`Attention\w+\s+Attention = "(\w+)"`).FindAllSubmatch(source, -1)
	for _, constant := range declared {
		if reason := workflows.Attention(constant[1]); !listed[reason] {
			t.Errorf("%s is declared and not in Attentions", reason)
		}
	}
	if len(declared) != len(listed) || len(listed) != len(workflows.Attentions) {
		t.Errorf("%d reasons are declared, %d listed, %d of them different", len(declared), len(workflows.Attentions), len(listed))
	}
}
