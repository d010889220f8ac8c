// This file runs the runbook's filters on a real server: one that it does not take
// would be found at night, by the wrong person.

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/keystay/keystay/deploy/local/stack"
)

func TestRunbook_FiltersAreTakenByTheServer(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "runbook", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("\\?query=([^)]+)\\) \\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 8 {
		t.Fatalf("the runbook has %d filters", len(rows))
	}
	s := start(t, stack.Options{})
	for _, row := range rows {
		query, err := url.QueryUnescape(row[1])
		if err != nil || query != row[2] {
			t.Errorf("the link asks for %q, the text says %q", query, row[2])
		}
		request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace, Query: row[2]}
		if _, err := s.Temporal.ListWorkflow(s.Context(), request); err != nil {
			t.Errorf("%s: %v", row[2], err)
		}
	}
}
