// Package cli is what a person at a terminal asks: Keystay's API for reservations,
// and Nuki for its webhooks. It prints text for people or JSON for programs, and
// its errors say what to do next.
//
// It stands under api because it is the other end of the same wire: it reads the
// documents that openapi.yaml describes, by HTTP and by fields of its own, so that
// it works with an API of another version. It imports activities/nuki for the
// webhooks' client and nothing else of ours; flags and environment are main.go's.
//
// In its text there is no PIN and no guest's name. JSON is the API's own answer,
// which has the guest's name where the API tells it.
package cli
