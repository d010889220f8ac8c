// This file counts the answers of Nuki's Web API.

package metrics

import (
	"errors"
	"strconv"

	"go.temporal.io/sdk/client"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// Nuki is what a Nuki client tells of each call.
func Nuki(to client.MetricsHandler) func(nuki.Exchange) {
	return func(e nuki.Exchange) {
		workflows.MetricNukiAnswers.Add(to, 1, e.Operation, class(e.Err))
		workflows.MetricNukiTime.Observe(to, e.Took, e.Operation)
	}
}

// class sorts an answer by what it means for the account: 401 and 429 concern all
// of it, other refusals one request.
func class(err error) string {
	var failed *nuki.Error
	switch {
	case err == nil:
		return "2xx"
	case errors.Is(err, nuki.ErrNotSent):
		return "not_sent"
	case !errors.As(err, &failed) || failed.Status == 0:
		return "no_answer"
	case failed.Status/100 == 2:
		return "unreadable"
	case failed.Status == 401 || failed.Status == 429:
		return strconv.Itoa(failed.Status)
	case failed.Status/100 == 3:
		return "3xx"
	case failed.Status/100 == 4:
		return "4xx"
	}
	return "5xx"
}
