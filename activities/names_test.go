// This file tests the names on a lock: plain, short, and leading back to their reservation.

package activities

import (
	"strings"
	"testing"
)

func TestName_IsAtMostTwentyPlainBytesAndLeadsBackToItsKey(t *testing.T) {
	for _, c := range []struct {
		id, key string
	}{
		{"TEST-0805", "TEST-0805"},
		{"1234567890123", "1234567890123"},
		{"12345678901234", "12345-"},
		{"hotel.4711", "hotel-"},
		{"ÄÖ-77", "____-"},
		{strings.Repeat("x", 64), "xxxxx-"},
	} {
		key := Key(c.id)
		if !strings.HasPrefix(key, c.key) {
			t.Errorf("Key(%q) = %q, want it to begin with %q", c.id, key, c.key)
		}
		for _, n := range []int{0, 1, 99} {
			name := Name("KS-", key, n)
			if len(name) > 20 {
				t.Errorf("Name of %q, number %d, has %d bytes: %q", c.id, n, len(name), name)
			}
			if back, ok := KeyInName("KS-", name); !ok || back != key {
				t.Errorf("KeyInName(%q) = %q, %v, want %q", name, back, ok, key)
			}
			if got := NameNumber("KS-", name); got != n {
				t.Errorf("NameNumber(%q) = %d, want %d", name, got, n)
			}
		}
	}
}

func TestKey_TellsLongIdsApartThatBeginAlike(t *testing.T) {
	if a, b := Key("booking-2026-000000001"), Key("booking-2026-000000002"); a == b {
		t.Errorf("both are %q", a)
	}
}

func TestKeyInName_TakesNothingForOursThatIsNotWhole(t *testing.T) {
	for _, name := range []string{"", "K-", "Cleaner", "k-R1", "K-R1.", "K-R1.0", "K-R1.01", "K-R1.x", "K-.1", "XK-R1"} {
		if key, ok := KeyInName("K-", name); ok {
			t.Errorf("%q is taken for %q's", name, key)
		}
	}
}
