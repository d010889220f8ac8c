// This file is the cases: what the API answers, one sentence each.

package conformance

import (
	"net/http"
	"strings"
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
	{"each of the five fields is cleared by leaving it out, and no other", clearsEachLeftOut},
	{"a date that is sent as null is cleared", clearsNull},
	{"every lock has the fields of the specification in their forms", locksFitSchema},
	{"every entry has the fields of the specification in their forms", entriesFitSchema},
	{"every log row has the fields of the specification in their forms", rowsFitSchema},
	{"the list keeps to the types that were asked for", filtersTypes},
	{"a POST on the collection is refused with 405", refusesPostOnCollection},
	{"a name of 20 bytes is taken", takesLongestName},
	{"a name over 20 bytes is refused with 422", refusesLongName},
	{"a code with a 0, with 12 in front or of the wrong length is refused with 400", refusesBadCodes},
	{"a create without a code is refused with 400, which names the parameter", refusesMissingCode},
	{"a code without the type of a keypad code is refused with 400", refusesCodeOfAnotherType},
	{"a create on a lock without a keypad is refused with 400", refusesWithoutKeypad},
	{"a write is refused with 423 while an operation runs on the entry", refusesWhileRunning},
	{"a deleted entry is gone, and deleting it again changes nothing", deletesOnce},
	{"a deleted code can be used again", freesTheCode},
	{"an unknown lock is refused with 404", refusesUnknownLock},
	{"nothing is done for an unknown lock", refusesWorkForUnknownLock},
	{"an unknown entry is refused", refusesUnknownEntry},
	{"a wrong token is refused with 401", refusesStranger},
	{"a token that is missing or no bearer's is refused with 401", refusesNobody},
	{"a sync is accepted with 204 and leaves a mark", syncs},
	{"the log names the entry whose code was typed", logsTheEntry},
	{"the log pages backwards, at most 50 rows at once", pagesTheLog},
	{"the log narrows to an entry and to a time", narrowsTheLog},
	{"a date that is not RFC 3339 is refused with 400", refusesUnixDates},
	{"a decentral webhook gets an id and a secret, is listed, and is removed", keepsWebhooks},
	{"a decentral webhook needs an https address and known features", refusesBadWebhooks},
	{"decentral webhooks are refused to a token without their scope", refusesWebhooksWithoutScope},
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
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.check(err)
	if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
		k.Skip("the target takes no window that is over: whether Nuki does is not documented")
	}
	k.want(http.StatusNoContent, "the create", status, err)
	k.Settle()
	status, err = k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusConflict, "a create of an expired code", status, err)
}

// deletesOnce tolerates every answer to the second delete: which one is right is
// not documented.
func deletesOnce(k *kit) {
	d := k.document()
	listed := k.entry(d)
	status, err := k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.want(http.StatusNoContent, "the delete", status, err)
	k.Settle()
	if _, still := k.find(d.Code); still {
		k.Error("a deleted code is still listed")
	}
	status, err = k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.check(err)
	if status != http.StatusNotFound && status != http.StatusForbidden && status != http.StatusNoContent {
		k.Errorf("the second delete was answered with %d, want 404, 403 or 204", status)
	}
}

func freesTheCode(k *kit) {
	d := k.document()
	first := k.entry(d)
	status, err := k.Driver.Delete(k.Context(), k.Lock, first.ID)
	k.want(http.StatusNoContent, "the delete", status, err)
	k.Settle()
	second := k.entry(d)
	k.wantIs(second, d)
	if second.ID == first.ID {
		k.Error("the new entry has the id of the deleted one")
	}
}

// syncs gives the lock some time: neither how long a sync takes is documented, nor
// that it counts as an operation.
func syncs(k *kit) {
	before, status, err := k.Driver.Lock(k.Context(), k.Lock)
	k.want(http.StatusOK, "the lock", status, err)
	status, err = k.Driver.Sync(k.Context(), k.Lock)
	k.want(http.StatusNoContent, "the sync", status, err)
	const patience = 10
	for range patience {
		k.Settle()
		after, status, err := k.Driver.Lock(k.Context(), k.Lock)
		k.want(http.StatusOK, "the lock", status, err)
		if after.UpdatedAt.After(before.UpdatedAt) {
			return
		}
	}
	k.Errorf("the lock's update date is still %v after a sync", before.UpdatedAt)
}
