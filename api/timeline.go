// This file is the page for somebody with a phone and a guest at the door: what to
// tell the guest, what can be done, the PIN on a tap, and everything that happened.
// The same as JSON for programs.

package api

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keystay/keystay/workflows"
)

// timelineDocument is what the page shows.
type timelineDocument struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	Attention []string  `json:"attention"`
	Stale     bool      `json:"stale"`
	AsOf      time.Time `json:"as_of"`
	// TellGuest is what to tell the guest now, first things first.
	TellGuest []string `json:"tell_guest"`
	// Next is what Keystay does next, and why.
	Next *nextView `json:"next,omitempty"`
	// Actions are the levers that can be pulled now.
	Actions []actionOffer `json:"actions"`
	PIN     pinView       `json:"pin"`
	// Happened is what happened, newest first.
	Happened []happening   `json:"happened"`
	Links    timelineLinks `json:"links"`
}

// happening is one thing that happened, in words.
type happening struct {
	At   time.Time `json:"at"`
	Says string    `json:"says"`
}

// actionOffer is a lever in plain words.
type actionOffer struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	// Warning is what to think of first; the page asks once more.
	Warning string `json:"warning,omitempty"`
	Href    string `json:"href"`
	// Order is the body to send, where the lever must be told what it is about.
	Order *workflows.Order `json:"order,omitempty"`
}

type timelineLinks struct {
	Reservation string `json:"reservation"`
	PIN         string `json:"pin"`
}

// offers are the levers of a reservation in plain words, the most urgent first.
var offers = []actionOffer{
	{Action: "report_not_working", Label: "The PIN does not work"},
	{Action: "acknowledge", Label: "Acknowledge"},
	{Action: "verify_now", Label: "Look at the locks now"},
	{Action: "rotate_pin", Label: "Take another PIN", Warning: "The present PIN stops working as soon as the new one is on every door. The guest must be told."},
	{Action: "hold", Label: "Change nothing for now", Warning: "Nothing is written to a lock until it is released."},
	{Action: "release", Label: "Go on: end a hold or a revocation"},
	{Action: "revoke_now", Label: "End the stay now", Warning: "The PIN stops working on every door, whatever the booking says."},
	{Action: "write_off", Label: "Give up a lock that is gone", Warning: "What is left on that lock is not removed any more."},
}

// acknowledgements are what can be acknowledged, in plain words.
var acknowledgements = map[string]actionOffer{
	workflows.AcknowledgedGuestIn:   {Label: "The guest is in"},
	workflows.AcknowledgedSecondPIN: {Label: "The guest has the newer PIN", Warning: "The first PIN is deleted on every door."},
	workflows.AcknowledgedDeadUse:   {Label: "The use of the PIN that should be dead has been looked into"},
}

// about is the offer of one choice.
func (o actionOffer) about(choice workflows.Choice) actionOffer {
	if words, ok := acknowledgements[choice.Order.What]; ok {
		o.Label, o.Warning = words.Label, words.Warning
	}
	if choice.Order.SmartlockID != 0 {
		o.Label += ": " + choice.Says
	}
	o.Order = &choice.Order
	return o
}

// Body is the order as it is sent.
func (o actionOffer) Body() string {
	if o.Order == nil {
		return "{}"
	}
	text, _ := json.Marshal(o.Order) // Strings and numbers: it cannot fail.
	return string(text)
}

// getTimeline answers without a worker too, marked as stale.
func (s *Server) getTimeline(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	run, err := s.engine.describe(r.Context(), id)
	if err != nil {
		return readFailure(err)
	}
	view, err := s.engine.view(r.Context(), id)
	shown := renderTimeline(id, view, time.Now())
	switch {
	case err != nil:
		shown = renderStaleTimeline(id, run, err)
	case !run.open:
		shown = closedTimeline(shown, run)
	}
	if wantsPage(r) {
		return writePage(w, shown, s.opensPINs(r))
	}
	return writeJSON(w, http.StatusOK, shown)
}

func renderTimeline(id string, view workflows.View, now time.Time) timelineDocument {
	shown := timelineDocument{
		ID: id, Status: string(view.Status), Attention: words(view.Attention), AsOf: view.At.UTC(),
		TellGuest: tellGuest(view, now), Next: renderNext(view.Next), PIN: renderPIN(view.PIN), Links: timelineLinksOf(id),
	}
	for _, offer := range offers {
		shown.Actions = append(shown.Actions, offer.usable(id, view.Levers)...)
	}
	for _, one := range slices.Backward(view.Timeline) {
		shown.Happened = append(shown.Happened, happening{At: one.At.UTC(), Says: one.Says})
	}
	return shown
}

// usable are the offers of a lever that can be pulled now: one for each choice.
func (o actionOffer) usable(id string, levers []workflows.LeverView) []actionOffer {
	at := slices.IndexFunc(levers, func(lever workflows.LeverView) bool { return lever.Name == o.Action })
	if at < 0 {
		return nil
	}
	o.Href = linksOf(id).Self + "/actions/" + o.Action
	if len(levers[at].Choices) == 0 {
		return []actionOffer{o}
	}
	var all []actionOffer
	for _, choice := range levers[at].Choices {
		all = append(all, o.about(choice))
	}
	return all
}

// closedTimeline is of a reservation whose workflow has ended: nothing more is done. Of
// one that was finished what was said last is true; any other may have left a PIN.
func closedTimeline(shown timelineDocument, run execution) timelineDocument {
	shown.Actions, shown.Next = nil, nil
	shown.PIN = pinView{AvailableWhen: "nobody looks after this booking any more"}
	if run.state != stateCompleted {
		shown.TellGuest = []string{"Promise nothing: " + closedNote(run.run)}
	}
	return shown
}

func renderStaleTimeline(id string, run execution, err error) timelineDocument {
	return timelineDocument{
		ID: id, Status: run.row.Status, Attention: run.row.Attention, Stale: true, AsOf: time.Now().UTC(),
		TellGuest: []string{"Promise nothing: " + staleNote("reservation", err, closedNote(run.run))},
		Links:     timelineLinksOf(id),
	}
}

func timelineLinksOf(id string) timelineLinks {
	return timelineLinks{Reservation: linksOf(id).Self, PIN: linksOf(id).PIN}
}

// wantsPage reports whether a browser asks.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") && !strings.HasPrefix(accept, "application/json")
}

//go:embed timeline.html
var timelineText string

var timelinePage = template.Must(template.New("timeline").Parse(timelineText))

// writePage writes the page. Nothing is loaded from anywhere, and no other site may
// show it in a frame.
func writePage(w http.ResponseWriter, shown timelineDocument, mayTell bool) error {
	nonce := rand.Text()
	var page bytes.Buffer
	if err := timelinePage.Execute(&page, map[string]any{"It": shown, "Nonce": nonce, "MayTell": mayTell}); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set(headerContentType, "text/html; charset=utf-8")
	_, err := page.WriteTo(w)
	return err
}
