// This file is the two plain strategies that Keystay is compared with: what most
// integrations do, and the workaround of the mission post.

package campaign

import (
	"context"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// plainWorld is one world under way with a plain strategy in it.
type plainWorld struct {
	*stage
	at time.Time
	// pins are those of the stays, sent those of (stay, lock) that were accepted.
	pins map[string]nuki.PIN
	sent map[stayLock]nuki.Window
	// audits says that an hourly audit repairs what it finds.
	audits bool
	// refreshed and synced are when the audit last did so, by lock and stay.
	refreshed map[stayLock]bool
	synced    map[int64]time.Time
}

type stayLock struct {
	stay string
	lock int64
}

// FireAndForget sends the PIN at the lead time and deletes it at check-out, and
// looks at nothing.
func FireAndForget(plan *Plan, keep bool) (*Log, error) { return plain(plan, keep, false) }

// Workaround does what the mission post does: the same, and every hour an audit
// that recreates what is missing, repairs windows, syncs, renames gently, and
// deletes again.
func Workaround(plan *Plan, keep bool) (*Log, error) { return plain(plan, keep, true) }

func plain(plan *Plan, keep, audits bool) (*Log, error) {
	w := &plainWorld{
		at: plan.Begins, pins: map[string]nuki.PIN{}, sent: map[stayLock]nuki.Window{}, audits: audits,
		refreshed: map[stayLock]bool{}, synced: map[int64]time.Time{},
	}
	stage, err := newStage(plan, func() time.Time { return w.at }, nil, keep)
	if err != nil {
		return nil, err
	}
	w.stage = stage
	w.schedule()
	w.run()
	return w.log, nil
}

// run moves from event to event.
func (w *plainWorld) run() {
	for {
		at, ok := w.agenda.next()
		if !ok || at.After(w.plan.Ends) {
			break
		}
		w.at = at
		w.clock.AdvanceTo(at)
		w.agenda.run(at)
	}
	w.at = w.plan.Ends
	w.clock.AdvanceTo(w.at)
}

func (w *plainWorld) schedule() {
	random := newDice(w.plan.Seed, "plain pins")
	for _, stay := range w.plan.Stays {
		w.pins[stay.ID] = random.pin()
	}
	for _, message := range w.messages() {
		w.agenda.add(message.At, func() { w.heard(message) })
	}
	if w.audits {
		for at := w.plan.Begins.Add(time.Hour); at.Before(w.plan.Ends); at = at.Add(time.Hour) {
			w.agenda.add(at, w.audit)
		}
	}
}

// lead is how long before check-in these strategies send a PIN: as Keystay does.
var lead = workflows.DefaultPolicy().Lead.D()

// heard takes a booking's message in.
func (w *plainWorld) heard(m stayMessage) {
	w.log.said(w.at, m.stay.ID, m.describe())
	if pin, ok := supplied(m.Wish); ok {
		w.pins[m.stay.ID] = pin
	}
	w.agenda.add(later(w.at, m.Wish.StartsAt.Add(-lead)), func() { w.bring(m.stay) })
	w.agenda.add(later(w.at, m.Wish.Window().Until), func() { w.take(m.stay) })
	if !m.Wish.Status.WantsEntry() {
		w.take(m.stay)
	}
	for lock := range w.doors(m.stay) {
		if !has(m.Wish, lock) {
			w.delete(stayLock{m.stay.ID, lock})
		}
	}
}

// doors are the locks that were sent a stay's PIN.
func (w *plainWorld) doors(stay *Stay) map[int64]bool {
	all := map[int64]bool{}
	for _, lock := range stay.locks() {
		if _, ok := w.sent[stayLock{stay.ID, lock}]; ok {
			all[lock] = true
		}
	}
	return all
}

// due reports whether a stay's PIN should be on its locks now.
func (w *plainWorld) due(stay *Stay) (wish workflows.Wish, ok bool) {
	now := stay.wishAt(w.at)
	if now == nil || !now.Status.WantsEntry() || w.at.Before(now.StartsAt.Add(-lead)) || !w.at.Before(now.Window().Until) {
		return workflows.Wish{}, false
	}
	return *now, true
}

// bring sends the PIN to every door, or the new window to those that have it. It
// tells the guest at once: the API has answered with 204.
func (w *plainWorld) bring(stay *Stay) {
	wish, ok := w.due(stay)
	if !ok {
		return
	}
	accepted := true
	for _, door := range wish.Locks {
		accepted = w.send(stay, door.SmartlockID, wish) && accepted
	}
	w.tell(stay, w.pins[stay.ID])
	if accepted && !w.audits {
		w.log.claim(Claim{Stay: stay.ID, At: w.at, Status: workflows.StatusReady})
	}
}

func (w *plainWorld) send(stay *Stay, lock int64, wish workflows.Wish) bool {
	key, window := stayLock{stay.ID, lock}, wish.Window()
	document, err := w.document(stay, window)
	if err != nil {
		return false
	}
	if _, there := w.sent[key]; there {
		id, _, found := w.find(key)
		return found && w.client.UpdateAuthorization(context.Background(), lock, id, document) == nil
	}
	if err := w.client.CreateAuthorization(context.Background(), lock, document); err != nil {
		return false
	}
	w.sent[key] = window
	return true
}

func (w *plainWorld) document(stay *Stay, window nuki.Window) (nuki.Document, error) {
	w.log.wrote(w.at, stay.ID, w.pins[stay.ID])
	return nuki.NewDocument(activities.Name(mark, activities.Key(stay.ID), 0), w.pins[stay.ID], window, true)
}

// find looks a stay's entry up in the list of a lock.
func (w *plainWorld) find(key stayLock) (id string, window nuki.PartialWindow, found bool) {
	list, err := w.client.Authorizations(context.Background(), key.lock)
	if err != nil {
		return "", window, false
	}
	for _, entry := range list {
		if owner, ok := stayOf(entry.Name); ok && owner == key.stay {
			return entry.ID, entry.Window, true
		}
	}
	return "", window, false
}

// take deletes what a stay has on locks, unless it goes on.
func (w *plainWorld) take(stay *Stay) {
	if wish := stay.wishAt(w.at); wish.Status.WantsEntry() && w.at.Before(wish.Window().Until) {
		return
	}
	for _, lock := range stay.locks() {
		if _, ok := w.sent[stayLock{stay.ID, lock}]; ok {
			w.delete(stayLock{stay.ID, lock})
		}
	}
	if !w.audits {
		w.log.claim(Claim{Stay: stay.ID, At: w.at, Status: workflows.StatusRevoked})
	}
}

func (w *plainWorld) delete(key stayLock) {
	delete(w.sent, key)
	if id, _, found := w.find(key); found {
		_ = w.client.DeleteAuthorization(context.Background(), key.lock, id)
	}
}
