// This file is people: somebody typing on the keypad, somebody with the app.

package nukisim

import (
	"fmt"
	"strconv"
	"time"
)

const (
	stateSuccess     = 0
	stateInvalidCode = 224
)

// Type is somebody typing a PIN on the keypad now. It answers as the keypad
// does, and leaves a row in the log with its webhook.
func (s *Sim) Type(id int64, pin string) (opens bool) {
	s.with(id, func(l *lock) { opens = s.typed(l, pin) })
	return opens
}

func (s *Sim) typed(l *lock, pin string) bool {
	now := s.cfg.Clock.Now()
	row := logRow{id: s.newID(l, "log"), state: stateInvalidCode, at: now}
	admitted := l.admits(pin, now)
	if admitted != nil {
		admitted.lockCount++
		admitted.lastActive = now
		row.authID, row.name, row.state = admitted.id, admitted.name, stateSuccess
	}
	l.log = append(l.log, row)
	if !l.offline {
		s.emit(l, logEvent(l, row))
	}
	return admitted != nil
}

// AppEdit is what somebody does to an entry in the phone app, directly on the
// lock; it shows in the cloud after AppLag.
type AppEdit struct {
	// ID names the entry; empty adds one with Name and PIN.
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	PIN  string `json:"pin,omitempty"`
	// Delete removes it, Disable and Enable switch it, Unrestrict drops its
	// window.
	Delete     bool `json:"delete,omitempty"`
	Disable    bool `json:"disable,omitempty"`
	Enable     bool `json:"enable,omitempty"`
	Unrestrict bool `json:"unrestrict,omitempty"`
}

// InApp performs an edit and answers the id of the entry.
func (s *Sim) InApp(id int64, edit AppEdit) (entryID string, err error) {
	s.with(id, func(l *lock) { entryID, err = s.inApp(l, edit) })
	return entryID, err
}

func (s *Sim) inApp(l *lock, edit AppEdit) (string, error) {
	now := s.cfg.Clock.Now()
	if edit.ID == "" {
		return s.addInApp(l, edit, now)
	}
	there := byID(l.table, edit.ID)
	if there == nil {
		return "", fmt.Errorf("the lock has no entry %s", edit.ID)
	}
	if edit.Delete {
		l.table = without(l.table, edit.ID)
		s.after(l.faults.AppLag.D(), func() { s.reportApp(l, there, true) })
		return edit.ID, nil
	}
	edit.change(there, now)
	changed := there.copy()
	s.after(l.faults.AppLag.D(), func() { s.reportApp(l, changed, false) })
	return edit.ID, nil
}

func (s *Sim) addInApp(l *lock, edit AppEdit, now time.Time) (string, error) {
	code, err := strconv.Atoi(edit.PIN)
	if err != nil || badCode(code) {
		return "", fmt.Errorf("not a PIN that a keypad takes")
	}
	if byCode(l.table, code) != nil || len(l.table) >= l.cfg.Capacity {
		return "", fmt.Errorf("the keypad has that code already, or is full")
	}
	added := &entry{id: s.newID(l, "app"), name: edit.Name, code: code, enabled: true, authID: s.nextAuthID(l), created: now, updated: now}
	l.table = append(l.table, added)
	s.after(l.faults.AppLag.D(), func() { s.reportApp(l, added.copy(), false) })
	return added.id, nil
}

func (a AppEdit) change(e *entry, now time.Time) {
	e.updated = now
	if a.Name != "" {
		e.name = a.Name
	}
	if a.Disable {
		e.enabled = false
	}
	if a.Enable {
		e.enabled = true
	}
	if a.Unrestrict {
		e.window = window{}
	}
	if code, err := strconv.Atoi(a.PIN); err == nil && !badCode(code) {
		e.code = code
	}
}

// reportApp shows an edit of the app in the cloud.
func (s *Sim) reportApp(l *lock, e *entry, deleted bool) {
	list := without(copies(l.cloud), e.id)
	if !deleted {
		list = append(list, e.copy())
	}
	l.change(list)
	s.emit(l, authEvent(l, e, deleted))
}

// AddForeign puts an entry of somebody else's on lock and cloud alike, at once.
func (s *Sim) AddForeign(id int64, name, pin string, from, until time.Time) (entryID string) {
	s.with(id, func(l *lock) {
		code, _ := strconv.Atoi(pin)
		now := s.cfg.Clock.Now()
		days, zero := 127, 0
		e := &entry{
			id: s.newID(l, "foreign"), name: name, code: code, enabled: true, authID: s.nextAuthID(l), created: now, updated: now,
			window: window{from: &from, until: &until, weekDays: &days, fromTime: &zero, untilTime: &zero},
		}
		l.table = append(l.table, e)
		l.change(append(copies(l.cloud), e.copy()))
		entryID = e.id
	})
	return entryID
}
