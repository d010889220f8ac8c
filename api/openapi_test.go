// This file tests that openapi.yaml agrees with the routes and with the code that reads
// and writes what its examples show.

package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/keystay/keystay/workflows"
)

// describedRoutes are the operations of openapi.yaml, read by its layout: a path
// is indented by two, its methods by four.
func describedRoutes() []string {
	var found []string
	var path string
	section := ""
	for line := range strings.Lines(string(openAPIDocument)) {
		if match := regexp.MustCompile(`^([a-z]+):`).FindStringSubmatch(line); match != nil {
			section = match[1]
		}
		if section != "paths" {
			continue
		}
		if match := regexp.MustCompile(`^  (/\S*):\s*$`).FindStringSubmatch(line); match != nil {
			path = match[1]
		}
		if match := regexp.MustCompile(`^    (get|put|post|delete|options|patch|head):`).FindStringSubmatch(line); match != nil {
			found = append(found, strings.ToUpper(match[1])+" "+path)
		}
	}
	slices.Sort(found)
	return found
}

func TestOpenAPI_DescribesEveryRouteAndNoOther(t *testing.T) {
	var served []string
	router := newTestServer(t, testConfig(&fakeTemporal{})).router()
	err := router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		for _, method := range methods {
			served = append(served, method+" "+path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(served)
	if described := describedRoutes(); !slices.Equal(served, described) {
		t.Errorf("served:\n%s\ndescribed:\n%s", strings.Join(served, "\n"), strings.Join(described, "\n"))
	}
}

// example is one example of openapi.yaml: they are written as JSON, each after
// its one-line summary.
type example struct {
	summary string
	value   json.RawMessage
}

func examples(t *testing.T) []example {
	t.Helper()
	var found []example
	for _, at := range regexp.MustCompile(`summary: (.+)\n\s+value:\s+\{`).FindAllSubmatchIndex(openAPIDocument, -1) {
		one := example{summary: string(openAPIDocument[at[2]:at[3]])}
		if err := json.NewDecoder(bytes.NewReader(openAPIDocument[at[1]-1:])).Decode(&one.value); err != nil {
			t.Fatalf("%s: %v", one.summary, err)
		}
		found = append(found, one)
	}
	return found
}

// Each example begins its summary with what it is an example of, and must be
// accepted by the very code that reads or writes such a document.
func TestOpenAPI_ExamplesAreWhatTheCodeReadsAndWrites(t *testing.T) {
	kinds := []struct {
		begins string
		wanted int
		check  func(json.RawMessage) error
	}{
		{"Request", 4, func(value json.RawMessage) error { _, err := parseReservation(value); return err }},
		{"Webhook", 1, checkWebhookExample},
		{"Document", 1, exactly[document]},
		{"Stale document", 1, exactly[staleView]},
		{"Answer of a listing of locks", 1, exactly[lockListing]},
		{"Answer of a listing", 1, exactly[listing]},
		{"Lock document", 1, exactly[lockDocument]},
		{"Stale lock", 1, exactly[staleLock]},
		{"Order to quarantine", 1, checkOrderExample("quarantine")},
		{"Order to remove", 1, checkOrderExample("remove_orphan")},
		{"Order after", 1, checkOrderExample("report_not_working")},
		{"Ordered", 2, exactly[ordered]},
		{"Timeline of", 1, exactly[timelineDocument]},
		{"Accepted", 1, exactly[accepted]},
		{"Told PIN", 1, exactly[toldPIN]},
		{"Handled webhook", 1, exactly[handled]},
		{"Health", 1, exactly[health]},
		{"Readiness", 1, exactly[readiness]},
		{"Problem", 8, checkProblemExample},
	}
	counts := map[string]int{}
	for _, one := range examples(t) {
		checked := false
		for _, kind := range kinds {
			if !strings.HasPrefix(one.summary, kind.begins) {
				continue
			}
			checked = true
			counts[kind.begins]++
			if err := kind.check(one.value); err != nil {
				t.Errorf("%s: %v", one.summary, err)
			}
			break
		}
		if !checked {
			t.Errorf("nothing checks the example %q", one.summary)
		}
	}
	for _, kind := range kinds {
		if counts[kind.begins] != kind.wanted {
			t.Errorf("%d examples of %s, want %d", counts[kind.begins], kind.begins, kind.wanted)
		}
	}
	if all := strings.Count(string(openAPIDocument), " value:"); all != len(examples(t)) {
		t.Errorf("%d of %d examples were found", len(examples(t)), all)
	}
}

// exactly reports whether an example has no other fields than the code's type, and
// says the same when it is written again.
func exactly[T any](value json.RawMessage) error {
	var read T
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return err
	}
	written, err := json.Marshal(read)
	if err != nil {
		return err
	}
	if given, again := canonical(value), canonical(written); given != again {
		return fmt.Errorf("it reads\n%s\nand is written\n%s", given, again)
	}
	return nil
}

// canonical is JSON with sorted keys.
func canonical(value json.RawMessage) string {
	var any any
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	if err := decoder.Decode(&any); err != nil {
		return err.Error()
	}
	sorted, _ := json.Marshal(any)
	return string(sorted)
}

func checkProblemExample(value json.RawMessage) error {
	var found Problem
	if err := json.Unmarshal(value, &found); err != nil {
		return err
	}
	if found.Title != problemTitles[found.Code] {
		return fmt.Errorf("title %q, want %q", found.Title, problemTitles[found.Code])
	}
	return exactly[Problem](value)
}

// checkOrderExample has an action take an order and pass it on whole.
func checkOrderExample(action string) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		fake := &fakeTemporal{}
		server, err := New(testConfig(fake))
		if err != nil {
			return err
		}
		path := locksPath + "/7/actions/"
		if _, ok := stayLevers[action]; ok {
			path = reservationsPath + "/TEST-0805/actions/"
		}
		answer := send(server, "POST", path+action, string(value), "Authorization", "Bearer "+testToken)
		if answer.Code != http.StatusOK || fake.methods() != "update" {
			return fmt.Errorf("answered %d, asked %q", answer.Code, fake.methods())
		}
		order := fake.calls[0].argument.(workflows.Order)
		order.By = ""
		written, err := json.Marshal(order)
		if given, again := canonical(value), canonical(written); err == nil && given != again {
			return fmt.Errorf("it was understood as %s", again)
		}
		return err
	}
}

