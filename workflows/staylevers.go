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
	{update: UpdateVerifyNow, does: "read every door's list now", check: checkVerify, pull: pullVerify},
	{update: UpdateReportNotWorking, does: "the guest cannot get in: read, sync, write anew, then a second PIN", check: checkReport, pull: pullReport},
	{update: UpdateRotatePIN, does: "another PIN in the place of this one", check: checkRotate, pull: pullRotate},
	{update: UpdateRevokeNow, does: "end the stay now, whatever the booking says", check: checkRevoke, pull: pullRevoke},
	{update: UpdateHold, does: "change nothing on the locks until a release", check: checkHold, pull: pullHold},
	{update: UpdateStayRelease, does: "end a hold or a revocation", check: checkStayRelease, pull: pullStayRelease},
	{update: UpdateAcknowledge, does: "say what is known here: it ends what was raised", check: checkAcknowledge, pull: pullAcknowledge, choices: acknowledgeChoices},
	{update: UpdateWriteOff, does: "give up what is left on a lock that is gone for good", check: checkWriteOff, pull: pullWriteOff, choices: writeOffChoices},
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

// isLeft reports whether an entry is to go, and neither proven gone nor given up.
func isLeft(e *Entry) bool { return e.Absent && e.RemovedAt.IsZero() && !e.WrittenOff }

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
		entry.readAnew()
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
		entry.ReportedAt = now
		entry.readAnew()
		s.lock(entry.Lock).WokenAt = now
	}
	if pin := s.pin(); pin != nil && !pin.Told() {
		pin.ToldAt = now // Whoever reports it has it, from wherever.
	}
	says := "read the list, sync, write the whole authorization anew; then a second PIN beside this one, unless a log row shows that the door has opened"
	if s.Held != nil {
		says = "read the list and sync. The reservation is on hold: nothing is written to a lock, and no second PIN comes, before it is released"
	}
	return Answer{At: now, Says: "At once on " + doors(entries) + ": " + says}
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

// What can be acknowledged.
const (
	// AcknowledgedGuestIn: the guest who was reported, or refused, is in.
	AcknowledgedGuestIn = "guest_is_in"
	// AcknowledgedSecondPIN: the guest has the second PIN. The first one is deleted.
	AcknowledgedSecondPIN = "has_second_pin"
	// AcknowledgedDeadUse: the use of a dead PIN has been looked into.
	AcknowledgedDeadUse = "looked_into"
)

// Acknowledgements are all of them.
var Acknowledgements = []string{AcknowledgedGuestIn, AcknowledgedSecondPIN, AcknowledgedDeadUse}

// acknowledgement is something that a person can say, and how it is noted.
type acknowledgement struct {
	what, says string
	note       func()
}

// acknowledgeable is what a person can acknowledge now.
func (s *State) acknowledgeable(now time.Time) []acknowledgement {
	var can []acknowledgement
	doubted := func(e *Entry) bool { return !e.Absent && (!e.ReportedAt.IsZero() || !e.RefusedAt.IsZero()) }
	if slices.ContainsFunc(s.Entries, doubted) {
		can = append(can, acknowledgement{AcknowledgedGuestIn, "the guest is in", s.guestIsIn})
	}
	if second := s.second(); second != nil && second.Told() {
		can = append(can, acknowledgement{AcknowledgedSecondPIN, "the guest has the second PIN, so the first one is deleted", func() { second.AcknowledgedAt = now }})
	}
	if !s.DeadUsedAt.IsZero() {
		can = append(can, acknowledgement{AcknowledgedDeadUse, "the use of a dead PIN has been looked into", func() { s.DeadUsedAt = time.Time{} }})
	}
	return can
}

// guestIsIn ends what was reported of the doors.
func (s *State) guestIsIn() {
	for _, entry := range s.present() {
		entry.ReportedAt, entry.RefusedAt = time.Time{}, time.Time{}
	}
}

// acknowledged is the one thing that an order is about.
func (s *State) acknowledged(order Order, now time.Time) (acknowledgement, error) {
	can := s.acknowledgeable(now)
	var known []string
	for _, one := range can {
		if one.what == order.What {
			return one, nil
		}
		known = append(known, one.what)
	}
	switch {
	case len(can) == 0:
		return acknowledgement{}, errors.New("there is nothing to acknowledge: no second PIN that was told, no report, no use of a dead PIN")
	case order.What != "":
		return acknowledgement{}, errors.New("that cannot be acknowledged now; what can be is: " + strings.Join(known, ", "))
	case len(can) > 1:
		return acknowledgement{}, errors.New("say what: " + strings.Join(known, ", "))
	}
	return can[0], nil
}

func checkAcknowledge(s *State, order Order, now time.Time) error {
	_, err := s.acknowledged(order, now)
	return err
}

func pullAcknowledge(s *State, order Order, now time.Time) Answer {
	one, err := s.acknowledged(order, now)
	if err != nil { // The check came before; between them nothing happens.
		return Answer{Says: err.Error(), At: now}
	}
	one.note()
	return Answer{Says: "Noted: " + one.says, At: now}
}

func acknowledgeChoices(s *State, now time.Time) []Choice {
	var all []Choice
	for _, one := range s.acknowledgeable(now) {
		all = append(all, Choice{Order{What: one.what}, one.says})
	}
	return all
}

// checkWriteOff refuses to give up what is wished, and what can be removed.
func checkWriteOff(s *State, order Order, now time.Time) error {
	left := s.meant(order, isLeft)
	switch wished := s.meant(order, isPresent); {
	case len(left) == 0 && len(wished) > 0:
		return fmt.Errorf("the stay is still wished on %s: withdraw it, revoke it, or send it without that lock first", doors(wished))
	case len(left) == 0:
		return errors.New("nothing of this reservation is left to remove on such a lock")
	case len(s.outOfReach(left, now)) == 0:
		return fmt.Errorf("%s: it answers and is online, so that what is on it can be removed, and is being removed", doors(left))
	}
	return nil
}

// outOfReach are the entries whose lock is not in the account, or has gone offline.
func (s *State) outOfReach(entries []*Entry, now time.Time) []*Entry {
	var found []*Entry
	for _, entry := range entries {
		if entry.Trouble.Type == activities.ErrLockUnknown || s.situation(entry, now).saidOffline() {
			found = append(found, entry)
		}
	}
	return found
}

func pullWriteOff(s *State, order Order, now time.Time) Answer {
	given := s.outOfReach(s.meant(order, isLeft), now)
	for _, entry := range given {
		entry.WrittenOff = true
	}
	return Answer{Says: "Given up: what is left on " + doors(given) + ". It may open until its window closes; should the lock come back, its front desk has it removed", At: now}
}

func writeOffChoices(s *State, now time.Time) []Choice {
	var all []Choice
	for _, entry := range s.outOfReach(s.meant(Order{}, isLeft), now) {
		choice := Choice{Order{SmartlockID: entry.Lock}, doors([]*Entry{entry})}
		if !slices.Contains(all, choice) {
			all = append(all, choice)
		}
	}
	return all
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
