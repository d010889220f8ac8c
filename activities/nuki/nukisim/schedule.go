// This file is what goes wrong for a while, known in advance: so that everybody
// who meets the simulation meets the same.

package nukisim

import (
	"reflect"
	"time"
)

// Disturbance is a time in which some knobs are on. Its knobs that are not zero
// replace the lock's own; of several at once the larger number counts, and of
// words the last one.
type Disturbance struct {
	From, Until time.Time
	Faults      Faults
}

// schedule makes a lock's knobs follow its disturbances.
func (s *Sim) schedule(l *lock) {
	now := s.cfg.Clock.Now()
	for _, disturbance := range l.cfg.Disturbances {
		for _, edge := range []time.Time{disturbance.From, disturbance.Until} {
			if edge.After(now) {
				s.after(edge.Sub(now), func() { s.setFaults(l, l.base) })
			}
		}
	}
	s.setFaults(l, l.base)
}

// setFaults sets a lock's own knobs, and adds those of this moment.
func (s *Sim) setFaults(l *lock, own Faults) {
	now := s.cfg.Clock.Now()
	l.base, l.faults = own, own
	for _, disturbance := range l.cfg.Disturbances {
		if !now.Before(disturbance.From) && now.Before(disturbance.Until) {
			l.faults = l.faults.and(disturbance.Faults)
		}
	}
	s.record(l)
}

// and adds other knobs that are not zero.
func (f Faults) and(other Faults) Faults {
	mine, theirs := reflect.ValueOf(&f).Elem(), reflect.ValueOf(other)
	for i := range theirs.NumField() {
		field, added := mine.Field(i), theirs.Field(i)
		if !added.IsZero() && !larger(field, added) {
			field.Set(added)
		}
	}
	return f
}

func larger(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Int64:
		return a.Int() > b.Int()
	case reflect.Float64:
		return a.Float() > b.Float()
	}
	return false
}
