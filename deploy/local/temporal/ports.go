package temporal

// This file chooses the ports of Temporal's services.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"

	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
)

const loopback = "127.0.0.1"

const frontend = primitives.FrontendService

// Temporal binds its ports itself, a moment after they were chosen. In
// between, an outgoing connection could take a port of the range that systems
// use for those (from 32768 on, or higher), so ours lie below.
const (
	lowestPort  = 20000
	highestPort = 29999
	portsToTry  = 100
)

// ports are where each service listens.
type ports map[primitives.ServiceName]int

// choosePorts finds a port for each service; the frontend's may be given.
func choosePorts(frontendPort int) (ports, error) {
	chosen := ports{}
	if frontendPort != 0 {
		if err := probe(frontendPort); err != nil {
			return nil, fmt.Errorf("port for Temporal's clients: %w", err)
		}
		chosen[frontend] = frontendPort
	}
	taken := map[int]bool{frontendPort: true}
	for _, service := range []primitives.ServiceName{frontend, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		if chosen[service] != 0 {
			continue
		}
		port, err := freePort(taken)
		if err != nil {
			return nil, err
		}
		chosen[service] = port
	}
	return chosen, nil
}

// freePort finds a port that is free and not yet promised to another service.
func freePort(taken map[int]bool) (int, error) {
	for range portsToTry {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		if taken[port] || probe(port) != nil {
			continue
		}
		taken[port] = true
		return port, nil
	}
	return 0, errors.New("no free port found on " + loopback)
}

// probe fails when somebody listens on the port.
func probe(port int) error {
	listener, err := net.Listen("tcp", hostPort(port))
	if err != nil {
		return err
	}
	return listener.Close()
}

func (p ports) address(service primitives.ServiceName) string { return hostPort(p[service]) }

// hosts tells the services of each other, instead of the gossip of a cluster.
func (p ports) hosts() map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for service := range p {
		hosts[service] = static.SingleLocalHost(p.address(service))
	}
	return hosts
}

func hostPort(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
