// This file tests who may use the codec server, and from which pages.

package api

import (
	"net/http"
	"testing"
)

// echo is a codec that says by which path it was called.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte("codec at " + r.URL.Path))
})

const uiOrigin = "http://localhost:8233"

func codecConfig(token, listen string) Config {
	config := testConfig(&fakeTemporal{})
	config.Codec, config.CodecToken, config.UIOrigin, config.Listen = echo, token, uiOrigin, listen
	return config
}

func TestCodec_WhoMayCall(t *testing.T) {
	const local, public = "127.0.0.1:8080", "0.0.0.0:8080"
	cases := []struct {
		says, listen, token         string
		host, authorization, origin string
		status                      int
	}{
		{"the Web UI with the token", public, "c", "api.example.com", "Bearer c", uiOrigin, 200},
		{"a tool with the token", public, "c", "api.example.com", "Bearer c", "", 200},
		{"anybody without it", public, "c", "api.example.com", "", "", 401},
		{"somebody with the API's token", public, "c", "api.example.com", "Bearer " + testToken, "", 401},
		{"another page with the token", public, "c", "api.example.com", "Bearer c", "http://evil.example.com", 403},
		{"the Web UI without a token, on loopback", local, "", "127.0.0.1:8080", "", uiOrigin, 200},
		{"a local tool without a token, on loopback", local, "", "localhost:8080", "", "", 200},
		{"another page, on loopback", local, "", "localhost:8080", "", "http://evil.example.com", 403},
		{"a page that says no origin but a foreign host", local, "", "rebound.example.com", "", "", 403},
		{"the token is needed on loopback too, if there is one", local, "c", "localhost:8080", "", uiOrigin, 401},
		{"without a token, elsewhere, nobody", public, "", "localhost:8080", "", uiOrigin, 404},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			server := newTestServer(t, codecConfig(c.token, c.listen))
			answer := send(server, "POST", "http://"+c.host+"/codec/decode", "{}",
				"Authorization", c.authorization, "Origin", c.origin, "Sec-Fetch-Site", "cross-site")
			if answer.Code != c.status {
				t.Fatalf("%d: %s", answer.Code, answer.Body)
			}
			if c.status == 200 && answer.Body.String() != "codec at /decode" {
				t.Errorf("body %q", answer.Body)
			}
			if want := map[bool]string{true: uiOrigin}[c.origin == uiOrigin]; answer.Header().Get("Access-Control-Allow-Origin") != want {
				t.Errorf("allows origin %q, want %q", answer.Header().Get("Access-Control-Allow-Origin"), want)
			}
		})
	}
}

func TestCodec_Preflight(t *testing.T) {
	server := newTestServer(t, codecConfig("c", "0.0.0.0:8080"))
	for origin, allowed := range map[string]bool{uiOrigin: true, "http://localhost:8234": false, "null": false, "": false} {
		answer := send(server, "OPTIONS", "/codec/decode", "", "Origin", origin, "Access-Control-Request-Method", "POST")
		if answer.Code != http.StatusNoContent || answer.Header().Get("Vary") != "Origin" {
			t.Errorf("%q: %d %v", origin, answer.Code, answer.Header())
		}
		headers := answer.Header().Get("Access-Control-Allow-Headers")
		if (headers == "Authorization, Content-Type, X-Namespace") != allowed || (answer.Header().Get("Access-Control-Allow-Origin") == origin && origin != "") != allowed {
			t.Errorf("%q: %v", origin, answer.Header())
		}
	}
}

func TestCodec_ThatIsNotThere(t *testing.T) {
	wantProblem(t, ask(t, &fakeTemporal{}, "POST", "/codec/encode", "{}"), 404, "codec_not_served")
}
