// This file is the cases of what is refused.

package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

func refusesPostOnCollection(k *kit) {
	_, status, err := k.Driver.Raw(k.Context(), http.MethodPost, lockPath(k.Lock)+"/auth", k.document().wire())
	k.want(http.StatusMethodNotAllowed, "a POST on the collection", status, err)
}

func takesLongestName(k *kit) {
	d := k.document()
	d.Name += strings.Repeat("n", 20-len(d.Name))
	k.wantIs(k.entry(d), d)
}

func refusesLongName(k *kit) {
	for _, name := range []string{strings.Repeat("n", 21), strings.Repeat("ü", 11)} {
		d := k.document()
		d.Name = name
		status, err := k.Driver.Create(k.Context(), k.Lock, d)
		k.want(http.StatusUnprocessableEntity, fmt.Sprintf("a name of %d bytes", len(name)), status, err)
	}
}

func refusesBadCodes(k *kit) {
	for _, code := range []int{345607, 123456, 34567, 3456789} {
		d := k.document()
		d.Code = code
		status, err := k.Driver.Create(k.Context(), k.Lock, d)
		k.want(http.StatusBadRequest, fmt.Sprintf("the code %d", code), status, err)
	}
}

func refusesMissingCode(k *kit) {
	d := k.document()
	d.Code = 0
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusBadRequest, "a create without a code", status, err)
	body := d.wire()
	body["type"] = 13
	answer, status, err := k.Driver.Raw(k.Context(), http.MethodPut, lockPath(k.Lock)+"/auth", body)
	k.want(http.StatusBadRequest, "a create without a code", status, err)
	// As an integrator saw it: "The supplied value 'null' for parameter 'code' is not valid".
	var said struct {
		DetailMessage string `json:"detailMessage"`
	}
	if err := json.Unmarshal(answer, &said); err != nil || !strings.Contains(said.DetailMessage, "'code'") {
		k.Errorf("the answer is %s, want a detailMessage that names the parameter 'code'", answer)
	}
}

func refusesCodeOfAnotherType(k *kit) {
	for _, kind := range []any{0, nil} {
		body := k.document().wire()
		if body["type"] = kind; kind == nil {
			delete(body, "type")
		}
		_, status, err := k.Driver.Raw(k.Context(), http.MethodPut, lockPath(k.Lock)+"/auth", body)
		k.want(http.StatusBadRequest, fmt.Sprintf("a code with the type %v", kind), status, err)
	}
}

func refusesWithoutKeypad(k *kit) {
	if k.LockWithoutKeypad == 0 {
		k.Skip("the target has no lock without a keypad")
	}
	status, err := k.Driver.Create(k.Context(), k.LockWithoutKeypad, k.document())
	k.want(http.StatusBadRequest, "a create on a lock without a keypad", status, err)
}

func refusesWhileRunning(k *kit) {
	d := k.document()
	listed := k.entry(d)
	k.hold(true)
	d.Name = mark + " first"
	status, err := k.Driver.Update(k.Context(), k.Lock, listed.ID, d)
	k.want(http.StatusNoContent, "the first update", status, err)
	d.Name = mark + " second"
	status, err = k.Driver.Update(k.Context(), k.Lock, listed.ID, d)
	k.want(http.StatusLocked, "an update while the first one runs", status, err)
	status, err = k.Driver.Delete(k.Context(), k.Lock, listed.ID)
	k.want(http.StatusLocked, "a delete while the update runs", status, err)
	running, _ := k.find(d.Code)
	if running.OperationID == "" {
		k.Error("the entry shows no operationId while an operation runs on it")
	}
	k.hold(false)
	k.Settle()
	if landed, _ := k.find(d.Code); landed.Name != mark+" first" {
		k.Errorf("the entry is called %q, want what the accepted update said", landed.Name)
	}
}

// unknown is a lock that the account does not have.
func (k *kit) unknown() int64 { return k.Lock + 1_000_000_007 }

func refusesUnknownLock(k *kit) {
	_, status, err := k.Driver.Lock(k.Context(), k.unknown())
	k.want(http.StatusNotFound, "an unknown lock", status, err)
}

// refusesWorkForUnknownLock: the specification has 404 for reading the lock only,
// and 400 or 403 for some of the others.
func refusesWorkForUnknownLock(k *kit) {
	refusals := []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound}
	_, status, err := k.Driver.Auths(k.Context(), k.unknown())
	k.wantOneOf(refusals, "the list of an unknown lock", status, err)
	_, status, err = k.Driver.Log(k.Context(), k.unknown(), "", 1)
	k.wantOneOf(refusals, "the log of an unknown lock", status, err)
	status, err = k.Driver.Create(k.Context(), k.unknown(), k.document())
	k.wantOneOf(refusals, "a create on an unknown lock", status, err)
	status, err = k.Driver.Sync(k.Context(), k.unknown())
	k.wantOneOf(refusals, "a sync of an unknown lock", status, err)
}

func refusesUnknownEntry(k *kit) {
	const nobody = "0123456789abcdef01234567"
	refusals := []int{http.StatusForbidden, http.StatusNotFound}
	status, err := k.Driver.Update(k.Context(), k.Lock, nobody, k.document())
	k.wantOneOf(refusals, "an update of an unknown entry", status, err)
	status, err = k.Driver.Delete(k.Context(), k.Lock, nobody)
	k.wantOneOf(append(refusals, http.StatusNoContent), "a delete of an unknown entry", status, err)
	_, status, err = k.Driver.Auth(k.Context(), k.Lock, nobody)
	k.wantOneOf(refusals, "an unknown entry", status, err)
}

func refusesStranger(k *kit) {
	if k.Stranger == nil {
		k.Skip("the target has no driver with a wrong token")
	}
	_, status, err := k.Stranger.Auths(k.Context(), k.Lock)
	k.want(http.StatusUnauthorized, "a read with a wrong token", status, err)
	status, err = k.Stranger.Sync(k.Context(), k.Lock)
	k.want(http.StatusUnauthorized, "a sync with a wrong token", status, err)
}

// refusesNobody sends what no driver sends: no token, an empty one, and one under
// a scheme that is not Bearer.
func refusesNobody(k *kit) {
	if k.BaseURL == "" {
		k.Skip("the target has no address")
	}
	for _, header := range []string{"", "Bearer ", "Basic bm9ib2R5Og=="} {
		for _, call := range []struct{ method, path string }{
			{http.MethodGet, "/smartlock"},
			{http.MethodGet, lockPath(k.Lock) + "/auth"},
			{http.MethodPut, lockPath(k.Lock) + "/auth"},
			{http.MethodPost, lockPath(k.Lock) + "/sync"},
		} {
			what := fmt.Sprintf("%s %s with the header %q", call.method, call.path, header)
			k.want(http.StatusUnauthorized, what, k.as(header, call.method, call.path), nil)
		}
	}
}

// as sends a request with an Authorization header of the case's own.
func (k *kit) as(header, method, path string) (status int) {
	k.Helper()
	request, err := http.NewRequestWithContext(k.Context(), method, k.BaseURL+path, nil)
	k.check(err)
	if header != "" {
		request.Header.Set("Authorization", header)
	}
	response, err := http.DefaultClient.Do(request)
	k.check(err)
	k.check(response.Body.Close())
	return response.StatusCode
}
