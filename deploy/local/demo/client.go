// This file is what the demonstration says over HTTP: to Keystay's API as a
// reservation system, to the simulated Nuki as anybody with an account.

package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Addresses are where API and simulation are, and their tokens.
type Addresses struct{ API, APIToken, Nuki, NukiToken string }

// peer is one HTTP server with its token.
type peer struct{ base, token string }

var httpClient = &http.Client{Timeout: 10 * time.Second}

// call sends a request and reads the answer, if it is wanted.
func (p peer) call(ctx context.Context, method, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, payload)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := httpClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// document is what GET /v1/reservations/{id} answers, as far as it is shown.
type document struct {
	Status    string   `json:"status"`
	Attention []string `json:"attention"`
	Next      struct {
		Reason string `json:"reason"`
	} `json:"next"`
	Locks []struct {
		SmartlockID int64 `json:"smartlock_id"`
		Status      string
		Proof       struct {
			Level    string `json:"level"`
			Evidence string `json:"evidence"`
		} `json:"proof"`
	} `json:"locks"`
}

// door is one lock of the simulation's /sim/state.
type door struct {
	ID    int64   `json:"id,string"`
	Table []entry `json:"table"`
	Cloud []entry `json:"cloud"`
}

type entry struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	PIN   string     `json:"pin"`
	Whole bool       `json:"whole"`
	From  *time.Time `json:"from"`
	Until *time.Time `json:"until"`
}

func (p peer) door(ctx context.Context, lock int64) (door, error) {
	var state struct {
		Locks []door `json:"locks"`
	}
	if err := p.call(ctx, http.MethodGet, "/sim/state", nil, &state); err != nil {
		return door{}, err
	}
	for _, d := range state.Locks {
		if d.ID == lock {
			return d, nil
		}
	}
	return door{}, fmt.Errorf("the simulation has no lock %d", lock)
}

// opens asks the keypad.
func (p peer) opens(ctx context.Context, lock int64, pin string) (bool, error) {
	var answer struct {
		Opens bool `json:"opens"`
	}
	path := "/sim/locks/" + strconv.FormatInt(lock, 10) + "/opens?pin=" + url.QueryEscape(pin)
	err := p.call(ctx, http.MethodGet, path, nil, &answer)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // Its text without the address, which holds a PIN.
	}
	return answer.Opens, err
}
