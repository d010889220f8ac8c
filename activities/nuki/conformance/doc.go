// Package conformance is one suite of what the Nuki Web API answers, run over
// HTTP: against the simulator, by the client of Keystay and by raw requests, and
// as well against the real service with a lock to spare.
//
// What is common to every target belongs here. What only one of them can be asked
// (a fault, the keypad's own table) belongs to that one's tests. It imports the
// standard library only: it judges what is on the wire, not a client's types.
package conformance
