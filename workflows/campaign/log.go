// This file is what a strategy did and said in a world, for the judge.

package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// Log is the record of one strategy in one world.
type Log struct {
	// Told are the PINs that guests were told, Claims what was said of stays,
	// both in order of time.
	Told   []Told
	Claims []Claim
	// Written are the PINs that were sent to locks.
	Written []Told
	// Events counts the history events of the stays' workflows, as far as they
	// can be counted without a server.
	Events int
	// DeskEvents are those of the locks' front desks.
	DeskEvents int
	// Audits counts the looks at whole locks and their logs. Syncs are the times at
	// which locks were synced.
	Audits int
	Syncs  map[string][]time.Time
	// Refusals and DeadUses are what happened at the keypads.
	Refusals []*Refusal
	DeadUses []DeadUse
	// Astray are the stays that sent an update or a delete to a lock although they
	// had just read that it is offline.
	Astray []string
	// RanAway: the world was stopped, as it asked without end.
	RanAway bool

	sim   *nukisim.Sim
	keep  bool
	lines []line
	hash  hash.Hash
}

// Told is a PIN that a guest was told at a moment.
type Told struct {
	Stay string
	At   time.Time
	PIN  nuki.PIN
}

// line is one line of a world's timeline. Stay is empty for what concerns a lock.
type line struct {
	at   time.Time
	stay string
	lock int64
	text string
}

func newLog(*Plan) *Log { return &Log{hash: sha256.New()} }

// traced takes a line of the simulator.
func (l *Log) traced(at time.Time, lock int64, text string) {
	l.write(line{at: at, lock: lock, text: text})
}

// said takes a line about a stay.
func (l *Log) said(at time.Time, stay, text string) {
	l.write(line{at: at, stay: stay, text: text})
}

func (l *Log) write(entry line) {
	_, _ = fmt.Fprintf(l.hash, "%d %s %d %s\n", entry.at.UnixMilli(), entry.stay, entry.lock, entry.text)
	if l.keep {
		l.lines = append(l.lines, entry)
	}
}

// claim records what is said of a stay from now on.
func (l *Log) claim(claim Claim) {
	l.Claims = append(l.Claims, claim)
	l.said(claim.At, claim.Stay, fmt.Sprintf("said to be %s, %s %s", claim.Status, claim.basis(), strings.Join(claim.Attention, " ")))
}

// Hash is the fingerprint of all that happened.
func (l *Log) Hash() string { return hex.EncodeToString(l.hash.Sum(nil))[:16] }

// claimAt is what was said of a stay at a moment; the zero Claim before the first.
func (l *Log) claimAt(stay string, at time.Time) Claim {
	var found Claim
	for _, claim := range l.Claims {
		if claim.Stay == stay && !claim.At.After(at) {
			found = claim
		}
	}
	return found
}

// toldBy is the PIN that a guest knows at a moment.
func (l *Log) toldBy(stay string, at time.Time) (nuki.PIN, bool) { return lastOf(l.Told, stay, at) }

func lastOf(all []Told, stay string, at time.Time) (nuki.PIN, bool) {
	var pin nuki.PIN
	for _, told := range all {
		if told.Stay == stay && !told.At.After(at) {
			pin = told.PIN
		}
	}
	return pin, !pin.IsZero()
}

// writtenBy is the PIN that was last sent for a stay by a moment.
func (l *Log) writtenBy(stay string, at time.Time) (nuki.PIN, bool) {
	return lastOf(l.Written, stay, at)
}

// wrote records a PIN that was sent to a lock.
func (l *Log) wrote(at time.Time, stay string, pin nuki.PIN) {
	if last, ok := l.writtenBy(stay, at); !ok || last != pin {
		l.Written = append(l.Written, Told{Stay: stay, At: at, PIN: pin})
	}
}

// pins are all that were ever sent to a lock for a stay.
func (l *Log) pins(stay string) []nuki.PIN {
	var all []nuki.PIN
	for _, written := range l.Written {
		if written.Stay == stay {
			all = append(all, written.PIN)
		}
	}
	return all
}

// claimsOf are all claims about a stay, in order of time.
func (l *Log) claimsOf(stay string) []Claim {
	var all []Claim
	for _, claim := range l.Claims {
		if claim.Stay == stay {
			all = append(all, claim)
		}
	}
	return all
}

// timeline is what happened to some stays and locks, a line each.
func (l *Log) timeline(stay string, locks []int64) string {
	var lines []line
	for _, entry := range l.lines {
		if entry.stay == stay || entry.stay == "" && contains(locks, entry.lock) {
			lines = append(lines, entry)
		}
	}
	sort.SliceStable(lines, func(i, j int) bool { return lines[i].at.Before(lines[j].at) })
	var text strings.Builder
	for _, entry := range lines {
		_, _ = fmt.Fprintf(&text, "%s  %-12s %s\n", entry.at.Format("Jan 02 15:04:05"), entry.subject(), entry.text)
	}
	return text.String()
}

func (e line) subject() string {
	if e.stay != "" {
		return e.stay
	}
	return fmt.Sprintf("lock …%d", e.lock%10000)
}

func contains(locks []int64, lock int64) bool {
	for _, known := range locks {
		if known == lock {
			return true
		}
	}
	return false
}

// asked counts one request.
func (l *Log) asked(request *http.Request, now time.Time, audit bool) {
	l.Audits += one(audit)
	if strings.HasSuffix(request.URL.Path, "/sync") {
		if l.Syncs == nil {
			l.Syncs = map[string][]time.Time{}
		}
		l.Syncs[request.URL.Path] = append(l.Syncs[request.URL.Path], now)
	}
}

// events counts events of a workflow's history.
func (l *Log) events(workflowID string, n int) {
	if workflows.ReservationID(workflowID) == "" {
		l.DeskEvents += n
	} else {
		l.Events += n
	}
}

// mostSyncs is the most syncs that one lock had within 24 hours.
func (l *Log) mostSyncs() int {
	most := 0
	for _, syncs := range l.Syncs {
		first := 0
		for last := range syncs {
			for syncs[last].Sub(syncs[first]) >= day {
				first++
			}
			most = max(most, last-first+1)
		}
	}
	return most
}
