// This file is DecideStay: what all doors of a stay should be like, as a pure
// function. It alone grants a fresh PIN, and it grants it for all doors.

package workflows

import (
	"hash/fnv"
	"slices"
	"time"

	"github.com/keystay/keystay/activities/nuki"
)

// Stay is the decision about a whole stay.
type Stay struct {
	// Doors are the locks that should hold the PIN now.
	Doors []LockWish
	// ChoosePIN asks for a PIN; Adopt takes over what an earlier run left.
	ChoosePIN bool
	Adopt     bool
	// Search looks on these locks for entries that an earlier run may have
	// left, and removes them.
	Search []LockWish
	// Until is when this decision changes by itself; zero for never.
	Until  time.Time
	Reason string
	// Over says why nobody should get in any more; empty while somebody should,
	// now or later.
	Over string
}

// DecideStay says what the reservation wants of its locks at a moment.
func DecideStay(s *State, now time.Time) Stay {
	switch {
	case s.Wish == nil:
		return Stay{Reason: "No booking has been received", Over: s.withdrawnWhy()}
	case s.overWhy(now) != "":
		return s.ended(s.overWhy(now))
	case s.Wish.Status == Tentative:
		return Stay{Reason: "The booking is tentative: nothing is sent to a lock", Over: s.tentativeWhy(), Until: s.endAt()}
	case now.Before(s.provisionAt()) && len(s.present()) == 0:
		return s.early(now)
	}
	doors, until := s.dueDoors(now)
	return Stay{
		Doors:     doors,
		ChoosePIN: s.needsPIN(now),
		Adopt:     len(s.PINs) == 0,
		Until:     earliest(until, s.endAt()),
		Reason:    "The guest's PIN is wished on every door until the stay has ended",
	}
}

// early is a stay before its provisioning begins.
func (s *State) early(now time.Time) Stay {
	stay := Stay{Until: s.provisionAt(), Reason: "Nothing is due yet: provisioning begins then"}
	if s.Wish.PIN.DiscloseAt == DiscloseReserved && s.needsPIN(now) {
		stay.ChoosePIN, stay.Adopt = true, len(s.PINs) == 0
		stay.Reason = "Reserve a PIN, so that it can be told before it is on the locks"
	}
	return stay
}

// ended is a stay that nobody should enter any more. A run without a memory
// looks for what an earlier run may have left.
func (s *State) ended(why string) Stay {
	stay := Stay{Over: why, Reason: "Nobody should get in any more: " + why}
	if len(s.PINs) == 0 && len(s.Entries) == 0 {
		stay.Search = s.Wish.Locks
	}
	return stay
}

// overWhy says why nobody should get in any more; empty while somebody should.
func (s *State) overWhy(now time.Time) string {
	switch {
	case s.Revoked != nil:
		return "a person revoked it"
	case s.Withdrawn != nil:
		return s.withdrawnWhy()
	case s.Wish.Status == Cancelled:
		return "the booking was cancelled"
	case s.Wish.Status == NoShow:
		return "the guest did not show up"
	case s.Wish.Status == CheckedOut:
		return "the guest has checked out"
	case !now.Before(s.endAt()):
		return whyEnded
	}
	return ""
}

// whyEnded is why an entry goes at the end of a stay.
const whyEnded = "the stay has ended"

func (s *State) withdrawnWhy() string {
	if s.Withdrawn == nil {
		return ""
	}
	return "the booking was withdrawn"
}

// tentativeWhy removes what a booking that was confirmed before has on locks.
func (s *State) tentativeWhy() string {
	if len(s.Entries) == 0 {
		return ""
	}
	return "the booking is tentative"
}

// needsPIN reports whether a PIN must be chosen now: there is none, or a fresh one was
// asked for, and no error is being waited out.
func (s *State) needsPIN(now time.Time) bool {
	return s.Held == nil && (len(s.PINs) == 0 || s.FreshPIN != "") && !now.Before(s.Choosing.RetryAt)
}

// provisionAt is when the first door should get the PIN.
func (s *State) provisionAt() time.Time {
	var at time.Time
	for _, lock := range s.Wish.Locks {
		at = earliest(at, s.doorDueAt(lock))
	}
	return at
}

