// This file reads the reservation document of a PUT into the wish that a
// workflow holds, or into all that is wrong with it.

package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// intake is a document that was understood: a wish, or a bare cancellation.
type intake struct {
	wish workflows.Wish
	// bare: cancelled or no_show without the rest of the document, so that only
	// the wish's version and status count.
	bare bool
}

const (
	// A guest who leaves at check-out time and returns for a bag still gets in.
	standardAfterMinutes = 15
	// Beyond this a buffer is wrong in any case; the bound keeps the arithmetic
	// from overflowing before Validate can say so.
	absurdMinutes = 1 << 20
	maxStatus     = 64
)

// parseReservation reads a document. The error is a *Problem with every fault.
func parseReservation(body []byte) (intake, error) {
	root, err := parseFields(body)
	if err != nil {
		return intake{}, err
	}
	wish := workflows.Wish{Version: readVersion(root), Status: readStatus(root)}
	if cancels(wish.Status) && !(root.has("stay") && root.has("locks")) {
		return intake{wish: wish, bare: true}, invalid(*root.found)
	}
	wish.Unit = root.text("unit")
	readStay(root, &wish)
	readBuffers(root, &wish)
	wish.Guest = readGuest(root)
	wish.Locks = readLocks(root)
	wish.PIN = readPIN(root)
	return intake{wish: wish}, invalid(withWishFaults(*root.found, wish))
}

func cancels(status workflows.BookingStatus) bool {
	return status == workflows.Cancelled || status == workflows.NoShow
}

// withWishFaults adds what the wish itself finds, where the document's reading
// has not complained already.
func withWishFaults(found []Fault, wish workflows.Wish) []Fault {
	known := found
	for _, fault := range wish.Validate() {
		if !spokenFor(fault.Pointer, known) {
			found = append(found, Fault{Pointer: fault.Pointer, Detail: fault.Problem})
		}
	}
	return found
}

func invalid(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	p := problem(http.StatusUnprocessableEntity, codeInvalid, "The reservation was not recorded. All that is wrong with it is listed.")
	p.Errors = faults
	return p
}

func readVersion(root fields) workflows.Version {
	if !root.has("version") {
		return workflows.Version{}
	}
	var number int64
	if json.Unmarshal(root.values["version"], &number) == nil {
		return workflows.NumberVersion(number)
	}
	var text string
	if json.Unmarshal(root.values["version"], &text) == nil {
		if at, ok := parseInstant(text); ok {
			return workflows.TimeVersion(at)
		}
	}
	root.fault("version", "must be an integer of at most 64 bits or an RFC 3339 time")
	return workflows.Version{}
}

// readStatus passes an unknown word on: the workflow raises it for a person.
func readStatus(root fields) workflows.BookingStatus {
	status := root.textOr("status", string(workflows.Confirmed))
	if status == "" || len(status) > maxStatus {
		root.fault("status", "must be a word of 1 to 64 bytes")
	}
	return workflows.BookingStatus(status)
}

func readBuffers(root fields, wish *workflows.Wish) {
	buffers, _ := root.object("buffers")
	wish.Before = readMinutes(buffers, "before_minutes", 0)
	wish.After = readMinutes(buffers, "after_minutes", standardAfterMinutes)
}

func readMinutes(buffers fields, name string, standard int64) workflows.Duration {
	minutes := standard
	buffers.read(name, &minutes, "an integer")
	minutes = min(max(minutes, -absurdMinutes), absurdMinutes)
	return workflows.Duration(time.Duration(minutes) * time.Minute)
}

func readGuest(root fields) workflows.GuestName {
	guest, _ := root.object("guest")
	return workflows.GuestName(guest.text("name"))
}

func readLocks(root fields) []workflows.LockWish {
	if !root.has("locks") {
		root.fault("locks", "is needed: the locks that the PIN opens")
		return nil
	}
	var locks []workflows.LockWish
	for _, lock := range root.objects("locks") {
		locks = append(locks, workflows.LockWish{
			SmartlockID: readLockID(lock),
			Optional:    !lock.truth("required", true),
		})
	}
	return locks
}

// readLockID takes a string too: callers whose numbers are floating-point
// cannot write every 64-bit id as one.
func readLockID(lock fields) int64 {
	const name = "smartlock_id"
	if !lock.has(name) {
		lock.fault(name, "is needed")
		return 0
	}
	return parseLockID(lock)
}

func parseLockID(lock fields) int64 {
	const name = "smartlock_id"
	id, err := strconv.ParseInt(numberOrText(lock.values[name]), 10, 64)
	if err != nil || id <= 0 {
		lock.fault(name, "must be a positive integer of at most 64 bits, as a number or as a string of digits")
	}
	return id
}

// numberOrText is the text of a JSON number or string; of anything else it is
// text that is no number.
func numberOrText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

func readPIN(root fields) workflows.PINWish {
	pin, _ := root.object("pin")
	return workflows.PINWish{
		Mode:       workflows.PINMode(pin.textOr("mode", string(workflows.Generate))),
		DiscloseAt: workflows.DiscloseAt(pin.textOr("disclose_at", string(workflows.DiscloseReread))),
		Code:       readCode(pin),
	}
}

// readCode says which rule a PIN breaks, and never the PIN.
func readCode(pin fields) nuki.PIN {
	if !pin.has("code") {
		return nuki.PIN{}
	}
	code, err := nuki.ParsePIN(numberOrText(pin.values["code"]))
	var broken *nuki.PINError
	if errors.As(err, &broken) {
		pin.fault("code", broken.Rule)
	}
	return code
}
