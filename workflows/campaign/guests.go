// This file is the guests at the keypad: they type what they were told, try again
// when they are refused, and some come back after their stay.

package campaign

import (
	"time"
)

// Refusal is a guest who was refused twice.
type Refusal struct {
	Stay string
	Lock int64
	At   time.Time
	// Awaited counts the guests who might have been standing there: their stay had
	// begun and they had not been in.
	Awaited int
	// LetIn is when the guest got in after all; zero for never.
	LetIn time.Time
}

// DeadUse is a guest who got in when nobody should have.
type DeadUse struct {
	Stay string
	Lock int64
	At   time.Time
}

// visit is a guest at one door.
type visit struct {
	stay *Stay
	lock int64
}

// triesAgain are the pauses of a refused guest.
var triesAgain = []time.Duration{40 * time.Second, 40 * time.Second, 5 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute}

// callsAfter is when a guest who was refused twice has the host on the phone, who
// reports it, and asks for the PIN to tell again after each of tellsAgain.
const callsAfter = 4 * time.Minute

var tellsAgain = []time.Duration{time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute}

// guests puts every guest on the agenda.
func (s *stage) guests() {
	for _, stay := range s.plan.Stays {
		random := newDice(s.plan.Seed, "guest", stay.ID)
		for _, lock := range stay.locks() {
			arrives := stay.last().StartsAt.Add(random.between(time.Minute, 5*time.Hour))
			s.agenda.add(arrives, func() { s.arrive(stay, lock, 0, nil) })
			if random.chance(0.15) {
				late := stay.latestEnd().Add(random.between(10*time.Minute, 3*time.Hour))
				s.agenda.add(late, func() { s.comeBack(stay, lock) })
			}
			for _, message := range stay.Messages[1:] {
				if !message.Wish.Status.WantsEntry() && random.chance(0.5) {
					s.agenda.add(message.At.Add(random.between(40*time.Minute, 3*time.Hour)), func() { s.comeBack(stay, lock) })
				}
			}
		}
	}
}

// arrive is a guest at the door for the first time; tries counts those before.
func (s *stage) arrive(stay *Stay, lock int64, tries int, refusal *Refusal) {
	pin, told := s.log.toldBy(stay.ID, s.now())
	if !told || !stay.entitled(lock, s.now()) || s.in[visit{stay, lock}] {
		return
	}
	awaited := s.awaited(lock)
	s.clock.AdvanceTo(s.now())
	if s.sim.Type(lock, pin.Reveal()) {
		s.in[visit{stay, lock}] = true
		if refusal != nil {
			refusal.LetIn = s.now()
		}
		return
	}
	if tries == 1 {
		refusal = &Refusal{Stay: stay.ID, Lock: lock, At: s.now(), Awaited: awaited}
		s.log.Refusals = append(s.log.Refusals, refusal)
		if s.report != nil {
			s.agenda.add(s.now().Add(callsAfter), func() { s.report(stay, lock) })
		}
	}
	if tries < len(triesAgain) {
		s.agenda.add(s.now().Add(triesAgain[tries]), func() { s.arrive(stay, lock, tries+1, refusal) })
	}
}

// awaited counts the guests whose stay has begun and who have not been in.
func (s *stage) awaited(lock int64) int {
	n := 0
	for _, stay := range s.plan.Stays {
		n += one(stay.entitled(lock, s.now()) && !s.in[visit{stay, lock}])
	}
	return n
}

// comeBack is a guest who tries the PIN when it should be dead.
func (s *stage) comeBack(stay *Stay, lock int64) {
	pin, told := s.log.toldBy(stay.ID, s.now())
	if !told || stay.entitled(lock, s.now()) {
		return
	}
	s.clock.AdvanceTo(s.now())
	if s.sim.Type(lock, pin.Reveal()) {
		s.log.DeadUses = append(s.log.DeadUses, DeadUse{Stay: stay.ID, Lock: lock, At: s.now()})
	}
}
