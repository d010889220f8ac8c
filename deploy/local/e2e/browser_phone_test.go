// This file opens the timeline page in Chromium, in a window of a phone's size: a
// guest has called, and somebody taps.

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/deploy/local/stack"
)

func TestPhone_TheGuestIsToldThePINIsShownAndAReportIsMade(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	s.put("PHONE", stayFrom(inSeconds(2), time.Hour, "", frontDoor))
	s.awaitStatus("PHONE", "ready")
	time.Sleep(2 * time.Second) // Its time begins.
	b := openBrowser(t, 390, 844)
	b.logIn(s.API+"/v1/reservations/PHONE/timeline", "anna", s.APIToken)
	text := b.text()
	for _, part := range []string{"PHONE", "The PIN should work", "The PIN does not work", "Status: ready", "(create: accepted)"} {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not say %q:\n%s", part, text)
		}
	}
	b.checkFits()
	if !s.view("PHONE").PIN.ToldAt.IsZero() {
		t.Error("to open the page is to tell the PIN")
	}

	b.tap("#tell")
	b.awaits("the PIN shows", `!document.getElementById("pin").hidden`)
	pin := evaluate[string](b, `document.getElementById("pin").textContent`)
	s.awaitOpens(frontDoor, pin, true)
	if s.view("PHONE").PIN.ToldAt.IsZero() {
		t.Error("it is shown, and nobody has recorded that")
	}
	b.picture("phone.png")

	b.tap(`button[data-href$="/report_not_working"]`)
	s.awaitAttention("PHONE", "reported_not_working")
	b.reloadsUntil("the page says that a second PIN is there", "Tell the guest the newer PIN")
	if text := b.text(); !strings.Contains(text, "The PIN was told to anna") || !strings.Contains(text, "anna asked for report_not_working") {
		t.Errorf("the page does not say who did what:\n%s", text)
	}

	b.tap(`button[data-order*="guest_is_in"]`)
	s.await("nothing is reported any more", func() (bool, string) {
		d := s.get("PHONE")
		return !slices.Contains(d.Attention, "reported_not_working"), fmt.Sprint(d.Attention)
	})
	s.awaitOpens(frontDoor, pin, true)
	b.awaits("the page is read again", `document.readyState === "complete" && !document.querySelector('button[data-order*="guest_is_in"]')`)

	b.tap(`button[data-href$="/revoke_now"]`)
	if text := b.text(); !strings.Contains(text, "Tap again to do it.") || s.view("PHONE").Revoked != nil {
		t.Errorf("one tap ends a stay:\n%s", text)
	}
	if !evaluate[bool](b, `document.querySelector('button[data-href$="/revoke_now"]').dataset.sure === "yes"`) {
		b.tap(`button[data-href$="/revoke_now"]`) // It has been too long since the first tap.
	}
	b.tap(`button[data-href$="/revoke_now"]`)
	s.awaitOpens(frontDoor, pin, false)
	s.awaitStatus("PHONE", "revoked")
}

// checkFits holds the page to a thumb: nothing to scroll sideways, and no button
// that is too small.
func (b *browser) checkFits() {
	b.Helper()
	if wide := evaluate[int](b, `document.documentElement.scrollWidth - window.innerWidth`); wide > 0 {
		b.Errorf("the page is %d pixels wider than the phone", wide)
	}
	if low := evaluate[float64](b, `Math.min(...[...document.querySelectorAll("button")].map(b => b.getBoundingClientRect().height))`); low < 44 {
		b.Errorf("a button is %.0f pixels high, want 44", low)
	}
}
