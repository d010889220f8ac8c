// This file tests the page for a person with a phone: what it says, who may see it,
// and that no other site's page can act in a person's name.

package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/workflows"
)

const (
	timelinePath = "/v1/reservations/TEST-0805/timeline"
	testPINs     = "pin-token-3"
	browser      = "text/html,application/xhtml+xml,*/*;q=0.8"
)

func TestTellGuest_FirstThingsFirst(t *testing.T) {
	used := workflows.DoorView{Proof: workflows.Proof{Level: workflows.ProofUsed, At: today.Add(-time.Hour)}}
	for _, c := range []struct {
		name string
		view workflows.View
		want string
	}{
		{"before anything is due", workflows.View{Status: workflows.StatusPending}, "No PIN yet"},
		{"while it is being put there", workflows.View{Status: workflows.StatusProvisioning}, "Do not promise"},
		{"when it is there, before its time", workflows.View{Status: workflows.StatusReady, Opens: today.Add(3 * time.Hour)}, "opens from 1 July 15:00 UTC"},
		{"when it is there", workflows.View{Status: workflows.StatusReady, Opens: today.Add(-3 * time.Hour)}, "The PIN should work"},
		{"when it has opened the door", workflows.View{Status: workflows.StatusReady, Opens: today.Add(-3 * time.Hour), Doors: []workflows.DoorView{used}}, "it has opened a door, at 1 July 11:00 UTC"},
		{"near check-in", workflows.View{Status: workflows.StatusAtRisk}, "Do not promise"},
		{"when there is a second PIN", workflows.View{Status: workflows.StatusDegraded, PIN: workflows.DisclosureView{Disclosable: true}, Attention: []workflows.Attention{workflows.AttentionSecondPIN}}, "Tell the guest the newer PIN"},
		{"when there is one that is not on the doors yet", workflows.View{Status: workflows.StatusDegraded, Attention: []workflows.Attention{workflows.AttentionSecondPIN}}, "cannot be told yet"},
		{"before anything is due, when the PIN may be told", workflows.View{Status: workflows.StatusPending, Opens: today.Add(3 * time.Hour), PIN: workflows.DisclosureView{Disclosable: true}}, "The PIN is chosen"},
		{"before anything is due, when the PIN was told", workflows.View{Status: workflows.StatusPending, PIN: workflows.DisclosureView{ToldAt: today}}, "The PIN is chosen"},
		{"when it is over and a lock was given up", workflows.View{Status: workflows.StatusRevoked, Attention: []workflows.Attention{workflows.AttentionWrittenOff}}, "given up, not proven"},
		{"when not every door is open", workflows.View{Status: workflows.StatusDegraded}, "perhaps not by every door"},
		{"when there is no way in", workflows.View{Status: workflows.StatusFailed}, "Use another way in"},
		{"when it is on hold", workflows.View{Status: workflows.StatusOnHold}, "Ask who put the stay on hold"},
		{"while it is being removed", workflows.View{Status: workflows.StatusRevoking}, "may still open"},
		{"when it is over", workflows.View{Status: workflows.StatusRevoked}, "No PIN: nobody should get in"},
		{"when it was called off", workflows.View{Status: workflows.StatusCancelled}, "No PIN: nobody should get in"},
	} {
		if got := tellGuest(c.view, today); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, status := range workflows.Statuses {
		if got := tellGuest(workflows.View{Status: status, Attention: []workflows.Attention{workflows.AttentionLockOffline}}, today); len(got) != 2 || !strings.Contains(got[1], "offline") {
			t.Errorf("%s on a lock that is offline: %q", status, got)
		}
	}
}

// timelineView is a view with two things that happened.
func timelineView() workflows.View {
	view := fullView()
	view.PIN.AvailableWhen, view.PIN.Disclosable = "", true
	view.Levers = nil
	for _, offer := range offers {
		view.Levers = append(view.Levers, workflows.LeverView{Name: offer.Action})
	}
	view.Timeline = []workflows.Happening{{At: today.Add(-time.Hour), Says: "A PIN was chosen"}, {At: today, Says: "Status: <b>ready</b>"}}
	return view
}

func TestTimeline_IsAPageForABrowserAndJSONForAProgram(t *testing.T) {
	fake := &fakeTemporal{view: timelineView()}
	var shown timelineDocument
	decodeAnswer(t, ask(t, fake, "GET", timelinePath, ""), http.StatusOK, &shown)
	if len(shown.Happened) != 2 || shown.Happened[0].Says != "Status: <b>ready</b>" || shown.Links.PIN != "/v1/reservations/TEST-0805/pin" {
		t.Errorf("shown: %+v", shown)
	}
	for _, offer := range shown.Actions {
		if _, ok := stayLevers[offer.Action]; !ok || offer.Href != "/v1/reservations/TEST-0805/actions/"+offer.Action {
			t.Errorf("offered: %+v", offer)
		}
	}
	if len(shown.Actions) != len(stayLevers) {
		t.Errorf("%d actions are offered of %d", len(shown.Actions), len(stayLevers))
	}
	few := timelineView()
	few.Levers = []workflows.LeverView{{Name: "release"}}
	var fewer timelineDocument
	decodeAnswer(t, ask(t, &fakeTemporal{view: few}, "GET", timelinePath, ""), http.StatusOK, &fewer)
	if len(fewer.Actions) != 1 || fewer.Actions[0].Action != "release" {
		t.Errorf("offered are %+v, want what can be done alone", fewer.Actions)
	}
	page := ask(t, fake, "GET", timelinePath, "", "Accept", browser)
	text := page.Body.String()
	for _, part := range []string{"<title>TEST-0805 – Keystay</title>", "Do not promise", "The PIN does not work", "A PIN was chosen", "Status: &lt;b&gt;ready&lt;/b&gt;"} {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	if strings.Index(text, "Do not promise") > strings.Index(text, "The PIN does not work") || strings.Index(text, "The PIN does not work") > strings.Index(text, "A PIN was chosen") {
		t.Error("the page is not in order: what to tell, what to do, what happened")
	}
	for _, secret := range []string{"432426", "Anna", testToken} {
		if strings.Contains(text, secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || page.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", page.Header())
	}
}

func TestTimeline_WithoutAWorkerPromisesNothing(t *testing.T) {
	fake := &fakeTemporal{queryError: errNoPoller, attributes: shownAttributes}
	var shown timelineDocument
	decodeAnswer(t, ask(t, fake, "GET", timelinePath, ""), http.StatusOK, &shown)
	if !shown.Stale || len(shown.TellGuest) != 1 || !strings.HasPrefix(shown.TellGuest[0], "Promise nothing: No worker answered") || len(shown.Actions) != 0 {
		t.Errorf("shown: %+v", shown)
	}
	if page := ask(t, fake, "GET", timelinePath, "", "Accept", browser); !strings.Contains(page.Body.String(), "Promise nothing") {
		t.Errorf("the page: %s", page.Body)
	}
}

func TestTimeline_OfAWorkflowThatHasEndedPromisesNothing(t *testing.T) {
	view := timelineView()
	view.Status = workflows.StatusFailed
	fake := &fakeTemporal{view: view, status: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED}
	var shown timelineDocument
	decodeAnswer(t, ask(t, fake, "GET", timelinePath, ""), http.StatusOK, &shown)
	if len(shown.TellGuest) != 1 || !strings.HasPrefix(shown.TellGuest[0], "Promise nothing: Its workflow has ended (terminated)") || len(shown.Actions) != 0 || shown.Next != nil || shown.PIN.Disclosable {
		t.Errorf("shown: %+v", shown)
	}
	view.Status = workflows.StatusRevoked
	var finished timelineDocument
	decodeAnswer(t, ask(t, &fakeTemporal{view: view, status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED}, "GET", timelinePath, ""), http.StatusOK, &finished)
	if len(finished.TellGuest) == 0 || !strings.HasPrefix(finished.TellGuest[0], "No PIN: nobody should get in") || len(finished.Actions) != 0 {
		t.Errorf("of a finished one: %+v", finished)
	}
}

func TestTimeline_OffersOneActionForEachChoice(t *testing.T) {
	view := timelineView()
	view.Levers = []workflows.LeverView{
		{Name: "acknowledge", Choices: []workflows.Choice{
			{Order: workflows.Order{What: workflows.AcknowledgedGuestIn}}, {Order: workflows.Order{What: workflows.AcknowledgedSecondPIN}},
		}},
		{Name: "write_off", Choices: []workflows.Choice{{Order: workflows.Order{SmartlockID: 7}, Says: "lock 7"}}},
	}
	var shown timelineDocument
	decodeAnswer(t, ask(t, &fakeTemporal{view: view}, "GET", timelinePath, ""), http.StatusOK, &shown)
	var offered []string
	for _, offer := range shown.Actions {
		offered = append(offered, offer.Action+" "+offer.Body()+" "+offer.Label+" "+strconv.FormatBool(offer.Warning != ""))
	}
	want := []string{
		`acknowledge {"what":"guest_is_in"} The guest is in false`,
		`acknowledge {"what":"has_second_pin"} The guest has the newer PIN true`,
		`write_off {"smartlock_id":7} Give up a lock that is gone: lock 7 true`,
	}
	if !slices.Equal(offered, want) {
		t.Errorf("offered: %q, want %q", offered, want)
	}
	page := ask(t, &fakeTemporal{view: view}, "GET", timelinePath, "", "Accept", browser).Body.String()
	if !strings.Contains(page, "data-order=\"{&#34;what&#34;:&#34;guest_is_in&#34;}\"") {
		t.Error("the page does not carry what is acknowledged")
	}
}

func TestTimeline_ShowsNoPINButtonToAPasswordThatDoesNotOpenIt(t *testing.T) {
	config := testConfig(&fakeTemporal{view: timelineView()})
	config.OperatorToken, config.PINToken = testOrders, testPINs
	server := newTestServer(t, config)
	for token, opens := range map[string]bool{testToken: true, testPINs: true, testOrders: false} {
		page := send(server, "GET", timelinePath, "", "Authorization", "Bearer "+token, "Accept", browser).Body.String()
		if button := strings.Contains(page, "Show the PIN"); button != opens || strings.Contains(page, "This password does not show PINs") == opens {
			t.Errorf("with one of the tokens the page has the button: %v, want %v", button, opens)
		}
	}
}

func TestPerson_OpensWhatTheTokenOpensWithAPassword(t *testing.T) {
	config := testConfig(&fakeTemporal{view: timelineView(), disclosure: workflows.Disclosure{DiscloseAt: workflows.DiscloseListed}})
	config.OperatorToken, config.PINToken = testOrders, testPINs
	server := newTestServer(t, config)
	const path = "/v1/reservations/TEST-0805"
	for _, c := range []struct {
		method, target      string
		api, operator, pins int
	}{
		{"GET", timelinePath, 200, 200, 200},
		{"GET", path + "/pin", 200, 401, 200},
		{"POST", path + "/actions/hold", 401, 200, 200},
		{"GET", path, 401, 401, 401},
		{"POST", "/v1/locks/7/actions/audit", 401, 401, 401},
	} {
		for password, want := range map[string]int{testToken: c.api, testOrders: c.operator, testPINs: c.pins, "guessed": 401, "": 401} {
			request := newRequest(c.method, c.target, "", "Sec-Fetch-Site", "same-origin", "Accept", browser)
			request.SetBasicAuth("anna", password)
			answer := serve(server, request)
			if answer.Code != want {
				t.Errorf("%s %s with the password %q: %d, want %d", c.method, c.target, password, answer.Code, want)
			}
			if want == 401 && strings.HasSuffix(c.target, "timeline") && !strings.HasPrefix(answer.Header().Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("a browser is not asked for a password: %v", answer.Header())
			}
		}
	}
}

func TestPerson_IsNamedInWhatIsDone(t *testing.T) {
	for user, want := range map[string]string{"anna": "anna", "anna.h@example.org": "anna.h@example.org", "two words": "api", "": "api", strings.Repeat("x", 41): "api"} {
		fake := &fakeTemporal{}
		request := newRequest("POST", "/v1/reservations/TEST-0805/actions/hold", "", "Sec-Fetch-Site", "same-origin")
		request.SetBasicAuth(user, testToken)
		serve(newTestServer(t, testConfig(fake)), request)
		if len(fake.calls) != 1 || fake.calls[0].argument.(workflows.Order).By != want {
			t.Errorf("%q ordered as %+v", user, fake.calls)
		}
	}
}

func TestPerson_IsNamedByTheTokenWhereNoUserIs(t *testing.T) {
	for token, want := range map[string]string{testToken: "api", testPINs: "pin"} {
		fake := &fakeTemporal{disclosure: workflows.Disclosure{DiscloseAt: workflows.DiscloseListed}}
		config := testConfig(fake)
		config.OperatorToken, config.PINToken = testOrders, testPINs
		send(newTestServer(t, config), "GET", "/v1/reservations/TEST-0805/pin", "", "Authorization", "Bearer "+token)
		if len(fake.calls) != 1 || fake.calls[0].argument.(workflows.Disclose).By != want {
			t.Errorf("told to %+v, want %s", fake.calls, want)
		}
	}
	fake := &fakeTemporal{}
	config := testConfig(fake)
	config.OperatorToken, config.PINToken = testOrders, testPINs
	send(newTestServer(t, config), "POST", "/v1/reservations/TEST-0805/actions/hold", "", "Authorization", "Bearer "+testOrders)
	if len(fake.calls) != 1 || fake.calls[0].argument.(workflows.Order).By != "operator" {
		t.Errorf("ordered as %+v", fake.calls)
	}
}

// A browser sends a password that it knows along with every request to us, whoever
// made the page that causes it.
func TestPerson_IsNotActedForByAnotherSite(t *testing.T) {
	for _, c := range []struct {
		name, method, target string
		headers              []string
		want                 int
	}{
		{"another site's form", "POST", "/v1/reservations/TEST-0805/actions/revoke_now", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
		{"a neighbour's form", "POST", "/v1/reservations/TEST-0805/actions/revoke_now", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser's", "POST", "/v1/reservations/TEST-0805/actions/revoke_now", []string{"Origin", "https://evil.example"}, 403},
		{"another site's image of the PIN", "GET", "/v1/reservations/TEST-0805/pin", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"another site's link to the PIN", "GET", "/v1/reservations/TEST-0805/pin", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
		{"another site's link to the page", "GET", timelinePath, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 200},
		{"another site that reads the page", "GET", timelinePath, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}, 403},
		{"our own page", "POST", "/v1/reservations/TEST-0805/actions/revoke_now", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"a typed address", "GET", timelinePath, []string{"Sec-Fetch-Site", "none"}, 200},
		{"a program", "POST", "/v1/reservations/TEST-0805/actions/revoke_now", nil, 200},
	} {
		fake := &fakeTemporal{view: timelineView()}
		request := newRequest(c.method, c.target, "", c.headers...)
		request.SetBasicAuth("anna", testToken)
		answer := serve(newTestServer(t, testConfig(fake)), request)
		if answer.Code != c.want || c.want == 403 && len(fake.calls) != 0 {
			t.Errorf("%s: %d and asked %s, want %d", c.name, answer.Code, fake.methods(), c.want)
		}
	}
}
