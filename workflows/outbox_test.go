// This file tests the order, the spacing and the end of deliveries.

package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/keystay/keystay/activities"
)

var midnight = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// newsFor is a message with events of these numbers, for these subscribers.
func newsFor(subscribers string, numbers ...int) News {
	message := News{}
	for name := range strings.FieldsSeq(subscribers) {
		message.Policy.Subscribers = append(message.Policy.Subscribers, Subscription{Name: name})
	}
	for _, n := range numbers {
		message.Events = append(message.Events, activities.Event{ID: fmt.Sprint("evt_", n), Type: activities.AccessReady, Sequence: int64(n)})
	}
	return message
}

// failure is how an activity ends with this type of error.
func failure(kind string) error {
	return temporal.NewApplicationErrorWithOptions("it failed", kind, temporal.ApplicationErrorOptions{Details: []any{activities.ErrorDetail{}}})
}

// backlog is the outbox as text: number, subscriber, and ! where it was given up.
func (o *Outbox) backlog() string {
	var all []string
	for _, d := range o.view(midnight).Backlog {
		text := fmt.Sprintf("%d %s", d.Sequence, d.Subscriber)
		if d.GivenUp != "" {
			text += "!"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// nextText is the number of the event to send now, or when one may be sent.
func (o *Outbox) nextText(name string, now time.Time) string {
	event, at := o.nextFor(name, now)
	switch {
	case event != nil:
		return fmt.Sprint(event.Sequence)
	case at.IsZero():
		return ""
	}
	return at.Sub(now).String()
}

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestOutbox_KeepsOrderForEachSubscriberByItself(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms mail", 1, 2), midnight)
	o.take(newsFor("pms mail", 2, 3), midnight) // Its twin is not taken again.
	wantText(t, "queued", o.backlog(), "1 pms, 1 mail, 2 pms, 2 mail, 3 pms, 3 mail")
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight)
	o.delivered("mail", "evt_1", midnight)
	wantText(t, "to pms", o.nextText("pms", midnight), "5s")
	wantText(t, "to mail", o.nextText("mail", midnight), "2")
	o.delivered("mail", "evt_2", midnight)
	o.delivered("pms", "evt_1", midnight)
	wantText(t, "left", o.backlog(), "2 pms, 3 pms, 3 mail")
	wantText(t, "to pms, after a success", o.nextText("pms", midnight), "2")
}

func TestOutbox_SpacesAttemptsAndGivesUpInTime(t *testing.T) {
	for _, c := range []struct {
		kind     string
		attempts int // from the first to the one that gives up
		givesUp  time.Duration
	}{
		{activities.ErrReceiverDown, 31, 24*time.Hour + 52*time.Minute + 35*time.Second},
		{activities.ErrReceiverBusy, 31, 24*time.Hour + 52*time.Minute + 35*time.Second},
		{activities.ErrReceiverClosed, 31, 24*time.Hour + 52*time.Minute + 35*time.Second},
		{activities.ErrUnreachable, 31, 24*time.Hour + 52*time.Minute + 35*time.Second}, // the attempt itself was lost
		{activities.ErrEventRefused, 8, time.Hour + 52*time.Minute + 35*time.Second},
		{activities.ErrSubscriberUnknown, 8, time.Hour + 52*time.Minute + 35*time.Second},
	} {
		t.Run(c.kind, func(t *testing.T) {
			o, now := &Outbox{}, midnight
			o.take(newsFor("pms", 1), now)
			attempts := 0
			for ; o.first("pms") != nil && attempts < 100; attempts++ {
				now = latest(now, o.line("pms").Trouble.RetryAt)
				o.failed("pms", "evt_1", failure(c.kind), now)
			}
			if attempts != c.attempts || now.Sub(midnight) != c.givesUp {
				t.Errorf("given up after %d attempts and %s, want %d and %s", attempts, now.Sub(midnight), c.attempts, c.givesUp)
			}
			wantText(t, "kept", o.backlog(), "1 pms!")
			if got := o.attention(now); !slices.Equal(got, []Attention{AttentionUndelivered}) {
				t.Errorf("attention %v", got)
			}
		})
	}
}

// An outage of the receiver is no reason to try each event for a day, one after
// the other; nor to give up what has only just come.
func TestOutbox_GivesUpWhatIsADayOldAndGoesOnWithTheRest(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1, 2), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight)
	o.take(newsFor("pms", 3), midnight.Add(20*time.Hour))
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight.Add(24*time.Hour))
	wantText(t, "after a day", o.backlog(), "1 pms!, 2 pms!, 3 pms")
	wantText(t, "next", o.nextText("pms", midnight.Add(48*time.Hour)), "3")
	o.delivered("pms", "evt_3", midnight.Add(30*time.Hour))
	wantText(t, "kept", o.backlog(), "1 pms!, 2 pms!")
}

