// This file keeps what happened to a reservation in words: the last lines, for the
// people who ask when a guest stands at a door. A history tells more, for as long as
// Temporal keeps it. No line holds a PIN or a guest's name. Pure.

package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keystay/keystay/activities"
)

// Happening is one thing that happened, in words.
type Happening struct {
	At   time.Time `json:"at"`
	Says string    `json:"says"`
}

// keptLines is how many lines are kept.
const keptLines = 120

// note adds a line.
func (s *State) note(at time.Time, format string, values ...any) {
	s.Journal = append(s.Journal, Happening{At: at, Says: fmt.Sprintf(format, values...)})
	s.Journal = s.Journal[max(0, len(s.Journal)-keptLines):]
}

// timeline is the journal with the levers that were pulled, oldest first.
func (s *State) timeline() []Happening {
	all := slices.Clone(s.Journal)
	for _, pulled := range s.Orders {
		says := strings.TrimSpace(pulled.Order.By + " asked for " + pulled.Lever)
		if pulled.Order.Why != "" {
			says += " (" + pulled.Order.Why + ")"
		}
		all = append(all, Happening{At: pulled.Answer.At, Says: says + ": " + pulled.Answer.Says})
	}
	slices.SortStableFunc(all, func(a, b Happening) int { return a.At.Compare(b.At) })
	return all
}

// noteShown tells a change of what people sort by.
func (s *State) noteShown(before, after Shown, now time.Time) {
	if before.Status != after.Status {
		s.note(now, "Status: %s", after.Status)
	}
	for _, reason := range after.Attention {
		if !slices.Contains(before.Attention, reason) {
			s.note(now, "Attention: %s. %s", reason, Attention(reason).Means())
		}
	}
	for _, reason := range before.Attention {
		if !slices.Contains(after.Attention, reason) {
			s.note(now, "No longer: %s", reason)
		}
	}
}

// noteDoors tells a change of what is known of each door.
func (s *State) noteDoors(now time.Time) {
	for _, entry := range s.Entries {
		word := entry.inWords(s.counts(entry, now))
		if word != entry.Noted && word != "" {
			s.note(now, "Lock %d: %s", entry.Lock, word)
		}
		entry.Noted = word
	}
}

// inWords is what is known of an entry; empty while nothing is.
func (e *Entry) inWords(counts ProofLevel) string {
	switch {
	case e.Absent && !e.RemovedAt.IsZero():
		return "the PIN is gone"
	case e.Absent && e.untouched():
		return ""
	case e.Absent:
		return "the PIN must go, as " + e.Why
	case counts.AtLeast(ProofListed):
		return "the PIN is on the lock, confirmed to " + string(counts)
	case e.Proof.Level.AtLeast(ProofListed):
		return "the PIN was on the lock; the proof has grown old"
	}
	return ""
}

// noteWrite tells why something was written, and how that was taken.
func (s *State) noteWrite(f *flight, result activities.WriteResult, err error, now time.Time) {
	answer := string(result.Outcome)
	if err != nil {
		answer = "failed: " + errorType(err)
	}
	s.note(now, "Lock %d: %s (%s: %s)", f.lock, f.why, f.action, answer)
}

// noteWish tells a message that was taken.
func (s *State) noteWish(wish Wish, now time.Time) {
	window := wish.Window()
	s.note(now, "The booking says: %s, from %s until %s (UTC), version %s", wish.Status, stamp(window.From), stamp(window.Until), orDash(wish.Version.String()))
}

// doorWords are the news of a door in words.
var doorWords = map[DoorKind]string{
	DoorUsed:     "the keypad accepted the PIN",
	DoorRefused:  "the keypad refused two codes, and this guest alone is awaited",
	DoorDeadUsed: "a PIN of this reservation opened that should be dead",
}
