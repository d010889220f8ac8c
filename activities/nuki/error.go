// This file is the error of every call, and how secrets are kept out of it.

package nuki

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// ErrNotSent is wrapped by the Error of a call that never left this process, so
// that Nuki cannot have acted on it.
var ErrNotSent = errors.New("not sent")

// Error is what every failed call of Client returns. Nothing in it, and nothing
// that it wraps, holds the token or a PIN.
type Error struct {
	Operation  string        // what was tried, such as "create authorization"
	Status     int           // HTTP status; 0 = no answer (network, timeout, not sent); 2xx = an answer that could not be read
	RetryAfter time.Duration // how long Nuki, or the pause of the client, asks to wait; 0 where nobody said
	Message    string        // Nuki's words, redacted and bounded; often ""
	Err        error         // the cause where there is one: ErrNotSent, context.Canceled, context.DeadlineExceeded, or a text
}

func (e *Error) Error() string {
	parts := []string{"nuki: " + e.Operation}
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxMessage bounds a redacted text, in bytes. Nuki's useful messages are one sentence.
const maxMessage = 300

var (
	digitRuns = regexp.MustCompile(`[0-9]+`)
	bearers   = regexp.MustCompile(`(?i)bearer\s+[^\s"',;]+`)
)

// redact makes foreign text fit for logs: without the token, without any run of
// six digits (it could be a PIN), on one line, and bounded. Bounding comes last,
// since half a secret would not be recognised.
func redact(text, token string) string {
	if token != "" {
		text = strings.ReplaceAll(text, token, "[token]")
	}
	text = bearers.ReplaceAllString(text, "[token]")
	text = digitRuns.ReplaceAllStringFunc(text, func(run string) string {
		if len(run) == pinLength {
			return maskedPIN
		}
		return run
	})
	text = strings.Map(printable, strings.ToValidUTF8(text, "?"))
	return bounded(strings.Join(strings.Fields(text), " "))
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

func bounded(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "..."
}

// cause keeps what callers ask of an error, and turns the rest into redacted
// text: transport errors quote what the server sent, decoding errors quote values.
func cause(err error, token string) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded
	}
	return errors.New(redact(err.Error(), token))
}

// complaint is the sentence in an error's body. Nuki answers with several shapes
// (a serialized Throwable, a Restlet status) and some without any sentence.
func complaint(body []byte) string {
	var shapes struct {
		DetailMessage string `json:"detailMessage"`
		Description   string `json:"description"`
		ReasonPhrase  string `json:"reasonPhrase"`
		Message       string `json:"message"`
	}
	if json.Unmarshal(body, &shapes) != nil {
		return string(body)
	}
	for _, text := range []string{shapes.DetailMessage, shapes.Description, shapes.Message, shapes.ReasonPhrase} {
		if text != "" {
			return text
		}
	}
	return ""
}
