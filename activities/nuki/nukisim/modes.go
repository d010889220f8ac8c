// This file is the knobs that are words: what each may say, and that nothing else
// is taken for one.

package nukisim

import (
	"fmt"
	"net/http"
	"slices"
)

// SyncMode is what a sync does.
type SyncMode string

// SyncHeals copies the lock's table into the cloud's list and reports it by
// webhooks; late does so five minutes after; nothing only reports it; no_mark
// copies and leaves no trace of it; pushes writes the cloud's list to the lock
// instead, and reports that.
const (
	SyncHeals     SyncMode = "heals"
	SyncHealsLate SyncMode = "heals_late"
	SyncNothing   SyncMode = "nothing"
	SyncNoMark    SyncMode = "no_mark"
	SyncPushes    SyncMode = "pushes"
)

// OfflineMode is what becomes of a write to a lock that is offline.
type OfflineMode string

// OfflineDrops drops it; queues keeps it until the lock is back; daily keeps it
// until the first daily sync after the lock is back.
const (
	OfflineDrops  OfflineMode = "drop"
	OfflineQueues OfflineMode = "queue"
	OfflineDaily  OfflineMode = "daily_sync"
)

// SecondCreate is the answer to a second create of a code whose first create has
// not landed.
type SecondCreate string

// SecondConflicts is 409, whether the first is listed or not; accepted is 204,
// and whichever reaches the lock second is lost there (K_ERROR 2a).
const (
	SecondConflicts SecondCreate = "conflict"
	SecondAccepted  SecondCreate = "accepted"
)

// WindowRule is which windows are refused with 400.
type WindowRule string

// WindowOrdered refuses one whose end is not after its beginning; any refuses
// none, and such a window never opens; future refuses also one that is over.
const (
	WindowOrdered WindowRule = "ordered"
	WindowAny     WindowRule = "any"
	WindowFuture  WindowRule = "future"
)

// Check names the first knob that says what it cannot say.
func (f Faults) Check() error {
	missing := []int{0, http.StatusNotFound, http.StatusForbidden, http.StatusNoContent}
	for _, knob := range []struct {
		name  string
		known bool
	}{
		{"sync", slices.Contains([]SyncMode{"", SyncHeals, SyncHealsLate, SyncNothing, SyncNoMark, SyncPushes}, f.Sync)},
		{"offline_writes", slices.Contains([]OfflineMode{"", OfflineDrops, OfflineQueues, OfflineDaily}, f.OfflineWrites)},
		{"second_create", slices.Contains([]SecondCreate{"", SecondConflicts, SecondAccepted}, f.SecondCreate)},
		{"window_rule", slices.Contains([]WindowRule{"", WindowOrdered, WindowAny, WindowFuture}, f.WindowRule)},
		{"missing_get", slices.Contains(missing, f.MissingGet)},
		{"missing_delete", slices.Contains(missing, f.MissingDelete)},
		{"account_link", f.AccountLink >= 0 && f.AccountLink <= 3},
	} {
		if !knob.known {
			return fmt.Errorf("nukisim: %s cannot be that", knob.name)
		}
	}
	return nil
}

// mustCheck panics at a knob that a program has set wrongly: the fault would
// never happen, and nobody would know.
func (f Faults) mustCheck() Faults {
	if err := f.Check(); err != nil {
		panic(err.Error())
	}
	return f
}

// offlineWrites is what becomes of a write to a lock that is offline.
func (f *Faults) offlineWrites() OfflineMode {
	switch {
	case f.OfflineWrites != "":
		return f.OfflineWrites
	case f.OfflineQueues:
		return OfflineQueues
	}
	return OfflineDrops
}
