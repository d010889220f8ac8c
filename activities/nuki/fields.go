// This file is a JSON object of unknown shape, of which every field may be missing or odd.

package nuki

import "encoding/json"

// fields is a JSON object, read one field at a time: a field of the wrong type
// counts as missing, and spoils no other. A nil fields has no fields.
type fields map[string]json.RawMessage

func (f fields) text(key string) string   { return *orZero(field[string](f, key)) }
func (f fields) number(key string) int64  { return *orZero(field[int64](f, key)) }
func (f fields) truth(key string) bool    { return *orZero(field[bool](f, key)) }
func (f fields) object(key string) fields { return *orZero(field[fields](f, key)) }

func (f fields) objects(key string) []fields { return *orZero(field[[]fields](f, key)) }

func (f fields) maybeInt(key string) *int    { return field[int](f, key) }
func (f fields) maybeTruth(key string) *bool { return field[bool](f, key) }

// field is nil when the field is missing, null, or of another type.
func field[T any](f fields, key string) *T {
	raw, ok := f[key]
	if !ok {
		return nil
	}
	var value *T
	if json.Unmarshal(raw, &value) != nil {
		return nil
	}
	return value
}

func orZero[T any](value *T) *T {
	if value == nil {
		return new(T)
	}
	return value
}
