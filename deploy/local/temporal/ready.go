package temporal

// This file waits until a started server can be used.

import (
	"context"
	"errors"
	"fmt"
	"time"

	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// askAgain is the pause between two attempts while the server comes up.
const askAgain = 50 * time.Millisecond

// prepare returns when the namespace has its retention and the services behind
// the frontend answer for it.
func (s *Server) prepare(ctx context.Context) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort: s.address, Namespace: s.options.Namespace, Logger: noLog{},
	})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, step := range []func(context.Context, client.Client) error{s.retain, answersForWorkflows} {
		if err := untilDone(ctx, c, step); err != nil {
			return err
		}
	}
	if s.ui == nil {
		return nil
	}
	return s.ui.connected(ctx)
}

// untilDone repeats a step until it works or the time is up.
func untilDone(ctx context.Context, c client.Client, step func(context.Context, client.Client) error) error {
	for {
		err := step(ctx, c)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(askAgain):
		}
	}
}

// retain gives a namespace from an older database the retention of today.
func (s *Server) retain(ctx context.Context, c client.Client) error {
	service := c.WorkflowService()
	found, err := service.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.options.Namespace})
	if err != nil {
		return err
	}
	if found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == s.options.Retention {
		return nil
	}
	_, err = service.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: s.options.Namespace,
		Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(s.options.Retention)},
	})
	return err
}

// answersForWorkflows asks for a workflow that is not there: the answer comes
// from the shard that owns it, so the whole way is open.
func answersForWorkflows(ctx context.Context, c client.Client) error {
	_, err := c.DescribeWorkflowExecution(ctx, "is-temporal-ready", "")
	var notFound *serviceerror.NotFound
	if errors.As(err, &notFound) {
		return nil
	}
	return fmt.Errorf("asked for an unknown workflow: %w", err)
}

// noLog keeps the client's attempts to itself.
type noLog struct{}

var _ sdklog.Logger = noLog{}

func (noLog) Debug(string, ...any) {}
func (noLog) Info(string, ...any)  {}
func (noLog) Warn(string, ...any)  {}
func (noLog) Error(string, ...any) {}
