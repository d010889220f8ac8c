// This file is what the suite asks of a target, and of whoever speaks to it.

package conformance

import (
	"context"
	"errors"
	"testing"
	"time"
)

// ErrCannot is a driver's answer to what it has no words for: a typed client
// cannot send a partial update. The case is then skipped.
var ErrCannot = errors.New("conformance: this driver cannot express that")

// Driver speaks to the API. Every method gives the HTTP status of the answer; the
// error is for what has none: ErrCannot, or a connection that failed. What comes
// with a status of 400 or above is not looked at.
type Driver interface {
	// Locks is GET /smartlock.
	Locks(ctx context.Context) (locks []Lock, status int, err error)
	// Lock is GET /smartlock/{id}.
	Lock(ctx context.Context, lock int64) (read Lock, status int, err error)
	// Auths is GET /smartlock/{id}/auth with types=13: the keypad codes.
	Auths(ctx context.Context, lock int64) (auths []Auth, status int, err error)
	// Auth is GET /smartlock/{id}/auth/{authId}.
	Auth(ctx context.Context, lock int64, id string) (auth Auth, status int, err error)
	// Create is PUT /smartlock/{id}/auth.
	Create(ctx context.Context, lock int64, d Document) (status int, err error)
	// Update is POST /smartlock/{id}/auth/{authId} with the whole document.
	Update(ctx context.Context, lock int64, id string, d Document) (status int, err error)
	// Delete is DELETE /smartlock/{id}/auth/{authId}.
	Delete(ctx context.Context, lock int64, id string) (status int, err error)
	// Sync is POST /smartlock/{id}/sync.
	Sync(ctx context.Context, lock int64) (status int, err error)
	// Log is GET /smartlock/{id}/log: up to limit rows (0: the default) older than
	// the row `before` ("": from the newest).
	Log(ctx context.Context, lock int64, before string, limit int) (rows []Row, status int, err error)

	// Webhooks is GET /api/decentralWebhook.
	Webhooks(ctx context.Context) (registered []Webhook, status int, err error)
	// Register is PUT /api/decentralWebhook; it gives what was registered.
	Register(ctx context.Context, w Webhook) (registered Webhook, status int, err error)
	// Unregister is DELETE /api/decentralWebhook/{id}.
	Unregister(ctx context.Context, id int) (status int, err error)

	// Raw sends any request with a JSON body (nil for none): what a typed client
	// must not be able to say. It gives the body of the answer.
	Raw(ctx context.Context, method, path string, body any) (answer []byte, status int, err error)
}

// Target is one API under test, made anew for each case.
type Target struct {
	Driver Driver
	// Stranger is a driver with a wrong token; nil skips what needs one.
	Stranger Driver
	// Integration is a driver with an OAuth token that has the scope webhook.decentral
	// of an approved integration; nil skips what needs one. Driver must have none.
	Integration Driver
	// BaseURL is the API's address without a slash at the end, for what no driver
	// can be asked, such as a request without a token; "" skips that.
	BaseURL string
	// Lock has a keypad, is online and has room. A write to it must take a
	// moment to land, or 423 cannot be seen: half a second at least, or there is
	// Hold.
	Lock int64
	// LockWithoutKeypad has none; 0 skips what needs one.
	LockWithoutKeypad int64
	// Type types a PIN on Lock's keypad; nil skips what needs it.
	Type func(pin string)
	// Settle waits until every operation has landed.
	Settle func()
	// Hold keeps what is accepted from landing on Lock until it is called with
	// false; nil where a write takes long enough by itself.
	Hold func(hold bool)
}

// Run runs the suite, each case on a target of its own.
func Run(t *testing.T, newTarget func(t *testing.T) Target) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := &kit{T: t, Target: newTarget(t)}
			t.Cleanup(k.removeAll)
			c.run(k)
		})
	}
}

// Lock is a smart lock, as far as the suite looks at it.
type Lock struct {
	ID           int64
	Name         string
	ServerState  int
	KeypadPaired bool // a keypad of either generation
	UpdatedAt    time.Time
}

// Auth is an entry of a lock's list. A field of the window that the API left out
// is nil.
type Auth struct {
	ID          string
	LockID      int64
	Type        int
	Name        string
	Code        int
	Enabled     bool
	From        *time.Time
	Until       *time.Time
	WeekDays    *int
	FromTime    *int
	UntilTime   *int
	OperationID string // "" when no operation runs on it
}

// Document is a whole keypad code, as a create or an update carries it. Code 0
// leaves the code out.
type Document struct {
	Name        string
	Code        int
	Enabled     bool // a create does not send it: it has no such field
	From, Until time.Time
	WeekDays    int
	FromTime    int
	UntilTime   int
}

// Row is a row of the activity log.
type Row struct {
	ID      string
	LockID  int64
	AuthID  string
	Trigger int
	Source  int
	State   int
	Date    time.Time
}

// Webhook is a decentral webhook. ID and Secret are the API's.
type Webhook struct {
	ID       int
	URL      string
	Features []string
	Secret   string
}
