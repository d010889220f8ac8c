// This file says how a policy differs from the default one: only that travels to
// a lock's front desk, with every attendance.

package workflows

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// custom is what of a policy is not the default, as JSON; nil where nothing is.
func (p Policy) custom() json.RawMessage {
	standard := DefaultPolicy()
	if reflect.DeepEqual(p, standard) {
		return nil
	}
	own, usual := fieldsOf(p), fieldsOf(standard)
	for _, name := range slices.Sorted(maps.Keys(usual)) {
		if bytes.Equal(own[name], usual[name]) {
			delete(own, name)
		}
	}
	text, err := json.Marshal(own)
	if err != nil {
		return nil
	}
	return text
}

// fieldsOf are a policy's fields by their names.
func fieldsOf(p Policy) map[string]json.RawMessage {
	text, err := json.Marshal(p)
	if err != nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return nil
	}
	return fields
}
