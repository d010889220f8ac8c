// Package campaign runs many stays on virtual time against a simulated Nuki that
// misbehaves, and asks the keypads what became of them. It compares Keystay with
// two plain strategies in the same worlds.
//
// A world is made in advance, from a profile and a seed: its locks, what goes
// wrong with them and when, the bookings and their changes. A strategy meets the
// world over HTTP only. What it did is judged afterwards by the locks' own tables
// and not by what it said; what it said is held against them.
//
// It belongs to the tests: nothing of it is part of a worker or an API. It may
// import workflows, activities, the client, the simulator, and the SDK's test
// environment.
package campaign
