// This file is the one call of Hostaway's API that is needed.

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hostaway is an account at Hostaway.
type hostaway struct {
	url, token string
	http       *http.Client
}

func newHostaway(url, token string) hostaway {
	if url == "" {
		url = "https://api.hostaway.com"
	}
	// Keystay waits 10 s for an answer.
	return hostaway{url: strings.TrimSuffix(url, "/"), token: token, http: &http.Client{Timeout: 8 * time.Second}}
}

// refusal is an answer of Hostaway's that is not 2xx.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("Hostaway answered %d", int(r)) }

// setDoorCode writes the code to the reservation; an empty one removes it. Only
// the fields about the door are sent. Hostaway's documentation shows the whole
// reservation in this call; that the other fields stay as they are when they are
// left out is how others use it, and to be seen once in your own account.
func (h hostaway) setDoorCode(reservation int64, code string) error {
	fields := map[string]any{"doorCode": nil, "doorCodeVendor": "Keystay"}
	if code != "" {
		fields["doorCode"] = code
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPut, h.url+"/v1/reservations/"+strconv.FormatInt(reservation, 10), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+h.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := h.http.Do(request)
	if err != nil {
		return errors.New("no answer from Hostaway")
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return refusal(response.StatusCode)
	}
	return nil
}

// answerTo is how Keystay is answered when Hostaway refuses: what can pass is asked
// again for a day, what concerns this reservation alone for an hour.
func answerTo(err error) int {
	var refused refusal
	if !errors.As(err, &refused) {
		return http.StatusBadGateway
	}
	switch int(refused) {
	case http.StatusTooManyRequests:
		return http.StatusTooManyRequests
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadGateway
}
