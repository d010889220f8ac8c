// This file tests the intake of messages in every order of delivery.

package workflows

import (
	"cmp"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

func wish(version Version, changes ...func(*Wish)) Wish {
	w := Wish{
		Version: version, Status: Confirmed, Unit: "apt-4", StartsAt: checkIn, EndsAt: checkOut,
		Locks: []LockWish{{SmartlockID: 11}}, PIN: PINWish{Mode: Generate, DiscloseAt: DiscloseListed},
	}
	for _, change := range changes {
		change(&w)
	}
	return w
}

func unit(name string) func(*Wish) { return func(w *Wish) { w.Unit = name } }

func v(n int64) Version { return NumberVersion(n) }

func vt(minute int) Version {
	return TimeVersion(time.Date(2026, 7, 1, 9, minute, 0, 0, time.UTC))
}

// message is either a put or a withdrawal.
type message struct {
	put      *Wish
	withdraw *Version
}

func put(w Wish) message         { return message{put: &w} }
func withdraw(v Version) message { return message{withdraw: &v} }
func deliver(s *State, m message) {
	now := checkIn.Add(-100 * time.Hour)
	if m.put != nil {
		s.put(Put{Wish: *m.put}, now)
		return
	}
	s.withdraw(Withdraw{Version: *m.withdraw}, now)
}

// intakeResult is what messages come to.
type intakeResult struct {
	unit      string
	withdrawn bool
	// ignored is the version that was not taken; "-" for a message without one.
	ignored string
	warning Warning
	raised  Attention
}

func (s *State) intakeResult() intakeResult {
	got := intakeResult{withdrawn: s.Withdrawn != nil, warning: s.Warning, raised: s.Raised}
	if s.Wish != nil {
		got.unit = s.Wish.Unit
	}
	if s.Ignored != nil {
		got.ignored = cmp.Or(s.Ignored.Version.String(), "-")
	}
	return got
}

func TestIntake_OrderOfDeliveryDoesNotMatter(t *testing.T) {
	none := Version{}
	for _, c := range []struct {
		name     string
		messages []message
		want     intakeResult
	}{
		{
			"a newer version wins",
			[]message{put(wish(v(1), unit("a"))), put(wish(v(2), unit("b")))},
			intakeResult{unit: "b"},
		},
		{
			"an older version changes nothing and is shown",
			[]message{put(wish(v(2), unit("b"))), put(wish(v(1), unit("a")))},
			intakeResult{unit: "b", ignored: "1"},
		},
		{
			"the same message twice is one",
			[]message{put(wish(v(1), unit("a"))), put(wish(v(1), unit("a")))},
			intakeResult{unit: "a"},
		},
		{
			"the same version with other content is taken, with a warning",
			[]message{put(wish(v(1), unit("a"))), put(wish(v(1), unit("b")))},
			intakeResult{unit: "b", warning: WarningSameVersion},
		},
		{
			"versions may be times",
			[]message{put(wish(vt(5), unit("b"))), put(wish(vt(4), unit("a")))},
			intakeResult{unit: "b", ignored: "2026-07-01T09:04:00Z"},
		},
		{
			"without versions the last one wins",
			[]message{put(wish(none, unit("a"))), put(wish(none, unit("b")))},
			intakeResult{unit: "b"},
		},
		{
			"a number after a time is taken, with a warning",
			[]message{put(wish(vt(5), unit("a"))), put(wish(v(1), unit("b")))},
			intakeResult{unit: "b", warning: WarningVersionKind},
		},
		{
			"a withdrawal holds against its own version",
			[]message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(v(3), unit("b")))},
			intakeResult{unit: "a", withdrawn: true, ignored: "3"},
		},
		{
			"a withdrawal holds against a message without a version",
			[]message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(none, unit("b")))},
			intakeResult{unit: "a", withdrawn: true, ignored: "-"},
		},
		{
			"a strictly newer version reinstates",
			[]message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(v(4), unit("b")))},
			intakeResult{unit: "b"},
		},
		{
			"a withdrawal of a version that is not known yet waits for newer ones",
			[]message{withdraw(v(5)), put(wish(v(4), unit("a")))},
			intakeResult{withdrawn: true, ignored: "4"},
		},
		{
			"a late withdrawal of an old version changes nothing",
			[]message{put(wish(v(5), unit("a"))), withdraw(v(4))},
			intakeResult{unit: "a", ignored: "4"},
		},
		{
			"without any versions, a message after a withdrawal reinstates",
			[]message{put(wish(none, unit("a"))), withdraw(none), put(wish(none, unit("b")))},
			intakeResult{unit: "b"},
		},
		{
			"a word that nobody knows changes nothing and is raised",
			[]message{put(wish(v(1), unit("a"))), put(wish(v(2), unit("b"), func(w *Wish) { w.Status = "maybe" }))},
			intakeResult{unit: "a", raised: AttentionUnknownStatus},
		},
		{
			"the next good message takes back what was raised",
			[]message{put(wish(v(1), func(w *Wish) { w.Status = "maybe" })), put(wish(v(1), unit("a")))},
			intakeResult{unit: "a"},
		},
		{
			"a wish that cannot be carried out changes nothing and is raised",
			[]message{put(wish(v(1), unit("a"))), put(wish(v(2), func(w *Wish) { w.EndsAt = w.StartsAt }))},
			intakeResult{unit: "a", raised: AttentionInvalidWish},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState("R1", nil)
			for _, m := range c.messages {
				deliver(s, m)
			}
			if got := s.intakeResult(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWish_EveryRuleIsToldWithItsField(t *testing.T) {
	for _, c := range []struct {
		pointer string
		spoil   func(*Wish)
	}{
		{"/stay", func(w *Wish) { w.EndsAt = time.Time{} }},
		{"/stay", func(w *Wish) { w.EndsAt = w.StartsAt.Add(-time.Hour) }},
		{"/stay", func(w *Wish) { w.EndsAt = w.StartsAt.AddDate(3, 0, 0) }},
		{"/buffers/before_minutes", func(w *Wish) { w.Before = -minute }},
		{"/buffers/after_minutes", func(w *Wish) { w.After = 49 * hour }},
		{"/unit", func(w *Wish) { w.Unit = string(make([]byte, 101)) }},
		{"/guest/name", func(w *Wish) { w.Guest = "Anna 😀" }},
		{"/guest/name", func(w *Wish) { w.Guest = GuestName(strings.Repeat("a", 201)) }},
		{"/locks", func(w *Wish) { w.Locks = nil }},
		{"/locks", func(w *Wish) { w.Locks = []LockWish{{SmartlockID: 1}, {SmartlockID: 1}} }},
		{"/locks", func(w *Wish) { w.Locks = []LockWish{{SmartlockID: -1}} }},
		{"/locks", func(w *Wish) { w.Locks = make([]LockWish, 21) }},
		{"/locks", func(w *Wish) { w.Locks[0].Optional = true }},
		{"/pin/mode", func(w *Wish) { w.PIN.Mode = "dice" }},
		{"/pin/code", func(w *Wish) { w.PIN.Mode = Supplied }},
		{"/pin/code", func(w *Wish) { w.PIN.Code = nuki.CodeOf(432426) }},
		{"/pin/code", func(w *Wish) { w.PIN = PINWish{Mode: Supplied, Code: nuki.CodeOf(123456), DiscloseAt: DiscloseListed} }},
		{"/pin/disclose_at", func(w *Wish) { w.PIN.DiscloseAt = "soon" }},
	} {
		w := wish(v(1), c.spoil)
		if errs := w.Validate(); len(errs) == 0 || errs[0].Pointer != c.pointer {
			t.Errorf("want a complaint about %s, got %v", c.pointer, errs)
		}
	}
	if errs := wish(v(1)).Validate(); len(errs) > 0 {
		t.Errorf("a good wish is refused: %v", errs)
	}
}

func TestWish_SameLooksAtEveryFieldButTheVersion(t *testing.T) {
	full := func() Wish {
		return Wish{
			Status: Confirmed, Unit: "a", StartsAt: checkIn, EndsAt: checkOut, Before: minute, After: minute, Guest: "Anna",
			Locks: []LockWish{{SmartlockID: 11}}, PIN: PINWish{Mode: Generate}, Local: &LocalStay{Arrival: "2026-07-10"},
		}
	}
	changes := map[string]func(*Wish){
		"Status": func(w *Wish) { w.Status = Cancelled }, "Unit": unit("b"),
		"StartsAt": func(w *Wish) { w.StartsAt = checkOut }, "EndsAt": func(w *Wish) { w.EndsAt = checkIn },
		"Before": func(w *Wish) { w.Before = hour }, "After": func(w *Wish) { w.After = hour },
		"Guest": func(w *Wish) { w.Guest = "Bob" }, "Locks": func(w *Wish) { w.Locks[0].Optional = true },
		"PIN": func(w *Wish) { w.PIN.DiscloseAt = DiscloseListed }, "Local": func(w *Wish) { w.Local = nil },
	}
	for field := range reflect.TypeFor[Wish]().Fields() {
		changed := full()
		if change, ok := changes[field.Name]; ok {
			change(&changed)
		} else if field.Name == "Version" {
			changed.Version = v(9)
		} else {
			t.Fatalf("no case for field %s", field.Name)
		}
		if same := full().Same(changed); same != (field.Name == "Version") {
			t.Errorf("after a change of %s: same %v", field.Name, same)
		}
	}
}

func TestPut_EndsAHold(t *testing.T) {
	state := newState("R", nil)
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	state.put(Put{Wish: wish(v(1))}, now)
	gone, off := &Entry{Lock: 1, Lost: 2}, &Entry{Lock: 2, Seen: Finding{Kind: Disabled}}
	state.Entries = []*Entry{gone, off}
	state.put(Put{Wish: wish(v(2))}, now)
	if gone.Lost != 0 || !off.Resumed {
		t.Errorf("after a newer message an entry counts as lost %d times, and one that was switched off is resumed: %v", gone.Lost, off.Resumed)
	}
}

func TestWithdraw_OfAnotherKindOfVersionShutsNobodyOut(t *testing.T) {
	state := newState("R", nil)
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	state.put(Put{Wish: wish(v(7))}, now)
	state.put(Put{Withdraw: &Withdraw{Version: vt(0)}}, now)
	if state.Withdrawn == nil || state.Warning != WarningVersionKind {
		t.Errorf("withdrawn %v with the warning %q", state.Withdrawn, state.Warning)
	}
	state.put(Put{Wish: wish(v(99))}, now)
	if state.Withdrawn != nil || state.Version.String() != v(99).String() {
		t.Errorf("version 99 after it was ignored: %+v", state.Ignored)
	}
}

func TestGuestNames_OfEveryScriptAreTaken(t *testing.T) {
	for name, want := range map[string]bool{
		"Anna Huber": true, "山田　太郎": true, "علی\u200cرضا": true, "Jean\u00a0Dupont": true, "\u200fדוד": true, "Acme™ GmbH": true, "O’Neill-Å": true,
		"Anna 😀": false, "1️⃣": false, "☎ desk": false, "line\nbreak": false, "\x00": false,
	} {
		taken := len(wish(v(1), func(w *Wish) { w.Guest = GuestName(name) }).Validate()) == 0
		if taken != want {
			t.Errorf("%q is taken: %v, want %v", name, taken, want)
		}
	}
}
