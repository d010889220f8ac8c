// This file is a Temporal server for tests: over real gRPC on loopback, with
// only the calls that connecting and preparing a namespace need.

package worker

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
)

type attributeTypes = map[string]enumspb.IndexedValueType

// fakeTemporal has one namespace, "stays".
type fakeTemporal struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer

	retention time.Duration
	// What the operator service answers instead, where set.
	listError, addError, describeError error
	// faster: somebody else creates the attributes first.
	faster bool
	// stubborn: an added attribute gets this type instead of the wanted one, as
	// when somebody else was faster with another one.
	stubborn enumspb.IndexedValueType
	// lag is how many queries still do not know an added attribute.
	lag int
	// asked, where set, is called with each query.
	asked func()

	mu sync.Mutex
	// polls are what was polled for, as text. They wait: there is no work.
	polls map[string]bool
	types attributeTypes
	adds  int
}

// serve starts the fake and returns its address.
func (f *fakeTemporal) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	operatorservice.RegisterOperatorServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// connect serves the fake and dials it.
func (f *fakeTemporal) connect(t *testing.T) client.Client {
	t.Helper()
	c, err := Dial(t.Context(), Config{HostPort: f.serve(t), Namespace: "stays", Codec: codecOf(t, newKey, ReturnError)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (f *fakeTemporal) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (f *fakeTemporal) DescribeNamespace(_ context.Context, r *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	if f.describeError != nil {
		return nil, asStatus(f.describeError)
	}
	if r.GetNamespace() != "stays" {
		return nil, asStatus(serviceerror.NewNamespaceNotFound(r.GetNamespace()))
	}
	config := &namespacepb.NamespaceConfig{}
	if f.retention > 0 {
		config.WorkflowExecutionRetentionTtl = durationpb.New(f.retention)
	}
	return &workflowservice.DescribeNamespaceResponse{Config: config}, nil
}

func (f *fakeTemporal) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listError != nil {
		return nil, asStatus(f.listError)
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: f.types}, nil
}

// AddSearchAttributes leaves attributes that are there alone and says nothing,
// as the real server does.
func (f *fakeTemporal) AddSearchAttributes(_ context.Context, r *operatorservice.AddSearchAttributesRequest) (*operatorservice.AddSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.adds++
	if f.addError != nil {
		return nil, asStatus(f.addError)
	}
	if f.types == nil {
		f.types = attributeTypes{}
	}
	for name, kind := range r.GetSearchAttributes() {
		if _, there := f.types[name]; there {
			continue
		}
		if f.stubborn != 0 {
			kind = f.stubborn
		}
		f.types[name] = kind
	}
	if f.faster {
		return nil, asStatus(serviceerror.NewAlreadyExists("there already"))
	}
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

func (f *fakeTemporal) CountWorkflowExecutions(_ context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked != nil {
		f.asked()
	}
	if f.lag > 0 {
		f.lag--
		return nil, asStatus(serviceerror.NewInvalidArgument("not known yet"))
	}
	for _, term := range strings.Split(r.GetQuery(), " AND ") {
		name, ok := strings.CutSuffix(term, " IS NULL")
		if _, there := f.types[name]; !ok || !there {
			return nil, asStatus(serviceerror.NewInvalidArgument("invalid query: " + term))
		}
	}
	return &workflowservice.CountWorkflowExecutionsResponse{}, nil
}

func (f *fakeTemporal) PollWorkflowTaskQueue(ctx context.Context, r *workflowservice.PollWorkflowTaskQueueRequest) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	if r.GetTaskQueue().GetKind() != enumspb.TASK_QUEUE_KIND_STICKY {
		f.sawPoll("workflows from " + r.GetTaskQueue().GetName())
	}
	<-ctx.Done()
	return &workflowservice.PollWorkflowTaskQueueResponse{}, nil
}

func (f *fakeTemporal) PollActivityTaskQueue(ctx context.Context, r *workflowservice.PollActivityTaskQueueRequest) (*workflowservice.PollActivityTaskQueueResponse, error) {
	limit := r.GetTaskQueueMetadata().GetMaxTasksPerSecond().GetValue()
	f.sawPoll(fmt.Sprintf("activities from %s, at most %v a second", r.GetTaskQueue().GetName(), limit))
	<-ctx.Done()
	return &workflowservice.PollActivityTaskQueueResponse{}, nil
}

func (f *fakeTemporal) sawPoll(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.polls == nil {
		f.polls = map[string]bool{}
	}
	f.polls[what] = true
}

// seenPolls is what was polled for until now, in order of the alphabet.
func (f *fakeTemporal) seenPolls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.polls))
}

func asStatus(err error) error { return serviceerror.ToStatus(err).Err() }
