// This file turns a workflow's view of a reservation into the API's document.
// It copies field by field, so that nothing reaches a caller by having been
// added to a view; above all no PIN.

package api

import (
	"time"

	"github.com/keystay/keystay/workflows"
)

// document is what GET answers.
type document struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	Attention []string  `json:"attention"`
	Stale     bool      `json:"stale"`
	AsOf      time.Time `json:"as_of"`
	Note      string    `json:"note,omitempty"`
	// Version is the highest ever accepted; what comes with a lower one is ignored.
	Version   any              `json:"version,omitempty"`
	Wish      *reservationView `json:"reservation,omitempty"`
	Window    *windowView      `json:"window,omitempty"`
	Withdrawn *versionAt       `json:"withdrawn,omitempty"`
	Ignored   *versionAt       `json:"ignored,omitempty"`
	Warning   string           `json:"warning,omitempty"`
	Locks     []lockView       `json:"locks"`
	Leaving   []lockView       `json:"leaving"`
	Next      *nextView        `json:"next,omitempty"`
	LastError *errorView       `json:"last_error,omitempty"`
	Held      *decreeView      `json:"held,omitempty"`
	Revoked   *decreeView      `json:"revoked,omitempty"`
	Actions   []actionView     `json:"actions"`
	PIN       pinView          `json:"pin"`
	Workflow  workflowView     `json:"workflow"`
	Links     links            `json:"links"`
}

// windowView is what is written to the locks: the stay with its buffers.
type windowView struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// versionAt is a message by its version and the time it came.
type versionAt struct {
	Version any       `json:"version,omitempty"`
	At      time.Time `json:"at"`
}

// lockView is one authorization on one lock.
type lockView struct {
	SmartlockID int64      `json:"smartlock_id"`
	Required    bool       `json:"required"`
	Status      string     `json:"status"`
	Name        string     `json:"name,omitempty"`
	AuthID      string     `json:"auth_id,omitempty"`
	Proof       *proofView `json:"proof,omitempty"`
	List        *listView  `json:"list,omitempty"`
	Step        *stepView  `json:"step,omitempty"`
	Why         string     `json:"why,omitempty"`
	Error       *errorView `json:"error,omitempty"`
	// Report is how far a report that the PIN does not work has come.
	Report *reportView `json:"report,omitempty"`
}

// proofView is a proof; CountsAs is lower than Level once the proof is old.
type proofView struct {
	Level      string    `json:"level"`
	CountsAs   string    `json:"counts_as"`
	Evidence   string    `json:"evidence,omitempty"`
	At         time.Time `json:"at,omitzero"`
	AgeSeconds int64     `json:"age_seconds"`
}

// listView is what the lock's list showed when it was last read.
type listView struct {
	Shows  string    `json:"shows"`
	ReadAt time.Time `json:"read_at,omitzero"`
}

