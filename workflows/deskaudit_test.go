// This file tests a front desk's audits of a whole lock: who is woken, what is
// swept, and what is nobody's.

package workflows

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// listed is the row of an attendance's entry, as it is wished.
func listed(a activities.Attendance) activities.Row {
	wish := a.Entries[0]
	return activities.Row{
		AuthID: wish.AuthID, Name: wish.Name, Key: a.Key, Print: wish.Print, From: wish.From, Until: wish.Until,
		Whole: true, Enabled: true,
	}
}

// but is a row with a change.
func but(row activities.Row, change func(*activities.Row)) activities.Row {
	change(&row)
	return row
}

func foreign(name string, print activities.Print) activities.Row {
	return activities.Row{AuthID: "f-" + name, Name: name, Print: print, Enabled: true}
}

// look has the desk look at rows now.
func (d *Desk) look(now time.Time, rows ...activities.Row) {
	d.absorbObservation(activities.Observation{Rows: rows}, now)
}

func TestAudit_WakesWhoseEntryIsNotAsWished(t *testing.T) {
	r1 := func() activities.Attendance { return staying("R1", "a1", -1, 48) }
	placing := func() activities.Attendance {
		a := r1()
		a.Entries[0].Placed = false
		return a
	}
	unrecorded := func() activities.Attendance {
		a := r1()
		a.IDs, a.Entries[0].AuthID = nil, ""
		return a
	}
	there := listed(r1())
	for _, c := range []struct {
		name  string
		guest activities.Attendance
		rows  []activities.Row
		wakes bool
	}{
		{"nobody where all is as wished", r1(), []activities.Row{there}, false},
		{"nor for a name: the reservation looks after that itself", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Name = "TEST-0805" })}, false},
		{"nor for an operation that runs", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Running = true })}, false},
		{"where it is missing", r1(), nil, true},
		{"where its window is lost", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Whole, r.From, r.Until = false, time.Time{}, time.Time{} })}, true},
		{"where its window ends early", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Until = r.Until.Add(-time.Second) })}, true},
		{"where its window begins late", r1(), []activities.Row{but(there, func(r *activities.Row) { r.From = r.From.Add(time.Second) })}, true},
		{"where its window has hours of the day", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Whole = false })}, true},
		{"where it is disabled", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Enabled = false })}, true},
		{"where it has another code", r1(), []activities.Row{but(there, func(r *activities.Row) { r.Print = "another" })}, true},
		{"where another has taken its name and code", r1(), []activities.Row{but(there, func(r *activities.Row) { r.AuthID, r.Enabled = "b1", false })}, true},
		{"nobody who is still placing it", placing(), nil, false},
		{"nor whose id is not recorded yet, found by name and code", unrecorded(), []activities.Row{there}, false},
		{"where that differs", unrecorded(), []activities.Row{but(there, func(r *activities.Row) { r.Enabled = false })}, true},
		{"where what should be gone is there", revoked(r1()), []activities.Row{there}, true},
		{"nobody where it is gone", revoked(r1()), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(c.guest)
			d.look(noon, c.rows...)
			got := dueReason(d.Attendees[0])
			if c.wakes != (got == WakeEntry) || !c.wakes && got != "" {
				t.Errorf("R1 is due %q, want a wake: %v", got, c.wakes)
			}
			if counted := d.Audit.Differed == 1; counted != c.wakes {
				t.Errorf("%d differences are counted", d.Audit.Differed)
			}
		})
	}
}

func TestAudit_WakesEachReservationOnce(t *testing.T) {
	two := staying("R1", "a1", -1, 48)
	two.Entries = append(two.Entries, activities.KnownEntry{AuthID: "a2", Name: "K-R1.1", Print: "second", Placed: true})
	d := deskWith(two, staying("R2", "a3", -1, 48))
	d.look(noon, listed(staying("R2", "a3", -1, 48)))
	if d.Audit.Differed != 1 || dueReason(d.Attendees[1]) != "" {
		t.Errorf("%d differences; R2 is due %q", d.Audit.Differed, dueReason(d.Attendees[1]))
	}
}

