// This file is the time that a simulation lives in: the machine's, or a virtual
// one that moves only when it is told to.

package nukisim

import (
	"container/heap"
	"sync"
	"time"
)

// Clock tells the time and calls back.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once d has passed, unless it is stopped before.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// RealClock is the machine's clock.
func RealClock() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) func() {
	timer := time.AfterFunc(d, f)
	return func() { timer.Stop() }
}

// VirtualClock stands still until it is advanced. What is due is called in order
// of time, then of request, on the goroutine that advances.
type VirtualClock struct {
	mu    sync.Mutex
	now   time.Time
	calls callHeap
	next  int
}

// NewVirtualClock starts at a moment.
func NewVirtualClock(start time.Time) *VirtualClock { return &VirtualClock{now: start} }

// Now is the virtual time.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f when the clock is advanced beyond d from now.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	due := &call{at: c.now.Add(max(d, 0)), nth: c.next, f: f}
	heap.Push(&c.calls, due)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		due.f = nil
	}
}

// Advance moves the clock on by d.
func (c *VirtualClock) Advance(d time.Duration) { c.AdvanceTo(c.Now().Add(d)) }

// AdvanceTo moves the clock on to a moment; it never moves back.
func (c *VirtualClock) AdvanceTo(t time.Time) {
	for {
		f, ok := c.step(t)
		if !ok {
			return
		}
		if f != nil {
			f()
		}
	}
}

// step takes the next due call, or arrives.
func (c *VirtualClock) step(t time.Time) (f func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) == 0 || c.calls[0].at.After(t) {
		if t.After(c.now) {
			c.now = t
		}
		return nil, false
	}
	due := heap.Pop(&c.calls).(*call)
	if due.at.After(c.now) {
		c.now = due.at
	}
	return due.f, true
}

// Next is when the next call is due; ok is false when none is.
func (c *VirtualClock) Next() (at time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.calls) > 0 && c.calls[0].f == nil { // Stopped, so never due.
		heap.Pop(&c.calls)
	}
	if len(c.calls) == 0 {
		return time.Time{}, false
	}
	return c.calls[0].at, true
}

type call struct {
	at  time.Time
	nth int
	f   func()
}

type callHeap []*call

func (h callHeap) Len() int { return len(h) }
func (h callHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].nth < h[j].nth
	}
	return h[i].at.Before(h[j].at)
}
func (h callHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *callHeap) Push(x any)   { *h = append(*h, x.(*call)) }
func (h *callHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
