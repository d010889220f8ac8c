// This file is what a person can have a lock's front desk do.

package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Lever is an update by which a person has a lock's front desk do something.
type Lever = Update[DeskOrder, DeskAnswer]

// Levers of a lock. Each answers at once what will be done; the view shows when
// it is.
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

// ErrDeskRefused is the error type of a lever that makes no sense now.
const ErrDeskRefused = "refused"

// DeskOrder is what a person asks for.
type DeskOrder struct {
	// By names the caller (a token's name or "api"), never a guest.
	By string `json:"by,omitempty"`
	// Why is shown with a quarantine.
	Why string `json:"why,omitempty"`
	// AuthID is the orphan's.
	AuthID string `json:"auth_id,omitempty"`
}

// DeskAnswer says in words what will be done, and from when on.
type DeskAnswer struct {
	Says string    `json:"says"`
	At   time.Time `json:"at"`
	// Reservation is the one that does it, where the desk itself does not.
	Reservation string `json:"reservation,omitempty"`
}

// lever is an update with the checks that come before it.
type lever struct {
	update Lever
	check  func(*Desk, DeskOrder) error
	pull   func(*Desk, DeskOrder, time.Time) DeskAnswer
}

var levers = []lever{
	{UpdateAudit, func(*Desk, DeskOrder) error { return nil }, pullAudit},
	{UpdateSync, func(*Desk, DeskOrder) error { return nil }, pullSync},
	{UpdateQuarantine, checkQuarantine, pullQuarantine},
	{UpdateRelease, checkRelease, pullRelease},
	{UpdateRemoveOrphan, checkOrphan, pullOrphan},
}

// handle registers the query and the levers.
func (d *desk) handle(ctx workflow.Context) error {
	err := QuerySmartlock.Handle(ctx, func() (DeskView, error) { return d.desk.view(workflow.Now(ctx)), nil })
	for _, l := range levers {
		err = errors.Join(err, l.update.Handle(ctx, func(ctx workflow.Context, order DeskOrder) (DeskAnswer, error) {
			d.ordered = true
			return l.pull(d.desk, order, workflow.Now(ctx)), nil
		}, func(order DeskOrder) error {
			if err := l.check(d.desk, order); err != nil {
				return temporal.NewNonRetryableApplicationError(err.Error(), ErrDeskRefused, nil)
			}
			return nil
		}))
	}
	return err
}

func pullAudit(d *Desk, _ DeskOrder, now time.Time) DeskAnswer {
	d.Audit.ListAt, d.Audit.Ordered = now, now
	return DeskAnswer{Says: "The lock's list is read and compared with what its reservations wish", At: now}
}

func pullSync(d *Desk, _ DeskOrder, now time.Time) DeskAnswer {
	d.orderSync(now)
	_, urgent := d.SyncDesk.wanted()
	at := latest(now, d.SyncDesk.allowedAt(urgent, d.rules()))
	if len(d.Attendees) == 0 {
		look := at.Add(d.rules().MarkWait.D())
		d.Audit.ListAt, d.Audit.Ordered = look, look
	}
	return DeskAnswer{Says: "The lock is synced, and looked over when that is complete", At: at}
}

func checkQuarantine(d *Desk, _ DeskOrder) error {
	if q := d.Health.Quarantine; q != nil && q.Person {
		return errors.New("the lock is quarantined already")
	}
	return nil
}

func pullQuarantine(d *Desk, order DeskOrder, now time.Time) DeskAnswer {
	d.Health.Quarantine = &Quarantine{Since: now, Why: orElse(order.Why, "a person asked for it"), Person: true}
	return DeskAnswer{Says: "The lock is provisioned earlier, nothing is updated in place while a PIN can be replaced, and its bookings are flagged", At: now}
}

func checkRelease(d *Desk, _ DeskOrder) error {
	if d.Health.Quarantine == nil {
		return errors.New("the lock is not quarantined")
	}
	return nil
}

func pullRelease(d *Desk, _ DeskOrder, now time.Time) DeskAnswer {
	d.Health.Quarantine, d.Health.Released = nil, now
	return DeskAnswer{Says: "The lock is handled like any other; writes before now do not count against it", At: now}
}

func checkOrphan(d *Desk, order DeskOrder) error {
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

func pullOrphan(d *Desk, order DeskOrder, now time.Time) DeskAnswer {
	for _, entry := range d.Audit.Entries {
		if entry.AuthID == order.AuthID {
			d.sweep(ReservationWorkflowID(OrphanReservation(entry.AuthID)), entry, "a person said that nobody needs it")
		}
	}
	return DeskAnswer{Says: "A reservation of its own removes the entry and proves it gone", At: now, Reservation: OrphanReservation(order.AuthID)}
}

// OrphanReservation is the id of the reservation that removes an orphan.
func OrphanReservation(authID string) string { return "orphan-" + authID }

func orElse(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
