// This file tests the document of a reservation, and that no PIN is in it.

package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fullView has every field of a view set, and PINs wherever one fits.
func fullView() workflows.View {
	pin := nuki.CodeOf(432426)
	wish := workflows.Wish{
		Version: workflows.NumberVersion(7), Status: workflows.Confirmed, Unit: "apt-4",
		StartsAt: today.Add(time.Hour), EndsAt: today.Add(73 * time.Hour),
		After: workflows.Duration(15 * time.Minute), Guest: "Anna Huber",
		Locks: []workflows.LockWish{{SmartlockID: 18298712180}, {SmartlockID: 18298712181, Optional: true}},
		PIN:   workflows.PINWish{Mode: workflows.Supplied, Code: pin, DiscloseAt: workflows.DiscloseReread},
		Local: &workflows.LocalStay{
			Arrival: "2026-07-01", Departure: "2026-07-04", CheckInTime: "15:00", CheckOutTime: "15:00", TimeZone: "Europe/Vienna",
		},
	}
	trouble := &workflows.Trouble{
		Type: "unreachable", Message: "the Web API did not answer", Since: today.Add(-time.Minute), Tries: 3, InARow: 2, RetryAt: today.Add(time.Minute),
	}
	return workflows.View{
		ID: "TEST-0805", Status: workflows.StatusAtRisk, At: today,
		Attention: []workflows.Attention{workflows.AttentionLockOffline, workflows.AttentionNotReady},
		Wish:      &wish, Version: workflows.NumberVersion(8),
		Withdrawn: &workflows.Withdrawal{At: today.Add(-3 * time.Hour)},
		Ignored:   &workflows.Ignored{Version: workflows.TimeVersion(today.Add(-2 * time.Hour)), At: today.Add(-time.Hour)},
		Warning:   workflows.WarningVersionKind,
		Opens:     today.Add(time.Hour), Closes: today.Add(73*time.Hour + 15*time.Minute),
		Doors: []workflows.DoorView{
			{
				SmartlockID: 18298712180, Required: true, Name: "K-TEST-0805", AuthID: "5f3a1c9e8b7d6a0012345678", Status: workflows.AuthSet,
				Proof:  workflows.Proof{Level: workflows.ProofReread, Evidence: workflows.EvidenceTimed, At: today.Add(-25*time.Hour - 500*time.Millisecond)},
				Counts: workflows.ProofListed, ReadAt: today.Add(-time.Minute), Shows: workflows.Exact,
				Step: workflows.Step{Do: workflows.ActSync, Until: today.Add(time.Minute), Reason: "The proof is older than a day", Row: "P1"},
				Report: &workflows.ReportView{
					At: today.Add(-2 * time.Minute), Steps: []workflows.ReportStep{{What: "read", At: today.Add(-time.Minute)}, {What: "synced"}},
				},
			},
			{SmartlockID: 18298712181, Status: workflows.AuthSetting, Trouble: trouble},
		},
		Leaving:   []workflows.DoorView{{SmartlockID: 7, Name: "K-TEST-0805.1", Status: workflows.AuthRemoving, Why: "the unit changed"}},
		Next:      workflows.NextView{Action: workflows.ActSync, Lock: 18298712180, At: today.Add(time.Minute), Reason: "The proof is older than a day"},
		LastError: trouble,
		Levers:    []workflows.LeverView{{Name: "release", Does: "end a hold"}},
		Timeline:  []workflows.Happening{{At: today.Add(-3 * time.Hour), Says: "A PIN was chosen"}},
		Held:      &workflows.Decree{At: today.Add(-time.Hour), By: "operator", Why: "the door is being repaired"},
		Revoked:   &workflows.Decree{At: today.Add(-time.Minute), By: "operator", Why: "a fight"},
		Orders: workflows.Ledger{{
			ID: "hold-1", Lever: "hold", Order: workflows.Order{By: "operator", Why: "the door is being repaired"},
			Answer: workflows.Answer{Says: "Nothing is written to a lock until a release", At: today.Add(-time.Hour)},
		}},
		PIN: workflows.DisclosureView{
			Mode: workflows.Supplied, DiscloseAt: workflows.DiscloseReread, AvailableWhen: "lock 18298712181 has it", ToldAt: today.Add(-2 * time.Hour),
		},
	}
}

func renderJSON(t *testing.T, view workflows.View) []byte {
	t.Helper()
	run := run{workflowID: "reservation-TEST-0805", runID: "run-1", open: true, state: "running"}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(renderView("TEST-0805", view, run, view.At)); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func TestRenderView_Golden(t *testing.T) {
	instants := fullView()
	instants.Wish.Local, instants.Wish.Guest, instants.Wish.Version = nil, "", workflows.TimeVersion(today)
	instants.Doors, instants.LastError = nil, nil
	for name, view := range map[string]workflows.View{
		"full":     fullView(),
		"instants": instants,
		"empty":    {ID: "TEST-0805", Status: workflows.StatusPending, At: today},
	} {
		t.Run(name, func(t *testing.T) {
			got := renderJSON(t, view)
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s\n(run the test with -update where the change is meant)", got, want)
			}
			if bytes.Contains(got, []byte("432426")) {
				t.Error("the PIN is in the document")
			}
		})
	}
}

// What the workflow's view gains must be shown or left out on purpose: fullView
// sets every field, so that the golden file shows what became of it.
func TestFullView_SetsEveryField(t *testing.T) {
	view := fullView()
	for _, value := range []any{view, *view.Wish, view.Doors[0], view.Next, *view.LastError, *view.Ignored} {
		fields := reflect.ValueOf(value)
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			// A door has either a trouble or a step, and why it is leaving.
			if fields.Field(i).IsZero() && !strings.Contains("Before Trouble Why", name) {
				t.Errorf("%T: %s is not set", value, name)
			}
		}
	}
}

// The document's reservation can be sent back as it is.
func TestRenderView_TheReservationReadsBackAsTheSameWish(t *testing.T) {
	view := fullView()
	view.Wish.PIN.Mode, view.Wish.PIN.Code = workflows.Generate, nuki.PIN{}
	view.Wish.StartsAt, view.Wish.EndsAt = today.Add(time.Hour), today.Add(73*time.Hour)
	var shown struct {
		Reservation json.RawMessage `json:"reservation"`
	}
	if err := json.Unmarshal(renderJSON(t, view), &shown); err != nil {
		t.Fatal(err)
	}
	again, err := parseReservation(shown.Reservation)
	if err != nil {
		t.Fatal(err)
	}
	if !again.wish.Same(*view.Wish) || again.wish.Version.String() != "7" {
		t.Errorf("read back as %+v", again.wish)
	}
}
