// This file holds the package comment only.

// Package api is HTTP in front of the workflows: what a reservation system
// sends and reads, what an operator reads of a lock and has done to it, what Nuki
// reports, and what Temporal's Web UI needs to show encrypted payloads.
//
// What belongs here is the shape of requests and answers, who may send them,
// and the arithmetic of time zones, which workflows must not do. Nothing is
// decided here about a lock, and nothing is stored: a request is checked and
// handed to Temporal, and an answer is what Temporal or the workflow says.
//
// It imports workflows for the contract, activities/nuki for PINs and
// webhooks, the Temporal client, gorilla/mux and zap; never worker.
//
// Two things must not leave through here but on their own path: a PIN (see
// pin.go) and a guest's name (in a reservation's own document, for the caller
// who sent it). Neither is ever in an error, a problem document or a log line;
// nor is a token, a body or a query string.
package api
