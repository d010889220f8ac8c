// This file tests that payloads are sealed, opened, and refused where they were changed.

package worker

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// Keys of the tests: 32 equal bytes each, in base64.
const (
	oldKey = "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	newKey = "new:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
	// usurper has newKey's id and another key.
	usurper = "new:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="
)

func codecOf(t *testing.T, keys string, mode Mode) *Codec {
	t.Helper()
	parsed, err := ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	codec, err := NewCodec(parsed, mode)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func plainPayload() *commonpb.Payload {
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain"), "more": []byte("kept")},
		Data:     []byte(`{"pin":"432426"}`),
	}
}

func sealOne(t *testing.T, codec *Codec) *commonpb.Payload {
	t.Helper()
	sealed, err := codec.Encode([]*commonpb.Payload{plainPayload()})
	if err != nil {
		t.Fatal(err)
	}
	return sealed[0]
}

func TestCodec_OpensWhatItSealed(t *testing.T) {
	codec := codecOf(t, newKey, ReturnError)
	sealed := sealOne(t, codec)
	if got := string(sealed.Metadata["encryption-key-id"]); got != "new" {
		t.Errorf("key id in metadata = %q, want new", got)
	}
	if got := string(sealed.Metadata["encoding"]); got != "binary/encrypted" {
		t.Errorf("encoding = %q, want binary/encrypted", got)
	}
	for _, secret := range []string{"432426", "json/plain", "kept"} {
		if strings.Contains(sealed.String(), secret) || strings.Contains(string(sealed.Data), secret) {
			t.Errorf("the sealed payload shows %q", secret)
		}
	}
	opened, err := codec.Decode([]*commonpb.Payload{sealed})
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(opened[0], plainPayload()) {
		t.Errorf("opened = %v, want the payload as it was", opened[0])
	}
}

func TestCodec_SealsTheSamePayloadDifferentlyEachTime(t *testing.T) {
	codec := codecOf(t, newKey, ReturnError)
	if slices.Equal(sealOne(t, codec).Data, sealOne(t, codec).Data) {
		t.Error("two seals of one payload are equal: the nonce is not fresh")
	}
}

func TestCodec_PassesOtherEncodingsThrough(t *testing.T) {
	for _, mode := range []Mode{ReturnError, PanicInWorker} {
		opened, err := codecOf(t, newKey, mode).Decode([]*commonpb.Payload{plainPayload(), {}})
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(opened[0], plainPayload()) || !proto.Equal(opened[1], &commonpb.Payload{}) {
			t.Errorf("mode %v: got %v, want both as they were", mode, opened)
		}
	}
}

func TestCodec_RefusesWhatItCannotOpen(t *testing.T) {
	tests := []struct {
		name  string
		alter func(p *commonpb.Payload)
		keys  string
		want  error
	}{
		{"a key it lacks", func(*commonpb.Payload) {}, oldKey, ErrUnknownKey},
		{"another key under the same id", func(*commonpb.Payload) {}, usurper, ErrBroken},
		{"another key id on the payload, though that key is the same",
			func(p *commonpb.Payload) { p.Metadata[MetadataKeyID] = []byte("twin") },
			newKey + ",twin:" + strings.TrimPrefix(newKey, "new:"), ErrBroken},
		{"no key id", func(p *commonpb.Payload) { delete(p.Metadata, MetadataKeyID) }, newKey, ErrUnknownKey},
		{"one changed bit", func(p *commonpb.Payload) { p.Data[len(p.Data)/2] ^= 1 }, newKey, ErrBroken},
		{"a changed nonce", func(p *commonpb.Payload) { p.Data[0] ^= 1 }, newKey, ErrBroken},
		{"a cut end", func(p *commonpb.Payload) { p.Data = p.Data[:len(p.Data)-1] }, newKey, ErrBroken},
		{"nothing inside", func(p *commonpb.Payload) { p.Data = nil }, newKey, ErrBroken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sealed := sealOne(t, codecOf(t, newKey, ReturnError))
			test.alter(sealed)
			_, err := codecOf(t, test.keys, ReturnError).Decode([]*commonpb.Payload{sealed})
			if !errors.Is(err, test.want) {
				t.Errorf("outside a worker: error = %v, want %v", err, test.want)
			}
			panicked := panicOf(func() { _, _ = codecOf(t, test.keys, PanicInWorker).Decode([]*commonpb.Payload{sealed}) })
			if !errors.Is(panicked, test.want) {
				t.Errorf("in a worker: panic = %v, want %v", panicked, test.want)
			}
		})
	}
}

