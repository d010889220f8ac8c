// This file tests what is registered and checked in a namespace before a worker runs.

package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
)

const (
	keyword  = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	datetime = enumspb.INDEXED_VALUE_TYPE_DATETIME
)

var wantedAttributes = []Attribute{{"KeystayStatus", keyword}, {"KeystayDeadline", datetime}}

func TestEnsureSearchAttributes(t *testing.T) {
	denied := serviceerror.NewPermissionDenied("no", "")
	tests := []struct {
		name string
		fake *fakeTemporal
		says []string // what the error must say; none: no error
		adds int
		left attributeTypes
	}{
		{"an empty namespace gets both", &fakeTemporal{}, nil, 1,
			attributeTypes{"KeystayStatus": keyword, "KeystayDeadline": datetime}},
		{"only the missing one is added", &fakeTemporal{types: attributeTypes{"KeystayStatus": keyword, "Other": datetime}}, nil, 1,
			attributeTypes{"KeystayStatus": keyword, "KeystayDeadline": datetime, "Other": datetime}},
		{"nothing is added twice", &fakeTemporal{types: attributeTypes{"KeystayStatus": keyword, "KeystayDeadline": datetime}}, nil, 0, nil},
		{"it waits until queries can use them", &fakeTemporal{lag: 3}, nil, 1, nil},
		{"another type is named, with both types", &fakeTemporal{types: attributeTypes{"KeystayDeadline": keyword}},
			[]string{`namespace "stays"`, "KeystayDeadline is Keyword, want Datetime"}, 0, attributeTypes{"KeystayDeadline": keyword}},
		{"another type that arrived meanwhile is seen, though the server reports success", &fakeTemporal{stubborn: keyword},
			[]string{"KeystayDeadline is Keyword, want Datetime"}, 1, nil},
		{"another worker that was faster is no error", &fakeTemporal{faster: true}, nil, 1, nil},
		{"no room for more is told as the server says it", &fakeTemporal{addError: serviceerror.NewInvalidArgument("cannot have more than 3 Datetime")},
			[]string{"KeystayDeadline, KeystayStatus cannot be created", "cannot have more than 3 Datetime"}, 1, nil},
		{"where creating is refused, the commands are told", &fakeTemporal{addError: denied},
			[]string{"search-attribute create --namespace stays --name KeystayDeadline --type Datetime", "--name KeystayStatus --type Keyword"}, 1, nil},
		{"where looking is refused and they are not there, too", &fakeTemporal{listError: serviceerror.NewUnimplemented("not here")},
			[]string{"cannot be listed", "--name KeystayDeadline --type Datetime"}, 0, nil},
		{"where looking is refused and they are there, all is well",
			&fakeTemporal{listError: denied, types: attributeTypes{"KeystayStatus": keyword, "KeystayDeadline": datetime}}, nil, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := EnsureSearchAttributes(t.Context(), test.fake.connect(t), "stays", wantedAttributes)
			checkSays(t, err, test.says)
			if test.fake.adds != test.adds {
				t.Errorf("added %d times, want %d", test.fake.adds, test.adds)
			}
			for name, kind := range test.left {
				if test.fake.types[name] != kind || len(test.fake.types) != len(test.left) {
					t.Errorf("the namespace has %v, want %v", test.fake.types, test.left)
				}
			}
		})
	}
}

// checkSays wants an error that says all parts, or none where there are none.
func checkSays(t *testing.T, err error, parts []string) {
	t.Helper()
	if len(parts) == 0 && err != nil {
		t.Errorf("error = %v, want none", err)
	}
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error = %v, want one that says %q", err, part)
		}
	}
}

func TestEnsureSearchAttributes_GivesUpWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fake := &fakeTemporal{lag: 1 << 30, asked: cancel}
	err := EnsureSearchAttributes(ctx, fake.connect(t), "stays", wantedAttributes)
	checkSays(t, err, []string{"are there but queries cannot use them yet"})
}

func TestCompareAttributes_NamesEveryWrongOne(t *testing.T) {
	_, err := compareAttributes(attributeTypes{"KeystayStatus": datetime, "KeystayDeadline": keyword}, wantedAttributes)
	checkSays(t, err, []string{"KeystayStatus is Datetime, want Keyword", "KeystayDeadline is Keyword, want Datetime"})
}

func TestAttributesOf_TakesTheSDKsKeys(t *testing.T) {
	got := AttributesOf([]temporal.SearchAttributeKey{
		temporal.NewSearchAttributeKeyKeyword("KeystayStatus"), temporal.NewSearchAttributeKeyTime("KeystayDeadline"),
	})
	for i, want := range wantedAttributes {
		if got[i] != want {
			t.Errorf("attribute %d = %v, want %v", i, got[i], want)
		}
	}
}

func TestCheckRetention(t *testing.T) {
	tests := []struct {
		name      string
		retention time.Duration // zero: not told
		warns     bool
	}{
		{"a development server's day", 24 * time.Hour, true},
		{"just below 30 days", 30*24*time.Hour - time.Second, true},
		{"30 days", 30 * 24 * time.Hour, false},
		{"not told", 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := &fakeTemporal{retention: test.retention}
			warning, err := CheckRetention(t.Context(), fake.connect(t), "stays")
			if err != nil {
				t.Fatal(err)
			}
			if (warning != "") != test.warns {
				t.Errorf("warning = %q, want one: %v", warning, test.warns)
			}
			if test.warns && !strings.Contains(warning, "temporal operator namespace update --namespace stays --retention 720h") {
				t.Errorf("warning = %q, want the command that mends it", warning)
			}
		})
	}
}

func TestCheckRetention_ReportsANamespaceThatCannotBeRead(t *testing.T) {
	fake := &fakeTemporal{}
	_, err := CheckRetention(t.Context(), fake.connect(t), "elsewhere")
	var notFound *serviceerror.NamespaceNotFound
	if !errors.As(err, &notFound) {
		t.Errorf("error = %v, want NamespaceNotFound inside", err)
	}
}