// stepView is the last decision about the authorization.
type stepView struct {
	Action string    `json:"action"`
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// nextView is what happens next.
type nextView struct {
	Action      string    `json:"action"`
	SmartlockID int64     `json:"smartlock_id,omitempty"`
	At          time.Time `json:"at,omitzero"`
	Reason      string    `json:"reason,omitempty"`
}

// errorView is an error on something that is still pursued.
type errorView struct {
	Type    string    `json:"type"`
	Message string    `json:"message,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Tries   int       `json:"tries,omitempty"`
	RetryAt time.Time `json:"retry_at,omitzero"`
}

// pinView says how far the PIN may be told.
type pinView struct {
	Mode          string    `json:"mode,omitempty"`
	DiscloseAt    string    `json:"disclose_at,omitempty"`
	Disclosable   bool      `json:"disclosable"`
	AvailableWhen string    `json:"available_when,omitempty"`
	ToldAt        time.Time `json:"told_at,omitzero"`
}

// workflowView is where to look in Temporal's Web UI.
type workflowView struct {
	ID    string `json:"id"`
	RunID string `json:"run_id"`
	State string `json:"state"`
}

func workflowOf(run run) workflowView {
	return workflowView{ID: run.workflowID, RunID: run.runID, State: run.state}
}

func renderView(id string, view workflows.View, run run, now time.Time) document {
	rendered := document{
		ID: id, Status: string(view.Status), AsOf: view.At.UTC(), Note: closedNote(run),
		Attention: words(view.Attention),
		Version:   renderVersion(view.Version),
		Wish:      renderWish(view.Wish),
		Warning:   string(view.Warning),
		Locks:     renderDoors(view.Doors, now),
		Leaving:   renderDoors(view.Leaving, now),
		Next:      renderNext(view.Next),
		LastError: renderTrouble(view.LastError),
		Held:      renderDecree(view.Held),
		Revoked:   renderDecree(view.Revoked),
		Actions:   renderOrders(view.Orders),
		PIN:       renderPIN(view.PIN),
		Workflow:  workflowOf(run),
		Links:     linksOf(id),
	}
	if !view.Opens.IsZero() && !view.Closes.IsZero() {
		rendered.Window = &windowView{From: view.Opens.UTC(), Until: view.Closes.UTC()}
	}
	if view.Withdrawn != nil {
		rendered.Withdrawn = &versionAt{Version: renderVersion(view.Withdrawn.Version), At: view.Withdrawn.At.UTC()}
	}
	if view.Ignored != nil {
		rendered.Ignored = &versionAt{Version: renderVersion(view.Ignored.Version), At: view.Ignored.At.UTC()}
	}
	return rendered
}

// words are attention reasons, empty rather than nil.
func words(reasons []workflows.Attention) []string {
	all := []string{}
	for _, reason := range reasons {
		all = append(all, string(reason))
	}
	return all
}

func renderDoors(doors []workflows.DoorView, now time.Time) []lockView {
	all := []lockView{}
	for _, door := range doors {
		all = append(all, lockView{
			SmartlockID: door.SmartlockID, Required: door.Required, Status: string(door.Status),
			Name: door.Name, AuthID: door.AuthID, Why: door.Why,
			Proof:  renderProof(door, now),
			List:   renderList(door),
			Step:   renderStep(door.Step),
			Error:  renderTrouble(door.Trouble),
			Report: renderReport(door.Report, now),
		})
	}
	return all
}

func renderProof(door workflows.DoorView, now time.Time) *proofView {
	if door.Proof.Level == workflows.ProofNone {
		return nil
	}
	return &proofView{
		Level: proofWord(door.Proof.Level), CountsAs: proofWord(door.Counts),
		Evidence: string(door.Proof.Evidence), At: door.Proof.At.UTC(),
		AgeSeconds: ageSeconds(door.Proof.At, now),
	}
}

func ageSeconds(at, now time.Time) int64 { return int64(max(now.Sub(at), 0).Seconds()) }

// proofWord names the level that has no name of its own.
func proofWord(level workflows.ProofLevel) string {
	if level == workflows.ProofNone {
		return "none"
	}
	return string(level)
}

func renderList(door workflows.DoorView) *listView {
	if door.Shows == "" {
		return nil
	}
	return &listView{Shows: string(door.Shows), ReadAt: door.ReadAt.UTC()}
}

func renderStep(step workflows.Step) *stepView {
	if step.Do == "" {
		return nil
	}
	return &stepView{Action: string(step.Do), Until: step.Until.UTC(), Reason: step.Reason}
}

func renderNext(next workflows.NextView) *nextView {
	if next.Action == "" {
		return nil
	}
	return &nextView{Action: string(next.Action), SmartlockID: next.Lock, At: next.At.UTC(), Reason: next.Reason}
}

func renderTrouble(trouble *workflows.Trouble) *errorView {
	if trouble == nil || trouble.Type == "" {
		return nil
	}
	return &errorView{
		Type: trouble.Type, Message: trouble.Message, Since: trouble.Since.UTC(),
		Tries: trouble.Tries, RetryAt: trouble.RetryAt.UTC(),
	}
}

func renderPIN(pin workflows.DisclosureView) pinView {
	return pinView{
		Mode: string(pin.Mode), DiscloseAt: string(pin.DiscloseAt), Disclosable: pin.Disclosable,
		AvailableWhen: pin.AvailableWhen, ToldAt: pin.ToldAt.UTC(),
	}
}

// renderVersion is a version in the form in which it was sent; nil for none.
func renderVersion(version workflows.Version) any {
	switch {
	case version.Number != nil:
		return *version.Number
	case !version.Time.IsZero():
		return version.Time.UTC()
	}
	return nil
}
