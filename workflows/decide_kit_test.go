// This file makes situations for decide_test.go, stroke by stroke.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

var (
	checkIn  = time.Date(2026, 7, 10, 13, 0, 0, 0, time.UTC)
	checkOut = checkIn.Add(4 * 24 * time.Hour)
)

// situation is a door three days before check-in, one read ago, changed by the
// given strokes.
func situation(strokes ...func(*Situation)) Situation {
	now := checkIn.Add(-70 * time.Hour)
	window, _ := nuki.NewWindow(checkIn, checkOut)
	s := Situation{
		Now: now, Policy: DefaultPolicy(), CheckIn: checkIn, AcceptedAt: now.Add(-24 * time.Hour),
		Entry: Entry{Lock: 11, Name: "K-R1", PIN: nuki.CodeOf(432426), Window: window, Seen: Finding{Kind: Missing, At: now.Add(-time.Second)}},
		Lock:  LockMemory{ID: 11, State: &activities.LockState{KeypadPaired: true}, ReadAt: now.Add(-time.Second)},
	}
	s.Entry.MissingSince = s.Entry.Seen.At
	for _, stroke := range strokes {
		stroke(&s)
	}
	return s
}

func at(beforeCheckIn time.Duration) func(*Situation) {
	return func(s *Situation) {
		shift := checkIn.Add(-beforeCheckIn).Sub(s.Now)
		s.Now = s.Now.Add(shift)
		s.Entry.Seen.At = s.Entry.Seen.At.Add(shift)
		s.Entry.MissingSince = s.Entry.Seen.At
		s.Lock.ReadAt = s.Lock.ReadAt.Add(shift)
	}
}

func seen(kind FindingKind) func(*Situation) {
	return func(s *Situation) {
		s.Entry.Seen.Kind, s.Entry.MissingSince = kind, time.Time{}
		switch kind {
		case Missing, TakenByForeign, TakenBySibling:
			s.Entry.MissingSince = s.Entry.Seen.At
		case Exact, NameDiffers:
			s.Entry.ExactSince = s.Entry.Seen.At
		case Running:
			s.Entry.PendingSince = s.Entry.Seen.At
		}
		if kind.there() {
			s.Entry.AuthID, s.Entry.Seen.Code = "a1", s.Entry.PIN
		}
	}
}

func seenAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.Seen.At = s.Now.Add(-ago) }
}

func unread(s *Situation) { s.Entry.Seen, s.Entry.MissingSince = Finding{}, time.Time{} }

func wroteAgo(kind Action, ago time.Duration, tries int) func(*Situation) {
	return func(s *Situation) {
		s.Entry.Write, s.Entry.Tries = Write{Kind: kind, At: s.Now.Add(-ago)}, tries
	}
}

func shownWrite(kind Action, ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.Write = Write{Kind: kind, At: s.Now.Add(-ago), Shown: true} }
}

// closed is a window that has closed by itself.
func closed(s *Situation) { s.Entry.Window.Until = s.Now.Add(-9 * 24 * time.Hour) }

// removedAgo is a removal that was proven so long ago, with so many looks after it.
func removedAgo(ago time.Duration, looks int) func(*Situation) {
	return func(s *Situation) { s.Entry.RemovedAt, s.Entry.LooksDone = s.Now.Add(-ago), looks }
}

func syncedAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Lock.Syncs = append(s.Lock.Syncs, s.Now.Add(-ago)) }
}

func markedAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Lock.MarkAt = s.Now.Add(-ago) }
}

func proven(level ProofLevel, ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.Proof = Proof{Level: level, At: s.Now.Add(-ago)} }
}

func exactFor(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.ExactSince = s.Now.Add(-ago) }
}

func missingFor(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.MissingSince = s.Now.Add(-ago) }
}

func absent(s *Situation) {
	s.Entry.Absent, s.Entry.Why, s.Entry.AbsentAt = true, "the stay has ended", s.Now
}

func noOther(s *Situation) { s.NoOther = true }

func full(s *Situation) { s.Entry.Seen.Total = 100 }

func looks(n int) func(*Situation) {
	return func(s *Situation) { s.Entry.Looks = n }
}

func doubted(reads int, ago time.Duration) func(*Situation) {
	return func(s *Situation) {
		s.Lock.Believed = Belief{At: s.Now.Add(-time.Hour), Total: 9, Foreign: 8}
		s.Lock.Doubt = Doubt{Since: s.Now.Add(-time.Hour), At: s.Now.Add(-ago), Reads: reads}
	}
}

func freeAt(beforeCheckIn time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.Seen.FreeAt = checkIn.Add(-beforeCheckIn) }
}

func hidden(s *Situation) { s.Entry.Seen.Hidden = true }

func running(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.PendingSince = s.Now.Add(-ago) }
}

func lockRead(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Lock.ReadAt = s.Now.Add(-ago) }
}

func accepted(beforeCheckIn time.Duration) func(*Situation) {
	return func(s *Situation) { s.AcceptedAt = checkIn.Add(-beforeCheckIn) }
}

func shows(from, until time.Time) func(*Situation) {
	return func(s *Situation) { s.Entry.Seen.Window, _ = nuki.NewWindow(from, until) }
}

func told(s *Situation) { s.Told = true }

func sleptAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Lock.OfflineAt = s.Now.Add(-ago) }
}

// unsettled is a proof of the same hour as the write, seconds after a check point.
func unsettled(s *Situation) {
	for _, stroke := range []func(*Situation){
		at(4*time.Hour - 31*time.Second), seen(Exact), seenAgo(time.Hour), exactFor(time.Hour), proven(ProofReread, time.Hour), shownWrite(ActCreate, 2*time.Hour),
	} {
		stroke(s)
	}
}

func offline(ago time.Duration) func(*Situation) {
	return func(s *Situation) {
		s.Lock.State, s.Lock.ReadAt = &activities.LockState{KeypadPaired: true, ServerState: nuki.ServerOffline}, s.Now.Add(-ago)
	}
}

func trouble(kind string, tries int, left time.Duration) func(*Situation) {
	return func(s *Situation) {
		s.Entry.Trouble = Trouble{Type: kind, Tries: tries, InARow: tries, RetryAt: s.Now.Add(left)}
	}
}

func loose(kind Action, ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.Loose = Write{Kind: kind, At: s.Now.Add(-ago)} }
}

func known(s *Situation) { s.Entry.AuthID = "a1" }

func confirmedOnce(s *Situation) { s.Entry.AuthID, s.Entry.Confirmed = "a1", true }

func refusedAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.RefusedAt = s.Now.Add(-ago) }
}

func doorSyncedAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Lock.DoorSyncAt = s.Now.Add(-ago) }
}

func askedAgo(ago time.Duration, urgent bool) func(*Situation) {
	return func(s *Situation) {
		s.Lock.Asked = Asked{At: s.Now.Add(-ago), Ask: Ask{Reservation: "R1", Since: s.Now.Add(-ago), Urgent: urgent}}
	}
}

func heldByPerson(s *Situation) { s.Held = true }

func writtenOff(s *Situation) { s.Entry.WrittenOff = true }

// reportedAgo is a person's word that the PIN does not work.
func reportedAgo(ago time.Duration) func(*Situation) {
	return func(s *Situation) { s.Entry.ReportedAt = s.Now.Add(-ago) }
}

func quarantined(s *Situation) { s.Lock.Advice.Quarantined = true }
