// This file says in advance when a lock has room for a stay: what is there
// already, and who comes before it, has the first right.

package campaign

import (
	"sort"
	"time"
)

// capacity is how many codes every lock holds.
const capacity = 100

// fullSpells are the spells in which a lock has no room for a stay: as many codes
// as it holds are foreign, or of stays that begin no later and have not ended.
func (p *Plan) fullSpells(lock *PlannedLock, stay *Stay, within span) []span {
	if p.Profile.House == nil {
		return nil // No other world has as many stays on a lock.
	}
	var moments []time.Time
	for _, other := range p.Stays {
		moments = append(moments, other.Messages[0].At, other.latestEnd())
	}
	sort.Slice(moments, func(i, j int) bool { return moments[i].Before(moments[j]) })
	var spells []span
	from := within.from
	for _, moment := range append(moments, within.until) {
		until := earlier(moment, within.until)
		if until.After(from) {
			if p.before(lock, stay, from) >= capacity {
				spells = append(spells, span{from, until})
			}
			from = until
		}
	}
	return spells
}

// before counts the codes that have a place before a stay's at a moment.
func (p *Plan) before(lock *PlannedLock, stay *Stay, at time.Time) int {
	n := len(lock.Foreign)
	for _, other := range p.Stays {
		booked := !other.Messages[0].At.After(at) && at.Before(other.latestEnd())
		n += one(other != stay && booked && !other.begins().After(stay.begins()))
	}
	return n
}

// begins is the earliest beginning that a stay ever had.
func (s *Stay) begins() time.Time {
	begins := s.Messages[0].Wish.StartsAt
	for _, message := range s.Messages {
		begins = earlier(begins, message.Wish.StartsAt)
	}
	return begins
}
