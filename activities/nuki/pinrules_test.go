// This file tests the rules of PINs, and that fresh ones keep them.

package nuki

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestParsePIN_Rules(t *testing.T) {
	cases := []struct{ digits, rule string }{
		{"847362", ""}, {"913579", ""}, {"132465", ""}, {"211111", ""}, {"345679", ""}, {"474748", ""}, {"484483", ""}, {"112233", ""},
		{"", RuleSixDigits}, {"84736", RuleSixDigits}, {"8473621", RuleSixDigits}, {"84736a", RuleSixDigits},
		{" 84736", RuleSixDigits}, {"+84736", RuleSixDigits}, {"٣٤٥", RuleSixDigits}, {"84736\n", RuleSixDigits},
		{"807362", RuleNoZero}, {"047362", RuleNoZero}, {"847360", RuleNoZero},
		{"127362", RuleNotTwelve}, {"123456", RuleNotTwelve}, {"121212", RuleNotTwelve},
		{"111111", RuleNotAllEqual}, {"999999", RuleNotAllEqual},
		{"345678", RuleNotRun}, {"456789", RuleNotRun}, {"987654", RuleNotRun}, {"654321", RuleNotRun},
		{"474747", RuleNotRepeated}, {"989898", RuleNotRepeated}, {"483483", RuleNotRepeated}, {"119119", RuleNotRepeated},
	}
	for _, c := range cases {
		pin, err := ParsePIN(c.digits)
		if c.rule == "" {
			if err != nil || pin.Reveal() != c.digits {
				t.Errorf("%q: got %q, %v", c.digits, pin.Reveal(), err)
			}
			continue
		}
		var refused *PINError
		if !errors.As(err, &refused) || refused.Rule != c.rule {
			t.Errorf("%q: got %v, want rule %q", c.digits, err, c.rule)
			continue
		}
		if !pin.IsZero() {
			t.Errorf("%q: a PIN came with the error", c.digits)
		}
		if c.digits != "" && strings.Contains(err.Error(), c.digits) {
			t.Errorf("%q: the error quotes it: %v", c.digits, err)
		}
	}
}

// 9^6 codes, less 6561 that start with 12, 9 of one digit, 3 + 4 runs, 71
// repeated pairs and 711 repeated triples that no rule before theirs took.
func TestParsePIN_LeavesExactlyThePINsOfTheRules(t *testing.T) {
	valid := 0
	for code := range 1_000_000 {
		if brokenRule(fmt.Sprintf("%06d", code)) == "" {
			valid++
		}
	}
	if want := 531441 - 6561 - 9 - 7 - 71 - 711; valid != want {
		t.Errorf("%d PINs are valid, want %d", valid, want)
	}
}

func TestRandomPIN_KeepsTheRulesAndVaries(t *testing.T) {
	seen := map[PIN]bool{}
	for range 2000 {
		pin, err := RandomPIN(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParsePIN(pin.Reveal()); err != nil {
			t.Fatal(err)
		}
		seen[pin] = true
	}
	// 2000 draws of 524082 repeat about 4 times.
	if len(seen) < 1950 {
		t.Errorf("2000 draws gave only %d PINs", len(seen))
	}
}

func TestRandomPIN_ThrowsAwayWhatWouldBeBiasedOrRefused(t *testing.T) {
	source := bytes.NewReader([]byte{
		252, 255, 0, 0, 0, 0, 0, 0, // 111111 is refused
		7, 12, 253, 6, 2, 251, 10, // 8 4 7 3 9 2
	})
	pin, err := RandomPIN(source)
	if err != nil || pin.Reveal() != "847392" {
		t.Errorf("got %q, %v", pin.Reveal(), err)
	}
}

func TestDrawDigits_GivesEveryDigitTheSameShare(t *testing.T) {
	var all []byte
	for b := range 256 {
		all = append(all, byte(b))
	}
	counts := map[rune]int{}
	source := bytes.NewReader(all)
	for {
		digits, err := drawDigits(source)
		if err != nil {
			break
		}
		for _, digit := range digits {
			counts[digit]++
		}
	}
	for digit := '1'; digit <= '9'; digit++ {
		if counts[digit] != 28 {
			t.Errorf("digit %c has %d of 252 bytes, want 28", digit, counts[digit])
		}
	}
}

type constantReader byte

func (c constantReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

func TestRandomPIN_FailsOnABrokenSource(t *testing.T) {
	for name, source := range map[string]io.Reader{
		"ends early": bytes.NewReader([]byte{1, 2, 3}), "always refused": constantReader(0), "always biased": constantReader(255),
	} {
		if pin, err := RandomPIN(source); err == nil || !pin.IsZero() {
			t.Errorf("%s: got %q, %v", name, pin.Reveal(), err)
		}
	}
}

func FuzzParsePIN(f *testing.F) {
	for _, seed := range []string{"", "847362", "123456", "000000", "99999999999", "-84736", "8473é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pin, err := ParsePIN(s)
		if err != nil {
			var refused *PINError
			if !errors.As(err, &refused) || !pin.IsZero() {
				t.Fatalf("%q: got %v and PIN %q", s, err, pin.Reveal())
			}
			return
		}
		if pin.Reveal() != s || len(s) != 6 || strings.ContainsAny(s, "0") {
			t.Fatalf("%q came back as %q", s, pin.Reveal())
		}
	})
}
