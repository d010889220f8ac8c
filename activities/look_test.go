// This file tests what a read says of other stays on the lock.

package activities

import (
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// codeOf is an enabled entry with a whole window, in hours from noon.
func codeOf(name string, pin int32, from, until int) nuki.Authorization {
	noon := time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)
	begins, ends := noon.Add(time.Duration(from)*time.Hour), noon.Add(time.Duration(until)*time.Hour)
	days, zero := 127, 0
	return nuki.Authorization{
		ID: name, Name: name, PIN: nuki.CodeOf(pin), Enabled: true,
		Window: nuki.PartialWindow{From: &begins, Until: &ends, WeekDays: &days, FromTime: &zero, UntilTime: &zero},
	}
}

func TestReading_SaysOfOtherStaysWhenTheirGuestsMayComeIn(t *testing.T) {
	noon := time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)
	owner := Owner{Mark: "K-", Key: "R1", PINs: []nuki.PIN{nuki.CodeOf(432426)}, AsOf: noon}
	disabled := codeOf("K-R9", 555777, -1, 9)
	disabled.Enabled = false
	list := []nuki.Authorization{
		codeOf("K-R1", 432426, -1, 9),
		codeOf("K-R2", 555111, -48, 9), codeOf("K-R3.1", 555222, -3, 9), codeOf("K-R4", 555333, -2, 0),
		codeOf("K-R5", 555444, 5, 9), codeOf("K-R6", 555666, 3, 9), codeOf("Cleaner", 555999, -1, 9), disabled,
	}
	others := readingOf(list, owner).Others
	if want := noon.Add(-3 * time.Hour); !others.Begun.Equal(want) {
		t.Errorf("the latest open window began at %s, want %s", others.Begun, want)
	}
	if want := noon.Add(3 * time.Hour); !others.Next.Equal(want) {
		t.Errorf("the next window begins at %s, want %s", others.Next, want)
	}
}

func TestReading_KnowsTheEndOfASiblingThatHoldsTheCodeAndNoForeignOnes(t *testing.T) {
	owner := Owner{Mark: "K-", Key: "R1", PINs: []nuki.PIN{nuki.CodeOf(432426)}}
	for name, known := range map[string]bool{"K-R2": true, "Cleaner": false} {
		rivals := readingOf([]nuki.Authorization{codeOf(name, 432426, -1, 9)}, owner).Rivals
		if len(rivals) != 1 || rivals[0].Until.IsZero() == known {
			t.Errorf("%s: got %d rivals, want one whose end is known: %v", name, len(rivals), known)
		}
	}
}
