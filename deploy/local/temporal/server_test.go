package temporal

// This file tests the server's life: boot, restart on a file, two at once,
// stopping, refused options.

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const queue = "test"

// start runs a server until the test ends.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	began := time.Now()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	return s
}

func dial(t *testing.T, s *Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.Address(), Namespace: s.Namespace(), Logger: noLog{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work runs a worker until the test ends.
func work(t *testing.T, c client.Client, register func(worker.Worker)) {
	t.Helper()
	w := worker.New(c, queue, worker.Options{MaxConcurrentActivityExecutionSize: 1})
	register(w)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func greet(_ workflow.Context, name string) (string, error) { return "hello " + name, nil }

// runGreet takes one trivial workflow through its life.
func runGreet(t *testing.T, c client.Client, id string) {
	t.Helper()
	work(t, c, func(w worker.Worker) { w.RegisterWorkflow(greet) })
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, greet, id)
	if err != nil {
		t.Fatal(err)
	}
	expectGreeting(t, run, id)
}

func expectGreeting(t *testing.T, run client.WorkflowRun, name string) {
	t.Helper()
	var got string
	if err := run.Get(t.Context(), &got); err != nil || got != "hello "+name {
		t.Fatalf("workflow of %s: %q, %v", name, got, err)
	}
}

func TestTwoServersAtOnceKeepApart(t *testing.T) {
	one, two := start(t, Options{}), start(t, Options{Namespace: "other", UIPort: NoUI})
	if one.Namespace() != "default" || two.Namespace() != "other" || two.UIURL() != "" {
		t.Fatalf("namespaces %s, %s; second Web UI %q", one.Namespace(), two.Namespace(), two.UIURL())
	}
	c1, c2 := dial(t, one), dial(t, two)
	runGreet(t, c1, "one")
	runGreet(t, c2, "two")
	if _, err := c2.DescribeWorkflowExecution(t.Context(), "one", ""); err == nil {
		t.Fatal("the second server knows the first one's workflow")
	}
}

func TestRestartOnAFileKeepsDataAndSetsRetention(t *testing.T) {
	dir := t.TempDir()
	first := Options{DBFile: filepath.Join(dir, "odd name #1?.db"), UIPort: NoUI, Retention: 2 * time.Hour}
	t.Run("first start", func(t *testing.T) {
		s := start(t, first)
		expectRetention(t, s, 2*time.Hour)
		runGreet(t, dial(t, s), "kept")
	})
	t.Run("second start", func(t *testing.T) {
		expectKept(t, start(t, Options{DBFile: first.DBFile, UIPort: NoUI}))
	})
	// The server keeps its connection to a file while the process lives, so
	// only a copy proves that everything reached the disk.
	moved := copyDatabase(t, first.DBFile)
	t.Run("start of a copy", func(t *testing.T) {
		expectKept(t, start(t, Options{DBFile: moved, UIPort: NoUI}))
	})
}

func expectKept(t *testing.T, s *Server) {
	t.Helper()
	expectRetention(t, s, 60*24*time.Hour)
	c := dial(t, s)
	expectGreeting(t, c.GetWorkflow(t.Context(), "kept", ""), "kept")
	runGreet(t, c, "new")
}

func expectRetention(t *testing.T, s *Server, want time.Duration) {
	t.Helper()
	d, err := dial(t, s).WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace()})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != want {
		t.Fatalf("retention %s, want %s", got, want)
	}
}

// copyDatabase copies the file and its write-ahead log.
func copyDatabase(t *testing.T, file string) string {
	t.Helper()
	target := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(file + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return target
}

func TestAFileThatAnInterruptedStartLeftEmptyIsUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	runGreet(t, dial(t, start(t, Options{DBFile: file, UIPort: NoUI})), "empty")
}

func TestStopFreesThePorts(t *testing.T) {
	s := start(t, Options{})
	chosen := Options{FrontendPort: portOf(t, s.Address()), UIPort: portOf(t, strings.TrimPrefix(s.UIURL(), "http://"))}
	began := time.Now()
	s.Stop()
	s.Stop() // does nothing
	t.Logf("stopped in %s", time.Since(began).Round(time.Millisecond))
	again := start(t, chosen)
	if again.Address() != s.Address() || again.UIURL() != s.UIURL() {
		t.Fatalf("asked for %+v, got %s and %s", chosen, again.Address(), again.UIURL())
	}
	runGreet(t, dial(t, again), "again")
}

func TestStopWithAWorkerStillPollingIsBounded(t *testing.T) {
	s := start(t, Options{UIPort: NoUI})
	runGreet(t, dial(t, s), "polling")
	began := time.Now()
	s.Stop()
	if took := time.Since(began); took > stoppedWithin {
		t.Fatalf("stopping took %s", took)
	}
	if err := probe(portOf(t, s.Address())); err != nil {
		t.Fatal(err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	s := start(t, Options{})
	for _, address := range []string{s.Address(), strings.TrimPrefix(s.UIURL(), "http://")} {
		host, _, err := net.SplitHostPort(address)
		if err != nil || host != loopback {
			t.Errorf("listens on %s (%v)", address, err)
		}
		// Anybody who listened on all addresses would be in the way here.
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", strconv.Itoa(portOf(t, address))))
		if err != nil {
			t.Errorf("%s is taken on other addresses too: %v", address, err)
			continue
		}
		_ = l.Close()
	}
}

func TestATakenPortAndImpossibleOptionsAreErrors(t *testing.T) {
	taken, err := net.Listen("tcp", hostPort(0))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := portOf(t, taken.Addr().String())
	for name, o := range map[string]Options{
		"frontend port": {FrontendPort: port},
		"ui port":       {UIPort: port},
		"retention":     {Retention: time.Minute},
		"log level":     {LogLevel: "chatty"},
		"folder":        {DBFile: filepath.Join(t.TempDir(), "missing", "x.db")},
	} {
		s, err := Start(t.Context(), o)
		if err == nil {
			s.Stop()
			t.Errorf("%s: started", name)
		}
		t.Log(name, err)
	}
}

func TestACancelledStartEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := Start(ctx, Options{UIPort: NoUI}); err == nil {
		s.Stop()
		t.Fatal("started")
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v\n%s", url, response.Status, err, body)
	}
	return string(body)
}
