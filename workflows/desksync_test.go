// This file tests how the syncs of one lock are shared, and who is told what of them.

package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// after is so many minutes after noon.
func after(minutes float64) time.Time {
	return noon.Add(time.Duration(minutes * float64(time.Minute)))
}

// asking is a desk that several reservations attend.
func asking(reservations ...string) *Desk {
	d := &Desk{Lock: 11}
	for _, id := range reservations {
		d.attend(attendee(id, nil), noon.Add(-time.Hour))
	}
	return d
}

// news is what a reservation is to be woken with of syncs; nil for nothing.
func (d *Desk) news(reservation string) *SyncNews {
	if a := d.attendee(reservation); a != nil && a.Due != nil {
		return a.Due.Sync
	}
	return nil
}

func TestSync_OneServesEverybodyWhoAskedBeforeIt(t *testing.T) {
	d := asking("R1", "R2", "R3")
	d.ask(Ask{Reservation: "R1", Since: after(-30)}, noon)
	d.ask(Ask{Reservation: "R2", Since: after(-1)}, noon)
	d.answer(noon, true)
	if d.news("R1") != nil || d.news("R2") != nil {
		t.Fatal("answered while the sync is under way")
	}
	d.synced(noon)
	d.ask(Ask{Reservation: "R3", Since: after(0.5)}, after(1))
	d.answer(after(1), false)
	for _, id := range []string{"R1", "R2"} {
		if news := d.news(id); news == nil || !news.At.Equal(noon) || !d.attendee(id).waitsFor(activities.WaitMark) {
			t.Errorf("%s is told %+v", id, news)
		}
	}
	if news := d.news("R3"); news == nil || !news.At.IsZero() || !news.From.Equal(after(15)) {
		t.Errorf("R3, who needs a later one, is told %+v", news)
	}
	if wanted, _ := d.SyncDesk.wanted(); !wanted || len(d.SyncDesk.Asks) != 1 {
		t.Errorf("wanted: %v, asks %+v", wanted, d.SyncDesk.Asks)
	}
	if at := d.syncDue(after(1)).Until; !at.Equal(after(15)) {
		t.Errorf("the next sync is due at %s", at)
	}
}

func TestSync_AnOldOneServesWhoeverNeedsNoNewer(t *testing.T) {
	d := asking("R1")
	d.synced(after(-10))
	d.SyncDesk.mark(after(-9))
	d.ask(Ask{Reservation: "R1", Since: after(-20)}, noon)
	d.answer(noon, false)
	if news := d.news("R1"); news == nil || !news.At.Equal(after(-10)) || !news.MarkAt.Equal(after(-9)) {
		t.Errorf("told %+v", news)
	}
	if wanted, _ := d.SyncDesk.wanted(); wanted || d.attendee("R1").waitsFor(activities.WaitMark) {
		t.Error("a sync is wanted, or its mark awaited, though one has served")
	}
}

func TestSync_TheMarkReachesThoseWhomItServed(t *testing.T) {
	d := asking("R1", "R2")
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.synced(noon)
	d.answer(noon, false)
	d.attendee("R1").Due = nil // The wake-up is sent.
	d.hear(nuki.Event{Feature: nuki.FeatureMasterdata, SmartlockID: 11}, after(0.1))
	if dueReason(*d.attendee("R1")) != WakeMark || d.attendee("R2").Due != nil {
		t.Errorf("due: %q and %q", dueReason(*d.attendee("R1")), dueReason(*d.attendee("R2")))
	}
	if !d.SyncDesk.last().MarkAt.Equal(after(0.1)) {
		t.Errorf("the sync is %+v", d.SyncDesk.last())
	}
}

func TestSync_AnUrgentAskDoesNotWaitForWhatOthersWereTold(t *testing.T) {
	d := asking("R1", "R2")
	d.synced(after(-5))
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.answer(noon, false)
	if news := d.news("R1"); news == nil || !news.From.Equal(after(10)) {
		t.Fatalf("R1 is told %+v", news)
	}
	d.ask(Ask{Reservation: "R2", Since: after(-1), Urgent: true}, noon)
	if step := d.syncDue(noon); !step.Until.Equal(noon) {
		t.Fatalf("the sync for a guest at the door is due at %s", step.Until)
	}
	d.synced(noon)
	d.answer(noon, false)
	for _, id := range []string{"R1", "R2"} {
		if news := d.news(id); news == nil || !news.At.Equal(noon) {
			t.Errorf("%s is told %+v", id, news)
		}
	}
}

