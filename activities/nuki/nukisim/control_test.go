// This file is the page and the controls behind its buttons, over HTTP.

package nukisim

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func control(name string) string { return fmt.Sprintf("/sim/locks/%d/%s", door, name) }

func TestHandler_DemandsTheToken(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	lock := fmt.Sprintf("/smartlock/%d", door)
	for _, route := range []string{
		"GET /smartlock", "GET " + lock, "GET " + auths(""), "PUT " + auths(""), "POST " + auths(""), "GET " + auths("/"+id),
		"POST " + auths("/"+id), "DELETE " + auths("/"+id), "POST " + lock + "/sync", "GET " + lock + "/log",
		"GET /sim/state", "POST " + control("type"), "GET " + control("opens"), "POST " + control("faults"),
		"POST " + control("once"), "POST " + control("offline"), "POST " + control("app"),
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, header := range []string{"", "Bearer wrong", token, "Bearer " + token + "er"} {
			request := httptest.NewRequest(method, path, strings.NewReader(`{}`))
			request.Header.Set("Authorization", header)
			answered := httptest.NewRecorder()
			w.sim.Handler().ServeHTTP(answered, request)
			if answered.Code != 401 {
				t.Errorf("%s with %q got %d, want 401", route, header, answered.Code)
			}
		}
	}
	w.wantLists("345678", "345678")
}

func TestHandler_WithoutATokenTakesAnybody(t *testing.T) {
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.Token = "" })
	answered := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(answered, httptest.NewRequest("GET", "/sim/state", nil))
	if answered.Code != 200 {
		t.Errorf("got %d, want 200", answered.Code)
	}
}

func TestControls_AnswerAndRefuse(t *testing.T) {
	opensAt := func(at string) string { return control("opens") + "?pin=345678&at=" + at }
	for _, c := range []struct {
		name, method, path, body string
		want                     int
		answer                   string
	}{
		{"the right PIN", "POST", control("type"), `{"pin":"345678"}`, 200, `{"opens":true}`},
		{"a wrong PIN", "POST", control("type"), `{"pin":"456789"}`, 200, `{"opens":false}`},
		{"no PIN", "POST", control("type"), `{}`, 200, `{"opens":false}`},
		{"a PIN that is no text", "POST", control("type"), `{"pin":345678}`, 400, ""},
		{"not JSON", "POST", control("type"), `{`, 400, ""},
		{"nothing", "POST", control("type"), ``, 400, ""},
		{"opens now", "GET", control("opens") + "?pin=345678", ``, 200, `{"opens":true}`},
		{"opens then", "GET", opensAt("2026-03-04T09:59:59Z"), ``, 200, `{"opens":true}`},
		{"does not open then", "GET", opensAt("2026-03-04T10:00:00Z"), ``, 200, `{"opens":false}`},
		{"opens when?", "GET", opensAt("tomorrow"), ``, 400, ""},
		{"a knob", "POST", control("faults"), `{"fail":0.5}`, 200, `{"fail":0.5}`},
		{"a misspelt knob", "POST", control("faults"), `{"fial":0.5}`, 400, ""},
		{"a knob of the wrong kind", "POST", control("faults"), `{"fail":"often"}`, 400, ""},
		{"a sync that is none", "POST", control("faults"), `{"sync":"sometimes"}`, 400, ""},
		{"an offline mode that is none", "POST", control("faults"), `{"offline_writes":"sometimes"}`, 400, ""},
		{"a second create that is none", "POST", control("faults"), `{"second_create":"sometimes"}`, 400, ""},
		{"a rule of windows that is none", "POST", control("faults"), `{"window_rule":"sometimes"}`, 400, ""},
		{"a status that no missing entry has", "POST", control("faults"), `{"missing_get":500}`, 400, ""},
		{"a status that no missing entry's delete has", "POST", control("faults"), `{"missing_delete":200}`, 400, ""},
		{"every word that a knob may say", "POST", control("faults"), `{"sync":"pushes","offline_writes":"daily_sync","missing_get":403,"missing_delete":204,"second_create":"accepted","window_rule":"future"}`, 200,
			`{"sync":"pushes","offline_writes":"daily_sync","missing_get":403,"missing_delete":204,"second_create":"accepted","window_rule":"future"}`},
		{"once", "POST", control("once"), `{"fault":"fail"}`, 204, ""},
		{"once, misspelt", "POST", control("once"), `{"fault":"fial"}`, 400, ""},
		{"once, not by chance", "POST", control("once"), `{"fault":"sync"}`, 400, ""},
		{"once, nothing", "POST", control("once"), `{}`, 400, ""},
		{"offline", "POST", control("offline"), `{"offline":true}`, 204, ""},
		{"offline, perhaps", "POST", control("offline"), `{"offline":"perhaps"}`, 400, ""},
		{"an entry of nobody in the app", "POST", control("app"), `{"id":"nobody","delete":true}`, 409, ""},
		{"a PIN that no keypad takes", "POST", control("app"), `{"pin":"123456"}`, 409, ""},
		{"an edit that the app does not know", "POST", control("app"), `{"paint":"green"}`, 400, ""},
		{"a lock that is not there", "POST", "/sim/locks/1/type", `{"pin":"345678"}`, 404, ""},
		{"a lock that is no number", "POST", "/sim/locks/front/offline", `{"offline":true}`, 404, ""},
		{"the wrong method", "GET", control("type"), ``, 405, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Faults{})
			w.given(345678)
			answered := w.call(c.method, c.path, c.body)
			if got := strings.TrimSpace(answered.Body.String()); answered.Code != c.want || c.answer != "" && got != c.answer {
				t.Errorf("got %d %s, want %d %s", answered.Code, got, c.want, c.answer)
			}
		})
	}
}

