// This file tests what is shown of locks with and without a worker, and whom a
// listing asks.

package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

const lockPath = "/v1/locks/18298712180"

// aDesk is a front desk's view with one code of every kind.
func aDesk() workflows.DeskView {
	return workflows.DeskView{
		Lock: 18298712180, Status: workflows.LockOnline, Attention: []workflows.Attention{workflows.AttentionOrphan}, At: today,
		Reservations: []string{"R1"},
		Health: workflows.Health{
			State: activities.LockState{KeypadPaired: true, BatteryCritical: true}, ReadAt: today.Add(-time.Hour),
			Link: nuki.ServerOnline, Since: today.Add(-48 * time.Hour), LifeAt: today.Add(-time.Minute),
		},
		Capacity: workflows.Capacity{Limit: 100, InUse: 4, Ours: 2, Peak: 7, PeakAt: today.Add(time.Hour), Lead: workflows.Duration(72 * time.Hour)},
		Audit:    workflows.AuditView{At: today.Add(-2 * time.Hour), NextAt: today.Add(4 * time.Hour), Count: 9},
		Syncs:    []workflows.SyncNews{{At: today.Add(-25 * time.Hour)}, {At: today.Add(-time.Hour), MarkAt: today.Add(-59 * time.Minute)}},
		Entries: []workflows.DeskEntryView{
			{AuthID: "a1", Name: "K-R1", Kind: workflows.EntryOurs, Reservation: "R1", Listed: true, Enabled: true, From: today, Until: today.Add(time.Hour)},
			{AuthID: "a2", Kind: workflows.EntryLeft, Reservation: "R0", Listed: true},
			{AuthID: "a3", Kind: workflows.EntryOrphan, Listed: true, Collides: []string{"R1"}},
			{AuthID: "a4", Name: "Cleaner", Kind: workflows.EntryForeign, Listed: true, Enabled: true},
			{AuthID: "a5", Name: "K-R1.1", Kind: workflows.EntryOurs, Reservation: "R1"},
		},
		Next: workflows.NextView{Action: "observe", At: today.Add(4 * time.Hour), Reason: "Look over the whole lock"},
	}
}

// aView is what the reservation of aDesk says of its entries: it knows of a proof
// on that lock, and of another one with the same id on another lock.
func aView() workflows.View {
	proof := func(level workflows.ProofLevel) workflows.Proof {
		return workflows.Proof{Level: level, At: today.Add(-time.Minute)}
	}
	return workflows.View{Doors: []workflows.DoorView{
		{SmartlockID: 7, AuthID: "a1", Proof: proof(workflows.ProofRequested)},
		{SmartlockID: 18298712180, AuthID: "a1", Status: workflows.AuthSet, Proof: proof(workflows.ProofReread), Counts: workflows.ProofReread, Shows: workflows.Exact},
	}}
}

func TestLock_IsAskedWithThoseWhoAnswerForItsEntries(t *testing.T) {
	fake := &fakeTemporal{desk: aDesk(), views: map[string]workflows.View{"reservation-R1": aView()}}
	var got lockDocument
	decodeAnswer(t, ask(t, fake, "GET", lockPath, ""), http.StatusOK, &got)
	var asked []string
	for _, call := range fake.calls {
		asked = append(asked, call.method+" "+call.workflowID)
	}
	want := []string{"describe smartlock-18298712180", "query smartlock-18298712180", "query reservation-R1"}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if got.Stale || got.Note != "" || got.Workflow.ID != "smartlock-18298712180" || got.SmartlockID != 18298712180 || len(got.Entries) != 5 || got.Unanswered != nil {
		t.Errorf("got %+v", got)
	}
	if got.Entries[0].Proof == nil || got.Entries[0].Proof.Level != "reread" || got.Entries[0].Status != "set" || got.Entries[0].Proof.AgeSeconds != 60 {
		t.Errorf("the proof of the entry on this lock: %+v", got.Entries[0])
	}
	if got.Entries[4].Listed || got.Entries[4].Enabled != nil || got.Entries[4].Proof != nil {
		t.Errorf("an entry that no look has shown: %+v", got.Entries[4])
	}
	if len(got.Syncs.LastDay) != 1 || !got.Syncs.LastDay[0].SentAt.Equal(today.Add(-time.Hour)) {
		t.Errorf("syncs of the last day: %+v", got.Syncs)
	}
}

func TestLock_IsShownWithoutTheWordOfAReservationThatDoesNotAnswer(t *testing.T) {
	fake := &fakeTemporal{desk: aDesk(), queryErrors: map[string]error{"reservation-R1": errNotFound}}
	var got lockDocument
	decodeAnswer(t, ask(t, fake, "GET", lockPath, ""), http.StatusOK, &got)
	if got.Stale || len(got.Entries) != 5 || got.Entries[0].Reservation != "R1" || got.Entries[0].Proof != nil ||
		!slices.Equal(got.Unanswered, []string{"R1"}) {
		t.Errorf("got %+v, unanswered %v", got.Entries, got.Unanswered)
	}
}

func TestLock_LinkAndBatteriesInWords(t *testing.T) {
	for want, health := range map[string]workflows.Health{
		"unknown <nil>":        {},
		"online false":         {Since: today, ReadAt: today},
		"offline true":         {Since: today, ReadAt: today, Link: nuki.ServerOffline, State: activities.LockState{BatteryCritical: true}},
		"unregistered <nil>":   {Since: today, Link: nuki.ServerUnregistered},
		"not_authorized <nil>": {Since: today, Link: nuki.ServerAuthInvalid},
	} {
		got := renderHealth(health, today)
		battery := "<nil>"
		if got.BatteryCritical != nil {
			battery = map[bool]string{true: "true", false: "false"}[*got.BatteryCritical]
		}
		if got.Link+" "+battery != want {
			t.Errorf("got %s %s, want %s", got.Link, battery, want)
		}
	}
}

