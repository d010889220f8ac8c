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
	free chan struct{}

	mu    sync.Mutex
	began time.Time
	value T
	err   error
}

// read answers what was read after the caller asked: by another's call that began
// since then, or by its own. An error is shared too, unless it is that the caller's own
// time was up.
func (s *shared[T]) read(ctx context.Context, lock int64, asked time.Time, now func() time.Time, fetch func() (T, error)) (T, error) {
	var none T
	t := s.turn(lock)
	select {
	case t.free <- struct{}{}:
		defer func() { <-t.free }()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	if t.start().After(asked) {
		return t.value, t.err
	}
	began := now()
	value, err := fetch()
	if ctx.Err() == nil {
		t.keep(began, value, err)
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

// start is when the last read began.
func (t *turn[T]) start() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.began
}

func (t *turn[T]) keep(began time.Time, value T, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began, t.value, t.err = began, value, err
}

// smartlock reads a lock itself as it was after a moment.
func (k *Keypad) smartlock(ctx context.Context, lock int64, asked time.Time) (nuki.Smartlock, error) {
	return k.devices.read(ctx, lock, asked, k.now, func() (nuki.Smartlock, error) { return k.Nuki.Smartlock(ctx, lock) })
}

// authorizations reads a lock's list as it was after a moment. In a burst, as when
// one webhook after the other tells of the same morning's entries, reads are some
// time apart, so that one serves several.
func (k *Keypad) authorizations(ctx context.Context, lock int64, asked time.Time) ([]nuki.Authorization, error) {
	if err := sleep(ctx, ReadPause(k, lock, asked)); err != nil {
		return nil, err
	}
	return k.lists.read(ctx, lock, asked, k.now, func() ([]nuki.Authorization, error) { return k.Nuki.Authorizations(ctx, lock) })
}

// ReadPause is how long a read of a lock's list that was asked for at a moment
// waits for others to share it: until the last one is ReadGap ago. One that has
// begun since then serves at once.
func ReadPause(k *Keypad, lock int64, asked time.Time) time.Duration {
	began := k.lists.turn(lock).start()
	if began.IsZero() || began.After(asked) {
		return 0
	}
	return max(0, k.ReadGap-k.now().Sub(began))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
