// This file is what a person can have a reservation do.

package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keystay/keystay/activities"
)

// Levers of a reservation.
var (
	// UpdateVerifyNow reads every door's list now.
	UpdateVerifyNow = Lever{Name: "verify_now"}
	// UpdateReportNotWorking says that the guest cannot get in: what was proven is
	// doubted, and all is done that can be done from afar (reported.go).
	UpdateReportNotWorking = Lever{Name: "report_not_working"}
	// UpdateRotatePIN takes another PIN; the one before it goes as soon as every
	// required door has the new one.
	UpdateRotatePIN = Lever{Name: "rotate_pin"}
	// UpdateRevokeNow ends the stay until UpdateRelease, whatever messages say.
	UpdateRevokeNow = Lever{Name: "revoke_now"}
	// UpdateHold stops provisioning and changes until UpdateRelease, never endings.
	UpdateHold        = Lever{Name: "hold"}
	UpdateStayRelease = Lever{Name: "release"}
	// UpdateAcknowledge says that the guest has the second PIN, that the one who was
	// reported is in, or that the use of a dead PIN has been looked into.
	UpdateAcknowledge = Lever{Name: "acknowledge"}
	// UpdateWriteOff gives up entries whose lock does not exist any more.
	UpdateWriteOff = Lever{Name: "write_off"}
)

var stayLevers = []lever[*State]{
	{UpdateVerifyNow, "read every door's list now", checkVerify, pullVerify},
	{UpdateReportNotWorking, "the guest cannot get in: read, sync, write anew, then a second PIN", checkReport, pullReport},
	{UpdateRotatePIN, "another PIN in the place of this one", checkRotate, pullRotate},
	{UpdateRevokeNow, "end the stay now, whatever the booking says", checkRevoke, pullRevoke},
	{UpdateHold, "change nothing on the locks until a release", checkHold, pullHold},
	{UpdateStayRelease, "end a hold or a revocation", checkStayRelease, pullStayRelease},
	{UpdateAcknowledge, "the guest is in, has the second PIN, or the use of a dead PIN has been looked into", checkAcknowledge, pullAcknowledge},
	{UpdateWriteOff, "give up what is left on a lock that is gone for good", checkWriteOff, pullWriteOff},
}

// meant are the entries that an order is about: of one door or of all.
func (s *State) meant(order Order, which func(*Entry) bool) []*Entry {
	var found []*Entry
	for _, entry := range s.Entries {
		if (order.SmartlockID == 0 || order.SmartlockID == entry.Lock) && which(entry) {
			found = append(found, entry)
		}
	}
	return found
}

func isPresent(e *Entry) bool { return !e.Absent }

func isLeft(e *Entry) bool { return !e.Absent || e.RemovedAt.IsZero() }

// wanted refuses what makes no sense once nobody should get in any more.
func (s *State) wanted(now time.Time) error {
	if s.Wish == nil {
		return errors.New("no booking has been received")
	}
	if why := DecideStay(s, now).Over; why != "" {
		return errors.New("nobody should get in any more: " + why)
	}
	return nil
}

func checkVerify(s *State, order Order, _ time.Time) error {
	if len(s.meant(order, func(*Entry) bool { return true })) == 0 {
		return errors.New("nothing of this reservation is on such a lock, so there is nothing to verify yet")
	}
	return nil
}

func pullVerify(s *State, order Order, now time.Time) Answer {
	entries := s.meant(order, func(*Entry) bool { return true })
	for _, entry := range entries {
		entry.Seen.Stale = true
		s.lock(entry.Lock).WokenAt = now
	}
	return Answer{Says: "Read now: the list of " + doors(entries), At: now}
}

func checkReport(s *State, order Order, now time.Time) error {
	if err := s.wanted(now); err != nil {
		return err
	}
	if len(s.meant(order, isPresent)) == 0 {
		return errors.New("no PIN of this reservation is wished on such a lock yet")
	}
	return nil
}

func pullReport(s *State, order Order, now time.Time) Answer {
	entries := s.meant(order, isPresent)
	for _, entry := range entries {
		entry.ReportedAt, entry.Seen.Stale = now, true
		s.lock(entry.Lock).WokenAt = now
	}
	return Answer{At: now, Says: "At once on " + doors(entries) + ": read the list, sync, write the whole authorization anew; then a second PIN beside this one, unless a log row shows that the door has opened"}
}

func checkRotate(s *State, _ Order, now time.Time) error {
	if err := s.wanted(now); err != nil {
		return err
	}
	switch {
	case s.pin() == nil:
		return errors.New("no PIN has been chosen yet")
	case s.Wish.PIN.Mode == Supplied:
		return errors.New("the PIN is the caller's own: send the reservation with another one")
	case s.FreshPIN != "":
		return errors.New("another PIN is being chosen already: " + s.FreshPIN)
	case s.Held != nil:
		return errors.New("the reservation is on hold: release it first")
	}
	return nil
}

