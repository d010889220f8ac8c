// This file tests which settings are refused, and how a server starts and stops.

package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestNew_WithoutATokenListensOnLoopbackOnly(t *testing.T) {
	cases := []struct {
		listen string
		ok     bool
	}{
		{"127.0.0.1:8080", true}, {"127.8.9.1:0", true}, {"localhost:8080", true}, {"[::1]:8080", true},
		{":8080", false}, {"0.0.0.0:8080", false}, {"[::]:8080", false}, {"192.168.1.5:8080", false},
		{"api.example.com:8080", false}, {"127.0.0.1.example.com:8080", false},
	}
	for _, c := range cases {
		_, err := New(Config{Listen: c.listen, Temporal: &fakeTemporal{}})
		if (err == nil) != c.ok {
			t.Errorf("%s without a token: %v", c.listen, err)
		}
		if err != nil && !strings.Contains(err.Error(), "without a token it may only listen on a loopback address") {
			t.Errorf("%s: the error does not say why: %v", c.listen, err)
		}
		if _, err := New(Config{Listen: c.listen, Temporal: &fakeTemporal{}, Token: testToken}); err != nil {
			t.Errorf("%s with a token: %v", c.listen, err)
		}
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	cases := map[string]Config{
		"no Temporal":              {Listen: "127.0.0.1:0"},
		"no address":               {Temporal: &fakeTemporal{}},
		"an address without port":  {Temporal: &fakeTemporal{}, Listen: "127.0.0.1"},
		"an origin with a slash":   {Temporal: &fakeTemporal{}, Listen: "127.0.0.1:0", UIOrigin: "http://localhost:8233/"},
		"an origin for everybody":  {Temporal: &fakeTemporal{}, Listen: "127.0.0.1:0", UIOrigin: "*"},
		"one token for two scopes": {Temporal: &fakeTemporal{}, Listen: "127.0.0.1:0", Token: testToken, OperatorToken: testToken},
		"one token to read PINs":   {Temporal: &fakeTemporal{}, Listen: "127.0.0.1:0", CodecToken: testToken, OperatorToken: testToken},
		"an origin without scheme": {Temporal: &fakeTemporal{}, Listen: "127.0.0.1:0", UIOrigin: "localhost:8233"},
	}
	for says, config := range cases {
		if _, err := New(config); err == nil || !strings.HasPrefix(err.Error(), "api: ") {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestServe_AnswersUntilItsContextEndsAndLetsRequestsEnd(t *testing.T) {
	fake := &fakeTemporal{notReady: 1 << 30}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- newTestServer(t, testConfig(fake)).Serve(ctx, listener) }()

	request, _ := http.NewRequest("PUT", "http://"+listener.Addr().String()+path, strings.NewReader(wholeDocument()))
	request.Header.Set("Authorization", "Bearer "+testToken)
	request.Header.Set("Prefer", "wait=1")
	time.AfterFunc(300*time.Millisecond, stop)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusAccepted || !strings.Contains(string(body), "accepted") {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it did not stop")
	}
}

func TestServe_TellsASenderOfTenMegabytes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = newTestServer(t, testConfig(&fakeTemporal{})).Serve(t.Context(), listener) }()
	request, _ := http.NewRequest("PUT", "http://"+listener.Addr().String()+path, strings.NewReader(strings.Repeat("x", 10<<20)))
	request.Header.Set("Authorization", "Bearer "+testToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || answer.Header.Get("Content-Type") != contentTypeProblem {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

func TestRun_SaysThatAnAddressIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	err = Run(t.Context(), Config{Listen: listener.Addr().String(), Temporal: &fakeTemporal{}})
	var taken *net.OpError
	if !errors.As(err, &taken) {
		t.Errorf("got %v", err)
	}
}
