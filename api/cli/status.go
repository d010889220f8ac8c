// This file shows one reservation to a person.

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// reservation is a reservation's document, as far as the text shows it.
type reservation struct {
	row
	Stale bool   `json:"stale"`
	Note  string `json:"note"`
	// Warning is something odd about the last message; Ignored the last one that was
	// older than what is known.
	Warning string `json:"warning"`
	Ignored *struct {
		Version json.RawMessage `json:"version"`
		At      time.Time       `json:"at"`
	} `json:"ignored"`
	Window *struct {
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
	} `json:"window"`
	Wish *struct {
		Unit   string `json:"unit"`
		Status string `json:"status"`
	} `json:"reservation"`
	Locks   []door `json:"locks"`
	Leaving []door `json:"leaving"`
	Next    *struct {
		Reason string    `json:"reason"`
		At     time.Time `json:"at"`
	} `json:"next"`
	LastError *trouble `json:"last_error"`
	PIN       *struct {
		Disclosable   bool      `json:"disclosable"`
		AvailableWhen string    `json:"available_when"`
		ToldAt        time.Time `json:"told_at"`
	} `json:"pin"`
	Workflow struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"workflow"`
}

// door is one authorization on one lock.
type door struct {
	SmartlockID int64  `json:"smartlock_id"`
	Required    bool   `json:"required"`
	Status      string `json:"status"`
	Proof       *struct {
		CountsAs   string `json:"counts_as"`
		Evidence   string `json:"evidence"`
		AgeSeconds int64  `json:"age_seconds"`
	} `json:"proof"`
	Step *struct {
		Reason string `json:"reason"`
	} `json:"step"`
	Error *trouble `json:"error"`
}

type trouble struct {
	Type    string    `json:"type"`
	Message string    `json:"message"`
	Since   time.Time `json:"since"`
	Tries   int       `json:"tries"`
}

// Status prints one reservation, as text or as the API's own JSON.
func (a API) Status(ctx context.Context, out io.Writer, id string, asJSON bool) error {
	answer, err := a.get(ctx, "/v1/reservations/"+url.PathEscape(id), nil)
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusNotFound {
		return fmt.Errorf("no reservation %q is known: ids are those of PUT /v1/reservations/ID; `keystay list` shows the open ones", id)
	}
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(out, answer)
	}
	var r reservation
	if err := json.Unmarshal(answer, &r); err != nil {
		return a.stranger(http.StatusOK)
	}
	_, err = io.WriteString(out, r.text())
	return err
}

// text is the reservation in lines: what it is, what holds, what comes next.
func (r reservation) text() string {
	var text strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&text, "%s: %s\n", r.ID, orText(r.Status, "status unknown"))
	if r.Note != "" {
		line("note", "%s", r.Note)
	}
	if r.Warning != "" {
		line("warning", "%s", r.Warning)
	}
	if r.Ignored != nil {
		line("ignored", "a message of version %s%s: a newer one is known", strings.Trim(string(r.Ignored.Version), `"`), when(r.Ignored.At))
	}
	line("attention", "%s", orText(strings.Join(r.Attention, ", "), "none"))
	r.stay(line)
	for _, d := range r.Locks {
		shown := d.text()
		if !d.Required {
			shown += "; the stay is ready without it"
		}
		line("door", "%s", shown)
	}
	for _, d := range r.Leaving {
		line("leaving", "%s", d.text())
	}
	r.pin(line)
	if r.Next != nil {
		line("next", "%s%s", r.Next.Reason, when(r.Next.At))
	}
	if r.LastError != nil {
		line("last error", "%s", r.LastError.text())
	}
	line("workflow", "%s, %s", orText(r.Workflow.ID, "none"), orText(r.Workflow.State, "unknown"))
	return text.String()
}

func (r reservation) stay(line func(name, format string, args ...any)) {
	unit := r.Unit
	if r.Wish != nil {
		unit = r.Wish.Unit
		line("wished", "%s", r.Wish.Status)
	}
	line("unit", "%s", orText(unit, "none"))
	if r.Window != nil {
		line("window", "%s to %s", stamp(r.Window.From), stamp(r.Window.Until))
	}
}

func (r reservation) pin(line func(name, format string, args ...any)) {
	switch {
	case r.PIN == nil:
	case !r.PIN.ToldAt.IsZero():
		line("PIN", "told at %s", stamp(r.PIN.ToldAt))
	case r.PIN.Disclosable:
		line("PIN", "may be told: GET /v1/reservations/%s/pin", r.ID)
	default:
		line("PIN", "not yet to be told: %s", orText(r.PIN.AvailableWhen, "it is not proven"))
	}
}

// text is a door in one line. A proof is what was confirmed, never a guarantee.
func (d door) text() string {
	parts := []string{fmt.Sprintf("%d %s", d.SmartlockID, d.Status)}
	if d.Proof != nil {
		age := (time.Duration(d.Proof.AgeSeconds) * time.Second).String()
		parts = append(parts, fmt.Sprintf("confirmed to %s %s ago (%s)", d.Proof.CountsAs, age, orText(d.Proof.Evidence, "no evidence")))
	}
	if d.Step != nil && d.Step.Reason != "" {
		parts = append(parts, d.Step.Reason)
	}
	if d.Error != nil {
		parts = append(parts, d.Error.text())
	}
	return strings.Join(parts, "; ")
}

func (t trouble) text() string {
	text := t.Type
	if t.Message != "" {
		text += ": " + t.Message
	}
	if t.Tries > 0 {
		text += fmt.Sprintf(" (%d times since %s)", t.Tries, stamp(t.Since))
	}
	return text
}

// when is a moment to be added to a sentence; empty for none.
func when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ", at " + stamp(at)
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("2006-01-02 15:04:05") + " UTC"
}
