// This file is the world of one house: a main door that all its flats share, so
// that its capacity binds and its check points fall together.

package campaign

import (
	"errors"
	"fmt"
	"time"

	"github.com/keystay/keystay/workflows"
)

// House is a house with one main door.
type House struct {
	// Flats is how many there are, Occupancy the share of nights that are sold,
	// Nights the mean length of a stay.
	Flats     int     `json:"flats"`
	Occupancy float64 `json:"occupancy"`
	Nights    int     `json:"nights"`
	// Mistyped is the share of guests who type their PIN wrong twice before they
	// type it right.
	Mistyped float64 `json:"mistyped"`
	// Stays is how many stays a world of this house has.
	Stays int `json:"stays"`
}

func (h House) validate() error {
	if h.Flats < 1 || h.Nights < 1 || h.Stays < 1 || h.Occupancy <= 0 || h.Occupancy > 1 || h.Mistyped < 0 || h.Mistyped > 1 {
		return errors.New("a house needs flats, nights and stays above 0, an occupancy above 0 and up to 1, and a share of guests who mistype from 0 to 1")
	}
	return nil
}

// bookHouse fills a house with so many stays: each flat has some, one after the
// other, and the first arrivals are spread as if the house had always been open.
func (p *Plan) bookHouse(stays int) {
	house := p.Profile.House
	for flat := 0; len(p.Stays) < stays; flat = (flat + 1) % house.Flats {
		p.bookFlat(flat, len(p.Stays)/house.Flats)
	}
}

// bookFlat adds one more stay to a flat's calendar.
func (p *Plan) bookFlat(flat, nth int) {
	house, random := p.Profile.House, newDice(p.Seed, "flat", flat, nth)
	arrival := p.Begins.Add(4*day + time.Duration(random.IntN(house.Nights))*day)
	if before := p.lastOf(flat); before != nil {
		arrival = before.last().EndsAt.Truncate(day)
		if empty := house.emptyNights(); random.chance(empty - float64(int(empty))) {
			arrival = arrival.Add(day)
		}
	}
	stay := &Stay{ID: fmt.Sprintf("S%d-%d", flat, nth)}
	booked := p.booking(flat, arrival, 1+random.IntN(2*house.Nights-1), random)
	booked.Wish.Locks = []workflows.LockWish{{SmartlockID: houseLock(0)}}
	stay.Messages = []Message{booked}
	p.change(stay, flat, random)
	p.Stays = append(p.Stays, stay)
}

// emptyNights is the mean number of nights between two stays of a flat.
func (h House) emptyNights() float64 { return float64(h.Nights) * (1 - h.Occupancy) / h.Occupancy }

// lastOf is the last stay of a flat; nil before the first.
func (p *Plan) lastOf(flat int) *Stay {
	for i := len(p.Stays) - 1; i >= 0; i-- {
		if p.Stays[i].last().Unit == fmt.Sprintf("unit-%d", flat) {
			return p.Stays[i]
		}
	}
	return nil
}
