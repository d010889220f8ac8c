// This file tests that a PIN stays out of sight, and comes through JSON whole.

package nuki

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const secretDigits = "847362"

func mustPIN(t *testing.T, digits string) PIN {
	t.Helper()
	pin, err := ParsePIN(digits)
	if err != nil {
		t.Fatalf("ParsePIN: %v", err)
	}
	return pin
}

func mustNotShow(t *testing.T, what, printed string) {
	t.Helper()
	hex := fmt.Sprintf("%x", 847362)
	for _, form := range []string{secretDigits, hex, strings.ToUpper(hex)} {
		if strings.Contains(printed, form) {
			t.Errorf("%s shows the PIN: %s", what, printed)
		}
	}
}

// verbs are all of fmt's, and some that it does not know.
const verbs = "vTptbcdoOqxXUeEfFgGspwyz"

func TestPIN_IsMaskedUnderEveryVerb(t *testing.T) {
	pin := mustPIN(t, secretDigits)
	for _, flag := range []string{"", "+", "#", " ", "08", "-12.3"} {
		for _, verb := range verbs {
			format := "%" + flag + string(verb)
			mustNotShow(t, format, fmt.Sprintf(format, pin))
			mustNotShow(t, format+" of a pointer", fmt.Sprintf(format, &pin))
		}
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		if got := fmt.Sprintf(format, pin); got != "******" {
			t.Errorf("%s prints %q, want the mask", format, got)
		}
		if got := fmt.Sprintf(format, PIN{}); got != "none" {
			t.Errorf("%s prints %q for no PIN, want none", format, got)
		}
	}
}

func TestPIN_IsMaskedInsideStructs(t *testing.T) {
	pin := mustPIN(t, secretDigits)
	// fmt calls no methods on unexported fields: the hard case.
	holders := map[string]any{
		"exported field":   struct{ PIN PIN }{pin},
		"unexported field": struct{ pin PIN }{pin},
		"pointer":          struct{ pin *PIN }{&pin},
		"slice":            struct{ pins []PIN }{[]PIN{pin}},
		"map":              struct{ pins map[PIN]int }{map[PIN]int{pin: 1}},
		"authorization":    Authorization{ID: "a", PIN: pin},
		"hidden auth":      struct{ auth Authorization }{Authorization{ID: "a", PIN: pin}},
		"document":         Document{name: "n", pin: pin},
	}
	for name, holder := range holders {
		for _, verb := range verbs {
			for _, flag := range []string{"", "+", "#"} {
				format := "%" + flag + string(verb)
				mustNotShow(t, name+" under "+format, fmt.Sprintf(format, holder))
			}
		}
	}
}

func TestPIN_IsMaskedInLogs(t *testing.T) {
	pin := mustPIN(t, secretDigits)
	auth := Authorization{ID: "a", SmartlockID: 7, Name: "Mr Smith", PIN: pin}
	var lines bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&lines, nil), slog.NewTextHandler(&lines, nil)} {
		slog.New(handler).Info("line", "pin", pin, "auth", auth)
	}
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&lines), zap.DebugLevel)
	log := zap.New(core)
	log.Info("line", zap.Any("pin", pin), zap.Any("pointer", &pin), zap.Any("auth", auth), zap.Stringer("text", pin))
	log.Sugar().Infow("line", "pin", pin, "auth", auth)
	log.Sugar().Infof("line %v %d %+v", pin, pin, auth)
	mustNotShow(t, "a log", lines.String())
	if strings.Contains(lines.String(), "Smith") {
		t.Errorf("a log shows a name: %s", lines.String())
	}
	if got := strings.Count(lines.String(), maskedPIN); got < 8 {
		t.Errorf("the mask shows %d times, want at least 8: %s", got, lines.String())
	}
}

func TestPIN_TravelsInJSONAsDigits(t *testing.T) {
	for _, pin := range []PIN{mustPIN(t, secretDigits), CodeOf(111111), {}} {
		data, err := json.Marshal(struct{ PIN PIN }{pin})
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`{"PIN":%q}`, pin.Reveal()); string(data) != want {
			t.Errorf("got %s, want %s", data, want)
		}
		back := struct{ PIN PIN }{CodeOf(999999)}
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if back.PIN != pin {
			t.Errorf("came back as %s, want %s", back.PIN.Reveal(), pin.Reveal())
		}
	}
}

func TestPIN_RefusesOtherJSONWithoutQuotingIt(t *testing.T) {
	for _, data := range []string{`847362`, `"847362x"`, `"-847362"`, `"99847362999"`, `["847362"]`, `{}`, `"0"`} {
		var pin PIN
		err := json.Unmarshal([]byte(data), &pin)
		if err == nil {
			t.Errorf("%s was accepted", data)
			continue
		}
		mustNotShow(t, "the error", err.Error())
	}
}

func TestPIN_IsComparedByItsCode(t *testing.T) {
	parsed, read := mustPIN(t, secretDigits), CodeOf(847362)
	if parsed != read {
		t.Error("the same code, parsed and read, differs")
	}
	if parsed == CodeOf(847363) {
		t.Error("two codes are equal")
	}
	if parsed.Reveal() != secretDigits || parsed.Code() != 847362 || parsed.IsZero() {
		t.Errorf("the code came back as %s", parsed.Reveal())
	}
}

func TestCodeOf_TakesAnythingAboveZero(t *testing.T) {
	if got := CodeOf(5).Reveal(); got != "5" {
		t.Errorf("got %q", got)
	}
	for _, code := range []int32{0, -1} {
		if pin := CodeOf(code); !pin.IsZero() || pin.Reveal() != "" || pin.Code() != 0 {
			t.Errorf("CodeOf(%d) is a PIN", code)
		}
	}
}
