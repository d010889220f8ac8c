// This file shows a wish in the shape in which PUT takes it, without the PIN's
// digits: what was recorded can be compared with what was sent.

package api

import (
	"strconv"
	"time"

	"github.com/keystay/keystay/workflows"
)

// reservationView is the body of a PUT as it was understood.
type reservationView struct {
	Version any          `json:"version,omitempty"`
	Status  string       `json:"status"`
	Unit    string       `json:"unit,omitempty"`
	Stay    stayView     `json:"stay"`
	Buffers buffersView  `json:"buffers"`
	Guest   *guestView   `json:"guest,omitempty"`
	Locks   []lockWished `json:"locks"`
	PIN     pinWished    `json:"pin"`
}

// stayView is the stay in the form in which it was given.
type stayView struct {
	*workflows.LocalStay
	StartsAt time.Time `json:"starts_at,omitzero"`
	EndsAt   time.Time `json:"ends_at,omitzero"`
}

type buffersView struct {
	BeforeMinutes int64 `json:"before_minutes"`
	AfterMinutes  int64 `json:"after_minutes"`
}

// guestView holds the caller's own data: GuestName hides it from logs, this
// type shows it on purpose.
type guestView struct {
	Name string `json:"name"`
}

type lockWished struct {
	SmartlockID int64 `json:"smartlock_id"`
	Required    bool  `json:"required"`
}

type pinWished struct {
	Mode       string `json:"mode"`
	DiscloseAt string `json:"disclose_at"`
}

func renderWish(wish *workflows.Wish) *reservationView {
	if wish == nil {
		return nil
	}
	rendered := &reservationView{
		Version: renderVersion(wish.Version), Status: string(wish.Status), Unit: wish.Unit,
		Stay: renderStay(wish),
		Buffers: buffersView{
			BeforeMinutes: int64(wish.Before.D() / time.Minute),
			AfterMinutes:  int64(wish.After.D() / time.Minute),
		},
		Locks: []lockWished{},
		PIN:   pinWished{Mode: string(wish.PIN.Mode), DiscloseAt: string(wish.PIN.DiscloseAt)},
	}
	if wish.Guest != "" {
		rendered.Guest = &guestView{Name: string(wish.Guest)}
	}
	for _, lock := range wish.Locks {
		rendered.Locks = append(rendered.Locks, lockWished{SmartlockID: lock.SmartlockID, Required: !lock.Optional})
	}
	return rendered
}

func renderStay(wish *workflows.Wish) stayView {
	if wish.Local != nil {
		return stayView{LocalStay: wish.Local}
	}
	return stayView{StartsAt: wish.StartsAt.UTC(), EndsAt: wish.EndsAt.UTC()}
}

// lockNames are lock ids as search attributes hold them.
func lockNames(locks []workflows.LockWish) []string {
	names := []string{}
	for _, lock := range locks {
		names = append(names, strconv.FormatInt(lock.SmartlockID, 10))
	}
	return names
}