// panicOf returns the error that do panics with, nil where it does not.
func panicOf(do func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	do()
	return nil
}

func TestCodec_RotatesKeysWithoutLosingThePast(t *testing.T) {
	before := sealOne(t, codecOf(t, oldKey, ReturnError))
	reader := codecOf(t, oldKey+","+newKey, ReturnError)
	if got := string(sealOne(t, reader).Metadata[MetadataKeyID]); got != "old" {
		t.Errorf("with the new key appended, %q encrypts; want old", got)
	}
	rotated := codecOf(t, newKey+","+oldKey, ReturnError)
	after := sealOne(t, rotated)
	if got := string(after.Metadata[MetadataKeyID]); got != "new" {
		t.Errorf("with the new key in front, %q encrypts; want new", got)
	}
	for _, codec := range []*Codec{reader, rotated} {
		if _, err := codec.Decode([]*commonpb.Payload{before, after}); err != nil {
			t.Errorf("%v: %v", codec.keys, err)
		}
	}
}

func TestNewCodec_WantsKeys(t *testing.T) {
	if _, err := NewCodec(Keys{}, ReturnError); err == nil {
		t.Error("a codec without keys was made")
	}
}

func TestFailureConverter_SealsMessages(t *testing.T) {
	codec := codecOf(t, newKey, ReturnError)
	sealed := FailureConverter(codec).ErrorToFailure(temporal.NewApplicationError("guest Ada at the door", "lock_offline"))
	if strings.Contains(sealed.String(), "Ada") {
		t.Errorf("the failure shows its message: %v", sealed)
	}
	if got := FailureConverter(codec).FailureToError(sealed).Error(); !strings.Contains(got, "Ada") {
		t.Errorf("opened message = %q, want the original", got)
	}
}

func TestParseKeys(t *testing.T) {
	const secret = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
	tests := []struct {
		name, in string
		ids      []string // none: an error is wanted
		says     string   // what the error must say
	}{
		{"one key", newKey, []string{"new"}, ""},
		{"two keys, the first encrypts", newKey + "," + oldKey, []string{"new", "old"}, ""},
		{"spaces and a line end around entries", " " + newKey + " ,\n" + oldKey + "\n", []string{"new", "old"}, ""},
		{"nothing", "", nil, "no payload key is given"},
		{"blanks", " \n", nil, "no payload key is given"},
		{"a trailing comma", newKey + ",", nil, "payload key 2"},
		{"a key without an id", secret, nil, "payload key 1"},
		{"id and key swapped", secret + ":new", nil, "payload key 1"},
		{"id and key swapped, without padding", strings.TrimRight(secret, "=") + ":new", nil, "payload key 1"},
		{"an empty id", ":" + secret, nil, "payload key 1"},
		{"an id with a space", "my key:" + secret, nil, "payload key 1"},
		{"not base64", "new:" + secret[:20] + "?" + secret[21:], nil, `"new" is not standard base64`},
		{"too short", "new:AgICAg==", nil, `"new" has 4 bytes, want 32`},
		{"too long", "new:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg==", nil, `"new" has 34 bytes, want 32`},
		{"an id twice", newKey + "," + usurper, nil, `"new" is given twice`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keys, err := ParseKeys(test.in)
			if test.ids != nil {
				if err != nil || !slices.Equal(keys.IDs(), test.ids) {
					t.Fatalf("got %v, %v; want %v", keys, err, test.ids)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error = %v, want one that says %q", err, test.says)
			}
			if strings.Contains(err.Error(), "AgIC") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

func TestKeys_ShowNoKeyHoweverTheyArePrinted(t *testing.T) {
	keys, err := ParseKeys(newKey + "," + oldKey)
	if err != nil {
		t.Fatal(err)
	}
	inside := struct {
		Open   Keys
		hidden Keys
	}{keys, keys}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{keys, &keys, inside} {
			got := fmt.Sprintf(verb, value)
			if containsAny(got, "AgIC", "AQEB", "\x02\x02", "02020202", "0x2, 0x2", "2 2 2 2", "1 1 1 1") {
				t.Errorf("%s of %T shows a key: %s", verb, value, got)
			}
		}
	}
	if got, want := keys.String(), "payload keys new, old"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}
