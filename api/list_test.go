// This file tests that a listing asks what it should, and nothing else.

package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.temporal.io/api/serviceerror"

	"github.com/keystay/keystay/workflows"
)

const openReservations = "WorkflowType = 'ReservationWorkflow' AND ExecutionStatus = 'Running'"

func TestListQuery(t *testing.T) {
	cases := []struct{ given, want string }{
		{"", ""},
		{"status=at_risk", "KeystayStatus = 'at_risk'"},
		{"status=cancelled", "KeystayStatus = 'cancelled'"},
		{"unit=apt-4", "KeystayUnit = 'apt-4'"},
		{"unit=O%27Hara%27s", "KeystayUnit = 'O''Hara''s'"},
		{"unit=x%27+OR+KeystayUnit+%21%3D+%27y", "KeystayUnit = 'x'' OR KeystayUnit != ''y'"},
		{"attention=any", "KeystayAttention IS NOT NULL"},
		{"attention=lock_offline", "KeystayAttention = 'lock_offline'"},
		{"check_in_before=2026-07-10T15:00:00%2B02:00", "KeystayCheckIn < '2026-07-10T13:00:00Z'"},
		{"check_in_before=2026-07-10T15:00:00+02:00", "KeystayCheckIn < '2026-07-10T13:00:00Z'"},
		{"check_in_after=2026-07-10T00:00:00Z&check_in_before=2026-07-11T00:00:00Z&status=ready",
			"KeystayStatus = 'ready' AND KeystayCheckIn >= '2026-07-10T00:00:00Z' AND KeystayCheckIn < '2026-07-11T00:00:00Z'"},
	}
	for _, c := range cases {
		values, err := url.ParseQuery(c.given)
		if err != nil {
			t.Fatal(err)
		}
		want := openReservations
		if c.want != "" {
			want += " AND " + c.want
		}
		if got, err := reservations.query(values); err != nil || got != want {
			t.Errorf("%s:\n  %s (%v), want\n  %s", c.given, got, err, want)
		}
	}
}

