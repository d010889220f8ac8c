// This file is how the API says no: problem documents (RFC 9457), and JSON
// answers in general.

package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// The codes of all problems. Each has one title.
const (
	codeInvalidID        = "invalid_id"
	codeInvalidParameter = "invalid_parameter"
	codeMalformedJSON    = "malformed_json"
	codeInvalid          = "invalid_reservation"
	codeStayOver         = "stay_over"
	codeBodyTooLarge     = "body_too_large"
	codeBodyUnreadable   = "body_unreadable"
	codeUnauthorized     = "unauthorized"
	codeForeignCaller    = "foreign_caller"
	codeBadSignature     = "bad_signature"
	codeNotFound         = "not_found"
	codeUnknown          = "reservation_unknown"
	codeLockUnknown      = "smartlock_unknown"
	codeInvalidOrder     = "invalid_order"
	codeRefused          = "action_refused"
	codeMethodNotAllowed = "method_not_allowed"
	codePINNotReady      = "pin_not_ready"
	codeNoWorker         = "no_worker"
	codeTemporalAway     = "temporal_unavailable"
	codeWebhooksDisabled = "webhooks_not_configured"
	codeCodecNotServed   = "codec_not_served"
	codeInternal         = "internal_error"
)

const (
	problemTypePrefix     = "urn:keystay:problem:"
	contentTypeProblem    = "application/problem+json"
	contentTypeJSON       = "application/json"
	headerContentType     = "Content-Type"
	headerWWWAuthenticate = "WWW-Authenticate"
)

var problemTitles = map[string]string{
	codeInvalidID:        "The id is not valid",
	codeInvalidParameter: "A parameter is not valid",
	codeMalformedJSON:    "The body is not a JSON object",
	codeInvalid:          "The reservation is not valid",
	codeStayOver:         "The stay is already over",
	codeBodyTooLarge:     "The body is too large",
	codeBodyUnreadable:   "The body could not be read",
	codeUnauthorized:     "A valid token is needed",
	codeForeignCaller:    "Only this machine may call",
	codeBadSignature:     "The signature is not valid",
	codeNotFound:         "Not found",
	codeUnknown:          "The reservation is not known",
	codeLockUnknown:      "The lock is not known",
	codeInvalidOrder:     "The order is not valid",
	codeRefused:          "The action makes no sense now",
	codeMethodNotAllowed: "The method is not allowed",
	codePINNotReady:      "The PIN may not be told now",
	codeNoWorker:         "No worker answers",
	codeTemporalAway:     "Temporal does not answer",
	codeWebhooksDisabled: "Webhooks are not configured",
	codeCodecNotServed:   "The codec server is not served",
	codeInternal:         "Internal error",
}

// Problem is an application/problem+json document, and the error of an
// endpoint. None of its texts quotes what the caller sent.
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Code   string  `json:"code"`
	Detail string  `json:"detail,omitempty"`
	Errors []Fault `json:"errors,omitempty"`

	// Proof, DiscloseAt and AvailableWhen explain pin_not_ready.
	Proof         string `json:"proof,omitempty"`
	DiscloseAt    string `json:"disclose_at,omitempty"`
	AvailableWhen string `json:"available_when,omitempty"`

	retryAfter time.Duration
	challenge  string
	cause      error
}

// Fault is one thing that is wrong: in the body at a JSON pointer, in a parameter
// of the URL, or in a header.
type Fault struct {
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Header    string `json:"header,omitempty"`
	Detail    string `json:"detail"`
}

// Error is the code: enough for a log line, and never a value.
func (p *Problem) Error() string { return p.Code }

// Unwrap is what the problem comes from, if it is not the caller.
func (p *Problem) Unwrap() error { return p.cause }

func problem(status int, code, detail string) *Problem {
	return &Problem{Type: problemTypePrefix + code, Title: problemTitles[code], Status: status, Code: code, Detail: detail}
}

// invalidParameter is a problem with a query parameter.
func invalidParameter(name, detail string) *Problem {
	p := problem(http.StatusBadRequest, codeInvalidParameter, "A parameter of the URL cannot be used.")
	p.Errors = []Fault{{Parameter: name, Detail: detail}}
	return p
}

// invalidHeader is a problem with a header.
func invalidHeader(name, detail string) *Problem {
	p := problem(http.StatusBadRequest, codeInvalidParameter, "A header cannot be used.")
	p.Errors = []Fault{{Header: name, Detail: detail}}
	return p
}

func (p *Problem) write(w http.ResponseWriter) {
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.retryAfter.Seconds())))
	}
	if p.challenge != "" {
		w.Header().Set(headerWWWAuthenticate, p.challenge)
	}
	if p.Status == http.StatusRequestEntityTooLarge {
		// The rest of the body is not worth receiving.
		w.Header().Set("Connection", "close")
	}
	_ = writeAs(w, contentTypeProblem, p.Status, p)
}

// writeJSON answers a value. It is encoded before the status is sent, so that a
// value that cannot be encoded is still an error.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	return writeAs(w, contentTypeJSON, status, value)
}

func writeAs(w http.ResponseWriter, contentType string, status int, value any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	w.Header().Set(headerContentType, contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller that has gone needs no answer
	return nil
}