func TestControls_SetTheKnobsThatTheyNameAndNoOthers(t *testing.T) {
	w := newWorld(t, Faults{Fail: 0.25, Sync: SyncNothing})
	w.call("POST", control("faults"), `{"webhook_lost":1,"sync":"no_mark","late_by_ms":1500}`)
	want := Faults{Fail: 0.25, Sync: SyncNoMark, WebhookLost: 1, LateBy: 1500}
	if got := w.sim.Faults(door); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, refused := range []string{`{"fail":1,"too_many":"often"}`, `{"fail":1,"sync":"sometimes"}`, `{"fail":1,"fial":1}`, `{"fail":1`} {
		w.call("POST", control("faults"), refused)
		if got := w.sim.Faults(door); got != want {
			t.Errorf("%s was refused and left %+v", refused, got)
		}
	}
	w.call("POST", control("faults"), `{"webhook_lost":0,"fail":0}`)
	if got := w.sim.Faults(door); got.WebhookLost != 0 || got.Fail != 0 {
		t.Errorf("a knob is not turned back: %+v", got)
	}
}

func TestControls_DoWhatTheirButtonsSay(t *testing.T) {
	w := newWorld(t, Faults{})
	id := w.given(345678)
	w.call("POST", control("once"), `{"fault":"lose_accepted"}`)
	w.create(456789)
	w.call("POST", control("app"), `{"name":"Neighbour","pin":"567891"}`)
	w.call("POST", control("app"), fmt.Sprintf(`{"id":%q,"unrestrict":true}`, id))
	w.settle()
	w.wantLists("567891~ 345678~", "345678~ 567891~") // In the order of what was heard, and of the keypad.
	w.call("POST", control("offline"), `{"offline":true}`)
	if !w.sim.Snapshot(door).Offline {
		t.Error("the lock is online")
	}
	w.call("POST", control("offline"), `{"offline":false}`)
	w.call("POST", control("app"), fmt.Sprintf(`{"id":%q,"delete":true}`, id))
	w.settle()
	w.wantLists("567891~", "567891~")
}

