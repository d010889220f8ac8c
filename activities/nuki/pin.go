// This file is the PIN: how it is kept out of sight and in which forms it travels.

package nuki

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"unique"
)

const (
	maskedPIN = "******"
	noPIN     = "none"
)

// PIN is a keypad code. The zero value means that there is none. PINs are
// comparable with == and may be map keys.
//
// However a PIN is printed, by fmt, slog or zap, alone or inside a struct, it
// shows as "******" ("none" when zero). Reveal, Code and JSON are the only ways
// to the digits. As JSON carries them, do not hand a struct that holds a PIN to
// a logger that renders structs as JSON.
type PIN struct {
	// fmt calls no methods on unexported struct fields and prints what lies
	// inside instead. It lies behind a pointer, so that such a print shows an
	// address. A handle keeps == meaning "the same code" all the same.
	code unique.Handle[int32]
}

// CodeOf wraps a code as read from the API, unchecked: an entry that somebody
// else made may be weak. Zero and below give the zero PIN.
func CodeOf(code int32) PIN {
	if code <= 0 {
		return PIN{}
	}
	return PIN{unique.Make(code)}
}

// Code is the number that goes over Nuki's wire; 0 when there is no PIN.
func (p PIN) Code() int32 {
	if p.IsZero() {
		return 0
	}
	return p.code.Value()
}

// Reveal is the digits, for the eyes of the guest and of nobody else; "" when
// there is no PIN.
func (p PIN) Reveal() string {
	if p.IsZero() {
		return ""
	}
	return strconv.Itoa(int(p.Code()))
}

// IsZero reports whether there is no PIN.
func (p PIN) IsZero() bool { return p == PIN{} }

// String is the mask, never the digits.
func (p PIN) String() string {
	if p.IsZero() {
		return noPIN
	}
	return maskedPIN
}

// GoString is the mask, never the digits.
func (p PIN) GoString() string { return p.String() }

// Format writes the mask under every verb, so that %d and %x do not reach the digits either.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// LogValue is the mask, never the digits.
func (p PIN) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalJSON writes the digits as a JSON string, "" when there is no PIN. This
// is the form in which a PIN travels inside Temporal payloads, which are
// encrypted end to end; it is fit for no other place.
func (p PIN) MarshalJSON() ([]byte, error) { return json.Marshal(p.Reveal()) }

// UnmarshalJSON reads what MarshalJSON wrote. It does not check the rules, since
// an adopted code may break them. Its errors never hold the digits.
func (p *PIN) UnmarshalJSON(data []byte) error {
	var digits string
	if err := json.Unmarshal(data, &digits); err != nil {
		return errors.New("nuki: a PIN in JSON must be a string")
	}
	if digits == "" {
		*p = PIN{}
		return nil
	}
	code, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || code <= 0 {
		return errors.New("nuki: a PIN in JSON must hold digits only")
	}
	*p = CodeOf(int32(code))
	return nil
}
