// This file is Decide: the recovery policy as a pure function. Its two tables,
// in present.go and absent.go, are the documentation of what Keystay does.

package workflows

import "time"

// Action is what a decision asks for.
type Action string

const (
	// ActWait waits until Step.Until or a wake-up.
	ActWait Action = "wait"
	// ActRead reads the lock's list.
	ActRead Action = "read"
	// ActSync asks the cloud to fetch the lock's own table.
	ActSync Action = "sync"
	// ActCreate sends the authorization.
	ActCreate Action = "create"
	// ActUpdate sends the whole document in the place of what is there.
	ActUpdate Action = "update"
	// ActRefresh does the same under the next name suffix, so that something
	// changes for the lock.
	ActRefresh Action = "refresh"
	// ActDelete removes the authorization.
	ActDelete Action = "delete"
	// ActDisarm overwrites an entry that will not go: disabled, with a window
	// in 2099 and a code of nobody, which frees the guest's PIN.
	ActDisarm Action = "disarm"
	// ActAskFreshPIN asks DecideStay for another PIN on all doors.
	ActAskFreshPIN Action = "ask_fresh_pin"
	// ActDone says that nothing is left to do.
	ActDone Action = "done"
)

// write reports whether the action changes an entry.
func (a Action) write() bool {
	switch a {
	case ActCreate, ActUpdate, ActRefresh, ActDelete, ActDisarm:
		return true
	}
	return false
}

