// This file is the faults: one named knob each, off at its zero value, and mixable.

package nukisim

import "time"

// Faults are the knobs of one lock. Chances are from 0 to 1; durations are in
// milliseconds on the wire. "Open question n" is that number of §8 of our notes
// on the Web API: nobody knows how the real one behaves.
type Faults struct {
	// LatencyMin and LatencyMax bound how long an operation takes to reach the
	// lock. Both zero means 1 s to 3 s ("usually some seconds").
	LatencyMin Millis `json:"latency_min_ms,omitempty"`
	LatencyMax Millis `json:"latency_max_ms,omitempty"`
	// PendingListed shows a new entry at once, with an operationId, instead of
	// when the lock has confirmed it: which is real is not known.
	PendingListed bool `json:"pending_listed,omitempty"`
	// PendingBare shows it without an operationId, where it is shown at once
	// (open question 14).
	PendingBare bool `json:"pending_without_operation,omitempty"`
	// ListedLate is how long a new entry works on the lock before the list shows
	// it and a webhook tells of it: a day, says one integrator (open question 14).
	// One that was listed at once is listed.
	ListedLate Millis `json:"listed_late_ms,omitempty"`

	// LoseAccepted: a write is answered with 204 and lost.
	LoseAccepted float64 `json:"lose_accepted,omitempty"`
	// CloudOnly: a write reaches the cloud's list and not the lock.
	CloudOnly float64 `json:"cloud_only,omitempty"`
	// LockOnly: a write reaches the lock and not the cloud's list.
	LockOnly float64 `json:"lock_only,omitempty"`
	// QuickSeries: an update is lost when another one of the same entry was
	// accepted less than this before (a user saw …554 lost between 553 and 555).
	QuickSeries Millis `json:"quick_series_ms,omitempty"`
	// ConcurrentWriters: an operation is lost while another one of the same
	// lock is in flight.
	ConcurrentWriters float64 `json:"concurrent_writers,omitempty"`
	// GhostDelete: a delete is accepted and the entry kept.
	GhostDelete float64 `json:"ghost_delete,omitempty"`
	// LateLanding: an operation's operationId is released in good time, but the
	// operation lands LateBy later, on what the lock and the list hold then: an
	// old update over a newer one, an old delete on what was written since.
	LateLanding float64 `json:"late_landing,omitempty"`
	LateBy      Millis  `json:"late_by_ms,omitempty"`
	// LeakOperation: the operationId stays when the operation has ended.
	LeakOperation float64 `json:"leak_operation,omitempty"`

	// Deaf: a write that lands is in the lock's table, and in the list, and a sync
	// shows it; but the keypad refuses the entry until DeafFor has passed since
	// ("sometimes nothing changes for a while"). The next write of the entry that
	// lands draws anew, and an edit in the app ends it.
	Deaf    float64 `json:"deaf,omitempty"`
	DeafFor Millis  `json:"deaf_for_ms,omitempty"`

	// StaleList: the list is answered as it was before the last change.
	StaleList float64 `json:"stale_list,omitempty"`
	// EmptyList: the list is answered empty.
	EmptyList float64 `json:"empty_list,omitempty"`
	// FailAfter: a write is taken and answered with 503.
	FailAfter float64 `json:"fail_after,omitempty"`
	// Fail: any call is answered with 503 and not taken.
	Fail float64 `json:"fail,omitempty"`
	// TooMany: any call is answered with 429, with a Retry-After where
	// RetryAfter is set.
	TooMany    float64 `json:"too_many,omitempty"`
	RetryAfter Millis  `json:"retry_after_ms,omitempty"`

	// Sync is what a sync does; "" is SyncHeals (open question 21).
	Sync SyncMode `json:"sync,omitempty"`
	// OfflineQueues keeps operations for a lock that is offline until it is back,
	// instead of dropping them: both are reported.
	OfflineQueues bool `json:"offline_queues,omitempty"`
	// OfflineWrites is what becomes of them by word; "" goes by OfflineQueues
	// (open question 8).
	OfflineWrites OfflineMode `json:"offline_writes,omitempty"`
	// OfflineHidden reports a lock that is offline as online.
	OfflineHidden bool `json:"offline_hidden,omitempty"`
	// AccountLink is the serverState that a lock without a connection reports in the
	// place of 4: 1 to 3, its link to the account is broken (OpenAPI: auth invalid,
	// auth UUID invalid, auth required).
	AccountLink int `json:"account_link,omitempty"`
	// KeypadLost unpairs the keypad, as after a reset of it: reads say so, new codes
	// are refused, and no PIN opens.
	KeypadLost bool `json:"keypad_lost,omitempty"`
	// MissingGet and MissingDelete are what GET and DELETE of an entry that is not
	// listed answer: 404 (also 0), 403 or 204 (open question 13).
	MissingGet    int `json:"missing_get,omitempty"`
	MissingDelete int `json:"missing_delete,omitempty"`
	// SecondCreate is the answer to a second create of a code before the first
	// has landed; "" is 409 where the first is listed, and otherwise 204 (open
	// question 12).
	SecondCreate SecondCreate `json:"second_create,omitempty"`
	// WindowRule is which windows are refused; "" is WindowOrdered (open question
	// 16).
	WindowRule WindowRule `json:"window_rule,omitempty"`
	// DeleteCancels lets a delete of a listed entry that the lock has not yet
	// cancel its create, instead of being refused with 423 or coming too early
	// (open question 20).
	DeleteCancels bool `json:"delete_cancels,omitempty"`
	// OperationObject writes an operationId as an object (open question 15).
	OperationObject bool `json:"operation_object,omitempty"`

	// AppLag is how long an edit in the phone app takes to show in the cloud.
	AppLag Millis `json:"app_lag_ms,omitempty"`
	// ClockOffset is how far the lock's own clock is ahead.
	ClockOffset Millis `json:"clock_offset_ms,omitempty"`

	// WebhookLost, WebhookDoubled and WebhookForged (one with a wrong signature
	// beside the true one) are chances; WebhookDelay is how long delivery takes,
	// up to twice as long, so that deliveries overtake each other. WebhookLate is
	// the chance that one takes WebhookLateBy longer, and so is overtaken by what
	// was sent after it.
	WebhookLost    float64 `json:"webhook_lost,omitempty"`
	WebhookDoubled float64 `json:"webhook_doubled,omitempty"`
	WebhookForged  float64 `json:"webhook_forged,omitempty"`
	WebhookDelay   Millis  `json:"webhook_delay_ms,omitempty"`
	WebhookLate    float64 `json:"webhook_late,omitempty"`
	WebhookLateBy  Millis  `json:"webhook_late_by_ms,omitempty"`
	// WebhookIDsOnly leaves only ids in a webhook about an entry: no name, no
	// dates (open question 3).
	WebhookIDsOnly bool `json:"webhook_ids_only,omitempty"`
}

// Millis is a duration that is milliseconds in JSON.
type Millis int64

// D is the duration.
func (m Millis) D() time.Duration { return time.Duration(m) * time.Millisecond }

// chances are the knobs that are drawn, and so can be made to happen once.
var chances = []string{
	"lose_accepted", "cloud_only", "lock_only", "concurrent_writers", "ghost_delete", "late_landing", "leak_operation", "deaf",
	"stale_list", "empty_list", "fail_after", "fail", "too_many", "webhook_lost", "webhook_doubled", "webhook_forged",
	"webhook_late",
}

const (
	defaultLatencyMin = time.Second
	defaultLatencyMax = 3 * time.Second
)
