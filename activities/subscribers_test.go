// This file tests the configuration of those who hear of events.

package activities

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const subscribersFile = `{"subscribers": [
  {"name": "pms", "url": "https://pms.example/hooks/keystay?key=geheim", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "types": ["access_code.*", "access.ready"], "with_pin": true},
  {"name": "mail", "url": "http://127.0.0.1:9000/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
  {"name": "old", "off": true}
]}`

func TestParseSubscribers(t *testing.T) {
	got, err := ParseSubscribers(strings.NewReader(subscribersFile))
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if !got[0].WithPIN || !got[0].Types.Wants(CodeSet) || !got[0].Types.Wants(AccessReady) || got[0].Types.Wants(AccessFailed) || !got[1].Types.Wants(DeviceConnected) {
		t.Errorf("read as %#v", got)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		if printed := fmt.Sprintf(verb, got); strings.Contains(printed, "geheim") || strings.Contains(printed, "whsec_") || !strings.Contains(printed, "pms") {
			t.Errorf("%s prints %s", verb, printed)
		}
	}
}

func TestParseSubscribers_SaysWhatCannotWork(t *testing.T) {
	const secret = `"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
	one := func(fields string) string { return `{"subscribers": [{` + fields + `}]}` }
	for _, c := range []struct{ name, file, want string }{
		{"no JSON", "pms: https://pms.example", "must be JSON"},
		{"half of it", subscribersFile[:60], "must be JSON"},
		{"two values", `{} {}`, "more than one"},
		{"an unknown field", one(`"name": "pms", "uri": "https://geheim"`), `unknown field "uri"`},
		{"a field of another kind", one(`"name": "pms", "with_pin": "geheim"`), `"subscribers.with_pin" must not be a string`},
		{"no name", one(`"url": "https://pms.example/", ` + secret), "subscriber 1: name must be"},
		{"a name with a space", one(`"name": "our pms", ` + secret), "subscriber 1: name must be"},
		{"the same name twice", `{"subscribers": [{"name": "a", "off": true}, {"name": "a", "off": true}]}`, `"a" is there twice`},
		{"too many", `{"subscribers": [` + strings.Repeat(`{"name": "a"},`, 10) + `{"name": "b"}]}`, "at most 10"},
		{"no URL", one(`"name": "pms", ` + secret), "url must be https://"},
		{"no host", one(`"name": "pms", "url": "https:///geheim", ` + secret), "url must be https://"},
		{"a URL that is none", one(`"name": "pms", "url": "https://geheim:x@%zz/", ` + secret), "url must be https://"},
		{"in the clear", one(`"name": "pms", "url": "http://pms.example/geheim", ` + secret), "url must be https; http is for loopback"},
		{"another scheme", one(`"name": "pms", "url": "ftp://127.0.0.1/geheim", ` + secret), "url must be https"},
		{"no secret", one(`"name": "pms", "url": "https://pms.example/"`), "secret must be whsec_ and 24 to 64 bytes"},
		{"a secret without its mark", one(`"name": "pms", "url": "https://pms.example/", "secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`), "secret must be whsec_"},
		{"a short secret", one(`"name": "pms", "url": "https://pms.example/", "secret": "whsec_Z2VoZWlt"`), "24 to 64 bytes"},
		{"a secret that is no base64", one(`"name": "pms", "url": "https://pms.example/", "secret": "whsec_geheim!"`), "24 to 64 bytes"},
		{"a type that there is not", one(`"name": "pms", "types": ["access.reddy"], "url": "https://pms.example/", ` + secret), `types: "access.reddy" selects no event`},
		{"a beginning that nothing has", one(`"name": "pms", "types": ["booking.*"], "off": true`), `types: "booking.*" selects no event`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSubscribers(strings.NewReader(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "MfKQ") {
				t.Errorf("the error quotes what it should not: %v", err)
			}
		})
	}
}

func TestEventKinds_AreEachThereOnceAndExplained(t *testing.T) {
	var seen []EventType
	for _, kind := range EventKinds {
		object, _, _ := strings.Cut(string(kind.Type), ".")
		if slices.Contains(seen, kind.Type) || kind.Says == "" || !slices.Contains([]string{"access", "access_code", "device"}, object) {
			t.Errorf("%+v", kind)
		}
		if byLock := object == "device"; byLock && !kind.ByLock {
			t.Errorf("%s is about a lock and is not told by one", kind.Type)
		}
		seen = append(seen, kind.Type)
	}
}
