// This file tests webhooks: their signature, the known bodies, and odd ones.

package nuki

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// The vector is RFC 4231's second test case, so that the test does not compare
// an implementation with itself.
func TestVerifySignature_KnowsThePublishedVector(t *testing.T) {
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if !VerifySignature("Jefe", []byte("what do ya want for nothing?"), want) {
		t.Error("the vector is refused")
	}
}

func TestVerifySignature_RefusesEverythingElse(t *testing.T) {
	const secret, body = "0123abcd", `{"feature":"DEVICE_AUTHS"}`
	good := sign(secret, body)
	cases := []struct {
		name, secret, body, header string
		want                       bool
	}{
		{"as signed", secret, body, good, true},
		{"upper case hex", secret, body, strings.ToUpper(good), true},
		{"altered body", secret, body + " ", good, false},
		{"one bit of the body", secret, strings.Replace(body, "A", "C", 1), good, false},
		{"altered signature", secret, body, "00" + good[2:], false},
		{"cut signature", secret, body, good[:62], false},
		{"longer signature", secret, body, good + "00", false},
		{"no signature", secret, body, "", false},
		{"not hex", secret, body, strings.Repeat("x", 64), false},
		{"another secret", "0123abce", body, good, false},
		{"no secret", "", body, sign("", body), false},
	}
	for _, c := range cases {
		if got := VerifySignature(c.secret, []byte(c.body), c.header); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func ptr[T any](v T) *T { return &v }

const authsBody = `{"feature":"DEVICE_AUTHS","deleted":false,
 "smartlockAuth":{"id":"65219648fe57075d71a6cb01","smartlockId":18298712180,"authId":1,"code":847362,"type":13,"name":"K-R100",
 "enabled":true,"remoteAllowed":false,"lockCount":0,"allowedFromDate":"2026-09-22T12:00:00.000Z","allowedWeekDays":127,
 "creationDate":"2026-09-20T10:00:00.000Z","updateDate":"2026-09-20T10:00:05.000Z"}}`

const logsBody = `{"feature":"DEVICE_LOGS","smartlockLog":{"smartlockId":18298712180,"authId":"65219648fe57075d71a6cb01",
 "action":1,"trigger":255,"state":224,"source":1,"name":"K-R100","date":"2026-09-22T12:01:02.345Z","autoUnlock":false,"deviceType":4}}`

func TestParseWebhook_KnownBodies(t *testing.T) {
	auth := Event{
		Feature: FeatureAuths, SmartlockID: 18298712180, AuthID: "65219648fe57075d71a6cb01", LockAuthID: 1, AuthType: 13,
		Name: "K-R100", Date: at("2026-09-20T10:00:05Z"),
	}
	row := Event{
		Feature: FeatureLogs, SmartlockID: 18298712180, AuthID: "65219648fe57075d71a6cb01", Name: "K-R100",
		Action: 1, Trigger: TriggerKeypad, State: StateInvalidCode, Source: SourceKeypadCode, Date: at("2026-09-22T12:01:02.345Z"),
	}
	cases := []struct {
		name, body string
		want       []Event
	}{
		{"status", `{"feature":"DEVICE_STATUS","smartlockId":123456789,"state":{"mode":2,"state":1,"trigger":6,"lastAction":2,
			"batteryCritical":false,"doorState":0,"nightMode":false},"serverState":0,"adminPinState":0}`,
			[]Event{{Feature: FeatureStatus, SmartlockID: 123456789, ServerState: ptr(0)}}},
		{"master data", `{"feature":"DEVICE_MASTERDATA","deleted":false,"smartlockId":123456789,"accountId":987654321,"type":4,
			"authId":1212121212,"name":"Hello","favorite":false,"serverState":4,"adminPinState":0,
			"creationDate":"2025-01-16T12:20:23.541Z","updateDate":"2025-09-13T11:27:37.772Z"}`,
			[]Event{{Feature: FeatureMasterdata, SmartlockID: 123456789, ServerState: ptr(4), Date: at("2025-09-13T11:27:37.772Z")}}},
		{"config", `{"feature":"DEVICE_CONFIG","smartlockId":123456789,"config":{"name":"Hello","keypadPaired":true}}`,
			[]Event{{Feature: FeatureConfig, SmartlockID: 123456789}}},
		{"authorization", authsBody, []Event{auth}},
		{"log row", logsBody, []Event{row}},
		{"deleted authorization with hardly anything", `{"feature":"DEVICE_AUTHS","deleted":true,"smartlockAuth":{"authId":42,"smartlockId":7}}`,
			[]Event{{Feature: FeatureAuths, SmartlockID: 7, LockAuthID: 42, Deleted: true}}},
		{"state with the id inside", `{"feature":"DEVICE_STATUS","smartlockState":{"smartlockId":7,"serverState":4}}`,
			[]Event{{Feature: FeatureStatus, SmartlockID: 7, ServerState: ptr(4)}}},
		{"account user", `{"feature":"ACCOUNT_USER","deleted":false,"accountUser":{"name":"Smith"}}`, []Event{{Feature: FeatureAccountUser}}},
		{"action done", `{"type":"UnlockAction","requestId":"65219648fe57075d71a6cb03","smartlockId":123456789,"success":true}`,
			[]Event{{Type: "UnlockAction", RequestID: "65219648fe57075d71a6cb03", SmartlockID: 123456789, Success: ptr(true)}}},
		{"creation failed on one of two", `{"type":"AuthCreation","requestId":"r","success":false,"detail":[
			{"smartlockId":1,"success":false,"errorCode":"ff","id":"x"},{"smartlockId":2,"success":true}]}`,
			[]Event{
				{Type: "AuthCreation", RequestID: "r", SmartlockID: 1, Success: ptr(false), ErrorCode: "ff"},
				{Type: "AuthCreation", RequestID: "r", SmartlockID: 2, Success: ptr(true)},
			}},
		{"array", "[" + authsBody + "," + logsBody + "]", []Event{auth, row}},
		{"empty array", " []", nil},
		{"no feature", `{"smartlockAuth":{"id":"a","smartlockId":7}}`, []Event{{Feature: FeatureAuths, AuthID: "a", SmartlockID: 7}}},
		{"feature that lies", strings.Replace(logsBody, "DEVICE_LOGS", "DEVICE_STATUS", 1),
			[]Event{func() Event { e := row; e.Feature = FeatureStatus; return e }()}},
		{"empty object", `{}`, []Event{{}}},
		{"fields of the wrong type", `{"feature":7,"smartlockId":"x","smartlockAuth":[1],"deleted":"yes","serverState":{},"detail":{}}`, []Event{{}}},
	}
	for _, c := range cases {
		got, err := ParseWebhook([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestParseWebhook_RefusesWhatIsNoEvent(t *testing.T) {
	for _, body := range []string{"", "code 847362", `{"code":847362`, "null", "847362", `"847362"`, `[847362]`, `[null]`, `{}{}`, `[{}`} {
		events, err := ParseWebhook([]byte(body))
		if err == nil {
			t.Errorf("%q gave %+v", body, events)
			continue
		}
		mustNotShow(t, "the error", err.Error())
	}
}

func TestEvent_NeverHoldsACode(t *testing.T) {
	events, err := ParseWebhook([]byte(authsBody))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	mustNotShow(t, "the event", string(data))
}

func TestEvent_LeavesZeroFieldsOutOfJSON(t *testing.T) {
	data, err := json.Marshal(Event{Feature: FeatureConfig, ServerState: ptr(0)})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"feature":"DEVICE_CONFIG","serverState":0}`; string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
}

func FuzzParseWebhook(f *testing.F) {
	for _, seed := range []string{authsBody, logsBody, "[]", "{}", "null", `[{"detail":[{"smartlockId":1},null]}]`, `{"smartlockId":1e99}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := ParseWebhook(body)
		if err != nil {
			if events != nil {
				t.Fatal("events came with the error")
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is no JSON and was accepted", body)
		}
		if _, err := json.Marshal(events); err != nil {
			t.Fatalf("%q gave events that cannot travel: %v", body, err)
		}
	})
}
