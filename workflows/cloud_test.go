// This file is a cloud for lives_test.go: each answer is drawn, and nearly every
// one may be a lie. nukisim misbehaves like Nuki; this one in any way there is.

package workflows

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/keystay/keystay/activities/nuki"
)

// cloud answers Keystay's activities (activities.API).
type cloud struct {
	t   *rapid.T
	now time.Time
	// lies is how many answers in a hundred are one, at most; none in an honest cloud.
	lies  int
	doors map[int64]*lockInCloud
	// ours are the ids of all that was ever made by a create.
	ours []string
	// late are writes that were accepted and have not landed, oldest first.
	late []lateWrite
}

// lateWrite lands some time, at the latest as late as the policy allows for.
type lateWrite struct {
	by   time.Time
	land func()
}

// lockInCloud is one lock: list and table are the same here.
type lockInCloud struct {
	list, stale []nuki.Authorization
	state       nuki.Smartlock
	// gone: it is not in the account.
	gone    bool
	foreign int
}

// holds reports whether another entry has a code: a lock has room for it once.
func (l *lockInCloud) holds(pin nuki.PIN, but string) bool {
	return slices.ContainsFunc(l.list, func(a nuki.Authorization) bool { return a.PIN == pin && a.ID != but })
}

// fate draws what becomes of a call: what should, or one of the other things.
func fate[T any](c *cloud, what string, honest T, lies ...T) T {
	if c.lies == 0 || !maybe(c.t, c.lies, "a lie") {
		return honest
	}
	return of(c.t, what, lies...)
}

var unavailable = &nuki.Error{Operation: "ask", Status: 503}

// failure is an answer that has done nothing; mostly it is none.
func (c *cloud) failure(door *lockInCloud) error {
	err := fate[error](c, "answer", nil, unavailable, &nuki.Error{Operation: "ask"},
		&nuki.Error{Operation: "ask", Status: 429, RetryAfter: time.Minute}, &nuki.Error{Operation: "ask", Status: 401})
	if err == nil && door.gone {
		return &nuki.Error{Operation: "ask", Status: 404}
	}
	return err
}

// Smartlock is the lock itself.
func (c *cloud) Smartlock(_ context.Context, id int64) (nuki.Smartlock, error) {
	return c.doors[id].state, c.failure(c.doors[id])
}

// Authorizations is the list: as it is, as it was, or less of it.
func (c *cloud) Authorizations(_ context.Context, id int64) ([]nuki.Authorization, error) {
	door := c.doors[id]
	before := door.stale
	door.stale = slices.Clone(door.list)
	switch fate(c, "list", "right", "old", "empty") {
	case "old":
		return before, c.failure(door)
	case "empty":
		return nil, c.failure(door)
	}
	return slices.Clone(door.list), c.failure(door)
}

// CreateAuthorization answers 409 where the code is held.
func (c *cloud) CreateAuthorization(_ context.Context, id int64, d nuki.Document) error {
	return c.write(func() error {
		door := c.doors[id]
		if door.holds(d.PIN(), "") {
			return &nuki.Error{Operation: "create", Status: 409}
		}
		c.ours = append(c.ours, fmt.Sprintf("ours-%d", len(c.ours)))
		door.list = append(door.list, document(nuki.Authorization{ID: c.ours[len(c.ours)-1], SmartlockID: id}, d))
		return nil
	})
}

// UpdateAuthorization answers 423 where an operation runs.
func (c *cloud) UpdateAuthorization(_ context.Context, id int64, authID string, d nuki.Document) error {
	return c.change(id, authID, func(door *lockInCloud, i int) error {
		if door.holds(d.PIN(), authID) {
			return &nuki.Error{Operation: "update", Status: 409}
		}
		door.list[i] = document(door.list[i], d)
		return nil
	})
}

// DeleteAuthorization answers 423 where an operation runs.
func (c *cloud) DeleteAuthorization(_ context.Context, id int64, authID string) error {
	return c.change(id, authID, func(door *lockInCloud, i int) error {
		door.list = slices.Delete(door.list, i, i+1)
		return nil
	})
}

func (c *cloud) change(id int64, authID string, how func(*lockInCloud, int) error) error {
	if !slices.Contains(c.ours, authID) {
		c.t.Fatalf("%s was written to, which Keystay never made", authID)
	}
	return c.write(func() error {
		door := c.doors[id]
		i := slices.IndexFunc(door.list, func(a nuki.Authorization) bool { return a.ID == authID })
		switch {
		case i < 0:
			return &nuki.Error{Operation: "change", Status: 404}
		case door.list[i].OperationID != "":
			return &nuki.Error{Operation: "change", Status: 423}
		}
		return how(door, i)
	})
}

