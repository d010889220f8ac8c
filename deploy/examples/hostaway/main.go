// Command hostaway is an example of a receiver: it writes the PIN of each stay to
// the reservation in Hostaway, from where messages to guests take it, and removes
// it when the stay is over. This file is flags and environment, nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listen := flag.String("listen", "127.0.0.1:9000", "`host:port` to take events at; put a proxy with TLS in front of it")
	prefix := flag.String("prefix", "hostaway-", "what a reservation's id in Keystay begins with, before Hostaway's number; others are passed over")
	dryRun := flag.Bool("dry-run", false, "say what would be written, and write nothing; needs no token")
	flag.Parse()
	err := serve(ctx, *listen, settings{
		secret: os.Getenv("WEBHOOK_SECRET"), url: os.Getenv("HOSTAWAY_URL"), token: os.Getenv("HOSTAWAY_TOKEN"),
		prefix: *prefix, dryRun: *dryRun,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostaway:", err)
		os.Exit(1)
	}
}

// serve takes events until it is told to stop.
func serve(ctx context.Context, listen string, s settings) error {
	receiver, err := newReceiver(s, log.New(os.Stderr, "", log.LstdFlags))
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: receiver, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
