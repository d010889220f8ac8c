// This file is the rules that a PIN must keep, and the drawing of a fresh one.

package nuki

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

const pinLength = 6

// The rules, as PINError.Rule names them. The first three are Nuki's (staff,
// "Web API Example: keypad codes"); the others keep guests from PINs that
// anybody would try first.
const (
	RuleSixDigits   = "must be exactly six digits"
	RuleNoZero      = "must use the digits 1 to 9 only"
	RuleNotTwelve   = "must not start with 12"
	RuleNotAllEqual = "must not be one digit six times"
	RuleNotRun      = "must not count up or down"
	RuleNotRepeated = "must not repeat a pair or a triple"
)

// PINError says which rule a PIN breaks. Its message never holds the digits.
type PINError struct {
	Rule string // one of the Rule constants
}

func (e *PINError) Error() string { return "nuki: a PIN " + e.Rule }

// ParsePIN checks s against every rule. The error is a *PINError.
func ParsePIN(s string) (PIN, error) {
	if rule := brokenRule(s); rule != "" {
		return PIN{}, &PINError{Rule: rule}
	}
	code, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return PIN{}, &PINError{Rule: RuleSixDigits}
	}
	return CodeOf(int32(code)), nil
}

func brokenRule(s string) string {
	switch {
	case len(s) != pinLength || !onlyBytes(s, '0', '9'):
		return RuleSixDigits
	case !onlyBytes(s, '1', '9'):
		return RuleNoZero
	case s[:2] == "12":
		return RuleNotTwelve
	case stepsBy(s, 0):
		return RuleNotAllEqual
	case stepsBy(s, 1), stepsBy(s, -1):
		return RuleNotRun
	case s[:2] == s[2:4] && s[2:4] == s[4:], s[:3] == s[3:]:
		return RuleNotRepeated
	}
	return ""
}

func onlyBytes(s string, low, high byte) bool {
	for i := range len(s) {
		if s[i] < low || s[i] > high {
			return false
		}
	}
	return true
}

// stepsBy reports whether every digit differs from the one before it by step.
func stepsBy(s string, step int) bool {
	for i := 1; i < len(s); i++ {
		if int(s[i])-int(s[i-1]) != step {
			return false
		}
	}
	return true
}

// maxDraws bounds RandomPIN. About one draw in 75 breaks a rule, so that only a
// broken source of randomness gets there.
const maxDraws = 100

// RandomPIN draws uniformly from the PINs that keep the rules. Production passes
// crypto/rand.Reader. It fails when r does, or when r is not random at all.
func RandomPIN(r io.Reader) (PIN, error) {
	for range maxDraws {
		digits, err := drawDigits(r)
		if err != nil {
			return PIN{}, fmt.Errorf("nuki: drawing a PIN: %w", err)
		}
		if pin, err := ParsePIN(digits); err == nil {
			return pin, nil
		}
	}
	return PIN{}, errors.New("nuki: drawing a PIN: the source of randomness keeps giving refused ones")
}

// drawDigits draws six digits 1 to 9. Bytes from 252 up are thrown away: 252 is
// the last multiple of 9 in a byte, and keeping them would favour low digits.
func drawDigits(r io.Reader) (string, error) {
	digits := make([]byte, 0, pinLength)
	var b [1]byte
	for tries := 0; len(digits) < pinLength; tries++ {
		if tries == maxDraws*pinLength {
			return "", errors.New("the source of randomness gives nothing usable")
		}
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return "", err
		}
		if b[0] < 252 {
			digits = append(digits, '1'+b[0]%9)
		}
	}
	return string(digits), nil
}
