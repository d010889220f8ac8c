// This file is the people: who books what, what they change, and who should get
// in where at a moment.

package campaign

import (
	"fmt"
	"time"

	"github.com/keystay/keystay/workflows"
)

// Stay is one booking with all that its system will ever say of it.
type Stay struct {
	ID       string
	Messages []Message
}

// Message is one description of a booking, sent at a moment.
type Message struct {
	At   time.Time
	Wish workflows.Wish
	What string
}

// bookUnit fills one unit's calendar with so many stays, one after the other.
func (p *Plan) bookUnit(unit, stays int) {
	random := newDice(p.Seed, "unit", unit)
	arrival := p.Begins.Add(2*day + time.Duration(random.IntN(5))*day)
	for n := range stays {
		nights := 1 + random.IntN(6)
		stay := &Stay{ID: fmt.Sprintf("S%d-%d", unit, n)}
		first := p.booking(unit, arrival, nights, random)
		p.supplyAgain(&first.Wish, unit, n)
		stay.Messages = []Message{first}
		p.change(stay, unit, random)
		p.Stays = append(p.Stays, stay)
		gap := 0 // Most flats have the next guest on the same day.
		if random.chance(0.4) {
			gap = 1 + random.IntN(3)
		}
		arrival = arrival.Add(time.Duration(nights+gap) * day)
	}
}

const day = 24 * time.Hour

// Check-in and check-out by the hour of the day, in UTC: 15:00 and 10:00 of a
// summer in Vienna.
const (
	checkInHour  = 13 * time.Hour
	checkOutHour = 8 * time.Hour
)

// booking is the first message of a stay.
func (p *Plan) booking(unit int, arrival time.Time, nights int, random dice) Message {
	starts := arrival.Add(checkInHour)
	wish := workflows.Wish{
		Version: workflows.NumberVersion(1), Status: workflows.Confirmed, Unit: fmt.Sprintf("unit-%d", unit),
		StartsAt: starts, EndsAt: arrival.Add(time.Duration(nights)*day + checkOutHour), After: workflows.Duration(15 * time.Minute),
		Locks: []workflows.LockWish{{SmartlockID: unitLock(unit)}}, PIN: pinWish(random),
	}
	if random.chance(0.4) {
		wish.Locks = append(wish.Locks, workflows.LockWish{SmartlockID: houseLock(unit)})
		if newDice(p.Seed, "garage", unit, arrival.Unix()).chance(0.25) {
			wish.Locks = append(wish.Locks, workflows.LockWish{SmartlockID: garageLock(unit)})
		}
	}
	at := starts.Add(-bookedBefore(random))
	return Message{At: later(at, p.Begins.Add(random.between(time.Minute, time.Hour))), Wish: wish, What: "booked"}
}

// bookedBefore is how long before check-in a stay is booked: most by days, some
// at the last minute.
func bookedBefore(random dice) time.Duration {
	switch at := random.Float64(); {
	case at < 0.55:
		return random.between(4*day, 20*day)
	case at < 0.80:
		return random.between(6*time.Hour, 3*day)
	case at < 0.92:
		return random.between(30*time.Minute, 6*time.Hour)
	}
	return random.between(3*time.Minute, 30*time.Minute)
}

// pinWish is what PIN a booking asks for.
func pinWish(random dice) workflows.PINWish {
	wish := workflows.PINWish{Mode: workflows.Generate, DiscloseAt: workflows.DiscloseReread}
	switch at := random.Float64(); {
	case at < 0.35:
		wish = workflows.PINWish{Mode: workflows.Supplied, Code: random.pin(), DiscloseAt: workflows.DiscloseListed}
	case at < 0.55:
		wish.DiscloseAt = workflows.DiscloseListed
	case at < 0.65:
		wish.DiscloseAt = workflows.DiscloseReserved
	}
	return wish
}

// changes are what happens to bookings, and how often in a hundred.
var changes = []struct {
	percent int
	apply   func(p *Plan, s *Stay, unit int, random dice)
}{
	{10, (*Plan).redate},
	{8, (*Plan).extendByPhone},
	{6, (*Plan).leaveEarly},
	{7, (*Plan).cancel},
	{2, (*Plan).cancelAndReinstate},
	{4, (*Plan).moveRoom},
	{2, (*Plan).anotherPIN},
}

func (p *Plan) change(s *Stay, unit int, random dice) {
	at := random.IntN(100)
	for _, change := range changes {
		if at < change.percent {
			change.apply(p, s, unit, random)
			return
		}
		at -= change.percent
	}
}

// say adds a message that differs from the last one.
func (s *Stay) say(at time.Time, what string, differ func(*workflows.Wish)) {
	wish := s.Messages[len(s.Messages)-1].Wish
	wish.Version = workflows.NumberVersion(int64(len(s.Messages) + 1))
	wish.Locks = append([]workflows.LockWish(nil), wish.Locks...)
	differ(&wish)
	s.Messages = append(s.Messages, Message{At: at, Wish: wish, What: what})
}

