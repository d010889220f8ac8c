// This file keeps the runbook and the reasons for attention the same.

package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keystay/keystay/workflows"
)

// pages are the runbook's files, without their ending.
func pages(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("runbook/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no runbook: %v", err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".md"))
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRunbook_HasAPageForEachReasonAndNoOther(t *testing.T) {
	found, index := pages(t), read(t, "runbook/README.md")
	for _, reason := range workflows.Attentions {
		if !slices.Contains(found, string(reason)) {
			t.Errorf("%s has no page", reason)
		}
		if !strings.Contains(index, "| [`"+string(reason)+"`]("+string(reason)+".md) | "+reason.Means()+" |") {
			t.Errorf("%s is not in the index, or not with %q", reason, reason.Means())
		}
	}
	for _, name := range found {
		known := name == "README" || strings.HasPrefix(name, "alert-") || slices.Contains(workflows.Attentions, workflows.Attention(name))
		if !known {
			t.Errorf("%s.md is a page of no reason and no alert", name)
		}
		if strings.HasPrefix(name, "alert-") && !strings.Contains(index, "("+name+".md)") {
			t.Errorf("%s is not in the index", name)
		}
	}
}

func TestRunbook_EachReasonsPageAnswersTheSameFourQuestions(t *testing.T) {
	headings := []string{"## What it means", "## What Keystay is doing about it", "## What to do", "## How to see that it is over"}
	for _, reason := range workflows.Attentions {
		text := read(t, "runbook/"+string(reason)+".md")
		if !strings.HasPrefix(text, "# `"+string(reason)+"`: ") {
			t.Errorf("%s.md begins with %.40q", reason, text)
		}
		if got := regexp.MustCompile(`(?m)^## .*$`).FindAllString(text, -1); !slices.Equal(got, headings) {
			t.Errorf("%s.md has the headings %q", reason, got)
		}
	}
}

func TestRunbook_LinksLeadToFiles(t *testing.T) {
	link := regexp.MustCompile(`(?:\]\(|src=")([^)#"]+)`)
	for _, name := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, "runbook/"+name+".md"), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("runbook", match[1])); err != nil {
				t.Errorf("%s.md links to %s", name, match[1])
			}
		}
	}
}

// A lever that the runbook tells somebody to pull at night must exist.
func TestRunbook_NamesOnlyLeversThatThereAre(t *testing.T) {
	document := read(t, "../api/openapi.yaml")
	action := regexp.MustCompile(`/actions/([a-z_]+)`)
	for _, name := range pages(t) {
		for _, match := range action.FindAllStringSubmatch(read(t, "runbook/"+name+".md"), -1) {
			if !regexp.MustCompile(`enum: \[[a-z_, ]*\b` + match[1] + `\b[a-z_, ]*\]`).MatchString(document) {
				t.Errorf("%s.md names the action %s", name, match[1])
			}
		}
	}
}
