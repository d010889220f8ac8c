// This file is the list that cannot be believed: many entries vanished from it at
// once, other people's too. It is evidence of nothing until it is borne out.

package workflows

import (
	"time"

	"github.com/keystay/keystay/activities"
)

// Belief is the size of the last list of a lock that was believed.
type Belief struct {
	At    time.Time `json:"at,omitzero"`
	Total int       `json:"total,omitempty"`
	// Foreign counts the entries that are not this installation's: ours come and
	// go together, on a morning of check-outs.
	Foreign int `json:"foreign,omitempty"`
}

// Doubt is an unbroken series of lists that were not believed.
type Doubt struct {
	// Since and At are the first and the last one.
	Since time.Time `json:"since,omitzero"`
	At    time.Time `json:"at,omitzero"`
	Reads int       `json:"reads,omitempty"`
}

const (
	// fewVanished may vanish at once, as may the share of a list: a morning of
	// check-outs on a door that many share.
	fewVanished = 3
	// shareVanished is in percent.
	shareVanished = 30
)

// implausible reports whether a list is too small beside the last one that was
// believed: all of it has vanished, or much, and not only what is ours.
func (b Belief) implausible(now Belief) bool {
	vanished := b.Total - now.Total
	many := vanished > fewVanished && vanished*100 > shareVanished*b.Total
	return many && now.Total == 0 || now.Foreign < b.Foreign && (now.Total == 0 || many)
}

// believe reports whether a list counts, and remembers it.
func (m *LockMemory) believe(reading *activities.Reading, at time.Time, policy Policy) bool {
	now := Belief{At: at, Total: reading.Total, Foreign: reading.Foreign}
	if m.Believed.implausible(now) && !m.borneOut(at, policy) {
		m.Doubt = Doubt{Since: earliest(m.Doubt.Since, at), At: at, Reads: m.Doubt.Reads + 1}
		return false
	}
	m.Believed, m.Doubt, m.Others = now, Doubt{}, reading.Others
	return true
}

// borneOut reports whether a second implausible list was read after a sync that was sent since
// the first one and is complete: by its mark, or by the rule that stands in for one.
func (m *LockMemory) borneOut(at time.Time, policy Policy) bool {
	sync := m.lastSync()
	if m.Doubt.Reads == 0 || sync.Before(m.Doubt.Since) || !at.After(sync) {
		return false
	}
	return m.marked() && !at.Before(m.MarkAt) || timed(m.Doubt.Since, at, *m, policy)
}

// doubtful reports whether the lock's last list was not believed, and that this entry
// hangs on it.
func (s Situation) doubtful() bool {
	lookedBack := !s.Entry.RemovedAt.IsZero() && s.Entry.LooksDone >= len(s.Entry.looks(s.Policy))
	return s.Lock.Doubt.Reads > 0 && !lookedBack
}

// bearOut has the lock synced once, and reads by the retry table until the list
// is borne out or full again.
func bearOut(s Situation) Step {
	const reason = "Many entries have vanished from the list at once, not only Keystay's: not believed before a sync and another read bear it out"
	step := waitUntil(s, s.doubtUntil(), reason)
	switch {
	case !s.syncedSince(s.Lock.Doubt.Since) && s.maySync():
		step = sync(s, s.Lock.Doubt.Since, reason)
	case !s.Now.Before(s.doubtUntil()):
		step = readWithLock(reason)
	}
	if s.Lock.Doubt.Reads > 1 {
		step.Attention = AttentionListImplausible
	}
	return step
}

// doubtUntil is when a list that is not believed is read again: at a wake-up, a
// while after a sync, else by the retry table.
func (s Situation) doubtUntil() time.Time {
	if s.Lock.WokenAt.After(s.Lock.Doubt.At) {
		return s.Lock.WokenAt
	}
	at := s.Lock.Doubt.At.Add(s.retry(s.Lock.Doubt.Reads - 1))
	if s.awaitsMark() {
		at = latest(at, s.Lock.lastSync().Add(s.Policy.MarkWait.D()/3))
	}
	return at
}
