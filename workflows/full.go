// This file is the lock that is full: nothing more can be created there until
// something else has gone.

package workflows

// full says that the list holds as many codes as the lock has room for.
func (s Situation) full() bool { return s.Entry.Seen.Total >= s.Policy.Capacity }
