// This file is people: somebody typing on the keypad, somebody with the app.

package nukisim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	stateSuccess     = 0
	stateInvalidCode = 224
)

// keypad is whom a try at the keypad is about.
var keypad = subject{"keypad", "type"}

// Type is somebody typing a PIN on the keypad now. It answers as the keypad
// does, and leaves a row in the log with its webhook.
func (s *Sim) Type(id int64, pin string) (opens bool) {
	s.with(id, func(l *lock) { opens = s.typed(l, pin) })
	return opens
}

func (s *Sim) typed(l *lock, pin string) bool {
	now := s.cfg.Clock.Now()
	row := logRow{id: s.newID(l, "log", keypad), state: stateInvalidCode, at: now, unseen: l.offline}
	admitted := l.admits(pin, now)
	if admitted == nil {
		s.say(l, "somebody types a code: it is refused")
	} else {
		l.count(admitted, now)
		s.say(l, "somebody types a code: it opens for", admitted.name)
		row.authID, row.name, row.state = admitted.id, admitted.name, stateSuccess
	}
	l.log = append(l.log, row)
	if !l.offline {
		s.emit(l, keypad, logEvent(l, row))
	}
	return admitted != nil
}

// count notes on an entry that it has opened.
func (l *lock) count(e *entry, now time.Time) {
	counted := e.copy()
	counted.lockCount++
	counted.lastActive = now
	l.setTable(replaced(l.table, counted))
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
		l.setTable(without(l.table, edit.ID))
		s.say(l, "in the app:", there.name, "is deleted")
		s.after(l.faultsNow().AppLag.D(), func() { s.reportApp(l, there, true) })
		return edit.ID, nil
	}
	if err := edit.check(l, there); err != nil {
		return "", err
	}
	changed := there.copy()
	edit.change(changed, now)
	l.setTable(replaced(l.table, changed))
	s.say(l, "in the app:", there.name, "is changed", s.changes(edit))
	s.after(l.faultsNow().AppLag.D(), func() { s.reportApp(l, changed, false) })
	return edit.ID, nil
}

func (s *Sim) addInApp(l *lock, edit AppEdit, now time.Time) (string, error) {
	if err := edit.check(l, nil); err != nil {
		return "", err
	}
	code, _ := strconv.Atoi(edit.PIN)
	added := &entry{id: s.newID(l, "app", subject{entityOf(edit.Name), "app"}), name: edit.Name, code: code, enabled: true, authID: s.nextAuthID(l), created: now, updated: now}
	l.setTable(with(l.table, added))
	s.say(l, "in the app:", added.name, "is added")
	s.after(l.faultsNow().AppLag.D(), func() { s.reportApp(l, added.copy(), false) })
	return added.id, nil
}

// check refuses what the app would: e is the entry to be changed, nil where one
// is to be added.
func (a AppEdit) check(l *lock, e *entry) error {
	if e != nil && a.PIN == "" {
		return nil
	}
	code, err := strconv.Atoi(a.PIN)
	if err != nil || badCode(code) {
		return fmt.Errorf("not a PIN that a keypad takes")
	}
	if other := byCode(l.table, code); other != nil && other != e || e == nil && len(l.table) >= l.cfg.Capacity {
		return fmt.Errorf("the keypad has that code already, or is full")
	}
	return nil
}

// changes are what an edit changes in words, where somebody reads them.
func (s *Sim) changes(a AppEdit) string {
	if s.cfg.Trace == nil {
		return ""
	}
	var all []string
	for _, done := range []struct {
		is   bool
		text string
	}{
		{a.Name != "", "renamed to " + a.Name}, {a.Disable, "disabled"}, {a.Enable, "enabled"},
		{a.Unrestrict, "without its window"}, {a.PIN != "", "with another code"},
	} {
		if done.is {
			all = append(all, done.text)
		}
	}
	return strings.Join(all, ", ")
}

func (a AppEdit) change(e *entry, now time.Time) {
	e.updated, e.deafUntil = now, time.Time{}
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
	if a.PIN != "" {
		e.code, _ = strconv.Atoi(a.PIN)
	}
}

// reportApp shows an edit of the app in the cloud. An operation of the API's that
// is in flight stays.
func (s *Sim) reportApp(l *lock, e *entry, deleted bool) {
	shown, list := e.copy(), without(l.cloud, e.id)
	if listed := byID(l.cloud, e.id); listed != nil {
		shown.operation = listed.operation
	}
	if !deleted {
		list = append(list, shown)
	}
	l.change(list)
	s.emit(l, subject{entityOf(e.name), "app"}, authEvent(l, shown, deleted))
}

// AddForeign puts an entry of somebody else's on lock and cloud alike, at once.
func (s *Sim) AddForeign(id int64, name, pin string, from, until time.Time) (entryID string) {
	s.with(id, func(l *lock) {
		code, _ := strconv.Atoi(pin)
		now := s.cfg.Clock.Now()
		days, zero := 127, 0
		e := &entry{
			id: s.newID(l, "foreign", subject{entityOf(name), "foreign"}), name: name, code: code, enabled: true, authID: s.nextAuthID(l), created: now, updated: now,
			window: window{from: &from, until: &until, weekDays: &days, fromTime: &zero, untilTime: &zero},
		}
		l.setTable(with(l.table, e))
		s.say(l, "somebody else's", name, "is on lock and list")
		l.change(with(l.cloud, e.copy()))
		entryID = e.id
	})
	return entryID
}