func pullRotate(s *State, order Order, now time.Time) Answer {
	s.FreshPIN, s.Rotating = "A person wants another PIN: "+orElse(order.Why, "no reason given"), true
	return Answer{Says: "Another PIN is put on every door; the one before it is deleted as soon as all required doors have the new one, which the guest has to be told", At: now}
}

func checkRevoke(s *State, _ Order, now time.Time) error {
	if s.Revoked != nil {
		return errors.New("it is revoked already")
	}
	return s.wanted(now)
}

func pullRevoke(s *State, order Order, now time.Time) Answer {
	s.Revoked, s.Held = decree(order, now), nil
	return Answer{Says: "Every entry is deleted and proven gone; later messages about the booking open nothing until a release", At: now}
}

func checkHold(s *State, _ Order, now time.Time) error {
	if s.Held != nil {
		return errors.New("it is on hold already")
	}
	return s.wanted(now)
}

func pullHold(s *State, order Order, now time.Time) Answer {
	s.Held = decree(order, now)
	return Answer{Says: "Nothing is written to a lock until a release; the stay still ends when it should", At: now}
}

func checkStayRelease(s *State, _ Order, _ time.Time) error {
	if s.Held == nil && s.Revoked == nil {
		return errors.New("it is neither on hold nor revoked by a person")
	}
	return nil
}

// pullStayRelease begins the ladder to check-in anew for what was revoked.
func pullStayRelease(s *State, _ Order, now time.Time) Answer {
	says := "Changes go on: the locks are brought to what the booking says"
	if s.Revoked != nil {
		s.AcceptedAt = now
		says = "The revocation is taken back: what the booking says holds again"
	}
	s.Held, s.Revoked = nil, nil
	return Answer{Says: says, At: now}
}

func decree(order Order, now time.Time) *Decree {
	return &Decree{At: now, By: order.By, Why: order.Why}
}

// acknowledgement is something that a person can say, and how it is noted.
type acknowledgement struct {
	says string
	note func()
}

// acknowledgeable is what a person can acknowledge now.
func (s *State) acknowledgeable(now time.Time) []acknowledgement {
	var can []acknowledgement
	if second := s.second(); second != nil && second.Told() {
		can = append(can, acknowledgement{"the guest has the second PIN, so the first one is deleted", func() { second.AcknowledgedAt = now }})
	}
	doubted := func(e *Entry) bool { return !e.Absent && (!e.ReportedAt.IsZero() || !e.RefusedAt.IsZero()) }
	if slices.ContainsFunc(s.Entries, doubted) {
		can = append(can, acknowledgement{"the guest is in", s.guestIsIn})
	}
	if !s.DeadUsedAt.IsZero() {
		can = append(can, acknowledgement{"the use of a dead PIN has been looked into", func() { s.DeadUsedAt = time.Time{} }})
	}
	return can
}

// guestIsIn ends what was reported of the doors.
func (s *State) guestIsIn() {
	for _, entry := range s.present() {
		entry.ReportedAt, entry.RefusedAt = time.Time{}, time.Time{}
	}
}

func checkAcknowledge(s *State, _ Order, now time.Time) error {
	if len(s.acknowledgeable(now)) == 0 {
		return errors.New("there is nothing to acknowledge: no second PIN that was told, no report, no use of a dead PIN")
	}
	return nil
}

func pullAcknowledge(s *State, _ Order, now time.Time) Answer {
	var says []string
	for _, what := range s.acknowledgeable(now) {
		what.note()
		says = append(says, what.says)
	}
	return Answer{Says: "Noted: " + strings.Join(says, "; "), At: now}
}

// checkWriteOff refuses to give up what can be removed.
func checkWriteOff(s *State, order Order, now time.Time) error {
	if s.Wish != nil && DecideStay(s, now).Over == "" {
		return errors.New("the stay is still wished: withdraw it, revoke it, or send it without that lock first")
	}
	left := s.meant(order, isLeft)
	if len(left) == 0 {
		return errors.New("nothing of this reservation is left to remove on such a lock")
	}
	for _, entry := range left {
		if !s.outOfReach(entry, now) {
			return fmt.Errorf("lock %d answers and is online: what is on it can be removed, and is being removed", entry.Lock)
		}
	}
	return nil
}

// outOfReach says that a lock is not in the account, or has gone offline.
func (s *State) outOfReach(entry *Entry, now time.Time) bool {
	return entry.Trouble.Type == activities.ErrLockUnknown || s.situation(entry, now).saidOffline()
}

func pullWriteOff(s *State, order Order, now time.Time) Answer {
	left := s.meant(order, isLeft)
	for _, entry := range left {
		entry.WrittenOff = true
	}
	return Answer{Says: "Given up: what is left on " + doors(left) + ". It may open until its window closes; should the lock come back, its front desk has it removed", At: now}
}

// doors names the doors of entries, each once.
func doors(entries []*Entry) string {
	var names []string
	for _, entry := range entries {
		if name := "lock " + strconv.FormatInt(entry.Lock, 10); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