// What is new is tried at once, where nothing is waiting: the receiver may be back.
func TestOutbox_NewsDoNotWaitForThePauseOfWhatWasGivenUp(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight.Add(24*time.Hour))
	o.take(newsFor("pms", 2), midnight.Add(24*time.Hour))
	wantText(t, "next", o.nextText("pms", midnight.Add(24*time.Hour)), "2")
}

// Two days without a worker are two days in which nobody asked the receiver.
func TestOutbox_TimeWithoutAnAttemptIsNoFailure(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight.Add(48*time.Hour))
	wantText(t, "after the first attempt", o.backlog(), "1 pms")
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight.Add(72*time.Hour))
	wantText(t, "a day later", o.backlog(), "1 pms!")
}

func TestOutbox_AnEventThatIsRefusedHoldsTheOthersUpForAnHour(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1, 2), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrEventRefused), midnight.Add(5*time.Hour)) // The hour begins now.
	wantText(t, "refused once", o.backlog(), "1 pms, 2 pms")
	o.failed("pms", "evt_1", failure(activities.ErrEventRefused), midnight.Add(6*time.Hour))
	wantText(t, "refused for an hour", o.backlog(), "1 pms!, 2 pms")
	wantText(t, "the next one, at once", o.nextText("pms", midnight.Add(6*time.Hour)), "2")
}

func TestOutbox_AReceiverThatIsGoneGetsNothingUntilAPersonSaysSo(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms mail", 1, 2), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverGone), midnight)
	wantText(t, "gone", o.backlog(), "1 pms!, 1 mail, 2 pms!, 2 mail")
	o.take(newsFor("pms mail", 3), midnight)
	wantText(t, "what comes after", o.backlog(), "1 pms!, 1 mail, 2 pms!, 2 mail, 3 pms!, 3 mail")
	pms := o.view(midnight).Subscribers[0]
	if pms.State != LineGone || pms.Undelivered != 3 || !pms.GoneAt.Equal(midnight) {
		t.Errorf("shown as %+v", pms)
	}
	if got := o.attention(midnight); !slices.Equal(got, []Attention{AttentionUndelivered, AttentionReceiverGone}) {
		t.Errorf("attention %v", got)
	}
	if got := o.redeliver(Redeliver{Subscriber: "pms"}, midnight); got != (Redelivery{Queued: 3}) {
		t.Errorf("redelivered %+v", got)
	}
	wantText(t, "in their order", o.backlog(), "1 pms, 1 mail, 2 pms, 2 mail, 3 pms, 3 mail")
	wantText(t, "next", o.nextText("pms", midnight), "1")
	if got := o.attention(midnight); len(got) > 0 {
		t.Errorf("attention %v after the redelivery", got)
	}
}

func TestOutbox_RedeliversWhatIsMeant(t *testing.T) {
	for _, c := range []struct {
		ask  Redeliver
		want Redelivery
		left string
	}{
		{Redeliver{}, Redelivery{Queued: 2, Hastened: 1}, "1 pms, 2 pms, 2 mail"},
		{Redeliver{Subscriber: "pms"}, Redelivery{Queued: 2}, "1 pms, 2 pms, 2 mail"},
		{Redeliver{Subscriber: "mail"}, Redelivery{Hastened: 1}, "1 pms!, 2 pms!, 2 mail"},
		{Redeliver{EventID: "evt_2"}, Redelivery{Queued: 1, Hastened: 1}, "1 pms!, 2 pms, 2 mail"},
		{Redeliver{Subscriber: "pms", EventID: "evt_1"}, Redelivery{Queued: 1}, "1 pms, 2 pms!, 2 mail"},
		{Redeliver{EventID: "evt_9"}, Redelivery{}, "1 pms!, 2 pms!, 2 mail"},
	} {
		o := &Outbox{}
		o.take(newsFor("pms mail", 1, 2), midnight)
		o.delivered("mail", "evt_1", midnight)
		o.failed("mail", "evt_2", failure(activities.ErrReceiverDown), midnight)
		o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight)
		o.failed("pms", "evt_1", failure(activities.ErrReceiverDown), midnight.Add(24*time.Hour))
		wantText(t, "before", o.backlog(), "1 pms!, 2 pms!, 2 mail")
		if got := o.redeliver(c.ask, midnight.Add(30*time.Hour)); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.ask, got, c.want)
		}
		wantText(t, fmt.Sprintf("%+v", c.ask), o.backlog(), c.left)
	}
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	if o.knows(Redeliver{Subscriber: "smp"}) || !o.knows(Redeliver{}) || !o.knows(Redeliver{Subscriber: "pms"}) {
		t.Error("who is known is not who was ever told")
	}
}

