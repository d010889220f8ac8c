// This file chooses a PIN that is free on every door of a reservation.

package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities/nuki"
)

// pinDraws bounds the search for a free PIN: a full keypad holds 100 of more
// than 400,000, so that a second draw is rare already.
const pinDraws = 100

// ChoosePIN reads every door and answers a PIN that none of them holds: the
// caller's own, one that an earlier run left under our name, or a new one. A
// door that cannot be read does not stop the others; its problem is said.
func (k *Keypad) ChoosePIN(ctx context.Context, input ChooseInput) (Choice, error) {
	doors, used, err := k.survey(ctx, k.asked(ctx), input)
	if err != nil {
		return Choice{}, err
	}
	choice := Choice{Doors: doors, PIN: input.PIN}
	if input.Adopt && choice.PIN.IsZero() {
		choice.PIN = leftover(input.Owner.Mark, doors)
		choice.Adopted = !choice.PIN.IsZero()
	}
	if choice.PIN.IsZero() {
		choice.PIN, err = k.freePIN(used, input.Owner.PINs)
	}
	for i := range choice.Doors {
		choice.Doors[i].Reading.addRivals(used[choice.Doors[i].Lock], choice.PIN)
	}
	return choice, err
}

// codes are the codes on one lock that are not the owner's, and whose they are.
type codes map[nuki.PIN]Rival

// survey reads every door.
func (k *Keypad) survey(ctx context.Context, asked time.Time, input ChooseInput) ([]DoorChoice, map[int64]codes, error) {
	var doors []DoorChoice
	used := map[int64]codes{}
	for i, lock := range input.Locks {
		if i < len(input.Attend) {
			k.attend(ctx, &input.Attend[i])
		}
		door, others, err := k.surveyDoor(ctx, lock, asked, input.Owner)
		if err != nil {
			return nil, nil, err
		}
		doors, used[lock] = append(doors, door), others
	}
	return doors, used, nil
}

// surveyDoor reads one door. Only what refuses the whole account is an error of
// the choice.
func (k *Keypad) surveyDoor(ctx context.Context, lock int64, asked time.Time, owner Owner) (DoorChoice, codes, error) {
	device, err := k.smartlock(ctx, lock, asked)
	var list []nuki.Authorization
	if err == nil {
		list, err = k.authorizations(ctx, lock, asked)
	}
	switch kind := answered(err); kind {
	case "":
	case ErrAccountRefused:
		return DoorChoice{}, nil, translate(err)
	default:
		return DoorChoice{Lock: lock, Problem: kind, Message: err.Error()}, nil, nil
	}
	reading := readingOf(list, owner)
	reading.Lock = stateOf(device)
	return DoorChoice{Lock: lock, Reading: &reading}, othersOf(list, owner), nil
}

// othersOf are the codes of a list that somebody else holds.
func othersOf(list []nuki.Authorization, owner Owner) codes {
	others := codes{}
	for _, listed := range list {
		if !owner.owns(listed) {
			others[listed.PIN] = rivalOf(listed, owner)
		}
	}
	return others
}

// leftover is the PIN that an earlier run left on most doors; of two that are on
// equally many, the one with the later name.
func leftover(mark string, doors []DoorChoice) nuki.PIN {
	var best nuki.PIN
	var bestDoors, bestNumber int
	for _, door := range doors {
		if door.Reading == nil {
			continue
		}
		for _, listed := range door.Reading.Own {
			n, number := spread(listed.PIN, doors), NameNumber(mark, listed.Name)
			if !listed.Disarmed() && (n > bestDoors || n == bestDoors && number > bestNumber) {
				best, bestDoors, bestNumber = listed.PIN, n, number
			}
		}
	}
	return best
}

// spread is on how many doors a PIN stands under our name.
func spread(pin nuki.PIN, doors []DoorChoice) int {
	n := 0
	for _, door := range doors {
		if door.Reading != nil && slices.ContainsFunc(door.Reading.Own, func(l Listed) bool { return l.PIN == pin }) {
			n++
		}
	}
	return n
}

// freePIN draws until a PIN is free on every door and was none of the owner's.
func (k *Keypad) freePIN(used map[int64]codes, had []nuki.PIN) (nuki.PIN, error) {
	for range pinDraws {
		pin, err := nuki.RandomPIN(k.random())
		if err != nil {
			return nuki.PIN{}, refused(err)
		}
		if free(pin, used) && !slices.Contains(had, pin) {
			return pin, nil
		}
	}
	return nuki.PIN{}, temporal.NewNonRetryableApplicationError("no PIN is free on every door", ErrNoFreePIN, nil)
}

func free(pin nuki.PIN, used map[int64]codes) bool {
	for _, others := range used {
		if _, taken := others[pin]; taken {
			return false
		}
	}
	return true
}

// addRivals says in a reading who else holds a code.
func (r *Reading) addRivals(others codes, pin nuki.PIN) {
	if r == nil {
		return
	}
	r.Rivals = nil
	if rival, taken := others[pin]; taken {
		r.Rivals = []Rival{rival}
	}
}

// refused is an error of our own making: a document that cannot be written.
func refused(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), ErrWriteRefused, nil)
}

// keypadMissing is the answer of a lock without a keypad.
func keypadMissing() error {
	return temporal.NewNonRetryableApplicationError("the lock has no keypad", ErrKeypadMissing, errors.New("400 on the type"))
}