func TestAudit_SaysWhoseEachEntryIs(t *testing.T) {
	there := listed(staying("R1", "a1", -1, 48))
	booked := attendee("R4", nil)
	booked.Entries = []activities.KnownEntry{{From: noon, Until: noon.Add(time.Hour)}}
	for _, c := range []struct {
		name        string
		row         activities.Row
		kind        EntryKind
		reservation string
		differs     string
	}{
		{"by a recorded id", there, EntryOurs, "R1", ""},
		{"by a recorded id, whatever it shows", but(there, func(r *activities.Row) { r.Name, r.Key, r.Enabled = "Cleaner", "", false }), EntryOurs, "R1", "disabled"},
		{"by name and code together", but(there, func(r *activities.Row) { r.AuthID = "new" }), EntryOurs, "R1", ""},
		{"what is leaving differs from nothing", listed(staying("R2", "a2", -48, 48)), EntryOurs, "R2", ""},
		{"by the name of a reservation that has nothing on the lock yet, which will find it", activities.Row{AuthID: "x1", Name: "K-R4", Key: "R4", Print: "x"}, EntryOurs, "R4", ""},
		{"the name alone of one that has something there is no proof", activities.Row{AuthID: "x2", Name: "K-R1", Key: "R1", Print: "x"}, EntryOrphan, "R1", ""},
		{"a name like ours that nobody answers for", activities.Row{AuthID: "x3", Name: "K-R7", Key: "R7", Print: "x"}, EntryOrphan, "", ""},
		{"what a reservation that ended properly had", activities.Row{AuthID: "l1", Name: "Somebody"}, EntryLeft, "R8", ""},
		{"what a reservation that was lost had", activities.Row{AuthID: "l2", Name: "K-R9", Key: "R9"}, EntryOrphan, "R9", ""},
		{"somebody else's", foreign("Cleaner", "x"), EntryForeign, "", ""},
		{"somebody else's without a code", activities.Row{AuthID: "x5", Name: "Cleaner"}, EntryForeign, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(staying("R1", "a1", -1, 48), revoked(staying("R2", "a2", -48, 48)), booked)
			d.Left = []LeftEntry{{Reservation: "R8", AuthID: "l1"}, {Reservation: "R9", AuthID: "l2", Lost: true, Until: noon.Add(time.Hour)}}
			got := d.classify([]activities.Row{c.row})[0]
			if got.Kind != c.kind || got.Reservation != c.reservation || got.Differs != c.differs {
				t.Errorf("got %s of %q differing %q, want %s of %q differing %q", got.Kind, got.Reservation, got.Differs, c.kind, c.reservation, c.differs)
			}
		})
	}
}

func TestAudit_NamesTheStaysWhoseCodeSomebodyElseHolds(t *testing.T) {
	d := deskWith(staying("R3", "a3", -1, 48), staying("R1", "a1", -1, 48), staying("R2", "a2", -1, 48))
	for i := range d.Attendees {
		d.Attendees[i].Entries[0].Print = "wished"
	}
	d.Attendees[2].Entries[0].Absent = true
	d.look(noon, foreign("Cleaner", "wished"), foreign("Tenant", "another"))
	if got := d.Audit.Entries; !slices.Equal(got[0].Collides, []string{"R1", "R3"}) || got[1].Collides != nil {
		t.Errorf("the codes collide with %v and %v", got[0].Collides, got[1].Collides)
	}
}

func TestAudit_HandsOverWhatAReservationLeft(t *testing.T) {
	open, past := noon.Add(time.Hour), noon.Add(-time.Hour)
	for _, c := range []struct {
		name  string
		left  LeftEntry
		until time.Time
		swept bool
	}{
		{"what came back after a proper end", LeftEntry{Until: open}, open, true},
		{"not what a guest of a lost reservation counts on", LeftEntry{Until: open, Lost: true}, open, false},
		{"but when its window has closed", LeftEntry{Until: past, Lost: true}, past, true},
		{"though somebody has made it longer", LeftEntry{Until: past, Lost: true}, open, true},
		{"or lost it", LeftEntry{Until: past, Lost: true}, time.Time{}, true},
		{"not while nobody knows its window", LeftEntry{Lost: true}, time.Time{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.left.Reservation, c.left.AuthID = "R8", "l1"
			d := &Desk{Lock: 11, Left: []LeftEntry{c.left}}
			for range 2 { // The second look finds it before anybody was asked.
				d.look(noon, activities.Row{AuthID: "l1", Name: "K-R8", Key: "R8", Until: c.until})
			}
			if got := len(d.Sweeps) == 1 && d.Audit.Swept == 1; got != c.swept || !c.swept && len(d.Sweeps) != 0 {
				t.Fatalf("handed over %+v (%d), want it: %v", d.Sweeps, d.Audit.Swept, c.swept)
			}
			if c.swept {
				if got := d.Sweeps[0]; got.WorkflowID != "reservation-R8" || got.Lock != 11 || got.AuthID != "l1" || !got.Until.Equal(c.until) {
					t.Errorf("handed over %+v", got)
				}
			}
		})
	}
}

func TestAudit_LeavesAloneWhatIsNobodysOrSomebodys(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.look(noon, listed(staying("R1", "a1", -1, 48)), foreign("Cleaner", "x"), activities.Row{AuthID: "x3", Name: "K-R7", Key: "R7"})
	if len(d.Sweeps) != 0 {
		t.Errorf("handed over %+v", d.Sweeps)
	}
	if all := d.attention(noon); !slices.Contains(all, AttentionOrphan) {
		t.Errorf("attention %v, want the orphan", all)
	}
}

