// This file says in advance which stays could be kept, by the world's own
// schedule and by nothing that a strategy did.

package campaign

import (
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// honest reports whether knobs do not make the API lie, lose or refuse. What remains
// are ways of being: how long things take, what a lock without a connection does
// with writes, which webhooks come.
func honest(faults nukisim.Faults) bool {
	faults.LatencyMin, faults.LatencyMax = 0, 0
	faults.PendingListed, faults.PendingBare, faults.OperationObject, faults.DeleteCancels = false, false, false, false
	faults.OfflineQueues, faults.OfflineHidden, faults.OfflineWrites, faults.AppLag, faults.AccountLink = false, false, "", 0, 0
	faults.MissingGet, faults.MissingDelete, faults.SecondCreate, faults.WindowRule = 0, 0, "", ""
	faults.WebhookLost, faults.WebhookDoubled, faults.WebhookForged, faults.WebhookDelay = 0, 0, 0, 0
	faults.WebhookLate, faults.WebhookLateBy, faults.WebhookIDsOnly = 0, 0, false
	switch faults.Sync {
	case nukisim.SyncNoMark, nukisim.SyncHeals, nukisim.SyncPushes:
		faults.Sync = ""
	}
	return faults == nukisim.Faults{}
}

// longEnough is how long an unbroken good spell must last to count, where there
// is time for it; else half of the time there is.
const longEnough = 90 * time.Minute

// span is a time from one moment to another.
type span struct{ from, until time.Time }

func (s span) length() time.Duration { return s.until.Sub(s.from) }

func (s span) has(at time.Time) bool { return !at.Before(s.from) && !at.After(s.until) }

// goodSpells are the unbroken spells within a span in which a lock can be reached
// and the API is honest about it. An act in the app on the stay breaks a spell.
func (l *PlannedLock) goodSpells(within span, stay *Stay) []span {
	spells := []span{within}
	for _, trouble := range l.Troubles {
		if bad, ok := l.breaks(trouble, stay); ok && !bad.until.Before(within.from) {
			spells = without(spells, bad)
		}
	}
	return l.seeing(spells)
}

// breaks is the time in which a trouble keeps a stay from being served.
func (l *PlannedLock) breaks(t Trouble, stay *Stay) (bad span, ok bool) {
	switch {
	case t.Act != "":
		return span{t.From, t.From}, t.Stay == stay
	case t.Offline:
		return span{t.From, l.landed(t.Until)}, true
	}
	return span{t.From, t.Until.Add(t.lateBy())}, !honest(t.Faults)
}

// landed is when the last of the writes may have landed that were kept for a lock
// without a connection, which is back at a moment.
func (l *PlannedLock) landed(back time.Time) time.Time {
	if l.Always.OfflineWrites != nukisim.OfflineDaily {
		return back
	}
	return nukisim.NextDailySync(back, l.zone).Add(l.Always.LatencyMax.D())
}

// seeing are spells without their beginnings, where it takes a while until the
// list shows a new entry: until then the API is not honest about what was written
// at the beginning of the spell.
func (l *PlannedLock) seeing(spells []span) []span {
	blind := l.blind()
	if blind == 0 {
		return spells
	}
	var left []span
	for _, spell := range spells {
		spell.from = spell.from.Add(blind)
		if spell.from.Before(spell.until) {
			left = append(left, spell)
		}
	}
	return left
}

// blind is how long the list does not show a new entry, whoever asks for a sync.
func (l *PlannedLock) blind() time.Duration {
	late := l.Always.ListedLate.D()
	if late == 0 {
		return 0
	}
	switch l.Always.Sync {
	case nukisim.SyncNothing, nukisim.SyncPushes:
		return late + l.Always.LatencyMax.D()
	case nukisim.SyncHealsLate:
		return min(late, nukisim.SyncLate) + l.Always.LatencyMax.D()
	}
	return 0
}

// without cuts a span out of others.
func without(spells []span, bad span) []span {
	var left []span
	for _, spell := range spells {
		if bad.until.Before(spell.from) || bad.from.After(spell.until) {
			left = append(left, spell)
			continue
		}
		if bad.from.After(spell.from) {
			left = append(left, span{spell.from, bad.from})
		}
		if bad.until.Before(spell.until) {
			left = append(left, span{bad.until, spell.until})
		}
	}
	return left
}

// demand is that a guest gets in by a lock from a moment on, known since another.
type demand struct {
	lock int64
	// said is when the booking's system first said so, known when the work could
	// begin, by when it must work.
	said, known, by time.Time
	rungs           []time.Time
}

// feasible reports whether a demand could be met: between the beginning of the work and
// the moment there is a good spell that is long enough and holds a planned look,
// or lasts to the moment; and nothing touches the entry after it.
func (p *Plan) feasible(stay *Stay, d demand, needRung bool) bool {
	lock := p.lock(d.lock)
	if lock.heldBack(stay) {
		return false
	}
	within := span{d.known, d.by}
	need := min(longEnough, within.length()/2)
	spells := lock.goodSpells(within, stay)
	// A place that was held before the lock was full of those who come first had to be
	// given up then.
	for _, full := range p.fullSpells(lock, stay, within) {
		spells = without(spells, span{within.from, full.until})
	}
	for _, spell := range spells {
		if spell.length() < need || needRung && !spell.hasRung(d) {
			continue
		}
		if !lock.touched(stay, span{spell.until, stay.latestEnd()}) {
			return true
		}
	}
	return false
}

func (s span) hasRung(d demand) bool {
	if !s.until.Before(d.by) {
		return true
	}
	for _, rung := range d.rungs {
		if s.has(rung) {
			return true
		}
	}
	return false
}

// heldBack reports whether somebody switched a stay's entry off, or deleted it twice: a
// person's act, which is raised and respected.
func (l *PlannedLock) heldBack(stay *Stay) bool {
	deleted := 0
	for _, trouble := range l.Troubles {
		if trouble.Stay == stay && trouble.Act == actDisable {
			return true
		}
		deleted += one(trouble.Stay == stay && trouble.Act == actDelete)
	}
	return deleted > 1
}

// touched reports whether the schedule touches a stay's entry on a lock within a span:
// somebody edits it in the app, the lock's clock goes wrong, its keypad is unpaired,
// or may not obey what a change of the booking has written.
func (l *PlannedLock) touched(stay *Stay, within span) bool {
	for _, trouble := range l.Troubles {
		if trouble.Until.Before(within.from) || trouble.From.After(within.until) {
			continue
		}
		switch {
		case trouble.Act != "":
			if trouble.Stay == stay {
				return true
			}
		case trouble.Faults.ClockOffset.D().Abs() > clockMargin, trouble.Faults.KeypadLost:
			return true
		case trouble.Faults.Deaf > 0 && stay.changedWithin(span{trouble.From, trouble.Until}):
			return true
		}
	}
	return false
}

// clockMargin is how wrong a lock's clock may be.
const clockMargin = time.Minute

// changedWithin reports whether a message came within a span, or just before it.
func (s *Stay) changedWithin(within span) bool {
	for _, message := range s.Messages {
		if (span{within.from.Add(-graceOfGuests), within.until}).has(message.At) {
			return true
		}
	}
	return false
}

// rungs are the planned looks on the way to a moment, for a wish that was known
// since another.
func rungs(policy workflows.Policy, known, by time.Time) []time.Time {
	all := []time.Time{known, known.Add(max(policy.LateRung.D(), by.Sub(known)/2))}
	for _, before := range policy.ToCheckIn {
		if at := by.Add(-before.D()); at.After(known) {
			all = append(all, at)
		}
	}
	return all
}