// first is the booking's wish, and booked when it came.
func (s *Stay) first() (wish workflows.Wish, booked time.Time) {
	return s.Messages[0].Wish, s.Messages[0].At
}

func (p *Plan) redate(s *Stay, _ int, random dice) {
	wish, booked := s.first()
	at := booked.Add(random.between(time.Minute, max(2*time.Minute, wish.StartsAt.Sub(booked)-time.Minute)))
	earlierBy := random.between(0, 3*time.Hour)
	longerBy := time.Duration(random.IntN(3)) * day
	s.say(at, "other dates", func(w *workflows.Wish) {
		w.StartsAt, w.EndsAt = later(w.StartsAt.Add(-earlierBy), at.Add(time.Minute)), w.EndsAt.Add(longerBy)
	})
}

func (p *Plan) extendByPhone(s *Stay, _ int, random dice) {
	wish, _ := s.first()
	at := wish.EndsAt.Add(-random.between(5*time.Minute, 3*time.Hour))
	by := random.between(2*time.Hour, 26*time.Hour)
	s.say(at, "extended by phone", func(w *workflows.Wish) { w.EndsAt = w.EndsAt.Add(by) })
}

func (p *Plan) leaveEarly(s *Stay, _ int, random dice) {
	wish, _ := s.first()
	at := wish.StartsAt.Add(random.between(time.Hour, wish.EndsAt.Sub(wish.StartsAt)-time.Hour))
	s.say(at, "left early", func(w *workflows.Wish) { w.Status = workflows.CheckedOut })
}

func (p *Plan) cancel(s *Stay, _ int, random dice) {
	wish, booked := s.first()
	at := booked.Add(random.between(10*time.Second, wish.StartsAt.Sub(booked)))
	s.say(at, "cancelled", func(w *workflows.Wish) { w.Status = workflows.Cancelled })
}

func (p *Plan) cancelAndReinstate(s *Stay, unit int, random dice) {
	wish, _ := s.first()
	p.cancel(s, unit, random)
	cancelled := s.Messages[len(s.Messages)-1].At
	at := cancelled.Add(random.between(10*time.Second, max(20*time.Second, wish.StartsAt.Sub(cancelled)/2)))
	s.say(at, "reinstated", func(w *workflows.Wish) { w.Status = workflows.Confirmed })
}

func (p *Plan) moveRoom(s *Stay, unit int, random dice) {
	if p.Profile.House != nil {
		return // Another flat of the house has the same main door.
	}
	wish, booked := s.first()
	at := booked.Add(random.between(time.Minute, wish.EndsAt.Sub(booked)-2*time.Hour))
	s.say(at, "moved to another room", func(w *workflows.Wish) { w.Locks[0].SmartlockID = spareLock(unit) })
}

func (p *Plan) anotherPIN(s *Stay, _ int, random dice) {
	wish, booked := s.first()
	at := booked.Add(random.between(time.Minute, max(2*time.Minute, wish.StartsAt.Sub(booked)-time.Minute)))
	s.say(at, "another PIN", func(w *workflows.Wish) {
		w.PIN = workflows.PINWish{Mode: workflows.Supplied, Code: random.pin(), DiscloseAt: workflows.DiscloseListed}
	})
}

// wishAt is the last message at a moment; nil before the first.
func (s *Stay) wishAt(at time.Time) *workflows.Wish {
	var wish *workflows.Wish
	for i := range s.Messages {
		if !s.Messages[i].At.After(at) {
			wish = &s.Messages[i].Wish
		}
	}
	return wish
}

// last is what the booking came to.
func (s *Stay) last() workflows.Wish { return s.Messages[len(s.Messages)-1].Wish }

// entitled reports whether the guest should get in by a lock at a moment, as far as
// the booking's system has said by then.
func (s *Stay) entitled(lock int64, at time.Time) bool {
	wish := s.wishAt(at)
	return wish != nil && entitles(*wish, lock, at)
}

// entitles reports whether a wish lets the guest in by a lock at a moment.
func entitles(wish workflows.Wish, lock int64, at time.Time) bool {
	window := wish.Window()
	return wish.Status.WantsEntry() && has(wish, lock) && !at.Before(window.From) && at.Before(window.Until)
}

func has(wish workflows.Wish, lock int64) bool {
	for _, door := range wish.Locks {
		if door.SmartlockID == lock {
			return true
		}
	}
	return false
}

// locks are all that the stay ever had, in the order of first mention.
func (s *Stay) locks() []int64 {
	var all []int64
	seen := map[int64]bool{}
	for _, message := range s.Messages {
		for _, door := range message.Wish.Locks {
			if !seen[door.SmartlockID] {
				seen[door.SmartlockID] = true
				all = append(all, door.SmartlockID)
			}
		}
	}
	return all
}

// latestEnd is the latest end that was ever said.
func (s *Stay) latestEnd() time.Time {
	var end time.Time
	for _, message := range s.Messages {
		end = later(end, message.Wish.Window().Until)
	}
	return end
}
