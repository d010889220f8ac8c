// This file makes one number from a seed and what it is for, so that a world can
// be made again alone.

package campaign

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// mixed is a well-mixed number of a seed and what it is for.
func mixed(seed uint64, purpose ...any) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, seed)
	for _, part := range purpose {
		_, _ = fmt.Fprintf(h, "/%v", part)
	}
	return mix(h.Sum64())
}

// mix is splitmix64's finisher: fnv alone leaves neighbours alike.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// dice are random numbers of one purpose.
type dice struct{ *rand.Rand }

func newDice(seed uint64, purpose ...any) dice {
	return dice{rand.New(rand.NewPCG(mixed(seed, purpose...), mixed(seed, append(purpose, "second half")...)))}
}

// chance is true so often.
func (d dice) chance(p float64) bool { return d.Float64() < p }

// between is a duration from low to high, evenly, in whole seconds.
func (d dice) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + d.upTo(high-low)
}

func (d dice) upTo(span time.Duration) time.Duration {
	return (time.Duration(d.Int64N(int64(span)))).Truncate(time.Second)
}

// wait is the time to the next of events that come by themselves so often on
// average.
func (d dice) wait(mean time.Duration) time.Duration {
	return time.Duration(d.ExpFloat64() * float64(mean)).Truncate(time.Second)
}