func TestState_ShowsLocksWebhooksAndTheTime(t *testing.T) {
	w := newWorld(t, Faults{Fail: 0.5}, func(cfg *Config) { cfg.Locks = append(cfg.Locks, LockConfig{ID: 7, NoKeypad: true}) })
	w.given(345678)
	w.sim.Once(door, "stale_list")
	w.sim.Type(door, "345678")
	w.settle()
	var state struct {
		Now      time.Time  `json:"now"`
		Locks    []LockView `json:"locks"`
		Webhooks []Delivery `json:"webhooks"`
	}
	if err := json.Unmarshal(w.call("GET", "/sim/state", "").Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	if !state.Now.Equal(w.clock.Now()) || len(state.Locks) != 2 || len(state.Webhooks) != 2 {
		t.Fatalf("the state is %+v", state)
	}
	front, back := state.Locks[0], state.Locks[1]
	if front.ID != door || !front.Keypad || front.Capacity != 100 || front.Faults.Fail != 0.5 || front.Once["stale_list"] != 1 || front.Requests["create"] != 1 {
		t.Errorf("the front door is %+v", front)
	}
	if len(front.Log) != 1 || !front.Log[0].Opens || front.Log[0].Name != "K-345678" {
		t.Errorf("its log is %+v", front.Log)
	}
	if e := front.Table[0]; !e.Open || !e.Whole || e.PIN != "345678" || e.Days == nil || *e.Days != 127 {
		t.Errorf("its entry is %+v", e)
	}
	if back.Name != "Lock 7" || back.Keypad || back.TimeZone != "Europe/Vienna" {
		t.Errorf("the other lock is %+v", back)
	}
	if hook := state.Webhooks[0]; hook.Feature != "DEVICE_AUTHS" || hook.Fate != "sent" || hook.Lock != door {
		t.Errorf("the webhook is %+v", hook)
	}
}

func TestState_KeepsTheLastFew(t *testing.T) {
	w := newWorld(t, Faults{})
	for range 30 {
		w.sim.Type(door, "345678")
	}
	if got := len(w.sim.Snapshot(door).Log); got != keptLog {
		t.Errorf("%d tries are shown, want %d", got, keptLog)
	}
	if got := strings.Count(w.call("GET", "/sim/state", "").Body.String(), `"feature"`); got != keptDeliveries {
		t.Errorf("%d webhooks are shown, want %d", got, keptDeliveries)
	}
}

func TestPage_HasTheTokenAndNothingFromElsewhere(t *testing.T) {
	w := newWorld(t, Faults{}, func(cfg *Config) { cfg.Token = `a"</script>` })
	answered := w.call("GET", "/sim/", "")
	body := answered.Body.String()
	if answered.Code != 200 || !strings.HasPrefix(answered.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("got %d %s", answered.Code, answered.Header())
	}
	if !strings.Contains(body, `const token = "a\"\u003c/script\u003e";`) || strings.Contains(body, "SIM_TOKEN") {
		t.Error("the page does not have the token, or not safely")
	}
	for _, foreign := range []string{`https?://`, `src=`, `@import`, `url\(`} {
		if found := regexp.MustCompile(foreign).FindString(body); found != "" {
			t.Errorf("the page fetches something from elsewhere: %s", found)
		}
	}
	// Names come from users: text is set as text only.
	if strings.Contains(body, "innerHTML") || strings.Contains(body, "insertAdjacentHTML") {
		t.Error("the page makes HTML of text")
	}
	if answered := w.call("GET", "/", ""); answered.Code != 302 || answered.Header().Get("Location") != "/sim/" {
		t.Errorf("/ got %d to %q", answered.Code, answered.Header().Get("Location"))
	}
}

// A button whose fault had another name would do nothing.
func TestPage_AsksForFaultsThatThereAre(t *testing.T) {
	names := regexp.MustCompile(`(?m)^  \["(\w+)", (?:[\d.]+, )?"[A-Z]`).FindAllStringSubmatch(page, -1)
	if len(names) < 9 {
		t.Fatalf("found %d buttons only", len(names))
	}
	for _, name := range names {
		w := newWorld(t, Faults{})
		if got := w.call("POST", control("once"), fmt.Sprintf(`{"fault":%q}`, name[1])).Code; got != 204 {
			t.Errorf("%s got %d", name[1], got)
		}
	}
}

func TestSim_PanicsAtALockThatIsNotThere(t *testing.T) {
	w := newWorld(t, Faults{})
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	w.sim.SetOffline(1, true)
}
