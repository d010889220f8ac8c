// This file tests what a person is told when the API does not answer.

package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the API itself answers is tested in deploy/local/e2e, on a running one; here
// is what is not the API.
func TestAPI_SaysThatSomethingElseAnswers(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"other JSON":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[1]`) },
		"no such path": http.NotFound,
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			a := API{URL: server.URL, Token: "s3cr3t"}
			for _, got := range []string{
				said(func(out *bytes.Buffer) error { return a.List(t.Context(), out, Filter{}, false) }),
				said(func(out *bytes.Buffer) error { return a.Status(t.Context(), out, "BK-1", false) }),
			} {
				if strings.Contains(got, "no reservation") && name == "no such path" {
					t.Errorf("a stranger's 404 counts as an answer: %s", got)
				}
				wantSaid(t, got, "error: ", "is not Keystay's API", "KEYSTAY_API_URL")
				if strings.Contains(got, "s3cr3t") {
					t.Errorf("the error shows the token: %s", got)
				}
			}
		})
	}
}

func TestAPI_SaysThatNobodyAnswers(t *testing.T) {
	for address, says := range map[string]string{
		"http://127.0.0.1:1": "start it with `keystay api`, or set KEYSTAY_API_URL",
		"127.0.0.1:8080":     "KEYSTAY_API_URL must be http:// or https://",
		"ftp://127.0.0.1":    "KEYSTAY_API_URL must be http:// or https://",
	} {
		a := API{URL: address}
		wantSaid(t, said(func(out *bytes.Buffer) error { return a.List(t.Context(), out, Filter{Unit: "private"}, false) }), "error: ", says)
	}
}
