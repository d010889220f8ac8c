// This file plays one stay: it books, waits, lets things happen, and asks the
// keypads all the way.

package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// patience is how long something may take that must happen in the end.
	patience = 30 * time.Second
	// probeEvery is how often the keypads are asked.
	probeEvery = 200 * time.Millisecond
	// edge is left out around a change, as one second of clock and network.
	edge = time.Second
)

// stay is one scenario while it is played.
type stay struct {
	scenario
	api, nuki         peer
	checkIn, checkOut time.Time
	report            func(line)
	helpers           sync.WaitGroup
	mu                sync.Mutex
	problems          []error
}

// play takes the stay through its whole life and says what disagreed.
func (s *stay) play(ctx context.Context) error {
	s.checkIn = time.Now().Add(lead).Truncate(time.Second)
	s.checkOut = s.checkIn.Add(length)
	for _, act := range []func(context.Context) error{s.beforehand, s.arrive, s.during, s.leave} {
		if err := act(ctx); err != nil {
			s.problem(ctx, err)
			break
		}
	}
	s.helpers.Wait()
	return errors.Join(s.problems...)
}

// beforehand books, learns the PIN, and lets happen what comes before arrival.
func (s *stay) beforehand(ctx context.Context) error {
	if s.before != nil {
		if err := s.before(ctx, s); err != nil {
			return err
		}
	}
	if err := s.book(ctx, "confirmed"); err != nil {
		return err
	}
	s.say("booked for " + s.checkIn.Format("15:04:05") + " to " + s.checkOut.Format("15:04:05"))
	if err := s.learnPIN(ctx); err != nil {
		return err
	}
	if s.early != nil {
		return s.early(ctx, s)
	}
	return nil
}

// arrive checks that the PIN is refused until check-in.
func (s *stay) arrive(ctx context.Context) error {
	s.probe(ctx, s.checkIn.Add(-edge), false, "before check-in")
	return sleepUntil(ctx, s.checkIn.Add(edge/2))
}

// during checks that the PIN is accepted all through the stay, whatever happens
// meanwhile.
func (s *stay) during(ctx context.Context) error {
	if s.neverOpens {
		s.probe(ctx, s.checkOut, false, "after the cancellation")
		return nil
	}
	s.say("check-in: the keypad must open")
	s.probe(ctx, s.checkIn.Add(2*edge), true, "during the stay")
	if s.incident != nil {
		s.background(ctx, time.Now(), func() error { return s.incident(ctx, s) })
	}
	// A change of the end in the incident must be seen here.
	if err := sleepUntil(ctx, s.checkIn.Add(3*edge)); err != nil {
		return err
	}
	s.probe(ctx, s.checkOut.Add(-edge), true, "during the stay")
	return sleepUntil(ctx, s.checkOut.Add(edge))
}

// leave checks that the PIN is refused from check-out on, and that nothing is
// left behind.
func (s *stay) leave(ctx context.Context) error {
	s.say("check-out: the keypad must refuse")
	s.probe(ctx, time.Now().Add(2*edge), false, "after check-out")
	if err := s.awaitTable(ctx, "nothing is left on the lock", func(t []entry) bool { return len(t) == 0 }); err != nil {
		return err
	}
	want := "revoked"
	if s.neverOpens {
		want = "cancelled"
	}
	if err := s.awaitStatus(ctx, want); err != nil {
		return err
	}
	s.probe(ctx, time.Now().Add(edge), false, "after its removal")
	if ctx.Err() == nil {
		s.say("proven gone")
	}
	return nil
}

// book puts the whole reservation, as a reservation system does. The version
// rises with time, so that the demonstration can be played again on kept data.
func (s *stay) book(ctx context.Context, status string) error {
	locks := []map[string]any{}
	for _, lock := range s.locks {
		locks = append(locks, map[string]any{"smartlock_id": lock})
	}
	pin := map[string]any{"mode": "generate", "disclose_at": "listed"}
	if s.scenario.pin != "" {
		pin = map[string]any{"mode": "supplied", "code": s.scenario.pin}
	}
	return s.api.call(ctx, http.MethodPut, "/v1/reservations/"+s.id, map[string]any{
		"version": time.Now().UnixMilli(), "status": status, "unit": "demo", "guest": map[string]string{"name": "Anna Huber"},
		"stay":    map[string]string{"starts_at": s.checkIn.UTC().Format(time.RFC3339), "ends_at": s.checkOut.UTC().Format(time.RFC3339)},
		"buffers": map[string]int{"before_minutes": 0, "after_minutes": 0},
		"locks":   locks, "pin": pin,
	}, nil)
}

