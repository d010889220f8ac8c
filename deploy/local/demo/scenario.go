// This file is the stays of the demonstration: what is booked, what goes wrong,
// and when the keypad must open.

package demo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Locks are the doors of the demonstration, for the simulation to have.
var Locks = []struct {
	ID   int64
	Name string
}{
	{18298712180, "Production Lock Go Gen 3"},
	{18298712181, "House door"},
	{18298712182, "Flat 2"},
	{18298712183, "Flat 3"},
	{18298712184, "Flat 4"},
	{18298712185, "Flat 5"},
	{18298712186, "Flat 6"},
}

const (
	productionLock = 18298712180
	houseDoor      = 18298712181
	flat2          = 18298712182
	flat3          = 18298712183
	flat4          = 18298712184
	flat5          = 18298712185
	flat6          = 18298712186
)

const (
	// lead is the time from the booking to check-in, length that of a stay.
	lead   = 10 * time.Second
	length = 12 * time.Second
)

// scenario is one stay and its story.
type scenario struct {
	id    string
	story string
	locks []int64
	// pin is the caller's own; empty has Keystay make one.
	pin string
	// before happens ahead of the booking; the incident after check-in or, for
	// early, once the stay is ready.
	before   func(ctx context.Context, s *stay) error
	early    func(ctx context.Context, s *stay) error
	incident func(ctx context.Context, s *stay) error
	// neverOpens: nobody gets in at any time after early.
	neverOpens bool
}

var scenarios = []scenario{
	{
		id: "TEST-0805", story: "the mission post's booking; in mid-stay somebody posts its partial update to Nuki",
		locks: []int64{productionLock}, pin: "432426", incident: postPartialUpdate,
	},
	{id: "TWO-DOORS", story: "house door and flat with one PIN", locks: []int64{houseDoor, flat2}},
	{id: "LOST-CREATE", story: "the create is accepted and lost", locks: []int64{flat3}, before: once("lose_accepted")},
	{id: "EXTENDED", story: "the guest stays longer", locks: []int64{flat4}, incident: extend},
	{id: "CANCELLED", story: "cancelled before arrival", locks: []int64{flat5}, early: cancel, neverOpens: true},
	{id: "OFFLINE", story: "the lock is offline at first", locks: []int64{flat6}, before: offline},
}

// once makes the next write to the first lock go wrong.
func once(fault string) func(context.Context, *stay) error {
	return func(ctx context.Context, s *stay) error {
		return s.nuki.call(ctx, http.MethodPost, s.simPath(s.locks[0], "once"), map[string]string{"fault": fault}, nil)
	}
}

// offline takes the lock's connection away until a few seconds before check-in.
func offline(ctx context.Context, s *stay) error {
	set := func(offline bool) error {
		return s.nuki.call(ctx, http.MethodPost, s.simPath(s.locks[0], "offline"), map[string]bool{"offline": offline}, nil)
	}
	if err := set(true); err != nil {
		return err
	}
	s.background(ctx, s.checkIn.Add(-4*time.Second), func() error {
		s.say("the lock comes online")
		return set(false)
	})
	return nil
}

// postPartialUpdate is the mission post's own request, straight to Nuki: it
// renames the authorization and silently removes its window. Keystay is not
// told; it has to notice, and to put the whole window back before check-out.
func postPartialUpdate(ctx context.Context, s *stay) error {
	there, err := s.nuki.door(ctx, s.locks[0])
	if err != nil {
		return err
	}
	mine := s.own(there.Table)
	if len(mine) != 1 {
		return fmt.Errorf("the lock should hold one entry of %s, and holds %d", s.id, len(mine))
	}
	wanted := mine[0]
	code, _ := strconv.Atoi(s.pin)
	path := "/smartlock/" + strconv.FormatInt(s.locks[0], 10) + "/auth/" + wanted.ID
	if err := s.nuki.call(ctx, http.MethodPost, path, map[string]any{"name": "TEST-0805", "code": code}, nil); err != nil {
		return err
	}
	s.say("somebody posts the partial update to Nuki")
	if err := s.awaitTable(ctx, "the window is lost", func(t []entry) bool { return len(t) == 1 && !t[0].Whole }); err != nil {
		return err
	}
	s.say("the window is gone from the lock: the PIN would open for ever")
	err = s.awaitTable(ctx, "Keystay restores the whole window", func(t []entry) bool {
		return len(t) == 1 && t[0].Whole && t[0].From.Equal(*wanted.From) && t[0].Until.Equal(*wanted.Until)
	})
	if err == nil {
		s.say("Keystay noticed and restored the whole window")
	}
	return err
}

// extend lets the guest stay longer.
func extend(ctx context.Context, s *stay) error {
	s.say("the guest stays eight seconds longer")
	s.checkOut = s.checkOut.Add(8 * time.Second)
	return s.book(ctx, "confirmed")
}

// cancel cancels the booking once its PIN is ready.
func cancel(ctx context.Context, s *stay) error {
	s.say("the booking is cancelled")
	return s.book(ctx, "cancelled")
}

// Reservations are the ids of the demonstration's stays.
func Reservations() []string {
	ids := make([]string, 0, len(scenarios))
	for _, s := range scenarios {
		ids = append(ids, s.id)
	}
	return ids
}
