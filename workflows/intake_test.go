// This file holds the intake of messages against orders of delivery.

package workflows

import (
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

func TestIntake_OrderOfDeliveryDoesNotMatter(t *testing.T) {
	none := Version{}
	for _, c := range []struct {
		name      string
		messages  []message
		unit      string
		withdrawn bool
		ignored   string
		warning   Warning
		raised    Attention
	}{
		{"a newer version wins", []message{put(wish(v(1), unit("a"))), put(wish(v(2), unit("b")))}, "b", false, "", "", ""},
		{"an older version changes nothing and is shown", []message{put(wish(v(2), unit("b"))), put(wish(v(1), unit("a")))}, "b", false, "1", "", ""},
		{"the same message twice is one", []message{put(wish(v(1), unit("a"))), put(wish(v(1), unit("a")))}, "a", false, "", "", ""},
		{"the same version with other content is taken, with a warning", []message{put(wish(v(1), unit("a"))), put(wish(v(1), unit("b")))}, "b", false, "", WarningSameVersion, ""},
		{"versions may be times", []message{put(wish(vt(5), unit("b"))), put(wish(vt(4), unit("a")))}, "b", false, "2026-07-01T09:04:00Z", "", ""},
		{"without versions the last one wins", []message{put(wish(none, unit("a"))), put(wish(none, unit("b")))}, "b", false, "", "", ""},
		{"a number after a time is taken, with a warning", []message{put(wish(vt(5), unit("a"))), put(wish(v(1), unit("b")))}, "b", false, "", WarningVersionKind, ""},
		{"a withdrawal holds against its own version", []message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(v(3), unit("b")))}, "a", true, "3", "", ""},
		{"and against a message without one", []message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(none, unit("b")))}, "a", true, "", "", ""},
		{"a strictly newer version reinstates", []message{put(wish(v(3), unit("a"))), withdraw(none), put(wish(v(4), unit("b")))}, "b", false, "", "", ""},
		{"a withdrawal of a version that is not known yet waits for newer ones", []message{withdraw(v(5)), put(wish(v(4), unit("a")))}, "", true, "4", "", ""},
		{"a late withdrawal of an old version changes nothing", []message{put(wish(v(5), unit("a"))), withdraw(v(4))}, "a", false, "4", "", ""},
		{"without any versions, a message after a withdrawal reinstates", []message{put(wish(none, unit("a"))), withdraw(none), put(wish(none, unit("b")))}, "b", false, "", "", ""},
		{"a word that nobody knows changes nothing and is raised", []message{put(wish(v(1), unit("a"))), put(wish(v(2), unit("b"), func(w *Wish) { w.Status = "maybe" }))}, "a", false, "", "", AttentionUnknownStatus},
		{"the next good message takes that back", []message{put(wish(v(1), func(w *Wish) { w.Status = "maybe" })), put(wish(v(1), unit("a")))}, "a", false, "", "", ""},
		{"a wish that cannot be carried out changes nothing and is raised", []message{put(wish(v(1), unit("a"))), put(wish(v(2), func(w *Wish) { w.EndsAt = w.StartsAt }))}, "a", false, "", "", AttentionInvalidWish},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState("R1", nil)
			for _, m := range c.messages {
				deliver(s, m)
			}
			checkIntake(t, s, c.unit, c.withdrawn, c.ignored, c.warning, c.raised)
		})
	}
}

func checkIntake(t *testing.T, s *State, unit string, withdrawn bool, ignored string, warning Warning, raised Attention) {
	t.Helper()
	got := ""
	if s.Wish != nil {
		got = s.Wish.Unit
	}
	if got != unit || (s.Withdrawn != nil) != withdrawn || s.Warning != warning || s.Raised != raised {
		t.Errorf("unit %q, withdrawn %v, warning %q, raised %q; want %q, %v, %q, %q",
			got, s.Withdrawn != nil, s.Warning, s.Raised, unit, withdrawn, warning, raised)
	}
	if ignored != "" && (s.Ignored == nil || s.Ignored.Version.String() != ignored) {
		t.Errorf("ignored %+v, want version %s", s.Ignored, ignored)
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
