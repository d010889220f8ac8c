// This file shows locks, one and many: as their front desks see them, or, while
// no worker answers, as Temporal last recorded them.

package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/keystay/keystay/workflows"
)

// lockListing is one page of locks.
type lockListing struct {
	Locks []lockRow `json:"locks"`
	// NextPage is the value of page for what follows; absent on the last page.
	NextPage string `json:"next_page,omitempty"`
}

// lockRow is a lock in a listing. What only its front desk knows is absent while
// that cannot be asked.
type lockRow struct {
	SmartlockID    int64        `json:"smartlock_id"`
	Status         string       `json:"status,omitempty"`
	Attention      []string     `json:"attention"`
	Stale          bool         `json:"stale"`
	WebhooksSilent *bool        `json:"webhooks_silent,omitempty"`
	Entries        *entryCounts `json:"entries,omitempty"`
	Capacity       *capacityUse `json:"capacity,omitempty"`
	LastLook       *momentView  `json:"last_look,omitempty"`
	Next           *nextView    `json:"next,omitempty"`
	Links          lockLinks    `json:"links"`
}

// entryCounts are the keypad codes of the last look by whose they are.
type entryCounts struct {
	Ours    int `json:"ours"`
	Left    int `json:"left"`
	Orphan  int `json:"orphan"`
	Foreign int `json:"foreign"`
}

// capacityUse is how many codes the last look showed, of how many there may be.
type capacityUse struct {
	InUse int `json:"in_use"`
	Limit int `json:"limit"`
}

// momentView is when something was, and how long ago that is.
type momentView struct {
	At         time.Time `json:"at"`
	AgeSeconds int64     `json:"age_seconds"`
}

// lockLinks are the paths of a lock.
type lockLinks struct {
	Self string `json:"self"`
}

func lockLinksOf(lock int64) lockLinks {
	return lockLinks{Self: locksPath + "/" + strconv.FormatInt(lock, 10)}
}

// listLocks lists the locks that reservations attend, or attended, by Temporal's
// visibility store, and asks each one's front desk. One that cannot answer in time
// is listed as stale.
func (s *Server) listLocks(w http.ResponseWriter, r *http.Request) error {
	found, next, err := s.page(r, locks)
	if err != nil {
		return err
	}
	page := lockListing{Locks: make([]lockRow, len(found)), NextPage: next}
	ctx, cancel := context.WithTimeout(r.Context(), askAllTime)
	defer cancel()
	each(len(found), func(i int) {
		run := lockExecutionOf(found[i])
		page.Locks[i] = run.lockRow
		view, err := s.engine.deskView(ctx, run.SmartlockID)
		if err != nil {
			page.Locks[i].Stale = true
			return
		}
		page.Locks[i] = renderLockRow(view, s.config.Clock())
	})
	return writeJSON(w, http.StatusOK, page)
}

// getLock answers without a worker too, marked as stale.
func (s *Server) getLock(w http.ResponseWriter, r *http.Request) error {
	lock, err := lockID(r)
	if err != nil {
		return err
	}
	run, err := s.engine.describeLock(r.Context(), lock)
	if err != nil {
		return lockReadFailure(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	view, err := s.engine.deskView(ctx, lock)
	if err != nil {
		return writeJSON(w, http.StatusOK, renderStaleLock(run, err))
	}
	answers := s.answersFor(r.Context(), view)
	return writeJSON(w, http.StatusOK, renderLock(view, answers, run.run, s.config.Clock()))
}

// answersFor asks the reservations that answer for a lock's entries how well each
// is known to be there. They alone know: they tell the front desk before they
// look, not after. One that does not answer in time is left out.
func (s *Server) answersFor(ctx context.Context, view workflows.DeskView) []workflows.DoorView {
	ctx, cancel := context.WithTimeout(ctx, askAllTime)
	defer cancel()
	asked := answering(view)
	views := make([]workflows.View, len(asked))
	each(len(asked), func(i int) { views[i], _ = s.engine.ask(ctx, asked[i]) })
	var doors []workflows.DoorView
	for _, view := range views {
		doors = append(append(doors, view.Doors...), view.Leaving...)
	}
	return doors
}

// answering are the reservations that answer for entries of a lock.
func answering(view workflows.DeskView) []string {
	var all []string
	seen := map[string]bool{}
	for _, entry := range view.Entries {
		if entry.Kind == workflows.EntryOurs && !seen[entry.Reservation] {
			seen[entry.Reservation] = true
			all = append(all, entry.Reservation)
		}
	}
	return all
}

// each does something n times, some of them at once.
func each(n int, do func(i int)) {
	var all sync.WaitGroup
	free := make(chan struct{}, askAtOnce)
	for i := range n {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	all.Wait()
}
