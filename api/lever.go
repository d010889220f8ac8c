// This file is what a person has a reservation or a lock do: each lever is an update
// of its workflow, which refuses what makes no sense now.

package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gorilla/mux"
	"go.uber.org/zap"

	"github.com/keystay/keystay/workflows"
)

const (
	// maxOrder bounds the body of an action, maxKey an Idempotency-Key, maxWhy
	// a reason in characters, maxAuthID an id of Nuki's.
	maxOrder  = 4 << 10
	maxKey    = 255
	maxWhy    = 200
	maxAuthID = 64

	headerIdempotencyKey = "Idempotency-Key"
)

// lever is an action by its last path segment; read fills the order from the body.
type lever struct {
	update workflows.Lever
	read   func(body fields, order *workflows.Order)
}

// lockLevers are those of a lock, stayLevers those of a reservation.
var lockLevers = map[string]lever{
	"audit":         {workflows.UpdateAudit, readNothing},
	"sync":          {workflows.UpdateSync, readNothing},
	"quarantine":    {workflows.UpdateQuarantine, readWhy},
	"release":       {workflows.UpdateRelease, readNothing},
	"remove_orphan": {workflows.UpdateRemoveOrphan, readAuthID},
}

var stayLevers = map[string]lever{
	"verify_now":         {workflows.UpdateVerifyNow, readWhyAndDoor},
	"report_not_working": {workflows.UpdateReportNotWorking, readWhyAndDoor},
	"rotate_pin":         {workflows.UpdateRotatePIN, readWhy},
	"revoke_now":         {workflows.UpdateRevokeNow, readWhy},
	"hold":               {workflows.UpdateHold, readWhy},
	"release":            {workflows.UpdateStayRelease, readWhy},
	"acknowledge":        {workflows.UpdateAcknowledge, readWhyAndWhat},
	"write_off":          {workflows.UpdateWriteOff, readWhyAndDoor},
}

// ordered answers what will be done.
type ordered struct {
	SmartlockID int64 `json:"smartlock_id,omitempty"`
	// Action is the lever's name, Says what will be done in words, At from when on.
	Action string    `json:"action"`
	Says   string    `json:"says"`
	At     time.Time `json:"at"`
	// Reservation is the one that does it: of a lock's lever, where the front desk
	// does not.
	Reservation string       `json:"reservation,omitempty"`
	Links       orderedLinks `json:"links"`
}

// orderedLinks lead to where it shows.
type orderedLinks struct {
	Lock        string `json:"lock,omitempty"`
	Reservation string `json:"reservation,omitempty"`
}

// postLockAction has a front desk do something. It needs a worker.
func (s *Server) postLockAction(w http.ResponseWriter, r *http.Request) error {
	lock, err := lockID(r)
	if err != nil {
		return err
	}
	about := zap.Int64("smartlock", lock)
	name, answer, err := s.pull(w, r, lockLevers, workflows.SmartlockWorkflowID(lock), about)
	if err != nil {
		return notOrdered(err, noDesk)
	}
	rendered := renderOrdered(name, answer)
	rendered.SmartlockID, rendered.Links.Lock = lock, lockLinksOf(lock).Self
	if answer.Reservation != "" {
		rendered.Reservation, rendered.Links.Reservation = answer.Reservation, linksOf(answer.Reservation).Self
	}
	return writeJSON(w, http.StatusOK, rendered)
}

// postStayAction has a reservation do something. It needs a worker.
func (s *Server) postStayAction(w http.ResponseWriter, r *http.Request) error {
	id, err := reservationID(r)
	if err != nil {
		return err
	}
	name, answer, err := s.pull(w, r, stayLevers, workflows.ReservationWorkflowID(id), zap.String("reservation", id))
	if err != nil {
		return notOrdered(err, noOpenReservation)
	}
	rendered := renderOrdered(name, answer)
	rendered.Reservation, rendered.Links.Reservation = id, linksOf(id).Self
	return writeJSON(w, http.StatusOK, rendered)
}

func renderOrdered(name string, answer workflows.Answer) ordered {
	return ordered{Action: name, Says: answer.Says, At: answer.At.UTC()}
}

