package temporal

// This file tests that what ends a Temporal process is an error here.

import (
	"net"
	"strings"
	"testing"

	"go.uber.org/zap"
)

func TestATakenPortOfAnyServiceIsAnError(t *testing.T) {
	all, err := choosePorts(0)
	if err != nil {
		t.Fatal(err)
	}
	for service := range all {
		t.Run(string(service), func(t *testing.T) {
			ports, err := choosePorts(0)
			if err != nil {
				t.Fatal(err)
			}
			// Somebody takes the port after it was chosen.
			taken, err := net.Listen("tcp", ports.address(service))
			if err != nil {
				t.Fatal(err)
			}
			defer taken.Close()
			expectNoStart(t, ports)
		})
	}
}

func expectNoStart(t *testing.T, ports ports) {
	t.Helper()
	o, err := Options{Logger: zap.NewNop()}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	config, err := serverConfig(o, ports)
	if err != nil {
		t.Fatal(err)
	}
	core, err := startCore(config, o, ports, newLogger(o.Logger))
	if core != nil {
		stopCore(core, o.Logger)
	}
	if err == nil || !strings.Contains(err.Error(), "Failed to start gRPC listener") {
		t.Fatalf("error %v", err)
	}
}