func TestLock_WithoutAWorkerShowsWhatTemporalKnows(t *testing.T) {
	fake := &fakeTemporal{
		queryError: context.DeadlineExceeded, status: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED,
		attributes: map[string]any{"KeystayStatus": "offline", "KeystayAttention": []string{"lock_offline"}},
	}
	var got staleLock
	decodeAnswer(t, ask(t, fake, "GET", lockPath, ""), http.StatusOK, &got)
	if !got.Stale || got.Status != "offline" || got.Attention[0] != "lock_offline" || got.SmartlockID != 18298712180 {
		t.Errorf("got %+v", got)
	}
	want := "No worker answered; this is what Temporal last recorded of the lock. " +
		"Its front desk has ended (terminated): the next reservation that attends the lock begins it anew."
	if got.Note != want {
		t.Errorf("note %q", got.Note)
	}
}

func TestLock_UnknownAndAway(t *testing.T) {
	wantProblem(t, ask(t, &fakeTemporal{describeError: errNotFound}, "GET", lockPath, ""), 404, "smartlock_unknown")
	wantProblem(t, ask(t, &fakeTemporal{describeError: errUnavailable}, "GET", lockPath, ""), 503, "temporal_unavailable")
}

func TestLocks_AreListedWithWhatTheirFrontDesksSay(t *testing.T) {
	fake := &fakeTemporal{
		listed: []string{"smartlock-7", "smartlock-8"}, desk: aDesk(), nextPage: []byte{1},
		attributes:  map[string]any{"KeystayStatus": "unknown"},
		queryErrors: map[string]error{"smartlock-8": errNoPoller},
	}
	var got lockListing
	decodeAnswer(t, ask(t, fake, "GET", "/v1/locks?attention=any&status=online", ""), http.StatusOK, &got)
	want := "WorkflowType = 'SmartlockWorkflow' AND ExecutionStatus = 'Running' AND KeystayStatus = 'online' AND KeystayAttention IS NOT NULL"
	if fake.calls[0].query != want || fake.calls[0].size != 50 || got.NextPage == "" {
		t.Errorf("asked %q for %d, next page %q", fake.calls[0].query, fake.calls[0].size, got.NextPage)
	}
	if len(got.Locks) != 2 {
		t.Fatalf("got %+v", got.Locks)
	}
	asked, stale := got.Locks[0], got.Locks[1]
	if asked.SmartlockID != 7 || asked.Stale || asked.Status != "online" || *asked.Entries != (entryCounts{1, 1, 1, 1}) ||
		asked.Capacity.InUse != 4 || asked.LastLook.AgeSeconds != 7200 || *asked.WebhooksSilent || asked.Next.Action != "observe" {
		t.Errorf("the lock that was asked: %+v", asked)
	}
	if stale.SmartlockID != 8 || !stale.Stale || stale.Status != "unknown" || stale.Entries != nil || stale.LastLook != nil {
		t.Errorf("the lock that did not answer: %+v", stale)
	}
}

func TestLocks_RefuseWhatTheyCannotAsk(t *testing.T) {
	for given, want := range map[string]string{
		"status=ready":      "status must be one of unknown, online, offline, quarantined",
		"attention=x%27":    "attention must be any, or one of " + joined(workflows.Attentions),
		"unit=apt-4":        "unit is not a parameter of this listing",
		"page=not+base64":   "page must be the next_page of an earlier answer",
		"status=a&status=b": "status is given more than once",
	} {
		fake := &fakeTemporal{}
		found := wantProblem(t, ask(t, fake, "GET", "/v1/locks?"+given, ""), 400, "invalid_parameter")
		if got := strings.Join(faultLines(found.Errors), "; "); got != want || len(fake.calls) != 0 {
			t.Errorf("%s: %q, asked: %s", given, got, fake.methods())
		}
	}
}

func TestLockIDs(t *testing.T) {
	for _, id := range []string{"0", "-1", "+1", "007", "1.0", "x", "%31", "1%2F2", "99999999999999999999", "18298712180 "} {
		fake := &fakeTemporal{}
		for method, target := range map[string]string{"GET": "/v1/locks/", "POST": "/v1/locks/%s/actions/audit"} {
			target = strings.Replace(target+map[string]string{"GET": id}[method], "%s", id, 1)
			found := wantProblem(t, ask(t, fake, method, strings.ReplaceAll(target, " ", "%20"), ""), http.StatusBadRequest, "invalid_id")
			want := []string{"id must be a positive integer of at most 64 bits, in digits alone"}
			if !slices.Equal(faultLines(found.Errors), want) || len(fake.calls) != 0 {
				t.Errorf("%s %s: %v, asked %s", method, id, found.Errors, fake.methods())
			}
		}
	}
}

func TestEach_DoesAllAndFewAtOnce(t *testing.T) {
	var most, now int
	done := make([]bool, 40)
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	count := func(by int) {
		<-turn
		now += by
		most = max(most, now)
		turn <- struct{}{}
	}
	each(len(done), func(i int) {
		count(1)
		time.Sleep(time.Millisecond)
		done[i] = true
		count(-1)
	})
	if slices.Contains(done, false) || most > askAtOnce || most < 2 {
		t.Errorf("done %v, %d at once", done, most)
	}
}
