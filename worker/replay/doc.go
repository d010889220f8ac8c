// Package replay runs recorded histories against the build at hand: from a file,
// from a namespace, or every open one of a namespace before a deployment. It says
// in words where this build would part from a stay that is under way, and packs
// one stay into an archive that it can read again.
//
// What belongs here is how a history is found, read, told from what is none, and
// how a divergence is explained. The verdict is the SDK's replayer alone. The
// package imports worker for the payload codec and the connection, workflows for
// what to register; it prints for people and knows nothing of flags.
package replay