func TestSync_TheTimeOfTheNextOneIsToldOnce(t *testing.T) {
	d := asking("R1")
	d.synced(after(-5))
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.answer(noon, false)
	d.attendee("R1").Due = nil
	for n := range 100 {
		d.answer(after(float64(n)/20), false)
	}
	if news := d.news("R1"); news != nil {
		t.Errorf("told again: %+v", news)
	}
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, after(6))
	d.answer(after(6), false)
	if news := d.news("R1"); news == nil || !news.From.Equal(after(10)) {
		t.Errorf("who asks again is told %+v", news)
	}
}

func TestSync_NewsThatWaitDoNotOverwriteEachOther(t *testing.T) {
	d := asking("R1")
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.synced(noon)
	d.answer(noon, false)
	d.ask(Ask{Reservation: "R1", Since: after(1)}, after(1)) // Another entry needs a later one.
	d.answer(after(1), false)
	if news := d.news("R1"); news == nil || !news.At.Equal(noon) || !news.From.Equal(after(15)) {
		t.Errorf("told %+v, want both the sync and the time of the next", news)
	}
}

func TestSync_ARefusalPausesAndThoseWhoWereToldNothingActAlone(t *testing.T) {
	d, policy := asking("R1", "R2"), DefaultPolicy()
	d.ask(Ask{Reservation: "R1", Since: after(-3)}, after(-2))
	d.ask(Ask{Reservation: "R2", Since: after(-1)}, after(-0.5))
	d.SyncDesk.refused(noon, policy, false)
	d.answer(noon, false)
	if asks := d.SyncDesk.Asks; len(asks) != 1 || asks[0].Reservation != "R2" {
		t.Fatalf("asks left: %+v", asks)
	}
	if news := d.news("R2"); news == nil || !news.From.Equal(after(0.5)) || d.news("R1") != nil {
		t.Errorf("told %+v and %+v", d.news("R1"), news)
	}
	var pauses []time.Duration
	for now, n := after(1), 0; n < 9; n++ {
		d.SyncDesk.refused(now, policy, false)
		pauses = append(pauses, d.SyncDesk.allowedAt(true, policy).Sub(now))
		now = now.Add(pauses[n])
	}
	if !slices.IsSorted(pauses) || pauses[len(pauses)-1] != time.Hour {
		t.Errorf("the pauses are %v", pauses)
	}
	d.synced(after(600))
	if !d.SyncDesk.NotBefore.IsZero() || d.SyncDesk.Refusals != 0 {
		t.Errorf("after one that was accepted: %+v", d.SyncDesk)
	}
}

func TestSync_WhoIsUnknownAndAsksIsAnsweredAllTheSame(t *testing.T) {
	d := asking("R1") // A desk that was terminated, and came back with R1.
	d.ask(Ask{Reservation: "R2", Since: after(-1)}, noon)
	d.ask(Ask{Reservation: "R2", Since: after(-1)}, noon)
	d.synced(noon)
	d.answer(noon, false)
	if news := d.news("R2"); news == nil || !news.At.Equal(noon) || len(d.Attendees) != 2 {
		t.Fatalf("R2 is told %+v; %d attend", news, len(d.Attendees))
	}
	attendance := staying("R2", "a2", -1, 48)
	attendance.Advised = Advice{Yield: true, Lead: leastLead}.text()
	d.attend(attendance, noon)
	if a := d.attendee("R2"); len(d.Attendees) != 2 || a.Advice != (Advice{Yield: true, Lead: leastLead}) || a.Due == nil {
		t.Errorf("when R2 attends, the desk knows %+v", a)
	}
}

func TestSync_WhoLeavesIsNotWaitedFor(t *testing.T) {
	d := asking("R1")
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.attend(activities.Attendance{Reservation: "R1", Leave: true}, noon)
	if wanted, _ := d.SyncDesk.wanted(); wanted || d.syncDue(noon).Until != noTime {
		t.Error("a sync is wanted for nobody")
	}
}

