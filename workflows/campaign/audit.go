// This file is the hourly audit of the mission post's workaround: it recreates,
// repairs, syncs, renames gently, and deletes again.

package campaign

import (
	"context"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// audit reads every lock's list once and holds it against the bookings.
func (w *plainWorld) audit() {
	for _, lock := range w.plan.Locks {
		list, err := w.client.Authorizations(context.Background(), lock.ID)
		if err != nil {
			continue
		}
		listed := map[string]nuki.Authorization{}
		for _, entry := range list {
			if stay, ok := stayOf(entry.Name); ok {
				listed[stay] = entry
			}
		}
		w.auditLock(lock.ID, listed)
	}
}

func (w *plainWorld) auditLock(lock int64, listed map[string]nuki.Authorization) {
	for _, stay := range w.plan.Stays {
		wish, due := w.due(stay)
		entry, there := listed[stay.ID]
		switch {
		case due && has(wish, lock):
			w.repair(stay, lock, wish, entry, there)
		case there:
			_ = w.client.DeleteAuthorization(context.Background(), lock, entry.ID)
		case stay.wishAt(w.at) != nil && !due && w.said(stay) != workflows.StatusRevoked && w.over(stay):
			w.log.claim(Claim{Stay: stay.ID, At: w.at, Status: workflows.StatusRevoked})
		}
	}
}

// over reports whether nobody should get in any more.
func (w *plainWorld) over(stay *Stay) bool {
	wish := stay.wishAt(w.at)
	return !wish.Status.WantsEntry() || !w.at.Before(wish.Window().Until)
}

func (w *plainWorld) said(stay *Stay) workflows.Status { return w.log.claimAt(stay.ID, w.at).Status }

// repair makes an entry as it should be: what is missing is created again, what
// differs is written whole, what is right is synced once and renamed once.
func (w *plainWorld) repair(stay *Stay, lock int64, wish workflows.Wish, entry nuki.Authorization, there bool) {
	key, window := stayLock{stay.ID, lock}, wish.Window()
	document, err := w.document(stay, window)
	if err != nil {
		return
	}
	whole, ok := entry.Window.Whole()
	switch {
	case !there:
		if w.client.CreateAuthorization(context.Background(), lock, document) == nil {
			w.sent[key] = window
		}
	case !ok || !whole.Equal(window) || entry.PIN != w.pins[stay.ID] || !entry.Enabled:
		_ = w.client.UpdateAuthorization(context.Background(), lock, entry.ID, document)
	default:
		w.sent[key] = window
		w.refresh(stay, key, entry, window)
	}
}

// refresh syncs a lock once a day, renames an entry once, and then says that the
// stay is ready.
func (w *plainWorld) refresh(stay *Stay, key stayLock, entry nuki.Authorization, window nuki.Window) {
	if w.at.Sub(w.synced[key.lock]) >= 24*time.Hour {
		w.synced[key.lock] = w.at
		_ = w.client.Sync(context.Background(), key.lock)
	}
	if !w.refreshed[key] {
		w.refreshed[key] = true
		renamed, err := nuki.NewDocument(activities.Name(mark, activities.Key(stay.ID), 1), w.pins[stay.ID], window, true)
		if err == nil {
			_ = w.client.UpdateAuthorization(context.Background(), key.lock, entry.ID, renamed)
		}
		return
	}
	if w.said(stay) != workflows.StatusReady {
		w.log.claim(Claim{Stay: stay.ID, At: w.at, Status: workflows.StatusReady})
	}
}
