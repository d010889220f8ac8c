// This file orders the versions of a reservation: by number, by time, or by
// arrival where the caller sends none.

package workflows

import (
	"strconv"
	"time"
)

// Version is an integer, a time, or absent (the zero value: arrival order).
type Version struct {
	Number *int64    `json:"number,omitempty"`
	Time   time.Time `json:"time,omitzero"`
}

// NumberVersion is a version that is an integer.
func NumberVersion(n int64) Version { return Version{Number: &n} }

// TimeVersion is a version that is a time.
func TimeVersion(t time.Time) Version { return Version{Time: t.UTC()} }

// IsZero reports whether there is no version.
func (v Version) IsZero() bool { return v.Number == nil && v.Time.IsZero() }

// String is the version as a caller wrote it; empty where there is none.
func (v Version) String() string {
	switch {
	case v.Number != nil:
		return strconv.FormatInt(*v.Number, 10)
	case !v.Time.IsZero():
		return v.Time.Format(time.RFC3339Nano)
	}
	return ""
}

// Compare orders two versions: -1, 0 or 1. ok is false where they have no
// order: one is absent, or one is a number and the other a time.
func (v Version) Compare(other Version) (order int, ok bool) {
	switch {
	case v.Number != nil && other.Number != nil:
		return compareInt(*v.Number, *other.Number), true
	case v.Number == nil && other.Number == nil && !v.Time.IsZero() && !other.Time.IsZero():
		return v.Time.Compare(other.Time), true
	}
	return 0, false
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
