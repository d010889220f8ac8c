// This file holds the package comment only.

// Package nuki is the client of the Nuki Web API for keypad codes: reading
// smart locks, their authorizations of type 13 and their activity log, writing
// and deleting such authorizations, asking for a sync, and reading webhooks.
//
// What belongs here is what Nuki's wire looks like and what it takes to speak
// to it politely: types, validation, pace, redaction. What to do about an
// answer does not belong here; package activities decides that. A 2xx on a
// write means accepted, never done (Nuki, "concepts" page): no function of this
// package claims more.
//
// Two things are kept impossible by the types. A write cannot be partial, as
// the only thing that can be written is a whole Document: Nuki drops the window
// when any of the five fields is left out (staff, production report). And a PIN
// cannot be printed by accident: see PIN.
//
// The package imports the standard library and golang.org/x/time/rate, and
// nothing of Keystay.
package nuki
