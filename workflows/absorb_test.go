// This file tests how series of reads make and lose proof.

package workflows

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// glance is one read in a series: when, what the list showed, and the lock's own
// update time where the lock was read as well.
type glance struct {
	after   time.Duration
	shows   FindingKind
	updated time.Duration
	locked  bool
}

// list makes a list that shows an entry in a certain way.
func list(entry *Entry, kind FindingKind) []activities.Listed {
	if !kind.there() {
		return nil
	}
	w := entry.Window
	from, until, days, zero := w.From, w.Until, 127, 0
	listed := activities.Listed{
		AuthID: "a1", Name: entry.Name, PIN: entry.PIN, Enabled: true,
		Window: nuki.PartialWindow{From: &from, Until: &until, WeekDays: &days, FromTime: &zero, UntilTime: &zero},
	}
	switch kind {
	case Running:
		listed.Running = true
	case NameDiffers:
		listed.Name = "TEST-0805"
	case TooWide:
		listed.Window.UntilTime = nil
	case TooNarrow:
		until = until.Add(-time.Hour)
	case Disabled:
		listed.Enabled = false
	case CodeDiffers:
		listed.PIN = nuki.CodeOf(999998)
	}
	return []activities.Listed{listed}
}

var began = checkIn.Add(-48 * time.Hour)

// observe lets a reservation with one entry make a series of reads, with a sync
// and its webhook's mark where given (negative for none).
func observe(absent bool, sync, mark time.Duration, looks ...glance) *Entry {
	s := newState("R1", nil)
	window, _ := nuki.NewWindow(checkIn, checkOut)
	entry := &Entry{Lock: 11, Name: "K-R1", PIN: nuki.CodeOf(432426), Window: window, Absent: absent}
	entry.Write = Write{Kind: ActCreate, At: began.Add(-time.Hour), Shown: true}
	entry.AuthID = "a1"
	s.PINs = []PINRecord{{PIN: entry.PIN}}
	s.Entries = []*Entry{entry}
	s.lock(11).absorb(&activities.LockState{KeypadPaired: true, UpdatedAt: began.Add(-time.Hour)}, began.Add(-time.Minute))
	synced := false
	for _, l := range looks {
		if sync >= 0 && !synced && l.after > sync {
			s.lock(11).synced(began.Add(sync))
			if mark >= 0 {
				s.wake(Wake{Lock: 11, Reason: WakeMark}, began.Add(mark))
			}
			synced = true
		}
		reading := &activities.Reading{Own: list(entry, l.shows)}
		reading.Total = len(reading.Own)
		if l.locked {
			reading.Lock = &activities.LockState{KeypadPaired: true, UpdatedAt: began.Add(l.updated)}
		}
		s.absorbReading(11, reading, began.Add(l.after))
	}
	return entry
}

func TestProof_IsMadeOfReadsAndSyncs(t *testing.T) {
	const never = -time.Second
	for _, c := range []struct {
		name       string
		sync, mark time.Duration
		looks      []glance
		want       ProofLevel
		evidence   Evidence
	}{
		{"one exact read is listed", never, never, []glance{{after: 0, shows: Exact}}, ProofListed, EvidenceList},
		{"an operation that runs proves nothing", never, never, []glance{{after: 0, shows: Running}}, ProofNone, ""},
		{"exact before and after a marked sync is reread", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 9 * time.Second, shows: Exact}}, ProofReread, EvidenceMark},
		{"exact before the mark is not", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 6 * time.Second, shows: Exact}}, ProofListed, EvidenceList},
		{"exact only after the sync is not", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Missing}, {after: 9 * time.Second, shows: Exact}}, ProofListed, EvidenceList},
		{"the lock's newer update time is a mark too", 5 * time.Second, never, []glance{{after: 0, shows: Exact}, {after: 30 * time.Second, shows: Exact, locked: true, updated: 7 * time.Second}}, ProofReread, EvidenceMark},
		{"its old update time is none", 5 * time.Second, never, []glance{{after: 0, shows: Exact}, {after: 30 * time.Second, shows: Exact, locked: true, updated: -time.Hour}}, ProofListed, EvidenceList},
		{"without a mark, two exact reads five minutes apart with the lock online", 5 * time.Second, never, []glance{{after: 0, shows: Exact}, {after: 6 * time.Minute, shows: Exact, locked: true, updated: -time.Hour}}, ProofReread, EvidenceTimed},
		{"not without the lock", 5 * time.Second, never, []glance{{after: 0, shows: Exact}, {after: 6 * time.Minute, shows: Exact}}, ProofListed, EvidenceList},
		{"not without a sync", never, never, []glance{{after: 0, shows: Exact}, {after: 6 * time.Minute, shows: Exact, locked: true}}, ProofListed, EvidenceList},
		{"a lost window takes the proof away", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 9 * time.Second, shows: Exact}, {after: time.Hour, shows: TooWide}}, ProofNone, ""},
		{"another name does not", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 9 * time.Second, shows: Exact}, {after: time.Hour, shows: NameDiffers}}, ProofReread, EvidenceMark},
		{"another code does", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 9 * time.Second, shows: Exact}, {after: time.Hour, shows: CodeDiffers}}, ProofNone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := observe(false, c.sync, c.mark, c.looks...).Proof; got.Level != c.want || got.Evidence != c.evidence {
				t.Errorf("got %q by %q, want %q by %q", got.Level, got.Evidence, c.want, c.evidence)
			}
		})
	}
}

