// This file makes prints of codes: a lock's front desk compares what it reads
// with what is wished, and need not know a PIN for that.

package activities

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/keystay/keystay/activities/nuki"
)

// Print stands for a code on a lock. It is keyed, as there are too few codes for
// a plain hash to hide one. Under another key the same code has another print:
// that reads as a difference, and leads to a look.
type Print string

// printBytes is how much of the hash is kept: two of a hundred codes on a lock
// have the same print once in 10¹⁵ lists.
const printBytes = 8

// print is a code's print on a lock; empty for no code.
func (k *Keypad) print(lock int64, pin nuki.PIN) Print {
	if pin.IsZero() {
		return ""
	}
	mac := hmac.New(sha256.New, k.PrintKey)
	mac.Write([]byte(strconv.FormatInt(lock, 10) + "/" + pin.Reveal()))
	return Print(hex.EncodeToString(mac.Sum(nil)[:printBytes]))
}

// printed is an attendance with prints in the place of codes.
func (k *Keypad) printed(attend Attend) Attend {
	attend.Attendance.Entries = slices.Clone(attend.Attendance.Entries)
	for i := range min(len(attend.Codes), len(attend.Attendance.Entries)) {
		attend.Attendance.Entries[i].Print = k.print(attend.Lock, attend.Codes[i])
	}
	attend.Codes = nil
	return attend
}
