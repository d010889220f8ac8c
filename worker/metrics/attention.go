// This file reads the reasons for attention of a listed workflow.

package metrics

import (
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"github.com/keystay/keystay/workflows"
)

// kinds are the reasons that a listed workflow shows. Only words of the table
// count: whoever may write to the namespace cannot make labels.
func kinds(execution *workflowpb.WorkflowExecutionInfo) []string {
	var shown, known []string
	payload := execution.GetSearchAttributes().GetIndexedFields()[workflows.AttributeAttention.GetName()]
	if payload == nil || converter.GetDefaultDataConverter().FromPayload(payload, &shown) != nil {
		return nil
	}
	all := noneOfEach()
	for _, kind := range shown {
		if _, in := all[[2]string{kind, execution.GetType().GetName()}]; in {
			known = append(known, kind)
		}
	}
	return known
}

// noneOfEach is every reason with every workflow type, none counted, so that a
// reason that is gone shows as 0.
func noneOfEach() map[[2]string]int64 {
	all := map[[2]string]int64{}
	for _, words := range combinations(workflows.MetricAttention.Labels) {
		all[[2]string{words[0], words[1]}] = 0
	}
	return all
}