func TestAbsence_IsProvenOnBothSidesOfASync(t *testing.T) {
	const never = -time.Second
	for _, c := range []struct {
		name       string
		sync, mark time.Duration
		looks      []glance
		want       Evidence // empty where it proves nothing
	}{
		{"missing once proves nothing", never, never, []glance{{after: 0, shows: Missing}}, ""},
		{"missing before and after a marked sync does", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Missing}, {after: 9 * time.Second, shows: Missing}}, EvidenceMark},
		{"missing only after the sync does not", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Exact}, {after: 9 * time.Second, shows: Missing}}, ""},
		{"coming back begins anew", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Missing}, {after: 9 * time.Second, shows: Exact}}, ""},
		{"without a mark, two reads five minutes apart do", 5 * time.Second, never, []glance{{after: 0, shows: Missing}, {after: 6 * time.Minute, shows: Missing, locked: true, updated: -time.Hour}}, EvidenceTimed},
		{"a removed entry that is back must go again", 5 * time.Second, 8 * time.Second, []glance{{after: 0, shows: Missing}, {after: 9 * time.Second, shows: Missing}, {after: 24 * time.Hour, shows: Exact}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			entry := observe(true, c.sync, c.mark, c.looks...)
			if got := !entry.RemovedAt.IsZero(); got != (c.want != "") || entry.Proof.Evidence != c.want {
				t.Errorf("proven gone: %v by %q, want by %q", got, entry.Proof.Evidence, c.want)
			}
		})
	}
}

func TestCompare_NamesTheGravestDifference(t *testing.T) {
	for _, kind := range []FindingKind{Missing, Running, Exact, NameDiffers, TooNarrow, TooWide, Disabled, CodeDiffers} {
		if got := observe(false, -1, -1, glance{after: 0, shows: kind}).Seen.Kind; got != kind {
			t.Errorf("got %s, want %s", got, kind)
		}
	}
}

func TestRetryDelay_ShortensTowardsTheDeadlineAndHasAFloor(t *testing.T) {
	steps, floor := DefaultPolicy().RetrySteps, 15*time.Second
	for _, c := range []struct {
		n    int
		left time.Duration
		want time.Duration
	}{
		{0, 72 * time.Hour, 30 * time.Second},
		{7, 72 * time.Hour, time.Hour},
		{99, 72 * time.Hour, time.Hour},
		{7, time.Hour, time.Hour / 8},
		{7, time.Minute, floor},
		{7, 0, time.Hour},
	} {
		if got := retryDelay(steps, c.n, c.left, floor); got != c.want {
			t.Errorf("attempt %d with %s left: %s, want %s", c.n, c.left, got, c.want)
		}
	}
}

func TestRungs_ThatWerePastWhenTheWishCameFireLate(t *testing.T) {
	s := situation(func(s *Situation) {
		s.AcceptedAt = checkIn.Add(-2 * time.Hour)
		s.Now = s.AcceptedAt
	})
	want := []time.Duration{-time.Hour, -time.Hour, 0, 92 * time.Hour, 95*time.Hour + 30*time.Minute}
	got := s.rungs()
	if len(got) != len(want) {
		t.Fatalf("got %d rungs, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if !got[i].Equal(checkIn.Add(want[i])) {
			t.Errorf("rung %d is at %s from check-in, want %s", i, got[i].Sub(checkIn), want[i])
		}
	}
}