// write lets a write land now, later or never, whatever is answered.
func (c *cloud) write(land func() error) error {
	switch fate(c, "write", "lands", "is lost", "lands late", "lands unanswered", "is lost unanswered", "is refused") {
	case "is lost":
		return nil
	case "lands late":
		by := c.now.Add(DefaultPolicy().Unaccounted.D() - time.Second)
		c.late = append(c.late, lateWrite{by, func() { _ = land() }})
		return nil
	case "lands unanswered":
		_ = land()
		return unavailable
	case "is lost unanswered":
		return unavailable
	case "is refused":
		return of[error](c.t, "refusal", &nuki.Error{Status: 422}, &nuki.Error{Status: 409}, &nuki.Error{Status: 423}, &nuki.Error{Status: 404})
	}
	return land()
}

// Log is empty: whether a PIN was used at the door is no matter of these lives.
func (c *cloud) Log(_ context.Context, id int64, _ nuki.LogQuery) ([]nuki.LogRow, error) {
	return nil, c.failure(c.doors[id])
}

// Sync leaves a mark, or does not.
func (c *cloud) Sync(_ context.Context, id int64) error {
	if fate(c, "mark", true, false) {
		c.doors[id].state.UpdatedAt = c.now.Add(time.Second)
	}
	return c.failure(c.doors[id])
}

// landLate lets the oldest of the late writes land.
func (c *cloud) landLate(n int) {
	for _, write := range c.late[:n] {
		write.land()
	}
	c.late = c.late[n:]
}

// pass lets time pass until a moment.
func (c *cloud) pass(until time.Time) {
	c.now = latest(c.now, until)
	for len(c.late) > 0 && !c.late[0].by.After(c.now) {
		c.landLate(1)
	}
}

// document is an entry after a whole write.
func document(a nuki.Authorization, d nuki.Document) nuki.Authorization {
	w := d.Window()
	a.Type, a.Name, a.PIN, a.Enabled = nuki.TypeKeypadCode, d.Name(), d.PIN(), d.Enabled()
	a.Window = nuki.PartialWindow{From: &w.From, Until: &w.Until, WeekDays: &w.WeekDays, FromTime: &w.FromTime, UntilTime: &w.UntilTime}
	return a
}

// disturb lets somebody else, or the lock itself, change one thing on a door.
func (c *cloud) disturb(door *lockInCloud, pins []PINRecord) {
	switch of(c.t, "disturbance", "offline", "online", "gone", "no keypad", "account", "rival", "full", "late", "entry", "entry", "entry") {
	case "offline":
		door.state.ServerState = nuki.ServerOffline
	case "online":
		door.state.ServerState, door.state.KeypadPaired, door.gone = nuki.ServerOnline, true, false
	case "gone":
		door.gone = true
	case "no keypad":
		door.state.KeypadPaired = false
	case "account":
		door.state.ServerState = nuki.ServerAuthInvalid
	case "rival":
		if len(pins) > 0 {
			door.add(of(c.t, "whose", pins...).PIN, of(c.t, "holder", "Cleaner", "K-R2"), c.now.Add(of(c.t, "leaves", time.Hour, 100*time.Hour)))
		}
	case "full":
		for n := len(door.list); n < DefaultPolicy().Capacity; n++ {
			door.add(nuki.CodeOf(int32(300000+n)), "Cleaner", checkOut)
		}
	case "late":
		if len(c.late) > 0 {
			c.landLate(1)
		}
	case "entry":
		if len(door.list) > 0 {
			c.disturbEntry(door, rapid.IntRange(0, len(door.list)-1).Draw(c.t, "entry"))
		}
	}
}

func (c *cloud) disturbEntry(door *lockInCloud, i int) {
	switch entry := &door.list[i]; of(c.t, "entry's", "operation", "end", "removal", "switch", "name", "window", "code") {
	case "operation":
		entry.OperationID = "running"
	case "end":
		entry.OperationID = ""
	case "removal":
		door.list = slices.Delete(door.list, i, i+1)
	case "switch":
		entry.Enabled = false
	case "name":
		entry.Name = "Front door"
	case "window":
		entry.Window = nuki.PartialWindow{From: entry.Window.From, Until: entry.Window.Until}
	case "code":
		entry.PIN = nuki.CodeOf(nobodysPIN)
	}
}

// add adds an entry that is not ours.
func (l *lockInCloud) add(pin nuki.PIN, name string, until time.Time) {
	l.foreign++
	window, _ := nuki.NewWindow(checkIn.Add(-1000*time.Hour), until)
	d, _ := nuki.NewDocument(name, pin, window, true)
	l.list = append(l.list, document(nuki.Authorization{ID: fmt.Sprintf("foreign-%d", l.foreign)}, d))
}

// mend ends all faults: what was late lands, and people remove what nobody can know
// to be ours, as attention asks for.
func (c *cloud) mend(knowable func(lock int64, a nuki.Authorization) bool) {
	c.landLate(len(c.late))
	c.lies = 0
	for id, door := range c.doors {
		door.state.ServerState, door.state.KeypadPaired, door.gone = nuki.ServerOnline, true, false
		door.list = slices.DeleteFunc(door.list, func(a nuki.Authorization) bool { return !knowable(id, a) })
		for i := range door.list {
			door.list[i].OperationID = ""
		}
	}
}
