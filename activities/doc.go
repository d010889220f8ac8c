// Package activities holds all of Keystay's input and output: what a workflow
// asks of a Nuki smart lock, the signals that start their receiver (to a lock's
// front desk, to those who are told), and the events that other systems get.
//
// Every activity is ensure-shaped: observe, stop if it is already right, act,
// and say what is true now. Observing first is left out only where the
// workflow has just observed and this is the first attempt.
//
// It may import the Nuki client (activities/nuki) and the Temporal SDK, and
// nothing of workflows, worker or api.
package activities
