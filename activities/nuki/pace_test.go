// This file tests the pace on a clock of its own: rate, shared pause, and giving up in time.

package nuki

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scripted answers requests from a list and notes when they came. It stands in
// for the network, which would stop the test's clock.
type scripted struct {
	mu      sync.Mutex
	start   time.Time
	answers []*http.Response // used up in order; then 204
	seen    []time.Duration  // since start
}

func (s *scripted) RoundTrip(*http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, time.Since(s.start))
	answer := reply(http.StatusNoContent)
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	return answer, nil
}

func reply(status int, retryAfter ...string) *http.Response {
	header := http.Header{}
	if len(retryAfter) > 0 {
		header["Retry-After"] = retryAfter
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(""))}
}

func pacedClient(t *testing.T, answers ...*http.Response) (*Client, *scripted) {
	t.Helper()
	network := &scripted{start: time.Now(), answers: answers}
	client, err := New(Options{Token: "t", HTTPClient: &http.Client{Transport: network}, RequestsPerSecond: 2, Burst: 3})
	if err != nil {
		t.Fatal(err)
	}
	return client, network
}

// together makes n calls at once and waits for them.
func together(n int, call func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(call)
	}
	all.Wait()
}

func TestPace_BurstThenRateForAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, network := pacedClient(t)
		together(6, func() { _ = client.Sync(t.Context(), 1) })
		want := []time.Duration{0, 0, 0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}
		for i, got := range network.seen {
			if got.Round(time.Millisecond) != want[i] {
				t.Errorf("request %d came after %s, want %s", i, got, want[i])
			}
		}
		if len(network.seen) != len(want) {
			t.Errorf("%d requests came, want %d", len(network.seen), len(want))
		}
	})
}

func TestPace_RefusalPausesAllCallers(t *testing.T) {
	cases := map[string]struct {
		answer *http.Response
		pause  time.Duration
	}{
		"429 that says how long": {reply(429, "7"), 7 * time.Second},
		"429 that says nothing":  {reply(429), pauseAfterTooMany},
		"429 that says nonsense": {reply(429, "soon"), pauseAfterTooMany},
		"429 that says a day":    {reply(429, "86400"), maxPause},
		"401":                    {reply(401), pauseAfterUnauthorized},
		"401 that says how long": {reply(401, "9"), 9 * time.Second},
		"503 is one lock's":      {reply(503, "7"), 0},
		"403 is one entry's":     {reply(403), 0},
		"500":                    {reply(500), 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, network := pacedClient(t, c.answer)
				var refused *Error
				if err := client.Sync(t.Context(), 1); !errors.As(err, &refused) || refused.Status != c.answer.StatusCode {
					t.Fatalf("got %v", err)
				}
				together(2, func() { _ = client.Sync(t.Context(), 2) })
				for _, came := range network.seen[1:] {
					if came != c.pause {
						t.Errorf("another caller's request came after %s, want %s", came, c.pause)
					}
				}
			})
		})
	}
}

func TestPace_CallersQueuedForTheirTurnHeedANewPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, network := pacedClient(t, reply(204), reply(204), reply(204), reply(429, "60"))
		together(5, func() { _ = client.Sync(t.Context(), 1) })
		if got := network.seen[4]; got < time.Minute {
			t.Errorf("the fifth request came after %s, in the pause that the fourth began", got)
		}
	})
}

func TestPace_AShorterPauseDoesNotCutALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, network := pacedClient(t)
		client.pace.heed(http.StatusTooManyRequests, time.Minute)
		client.pace.heed(http.StatusTooManyRequests, time.Second)
		_ = client.Sync(t.Context(), 1)
		if got := network.seen[0]; got != time.Minute {
			t.Errorf("the request came after %s, want a minute", got)
		}
	})
}

func TestPace_GivesUpAtOnceWhenThePauseOutlastsTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, network := pacedClient(t, reply(429, "60"))
		_ = client.Sync(t.Context(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := client.Sync(ctx, 1)
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != 0 || refused.RetryAfter != time.Minute {
			t.Errorf("got %v, want an error that says to come back in a minute", err)
		}
		if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want not sent for want of time", err)
		}
		if time.Since(network.start) != 0 || len(network.seen) != 1 {
			t.Errorf("after %s %d requests came", time.Since(network.start), len(network.seen))
		}
	})
}

func TestPace_ACancelledCallerLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, network := pacedClient(t, reply(429, "60"))
		_ = client.Sync(t.Context(), 1)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		err := client.Sync(ctx, 1)
		if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want not sent and cancelled", err)
		}
		if got := time.Since(network.start); got != 5*time.Second {
			t.Errorf("it left after %s, want 5 s", got)
		}
	})
}

func TestPace_NamesTheDeadlineWhenTheRateIsTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pacedClient(t)
		together(3, func() { _ = client.Sync(t.Context(), 1) })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := client.Sync(ctx, 1); !errors.Is(err, ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
