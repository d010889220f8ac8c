// This file is how a random life comes home: once the cloud is honest, what is wished is
// on every door, and nothing else of ours.

package workflows

import (
	"slices"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// comeHome lets the cloud be honest from now on, and people do what is asked of
// them. Then the wish must be met within a day and a half (the day is for the
// budget of syncs) and by few waits. What was proven by lies is found by the next
// look, which a wake-up brings forward.
func (l *life) comeHome() {
	l.cloud.mend(func(lock int64, a nuki.Authorization) bool {
		key, ours := activities.KeyInName("K-", a.Name)
		return l.state.recorded(lock, a.ID) != nil || ours && key == "R1" && (l.state.had(a.PIN) || len(l.state.PINs) == 0)
	})
	woken := maybe(l.T, 50, "woken")
	for id := range l.cloud.doors {
		if woken {
			l.state.wake(Wake{Lock: id, Reason: WakeEntry}, l.cloud.now)
		}
	}
	began := l.cloud.now
	l.pullByName(UpdateStayRelease)
	for n := 0; ; n++ {
		l.turn()
		l.pullByName(UpdateAcknowledge)
		if l.held() {
			l.book(func(*Wish) {})
			l.turn()
		}
		if l.home() && (!woken || l.allReadSince(began)) {
			if woken && !l.forgot {
				l.checkDoors()
			}
			return
		}
		if n > 100 || l.cloud.now.Sub(began) > 36*time.Hour || l.until.IsZero() {
			l.Fatalf("after %d waits, %s of an honest cloud, the stay is %s", n, l.cloud.now.Sub(began), l.state.status(l.cloud.now))
		}
		l.cloud.pass(l.until)
	}
}

// held reports whether somebody's act is left alone until the next message.
func (l *life) held() bool {
	return slices.ContainsFunc(l.state.Entries, func(e *Entry) bool {
		return e.Step.Row == "disabled-externally" || e.Step.Row == "vanished-again"
	})
}

// home reports whether what is wished is confirmed on every door.
func (l *life) home() bool {
	now, s := l.cloud.now, l.state
	leaving := slices.ContainsFunc(s.Entries, func(e *Entry) bool { return e.Absent && e.RemovedAt.IsZero() && e.Step.Do != ActDone })
	return !leaving && (len(DecideStay(s, now).Doors) == 0 || s.status(now) == StatusReady)
}

func (l *life) allReadSince(began time.Time) bool {
	return !slices.ContainsFunc(l.state.Entries, func(e *Entry) bool { return e.Seen.At.Before(began) && e.Step.Do != ActDone })
}

// checkDoors asks the doors: they hold the wished PINs, and nothing else of ours.
func (l *life) checkDoors() {
	s, held, wished := l.state, 0, 0
	gaveUp := func(e *Entry) bool { return e.Step.Row == "lock-gone" || e.WrittenOff }
	for id, door := range l.cloud.doors {
		if !slices.ContainsFunc(s.entriesOn(id), gaveUp) && s.memory(id).Doubt.Reads == 0 {
			held += len(door.list)
			wished += len(slices.DeleteFunc(s.entriesOn(id), func(e *Entry) bool { return e.Absent }))
		}
	}
	for _, entry := range s.present() {
		listed := l.cloud.doors[entry.Lock].list
		if !slices.ContainsFunc(listed, func(a nuki.Authorization) bool {
			window, whole := a.Window.Whole()
			return a.PIN == entry.PIN && a.Enabled && whole && window.Equal(entry.Window)
		}) {
			l.Fatalf("said to be on door %d, and is not", entry.Lock)
		}
	}
	if held != wished {
		l.Fatalf("%d entries on the doors, %d wished", held, wished)
	}
}
