// This file is how fast one client may ask, and when all its callers must pause.

package nuki

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The pauses after a refusal that names none itself. Nuki documents no limit, so
// these are guesses on the polite side. 401 pauses longer: a token that died
// does not come back by itself, and hammering with it looks like an attack.
const (
	pauseAfterTooMany      = 30 * time.Second
	pauseAfterUnauthorized = time.Minute
	maxPause               = 10 * time.Minute
)

// pace is shared by all callers of one client: a limit is Nuki's view of the
// account, not of one reservation.
type pace struct {
	limiter *rate.Limiter
	now     func() time.Time

	mu    sync.Mutex
	until time.Time // guarded by mu; the end of the pause
}

// wait returns when a request may be sent. It fails at once when ctx would end
// before that, so that the caller learns it while it can still act.
func (p *pace) wait(ctx context.Context) error {
	for {
		if err := sleep(ctx, p.left()); err != nil {
			return err
		}
		if err := p.limiter.Wait(ctx); err != nil {
			return waitError(ctx)
		}
		// A pause may have begun while this caller queued for its turn.
		if p.left() <= 0 {
			return nil
		}
	}
}

// waitError names why the limiter gave up: it also does when it sees that the
// deadline would pass, and its own error is then not the context's.
func waitError(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// heed starts or lengthens the pause that an answer demands.
func (p *pace) heed(status int, retryAfter time.Duration) {
	pause := retryAfter
	switch {
	case status != http.StatusTooManyRequests && status != http.StatusUnauthorized:
		return
	case pause > 0:
	case status == http.StatusTooManyRequests:
		pause = pauseAfterTooMany
	default:
		pause = pauseAfterUnauthorized
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(pause); until.After(p.until) {
		p.until = until
	}
}

func (p *pace) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.until.Sub(p.now()))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return waitError(ctx)
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

// RetryAfter reads the header's two forms, seconds and an HTTP date, bounded by
// maxPause; 0 when there is none, or none that can be read.
func RetryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		// Bounded before it is multiplied: a huge number would overflow.
		seconds = min(max(seconds, 0), int64(maxPause/time.Second))
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), maxPause)
}
