// This file looks at the namespace: whether it is there, and how long it keeps
// closed workflows.

package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// minRetention is how long a closed workflow should stay readable. A dispute
// about a door comes weeks after the stay; Temporal's development server keeps
// closed workflows for one day only.
const minRetention = 30 * 24 * time.Hour

// CheckNamespace reports whether the server answers and has the namespace.
func CheckNamespace(ctx context.Context, c client.Client, at Target) error {
	_, err := describe(ctx, c, at.Namespace)
	var notFound *serviceerror.NamespaceNotFound
	var denied *serviceerror.PermissionDenied
	switch {
	case err == nil:
		return nil
	case errors.As(err, &notFound):
		return fmt.Errorf("%s: there is no such namespace; check TEMPORAL_NAMESPACE, or create it: "+
			"temporal operator namespace create --namespace %s --retention 720h: %w", at, at.Namespace, err)
	case errors.As(err, &denied):
		return fmt.Errorf("%s: these credentials may not use the namespace; check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY "+
			"or the client certificate: %w", at, err)
	}
	return fmt.Errorf("%s: the namespace cannot be read: %w", at, err)
}

// CheckRetention returns a warning where the namespace keeps closed workflows
// for less than 30 days, and "" where all is well.
func CheckRetention(ctx context.Context, c client.Client, namespace string) (warning string, err error) {
	answer, err := describe(ctx, c, namespace)
	if err != nil {
		return "", fmt.Errorf("the retention of namespace %q cannot be read: %w", namespace, err)
	}
	ttl := answer.GetConfig().GetWorkflowExecutionRetentionTtl()
	if ttl == nil {
		return "", nil // Not every service tells.
	}
	return retentionWarning(namespace, ttl.AsDuration()), nil
}

func retentionWarning(namespace string, retention time.Duration) string {
	if retention >= minRetention {
		return ""
	}
	return fmt.Sprintf("namespace %q keeps closed workflows for %s only; below %s the history of a stay is gone when somebody asks about it: "+
		"temporal operator namespace update --namespace %s --retention 720h", namespace, retention, minRetention, namespace)
}

func describe(ctx context.Context, c client.Client, namespace string) (*workflowservice.DescribeNamespaceResponse, error) {
	return c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
}
