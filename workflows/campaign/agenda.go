// This file is what is going to happen, in order of time.

package campaign

import (
	"container/heap"
	"time"
)

// agenda is a queue of events; those of one moment happen in the order in which
// they were added.
type agenda struct {
	events eventHeap
	added  int
}

type event struct {
	at  time.Time
	nth int
	do  func()
}

func (a *agenda) add(at time.Time, do func()) {
	a.added++
	heap.Push(&a.events, event{at: at, nth: a.added, do: do})
}

// next is when the next event is due; ok is false when none is.
func (a *agenda) next() (at time.Time, ok bool) {
	if len(a.events) == 0 {
		return time.Time{}, false
	}
	return a.events[0].at, true
}

// run does all that is due by a moment.
func (a *agenda) run(now time.Time) {
	for len(a.events) > 0 && !a.events[0].at.After(now) {
		heap.Pop(&a.events).(event).do()
	}
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].nth < h[j].nth
	}
	return h[i].at.Before(h[j].at)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
