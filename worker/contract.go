// This file stands in for the names that workflows declares.

package worker

import "go.temporal.io/sdk/temporal"

const (
	taskQueue     = "keystay"
	nukiTaskQueue = "keystay-nuki"
)

var searchAttributes []temporal.SearchAttributeKey