// Step is one decision, with its reason in words: what ops read.
type Step struct {
	Do Action `json:"do,omitempty"`
	// Until ends a wait.
	Until time.Time `json:"until,omitzero"`
	// Since: a sync that was sent after it serves. Urgent: a guest is at the door,
	// or about to be. Alone: the lock's front desk gives no answer.
	Since  time.Time `json:"since,omitzero"`
	Urgent bool      `json:"urgent,omitempty"`
	Alone  bool      `json:"alone,omitempty"`
	// WithLock also reads the lock itself.
	WithLock  bool      `json:"with_lock,omitempty"`
	Attention Attention `json:"attention,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	// Row is the row of the table that decided.
	Row string `json:"row,omitempty"`
}

// Row is one line of the recovery policy: when it applies, in words and as a
// condition, and what it does then. The first row that applies decides.
type Row struct {
	ID   string
	Says string
	When func(Situation) bool
	Then func(Situation) Step
}

// Decide says what to do next about one entry: what the first row says that applies.
// Three rules hold for every row. A person's hold turns changes into waits (held), a
// sync is asked for at the lock's front desk (throughDesk), and a reason for attention
// stays raised while its trouble is tried again (stillRaised).
func Decide(s Situation) Step {
	table := PresentRows
	if s.Entry.Absent {
		table = AbsentRows
	}
	for _, row := range table {
		if row.When(s) {
			step := row.Then(s)
			step.Row = row.ID
			return stillRaised(s, throughDesk(s, held(s, step)))
		}
	}
	return Step{Do: ActRead, WithLock: true, Row: "default", Reason: "Read again: no row of the policy applies"}
}

// held is what becomes of a change while a person wants none: it waits, and the
// list is read now and then, so that what is shown stays true. Endings go on.
func held(s Situation, step Step) Step {
	if !s.Held || s.Entry.Absent || !step.Do.write() && step.Do != ActAskFreshPIN {
		return step
	}
	wait := look(s, "A person holds the reservation; it would be: "+step.Reason)
	wait.Row, wait.Attention = step.Row, step.Attention
	return wait
}

// stillRaised keeps what is wrong raised while it is tried again: an error ends with
// an answer, not with the end of a pause, and an offline lock is one on every step of
// what hangs on it.
func stillRaised(s Situation, step Step) Step {
	switch {
	case step.Attention != "":
	case step.Do == ActRead && s.Entry.Trouble.Type != "":
		step.Attention = troubleAttention(s)
	case s.unfinished():
		step.Attention = offlineAttentionIfOffline(s)
	}
	return step
}

// read is the step that reads the list; the lock itself too, where its state is
// in question.
func read(s Situation, reason string) Step {
	return Step{Do: ActRead, WithLock: s.saidOffline() || s.keypadMissing() || s.accountBroken(), Reason: reason}
}

func readWithLock(reason string) Step { return Step{Do: ActRead, WithLock: true, Reason: reason} }

// waitUntil waits, no longer than to the next rung of a wished entry, nor than to
// the read of a rung that waits for the mark of a sync.
func waitUntil(s Situation, until time.Time, reason string) Step {
	if !s.Entry.Absent {
		until = earliest(until, s.nextRung())
	}
	if s.rungUnread() && s.awaitsMark() {
		until = earliest(until, s.Lock.lastSync().Add(s.Policy.MarkWait.D()))
	}
	return Step{Do: ActWait, Until: until, Reason: reason}
}

// look reads again when its time has come, and waits until then.
func look(s Situation, reason string) Step {
	if !s.Now.Before(s.nextLook()) {
		return read(s, reason)
	}
	return waitUntil(s, s.nextLook(), reason)
}

// lookBefore is look for a pause that ends at a moment, which may be zero.
func lookBefore(s Situation, at time.Time, reason string) Step {
	if !s.Now.Before(s.nextLook()) {
		return read(s, reason)
	}
	return waitUntil(s, earliest(at, s.nextLook()), reason)
}

// lookAtLock is look for what the lock itself must show: a completed sync, or
// that it is online.
func lookAtLock(s Situation, reason string) Step {
	step := look(s, reason)
	step.WithLock = step.Do == ActRead
	return step
}

// slowly comes back to something that only a person can mend.
func slowly(s Situation, attention Attention, reason string) Step {
	at := s.Entry.Seen.At.Add(s.retry(len(s.Policy.RetrySteps)))
	if !s.Now.Before(at) {
		return Step{Do: ActRead, WithLock: true, Attention: attention, Reason: reason}
	}
	step := waitUntil(s, at, reason)
	step.Attention = attention
	return step
}

// online is a write to a lock that must not be offline: it would land late,
// after a newer wish. An old answer is asked for anew.
func online(s Situation, then Step) Step {
	switch {
	case s.offlineKnown():
		step := waitUntil(s, s.Lock.ReadAt.Add(max(s.Policy.OnlineLife.D(), s.retry(s.Entry.Looks))),
			"Wait for the lock to come online: a write now could land after a newer wish")
		step.Attention = offlineAttention(s)
		return step
	case s.saidOffline():
		return readWithLock("Ask whether the lock is online again")
	}
	return then
}

// offlineAttention is raised once the check-in is near, or an ending hangs on it.
func offlineAttention(s Situation) Attention {
	if s.Entry.Absent || s.atRisk() {
		return AttentionLockOffline
	}
	return ""
}

// sync has the lock synced: a sync that was sent at a moment or after it serves, but
// none that is known here, or this one would not be wanted.
func sync(s Situation, since time.Time, reason string) Step {
	return Step{Do: ActSync, Since: latest(justBefore(since), s.Lock.lastSync()), Urgent: s.urgent(), Reason: reason}
}

// justBefore is the last millisecond before a moment; zero stays zero.
func justBefore(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-time.Millisecond)
}

// syncOr sends a sync where one is within its bounds, and else does something.
func syncOr(s Situation, since time.Time, reason string, otherwise Step) Step {
	if s.maySync() {
		return sync(s, since, reason)
	}
	return otherwise
}

// syncOrWait sends a sync, or waits until one is within its bounds.
func syncOrWait(s Situation, since time.Time, reason string) Step {
	return syncOr(s, since, reason, waitUntil(s, s.syncAllowedAt(), reason+" (syncs cost battery, the next one may be sent then)"))
}
