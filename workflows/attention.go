// This file holds the reasons why a person should look: the words, what each means, and
// whose reason it is.

package workflows

import (
	"fmt"
	"strings"
)

// Attention is a reason why a person should look, in one word.
type Attention string

// The reasons for attention.
const (
	AttentionLockOffline       Attention = "lock_offline"
	AttentionAccountRefused    Attention = "account_refused"
	AttentionLockUnknown       Attention = "lock_unknown"
	AttentionKeypadMissing     Attention = "keypad_missing"
	AttentionNoSpace           Attention = "no_space"
	AttentionPINConflict       Attention = "pin_conflict"
	AttentionSecondPIN         Attention = "second_pin"
	AttentionWindowLost        Attention = "window_lost"
	AttentionChangedExternally Attention = "changed_externally"
	AttentionDeletedExternally Attention = "deleted_externally"
	AttentionPreviousGuest     Attention = "previous_guest_can_enter"
	AttentionOperationStuck    Attention = "operation_stuck"
	AttentionGhost             Attention = "ghost_on_device"
	AttentionUnreadable        Attention = "unreadable"
	AttentionListImplausible   Attention = "list_implausible"
	AttentionNotReady          Attention = "not_ready"
	AttentionCallPerson        Attention = "call_person"
	AttentionUnknownStatus     Attention = "unknown_status"
	AttentionInvalidWish       Attention = "invalid_wish"
	AttentionRefused           Attention = "write_refused"
	AttentionRefusedAtDoor     Attention = "refused_at_door"
	AttentionReported          Attention = "reported_not_working"
	AttentionOnHold            Attention = "on_hold"
	AttentionWrittenOff        Attention = "written_off"
	AttentionDeadUsed          Attention = "revoked_pin_used"
	AttentionQuarantined       Attention = "lock_quarantined"
	AttentionBattery           Attention = "battery_critical"
	AttentionKeypadBattery     Attention = "keypad_battery_critical"
	AttentionWebhooksSilent    Attention = "webhooks_silent"
	AttentionOrphan            Attention = "orphan_entries"
	AttentionReceiverDown      Attention = "receiver_down"
	AttentionReceiverGone      Attention = "receiver_gone"
	AttentionUndelivered       Attention = "events_undelivered"
)

// Reason is a reason for attention with what it means; the runbook has a page for each.
type Reason struct {
	Word  Attention
	Means string
}

// Reasons are all of them, the most urgent first.
var Reasons = []Reason{
	{AttentionCallPerson, "Check-in is two hours away or past, and no way in is confirmed"},
	{AttentionReported, "Somebody said that the PIN does not work"},
	{AttentionRefusedAtDoor, "The keypad refused two codes, and this guest alone is awaited"},
	{AttentionPreviousGuest, "The guest before may still get in at the next check-in"},
	{AttentionDeadUsed, "A PIN that should be dead has opened a door"},
	{AttentionSecondPIN, "A second PIN was put on the doors: the guest has to be told"},
	{AttentionNotReady, "Check-in is near, and not every required door is confirmed"},
	{AttentionLockOffline, "A lock cannot be reached, and a check-in or an ending hangs on it"},
	{AttentionAccountRefused, "Nuki refuses our token, or the lock's link to the account is broken"},
	{AttentionLockUnknown, "Nuki does not know the lock"},
	{AttentionKeypadMissing, "No keypad is paired with the lock"},
	{AttentionNoSpace, "A lock has no room for the codes of its stays"},
	{AttentionPINConflict, "Somebody else's code on the lock is the same as a PIN that was told"},
	{AttentionWindowLost, "The PIN's time window on the lock is lost or too wide"},
	{AttentionChangedExternally, "The entry was switched off, or shows another code or too short a window, and updates do not mend it"},
	{AttentionDeletedExternally, "Somebody else deleted our entry"},
	{AttentionOperationStuck, "An operation on an entry has been running for half an hour"},
	{AttentionGhost, "An entry that was deleted is still there, or there again"},
	{AttentionUnreadable, "A lock cannot be read"},
	{AttentionListImplausible, "A lock's list has lost many entries at once"},
	{AttentionRefused, "Nuki refuses what we write"},
	{AttentionOnHold, "A person holds the reservation"},
	{AttentionWrittenOff, "A person gave up an entry that was not proven gone"},
	{AttentionUnknownStatus, "A message had a status that Keystay does not know"},
	{AttentionInvalidWish, "A message could not be used"},
	{AttentionBattery, "The lock's battery is nearly empty"},
	{AttentionKeypadBattery, "The keypad's battery is nearly empty"},
	{AttentionQuarantined, "The lock loses or delays writes, or a person put it in quarantine: it gets more care"},
	{AttentionWebhooksSilent, "A lock's webhooks have stopped"},
	{AttentionOrphan, "A lock has entries that look like ours, and nobody answers for them"},
	{AttentionReceiverDown, "A system that should be told does not answer"},
	{AttentionReceiverGone, "A system that should be told answered 410 Gone"},
	{AttentionUndelivered, "Events could not be delivered, or not even be handed over"},
}

// Attentions are the words of all reasons.
var Attentions = func() (all []Attention) {
	for _, reason := range Reasons {
		all = append(all, reason.Word)
	}
	return all
}()

// LockReasons are those of locks alone, and EventReasons those of deliveries of events:
// no reservation has them.
var (
	LockReasons  = []Attention{AttentionBattery, AttentionKeypadBattery, AttentionWebhooksSilent, AttentionOrphan}
	EventReasons = []Attention{AttentionReceiverDown, AttentionReceiverGone}
)

// Means says in words what a reason means; empty for a word that is none.
func (a Attention) Means() string {
	for _, reason := range Reasons {
		if reason.Word == a {
			return reason.Means
		}
	}
	return ""
}

// writeAttention tells people what is wrong.
func writeAttention(text *strings.Builder, attention []Attention) {
	for _, reason := range attention {
		fmt.Fprintf(text, "**Attention:** `%s`: %s\n\n", reason, reason.Means())
	}
}
