// This file is people: at the keypad with its log, and with the app.

package nukisim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestType_LeavesARowAndAWebhook(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	opened, refused := w.sim.Type(door, "345678"), w.sim.Type(door, "456789")
	w.settle()
	if !opened || refused {
		t.Errorf("the right PIN opens: %t, a wrong one: %t", opened, refused)
	}
	w.want(seen{"", "345678", "345678", "logs logs"})
	rows := w.log("")
	if len(rows) != 2 {
		t.Fatalf("the log has %d rows, want 2", len(rows))
	}
	if newest := rows[0]; newest.State != 224 || newest.AuthID != "" {
		t.Errorf("the wrong PIN is %+v in the log", newest)
	}
	if first := rows[1]; first.State != 0 || first.Source != 1 || first.AuthID != id {
		t.Errorf("the right PIN is %+v in the log", first)
	}
}

type row struct {
	ID     string    `json:"id"`
	AuthID string    `json:"authId"`
	State  int       `json:"state"`
	Source int       `json:"source"`
	Date   time.Time `json:"date"`
}

func (w *world) log(query string) (rows []row) {
	w.Helper()
	answered := w.call("GET", fmt.Sprintf("/smartlock/%d/log?%s", door, query), "")
	if err := json.Unmarshal(answered.Body.Bytes(), &rows); err != nil {
		w.Fatalf("%s: %v", answered.Body, err)
	}
	return rows
}

func TestLog_IsReadPageByPage(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	for i := range 60 {
		w.sim.Type(door, []string{"345678", "456789"}[i%2])
		w.clock.Advance(time.Minute)
	}
	newest := w.log("limit=1")[0]
	for _, c := range []struct {
		query string
		want  int
	}{
		{"", 20}, {"limit=5", 5}, {"limit=500", 50}, {"limit=nine", 20}, {"limit=-1", 20},
		{"limit=50&id=" + newest.ID, 50},
		{"limit=50&id=nobody", 0},
		{"limit=50&authId=" + id, 30},
		{"limit=50&fromDate=" + url.QueryEscape(newest.Date.Add(-9*time.Minute).Format(time.RFC3339)), 10},
		{"limit=50&toDate=" + url.QueryEscape(start.Add(5*time.Minute).Format(time.RFC3339)), 5},
	} {
		if got := len(w.log(c.query)); got != c.want {
			t.Errorf("?%s has %d rows, want %d", c.query, got, c.want)
		}
	}
	if second := w.log("limit=1&id=" + newest.ID)[0]; !second.Date.Before(newest.Date) {
		t.Error("the page after the newest row is not older")
	}
	for _, bound := range []string{"fromDate", "toDate"} {
		answered := w.call("GET", fmt.Sprintf("/smartlock/%d/log?%s=1772445600", door, bound), "")
		if body := answered.Body.String(); answered.Code != 400 || !strings.Contains(body, "'"+bound+"'") || !strings.Contains(body, "'1772445600'") {
			t.Errorf("a Unix date as %s got %d %s", bound, answered.Code, body)
		}
	}
}

func TestInApp_EditsTheLockAtOnceAndTheCloudAfterTheLag(t *testing.T) {
	for _, c := range []struct {
		name        string
		edit        AppEdit
		table, hook string
	}{
		{"delete", AppEdit{Delete: true}, "", "auths-deleted"},
		{"disable", AppEdit{Disable: true}, "345678-", "auths"},
		{"drop the window", AppEdit{Unrestrict: true}, "345678~", "auths"},
		{"another PIN", AppEdit{PIN: "456789"}, "456789", "auths"},
		{"another name", AppEdit{Name: "Anna"}, "345678", "auths"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{AppLag: 60 * second})
			c.edit.ID = w.given(345678)
			id, err := w.sim.InApp(door, c.edit)
			if err != nil || id != c.edit.ID {
				t.Fatalf("got %q, %v", id, err)
			}
			w.clock.Advance(59 * time.Second)
			w.want(seen{"", "345678", c.table, ""})
			w.clock.Advance(time.Second)
			w.clock.Advance(0)
			w.want(seen{"", c.table, c.table, c.hook})
			for _, e := range w.sim.Snapshot(door).Cloud {
				if c.edit.Name != "" && e.Name != c.edit.Name {
					t.Errorf("the cloud calls it %q", e.Name)
				}
			}
		})
	}
}

func TestInApp_AddsAndEnables(t *testing.T) {
	w := newWorld(t, Faults{AppLag: 60 * second})
	id, err := w.sim.InApp(door, AppEdit{Name: "Neighbour", PIN: "345678"})
	if err != nil {
		t.Fatal(err)
	}
	w.wantLists("", "345678~")
	w.wantOpens("345678", true)
	w.clock.Advance(time.Minute)
	w.wantLists("345678~", "345678~")
	for _, edit := range []AppEdit{{ID: id, Disable: true}, {ID: id, Enable: true}} {
		if _, err := w.sim.InApp(door, edit); err != nil {
			t.Fatal(err)
		}
		w.wantOpens("345678", edit.Enable)
	}
}

func TestInApp_RefusesWhatTheAppWould(t *testing.T) {
	for _, c := range []struct {
		name string
		edit AppEdit
	}{
		{"an entry that is not there", AppEdit{ID: "nobody", Delete: true}},
		{"no PIN", AppEdit{Name: "Neighbour"}},
		{"a PIN with a zero", AppEdit{PIN: "345670"}},
		{"a PIN of letters", AppEdit{PIN: "secret"}},
		{"a PIN that is there", AppEdit{PIN: "345678"}},
		{"one too many", AppEdit{PIN: "567891"}},
		{"a change to a PIN that is there", AppEdit{ID: "own", PIN: "456789"}},
		{"a change to a PIN with a zero", AppEdit{ID: "own", PIN: "345670"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{}, withLock(func(l *LockConfig) { l.Capacity = 2 }))
			id := w.given(345678)
			w.given(456789)
			if c.edit.ID == "own" {
				c.edit.ID = id
			}
			if _, err := w.sim.InApp(door, c.edit); err == nil {
				t.Error("it was taken")
			}
			w.settle()
			w.want(seen{"", "345678 456789", "345678 456789", ""})
		})
	}
}

func TestInApp_LeavesARunningOperationOfTheAPI(t *testing.T) {
	w := newWorld(t, Faults{LatencyMin: 5 * second, LatencyMax: 5 * second})
	id := w.given(345678)
	w.update(id, 456789)
	if _, err := w.sim.InApp(door, AppEdit{ID: id, Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Second)
	w.wantLists("345678!", "345678")
	w.settle()
	w.want(seen{"204", "456789", "456789", "auths auths"})
}

func TestInApp_DeletingWhatTheAPIUpdatesWins(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	w.update(id, 456789)
	if _, err := w.sim.InApp(door, AppEdit{ID: id, Delete: true}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	w.want(seen{"204", "", "", "auths-deleted"})
}

func TestAddForeign_IsOnBothSidesAtOnce(t *testing.T) {
	w := newWorld(t, Faults{})
	w.sim.AddForeign(door, "Owner", "345678", start.Add(time.Hour), start.Add(2*time.Hour))
	w.wantLists("345678", "345678")
	w.wantOpens("345678", false)
	w.clock.Advance(time.Hour)
	w.wantOpens("345678", true)
}