// pull reads what is asked for and has the workflow do it.
func (s *Server) pull(w http.ResponseWriter, r *http.Request, levers map[string]lever, workflowID string, about zap.Field) (string, workflows.Answer, error) {
	name := mux.Vars(r)["action"]
	pulled, ok := levers[name]
	if !ok {
		return name, workflows.Answer{}, problem(http.StatusNotFound, codeNotFound, "There is no such action; /openapi.yaml lists those that there are.")
	}
	order, err := readOrder(w, r, pulled)
	if err != nil {
		return name, workflows.Answer{}, err
	}
	updateID, err := updateIDOf(r, name, order)
	if err != nil {
		return name, workflows.Answer{}, err
	}
	order.By = s.nameOf(r)
	answer, err := s.engine.order(r.Context(), workflowID, pulled.update, updateID, order)
	if err == nil {
		s.log.Info("a lever was pulled", about, zap.String("action", name), zap.String("by", order.By))
	}
	return name, answer, err
}

// orderFields are all that an action's body may have; one that an action does not need
// is no mistake.
var orderFields = []string{"why", "smartlock_id", "what", "auth_id"}

// readOrder reads the body of an action. One that needs nothing may be empty.
func readOrder(w http.ResponseWriter, r *http.Request, pulled lever) (order workflows.Order, err error) {
	body, err := readBody(w, r, maxOrder)
	if err != nil {
		return order, err
	}
	if strings.TrimSpace(string(body)) == "" {
		body = []byte("{}")
	}
	root, err := parseFields(body)
	if err != nil {
		return order, err
	}
	pulled.read(root, &order)
	for _, name := range root.others(orderFields) { // Else a misspelt reason would be lost.
		root.fault(name, "is not known; a body may have "+strings.Join(orderFields, ", "))
	}
	if len(*root.found) > 0 {
		p := problem(http.StatusBadRequest, codeInvalidOrder, "Nothing was done. All that is wrong with the body is listed.")
		p.Errors = *root.found
		return order, p
	}
	return order, nil
}

func readNothing(fields, *workflows.Order) {}

// readWhy is shown to people on one line, so it is one.
func readWhy(body fields, order *workflows.Order) {
	order.Why = strings.TrimSpace(body.text("why"))
	if utf8.RuneCountInString(order.Why) > maxWhy || strings.ContainsFunc(order.Why, unicode.IsControl) {
		body.fault("why", "must have at most 200 characters, none of them a control character")
	}
}

// readWhyAndDoor reads besides which of its doors a reservation's lever is about.
func readWhyAndDoor(body fields, order *workflows.Order) {
	readWhy(body, order)
	if body.has("smartlock_id") {
		order.SmartlockID = parseLockID(body)
	}
}

// readWhyAndWhat reads besides which of several things is acknowledged.
func readWhyAndWhat(body fields, order *workflows.Order) {
	readWhy(body, order)
	order.What = body.text("what")
	if order.What != "" && !slices.Contains(workflows.Acknowledgements, order.What) {
		body.fault("what", "must be one of "+strings.Join(workflows.Acknowledgements, ", "))
	}
}

func readAuthID(body fields, order *workflows.Order) {
	id, ok := body.neededText("auth_id")
	if ok && (id == "" || len(id) > maxAuthID) {
		body.fault("auth_id", "must have 1 to 64 bytes")
	}
	order.AuthID = id
}

// updateIDOf makes the same request the same update: the caller's key with what
// is asked for, so that a key that was used for something else does not get that
// one's answer. It is a hash, as the key is the caller's text. Without a key each
// request counts.
func updateIDOf(r *http.Request, action string, order workflows.Order) (string, error) {
	given := r.Header.Values(headerIdempotencyKey)
	switch {
	case len(given) == 0:
		return rand.Text(), nil
	case len(given) > 1 || !validKey(given[0]):
		return "", invalidHeader(headerIdempotencyKey, "must be given once, with 1 to 255 visible ASCII characters")
	}
	asked, err := json.Marshal([]any{given[0], action, order})
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(asked)
	return action + "-" + hex.EncodeToString(hash[:16]), nil
}

func validKey(key string) bool {
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	return key != "" && len(key) <= maxKey && !strings.ContainsFunc(key, invisible)
}