func TestAudit_FindsOutThatAReservationIsLost(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	row := listed(staying("R1", "a1", -1, 48))
	end := noon.Add(48 * time.Hour)
	d.look(end.Add(23*time.Hour), row)
	if due := dueReason(d.Attendees[0]); due != "" {
		t.Fatalf("R1 is due %q a day after its end, though it may be at work", due)
	}
	d.look(end.Add(25*time.Hour), row)
	if due := dueReason(d.Attendees[0]); due != WakeAlive || due.rank() != 0 {
		t.Fatalf("R1 is due %q, want a question that causes no read", due)
	}
	d.lose("R1") // The wake-up found nobody.
	if !d.auditing() {
		t.Fatal("nobody attends, and what was lost is not looked after")
	}
	d.look(end.Add(31*time.Hour), row)
	if len(d.Sweeps) != 1 || d.Sweeps[0].WorkflowID != "reservation-R1" {
		t.Fatalf("handed over %+v", d.Sweeps)
	}
	d.look(end.Add(37 * time.Hour))
	if d.auditing() {
		t.Error("the entry is gone, and the lock is still looked over for it")
	}
}

func TestAudit_AsksOneThatNeverLeavesWhetherItRuns(t *testing.T) {
	removed := revoked(staying("R1", "a1", -48, 0))
	for _, c := range []struct {
		name  string
		guest activities.Attendance
		after time.Duration
		asks  bool
	}{
		{"one that looks back on its removal is left alone", removed, 7*24*time.Hour + 23*time.Hour, false},
		{"one that should have left is asked", removed, 8*24*time.Hour + time.Hour, true},
		{"one that has only asked for a sync is left alone for a day", attendee("R1", nil), 23 * time.Hour, false},
		{"and asked then", attendee("R1", nil), 25 * time.Hour, true},
		{"a booking that is still to come is left alone", staying("R1", "", 24, 1000), 900 * time.Hour, false},
	} {
		d := deskWith(c.guest)
		d.Attendees[0].Entries = slices.Clone(d.Attendees[0].Entries)
		for i := range d.Attendees[0].Entries {
			d.Attendees[0].Entries[i].Placed = false
		}
		d.look(noon.Add(c.after))
		if got := dueReason(d.Attendees[0]) == WakeAlive; got != c.asks {
			t.Errorf("%s: R1 is due %q", c.name, dueReason(d.Attendees[0]))
		}
	}
}

// crowd are so many codes of other people.
func crowd(n int) []activities.Row {
	rows := make([]activities.Row, 0, n)
	for i := range n {
		rows = append(rows, foreign(fmt.Sprintf("Tenant %d", i), activities.Print(fmt.Sprint(i))))
	}
	return rows
}

func TestAudit_DoubtsAListThatHasLostEverybody(t *testing.T) {
	r1 := staying("R1", "a1", -1, 480)
	whole := append(crowd(9), listed(r1))
	for _, c := range []struct {
		name string
		// then are the later looks, in minutes after the first one that is doubted.
		then func(*Desk)
		// believed is how many entries count in the end; woken whether R1 is.
		believed int
		woken    bool
	}{
		{"at once", func(*Desk) {}, 10, false},
		{"again before a sync", func(d *Desk) { d.look(noon.Add(6 * time.Minute)) }, 10, false},
		{"again after a sync, before its mark", func(d *Desk) {
			d.synced(noon.Add(time.Minute))
			d.look(noon.Add(70 * time.Second))
		}, 10, false},
		{"not after its mark", func(d *Desk) {
			d.synced(noon.Add(time.Minute))
			d.SyncDesk.mark(noon.Add(65 * time.Second))
			d.look(noon.Add(70 * time.Second))
		}, 0, true},
		{"nor a while after one that left no mark", func(d *Desk) {
			d.synced(noon.Add(time.Minute))
			d.look(noon.Add(6 * time.Minute))
		}, 0, true},
		{"nor when the others are back", func(d *Desk) { d.look(noon.Add(6*time.Minute), whole...) }, 10, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(r1)
			d.look(noon.Add(-time.Hour), whole...)
			d.look(noon)
			if d.Audit.Doubt.Reads != 1 || !slices.Contains(d.attention(noon), AttentionListImplausible) {
				t.Fatalf("the empty list is believed: %+v", d.Audit.Doubt)
			}
			if wanted, _ := d.SyncDesk.wanted(); !wanted || !d.Audit.ListAt.Before(noon.Add(time.Hour)) {
				t.Fatalf("a sync is wanted: %v; the next look is at %s", wanted, d.Audit.ListAt)
			}
			c.then(d)
			if got := len(d.Audit.Entries); got != c.believed || c.woken != (dueReason(d.Attendees[0]) == WakeEntry) {
				t.Errorf("%d entries count, want %d; R1 is due %q", got, c.believed, dueReason(d.Attendees[0]))
			}
		})
	}
}

