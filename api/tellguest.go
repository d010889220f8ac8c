// This file says in plain words what to tell a guest who asks now, for somebody who
// has a phone and half a minute. Pure.

package api

import (
	"slices"
	"time"

	"github.com/keystay/keystay/workflows"
)

// tellGuest is what to tell the guest now, first things first.
func tellGuest(view workflows.View, now time.Time) []string {
	words := []string{tellFirst(view, now)}
	for _, hint := range hints {
		if slices.Contains(view.Attention, hint.when) {
			words = append(words, hint.says)
		}
	}
	return words
}

// tellFirst is the one sentence that matters, by the status.
func tellFirst(view workflows.View, now time.Time) string {
	switch view.Status {
	case workflows.StatusRevoked, workflows.StatusCancelled:
		return overWords(view)
	case workflows.StatusRevoking:
		return "No PIN: nobody should get in any more. What there was is being removed and may still open."
	case workflows.StatusOnHold:
		return "Ask who put the stay on hold before you promise anything: nothing is changed on the locks until it is released."
	case workflows.StatusPending:
		return pendingWords(view)
	case workflows.StatusReady:
		return readyWords(view, now)
	case workflows.StatusDegraded:
		return degradedWords(view)
	case workflows.StatusFailed:
		return "Do not send the guest to the door with a PIN: no way in is confirmed. Use another way in; Keystay goes on trying."
	}
	return "Do not promise that the PIN works: it is not confirmed on every door yet. Keystay is on it."
}

// overWords tell of a stay that has ended: a removal that was given up is no proof.
func overWords(view workflows.View) string {
	given := func(why workflows.Attention) bool {
		return why == workflows.AttentionWrittenOff || why == workflows.AttentionLockUnknown
	}
	if slices.ContainsFunc(view.Attention, given) {
		return "No PIN: nobody should get in any more. On a lock that is out of reach its removal was given up, not proven: there it may open until its window closes."
	}
	return "No PIN: nobody should get in any more, and what there was is proven gone."
}

// pendingWords tell of a stay that has time: its PIN may have been told already.
func pendingWords(view workflows.View) string {
	if view.PIN.Disclosable || !view.PIN.ToldAt.IsZero() {
		return "The PIN is chosen, and will be on the locks in time. It opens from " + clock(view.Opens) + " on."
	}
	return "No PIN yet: there is time, and it is on no lock so far."
}

// readyWords tell of a stay whose doors are all confirmed: how well, and from when on.
func readyWords(view workflows.View, now time.Time) string {
	if now.Before(view.Opens) {
		return "The PIN is confirmed on every door. It opens from " + clock(view.Opens) + " on and is refused before that."
	}
	if at := usedAt(view); !at.IsZero() {
		return "The PIN works: it has opened a door, at " + clock(at) + "."
	}
	return "The PIN should work: it is confirmed on every door, as well as can be known from afar. Let the guest type it slowly, and again."
}

func degradedWords(view workflows.View) string {
	switch second := slices.Contains(view.Attention, workflows.AttentionSecondPIN); {
	case second && view.PIN.Disclosable:
		return "Tell the guest the newer PIN, below: it was put on the doors beside the first one, which may not open."
	case second:
		return "A second PIN is being put on the doors, and cannot be told yet. The first one may not open: use another way in, or look here again in a few minutes."
	}
	return "The guest can get in, but perhaps not by every door, or not for as long as wished. Keystay is on it."
}

// usedAt is when a PIN of the stay last opened a door; zero where no log says so.
func usedAt(view workflows.View) (at time.Time) {
	for _, door := range view.Doors {
		if door.Proof.Level == workflows.ProofUsed && door.Proof.At.After(at) {
			at = door.Proof.At
		}
	}
	return at
}

func clock(at time.Time) string { return at.UTC().Format("2 January 15:04") + " UTC" }

// hints are what else helps, by the reason for attention.
var hints = []struct {
	when workflows.Attention
	says string
}{
	{workflows.AttentionReported, "That it does not work is reported already; what is being done shows below."},
	{workflows.AttentionRefusedAtDoor, "The keypad refused two codes in a row. If the guest typed this PIN, report that it does not work."},
	{workflows.AttentionCallPerson, "Somebody has to find another way in: a key, a neighbour, a cleaner."},
	{workflows.AttentionLockOffline, "A lock is offline: whoever is there can see whether its bridge or Wi-Fi has power."},
	{workflows.AttentionBattery, "A lock's battery is low: it may open once more by hand or key."},
	{workflows.AttentionKeypadBattery, "A keypad's battery is low: keys may need a firm press."},
	{workflows.AttentionPreviousGuest, "The guest before may still get in: do not let anybody in alone."},
}
