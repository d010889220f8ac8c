// This file is the cases of updates: what they change, and what they clear.

package conformance

import (
	"net/http"
	"time"
)

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
	left := k.updateRaw(listed.ID, d.Code, body)
	if left.Until == nil || !left.Until.Equal(d.Until) {
		k.Errorf("the date that was sent is %v, want %v", left.Until, d.Until)
	}
	if left.From != nil || left.WeekDays != nil || left.FromTime != nil || left.UntilTime != nil {
		k.Errorf("fields that were left out are still there: %+v", left)
	}
}

// windowFields are the five that an update clears when it leaves them out.
var windowFields = []struct {
	name    string
	missing func(a Auth) bool
}{
	{"allowedFromDate", func(a Auth) bool { return a.From == nil }},
	{"allowedUntilDate", func(a Auth) bool { return a.Until == nil }},
	{"allowedWeekDays", func(a Auth) bool { return a.WeekDays == nil }},
	{"allowedFromTime", func(a Auth) bool { return a.FromTime == nil }},
	{"allowedUntilTime", func(a Auth) bool { return a.UntilTime == nil }},
}

func clearsEachLeftOut(k *kit) {
	for _, left := range windowFields {
		d := k.document()
		d.WeekDays, d.FromTime, d.UntilTime = 65, 480, 1200
		body := d.wire()
		delete(body, left.name)
		changed := k.updateRaw(k.entry(d).ID, d.Code, body)
		for _, field := range windowFields {
			if field.missing(changed) != (field.name == left.name) {
				k.Errorf("after an update without %s, that %s is missing is %v", left.name, field.name, field.missing(changed))
			}
		}
	}
}

// clearsNull: to clear a date, send null (Nuki's example of changing an
// authorization).
func clearsNull(k *kit) {
	d := k.document()
	body := d.wire()
	body["allowedUntilDate"] = nil
	changed := k.updateRaw(k.entry(d).ID, d.Code, body)
	if changed.Until != nil || changed.From == nil || !changed.From.Equal(d.From) {
		k.Errorf("the dates are %v to %v, want %v and none", changed.From, changed.Until, d.From)
	}
}

// updateRaw sends a body of the case's own and waits until it has landed.
func (k *kit) updateRaw(id string, code int, body map[string]any) Auth {
	k.Helper()
	_, status, err := k.Driver.Raw(k.Context(), http.MethodPost, authPath(k.Lock, id), body)
	k.want(http.StatusNoContent, "the update", status, err)
	k.Settle()
	changed, ok := k.find(code)
	if !ok {
		k.Fatal("a code that was updated is not listed")
	}
	return changed
}
