// This file asks Keystay's API over HTTP, and says in a sentence what an answer
// that is none means to the person who asked.

package cli

import (
	"bytes"
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

const (
	// DefaultURL is where `keystay api` listens by default.
	DefaultURL = "http://127.0.0.1:8080"
	// answerTime bounds one request; the API itself gives up after 5 s.
	answerTime = 15 * time.Second
	// maxAnswer is far above a page of 100 reservations.
	maxAnswer = 8 << 20
)

// API is Keystay's API as a caller sees it.
type API struct {
	// URL is its address, without a path; empty means DefaultURL.
	URL string
	// Token is sent as a bearer token; empty sends none.
	Token string
}

// String leaves the token out.
func (a API) String() string { return "Keystay's API at " + a.base() }

// GoString leaves the token out.
func (a API) GoString() string { return a.String() }

func (a API) base() string {
	if a.URL == "" {
		return DefaultURL
	}
	return strings.TrimRight(a.URL, "/")
}

// problem is a problem document, as far as a person needs it.
type problem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Parameter string `json:"parameter"`
		Detail    string `json:"detail"`
	} `json:"errors"`
}

// get asks for a path and gives the answer's JSON.
func (a API) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := a.request(ctx, path, query)
	if err != nil {
		return nil, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return nil, a.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, a.unreachable(err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, a.refused(response, body)
	}
	if !json.Valid(body) {
		return nil, a.stranger(response.StatusCode)
	}
	return body, nil
}

func (a API) request(ctx context.Context, path string, query url.Values) (*http.Request, error) {
	address, err := url.Parse(a.base())
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return nil, errors.New("KEYSTAY_API_URL must be http:// or https:// and a host, such as " + DefaultURL)
	}
	target := a.base() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, errors.New("KEYSTAY_API_URL is no address that can be called")
	}
	request.Header.Set("Accept", "application/json")
	if a.Token != "" {
		request.Header.Set("Authorization", "Bearer "+a.Token)
	}
	return request, nil
}

// unreachable is about an API that does not answer. The cause may hold the address
// with its query, so only its core is shown.
func (a API) unreachable(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s did not answer within %s; ask its /readyz what it waits for", a, answerTime)
	}
	return fmt.Errorf("%s does not answer: %w; start it with `keystay api`, or set KEYSTAY_API_URL to where it is", a, err)
}

// stranger is about an answer that is not the API's.
func (a API) stranger(status int) error {
	return fmt.Errorf("what answers at %s (status %d) is not Keystay's API; set KEYSTAY_API_URL to where that is", a.base(), status)
}

// refused says what an answer other than 200 means.
func (a API) refused(response *http.Response, body []byte) error {
	var p problem
	if json.NewDecoder(bytes.NewReader(body)).Decode(&p) != nil || p.Code == "" {
		return a.stranger(response.StatusCode)
	}
	switch response.StatusCode {
	case http.StatusUnauthorized:
		return fmt.Errorf("%s refuses the token; set KEYSTAY_API_TOKEN to the one that the API runs with", a)
	case http.StatusServiceUnavailable:
		return fmt.Errorf("%s: %s Try again in %s seconds", a, p.Detail, orText(response.Header.Get("Retry-After"), "a few"))
	case http.StatusInternalServerError:
		return fmt.Errorf("%s failed; its log says why", a)
	}
	return &refusal{status: response.StatusCode, problem: p}
}

// refusal is the API's own no, which the command may know more about.
type refusal struct {
	status  int
	problem problem
}

// Error is the problem in a sentence.
func (r *refusal) Error() string {
	text := strings.TrimSuffix(orText(r.problem.Detail, r.problem.Title), ".")
	for _, fault := range r.problem.Errors {
		text += "; " + strings.TrimSpace(fault.Parameter+" "+fault.Detail)
	}
	return text
}

func orText(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}

// printJSON prints JSON as it came, with line breaks.
func printJSON(out io.Writer, content []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, content, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, strings.TrimSpace(pretty.String()))
	return err
}
