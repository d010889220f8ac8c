// This file says which events lead from what was told of a stay to what is true
// now. Pure: two pictures in, events out.

package workflows

import (
	"slices"

	"github.com/keystay/keystay/activities"
)

// change is one thing to tell: of one entry by its number, or of the stay (wholeStay).
type change struct {
	kind activities.EventType
	door int
}

const wholeStay = -1

// news are the changes from what was told to what is true, in the order in which
// they are told: the PIN and its doors before the access, which rests on them.
func news(told, now Picture) []change {
	all := codeNews(told, now)
	for i, door := range now.Doors {
		for _, kind := range doorNews(told.door(i), door) {
			all = append(all, change{kind, i})
		}
	}
	all = append(all, disclosureNews(told, now)...)
	for _, kind := range accessNews(told, now) {
		all = append(all, change{kind, wholeStay})
	}
	return all
}

// codeNews are those of the stay's PIN.
func codeNews(told, now Picture) []change {
	var all []change
	switch {
	case now.PINs == told.PINs:
	case told.PINs == 0:
		all = append(all, change{activities.CodeCreated, wholeStay})
	case now.Backup:
		all = append(all, change{activities.CodeBackupPulled, wholeStay})
	default:
		all = append(all, change{activities.CodeChanged, wholeStay})
	}
	if now.Acknowledged > told.Acknowledged {
		all = append(all, change{activities.CodeSuperseded, wholeStay})
	}
	moved := !told.Opens.Equal(now.Opens) || !told.Closes.Equal(now.Closes)
	if moved && told.PINs > 0 && !now.Status.over() {
		all = append(all, change{activities.CodeTimeFrameChanged, wholeStay})
	}
	return all
}

// disclosureNews come after the doors, so that whoever learns the PIN by them knows
// where it opens.
func disclosureNews(told, now Picture) []change {
	var all []change
	if now.Disclosable > told.Disclosable {
		all = append(all, change{activities.CodeDisclosable, wholeStay})
	}
	if now.Told > told.Told {
		all = append(all, change{activities.CodeDisclosed, wholeStay})
	}
	return all
}

// accessNews are those of the stay's status. Trouble is over when the stay is ready
// or has time again; a stay that ends in trouble never was all right.
func accessNews(told, now Picture) []activities.EventType {
	var all []activities.EventType
	if told.Trouble && !now.Trouble && !now.Status.over() {
		all = append(all, activities.AccessRecovered)
	}
	if kind, ok := accessEvents[now.Status]; ok && now.Status != told.Status {
		all = append(all, kind)
	}
	return all
}

// accessEvents are the statuses that are told as they come.
var accessEvents = map[Status]activities.EventType{
	StatusReady:     activities.AccessReady,
	StatusAtRisk:    activities.AccessAtRisk,
	StatusDegraded:  activities.AccessDegraded,
	StatusFailed:    activities.AccessFailed,
	StatusRevoked:   activities.AccessRevoked,
	StatusCancelled: activities.AccessRevoked,
}

// doorNews are those of one entry.
func doorNews(told, now PictureDoor) []activities.EventType {
	var all []activities.EventType
	add := func(kind activities.EventType, when bool) {
		if when && !slices.Contains(all, kind) {
			all = append(all, kind)
		}
	}
	add(activities.CodeScheduled, now.Word == authScheduled && told.Word != authScheduled)
	add(activities.CodeSet, now.Word == AuthSet && told.Word != AuthSet)
	add(activities.CodeProofChanged, now.Proof != told.Proof && !now.Leaving)
	add(activities.CodeUsed, now.Proof == ProofUsed && told.Proof != ProofUsed)
	for _, code := range fresh(told.Errors, now.Errors) {
		add(errorEvent(code, now.Leaving), code != errorUnconfirmed)
	}
	warned := fresh(told.Warnings, now.Warnings)
	add(activities.CodeDelayInSetting, slices.Contains(warned, warningDelayInSetting))
	add(activities.CodeDelayInRemoving, slices.Contains(warned, warningDelayInRemoving))
	add(activities.CodeGhostDetected, told.Word == AuthRemoved && now.Word == AuthRemoving)
	add(activities.CodeRemoved, now.Word == AuthRemoved && told.touched())
	return all
}

// touched reports whether the entry was told to be on a lock, or on its way.
func (d PictureDoor) touched() bool {
	return d.Word != "" && d.Word != AuthUnset && d.Word != AuthRemoved
}

// errorEvent is how an error is told. One that is merely not confirmed either way
// is told by the delay that it leads to.
func errorEvent(code string, leaving bool) activities.EventType {
	switch {
	case code == errorGhost:
		return activities.CodeGhostDetected
	case leaving:
		return activities.CodeFailedToRemove
	case code == errorModified:
		return activities.CodeModified
	case code == errorDeleted:
		return activities.CodeDeleted
	}
	return activities.CodeFailedToSet
}

func fresh(told, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(word string) bool { return slices.Contains(told, word) })
}