func TestQuoted_NothingEndsTheQuotesBeforeTheirEnd(t *testing.T) {
	for value, want := range map[string]string{
		"":           `''`,
		`'`:          `''''`,
		`\`:          `'\\'`,
		`\'`:         `'\\'''`,
		`' OR '`:     `''' OR '''`,
		`\\' OR 1=1`: `'\\\\'' OR 1=1'`,
	} {
		if got := quoted(value); got != want {
			t.Errorf("quoted(%s) = %s, want %s", value, got, want)
		}
	}
}

func TestList_RefusesWhatItCannotAsk(t *testing.T) {
	cases := map[string]string{
		"status=asleep":                     "status must be one of pending, provisioning, ready, at_risk, degraded, failed, on_hold, revoking, revoked, cancelled",
		"status=ready%27":                   "status must be one of pending, provisioning, ready, at_risk, degraded, failed, on_hold, revoking, revoked, cancelled",
		"unit=%00":                          "unit must have at most 100 bytes, none of them a control character",
		"unit=" + strings.Repeat("x", 101):  "unit must have at most 100 bytes, none of them a control character",
		"unit=a%27":                         "unit cannot be searched for with a backslash, a double quote, or a quote at either end",
		"unit=%27a":                         "unit cannot be searched for with a backslash, a double quote, or a quote at either end",
		"unit=a%22b":                        "unit cannot be searched for with a backslash, a double quote, or a quote at either end",
		"unit=a%5Cb":                        "unit cannot be searched for with a backslash, a double quote, or a quote at either end",
		"attention=x%27":                    "attention must be any, or one of " + joined(workflows.Attentions),
		"attention=lock_lost":               "attention must be any, or one of " + joined(workflows.Attentions),
		"attention=battery_critical":        "attention battery_critical is a reason of locks: ask /v1/locks?attention=battery_critical",
		"attention=receiver_down":           "attention receiver_down is a reason of deliveries of events: the runbook has the filter for the Web UI",
		"check_in_before=tomorrow":          "check_in_before must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00Z",
		"check_in_after=2026-07-10T15:00":   "check_in_after must be an RFC 3339 time with its offset, such as 2026-07-10T15:00:00Z",
		"page=not+base64":                   "page must be the next_page of an earlier answer",
		"status=ready&page=%21%21&unit=apt": "page must be the next_page of an earlier answer",
	}
	for given, want := range cases {
		fake := &fakeTemporal{}
		found := wantProblem(t, ask(t, fake, "GET", "/v1/reservations?"+given, ""), 400, "invalid_parameter")
		if got := strings.Join(faultLines(found.Errors), "; "); got != want || len(fake.calls) != 0 {
			t.Errorf("%s: %q, asked: %s", given, got, fake.methods())
		}
	}
}

func TestList_PageByPage(t *testing.T) {
	fake := &fakeTemporal{listed: []string{"reservation-R1"}, attributes: shownAttributes, nextPage: []byte{0, 1, 0xfe, 0xff}}
	var first listing
	decodeAnswer(t, ask(t, fake, "GET", "/v1/reservations?attention=any", ""), http.StatusOK, &first)
	if len(first.Reservations) != 1 || first.Reservations[0].ID != "R1" || first.Reservations[0].Status != "at_risk" ||
		first.Reservations[0].Links.PIN != "/v1/reservations/R1/pin" {
		t.Errorf("got %+v", first)
	}
	fake.nextPage = nil
	var last listing
	decodeAnswer(t, ask(t, fake, "GET", "/v1/reservations?attention=any&page="+first.NextPage, ""), http.StatusOK, &last)
	if string(fake.calls[1].token) != "\x00\x01\xfe\xff" || last.NextPage != "" || fake.calls[0].size != 100 {
		t.Errorf("token %q, next %q", fake.calls[1].token, last.NextPage)
	}
}

func TestList_WhatTemporalRefuses(t *testing.T) {
	invalid := serviceerror.NewInvalidArgument("token")
	wantProblem(t, ask(t, &fakeTemporal{listError: invalid}, "GET", "/v1/reservations?page=AAAA", ""), 400, "invalid_parameter")
	wantProblem(t, ask(t, &fakeTemporal{listError: invalid}, "GET", "/v1/reservations", ""), 503, "temporal_unavailable")
	wantProblem(t, ask(t, &fakeTemporal{listError: errUnavailable}, "GET", "/v1/reservations", ""), 503, "temporal_unavailable")
}

func TestListValues_RefuseWhatWouldBeLeftOut(t *testing.T) {
	for query, want := range map[string]string{
		"unit=apt-9%":                 "",
		"unit=apt-9;x=1":              "",
		"Unit=apt-9":                  "Unit",
		"statuss=ready":               "statuss",
		"status=ready&status=pending": "status",
	} {
		_, err := reservations.values(query)
		var p *Problem
		if !errors.As(err, &p) || p.Status != http.StatusBadRequest || p.Errors[0].Parameter != want {
			t.Errorf("%s is answered with %v, want 400 about %q", query, err, want)
		}
	}
	if _, err := reservations.values("status=ready&page=x&check_in_after=2026-07-10T00:00:00Z"); err != nil {
		t.Errorf("parameters that there are: %v", err)
	}
}

func TestPages_AreTakenOnlyAsTheyWereGiven(t *testing.T) {
	sealed := sealPage([]byte("token"))
	if token, ok := openPage(sealed); !ok || string(token) != "token" {
		t.Errorf("a page came back as %q, %v", token, ok)
	}
	for _, page := range []string{"abc", "%%%", sealed + "A", sealed[1:]} {
		if token, ok := openPage(page); ok {
			t.Errorf("%q was taken for the page %q", page, token)
		}
	}
	if token, ok := openPage(""); !ok || token != nil {
		t.Error("the first page was refused")
	}
}
