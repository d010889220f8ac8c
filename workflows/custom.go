// This file says how a policy differs from the default one: only that travels to
// a lock's front desk, with every attendance.

package workflows

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// The default policy as JSON: whole, by its fields, and their names in order.
var (
	standardText   = textOf(DefaultPolicy())
	standardFields = fieldsOf(standardText)
	standardNames  = slices.Sorted(maps.Keys(standardFields))
)

// custom is what of a policy is not the default, as JSON; nil where nothing is.
func (p Policy) custom() json.RawMessage {
	text := textOf(p)
	if bytes.Equal(text, standardText) {
		return nil
	}
	own := fieldsOf(text)
	for _, name := range standardNames {
		if bytes.Equal(own[name], standardFields[name]) {
			delete(own, name)
		}
	}
	return textOf(own)
}

// textOf is a value as JSON; nil where it has none, which none of ours lacks.
func textOf(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}

// fieldsOf are a document's fields by their names.
func fieldsOf(text json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return nil
	}
	return fields
}
