// This file holds writes against what their stay knew of the lock's connection:
// updates and deletes are not sent to a lock that is offline (design D9).

package campaign

import (
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// links is when each stay last read that a lock of its own was offline, and when a
// webhook last told of each lock: a newer one is a sign of life.
type links struct {
	offline map[link]time.Time
	heard   map[int64]time.Time
}

func newLinks() links { return links{offline: map[link]time.Time{}, heard: map[int64]time.Time{}} }

type link struct {
	stay string
	lock int64
}

// read notes what a stay has read of a lock; nil is nothing.
func (l links) read(stay string, lock int64, at time.Time, state *activities.LockState) {
	switch {
	case state == nil:
	case state.ServerState == nuki.ServerOffline:
		l.offline[link{stay, lock}] = at
	default:
		delete(l.offline, link{stay, lock})
	}
}

// wrote notes an update or a delete that was sent while such an answer was fresh,
// and the lock still offline: what is back has told so.
func (l links) wrote(stay string, lock int64, at time.Time, log *Log) {
	read, offline := l.offline[link{stay, lock}]
	if offline && log.sim.Snapshot(lock).Offline && !l.heard[lock].After(read) && at.Sub(read) < workflows.DefaultPolicy().OnlineLife.D() {
		log.Astray = append(log.Astray, stay)
	}
}
