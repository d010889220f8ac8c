// This file tests tokens, ids, and paths that are not there.

package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestToken_IsNeededForReservationsAndLocksAndNothingElse(t *testing.T) {
	guarded := map[string]string{
		"/v1/reservations":             "GET",
		"/v1/reservations/TEST-1":      "GET",
		"/v1/reservations/TEST-1/pin":  "GET",
		"/v1/reservations/TEST-2":      "PUT",
		"/v1/reservations/TEST-3?x=y":  "DELETE",
		"/v1/reservations/not%2Fvalid": "GET",
		"/v1/locks":                    "GET",
		"/v1/locks/7":                  "GET",
		"/v1/locks/7/actions/audit":    "POST",
	}
	tokens := map[string]string{
		"none": "", "another": "Bearer api-token-2", "another scheme": "Basic " + testToken,
		"bare": testToken, "one that begins like it": "Bearer " + testToken + "1", "a part of it": "Bearer api-token",
	}
	for target, method := range guarded {
		for says, token := range tokens {
			fake := &fakeTemporal{}
			answer := send(newTestServer(t, testConfig(fake)), method, target, "", "Authorization", token)
			if answer.Header().Get("WWW-Authenticate") != `Bearer realm="keystay"` || len(fake.calls) != 0 {
				t.Errorf("%s %s with token %s: asked %s", method, target, says, fake.methods())
			}
			if strings.Contains(answer.Body.String(), "token-") {
				t.Error("the answer quotes a token")
			}
			wantProblem(t, answer, http.StatusUnauthorized, "unauthorized")
		}
	}
	for _, target := range []string{"/healthz", "/readyz", "/openapi.yaml"} {
		if answer := send(newTestServer(t, testConfig(&fakeTemporal{})), "GET", target, ""); answer.Code != http.StatusOK {
			t.Errorf("%s without a token: %d", target, answer.Code)
		}
	}
}

func TestOperatorToken_IsAScopeOfItsOwn(t *testing.T) {
	config := testConfig(&fakeTemporal{})
	config.OperatorToken = testOrders
	server := newTestServer(t, config)
	for _, c := range []struct {
		method, target string
		api, operator  int
	}{
		{"GET", path, 200, 401},
		{"GET", path + "/pin", 200, 401},
		{"PUT", path, 202, 401},
		{"DELETE", path, 202, 401},
		{"GET", "/v1/reservations", 200, 401},
		{"GET", "/v1/locks", 200, 200},
		{"GET", lockPath, 200, 200},
		{"POST", lockPath + "/actions/sync", 401, 200},
	} {
		body := map[string]string{"PUT": wholeDocument()}[c.method]
		for token, want := range map[string]int{testToken: c.api, testOrders: c.operator} {
			answer := send(server, c.method, c.target, body, "Authorization", "Bearer "+token)
			if answer.Code != want || answer.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s with %s: %d, want %d; %s", c.method, c.target, token, answer.Code, want, answer.Body)
			}
		}
	}
	if answer := ask(t, &fakeTemporal{}, "POST", lockPath+"/actions/sync", ""); answer.Code != http.StatusOK {
		t.Errorf("without an operator's token the API's does not open an action: %d", answer.Code)
	}
}

func TestToken_OpensWithEitherCaseOfItsScheme(t *testing.T) {
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
		answer := send(newTestServer(t, testConfig(&fakeTemporal{})), "GET", path, "", "Authorization", scheme+testToken)
		if answer.Code != http.StatusOK || answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d, %q", scheme, answer.Code, answer.Header().Get("Cache-Control"))
		}
	}
}

func TestWithoutAToken_OnlyLocalProgramsMayCall(t *testing.T) {
	cases := []struct {
		says, host, site string
		status           int
	}{
		{"a local program", "127.0.0.1:8080", "", 200},
		{"a local program by name", "localhost:8080", "", 200},
		{"a local program by IPv6", "[::1]:8080", "", 200},
		{"a local page", "localhost:8080", "same-origin", 200},
		{"a page of another site", "localhost:8080", "cross-site", 403},
		{"a name that was made to lead here", "rebound.example.com:8080", "", 403},
		{"a name that begins like a local one", "127.0.0.1.example.com", "", 403},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			config := testConfig(&fakeTemporal{})
			config.Token = ""
			answer := send(newTestServer(t, config), "GET", "http://"+c.host+path, "", "Sec-Fetch-Site", c.site)
			if answer.Code != c.status {
				t.Errorf("%d: %s", answer.Code, answer.Body)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	good := []string{"1", "TEST-0805", "beds24:93472260", "a.b_c-d", "HMABCD", strings.Repeat("x", 64), "b%33"}
	bad := []string{
		"", "a%2Fb", "a/b", "a/b/c", "%2F", "..", ".hidden", "-", "a%20b", "%C3%A4", "a%00", "a%27b", "a%5Cb",
		strings.Repeat("x", 65), strings.Repeat("x", 200), "reservation/pin/pin",
	}
	for _, id := range good {
		if answer := ask(t, &fakeTemporal{}, "GET", "/v1/reservations/"+id, ""); answer.Code != http.StatusOK {
			t.Errorf("id %s: %d %s", id, answer.Code, answer.Body)
		}
	}
	for _, id := range bad {
		for _, method := range []string{"PUT", "GET", "DELETE"} {
			fake := &fakeTemporal{}
			found := wantProblem(t, ask(t, fake, method, "/v1/reservations/"+id, wholeDocument()), http.StatusBadRequest, "invalid_id")
			want := []string{"id must have 1 to 64 letters, digits, '.', '_', ':' or '-', and begin with a letter or digit"}
			if !slices.Equal(faultLines(found.Errors), want) || len(fake.calls) != 0 {
				t.Errorf("%s %s: %v, asked %s", method, id, found.Errors, fake.methods())
			}
		}
	}
}

func TestPathsAndMethodsThatAreNotThere(t *testing.T) {
	for _, target := range []string{"/", "/v1", "/v2/reservations/x", "/v1/reservation", "/codec", "/v1/webhooks/seam", "/v1/locks/", "/v1/locks/7/actions", "/v1/locks/7/x"} {
		wantProblem(t, ask(t, &fakeTemporal{}, "GET", target, ""), http.StatusNotFound, "not_found")
	}
	for target, want := range map[string]string{
		"/v1/reservations":       "GET",
		"/v1/reservations/x":     "DELETE, GET, PUT",
		"/v1/reservations/x/pin": "GET",
		"/v1/locks":              "GET",
		"/v1/locks/7":            "GET",
		"/v1/webhooks/nuki":      "POST",
		"/codec/decode":          "OPTIONS, POST",
		"/healthz":               "GET",
	} {
		answer := ask(t, &fakeTemporal{}, "PATCH", target, "")
		if got := answer.Header().Get("Allow"); got != want {
			t.Errorf("%s allows %q, want %q", target, got, want)
		}
		wantProblem(t, answer, http.StatusMethodNotAllowed, "method_not_allowed")
	}
}
