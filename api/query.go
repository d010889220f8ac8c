// This file builds the visibility query of a listing. Whatever a caller sends
// stays inside its quotes.

package api

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/workflows"
)

// anyAttention lists whatever a person should look at.
const anyAttention = "any"

// maxUnit is as long as a unit can be.
const maxUnit = 100

// subject is what a listing is about.
type subject struct {
	workflowType string
	filters      []filter
	// pageSize is the rows of one page.
	pageSize int32
}

// The rows of a page of locks are fewer: each is asked of the lock's front desk.
var (
	reservations = subject{workflows.ReservationWorkflowType, reservationFilters, 100}
	locks        = subject{workflows.SmartlockWorkflowType, lockFilters, 50}
)

// values reads the parameters of a listing strictly: a filter that was not
// understood, and left out, would answer what nobody asked for.
func (s subject) values(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, invalidParameter("", "the query is not well-formed: a % must be written as %25, and & separates parameters")
	}
	for name, given := range values {
		known := slices.ContainsFunc(s.filters, func(f filter) bool { return f.name == name }) || name == pageParameter
		switch {
		case !known:
			return nil, invalidParameter(name, "is not a parameter of this listing")
		case len(given) > 1:
			return nil, invalidParameter(name, "is given more than once")
		}
	}
	return values, nil
}

// query is the query for the parameters of a listing, or a *Problem.
func (s subject) query(values url.Values) (string, error) {
	terms := []string{
		"WorkflowType = " + quoted(s.workflowType),
		"ExecutionStatus = " + quoted("Running"),
	}
	for _, filter := range s.filters {
		value := values.Get(filter.name)
		if value == "" {
			continue
		}
		term, refusal := filter.term(value)
		if refusal != "" {
			return "", invalidParameter(filter.name, refusal)
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " AND "), nil
}

// filter is a parameter of a listing. It makes a term of the query, or says why
// it cannot.
type filter struct {
	name string
	term func(value string) (term, refusal string)
}

var reservationFilters = []filter{
	{"status", statusTerm(workflows.Statuses)},
	{"unit", unitTerm},
	{"attention", stayAttention},
	{"check_in_after", func(value string) (string, string) { return timeTerm(workflows.AttributeCheckIn, ">=", value) }},
	{"check_in_before", func(value string) (string, string) { return timeTerm(workflows.AttributeCheckIn, "<", value) }},
}

var lockFilters = []filter{
	{"status", statusTerm(workflows.LockStatuses)},
	{"attention", attentionTerm},
}

// statusTerm takes one of the words that there are.
func statusTerm[W ~string](words []W) func(string) (string, string) {
	return func(value string) (string, string) {
		if !slices.Contains(words, W(value)) {
			return "", "must be one of " + joined(words)
		}
		return workflows.AttributeStatus.GetName() + " = " + quoted(value), ""
	}
}

// unitTerm refuses what Temporal's SQL visibility stores (server 1.32) would
// silently not find: they escape some characters once more, and cut quotes off
// both ends.
func unitTerm(value string) (string, string) {
	switch {
	case len(value) > maxUnit || strings.ContainsFunc(value, unicode.IsControl):
		return "", "must have at most 100 bytes, none of them a control character"
	case strings.ContainsAny(value, `"\`) || strings.Trim(value, "'") != value:
		return "", "cannot be searched for with a backslash, a double quote, or a quote at either end"
	}
	return workflows.AttributeUnit.GetName() + " = " + quoted(value), ""
}

// attentionTerm takes any, or one of the reasons that there are. stayAttention refuses
// besides those that no reservation has: an empty list would look like good news.
func attentionTerm(value string) (string, string) {
	name := workflows.AttributeAttention.GetName()
	switch {
	case value == anyAttention:
		return name + " IS NOT NULL", ""
	case !slices.Contains(workflows.Attentions, workflows.Attention(value)):
		return "", "must be any, or one of " + joined(workflows.Attentions)
	}
	return name + " = " + quoted(value), ""
}

func stayAttention(value string) (string, string) {
	switch reason := workflows.Attention(value); {
	case slices.Contains(workflows.LockReasons, reason):
		return "", value + " is a reason of locks: ask /v1/locks?attention=" + value
	case slices.Contains(workflows.EventReasons, reason):
		return "", value + " is a reason of deliveries of events: the runbook has the filter for the Web UI"
	}
	return attentionTerm(value)
}

func timeTerm(key temporal.SearchAttributeKeyTime, operator, value string) (string, string) {
	at, ok := parseInstant(unplus(value))
	if !ok {
		return "", "must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00Z"
	}
	return key.GetName() + " " + operator + " " + quoted(at.Format(time.RFC3339Nano)), ""
}

// quoted is a string literal of the query language, in which a backslash
// escapes and a quote is doubled.
func quoted(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(value) + "'"
}

func joined[W ~string](words []W) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return strings.Join(all, ", ")
}
