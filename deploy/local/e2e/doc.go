// Package e2e holds the tests of the whole system on a real Temporal server, over
// HTTP; no code.
package e2e