func TestOutbox_IsBounded(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	o.failed("pms", "evt_1", failure(activities.ErrReceiverGone), midnight)
	o.redeliver(Redeliver{Subscriber: "pms"}, midnight)
	backlog := DefaultEventsPolicy().Backlog
	for n := 2; n <= 3*maxKnown; n++ {
		o.take(newsFor("pms mail", n), midnight)
		o.delivered("mail", fmt.Sprint("evt_", n), midnight)
	}
	if len(o.Queue) != backlog || len(o.Known) != maxKnown || o.Lost != int64(3*maxKnown-backlog) {
		t.Errorf("%d are queued, %d known, %d lost", len(o.Queue), len(o.Known), o.Lost)
	}
	wantText(t, "the newest are kept", fmt.Sprint(o.Queue[backlog-1].Event.Sequence), fmt.Sprint(3*maxKnown))
}

func TestOutbox_MakesRoomOfWhatNobodyTriesAnyMore(t *testing.T) {
	o := &Outbox{}
	message := newsFor("pms", 1, 2)
	message.Policy.Backlog = 2
	o.take(message, midnight)
	o.Queue[1].To[0].GivenUp = "because"
	third := newsFor("pms", 3)
	third.Policy.Backlog = 2
	o.take(third, midnight)
	wantText(t, "kept", o.backlog(), "1 pms, 3 pms")
}

func TestOutbox_EndsWhenItHasBeenEmptyForAWhileAndKeepsWhatWasGivenUpForAWeek(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	if o.finished(midnight.AddDate(1, 0, 0)) {
		t.Error("it would end with an event in it")
	}
	o.failed("pms", "evt_1", failure(activities.ErrReceiverGone), midnight)
	week := midnight.AddDate(0, 0, 7)
	if got := o.changesAt(midnight); !got.Equal(week) {
		t.Errorf("looks again at %s, want %s", got, week)
	}
	o.expire(week.Add(-time.Second))
	wantText(t, "within the week", o.backlog(), "1 pms!")
	o.expire(week)
	wantText(t, "after it", o.backlog(), "")
	if !o.finished(week) || o.Lost != 1 {
		t.Errorf("finished: %v, lost %d", o.finished(week), o.Lost)
	}

	o = &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	o.delivered("pms", "evt_1", midnight.Add(time.Minute))
	ends := midnight.Add(time.Hour + time.Minute)
	if got := o.changesAt(midnight); !got.Equal(ends) || o.finished(ends.Add(-time.Second)) || !o.finished(ends) {
		t.Errorf("ends at %s, want %s", got, ends)
	}
}

func TestOutbox_RaisesAttentionWhenAnEventWaitsForLong(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	late := midnight.Add(15 * time.Minute)
	if got := o.changesAt(midnight); !got.Equal(late) {
		t.Errorf("looks again at %s, want %s", got, late)
	}
	if before, then := o.attention(late.Add(-time.Second)), o.attention(late); len(before) > 0 || !slices.Equal(then, []Attention{AttentionReceiverDown}) {
		t.Errorf("attention %v, then %v", before, then)
	}
}

func TestOutbox_HeedsRetryAfter(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms", 1), midnight)
	busy := temporal.NewApplicationErrorWithOptions("busy", activities.ErrReceiverBusy, temporal.ApplicationErrorOptions{
		Details: []any{activities.ErrorDetail{Status: 429, RetryAfter: 3 * time.Minute}},
	})
	o.failed("pms", "evt_1", busy, midnight)
	wantText(t, "next", o.nextText("pms", midnight), "3m0s")
	o.take(newsFor("pms", 2), midnight.Add(time.Second))
	wantText(t, "one that comes behind changes nothing", o.nextText("pms", midnight), "3m0s")
}

func TestOutbox_AMessageThatMakesNoSenseDoesNoHarm(t *testing.T) {
	o := &Outbox{Policy: DefaultEventsPolicy()}
	o.take(newsFor("", 1), midnight)
	wantText(t, "nobody is named", o.backlog(), "")
	odd := newsFor("pms", 2)
	odd.Policy.Spacing, odd.Policy.Backlog = []Duration{}, -5
	o.take(odd, midnight)
	o.failed("pms", "evt_2", errors.New("no application error"), midnight)
	wantText(t, "no spacing", o.nextText("pms", midnight), "1h0m0s")
}

func TestOutbox_DetailsSayHowItGoes(t *testing.T) {
	o := &Outbox{}
	o.take(newsFor("pms mail", 1), midnight)
	o.delivered("mail", "evt_1", midnight)
	for n := 2; n < 30; n++ {
		o.take(newsFor("pms", n), midnight)
	}
	o.failed("pms", "evt_1", failure(activities.ErrReceiverGone), midnight)
	details := o.details(midnight)
	for _, want := range []string{
		"### Waiting or given up: 29\n", "**Attention:** `events_undelivered`: ", "**Attention:** `receiver_gone`: ",
		"| pms | gone | 0 | 29 | 0 | it failed (1 times since 2026-07-01 00:00:00) |", "| mail | idle | 0 | 0 | 1 | – | – |",
		"| 1 | access.ready | pms | 2026-07-01 00:00:00 | receiver_gone, 2026-07-01 00:00:00 |", "and 9 more", "redeliver",
	} {
		if !strings.Contains(details, want) {
			t.Errorf("no %q in\n%s", want, details)
		}
	}
}