func TestSync_TheDesksOwnLeadsToALookWhenItIsComplete(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.Audit.ListAt, d.Audit.At = after(300), after(-10)
	d.Audit.SyncAt = noon
	d.order(noon)
	if step := d.decide(noon, nil); step.Job != JobSync {
		t.Fatalf("the day's sync is due, and the desk does %+v", step)
	}
	d.synced(noon)
	if at := d.observeAt(); !at.Equal(after(1.5)) {
		t.Errorf("without a mark it looks at %s", at)
	}
	d.SyncDesk.mark(after(0.1))
	if at := d.observeAt(); !at.Equal(after(0.1)) {
		t.Errorf("with a mark it looks at %s", at)
	}
	d.look(after(0.1), listed(staying("R1", "a1", -1, 48)))
	if at := d.observeAt(); !at.Equal(after(360.1)) || !d.Audit.SyncAt.Equal(after(24*60)) {
		t.Errorf("then it looks at %s and syncs at %s", at, d.Audit.SyncAt)
	}
}

func TestSync_OneThatOthersAskedForIsTheDays(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.Audit.SyncAt = after(60)
	d.synced(noon)
	d.order(after(60))
	if wanted, _ := d.SyncDesk.wanted(); wanted {
		t.Error("an hour after a sync the calendar wants another")
	}
	d.order(after(24 * 60))
	if wanted, _ := d.SyncDesk.wanted(); !wanted {
		t.Error("a day after it the calendar wants none")
	}
}

func TestSync_AnAskThatTheLastOneServesWantsNoOther(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.synced(noon)
	d.ask(Ask{Reservation: "R1", Since: after(-10)}, after(60))
	if step := d.decide(after(60), nil); step.Job == JobSync && !step.Until.After(after(60)) {
		t.Errorf("a sync is sent for an ask that the last one serves: %+v", step)
	}
	d.answer(after(60), false)
	if due := d.attendee("R1").Due; due == nil || due.Sync == nil || !due.Sync.At.Equal(noon) {
		t.Errorf("the ask is answered with %+v", due)
	}
}

func TestSync_OneThatOthersAskedForCostsNoLook(t *testing.T) {
	d := deskWith(staying("R1", "a1", -1, 48))
	d.Audit.ListAt, d.Audit.At = after(300), after(-10)
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	d.synced(noon)
	d.SyncDesk.mark(after(0.1))
	if at := d.observeAt(); !at.Equal(after(300)) {
		t.Errorf("the desk looks at %s", at)
	}
}

func TestSync_ALockWithoutPINsOfOursIsNotSyncedByTheCalendar(t *testing.T) {
	d := deskWith(staying("R1", "", 24, 48))
	d.Audit.SyncAt = noon
	d.order(noon)
	if step := d.syncDue(noon); !step.Until.IsZero() {
		t.Errorf("a sync is due: %+v", step)
	}
}

func TestSync_OfOthersCostsNoLookAfterTheDesksOwnEither(t *testing.T) {
	r1 := staying("R1", "a1", -1, 480)
	d := deskWith(r1)
	d.look(noon, listed(r1))
	d.orderSync(after(1))
	d.synced(after(1))
	d.SyncDesk.mark(after(2))
	d.look(after(2), listed(r1))
	d.synced(after(60))
	d.SyncDesk.mark(after(61))
	if at := d.observeAt(); !at.Equal(after(2 + 6*60)) {
		t.Errorf("the desk looks at %s", at)
	}
}

func TestSync_ThatIsLongUnderWayDoesNotMakeThoseWhoAskedImpatient(t *testing.T) {
	d := asking("R1")
	d.ask(Ask{Reservation: "R1", Since: after(-1)}, noon)
	if at := d.changesAt(noon, true); !at.Equal(after(0.5)) {
		t.Fatalf("the desk looks after those who asked at %s", at)
	}
	for _, c := range []struct {
		at   float64
		from time.Time
	}{{0.4, noTime}, {0.5, after(2.5)}, {2.9, noTime}, {3, after(5)}} {
		d.attendee("R1").Due = nil
		d.answer(after(c.at), true)
		if news := d.news("R1"); (news == nil) != c.from.IsZero() || news != nil && !news.From.Equal(c.from) {
			t.Errorf("after %v minutes R1 is told %+v, want from %s", c.at, news, c.from)
		}
	}
	d.synced(noon)
	d.answer(after(4), false)
	if news := d.news("R1"); news == nil || !news.At.Equal(noon) {
		t.Errorf("at its end R1 is told %+v", news)
	}
}
