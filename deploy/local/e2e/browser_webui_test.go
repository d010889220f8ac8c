// This file opens Temporal's Web UI in Chromium, as somebody on call does: the list by
// its filter, the stuck booking, and its details, decoded through the codec server.

package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/keystay/keystay/workflows"
)

func TestWebUI_AStuckBookingIsFoundByItsFilterAndReadDecoded(t *testing.T) {
	t.Parallel()
	s := startWithUI(t, frontDoor, flatDoor)
	s.Sim.SetOffline(flatDoor, true)
	s.put("STUCK", stayFrom(inSeconds(2), time.Hour, "432426", frontDoor, flatDoor))
	s.put("FINE", stayFrom(inSeconds(2), time.Hour, "738495", frontDoor))
	s.awaitStatus("FINE", "ready")
	s.awaitAttention("STUCK", "lock_offline")

	b := openBrowser(t, 1280, 1000)
	const filter = `KeystayAttention IS NOT NULL AND WorkflowType = "ReservationWorkflow" AND ExecutionStatus = "Running"`
	list := s.UI + "/namespaces/" + s.Namespace + "/workflows?query=" + url.QueryEscape(filter)
	b.do("open the list", chromedp.Navigate(list))
	b.awaitsText("the stuck booking is listed", "reservation-STUCK")
	if text := b.text(); strings.Contains(text, "reservation-FINE") {
		t.Errorf("the filter lets through what is fine:\n%s", text)
	}
	b.picture("web-ui-list.png")

	b.tap(`a[href*="reservation-STUCK"]`)
	b.awaits("its page opens", `location.pathname.includes("reservation-STUCK")`)
	run := evaluate[string](b, `location.pathname.split("/").slice(0, 6).join("/")`)
	b.do("open its details", chromedp.Navigate(s.UI+run+"/user-metadata"))
	b.awaitsText("the details are decoded", "Next:")
	b.reloadsUntil("they say why", "call_person")
	text := b.text()
	for _, part := range []string{"call_person", "What you can do", "report_not_working", "18298712181", "Next:"} {
		if !strings.Contains(text, part) {
			t.Errorf("the details do not say %q:\n%s", part, text)
		}
	}
	b.picture("web-ui.png")

	b.do("open its timeline", chromedp.Navigate(s.UI+run+"/timeline"))
	b.awaitsText("summaries are decoded", "Wait for the lock to come online")
	if id := workflows.ReservationWorkflowID("STUCK"); !strings.Contains(b.text(), id) {
		t.Errorf("the page of %s:\n%s", id, b.text())
	}
}
