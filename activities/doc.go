// Package activities does all of Keystay's input and output for workflows: it calls
// Nuki, signals other workflows and starts them if need be, and delivers events to
// other systems.
//
// Every activity can be repeated without harm: observe, stop if it is already right,
// act, and say what is true now. Observing first is left out only where the
// workflow has just observed and this is the first attempt.
//
// It may import the Nuki client (activities/nuki) and the Temporal SDK, and
// nothing of workflows, worker or api.
package activities
