// This file is the guests at the keypad: they type what they were told, or
// something like it, try again when they are refused, and some come back after their
// stay.

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
	// begun and they had not been in. Linked: the lock had a connection.
	Awaited int
	Linked  bool
	// LetIn is when the guest got in after all; zero for never.
	LetIn time.Time
}

// DeadUse is a guest who got in when nobody should have.
type DeadUse struct {
	Stay   string
	Lock   int64
	At     time.Time
	Linked bool
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
			if s.mistypes(stay) {
				s.agenda.add(arrives, func() { s.mistype(stay, lock, 1) })
			} else {
				s.agenda.add(arrives, func() { s.arrive(stay, lock, 0, nil) })
			}
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
	s.clock.AdvanceTo(s.now())
	if s.sim.Type(lock, pin.Reveal()) {
		s.in[visit{stay, lock}] = true
		if refusal != nil {
			refusal.LetIn = s.now()
		}
		return
	}
	if tries == 1 {
		refusal = s.refuse(stay, lock)
		if s.report != nil {
			s.agenda.add(s.now().Add(callsAfter), func() { s.report(stay, lock) })
		}
	}
	if tries < len(triesAgain) {
		s.agenda.add(s.now().Add(triesAgain[tries]), func() { s.arrive(stay, lock, tries+1, refusal) })
	}
}

// mistypes reports whether a guest types something else first, as some do in a house
// whose profile says so.
func (s *stage) mistypes(stay *Stay) bool {
	house := s.plan.Profile.House
	return house != nil && newDice(s.plan.Seed, "mistypes", stay.ID).chance(house.Mistyped)
}

// mistype is a guest who types the PIN wrong twice, and right then.
func (s *stage) mistype(stay *Stay, lock int64, nth int) {
	if _, told := s.log.toldBy(stay.ID, s.now()); !told || !stay.entitled(lock, s.now()) {
		return
	}
	s.clock.AdvanceTo(s.now())
	s.sim.Type(lock, newDice(s.plan.Seed, "mistyped", stay.ID, nth).pin().Reveal())
	next := func() { s.mistype(stay, lock, nth+1) }
	if nth == 2 {
		refusal := s.refuse(stay, lock)
		next = func() { s.arrive(stay, lock, 0, refusal) }
	}
	s.agenda.add(s.now().Add(triesAgain[0]), next)
}

// refuse notes a guest who was refused twice.
func (s *stage) refuse(stay *Stay, lock int64) *Refusal {
	refusal := &Refusal{Stay: stay.ID, Lock: lock, At: s.now(), Awaited: s.awaited(lock), Linked: s.linked(lock)}
	s.log.Refusals = append(s.log.Refusals, refusal)
	return refusal
}

// linked reports whether a lock has a connection.
func (s *stage) linked(lock int64) bool { return !s.sim.Snapshot(lock).Offline }

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
	name, _ := s.sim.OpenedBy(lock, pin.Reveal(), s.now())
	owner, _ := stayOf(name)
	if s.sim.Type(lock, pin.Reveal()) && owner == stay.ID { // Another stay may rightly have the same PIN.
		s.log.DeadUses = append(s.log.DeadUses, DeadUse{Stay: stay.ID, Lock: lock, At: s.now(), Linked: s.linked(lock)})
	}
}
