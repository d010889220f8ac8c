// This file is the cases: what the API answers, one sentence each.

package conformance

import (
	"net/http"
	"strings"
	"time"
)

var cases = []struct {
	name string
	run  func(k *kit)
}{
	{"the list of locks holds both, and which has a keypad", listsLocks},
	{"ids beyond 32 bits come back whole", keepsLongIDs},
	{"a created code is listed whole and enabled, with no operationId left", listsWhatWasCreated},
	{"an entry can be read alone by the id of the list", readsOne},
	{"a code in use on the lock is refused with 409", refusesUsedCode},
	{"an expired code is still in use", refusesExpiredCode},
	{"an update with all five fields keeps the window", keepsWholeWindow},
	{"an update moves the window, renames, changes the code and disables", updatesEverything},
	{"an update to another entry's code is refused with 409", refusesUpdateToUsedCode},
	{"a partial update clears the fields that it leaves out", clearsWhatIsLeftOut},
	{"a POST on the collection is refused with 405", refusesPostOnCollection},
	{"a name over 20 bytes is refused with 422", refusesLongName},
	{"a code with a 0, with 12 in front or of the wrong length is refused with 400", refusesBadCodes},
	{"a create without a code is refused with 400", refusesMissingCode},
	{"a create on a lock without a keypad is refused with 400", refusesWithoutKeypad},
	{"a write is refused with 423 while an operation runs on the entry", refusesWhileRunning},
	{"a deleted entry is gone, and deleting it again changes nothing", deletesOnce},
	{"a deleted code can be used again", freesTheCode},
	{"an unknown lock is refused with 404", refusesUnknownLock},
	{"a wrong token is refused with 401", refusesStranger},
	{"a sync is accepted with 204 and leaves a mark", syncs},
	{"the log names the entry whose code was typed", logsTheEntry},
	{"the log pages backwards, at most 50 rows at once", pagesTheLog},
	{"a date that is not RFC 3339 is refused with 400", refusesUnixDates},
}

func listsLocks(k *kit) {
	locks, status, err := k.Driver.Locks(k.Context())
	k.want(http.StatusOK, "the list of locks", status, err)
	keypads := map[int64]bool{}
	for _, lock := range locks {
		keypads[lock.ID] = lock.KeypadPaired
	}
	if !keypads[k.Lock] {
		k.Errorf("lock %d is not listed with a keypad: %+v", k.Lock, locks)
	}
	if paired, listed := keypads[k.LockWithoutKeypad]; k.LockWithoutKeypad != 0 && (paired || !listed) {
		k.Errorf("lock %d is not listed without a keypad: %+v", k.LockWithoutKeypad, locks)
	}
}

func keepsLongIDs(k *kit) {
	if k.Lock <= 1<<32 {
		k.Skip("the lock's id has 32 bits")
	}
	read, status, err := k.Driver.Lock(k.Context(), k.Lock)
	k.want(http.StatusOK, "the lock", status, err)
	if read.ID != k.Lock || read.ServerState != 0 {
		k.Errorf("read %+v, want lock %d online", read, k.Lock)
	}
	if made := k.entry(k.document()); made.LockID != k.Lock {
		k.Errorf("the entry says lock %d, want %d", made.LockID, k.Lock)
	}
}

func listsWhatWasCreated(k *kit) {
	d := k.document()
	listed := k.entry(d)
	k.wantIs(listed, d)
	if len(listed.ID) != 24 || strings.Trim(listed.ID, "0123456789abcdef") != "" {
		k.Errorf("the id is %q, want 24 hex digits", listed.ID)
	}
}

func readsOne(k *kit) {
	d := k.document()
	listed := k.entry(d)
	read, status, err := k.Driver.Auth(k.Context(), k.Lock, listed.ID)
	k.want(http.StatusOK, "the entry", status, err)
	k.wantIs(read, d)
}

func refusesUsedCode(k *kit) {
	d := k.document()
	k.entry(d)
	d.Name = mark + " twin"
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusConflict, "a second create of the code", status, err)
}

func refusesExpiredCode(k *kit) {
	d := k.document()
	d.From, d.Until = d.From.AddDate(0, -2, 0), d.Until.AddDate(0, -1, 0)
	k.entry(d)
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusConflict, "a create of an expired code", status, err)
}

func keepsWholeWindow(k *kit) {
	d := k.document()
	listed := k.entry(d)
	d.Name = mark + " renamed"
	k.wantIs(k.update(listed.ID, d), d)
}

func updatesEverything(k *kit) {
	listed := k.entry(k.document())
	d := k.document()
	d.From, d.Until = d.From.Add(24*time.Hour), d.Until.Add(48*time.Hour)
	d.WeekDays, d.FromTime, d.UntilTime, d.Enabled = 65, 480, 1200, false
	changed := k.update(listed.ID, d)
	k.wantIs(changed, d)
	if changed.ID != listed.ID {
		k.Errorf("the update changed the id from %s to %s", listed.ID, changed.ID)
	}
}

func refusesUpdateToUsedCode(k *kit) {
	first, second := k.document(), k.document()
	k.entry(first)
	listed := k.entry(second)
	second.Code = first.Code
	status, err := k.Driver.Update(k.Context(), k.Lock, listed.ID, second)
	k.want(http.StatusConflict, "an update to another entry's code", status, err)
}

// clearsWhatIsLeftOut is the trap of the API: by design (staff), whichever of the
// five fields is missing is cleared.
func clearsWhatIsLeftOut(k *kit) {
	d := k.document()
	listed := k.entry(d)
	body := map[string]any{"name": d.Name, "code": d.Code, "allowedUntilDate": wireDate(d.Until)}
	_, status, err := k.Driver.Raw(k.Context(), http.MethodPost, authPath(k.Lock, listed.ID), body)
	k.want(http.StatusNoContent, "the partial update", status, err)
	k.Settle()
	left, _ := k.find(d.Code)
	if left.Until == nil || !left.Until.Equal(d.Until) {
		k.Errorf("the date that was sent is %v, want %v", left.Until, d.Until)
	}
	if left.From != nil || left.WeekDays != nil || left.FromTime != nil || left.UntilTime != nil {
		k.Errorf("fields that were left out are still there: %+v", left)
	}
}
