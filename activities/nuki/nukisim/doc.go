// Package nukisim is a Nuki that misbehaves: a simulated Nuki Web API with the
// smart locks and keypads behind it, for tests, demonstrations and campaigns.
//
// Three states are kept apart per lock: the cloud's list, the lock's own table
// (what the keypad obeys), and the operations in flight between them. A PIN opens
// a door by the lock's table, clock and zone alone, which is the question to ask
// a simulation: see Sim.Opens, and Sim.OpenedAt for any past moment. Every fault
// is a named knob of Faults, lasting or for the while of a Disturbance, and a
// function of the seed, the lock, the entity, the operation and how often it was
// asked: two runs of one seed meet the same world, and nobody's luck depends on
// what others ask for.
//
// It imports the standard library only, nothing of Keystay, and is reached over
// HTTP like the real one. Facts about the real one carry their source.
package nukisim
