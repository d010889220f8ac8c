// Package worker is Keystay running against Temporal: it connects, seals every
// payload, registers what the workflows need on the server, runs the workers,
// and replays a downloaded history against this build.
//
// What a stay needs is decided in workflows and done in activities; here is
// only how those meet a Temporal server. The package may import workflows,
// activities and the Temporal SDK. It knows nothing of HTTP or of flags: api
// uses its connection, main.go fills its options.
package worker
