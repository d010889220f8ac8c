// Package activities holds all of Keystay's input and output: what a workflow
// asks of a Nuki smart lock, and the one signal that a reservation sends to its
// lock's front desk.
//
// Every activity is ensure-shaped: observe, stop if it is already right, act,
// and say what is true now. Observing first is left out only where the
// workflow has just observed and this is the first attempt.
//
// It may import the Nuki client (activities/nuki) and the Temporal SDK, and
// nothing of workflows, worker or api.
package activities
