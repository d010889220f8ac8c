// This file is chance: every draw is a function of the seed, the lock, the knob
// and whom it is about, so that nobody's luck depends on what others ask for.

package nukisim

import (
	"math"
	"strings"
	"time"
)

// subject is whom a draw is about: an entity, and what is done to it.
type subject struct{ entity, kind string }

// entityOf is the entity that an entry stands for: its name up to the first '.'
// after the first character, so that K-R123.1 and K-R123.2, the same code made
// twice, are one.
func entityOf(name string) string {
	if len(name) > 1 {
		if dot := strings.IndexByte(name[1:], '.'); dot >= 0 {
			return name[:1+dot]
		}
	}
	return name
}

// drawKey is what draws are counted by, on each lock.
type drawKey struct {
	knob string
	subject
}

// happens draws for one knob: the n-th draw of a seed about somebody is always
// the same. A one-shot fault of that name comes first, whoever it is about.
func (s *Sim) happens(l *lock, knob string, about subject, chance float64) bool {
	if l.once[knob] > 0 {
		l.once[knob]--
		return true
	}
	return chance > 0 && s.draw(l, knob, about) < chance
}

// draw is the next number in [0,1) of one knob about somebody.
func (s *Sim) draw(l *lock, knob string, about subject) float64 {
	return float64(s.next(l, knob, about)>>11) / float64(1<<53)
}

// next is the next well-mixed number of one purpose about somebody.
func (s *Sim) next(l *lock, purpose string, about subject) uint64 {
	key := drawKey{purpose, about}
	l.draws[key]++
	h := fnvOffset
	for _, n := range [...]uint64{s.cfg.Seed, uint64(l.cfg.ID), uint64(l.draws[key])} {
		h = hashNumber(h, n)
	}
	for _, word := range [...]string{purpose, about.entity, about.kind} {
		h = hashWord(h, word)
	}
	return mix(h)
}

// FNV-1a of 64 bits, by hand: the standard one allocates for every draw.
const (
	fnvOffset uint64 = 14695981039346656037
	fnvPrime  uint64 = 1099511628211
)

func hashNumber(h, n uint64) uint64 {
	for range 8 {
		h = (h ^ n&0xff) * fnvPrime
		n >>= 8
	}
	return h
}

// hashWord ends with a byte that is in no text, so that "ab","c" is not "a","bc".
func hashWord(h uint64, word string) uint64 {
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * fnvPrime
	}
	return (h ^ 0xff) * fnvPrime
}

// mix is splitmix64's finisher: fnv alone leaves neighbours alike.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// latency is how long the next operation takes.
func (s *Sim) latency(l *lock, about subject) time.Duration {
	faults := l.faultsNow()
	low, high := faults.LatencyMin.D(), faults.LatencyMax.D()
	if low == 0 && high == 0 {
		low, high = defaultLatencyMin, defaultLatencyMax
	}
	span := max(high-low, 0)
	return low + time.Duration(math.Round(s.draw(l, "latency", about)*float64(span)))
}
