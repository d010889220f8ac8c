// This file is the words in which the cases are told.

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// kit is one case under way.
type kit struct {
	*testing.T
	Target
	made int // how many codes the case has invented
}

// mark is the name of the suite's own entries: they are removed at the end.
const mark = "conformance"

// document is a whole, valid one with a code that no other of this case has.
func (k *kit) document() Document {
	k.made++
	from := time.Now().UTC().Truncate(time.Second).Add(time.Hour)
	return Document{
		Name: fmt.Sprintf("%s %d", mark, k.made), Code: 867531 + k.made, Enabled: true,
		From: from, Until: from.Add(72 * time.Hour), WeekDays: 127,
	}
}

// want checks a status; what the driver cannot express ends the case.
func (k *kit) want(want int, what string, status int, err error) {
	k.Helper()
	k.check(err)
	if status != want {
		k.Fatalf("%s was answered with %d, want %d", what, status, want)
	}
}

// wantOneOf is for answers that are not documented: each of these means the same
// to a client.
func (k *kit) wantOneOf(want []int, what string, status int, err error) {
	k.Helper()
	k.check(err)
	if !slices.Contains(want, status) {
		k.Errorf("%s was answered with %d, want one of %v", what, status, want)
	}
}

// raw reads a path as the wire has it.
func (k *kit) raw(path string, into any) {
	k.Helper()
	answer, status, err := k.Driver.Raw(k.Context(), http.MethodGet, path, nil)
	k.want(http.StatusOK, "GET "+path, status, err)
	if err := json.Unmarshal(answer, into); err != nil {
		k.Fatalf("GET %s: %v", path, err)
	}
}

func (k *kit) check(err error) {
	k.Helper()
	if errors.Is(err, ErrCannot) {
		k.Skip(err)
	}
	if err != nil {
		k.Fatal(err)
	}
}

// entry creates a code, waits until it has landed and gives it as listed.
func (k *kit) entry(d Document) Auth {
	k.Helper()
	status, err := k.Driver.Create(k.Context(), k.Lock, d)
	k.want(http.StatusNoContent, "the create", status, err)
	k.Settle()
	listed, ok := k.find(d.Code)
	if !ok {
		k.Fatal("a code that was created is not listed")
	}
	return listed
}

// find looks for a code in the lock's list.
func (k *kit) find(code int) (Auth, bool) {
	k.Helper()
	auths, status, err := k.Driver.Auths(k.Context(), k.Lock)
	k.want(http.StatusOK, "the list", status, err)
	for _, auth := range auths {
		if auth.Code == code {
			return auth, true
		}
	}
	return Auth{}, false
}

// update sends a whole document and waits until it has landed.
func (k *kit) update(id string, d Document) Auth {
	k.Helper()
	status, err := k.Driver.Update(k.Context(), k.Lock, id, d)
	k.want(http.StatusNoContent, "the update", status, err)
	k.Settle()
	listed, ok := k.find(d.Code)
	if !ok {
		k.Fatal("a code that was updated is not listed")
	}
	return listed
}

// hold keeps operations from landing, where the target can.
func (k *kit) hold(hold bool) {
	if k.Hold != nil {
		k.Hold(hold)
	}
}

// wantIs compares an entry with the document it was made from.
func (k *kit) wantIs(a Auth, d Document) {
	k.Helper()
	if a.Type != 13 || a.LockID != k.Lock || a.Name != d.Name || a.Code != d.Code || a.Enabled != d.Enabled {
		k.Errorf("listed %+v\nwant   %+v", a, d)
	}
	if a.From == nil || a.Until == nil || !a.From.Equal(d.From) || !a.Until.Equal(d.Until) {
		k.Errorf("the dates are %v to %v, want %v to %v", a.From, a.Until, d.From, d.Until)
	}
	for _, field := range []struct {
		name string
		got  *int
		want int
	}{{"week days", a.WeekDays, d.WeekDays}, {"from time", a.FromTime, d.FromTime}, {"until time", a.UntilTime, d.UntilTime}} {
		if field.got == nil || *field.got != field.want {
			k.Errorf("the field %s is %v, want %d", field.name, field.got, field.want)
		}
	}
	if a.OperationID != "" {
		k.Error("an operationId is set though the operation has landed")
	}
}

// removeAll leaves a lock as it was found. It is best effort: the target may be
// gone already, and a refusal was the case's own matter.
func (k *kit) removeAll() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	k.removeWebhooks(ctx)
	auths, _, err := k.Driver.Auths(ctx, k.Lock)
	if err != nil {
		return
	}
	for _, auth := range auths {
		if len(auth.Name) >= len(mark) && auth.Name[:len(mark)] == mark {
			_, _ = k.Driver.Delete(ctx, k.Lock, auth.ID)
		}
	}
}
