// Package demo takes a set of stays through their whole life on a running stack,
// in seconds instead of days, and asks the simulated keypads at every step: the
// PIN refused before, accepted during, refused after. It talks HTTP alone, like
// a reservation system and like Nuki's own users, and imports nothing of
// Keystay.
package demo
