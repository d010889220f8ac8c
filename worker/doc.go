// Package worker is Keystay running against Temporal: it connects, seals every
// payload, registers what the workflows need on the server, and runs the workers.
//
// What a stay needs is decided in workflows and done in activities; here is
// only how those meet a Temporal server. The package may import workflows,
// activities and the Temporal SDK. It knows nothing of HTTP or of flags: main.go
// fills its options, and hands its connection to api. Its folder replay runs recorded
// histories against the build at hand.
package worker
