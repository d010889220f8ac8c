// This file lets one read of a lock serve everybody who asked before it began:
// on a main door, a hundred reservations have the same check points.

package activities

import (
	"context"
	"sync"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// shared is one kind of read of one lock, made by one caller at a time. Whoever
// asks while another's is under way waits, and then shares the next one.
type shared[T any] struct {
	mu    sync.Mutex
	locks map[int64]*turn[T]
}

// turn is the last answer about one lock, and the right to ask anew.
type turn[T any] struct {
	free  chan struct{}
	began time.Time
	value T
	err   error
}

// read answers what was read after the caller asked: by another's call that began
// since then, or by its own. An error is an answer as well, but for a caller's own
// haste.
func (s *shared[T]) read(ctx context.Context, lock int64, asked time.Time, now func() time.Time, fetch func() (T, error)) (T, error) {
	t := s.turn(lock)
	select {
	case t.free <- struct{}{}:
		defer func() { <-t.free }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	if t.began.After(asked) {
		return t.value, t.err
	}
	began := now()
	value, err := fetch()
	if ctx.Err() == nil {
		t.began, t.value, t.err = began, value, err
	}
	return value, err
}

func (s *shared[T]) turn(lock int64) *turn[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locks == nil {
		s.locks = map[int64]*turn[T]{}
	}
	if s.locks[lock] == nil {
		s.locks[lock] = &turn[T]{free: make(chan struct{}, 1)}
	}
	return s.locks[lock]
}

// smartlock reads a lock itself as it was after a moment.
func (k *Keypad) smartlock(ctx context.Context, lock int64, asked time.Time) (nuki.Smartlock, error) {
	return k.devices.read(ctx, lock, asked, k.now, func() (nuki.Smartlock, error) { return k.Nuki.Smartlock(ctx, lock) })
}

// authorizations reads a lock's list as it was after a moment.
func (k *Keypad) authorizations(ctx context.Context, lock int64, asked time.Time) ([]nuki.Authorization, error) {
	return k.lists.read(ctx, lock, asked, k.now, func() ([]nuki.Authorization, error) { return k.Nuki.Authorizations(ctx, lock) })
}

// asked is when an activity that only reads was called: by this machine's own
// clock, as that of Temporal's server may differ.
func (k *Keypad) asked(ctx context.Context) time.Time {
	if k.Asked != nil {
		return k.Asked(ctx)
	}
	return k.now()
}

func (k *Keypad) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now()
}
