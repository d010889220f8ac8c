// This file is the cases of what is refused, removed, synced and logged.

package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func refusesPostOnCollection(k *kit) {
	_, status, err := k.Driver.Raw(k.Context(), http.MethodPost, lockPath(k.Lock)+"/auth", k.document().wire())
	k.want(http.StatusMethodNotAllowed, "a POST on the collection", status, err)
}

func refusesLongName(k *kit) {
	for _, name := range []string{strings.Repeat("n", 21), strings.Repeat("ü", 11)} {
		d := k.document()
		d.Name = name
		status, err := k.Driver.Create(k.Context(), k.Lock, d)
		k.want(http.StatusUnprocessableEntity, fmt.Sprintf("a name of %d bytes", len(name)), status, err)
	}
}

func refusesBadCodes(k *kit) {
	for _, code := range []int{345607, 123456, 34567, 3456789} {
		d := k.document()
		d.Code = code
		status, err := k.Driver.Create(k.Context(), k.Lock, d)
		k.want(http.StatusBadRequest, fmt.Sprintf("the code %d", code), status, err)
	}
}

func refusesMissingCode(k *kit) {
	d := k.document()
	d.Code = 0
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusBadRequest, "a create without a code", status, err)
}

func refusesWithoutKeypad(k *kit) {
	if k.LockWithoutKeypad == 0 {
		k.Skip("the target has no lock without a keypad")
	}
	status, err := k.Driver.Create(k.Context(), k.LockWithoutKeypad, k.document())
	k.want(http.StatusBadRequest, "a create on a lock without a keypad", status, err)
}

func refusesWhileRunning(k *kit) {
	d := k.document()
	listed := k.entry(d)
	d.Name = mark + " first"
	status, err := k.Driver.Update(k.Context(), k.Lock, listed.ID, d)
	k.want(http.StatusNoContent, "the first update", status, err)
	d.Name = mark + " second"
	status, err = k.Driver.Update(k.Context(), k.Lock, listed.ID, d)
	k.want(http.StatusLocked, "an update while the first one runs", status, err)
	status, err = k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.want(http.StatusLocked, "a delete while the update runs", status, err)
	running, _ := k.find(d.Code)
	if running.OperationID == "" {
		k.Error("the entry shows no operationId while an operation runs on it")
	}
	k.Settle()
	if landed, _ := k.find(d.Code); landed.Name != mark+" first" {
		k.Errorf("the entry is called %q, want what the accepted update said", landed.Name)
	}
}

// deletesOnce tolerates every answer to the second delete: which one is right is
// not documented.
func deletesOnce(k *kit) {
	d := k.document()
	listed := k.entry(d)
	status, err := k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.want(http.StatusNoContent, "the delete", status, err)
	k.Settle()
	if _, still := k.find(d.Code); still {
		k.Error("a deleted code is still listed")
	}
	status, err = k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.check(err)
	if status != http.StatusNotFound && status != http.StatusForbidden && status != http.StatusNoContent {
		k.Errorf("the second delete was answered with %d, want 404, 403 or 204", status)
	}
}

func freesTheCode(k *kit) {
	d := k.document()
	first := k.entry(d)
	status, err := k.Driver.Delete(k.Context(), k.Lock, first.ID)
	k.want(http.StatusNoContent, "the delete", status, err)
	k.Settle()
	second := k.entry(d)
	k.wantIs(second, d)
	if second.ID == first.ID {
		k.Error("the new entry has the id of the deleted one")
	}
}

func refusesUnknownLock(k *kit) {
	_, status, err := k.Driver.Lock(k.Context(), k.Lock+1_000_000_007)
	k.want(http.StatusNotFound, "an unknown lock", status, err)
}

func refusesStranger(k *kit) {
	if k.Stranger == nil {
		k.Skip("the target has no driver with a wrong token")
	}
	_, status, err := k.Stranger.Auths(k.Context(), k.Lock)
	k.want(http.StatusUnauthorized, "a read with a wrong token", status, err)
	status, err = k.Stranger.Sync(k.Context(), k.Lock)
	k.want(http.StatusUnauthorized, "a sync with a wrong token", status, err)
}

func syncs(k *kit) {
	before, status, err := k.Driver.Lock(k.Context(), k.Lock)
	k.want(http.StatusOK, "the lock", status, err)
	status, err = k.Driver.Sync(k.Context(), k.Lock)
	k.want(http.StatusNoContent, "the sync", status, err)
	k.Settle()
	after, status, err := k.Driver.Lock(k.Context(), k.Lock)
	k.want(http.StatusOK, "the lock", status, err)
	if !after.UpdatedAt.After(before.UpdatedAt) {
		k.Errorf("the lock's update date is %v, before the sync it was %v", after.UpdatedAt, before.UpdatedAt)
	}
}

// typed is an entry whose window is open, and what to type for it.
func (k *kit) typed() (entry Auth, pin string) {
	k.Helper()
	if k.Type == nil {
		k.Skip("nobody can type on the target's keypad")
	}
	d := k.document()
	d.From = d.From.Add(-2 * time.Hour)
	return k.entry(d), fmt.Sprint(d.Code)
}

func logsTheEntry(k *kit) {
	entry, pin := k.typed()
	k.Type(pin)
	k.Type("999888")
	rows, status, err := k.Driver.Log(k.Context(), k.Lock, "", 2)
	k.want(http.StatusOK, "the log", status, err)
	if len(rows) != 2 {
		k.Fatalf("the log has %d rows, want 2", len(rows))
	}
	refused, opened := rows[0], rows[1]
	if refused.State != 224 || refused.AuthID != "" || refused.Source != 1 || refused.Trigger != 255 {
		k.Errorf("the refused code left %+v, want state 224, source 1, trigger 255 and no entry", refused)
	}
	if opened.State != 0 || opened.AuthID != entry.ID || opened.Source != 1 || opened.Trigger != 255 {
		k.Errorf("the accepted code left %+v, want state 0, source 1, trigger 255 and entry %s", opened, entry.ID)
	}
}

func pagesTheLog(k *kit) {
	_, pin := k.typed()
	const typed = 55
	for range typed {
		k.Type(pin)
	}
	seen := map[string]bool{}
	last := ""
	for _, want := range []int{50, typed - 50} {
		rows, status, err := k.Driver.Log(k.Context(), k.Lock, last, 100)
		k.want(http.StatusOK, "the log", status, err)
		if len(rows) < want || len(rows) > 50 {
			k.Fatalf("a page has %d rows, want %d and never more than 50", len(rows), want)
		}
		for _, row := range rows {
			if seen[row.ID] {
				k.Fatalf("row %s comes twice", row.ID)
			}
			seen[row.ID] = true
		}
		last = rows[len(rows)-1].ID
	}
	rows, status, err := k.Driver.Log(k.Context(), k.Lock, "", 0)
	k.want(http.StatusOK, "the log", status, err)
	if len(rows) != 20 {
		k.Errorf("without a limit there are %d rows, want 20", len(rows))
	}
}

func refusesUnixDates(k *kit) {
	_, status, err := k.Driver.Raw(k.Context(), http.MethodGet, lockPath(k.Lock)+"/log?fromDate="+url.QueryEscape("1763800000"), nil)
	k.want(http.StatusBadRequest, "a Unix date", status, err)
}
