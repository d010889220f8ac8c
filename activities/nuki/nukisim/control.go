// This file is the simulation's own page and the controls behind its buttons,
// under /sim/. They are for a demonstration on one machine.

package nukisim

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var page string

// LockView is one lock as the page shows it.
type LockView struct {
	ID         int64          `json:"id,string"`
	Name       string         `json:"name"`
	TimeZone   string         `json:"time_zone"`
	Keypad     bool           `json:"keypad"`
	Offline    bool           `json:"offline"`
	Capacity   int            `json:"capacity"`
	Cloud      []EntryView    `json:"cloud"`
	Table      []EntryView    `json:"table"`
	Operations []string       `json:"operations"`
	Faults     Faults         `json:"faults"`
	Once       map[string]int `json:"once"`
	Requests   map[string]int `json:"requests"`
	Log        []LogView      `json:"log"`
}

// EntryView is one keypad code as the page shows it.
type EntryView struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	PIN     string     `json:"pin"`
	Enabled bool       `json:"enabled"`
	From    *time.Time `json:"from,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	// Days and the two times of day, in minutes, restrict every day inside.
	Days      *int `json:"days,omitempty"`
	FromTime  *int `json:"from_time,omitempty"`
	UntilTime *int `json:"until_time,omitempty"`
	// Whole says that all five fields of the window are there.
	Whole bool `json:"whole"`
	// Running says that an operation is running on it.
	Running bool `json:"running"`
	// Open says that the keypad would obey it now.
	Open bool `json:"open"`
}

// LogView is one try at the keypad.
type LogView struct {
	At    time.Time `json:"at"`
	Name  string    `json:"name"`
	Opens bool      `json:"opens"`
}

const keptLog = 8

// Snapshot is a lock as the page shows it.
func (s *Sim) Snapshot(id int64) (view LockView) {
	s.with(id, func(l *lock) { view = s.view(l) })
	return view
}

func (s *Sim) view(l *lock) LockView {
	view := LockView{
		ID: l.cfg.ID, Name: l.cfg.Name, TimeZone: l.cfg.TimeZone, Keypad: !l.cfg.NoKeypad, Offline: l.offline,
		Capacity: l.cfg.Capacity, Cloud: s.entryViews(l, l.cloud), Table: s.entryViews(l, l.table), Operations: []string{},
		Faults: l.faults, Once: map[string]int{}, Requests: map[string]int{}, Log: []LogView{},
	}
	for _, op := range l.operations {
		view.Operations = append(view.Operations, string(op.kind))
	}
	for _, op := range l.late {
		view.Operations = append(view.Operations, "late "+string(op.kind))
	}
	for _, name := range sortedKeys(l.requests) {
		view.Requests[name] = l.requests[name]
	}
	for name, n := range l.once {
		view.Once[name] = n
	}
	for i := len(l.log) - 1; i >= max(0, len(l.log)-keptLog); i-- {
		view.Log = append(view.Log, LogView{At: l.log[i].at, Name: l.log[i].name, Opens: l.log[i].state == stateSuccess})
	}
	return view
}

func (s *Sim) entryViews(l *lock, list []*entry) []EntryView {
	now := s.cfg.Clock.Now()
	local := now.Add(l.faultsNow().ClockOffset.D())
	views := make([]EntryView, 0, len(list))
	for _, e := range list {
		w := e.window
		views = append(views, EntryView{
			ID: e.id, Name: e.name, PIN: strconv.Itoa(e.code), Enabled: e.enabled, From: w.from, Until: w.until,
			Days: w.weekDays, FromTime: w.fromTime, UntilTime: w.untilTime,
			Whole:   w.from != nil && w.until != nil && w.weekDays != nil && w.fromTime != nil && w.untilTime != nil,
			Running: e.operation != "", Open: e.obeyed(now, local, l.zone),
		})
	}
	return views
}

func (s *Sim) controls(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sim/", http.StatusFound)
	})
	mux.HandleFunc("GET /sim/{$}", s.servePage)
	mux.HandleFunc("GET /sim/state", s.gate(s.serveState))
	mux.HandleFunc("POST /sim/locks/{lock}/type", s.control(s.controlType))
	mux.HandleFunc("GET /sim/locks/{lock}/opens", s.control(s.controlOpens))
	mux.HandleFunc("POST /sim/locks/{lock}/faults", s.control(s.controlFaults))
	mux.HandleFunc("POST /sim/locks/{lock}/once", s.control(s.controlOnce))
	mux.HandleFunc("POST /sim/locks/{lock}/offline", s.control(s.controlOffline))
	mux.HandleFunc("POST /sim/locks/{lock}/app", s.control(s.controlApp))
}

// servePage hands the page its token, so that its buttons work. Whoever reaches
// the page reaches the simulation: it is no place for real codes.
func (s *Sim) servePage(w http.ResponseWriter, _ *http.Request) {
	token, _ := json.Marshal(s.cfg.Token)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(strings.Replace(page, `"SIM_TOKEN"`, string(token), 1)))
}

func (s *Sim) serveState(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	locks := make([]LockView, 0, len(s.order))
	for _, id := range s.order {
		locks = append(locks, s.view(s.locks[id]))
	}
	recent := append([]Delivery{}, s.recent...)
	answer(w, http.StatusOK, map[string]any{"now": s.cfg.Clock.Now(), "locks": locks, "webhooks": recent})
}

type lockHandler func(w http.ResponseWriter, r *http.Request, l *lock)

// control finds the lock; the handler runs under the mutex.
func (s *Sim) control(next lockHandler) http.HandlerFunc {
	return s.gate(func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.PathValue("lock"), 10, 64)
		s.mu.Lock()
		defer s.mu.Unlock()
		if l := s.locks[id]; l != nil {
			next(w, r, l)
			return
		}
		http.Error(w, "no such lock", http.StatusNotFound)
	})
}

// body reads a control's JSON into a value; false when it has answered 400. A
// misspelt name would be a fault that never happens, so it is refused.
func body(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		http.Error(w, "not JSON of the expected shape", http.StatusBadRequest)
		return false
	}
	return true
}

func (s *Sim) controlType(w http.ResponseWriter, r *http.Request, l *lock) {
	var typed struct {
		PIN string `json:"pin"`
	}
	if body(w, r, &typed) {
		answer(w, http.StatusOK, map[string]bool{"opens": s.typed(l, typed.PIN)})
	}
}

func (s *Sim) controlOpens(w http.ResponseWriter, r *http.Request, l *lock) {
	at, err := queryDate(r.URL.Query().Get("at"))
	if err != nil {
		http.Error(w, "at must be RFC 3339", http.StatusBadRequest)
		return
	}
	if at.IsZero() {
		at = s.cfg.Clock.Now()
	}
	answer(w, http.StatusOK, map[string]bool{"opens": l.admits(r.URL.Query().Get("pin"), at) != nil})
}

// controlFaults sets the knobs that the body names and leaves the others; a body
// that is refused changes none.
func (s *Sim) controlFaults(w http.ResponseWriter, r *http.Request, l *lock) {
	wanted := l.faults
	if !body(w, r, &wanted) {
		return
	}
	if err := wanted.Check(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.setFaults(wanted)
	answer(w, http.StatusOK, l.faults)
}

func (s *Sim) controlOnce(w http.ResponseWriter, r *http.Request, l *lock) {
	var fault struct {
		Fault string `json:"fault"`
	}
	if !body(w, r, &fault) {
		return
	}
	if !slices.Contains(chances, fault.Fault) {
		http.Error(w, "no such fault", http.StatusBadRequest)
		return
	}
	l.once[fault.Fault]++
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sim) controlOffline(w http.ResponseWriter, r *http.Request, l *lock) {
	var wanted struct {
		Offline bool `json:"offline"`
	}
	if body(w, r, &wanted) {
		s.setOffline(l, wanted.Offline)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Sim) controlApp(w http.ResponseWriter, r *http.Request, l *lock) {
	var edit AppEdit
	if !body(w, r, &edit) {
		return
	}
	id, err := s.inApp(l, edit)
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	answer(w, http.StatusOK, map[string]string{"id": id})
}
