// This file tests that a keypad's log is read to its end, against the simulator.

package activities_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

// typedOn is a lock on whose keypad so many wrong codes were typed, a minute apart, behind
// what a proxy makes of each request; and when the first was.
func typedOn(t *testing.T, codes int, proxy func(*http.Request)) (*activities.Keypad, time.Time) {
	t.Helper()
	began := time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)
	clock := nukisim.NewVirtualClock(began)
	sim := nukisim.New(nukisim.Config{Seed: 1, Clock: clock, Token: "0123456789abcdef", Locks: []nukisim.LockConfig{{ID: 11}}})
	for range codes {
		sim.Type(11, "345678")
		clock.Advance(time.Minute)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy(r)
		sim.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	client, err := nuki.New(nuki.Options{BaseURL: server.URL, Token: "0123456789abcdef", RequestsPerSecond: 1000, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return &activities.Keypad{Nuki: client}, began
}

// readToTheEnd reads on while a reading leaves older rows, and counts the readings.
func readToTheEnd(t *testing.T, keypad *activities.Keypad, from time.Time) (all []activities.KeypadEntry, readings int) {
	t.Helper()
	for before := ""; readings < 10; {
		log, err := keypad.ReadLog(context.Background(), activities.LogInput{Lock: 11, From: from, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		all, before = append(all, log.Entries...), log.Rest
		if readings++; before == "" {
			break
		}
	}
	return all, readings
}

func TestReadLog_BringsEveryRowOnceNewestFirst(t *testing.T) {
	for _, c := range []struct {
		codes, readings int
	}{{0, 1}, {1, 1}, {50, 1}, {activities.MaxLogEntries - 1, 1}, {activities.MaxLogEntries, 2}, {activities.MaxLogEntries + 51, 2}} {
		keypad, began := typedOn(t, c.codes, func(*http.Request) {})
		all, readings := readToTheEnd(t, keypad, began.Add(-time.Hour))
		if len(all) != c.codes || readings != c.readings {
			t.Errorf("%d codes: %d rows in %d readings, want %d", c.codes, len(all), readings, c.readings)
		}
		for i := 1; i < len(all); i++ {
			if !all[i].At.Before(all[i-1].At) || !all[i].Refused {
				t.Fatalf("%d codes: row %d is %+v, the one before %+v", c.codes, i, all[i], all[i-1])
			}
		}
	}
}

func TestReadLog_EndsWhereTheServerAlwaysGivesTheSamePage(t *testing.T) {
	keypad, began := typedOn(t, 60, func(r *http.Request) {
		query := r.URL.Query()
		query.Del("id")
		r.URL.RawQuery = query.Encode()
	})
	if all, readings := readToTheEnd(t, keypad, began); readings != 1 || len(all) != 2*nuki.MaxLogRows {
		t.Errorf("%d rows in %d readings", len(all), readings)
	}
}