// doorDueAt is when a door should get the PIN: by the policy, or as the lock's
// front desk advised.
func (s *State) doorDueAt(lock LockWish) time.Time {
	lead := s.Policy.Lead
	if advised := s.memory(lock.SmartlockID).Advice.Lead; advised > 0 {
		lead = advised
	}
	return s.Wish.StartsAt.Add(-lead.D())
}

// dueDoors are the doors that should hold the PIN by now, or hold it already, and
// when the next one joins them.
func (s *State) dueDoors(now time.Time) (doors []LockWish, until time.Time) {
	for _, lock := range s.Wish.Locks {
		at := s.doorDueAt(lock)
		placed := slices.ContainsFunc(s.entriesOn(lock.SmartlockID), func(e *Entry) bool { return !e.Absent })
		if placed && !s.yields(lock, now) || !now.Before(at) {
			doors = append(doors, lock)
		} else {
			until = earliest(until, at)
		}
	}
	return doors, until
}

// endAt is when the entries are removed: the end of the window, which closes by
// itself, and a spread so that a full lock is not asked for everything at once; in
// steps, so that what is read after one step is read for all that ended in it.
func (s *State) endAt() time.Time {
	spread := s.Policy.EndSpread.D()
	return s.Wish.Window().Until.Add(jitter(s.ID, "end", spread).Truncate(max(spread/endSteps, 1)))
}

// endSteps is in how many steps the endings of one time are spread.
const endSteps = 4

// jitter is a share of a span that depends on reservation and purpose alone, so
// that a replay finds the same.
func jitter(id, purpose string, span time.Duration) time.Duration {
	if span <= 0 {
		return 0
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id + "/" + purpose))
	return time.Duration(hash.Sum64() % uint64(span))
}

// present are the entries that are wished.
func (s *State) present() []*Entry {
	var found []*Entry
	for _, entry := range s.Entries {
		if !entry.Absent {
			found = append(found, entry)
		}
	}
	return found
}

// follow brings the entries' wishes in line with a decision about the stay. It
// changes memory only; converge.go acts on it.
func (s *State) follow(stay Stay, now time.Time) {
	s.supplyPIN(now)
	for _, lock := range stay.Search {
		s.searchFor(lock.SmartlockID, now, "looking whether an earlier run left anything, as "+stay.Over)
	}
	for _, entry := range s.present() {
		if why := s.unwanted(entry, stay, now); why != "" {
			entry.unwish(now, why)
		}
	}
	for _, lock := range stay.Doors {
		for _, pin := range s.wishedPINs() {
			s.wishOn(lock.SmartlockID, pin.PIN, now)
		}
	}
}

// supplyPIN takes over a PIN of the caller's own, which counts as told. Before
// the first PIN the choice does it, as that also looks what is on the locks. A
// second PIN beside it is no other wish of the caller's.
func (s *State) supplyPIN(now time.Time) {
	pin := s.given()
	if pin == nil || s.Wish == nil || s.Wish.PIN.Mode != Supplied {
		return
	}
	if pin.PIN == s.Wish.PIN.Code {
		if pin.Source = Supplied; !pin.Told() {
			pin.ToldAt = now
		}
		return
	}
	s.PINs = append(s.PINs, PINRecord{PIN: s.Wish.PIN.Code, Source: Supplied, ToldAt: now})
	s.FreshPIN = ""
}

// unwanted says why a wished entry should go; empty where it should stay.
func (s *State) unwanted(entry *Entry, stay Stay, now time.Time) string {
	wanted := slices.ContainsFunc(s.wishedLocks(), func(lock LockWish) bool { return lock.SmartlockID == entry.Lock })
	switch {
	case stay.Over != "":
		return stay.Over
	case s.Held != nil:
		return ""
	case !wanted:
		return "the door is not part of the stay any more"
	case s.yields(LockWish{SmartlockID: entry.Lock}, now):
		return "the lock is full, and an earlier guest needs the place: it comes back in time for check-in"
	case wanted && s.superseded(entry, now):
		return "replaced by another PIN"
	}
	return ""
}

// yields reports whether the entries on a door give way to an earlier guest's for now.
func (s *State) yields(lock LockWish, now time.Time) bool {
	return s.memory(lock.SmartlockID).Advice.Yield && now.Before(s.doorDueAt(lock))
}

// wishedLocks are the doors of the stay, due or not.
func (s *State) wishedLocks() []LockWish {
	if s.Wish == nil {
		return nil
	}
	return s.Wish.Locks
}