// learnPIN asks for the PIN until it may be told.
func (s *stay) learnPIN(ctx context.Context) error {
	var answer struct {
		PIN string `json:"pin"`
	}
	deadline := time.Now().Add(patience)
	for {
		err := s.api.call(ctx, http.MethodGet, "/v1/reservations/"+s.id+"/pin", nil, &answer)
		if err == nil {
			s.mu.Lock()
			s.pin = answer.PIN
			s.mu.Unlock()
			return s.awaitStatus(ctx, "ready")
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the PIN was never told: %w", err)
		}
		if err := sleepUntil(ctx, time.Now().Add(probeEvery)); err != nil {
			return err
		}
	}
}

// probe asks every keypad until a moment, and reports each answer that is wrong.
func (s *stay) probe(ctx context.Context, until time.Time, want bool, when string) {
	for time.Now().Before(until) {
		for _, lock := range s.locks {
			opens, err := s.nuki.opens(ctx, lock, s.pin)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				s.problem(ctx, fmt.Errorf("%s: the keypad of %d could not be asked: %w", when, lock, err))
				return
			case opens != want:
				s.problem(ctx, fmt.Errorf("%s: the keypad of %d opens: %v, want %v", when, lock, opens, want))
				return
			}
		}
		if sleepUntil(ctx, time.Now().Add(probeEvery)) != nil {
			return
		}
	}
}

// own are the entries of this stay: under its name, or, as somebody renames one, with
// its PIN. A lock may hold others'.
func (s *stay) own(table []entry) []entry {
	var mine []entry
	for _, e := range table {
		name, _, _ := strings.Cut(strings.TrimPrefix(e.Name, "K-"), ".")
		if name == s.id || s.pin != "" && e.PIN == s.pin {
			mine = append(mine, e)
		}
	}
	return mine
}

// awaitTable waits until the stay's part of the lock's own table is as it should be, on
// every door.
func (s *stay) awaitTable(ctx context.Context, what string, ok func([]entry) bool) error {
	return s.await(ctx, what, func(ctx context.Context) (bool, string) {
		for _, lock := range s.locks {
			there, err := s.nuki.door(ctx, lock)
			if err != nil {
				return false, err.Error()
			}
			if mine := s.own(there.Table); !ok(mine) {
				return false, fmt.Sprintf("lock %d holds %d entries of the stay", lock, len(mine))
			}
		}
		return true, ""
	})
}

// awaitStatus waits for the reservation's own word.
func (s *stay) awaitStatus(ctx context.Context, want string) error {
	return s.await(ctx, "status "+want, func(ctx context.Context) (bool, string) {
		var d document
		err := s.api.call(ctx, http.MethodGet, "/v1/reservations/"+s.id, nil, &d)
		return err == nil && d.Status == want, fmt.Sprintf("status %s, attention %v, next: %s", d.Status, d.Attention, d.Next.Reason)
	})
}

func (s *stay) await(ctx context.Context, what string, done func(context.Context) (bool, string)) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for {
		ok, found := done(ctx)
		if ok {
			return nil
		}
		if err := sleepUntil(ctx, time.Now().Add(probeEvery)); err != nil {
			return fmt.Errorf("waited %s in vain until %s: %s", patience, what, found)
		}
	}
}

// background lets something happen later, beside the probes.
func (s *stay) background(ctx context.Context, at time.Time, happen func() error) {
	s.helpers.Go(func() {
		err := sleepUntil(ctx, at)
		if err == nil {
			err = happen()
		}
		if err != nil {
			s.problem(ctx, err)
		}
	})
}

// problem reports what went wrong, unless the demonstration was interrupted: then
// nothing is known of what comes after.
func (s *stay) problem(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Errorf("%s: %w", s.id, err))
	s.report(line{id: s.id, text: "DISAGREES: " + err.Error()})
}

func (s *stay) say(text string) { s.report(line{id: s.id, text: text}) }

func (s *stay) simPath(lock int64, what string) string {
	return "/sim/locks/" + strconv.FormatInt(lock, 10) + "/" + what
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
