// This file reads the open questions about the API and makes worlds of them, in
// which every answer to one meets every answer to each other.

package campaign

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed questions.yaml
var questionsYAML []byte

// Question is something that nobody knows of the real API.
type Question struct {
	// Number is that of §8 of our notes on the API.
	Number int    `json:"number"`
	Asks   string `json:"asks"`
	// Answers are the ways in which the simulation can answer; empty where NoKnob
	// says why it need not.
	Answers []Answer `json:"answers"`
	NoKnob  string   `json:"no_knob"`
}

// Answer is a way of being of the API, on top of a profile.
type Answer struct {
	Says string `json:"says"`
	// Knobs replace those that the profile has always, by their names.
	Knobs        json.RawMessage `json:"knobs"`
	NoWebhooks   bool            `json:"no_webhooks"`
	Disturbances []Disturbance   `json:"disturbances"`
}

// Chosen is which of a question's answers a row has, counted from 0.
type Chosen struct{ Question, Nth int }

// AnswerLetters are the questions whose answer is not the first one, each with
// that answer's letter: "3b 14d".
func (p Profile) AnswerLetters() string {
	var all []string
	for _, chosen := range p.Answers {
		if chosen.Nth > 0 {
			all = append(all, fmt.Sprintf("%d%c", chosen.Question, 'a'+chosen.Nth))
		}
	}
	return strings.Join(all, " ")
}

// catalogue is the file of questions, with the profile that they are asked in.
type catalogue struct {
	Base      string     `json:"base"`
	Questions []Question `json:"questions"`
}

// rowPrefix begins the names of the worlds that are made of answers.
const rowPrefix = "questions-"

// Questions are all open questions, in the order of their numbers.
func Questions() ([]Question, error) {
	all, err := parseQuestions(questionsYAML)
	return all.Questions, err
}

// QuestionRows are profiles that together hold every pair of answers to any two
// questions.
func QuestionRows() ([]Profile, error) {
	all, err := parseQuestions(questionsYAML)
	if err != nil {
		return nil, err
	}
	base, err := ProfileNamed(all.Base)
	if err != nil {
		return nil, err
	}
	asked := answerable(all.Questions)
	var rows []Profile
	for n, choice := range pairwise(sizes(asked)) {
		row := base
		row.Name, row.Disturbances = rowPrefix+strconv.Itoa(n+1), slices.Clone(base.Disturbances)
		row.Says, row.Why = "a row of the cover of all open questions", "every pair of answers meets in some row"
		for i, question := range asked {
			if err := question.Answers[choice[i]].apply(&row); err != nil {
				return nil, fmt.Errorf("question %d: %w", question.Number, err)
			}
			row.Answers = append(row.Answers, Chosen{Question: question.Number, Nth: choice[i]})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// answerable are the questions that have a knob.
func answerable(all []Question) []Question {
	return slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return len(q.Answers) == 0 })
}

func sizes(questions []Question) []int {
	var all []int
	for _, question := range questions {
		all = append(all, len(question.Answers))
	}
	return all
}

// apply gives a profile this answer.
func (a Answer) apply(to *Profile) error {
	to.NoWebhooks = to.NoWebhooks || a.NoWebhooks
	to.Disturbances = append(to.Disturbances, a.Disturbances...)
	if len(a.Knobs) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(a.Knobs))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&to.Always); err != nil {
		return err
	}
	return to.Always.Check()
}

// questionRow finds a row of the cover by its name; ok is false for other names.
func questionRow(name string) (row Profile, ok bool, err error) {
	if !strings.HasPrefix(name, rowPrefix) {
		return Profile{}, false, nil
	}
	rows, err := QuestionRows()
	if err != nil {
		return Profile{}, false, err
	}
	n := slices.IndexFunc(rows, func(row Profile) bool { return row.Name == name })
	if n < 0 {
		return Profile{}, false, fmt.Errorf("no profile %q: the rows are %s1 to %s%d", name, rowPrefix, rowPrefix, len(rows))
	}
	return rows[n], true, nil
}

func parseQuestions(text []byte) (catalogue, error) {
	var all catalogue
	if err := strictly(text, &all); err != nil {
		return catalogue{}, err
	}
	for i, question := range all.Questions {
		if err := question.validate(i + 1); err != nil {
			return catalogue{}, fmt.Errorf("question %d: %w", i+1, err)
		}
	}
	return all, nil
}

func (q Question) validate(number int) error {
	switch {
	case q.Number != number:
		return fmt.Errorf("has the number %d", q.Number)
	case q.Asks == "":
		return errors.New("asks nothing")
	case (q.NoKnob == "") == (len(q.Answers) == 0), len(q.Answers) == 1:
		return errors.New("needs two answers at least, or a reason why it has none")
	}
	for _, answer := range q.Answers {
		if answer.Says == "" {
			return errors.New("has an answer without words")
		}
		for _, disturbance := range answer.Disturbances {
			if err := disturbance.validate(); err != nil {
				return fmt.Errorf("disturbance %q: %w", disturbance.Name, err)
			}
		}
	}
	return nil
}
