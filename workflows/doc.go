// Package workflows says what to do and when: one ReservationWorkflow per stay,
// one SmartlockWorkflow per lock, and one EventsWorkflow for each that has
// something to tell other systems.
//
// It is deterministic: no input or output, no clock but workflow.Now, no
// environment, no configuration (a Policy travels in the input), no time-zone
// arithmetic (the API hands in instants). Decisions are pure functions over
// data (Decide, DecideStay, Desk.decide). Only converge.go writes to a lock; the other
// effects are calls and signals of smartlock.go, attending.go, announce.go and events.go.
//
// It imports the Temporal SDK, and from activities and activities/nuki only types,
// names and pure functions: nothing that does input or output.
//
// # Where things are
//
// The contract with callers: messages.go (ids, signals, updates, queries), wish.go and
// version.go (what a reservation system sends), view.go, deskview.go and outboxview.go
// (what a query answers).
//
// The recovery policy, pure: decide.go with its two tables, present.go and absent.go;
// presentsteps.go and situation.go (what their rows ask), finding.go and rows.go (what a
// read showed), proof.go (how well it is known), decidestay.go with second.go and
// sibling.go (all doors of a stay), policy.go and custom.go (times and limits as data).
//
// A stay: reservation.go is its loop; intake.go and waking.go take messages in,
// converge.go acts, landing.go and absorb.go take results in, doubt.go, full.go, reported.go
// and trouble.go are for what goes wrong; asking.go and attending.go speak with the locks'
// front desks; disclose.go and staylevers.go answer people; state.go is what it remembers,
// journal.go what it tells of the past; status.go, attention.go, render.go and shown.go show it.
//
// A lock's front desk: smartlock.go is its loop, desk.go what it remembers and who is
// woken by a webhook, deskjobs.go decides what it does next of its own accord. Its duties:
// deskaudit.go with deskwhose.go (the whole lock against the wishes), desklog.go with
// deskdoor.go (the keypad's log, and what happened at the door), deskhealth.go with
// desktrouble.go, deskcapacity.go, desksync.go (shared syncs), desklevers.go; deskview.go
// shows it.
//
// Events to other systems: picture.go and news.go (of a stay) and devicenews.go (of a
// lock) find them, announce.go and deskannounce.go hand them on, events.go delivers;
// outbox.go is what is still to be delivered, eventspolicy.go to whom.
//
// For all of them: wait.go is the only wait, levers.go the shape of every lever,
// policies.go the activity options, metrics.go and measure.go what is counted,
// register.go makes them known to a worker.
package workflows
