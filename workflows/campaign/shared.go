// This file is PINs that callers supply more than once: a host who gives every
// guest of a flat the same one, or has a favourite for a house. A code fits on a
// lock once, so that of two stays one must wait or have another PIN.

package campaign

import (
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

const (
	// flatsWithOnePIN have a host who supplies the flat's PIN for oneFlatPIN of
	// the stays; housesWithOnePIN the same with a PIN for all flats, whose guests
	// use the door of the house.
	flatsWithOnePIN, oneFlatPIN   = 0.25, 0.5
	housesWithOnePIN, oneHousePIN = 0.5, 0.15
)

// supplyAgain gives a booking the PIN that its host gives to others too. It has
// dice of its own, so that the rest of a world is the same without it.
func (p *Plan) supplyAgain(wish *workflows.Wish, unit, nth int) {
	random, house := newDice(p.Seed, "same PIN", unit, nth), unit/unitsPerHouse
	switch {
	case newDice(p.Seed, "flat with one PIN", unit).chance(flatsWithOnePIN) && random.chance(oneFlatPIN):
		supply(wish, newDice(p.Seed, "flat PIN", unit).pin())
	case newDice(p.Seed, "house with one PIN", house).chance(housesWithOnePIN) && random.chance(oneHousePIN):
		supply(wish, newDice(p.Seed, "house PIN", house).pin())
		if !has(*wish, houseLock(unit)) {
			wish.Locks = append(wish.Locks, workflows.LockWish{SmartlockID: houseLock(unit)})
		}
	}
}

func supply(wish *workflows.Wish, pin nuki.PIN) {
	wish.PIN = workflows.PINWish{Mode: workflows.Supplied, Code: pin, DiscloseAt: workflows.DiscloseListed}
}

// holds are the spans in which a stay should have a PIN on a lock, supplied by its
// caller, from the beginning of its provisioning on.
func (s *Stay) holds(lock int64, pin nuki.PIN, lead time.Duration) []span {
	var all []span
	for i, message := range s.Messages {
		code, ok := supplied(message.Wish)
		if !ok || code != pin || !has(message.Wish, lock) || !message.Wish.Status.WantsEntry() {
			continue
		}
		held := span{later(message.At, message.Wish.StartsAt.Add(-lead)), message.Wish.Window().Until}
		if i+1 < len(s.Messages) {
			held.until = earlier(held.until, s.Messages[i+1].At)
		}
		if held.from.Before(held.until) {
			all = append(all, held)
		}
	}
	return all
}

// workBegins is when the work on a demand can begin that is known since a moment:
// where another stay has the same PIN on the lock, when that one has left; and
// where it stays longer than this one can wait, when a second PIN is due.
func (p *Plan) workBegins(stay *Stay, lock int64, known, by time.Time, policy workflows.Policy) time.Time {
	code, ok := supplied(*stay.wishAt(by))
	if !ok {
		return known
	}
	begins := known
	for _, held := range p.heldBefore(stay, lock, code, policy.Lead.D()) {
		switch {
		case !held.until.After(known) || !held.from.Before(by):
		case held.until.After(by):
			return later(known, by.Add(-policy.ForceCreate.D()))
		default:
			begins = later(begins, held.until)
		}
	}
	return begins
}

// heldBefore are the spans in which other stays should have a PIN on a lock that
// should have it before this one.
func (p *Plan) heldBefore(stay *Stay, lock int64, pin nuki.PIN, lead time.Duration) []span {
	own := stay.holds(lock, pin, lead)
	var all []span
	for _, other := range p.Stays {
		if other == stay {
			continue
		}
		if held := other.holds(lock, pin, lead); len(held) > 0 && len(own) > 0 && held[0].from.Before(own[0].from) {
			all = append(all, held...)
		}
	}
	return all
}
