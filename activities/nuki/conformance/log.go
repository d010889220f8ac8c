// This file is the cases of the activity log.

package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

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

// narrowsTheLog asks as the specification says: authId, fromDate, toDate.
func narrowsTheLog(k *kit) {
	entry, pin := k.typed()
	k.Type("999888")
	k.Type(pin)
	hour := func(n time.Duration) string { return wireDate(time.Now().Add(n * time.Hour)) }
	for _, c := range []struct {
		query url.Values
		want  int
	}{
		{url.Values{"authId": {entry.ID}}, 1},
		{url.Values{"authId": {entry.ID}, "fromDate": {hour(-1)}, "toDate": {hour(1)}}, 1},
		{url.Values{"authId": {entry.ID}, "fromDate": {hour(1)}}, 0},
		{url.Values{"authId": {entry.ID}, "toDate": {hour(-1)}}, 0},
	} {
		var rows []wireRow
		k.raw(lockPath(k.Lock)+"/log?"+c.query.Encode(), &rows)
		if len(rows) != c.want {
			k.Errorf("the log with %v has %d rows, want %d", c.query, len(rows), c.want)
		}
	}
}

func refusesUnixDates(k *kit) {
	for _, bound := range []string{"fromDate", "toDate"} {
		_, status, err := k.Driver.Raw(k.Context(), http.MethodGet, lockPath(k.Lock)+"/log?"+bound+"=1763800000", nil)
		k.want(http.StatusBadRequest, "a Unix date as "+bound, status, err)
	}
}
