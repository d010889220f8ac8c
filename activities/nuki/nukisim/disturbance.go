// This file is disturbances: faults made in advance for a while, so that every
// strategy meets the same ones. They need no timer: whoever asks for a fault asks
// for that of the present moment.

package nukisim

import (
	"math"
	"reflect"
	"slices"
	"sort"
	"time"
)

// Disturbance is faults for a while, from From until just before Until. While it
// is on, its knobs that are not at their zero value replace the lock's own, which
// are those of LockConfig or of the last SetFaults.
//
// Where several are on at once and turn the same knob, the larger number wins
// (of negative ones: the one farther from zero), and of modes, which are words,
// that of the disturbance that began later (the later one in the list, where
// they began together). A switch is on where any of them turns it on.
type Disturbance struct {
	From, Until time.Time
	Faults      Faults
}

func (d Disturbance) on(at time.Time) bool { return !at.Before(d.From) && at.Before(d.Until) }

// regime is the faults that a lock has from a moment on, disturbances included.
type regime struct {
	from   time.Time
	faults Faults
}

// inOrder are disturbances in the order of their beginning.
func inOrder(disturbances []Disturbance) []Disturbance {
	ordered := slices.Clone(disturbances)
	for _, d := range ordered {
		d.Faults.mustCheck()
	}
	slices.SortStableFunc(ordered, func(a, b Disturbance) int { return a.From.Compare(b.From) })
	return ordered
}

// plan works out the lock's regimes from a moment on, by its own faults as they
// are now. Those before stay: what was true then remains true.
func (l *lock) plan(from time.Time) {
	l.regimes = slices.DeleteFunc(l.regimes, func(r regime) bool { return !r.from.Before(from) })
	l.regimes = append(l.regimes, regime{from, l.disturbed(from)})
	for _, edge := range edges(l.cfg.Disturbances) {
		if edge.After(from) {
			l.regimes = append(l.regimes, regime{edge, l.disturbed(edge)})
		}
	}
}

// edges are the moments at which a disturbance begins or ends, in order.
func edges(disturbances []Disturbance) []time.Time {
	all := make([]time.Time, 0, 2*len(disturbances))
	for _, d := range disturbances {
		all = append(all, d.From, d.Until)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// disturbed are the lock's own faults with those of the disturbances of a moment.
func (l *lock) disturbed(at time.Time) Faults {
	var on Faults
	for _, d := range l.cfg.Disturbances {
		if d.on(at) {
			on.take(d.Faults, larger)
		}
	}
	faults := l.faults
	faults.take(on, always)
	return faults
}

// take takes over the knobs of others that are turned, where they win.
func (f *Faults) take(others Faults, wins func(mine, other reflect.Value) bool) {
	into, from := reflect.ValueOf(f).Elem(), reflect.ValueOf(others)
	for i := range into.NumField() {
		if !from.Field(i).IsZero() && wins(into.Field(i), from.Field(i)) {
			into.Field(i).Set(from.Field(i))
		}
	}
}

func always(_, _ reflect.Value) bool { return true }

// larger compares numbers by their distance from zero; of switches and words the
// other one is taken.
func larger(mine, other reflect.Value) bool {
	switch {
	case mine.CanFloat():
		return math.Abs(other.Float()) > math.Abs(mine.Float())
	case mine.CanInt():
		return math.Abs(float64(other.Int())) > math.Abs(float64(mine.Int()))
	}
	return true
}

// faultsAt are the faults of a moment, past or to come.
func (l *lock) faultsAt(at time.Time) *Faults {
	later := sort.Search(len(l.regimes), func(i int) bool { return l.regimes[i].from.After(at) })
	return &l.regimes[max(later-1, 0)].faults
}

// faultsNow are the faults of the present moment.
func (l *lock) faultsNow() *Faults { return l.faultsAt(l.clock.Now()) }

// setFaults replaces the lock's own faults from now on.
func (l *lock) setFaults(faults Faults) {
	l.faults = faults
	l.plan(l.clock.Now())
}
