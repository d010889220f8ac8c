// This file is the plain driver: requests as they are, without any client.

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// HTTPDriver speaks to a Web API with the standard library.
type HTTPDriver struct {
	BaseURL string       // without a slash at the end
	Token   string       // "" sends no Authorization header
	Client  *http.Client // nil is http.DefaultClient
}

var _ Driver = HTTPDriver{}

// Raw sends a request and gives the body of its answer.
func (h HTTPDriver) Raw(ctx context.Context, method, path string, body any) ([]byte, int, error) {
	request, err := h.request(ctx, method, path, body)
	if err != nil {
		return nil, 0, err
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return answer, response.StatusCode, err
}

func (h HTTPDriver) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, h.BaseURL+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if h.Token != "" {
		request.Header.Set("Authorization", "Bearer "+h.Token)
	}
	return request, nil
}

// get reads JSON into a value, unless the status says that there is none.
func (h HTTPDriver) get(ctx context.Context, path string, into any) (int, error) {
	answer, status, err := h.Raw(ctx, http.MethodGet, path, nil)
	if err != nil || status != http.StatusOK {
		return status, err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return status, fmt.Errorf("GET %s: the answer is not as specified: %w", path, err)
	}
	return status, nil
}

func lockPath(lock int64) string { return "/smartlock/" + strconv.FormatInt(lock, 10) }

func authPath(lock int64, id string) string { return lockPath(lock) + "/auth/" + url.PathEscape(id) }

// Locks is GET /smartlock.
func (h HTTPDriver) Locks(ctx context.Context) ([]Lock, int, error) {
	var wire []wireLock
	status, err := h.get(ctx, "/smartlock", &wire)
	return each(wire, wireLock.read), status, err
}

// Lock is GET /smartlock/{id}.
func (h HTTPDriver) Lock(ctx context.Context, lock int64) (Lock, int, error) {
	var wire wireLock
	status, err := h.get(ctx, lockPath(lock), &wire)
	return wire.read(), status, err
}

// Auths is GET /smartlock/{id}/auth, the keypad codes of it.
func (h HTTPDriver) Auths(ctx context.Context, lock int64) ([]Auth, int, error) {
	var wire []wireAuth
	status, err := h.get(ctx, lockPath(lock)+"/auth?types=13", &wire)
	return each(wire, wireAuth.read), status, err
}

// Auth is GET /smartlock/{id}/auth/{authId}.
func (h HTTPDriver) Auth(ctx context.Context, lock int64, id string) (Auth, int, error) {
	var wire wireAuth
	status, err := h.get(ctx, authPath(lock, id), &wire)
	return wire.read(), status, err
}

// Create is PUT /smartlock/{id}/auth.
func (h HTTPDriver) Create(ctx context.Context, lock int64, d Document) (int, error) {
	body := d.wire()
	body["type"] = 13
	return h.send(ctx, http.MethodPut, lockPath(lock)+"/auth", body)
}

// Update is POST /smartlock/{id}/auth/{authId}.
func (h HTTPDriver) Update(ctx context.Context, lock int64, id string, d Document) (int, error) {
	body := d.wire()
	body["enabled"] = d.Enabled
	return h.send(ctx, http.MethodPost, authPath(lock, id), body)
}

// Delete is DELETE /smartlock/{id}/auth/{authId}.
func (h HTTPDriver) Delete(ctx context.Context, lock int64, id string) (int, error) {
	return h.send(ctx, http.MethodDelete, authPath(lock, id), nil)
}

// Sync is POST /smartlock/{id}/sync.
func (h HTTPDriver) Sync(ctx context.Context, lock int64) (int, error) {
	return h.send(ctx, http.MethodPost, lockPath(lock)+"/sync", nil)
}

// Log is GET /smartlock/{id}/log.
func (h HTTPDriver) Log(ctx context.Context, lock int64, before string, limit int) ([]Row, int, error) {
	query := url.Values{}
	if before != "" {
		query.Set("id", before)
	}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	var wire []wireRow
	status, err := h.get(ctx, lockPath(lock)+"/log?"+query.Encode(), &wire)
	return each(wire, wireRow.read), status, err
}

// send is a write, whose answer has no body.
func (h HTTPDriver) send(ctx context.Context, method, path string, body any) (int, error) {
	answer, status, err := h.Raw(ctx, method, path, body)
	if err == nil && status == http.StatusNoContent && len(answer) > 0 {
		err = fmt.Errorf("%s %s: a 204 with a body of %d bytes", method, path, len(answer))
	}
	return status, err
}

// wire is the body of a write, all five fields of the window in it.
func (d Document) wire() map[string]any {
	body := map[string]any{
		"name": d.Name, "remoteAllowed": false,
		"allowedFromDate": wireDate(d.From), "allowedUntilDate": wireDate(d.Until),
		"allowedWeekDays": d.WeekDays, "allowedFromTime": d.FromTime, "allowedUntilTime": d.UntilTime,
	}
	if d.Code != 0 {
		body["code"] = d.Code
	}
	return body
}

func wireDate(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func each[W, T any](wire []W, read func(W) T) []T {
	all := make([]T, 0, len(wire))
	for _, w := range wire {
		all = append(all, read(w))
	}
	return all
}

// Webhooks is GET /api/decentralWebhook.
func (h HTTPDriver) Webhooks(ctx context.Context) ([]Webhook, int, error) {
	var wire []wireWebhook
	status, err := h.get(ctx, "/api/decentralWebhook", &wire)
	return each(wire, wireWebhook.read), status, err
}

// Register is PUT /api/decentralWebhook.
func (h HTTPDriver) Register(ctx context.Context, w Webhook) (Webhook, int, error) {
	body := map[string]any{"webhookUrl": w.URL, "webhookFeatures": w.Features}
	answer, status, err := h.Raw(ctx, http.MethodPut, "/api/decentralWebhook", body)
	if err != nil || status != http.StatusOK {
		return Webhook{}, status, err
	}
	var made wireWebhook
	err = json.Unmarshal(answer, &made)
	return made.read(), status, err
}

// Unregister is DELETE /api/decentralWebhook/{id}.
func (h HTTPDriver) Unregister(ctx context.Context, id int) (int, error) {
	return h.send(ctx, http.MethodDelete, "/api/decentralWebhook/"+strconv.Itoa(id), nil)
}
