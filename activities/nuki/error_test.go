// This file tests what an error says, and what it must never say.

package nuki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRedact(t *testing.T) {
	const token = "s3cr3t-t0k3n"
	cases := map[string]string{
		"code 847362 exists":                        "code ****** exists",
		"847362":                                    "******",
		"[847362,193847]":                           "[******,******]",
		"lock 18298712180 and 84736 and 8473621":    "lock 18298712180 and 84736 and 8473621",
		"token s3cr3t-t0k3n refused":                "token [token] refused",
		"Authorization: Bearer abc.DEF-123 refused": "Authorization: [token] refused",
		`{"header":"bearer abc"}`:                   `{"header":"[token]"}`,
		"two\nlines\tand\x1b[31m colour":            "two lines and [31m colour",
		"bad \xff byte":                             "bad ? byte",
		"":                                          "",
	}
	for text, want := range cases {
		if got := redact(text, token); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A text that was cut before it was cleaned would end in half a token.
func TestRedact_BoundsAfterCleaning(t *testing.T) {
	const token = "s3cr3t-t0k3n"
	for pad := maxMessage - 20; pad <= maxMessage+1; pad++ {
		got := redact(strings.Repeat("x", pad)+" "+token+" 847362 é", token)
		if strings.Contains(got, "s3") || strings.Contains(got, "847") {
			t.Errorf("pad %d: %q", pad, got[pad:])
		}
		if len(got) > maxMessage+3 {
			t.Errorf("pad %d: %d bytes", pad, len(got))
		}
	}
}

func TestComplaint_KnowsNukisShapes(t *testing.T) {
	cases := map[string]string{
		`{"detailMessage":"The supplied value 'null' for parameter 'code' is not valid","stackTrace":[]}`: "The supplied value 'null' for parameter 'code' is not valid",
		`{"stackTrace":[],"suppressedExceptions":[]}`:                                                     "",
		`{"code":422,"description":"name too long","homeRef":"/","reasonPhrase":"Unprocessable Entity"}`:  "name too long",
		`{"reasonPhrase":"Forbidden"}`:                                                                    "Forbidden",
		`{"message":"slow down"}`:                                                                         "slow down",
		`<html>bad gateway</html>`:                                                                        "<html>bad gateway</html>",
		`{"description":{"odd":true}}`:                                                                    `{"description":{"odd":true}}`,
		``:                                                                                                "",
	}
	for body, want := range cases {
		if got := complaint([]byte(body)); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestError_Text(t *testing.T) {
	cases := map[string]*Error{
		"nuki: sync: 401 Unauthorized":               {Operation: "sync", Status: 401},
		"nuki: sync: 423 Locked: busy":               {Operation: "sync", Status: 423, Message: "busy"},
		"nuki: sync: 599":                            {Operation: "sync", Status: 599},
		"nuki: sync: context deadline exceeded":      {Operation: "sync", Err: context.DeadlineExceeded},
		"nuki: read log: 200 OK: the answer is null": {Operation: "read log", Status: 200, Err: errors.New("the answer is null")},
	}
	for want, err := range cases {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCause_KeepsWhatCallersAskAndNoForeignText(t *testing.T) {
	const token = "s3cr3t-t0k3n"
	wrapped := func(err error) error { return &url.Error{Op: "Get", URL: "http://x/847362", Err: err} }
	if got := cause(wrapped(context.Canceled), token); got != context.Canceled {
		t.Errorf("cancelled: got %v", got)
	}
	if got := cause(wrapped(http.ErrHandlerTimeout), token); errors.Is(got, http.ErrHandlerTimeout) {
		t.Error("a foreign error stays reachable")
	}
	for _, err := range []error{wrapped(context.DeadlineExceeded), wrapped(timeout{})} {
		if got := cause(err, token); got != context.DeadlineExceeded {
			t.Errorf("timeout: got %v", got)
		}
	}
	odd := cause(wrapped(fmt.Errorf("malformed answer 847362 %s", token)), token)
	for err := odd; err != nil; err = errors.Unwrap(err) {
		mustNotShow(t, "the cause", err.Error())
		if strings.Contains(err.Error(), token) {
			t.Errorf("the cause shows the token: %v", err)
		}
	}
}

type timeout struct{}

func (timeout) Error() string { return "i/o timeout" }
func (timeout) Timeout() bool { return true }

func TestRetryAfter_Forms(t *testing.T) {
	inTwoMinutes := time.Now().Add(2 * time.Minute).UTC().Format(http.TimeFormat)
	cases := []struct {
		header   string
		from, to time.Duration
	}{
		{"", 0, 0}, {"7", 7 * time.Second, 7 * time.Second}, {"0", 0, 0}, {"-5", 0, 0}, {"soon", 0, 0}, {"1.5", 0, 0},
		{"86400", maxPause, maxPause}, {"9223372036854775807", maxPause, maxPause}, {"99999999999999999999", 0, 0},
		{inTwoMinutes, 118 * time.Second, 2 * time.Minute},
		{"Wed, 21 Oct 2015 07:28:00 GMT", 0, 0}, {"Wed, 21 Oct 2099 07:28:00 GMT", maxPause, maxPause},
	}
	for _, c := range cases {
		if got := RetryAfter(c.header); got < c.from || got > c.to {
			t.Errorf("%q: got %s, want %s to %s", c.header, got, c.from, c.to)
		}
	}
}
