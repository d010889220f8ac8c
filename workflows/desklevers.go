// This file is what a person can have a lock's front desk do.

package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"
)

// Levers of a lock.
var (
	// UpdateAudit looks over the whole lock now.
	UpdateAudit = Lever{Name: "audit"}
	// UpdateSync has the lock synced as soon as its bounds allow, and looked over.
	UpdateSync = Lever{Name: "sync"}
	// UpdateQuarantine gives the lock more work until UpdateRelease.
	UpdateQuarantine = Lever{Name: "quarantine"}
	UpdateRelease    = Lever{Name: "release"}
	// UpdateRemoveOrphan removes an entry that looks like ours and has no
	// reservation. It is for a person to say that nobody needs it.
	UpdateRemoveOrphan = Lever{Name: "remove_orphan"}
)

var deskLevers = []lever[*Desk]{
	{update: UpdateAudit, does: "look over the whole lock now", check: unchecked, pull: pullAudit},
	{update: UpdateSync, does: "have the lock synced, and looked over", check: unchecked, pull: pullSync},
	{update: UpdateQuarantine, does: "give the lock more care until a release", check: checkQuarantine, pull: pullQuarantine},
	{update: UpdateRelease, does: "end the quarantine", check: checkRelease, pull: pullRelease},
	{update: UpdateRemoveOrphan, does: "remove an entry that is nobody's", check: checkOrphan, pull: pullOrphan, choices: orphanChoices},
}

// handle registers the query and the levers.
func (d *desk) handle(ctx workflow.Context) error {
	err := QuerySmartlock.Handle(ctx, func() (DeskView, error) { return d.desk.view(workflow.Now(ctx)), nil })
	return errors.Join(err, handleLevers(ctx, deskLevers, func() (*Desk, *Ledger) { return d.desk, &d.desk.Orders }, func() { d.ordered = true }))
}

// unchecked is the check of a lever that always makes sense.
func unchecked(*Desk, Order, time.Time) error { return nil }

func pullAudit(d *Desk, _ Order, now time.Time) Answer {
	d.Audit.ListAt, d.Audit.Ordered = now, now
	return Answer{Says: "The lock's list is read and compared with what its reservations wish", At: now}
}

func pullSync(d *Desk, _ Order, now time.Time) Answer {
	d.orderSync(now)
	_, urgent := d.SyncDesk.wanted()
	at := latest(now, d.SyncDesk.allowedAt(urgent, d.syncRules(now)))
	if len(d.Attendees) == 0 {
		look := at.Add(d.rules().MarkWait.D())
		d.Audit.ListAt, d.Audit.Ordered = look, look
	}
	return Answer{Says: "The lock is synced, and looked over when that is complete", At: at}
}

func checkQuarantine(d *Desk, _ Order, _ time.Time) error {
	if q := d.Health.Quarantine; q != nil && q.Person {
		return errors.New("the lock is quarantined already")
	}
	return nil
}

func pullQuarantine(d *Desk, order Order, now time.Time) Answer {
	d.Health.Quarantine = &Quarantine{Since: now, Why: orElse(order.Why, "a person asked for it"), Person: true}
	return Answer{Says: "The lock is provisioned earlier, nothing is updated in place while a PIN can be replaced, and its bookings are flagged", At: now}
}

func checkRelease(d *Desk, _ Order, _ time.Time) error {
	if d.Health.Quarantine == nil {
		return errors.New("the lock is not quarantined")
	}
	return nil
}

func pullRelease(d *Desk, _ Order, now time.Time) Answer {
	d.Health.Quarantine, d.Health.Released = nil, now
	return Answer{Says: "The lock is handled like any other; writes before now do not count against it", At: now}
}

func checkOrphan(d *Desk, order Order, _ time.Time) error {
	for _, entry := range d.Audit.Entries {
		if entry.AuthID != order.AuthID || order.AuthID == "" {
			continue
		}
		if entry.Kind == EntryOrphan {
			return nil
		}
		return fmt.Errorf("the entry is no orphan but %s: only an orphan may be removed so", entry.Kind)
	}
	return errors.New("the last look at the lock shows no entry with this auth_id")
}

// orphanChoices are at most some: a lock may hold hundreds.
func orphanChoices(d *Desk, _ time.Time) []Choice {
	var all []Choice
	for _, entry := range d.Audit.Entries {
		if entry.Kind == EntryOrphan && len(all) < shownOrphans {
			all = append(all, Choice{Order{AuthID: entry.AuthID}, "the entry " + entry.Name})
		}
	}
	return all
}

// shownOrphans bounds what people are offered at once.
const shownOrphans = 10

func pullOrphan(d *Desk, order Order, now time.Time) Answer {
	for _, entry := range d.Audit.Entries {
		if entry.AuthID == order.AuthID {
			d.sweep(ReservationWorkflowID(OrphanReservation(entry.AuthID)), entry, "a person said that nobody needs it")
		}
	}
	return Answer{Says: "A reservation of its own removes the entry and proves it gone", At: now, Reservation: OrphanReservation(order.AuthID)}
}

// OrphanReservation is the id of the reservation that removes an orphan.
func OrphanReservation(authID string) string { return "orphan-" + authID }

func orElse(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
