// This file shows a reservation to people: search attributes to sort by, set
// only on change, and the details that the Web UI shows, made from state alone.

package workflows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Shown is what the search attributes hold.
type Shown struct {
	Status    Status      `json:"status,omitempty"`
	Attention []Attention `json:"attention,omitempty"`
	Unit      string      `json:"unit,omitempty"`
	Locks     []string    `json:"locks,omitempty"`
	CheckIn   time.Time   `json:"check_in,omitzero"`
	Deadline  time.Time   `json:"deadline,omitzero"`
}

// render brings search attributes and current details up to date. Details cost
// no event; attributes are one, and are upserted only on change.
func (r *reservation) render(ctx workflow.Context, now time.Time) {
	r.state.noteDoors(now)
	shown := r.state.shown(now)
	r.state.noteShown(r.state.Shown, shown, now)
	if updates := shown.changes(r.state.Shown); len(updates) > 0 {
		if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
			r.logger.Error("search attributes could not be set", "error", err)
		}
		countRaised(ctx, r.state.Shown.Attention, shown.Attention)
		r.state.Shown = shown
	}
	workflow.SetCurrentDetails(ctx, r.state.details(now))
}

// shown is what the search attributes should hold.
func (s *State) shown(now time.Time) Shown {
	shown := Shown{Status: s.status(now), Attention: s.attention(now)}
	if s.Wish == nil {
		return shown
	}
	shown.Unit, shown.CheckIn, shown.Deadline = s.Wish.Unit, s.Wish.StartsAt, s.deadline(now)
	for _, lock := range s.Wish.Locks {
		shown.Locks = append(shown.Locks, strconv.FormatInt(lock.SmartlockID, 10))
	}
	return shown
}

// changes are the attribute updates that lead from what is shown to this.
func (s Shown) changes(from Shown) []temporal.SearchAttributeUpdate {
	var updates []temporal.SearchAttributeUpdate
	if s.Status != from.Status {
		updates = append(updates, AttributeStatus.ValueSet(string(s.Status)))
	}
	if !slices.Equal(s.Attention, from.Attention) {
		updates = append(updates, attentionUpdate(s.Attention))
	}
	if s.Unit != from.Unit {
		updates = append(updates, AttributeUnit.ValueSet(s.Unit))
	}
	if !slices.Equal(s.Locks, from.Locks) {
		updates = append(updates, AttributeLocks.ValueSet(s.Locks))
	}
	if !s.CheckIn.Equal(from.CheckIn) {
		updates = append(updates, AttributeCheckIn.ValueSet(s.CheckIn))
	}
	if !s.Deadline.Equal(from.Deadline) {
		updates = append(updates, AttributeDeadline.ValueSet(s.Deadline))
	}
	return updates
}

// attentionUpdate unsets the attribute where there is nothing to look at, so that
// "IS NOT NULL" finds what a person should see.
func attentionUpdate(attention []Attention) temporal.SearchAttributeUpdate {
	if len(attention) == 0 {
		return AttributeAttention.ValueUnset()
	}
	return AttributeAttention.ValueSet(words(attention))
}

func words(attention []Attention) []string {
	all := make([]string, 0, len(attention))
	for _, word := range attention {
		all = append(all, string(word))
	}
	return all
}

// deadline is check-in until the stay has begun, then its end.
func (s *State) deadline(now time.Time) time.Time {
	if s.Wish == nil {
		return now
	}
	if now.Before(s.Wish.StartsAt) {
		return s.Wish.StartsAt
	}
	return s.Wish.Window().Until
}

// details is the Markdown that the Web UI shows. It holds no PIN.
func (s *State) details(now time.Time) string {
	var text strings.Builder
	view := s.view(now)
	fmt.Fprintf(&text, "### %s\n", view.Status)
	writeAttention(&text, view.Attention)
	if s.Wish != nil {
		fmt.Fprintf(&text, "Wished: unit %s, from %s until %s (UTC), booking %s, version %s\n\n",
			orDash(s.Wish.Unit), stamp(view.Opens), stamp(view.Closes), s.Wish.Status, orDash(s.Version.String()))
	}
	writeDoors(&text, "Doors", view.Doors)
	writeDoors(&text, "Leaving", view.Leaving)
	fmt.Fprintf(&text, "**Next:** %s\n", describe(view.Next))
	if view.LastError != nil {
		fmt.Fprintf(&text, "\n**Last error:** %s: %s (%d times since %s)\n",
			view.LastError.Type, view.LastError.Message, view.LastError.Tries, stamp(view.LastError.Since))
	}
	writeLevers(&text, usable(stayLevers, s, now))
	if late := s.Announced.Trouble; late.Tries > 0 {
		fmt.Fprintf(&text, "\n**Events:** %d cannot be handed over since %s: %s\n", len(s.Announced.Batch), stamp(late.Since), late.Message)
	}
	return text.String()
}

// writeDoors is a list of sentences: the Web UI's column is too narrow for a table, and
// it shows a list within a list as one line.
func writeDoors(text *strings.Builder, title string, doors []DoorView) {
	if len(doors) == 0 {
		return
	}
	fmt.Fprintf(text, "**%s**\n\n", title)
	for _, door := range doors {
		fmt.Fprintf(text, "- lock %d: **%s**%s.", door.SmartlockID, door.Status, proofWords(door))
		if door.Shows != "" {
			fmt.Fprintf(text, " Its list showed at %s: %s.", stamp(door.ReadAt), door.Shows)
		}
		if door.Step.Reason != "" {
			fmt.Fprintf(text, " Next: %s.", door.Step.Reason)
		}
		writeReport(text, door.Report)
		text.WriteString("\n")
	}
	text.WriteString("\n")
}

// proofWords are a door's proof, what it rests on, and since when.
func proofWords(door DoorView) string {
	switch door.Proof.Level {
	case ProofNone:
		return ", nothing is confirmed yet"
	case ProofRequested:
		return ", accepted by the API at " + stamp(door.Proof.At) + ", nothing is confirmed yet"
	}
	words := fmt.Sprintf(", confirmed to %s by %s at %s", door.Proof.Level, orDash(string(door.Proof.Evidence)), stamp(door.Proof.At))
	if door.Counts != door.Proof.Level {
		words += ", which is old: it counts as " + orDash(string(door.Counts))
	}
	return words
}

// writeReport tells how far a report has come that the PIN does not work.
func writeReport(text *strings.Builder, report *ReportView) {
	if report == nil {
		return
	}
	steps := make([]string, 0, len(report.Steps))
	for _, step := range report.Steps {
		steps = append(steps, step.What+" at "+stamp(step.At))
	}
	fmt.Fprintf(text, " Reported not to work at %s: %s.", stamp(report.At), orDash(strings.Join(steps, ", ")))
}

// describe says in one sentence what happens next.
func describe(next NextView) string {
	if next.Reason == "" {
		return "nothing is left to do"
	}
	sentence := next.Reason
	if next.Lock != 0 {
		sentence += " (lock " + strconv.FormatInt(next.Lock, 10) + ")"
	}
	if next.At.IsZero() {
		return sentence + ", now"
	}
	return sentence + ", at " + stamp(next.At)
}

// nextSummary labels the timer in the Web UI.
func (r *reservation) nextSummary() string {
	next := r.state.next(r.next)
	return next.Reason
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
