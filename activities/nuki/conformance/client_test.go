// This file tests Keystay's client by the suite: what the API answers must
// come through it unchanged.

package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/conformance"
)

func TestSuite_ThroughTheClient(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Target {
		target := newTarget(t)
		client := newClient(t, target.BaseURL, token)
		target.Driver = clientDriver{func() *nuki.Client { return client }}
		// A client rests for a minute after a 401, so a stranger is a new one each time.
		target.Stranger = clientDriver{func() *nuki.Client { return newClient(t, target.BaseURL, "wrong") }}
		target.Integration = clientDriver{func() *nuki.Client { return newClient(t, target.BaseURL, oauth) }}
		return target
	})
}

func newClient(t *testing.T, address, token string) *nuki.Client {
	t.Helper()
	client, err := nuki.New(nuki.Options{BaseURL: address, Token: token, RequestsPerSecond: 1000, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// clientDriver speaks through the client. The client does not tell one success
// from another, so a success counts as the status that the suite expects.
type clientDriver struct{ client func() *nuki.Client }

var _ conformance.Driver = clientDriver{}

// status is that of a refusal, or of a success; an error is what had no answer.
func status(success int, err error) (int, error) {
	var refused *nuki.Error
	switch {
	case err == nil:
		return success, nil
	case errors.As(err, &refused) && refused.Status >= http.StatusBadRequest:
		return refused.Status, nil
	}
	return 0, err
}

func (c clientDriver) Locks(ctx context.Context) ([]conformance.Lock, int, error) {
	read, err := c.client().Smartlocks(ctx)
	var locks []conformance.Lock
	for _, lock := range read {
		locks = append(locks, asLock(lock))
	}
	answered, err := status(http.StatusOK, err)
	return locks, answered, err
}

func (c clientDriver) Lock(ctx context.Context, lock int64) (conformance.Lock, int, error) {
	read, err := c.client().Smartlock(ctx, lock)
	answered, err := status(http.StatusOK, err)
	return asLock(read), answered, err
}

func (c clientDriver) Auths(ctx context.Context, lock int64) ([]conformance.Auth, int, error) {
	read, err := c.client().Authorizations(ctx, lock)
	var auths []conformance.Auth
	for _, auth := range read {
		auths = append(auths, asAuth(auth))
	}
	answered, err := status(http.StatusOK, err)
	return auths, answered, err
}

// Auth has no method in the client, which reads whole lists.
func (c clientDriver) Auth(context.Context, int64, string) (conformance.Auth, int, error) {
	return conformance.Auth{}, 0, conformance.ErrCannot
}

func (c clientDriver) Create(ctx context.Context, lock int64, d conformance.Document) (int, error) {
	document, err := asDocument(d)
	if err != nil {
		return 0, err
	}
	return status(http.StatusNoContent, c.client().CreateAuthorization(ctx, lock, document))
}

func (c clientDriver) Update(ctx context.Context, lock int64, id string, d conformance.Document) (int, error) {
	document, err := asDocument(d)
	if err != nil {
		return 0, err
	}
	return status(http.StatusNoContent, c.client().UpdateAuthorization(ctx, lock, id, document))
}

func (c clientDriver) Delete(ctx context.Context, lock int64, id string) (int, error) {
	return status(http.StatusNoContent, c.client().DeleteAuthorization(ctx, lock, id))
}

func (c clientDriver) Sync(ctx context.Context, lock int64) (int, error) {
	return status(http.StatusNoContent, c.client().Sync(ctx, lock))
}

func (c clientDriver) Log(ctx context.Context, lock int64, before string, limit int) ([]conformance.Row, int, error) {
	read, err := c.client().Log(ctx, lock, nuki.LogQuery{Before: before, Limit: limit})
	var rows []conformance.Row
	for _, row := range read {
		rows = append(rows, conformance.Row{
			ID: row.ID, LockID: row.SmartlockID, AuthID: row.AuthID,
			Trigger: row.Trigger, Source: row.Source, State: row.State, Date: row.Date,
		})
	}
	answered, err := status(http.StatusOK, err)
	return rows, answered, err
}

func (c clientDriver) Webhooks(ctx context.Context) ([]conformance.Webhook, int, error) {
	read, err := c.client().DecentralWebhooks(ctx)
	var webhooks []conformance.Webhook
	for _, webhook := range read {
		webhooks = append(webhooks, asWebhook(webhook))
	}
	answered, err := status(http.StatusOK, err)
	return webhooks, answered, err
}

func (c clientDriver) Register(ctx context.Context, w conformance.Webhook) (conformance.Webhook, int, error) {
	made, err := c.client().RegisterDecentralWebhook(ctx, w.URL, w.Features)
	answered, err := status(http.StatusOK, err)
	return asWebhook(made), answered, err
}

func (c clientDriver) Unregister(ctx context.Context, id int) (int, error) {
	return status(http.StatusNoContent, c.client().RemoveDecentralWebhook(ctx, int32(id)))
}

func asWebhook(w nuki.DecentralWebhook) conformance.Webhook {
	return conformance.Webhook{ID: int(w.ID), URL: w.URL, Features: w.Features, Secret: w.Secret}
}

// Raw is what a client with whole documents must not be able to say.
func (c clientDriver) Raw(context.Context, string, string, any) ([]byte, int, error) {
	return nil, 0, conformance.ErrCannot
}

func asLock(lock nuki.Smartlock) conformance.Lock {
	return conformance.Lock{
		ID: lock.ID, Name: lock.Name, ServerState: int(lock.ServerState),
		KeypadPaired: lock.KeypadPaired, UpdatedAt: lock.UpdatedAt,
	}
}

func asAuth(auth nuki.Authorization) conformance.Auth {
	return conformance.Auth{
		ID: auth.ID, LockID: auth.SmartlockID, Type: auth.Type, Name: auth.Name, Code: int(auth.PIN.Code()), Enabled: auth.Enabled,
		From: auth.Window.From, Until: auth.Window.Until,
		WeekDays: auth.Window.WeekDays, FromTime: auth.Window.FromTime, UntilTime: auth.Window.UntilTime,
		OperationID: auth.OperationID,
	}
}

// asDocument leaves the digits unchecked, so that it is the API that refuses them.
func asDocument(d conformance.Document) (nuki.Document, error) {
	window := nuki.Window{From: d.From, Until: d.Until, WeekDays: d.WeekDays, FromTime: d.FromTime, UntilTime: d.UntilTime}
	document, err := nuki.NewDocument(d.Name, nuki.CodeOf(int32(d.Code)), window, d.Enabled)
	if err != nil {
		return nuki.Document{}, fmt.Errorf("%w: %w", conformance.ErrCannot, err)
	}
	return document, nil
}
