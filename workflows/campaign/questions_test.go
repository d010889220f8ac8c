// This file tests the list of open questions: each has a knob that is
// turned, or says why not.

package campaign

import (
	"slices"
	"strings"
	"testing"
)

// openQuestions is how many §8 of our notes on the API has.
const openQuestions = 22

func TestQuestions_AreAllThere(t *testing.T) {
	questions, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	if len(questions) != openQuestions {
		t.Errorf("there are %d questions, want %d", len(questions), openQuestions)
	}
}

// A row that is like another one in all knobs would be two times the same world.
func TestQuestionRows_TurnEveryKnob(t *testing.T) {
	questions, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	base := profile(t, "bad-week")
	for _, question := range answerable(questions) {
		var seen []Profile
		for _, answer := range question.Answers {
			row := Profile{Always: base.Always}
			if err := answer.apply(&row); err != nil {
				t.Fatalf("question %d: %v", question.Number, err)
			}
			same := func(other Profile) bool {
				return row.Always == other.Always && row.NoWebhooks == other.NoWebhooks && slices.EqualFunc(row.Disturbances, other.Disturbances,
					func(a, b Disturbance) bool { return a.Faults == b.Faults })
			}
			if slices.ContainsFunc(seen, same) {
				t.Errorf("question %d: %q turns nothing that another answer does not", question.Number, answer.Says)
			}
			seen = append(seen, row)
		}
	}
}

func TestQuestionRows_AreFoundByName(t *testing.T) {
	rows, err := QuestionRows()
	if err != nil {
		t.Fatal(err)
	}
	last := rows[len(rows)-1]
	if found := profile(t, last.Name); !slices.Equal(found.Answers, last.Answers) || len(found.Answers) == 0 {
		t.Errorf("%s is %v, want %v", last.Name, found.Answers, last.Answers)
	}
	if _, err := ProfileNamed("questions-0"); err == nil || !strings.Contains(err.Error(), "questions-1 to") {
		t.Errorf("a row that is not there is answered with %v, want the rows there are", err)
	}
}

func TestQuestions_AreReadStrictly(t *testing.T) {
	const good = "{base: clean, questions: [{number: 1, asks: a, answers: [{says: b}, {says: c, knobs: {fail: 0.5}}]}]}"
	if _, err := parseQuestions([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"number: 1", "number: 2", "has the number 2"},
		{"asks: a", "asks: ''", "asks nothing"},
		{"says: b", "says: ''", "without words"},
		{"{says: b}, ", "", "two answers at least"},
		{"asks: a", "asks: a, no_knob: why", "two answers at least"},
		{"says: b", "says: b, disturbances: [{name: d}]", "needs a name and a reason"},
		{"base: clean", "bass: clean", `unknown field "bass"`},
	} {
		_, err := parseQuestions([]byte(strings.Replace(good, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.to, c.from, err, c.want)
		}
	}
	for _, knobs := range []string{"{fial: 1}", `{sync: "sometimes"}`, `{"sync": "sometimes"}`} {
		if err := (Answer{Knobs: []byte(knobs)}).apply(&Profile{}); err == nil {
			t.Errorf("the knobs %s are taken", knobs)
		}
	}
}