// superseded reports whether an entry with an older PIN may go: never while a newer
// one merely stands beside it, at once where nobody was told it, else when the
// new one is on every required door, so that the guest is never without one.
func (s *State) superseded(entry *Entry, now time.Time) bool {
	if s.pin() == nil || s.keeps(entry.PIN) {
		return false
	}
	return !s.told(entry.PIN) || s.provenAt(ProofListed, now)
}

// provenAt reports whether every required door has the present PIN at a proof.
func (s *State) provenAt(level ProofLevel, now time.Time) bool {
	for _, lock := range s.Wish.Locks {
		if lock.Optional {
			continue
		}
		entry := s.current(lock.SmartlockID)
		if entry == nil || !s.counts(entry, now).AtLeast(level) {
			return false
		}
	}
	return true
}

// provenBefore reports whether every required door had the present PIN at a proof, and
// still shows it: with an earlier window, where a change of it is on its way.
func (s *State) provenBefore(level ProofLevel, now time.Time) bool {
	for _, lock := range s.Wish.Locks {
		if lock.Optional {
			continue
		}
		entry := s.current(lock.SmartlockID)
		if entry == nil || !s.counts(entry, now).AtLeast(level) && !entry.provenBefore(level) {
			return false
		}
	}
	return true
}

// provenBefore is the same for one entry.
func (e *Entry) provenBefore(level ProofLevel) bool {
	switch e.Seen.Kind {
	case Exact, NameDiffers, TooNarrow, TooWide, Running:
		return e.FormerProof.AtLeast(level)
	}
	return false
}

// current is the wished entry with the present PIN on a lock; nil without one.
func (s *State) current(lock int64) *Entry {
	if pin := s.pin(); pin != nil {
		return s.wished(lock, pin.PIN)
	}
	return nil
}

// wished is the wished entry with a PIN on a lock; nil without one.
func (s *State) wished(lock int64, pin nuki.PIN) *Entry {
	for _, entry := range s.present() {
		if entry.Lock == lock && entry.PIN == pin {
			return entry
		}
	}
	return nil
}

// wishOn wishes a PIN on a lock: an entry that is there keeps up with the
// window, one that is being removed is wished again, else a new one is made.
func (s *State) wishOn(lock int64, pin nuki.PIN, now time.Time) {
	window := s.Wish.Window()
	for _, entry := range s.entriesOn(lock) {
		if !entry.Absent {
			entry.rewindow(window, now)
		}
	}
	if s.wished(lock, pin) != nil {
		return
	}
	for _, entry := range s.entriesOn(lock) {
		if entry.PIN == pin && entry.RemovedAt.IsZero() && !entry.searches() {
			entry.wishAgain(window)
			return
		}
	}
	s.Entries = append(s.Entries, &Entry{Lock: lock, Name: s.nextName(lock), PIN: pin, Window: window})
}

// unwish makes an entry unwanted. A write that no read has shown is watched for.
func (e *Entry) unwish(now time.Time, why string) {
	e.Absent, e.AbsentAt, e.Why, e.ReportedAt = true, now, why, time.Time{}
	e.overtake()
	e.Proof, e.FormerProof = Proof{}, ProofNone
}

// wishAgain makes an unwanted entry wanted.
func (e *Entry) wishAgain(window nuki.Window) {
	e.Absent, e.AbsentAt, e.Why, e.Window, e.WrittenOff = false, time.Time{}, "", window, false
	e.overtake()
	e.Seen.Stale = true
}

// rewindow gives an entry another window; proof belongs to the old one.
func (e *Entry) rewindow(window nuki.Window, now time.Time) {
	if e.Window.Equal(window) {
		return
	}
	if window.Until.After(e.Window.Until) {
		e.OldUntil, e.ExtendedAt = e.Window.Until, now
	}
	if e.Proof.Level.AtLeast(e.FormerProof) {
		e.FormerProof = e.Proof.Level
	}
	e.Window = window
	e.overtake()
	e.Seen.Stale, e.Proof = true, Proof{}
}

// overtake ends what was tried for the wish before. What was sent for it and
// has not been seen may land late.
func (e *Entry) overtake() {
	if e.Write.Pending() {
		e.Loose = e.Write
	}
	e.Tries, e.Looks, e.ExactSince = 0, 0, time.Time{}
}
