// Package workflows says what to do and when: one ReservationWorkflow per stay,
// one SmartlockWorkflow per lock, and one EventsWorkflow for each that has
// something to tell other systems.
//
// It is deterministic: no input or output, no clock but workflow.Now, no
// environment, no configuration (a Policy travels in the input), no time-zone
// arithmetic (the API hands in instants). Decisions are pure functions over
// data (Decide, DecideStay); effects are in converge.go alone.
//
// It imports the Temporal SDK, and activities and activities/nuki for names
// and types only.
package workflows