func TestAudit_ALookThatFailsIsNotMadeAgainAtOnce(t *testing.T) {
	failed := fmt.Errorf("the cloud is away")
	for name, prepare := range map[string]func(*Desk){
		"by the calendar":         func(d *Desk) { d.Audit.ListAt = noon },
		"after a sync of its own": func(d *Desk) { d.orderSync(noon.Add(-time.Hour)); d.synced(noon.Add(-10 * time.Minute)) },
	} {
		d := deskWith(staying("R1", "a1", -1, 48))
		prepare(d)
		if at := d.observeAt(); at.After(noon) {
			t.Fatalf("%s: the look is due at %s", name, at)
		}
		pause := time.Duration(0)
		for now := noon; now.Before(noon.Add(12 * time.Hour)); {
			d.unseen(failed, now)
			next := d.observeAt()
			if left := next.Sub(now); left < pause || left < 15*time.Second {
				t.Fatalf("%s: after %s the next look is %s away, and was %s", name, now.Sub(noon), left, pause)
			}
			pause, now = next.Sub(now), next
		}
		if pause != time.Hour {
			t.Errorf("%s: the last pause is %s", name, pause)
		}
		d.look(noon.Add(13*time.Hour), listed(staying("R1", "a1", -1, 48)))
		if !d.Audit.NotBefore.IsZero() || d.Health.Trouble.Type != "" {
			t.Errorf("%s: a look that went well leaves %+v", name, d.Audit)
		}
	}
}

func TestAudit_IsSpreadOverTheLocksOfAnInstallation(t *testing.T) {
	policy := DefaultPolicy()
	quarters := map[int]int{}
	for lock := range int64(400) {
		var a Audit
		a.begin(18298712000+lock, noon, policy)
		wait := a.ListAt.Sub(noon)
		if wait < 0 || wait >= policy.AuditEvery.D() || a.SyncAt.Before(a.ListAt) {
			t.Fatalf("lock %d is looked over after %s, and synced after %s", lock, wait, a.SyncAt.Sub(noon))
		}
		quarters[int(4*wait/policy.AuditEvery.D())]++
		begun := a
		if a.begin(lock, noon.Add(time.Hour), policy); !a.ListAt.Equal(begun.ListAt) || !a.SyncAt.Equal(begun.SyncAt) {
			t.Fatal("a second attendance puts the look off")
		}
	}
	for quarter, n := range quarters {
		if n < 60 || n > 140 {
			t.Errorf("%d of 400 locks fall into quarter %d", n, quarter)
		}
	}
}

func TestAudit_AReadCanShowTheMarkOfASync(t *testing.T) {
	sync := noon
	state := func(updated time.Duration, server nuki.ServerState) *activities.LockState {
		return &activities.LockState{KeypadPaired: true, UpdatedAt: sync.Add(updated), ServerState: server}
	}
	for _, c := range []struct {
		name    string
		before  *activities.LockState
		offline bool
		after   *activities.LockState
		marked  bool
	}{
		{"a newer update", state(-time.Hour, nuki.ServerOnline), false, state(3*time.Second, nuki.ServerOnline), true},
		{"by a clock that is a little behind", state(-time.Hour, nuki.ServerOnline), false, state(-29*time.Second, nuki.ServerOnline), true},
		{"not an old one", state(-time.Hour, nuki.ServerOnline), false, state(-time.Hour, nuki.ServerOnline), false},
		{"not one that was there before the sync", state(-10*time.Second, nuki.ServerOnline), false, state(-10*time.Second, nuki.ServerOnline), false},
		{"not of a lock that was offline since: it may be the connection", state(-time.Hour, nuki.ServerOnline), true, state(3*time.Second, nuki.ServerOnline), false},
		{"not of a lock that is offline", state(-time.Hour, nuki.ServerOnline), false, state(3*time.Second, nuki.ServerOffline), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(staying("R1", "a1", -1, 48))
			d.HeardAt = noon.Add(-time.Hour)
			d.absorbObservation(activities.Observation{Lock: c.before}, sync.Add(-5*time.Second))
			d.synced(sync)
			if c.offline {
				d.Health.link(nuki.ServerOffline, sync.Add(time.Second))
			}
			d.absorbObservation(activities.Observation{Lock: c.after}, sync.Add(time.Minute))
			if marked := !d.SyncDesk.last().MarkAt.IsZero(); marked != c.marked || marked != (d.Health.Unheard == 1) {
				t.Errorf("marked: %v, want %v; %d syncs unheard", marked, c.marked, d.Health.Unheard)
			}
		})
	}
}
