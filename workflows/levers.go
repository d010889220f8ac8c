// This file is what every lever has in common: an update by which a person has a
// workflow do something, whether over the API, in Temporal's Web UI or on its
// command line.

package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Lever is such an update. It answers at once what will be done; the view shows
// when it is.
type Lever = Update[Order, Answer]

// Order is what a person asks for. All of it is optional where a lever does not say
// otherwise, so that "{}" will do on the command line.
type Order struct {
	// By names the caller (a token's name or "api"), never a guest.
	By string `json:"by,omitempty"`
	// Why is shown beside what was done; never a guest's name.
	Why string `json:"why,omitempty"`
	// SmartlockID is the one door that it is about, of a reservation with several.
	SmartlockID int64 `json:"smartlock_id,omitempty"`
	// What says which of several things is acknowledged: see Acknowledged….
	What string `json:"what,omitempty"`
	// AuthID is the orphan's, of a lock.
	AuthID string `json:"auth_id,omitempty"`
}

// Answer says in words what will be done, and from when on.
type Answer struct {
	Says string    `json:"says"`
	At   time.Time `json:"at"`
	// Reservation is the one that does it, where a lock's front desk itself does not.
	Reservation string `json:"reservation,omitempty"`
}

// Ordered is a lever that was pulled: a line of the timeline, and what makes a
// repeated order the same one.
type Ordered struct {
	// ID is the update's.
	ID     string `json:"id"`
	Lever  string `json:"lever"`
	Order  Order  `json:"order,omitzero"`
	Answer Answer `json:"answer"`
}

// Ledger are the last levers that were pulled, oldest first. Temporal knows an
// update again within one run; a ledger is carried over to the next.
type Ledger []Ordered

const (
	// ErrOrderRefused is the error type of a lever that makes no sense now.
	ErrOrderRefused = "refused"

	// keptOrders is how many orders are known again.
	keptOrders = 50
	// maxWhy bounds a reason, in characters.
	maxWhy = 200
)

// lever is an update with the checks that come before it, on the state of a
// workflow.
type lever[S any] struct {
	update Lever
	// does says in a few words what it is for.
	does  string
	check func(S, Order, time.Time) error
	pull  func(S, Order, time.Time) Answer
	// choices are the orders that make sense now, of a lever that must be told what it
	// is about; nil where an empty order is one.
	choices func(S, time.Time) []Choice
}

// Choice is an order that makes sense now, of a lever that has several.
type Choice struct {
	Order Order  `json:"order"`
	Says  string `json:"says"`
}

// handleLevers registers levers. state is the workflow's present one, and pulled is
// called after each.
func handleLevers[S any](ctx workflow.Context, levers []lever[S], state func() (S, *Ledger), pulled func()) error {
	var failed error
	for _, l := range levers {
		err := l.update.Handle(ctx, func(ctx workflow.Context, order Order) (Answer, error) {
			defer pulled()
			s, ledger := state()
			return l.once(s, ledger, workflow.GetCurrentUpdateInfo(ctx).ID, order, workflow.Now(ctx)), nil
		}, func(ctx workflow.Context, order Order) error {
			s, ledger := state()
			return refusal(l.refused(s, *ledger, workflow.GetCurrentUpdateInfo(ctx).ID, order, workflow.Now(ctx)))
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

func refusal(err error) error {
	if err == nil {
		return nil
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), ErrOrderRefused, nil)
}

// once pulls a lever, or answers as it did to the same order before.
func (l lever[S]) once(s S, ledger *Ledger, id string, order Order, now time.Time) Answer {
	if known := ledger.find(id, l.update.Name); known != nil {
		return known.Answer
	}
	answer := l.pull(s, order, now)
	*ledger = append(*ledger, Ordered{ID: id, Lever: l.update.Name, Order: order, Answer: answer})
	*ledger = (*ledger)[max(0, len(*ledger)-keptOrders):]
	return answer
}

// refused says why a lever cannot be pulled. One that has been is not refused, as
// it is not pulled again.
func (l lever[S]) refused(s S, ledger Ledger, id string, order Order, now time.Time) error {
	switch {
	case ledger.find(id, l.update.Name) != nil:
		return nil
	case utf8.RuneCountInString(order.Why) > maxWhy || strings.ContainsFunc(order.Why, unicode.IsControl):
		return errors.New("the reason must have at most 200 characters, none of them a control character")
	}
	return l.check(s, order, now)
}

// usable are the levers that would not be refused now, in their order.
func usable[S any](levers []lever[S], s S, now time.Time) []LeverView {
	var all []LeverView
	for _, l := range levers {
		view, offered := LeverView{Name: l.update.Name, Does: l.does}, false
		if l.choices != nil {
			view.Choices = l.choices(s, now)
			offered = len(view.Choices) > 0
		} else {
			offered = l.check(s, Order{}, now) == nil
		}
		if offered {
			all = append(all, view)
		}
	}
	return all
}

// LeverView is a lever that can be pulled now.
type LeverView struct {
	Name string `json:"name"`
	Does string `json:"does"`
	// Choices are what it can be about now; none where that is no question.
	Choices []Choice `json:"choices,omitempty"`
}

// writeLevers tells people what they can do.
func writeLevers(text *strings.Builder, levers []LeverView) {
	if len(levers) == 0 {
		return
	}
	text.WriteString("\n**What you can do** (updates of this workflow, with `{}` or `{\"why\": \"…\"}`; the same words are actions of the API):\n\n")
	for _, lever := range levers {
		fmt.Fprintf(text, "- `%s`: %s\n", lever.Name, lever.Does)
		for _, choice := range lever.Choices {
			fmt.Fprintf(text, "  - with `%s`: %s\n", choice.Order.text(), choice.Says)
		}
	}
}

// text is an order as somebody types it.
func (o Order) text() string {
	text, _ := json.Marshal(o) // Strings and numbers: it cannot fail.
	return string(text)
}

// find is an order by its id; nil where it is not known.
func (l Ledger) find(id, lever string) *Ordered {
	i := slices.IndexFunc(l, func(o Ordered) bool { return o.ID == id && o.Lever == lever })
	if id == "" || i < 0 {
		return nil
	}
	return &l[i]
}