func checkWebhookExample(value json.RawMessage) error {
	fake := &fakeTemporal{}
	server, err := New(testConfig(fake))
	if err != nil {
		return err
	}
	answer := send(server, "POST", hookPath, string(value), "X-Nuki-Signature-SHA256", sign(string(value)))
	if answer.Code != http.StatusOK || fake.methods() != "signal" {
		return fmt.Errorf("answered %d, asked %q", answer.Code, fake.methods())
	}
	return nil
}

// Every problem of the code is in the document's list, and has a title.
func TestOpenAPI_ListsEveryProblem(t *testing.T) {
	_, list, _ := strings.Cut(string(openAPIDocument), "        code:\n          enum:\n")
	list, _, _ = strings.Cut(list, "        detail:")
	var described []string
	for line := range strings.Lines(list) {
		described = append(described, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- ")))
	}
	var titled []string
	for code := range problemTitles {
		titled = append(titled, code)
	}
	slices.Sort(described)
	slices.Sort(titled)
	if !slices.Equal(described, titled) {
		t.Errorf("described %v, in the code %v", described, titled)
	}
}

// A client that is made from the document reads every status that there is.
func TestOpenAPI_ListsEveryStatus(t *testing.T) {
	for schema, want := range map[string]string{"Status": sortedWords(workflows.Statuses), "LockStatus": sortedWords(workflows.LockStatuses)} {
		_, body, _ := strings.Cut(string(openAPIDocument), "\n    "+schema+":\n")
		_, body, _ = strings.Cut(body, "enum: [")
		list, _, _ := strings.Cut(body, "]")
		if got := sortedWords(strings.Split(list, ", ")); got != want {
			t.Errorf("%s: described %s, in the code %s", schema, got, want)
		}
	}
}

// Every reference leads somewhere.
func TestOpenAPI_References(t *testing.T) {
	text := string(openAPIDocument)
	references := regexp.MustCompile(`#/components/([a-zA-Z]+)/([A-Za-z]+)`).FindAllStringSubmatch(text, -1)
	if len(references) < 20 {
		t.Fatalf("%d references were found", len(references))
	}
	for _, reference := range references {
		_, section, ok := strings.Cut(text, "\n  "+reference[1]+":\n")
		section = regexp.MustCompile(`\n  [a-z]`).Split(section, 2)[0]
		if !ok || !strings.Contains("\n"+section, "\n    "+reference[2]+":") {
			t.Errorf("%s leads nowhere", reference[0])
		}
	}
}

// A tab would make the document unreadable as YAML, and so would a comma in an
// unquoted text of a one-line mapping, which would begin another key.
func TestOpenAPI_IsPlainYAML(t *testing.T) {
	for number, line := range strings.Split(string(openAPIDocument), "\n") {
		unquoted := regexp.MustCompile(`\{[^{}]*description: [^"'][^{}]*, [^:]*\}`).MatchString(line)
		if strings.Contains(line, "\t") || unquoted {
			t.Errorf("line %d: %s", number+1, line)
		}
	}
}

func TestOpenAPI_IsServed(t *testing.T) {
	answer := send(newTestServer(t, testConfig(&fakeTemporal{})), "GET", "/openapi.yaml", "")
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/yaml" || !bytes.Equal(answer.Body.Bytes(), openAPIDocument) {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

// sortedWords are the words in one line, in alphabetical order.
func sortedWords[T ~string](words []T) string {
	sorted := slices.Sorted(slices.Values(words))
	return fmt.Sprint(sorted)
}
