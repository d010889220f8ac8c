// This file tests which event follows which change of a stay.

package workflows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// newsText lists news as text: the type, and of which entry.
func newsText(before, after Picture) string {
	var all []string
	for _, about := range news(before, after) {
		text := string(about.kind)
		if about.door != wholeStay {
			text += " " + string(rune('0'+about.door))
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// pictureOf is a stay with one PIN on these doors.
func pictureOf(status Status, doors ...PictureDoor) Picture {
	return Picture{
		Status: status, Trouble: status.troubled(), PINs: 1, Doors: doors,
		Opens: time.Date(2026, 7, 10, 13, 0, 0, 0, time.UTC), Closes: time.Date(2026, 7, 14, 9, 0, 0, 0, time.UTC),
	}
}

func (p Picture) changed(change func(*Picture)) Picture {
	p.Doors = slices.Clone(p.Doors)
	change(&p)
	return p
}

var (
	doorSetting   = PictureDoor{Word: AuthSetting, Proof: ProofRequested}
	doorScheduled = PictureDoor{Word: authScheduled, Proof: ProofListed}
	doorReread    = PictureDoor{Word: authScheduled, Proof: ProofReread}
	doorSet       = PictureDoor{Word: AuthSet, Proof: ProofReread}
	doorRemoving  = PictureDoor{Word: AuthRemoving, Leaving: true}
	doorRemoved   = PictureDoor{Word: AuthRemoved, Leaving: true}
	doorUnset     = PictureDoor{Word: AuthUnset}
)

// with is the door with an error or a warning.
func (d PictureDoor) with(errors, warnings string) PictureDoor {
	d.Errors, d.Warnings = strings.Fields(errors), strings.Fields(warnings)
	return d
}

func TestNews_OfTheStay(t *testing.T) {
	ready := pictureOf(StatusReady, doorReread)
	for _, c := range []struct {
		name          string
		before, after Picture
		want          string
	}{
		{"nothing has changed", ready, ready, ""},
		{"nothing is due", Picture{}, Picture{Status: StatusPending}, ""},
		{"a PIN has been chosen", Picture{Status: StatusPending}, pictureOf(StatusProvisioning), "access_code.created"},
		{"another PIN has taken its place", ready, ready.changed(func(p *Picture) { p.PINs = 2 }), "access_code.code_changed"},
		{"a second one stands beside it", ready, ready.changed(func(p *Picture) { p.PINs, p.Backup = 2, true }), "access_code.backup_access_code_pulled"},
		{"the second one was acknowledged", ready, ready.changed(func(p *Picture) { p.Acknowledged = 1 }), "access_code.superseded"},
		{"the stay is longer", ready, ready.changed(func(p *Picture) { p.Closes = p.Closes.AddDate(0, 0, 1) }), "access_code.time_frame_changed"},
		{"the stay is longer, before it has a PIN", Picture{Status: StatusPending}, Picture{Status: StatusPending, Closes: ready.Closes}, ""},
		{"a cancelled stay had other times", ready, pictureOf(StatusRevoking, doorReread).changed(func(p *Picture) { p.Closes = p.Opens }), ""},
		{"the PIN may be told", ready, ready.changed(func(p *Picture) { p.Disclosable = 1 }), "access_code.disclosable"},
		{"it may be told no more: that is no news", ready.changed(func(p *Picture) { p.Disclosable = 1 }), ready, ""},
		{"the PIN was told", ready, ready.changed(func(p *Picture) { p.Told = 1 }), "access_code.disclosed"},
		{"ready", pictureOf(StatusProvisioning), pictureOf(StatusReady), "access.ready"},
		{"near and not ready", pictureOf(StatusProvisioning), pictureOf(StatusAtRisk), "access.at_risk"},
		{"near, and ready at last", pictureOf(StatusAtRisk), pictureOf(StatusReady), "access.recovered, access.ready"},
		{"near, and put off", pictureOf(StatusAtRisk), pictureOf(StatusPending), "access.recovered"},
		{"check-in has passed", pictureOf(StatusAtRisk), pictureOf(StatusFailed), "access.failed"},
		{"not as wished", pictureOf(StatusReady), pictureOf(StatusDegraded), "access.degraded"},
		{"failed, and in by one door", pictureOf(StatusFailed), pictureOf(StatusDegraded), "access.degraded"},
		{"ended in trouble", pictureOf(StatusFailed), pictureOf(StatusRevoking), ""},
		{"being revoked", pictureOf(StatusReady), pictureOf(StatusRevoking), ""},
		{"revoked", pictureOf(StatusRevoking), pictureOf(StatusRevoked), "access.revoked"},
		{"cancelled", pictureOf(StatusPending), pictureOf(StatusCancelled), "access.revoked"},
		{"all at once, as when events are switched on", Picture{}, pictureOf(StatusReady, doorReread).changed(func(p *Picture) { p.Disclosable, p.Told = 1, 1 }),
			"access_code.created, access_code.scheduled_on_device 0, access_code.proof_changed 0, access_code.disclosable, access_code.disclosed, access.ready"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newsText(c.before, c.after); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

func TestNews_OfADoor(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after PictureDoor
		want          string
	}{
		{"accepted", doorUnset, doorSetting, "access_code.proof_changed 0"},
		{"listed, before its time", doorSetting, doorScheduled, "access_code.scheduled_on_device 0, access_code.proof_changed 0"},
		{"listed, in its time", doorSetting, doorSet, "access_code.set_on_device 0, access_code.proof_changed 0"},
		{"confirmed", doorScheduled, doorReread, "access_code.proof_changed 0"},
		{"its time has begun", doorReread, doorSet, "access_code.set_on_device 0"},
		{"a proof is lost", doorSet, doorSetting, "access_code.proof_changed 0"},
		{"used", doorSet, PictureDoor{Word: AuthSet, Proof: ProofUsed}, "access_code.proof_changed 0, access_code.used 0"},
		{"late", doorSetting, doorSetting.with("", "delay_in_setting_on_device"), "access_code.delay_in_setting_on_device 0"},
		{"still late", doorSetting.with("", "delay_in_setting_on_device"), doorSetting.with("", "delay_in_setting_on_device"), ""},
		{"the lock is full", doorSetting, doorSetting.with("no_space_for_access_code_on_device", ""), "access_code.failed_to_set_on_device 0"},
		{"two errors, one event", doorSetting, doorSetting.with("device_offline keypad_missing", ""), "access_code.failed_to_set_on_device 0"},
		{"not confirmed is not failed", doorSetting, doorSetting.with("access_code_state_unconfirmed", ""), ""},
		{"somebody has switched it off", doorSet, doorSetting.with("modified_externally", ""), "access_code.proof_changed 0, access_code.modified_externally 0"},
		{"somebody has deleted it", doorSet, doorSetting.with("deleted_externally", ""), "access_code.proof_changed 0, access_code.deleted_externally 0"},
		{"leaving is told by the stay", doorSet, doorRemoving, ""},
		{"gone", doorRemoving, doorRemoved, "access_code.removed_from_device 0"},
		{"gone at once", doorSet, doorRemoved, "access_code.removed_from_device 0"},
		{"never was there", doorUnset, doorRemoved, ""},
		{"nobody was told of it", PictureDoor{}, doorRemoved, ""},
		{"slow to go", doorRemoving, doorRemoving.with("", "delay_in_removing_from_device"), "access_code.delay_in_removing_from_device 0"},
		{"a ghost", doorRemoving, doorRemoving.with("ghost_on_device", ""), "access_code.ghost_detected 0"},
		{"back again", doorRemoved, doorRemoving, "access_code.ghost_detected 0"},
		{"the account refuses the removal", doorRemoving, doorRemoving.with("account_disconnected", ""), "access_code.failed_to_remove_from_device 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newsText(pictureOf(StatusReady, c.before), pictureOf(StatusReady, c.after)); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

func TestNews_HasAWordForEveryReasonAboutADoor(t *testing.T) {
	for attention, code := range errorCodes {
		if errorCode(attention) != code || code == "" {
			t.Errorf("%s is told as %q", attention, errorCode(attention))
		}
	}
	if got := errorCode(AttentionWindowLost); got != "window_lost" {
		t.Errorf("a reason without a word of its own is told as %q", got)
	}
	if got := errorCode(""); got != "" {
		t.Errorf("no reason is told as %q", got)
	}
}

func TestPicture_KeepsWhatWasToldUntilTheDoorHasComeRight(t *testing.T) {
	s := &State{Policy: DefaultPolicy(), Wish: &Wish{Locks: []LockWish{{SmartlockID: 1}}}}
	now := time.Date(2026, 7, 9, 12, 0, 0, 0, time.UTC)
	failing := &Entry{Lock: 1, Step: Step{Attention: AttentionNoSpace}, Write: Write{Kind: ActCreate, At: now}}
	first := s.pictureDoor(failing, PictureDoor{}, StatusProvisioning, now)
	reading := &Entry{Lock: 1, Step: Step{Do: ActRead}, Write: failing.Write}
	between := s.pictureDoor(reading, first, StatusProvisioning, now)
	if !slices.Equal(first.Errors, []string{"no_space_for_access_code_on_device"}) || !slices.Equal(between.Errors, first.Errors) {
		t.Errorf("first %v, while reading %v", first.Errors, between.Errors)
	}
	right := &Entry{Lock: 1, Proof: Proof{Level: ProofListed, At: now}, Window: failing.Window}
	if settled := s.pictureDoor(right, between, StatusProvisioning, now); len(settled.Errors) > 0 {
		t.Errorf("a door that is right still has %v", settled.Errors)
	}
	leaving := &Entry{Lock: 1, Absent: true, AbsentAt: now, Write: failing.Write}
	if gone := s.pictureDoor(leaving, between, StatusRevoking, now); len(gone.Errors) > 0 {
		t.Errorf("a door that is leaving still has %v of when it was wished", gone.Errors)
	}
}

func TestCarried_IsThePresentPINAndNoOther(t *testing.T) {
	now := time.Date(2026, 7, 9, 12, 0, 0, 0, time.UTC)
	first, second := nuki.CodeOf(432426), nuki.CodeOf(738495)
	s := &State{
		Policy: DefaultPolicy(), AcceptedAt: now.AddDate(0, 0, -3),
		Wish: &Wish{
			Status: Confirmed, StartsAt: now.Add(2 * time.Hour), EndsAt: now.Add(50 * time.Hour), Locks: []LockWish{{SmartlockID: 1}},
			PIN: PINWish{Mode: Generate, DiscloseAt: DiscloseListed},
		},
		PINs: []PINRecord{{PIN: first, ToldAt: now}, {PIN: second, Beside: true}},
	}
	for _, pin := range []nuki.PIN{first, second} {
		s.Entries = append(s.Entries, &Entry{Lock: 1, PIN: pin, Window: s.Wish.Window(), Proof: Proof{Level: ProofListed, At: now}})
	}
	s.Policy.Events.Subscribers = []Subscription{{Name: "pms", WithPIN: true}}
	for _, c := range []struct {
		about change
		want  nuki.PIN
	}{
		{change{activities.CodeDisclosable, wholeStay}, second},
		{change{activities.CodeScheduled, 1}, second},
		{change{activities.CodeScheduled, 0}, nuki.PIN{}},
		{change{activities.CodeProofChanged, 1}, nuki.PIN{}},
		{change{activities.AccessReady, wholeStay}, nuki.PIN{}},
	} {
		if got := s.carried(c.about, now); got != c.want {
			t.Errorf("%+v carries %q, want %q", c.about, got.Reveal(), c.want.Reveal())
		}
	}
}
