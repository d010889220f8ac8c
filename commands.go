// This file is the commands for people: their flags and the environment that they
// read, nothing else. What they do is in worker/replay and api/cli.

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/keystay/keystay/api/cli"
	"github.com/keystay/keystay/worker"
	"github.com/keystay/keystay/worker/replay"
)

const helpReplay = `usage: keystay replay [-v] FILE…
       keystay replay [-v] -workflow ID [-run RUN]
       keystay replay [-v] -open

Runs this build's workflow code over recorded histories and says whether it takes
the same course; where it does not, the event, the command and the line.

  FILE…          downloaded histories, or archives of keystay incident
  -workflow ID   a workflow in Temporal, such as reservation-BK-1
  -run RUN       one run of it; without, the latest
  -open          every open workflow of the namespace: the gate before a deployment
  -v             print the SDK's own log too, which has whole stacks

A history: temporal workflow show --workflow-id ID --output json > history.json
KEYSTAY_CODEC_KEYS must hold the keys that sealed it; -workflow and -open need
TEMPORAL_* as well. Exit codes: 0 the same course, 3 another course at least once,
1 something could not be replayed, 2 the command line makes no sense.
`

const helpIncident = `usage: keystay incident [-o FILE] ID

Packs the reservation ID into one archive (tar, gzip): its timeline in words, its
histories as Temporal has them, sealed, and the versions of all programs. No PIN and
no guest's name is in it in plain text. keystay replay reads it.

  -o FILE   write there; without, a name by reservation and time. Replaces no file

Reads KEYSTAY_CODEC_KEYS and TEMPORAL_*. Exit codes: 0 written, 1 not, and the
message says why, 2 the command line makes no sense.
`

const helpStatus = `usage: keystay status [-json] ID

Shows the reservation ID: what holds, how well it is proven, what comes next.

  -json   the API's own document, which has the guest's name

Asks the API at KEYSTAY_API_URL with KEYSTAY_API_TOKEN. Exit codes: 0 shown, 1 not,
and the message says why, 2 the command line makes no sense.
`

const helpList = `usage: keystay list [-attention [KIND]] [-status STATUS] [-unit UNIT]
                    [-check-in-after TIME] [-check-in-before TIME] [-json]

Lists the open reservations that fit, about a second behind.

  -attention [KIND]       a person should look, for any reason or for one such as lock_offline
  -status STATUS          such as at_risk; a wrong word is answered with all that there are
  -unit UNIT              what the guest rents
  -check-in-after TIME    RFC 3339, such as 2026-07-10T15:00:00Z; so is -check-in-before
  -json                   one object with the rows as the API sends them

Asks the API at KEYSTAY_API_URL with KEYSTAY_API_TOKEN. Exit codes: 0 listed, also
where nothing fits, 1 not, and the message says why, 2 the command line makes no sense.
`

const helpWebhooks = `usage: keystay webhooks list [-json]
       keystay webhooks register [-features FEATURES] [-json] URL
       keystay webhooks remove [-json] ID

Nuki's decentral webhooks tell Keystay at once what happened on a lock. They need an
Advanced API integration that Nuki has approved, and an OAuth token of it with the
scope webhook.decentral. Without them Keystay gives the same guarantees by reading,
and notices later what others change.

  URL                  https://HOST/v1/webhooks/nuki, as the internet sees the API
  -features FEATURES   with commas between; without, those that Keystay makes use of
  -json                for programs; register shows the secret in it

Asks Nuki at KEYSTAY_NUKI_URL with KEYSTAY_NUKI_TOKEN. Exit codes: 0 done, 1 not,
and the message says why, 2 the command line makes no sense.
`

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// parse reads flags wherever they stand among the arguments, and wants exactly so
// many of the latter.
func (c call) parse(flags *flag.FlagSet, wanted int) ([]string, error) {
	positional, err := c.parseAny(flags)
	if err == nil && len(positional) != wanted {
		err = fmt.Errorf("%w: it has %d arguments, want %d", errUsage, len(positional), wanted)
	}
	return positional, err
}

func (c call) parseAny(flags *flag.FlagSet) (positional []string, err error) {
	for rest := c.args; ; rest = flags.Args()[1:] {
		switch err := flags.Parse(rest); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		case flags.NArg() == 0:
			return positional, nil
		}
		positional = append(positional, flags.Arg(0))
	}
}

// runReplay replays files, one workflow, or all that are open.
func runReplay(ctx context.Context, c call) error {
	flags := newFlags("replay")
	workflowID := flags.String("workflow", "", "")
	run := flags.String("run", "", "")
	open := flags.Bool("open", false, "")
	verbose := flags.Bool("v", false, "")
	files, err := c.parseAny(flags)
	switch {
	case err != nil:
		return err
	case modes(len(files) > 0, *workflowID != "", *open) != 1:
		return fmt.Errorf("%w: name files, a workflow, or -open", errUsage)
	case *run != "" && *workflowID == "":
		return fmt.Errorf("%w: -run needs -workflow", errUsage)
	}
	options := replay.Options{}
	if *verbose {
		options.Logger = c.logger
	}
	if len(files) > 0 {
		if options.Codec, err = codecIfKeys(); err != nil {
			return err
		}
		return replay.Files(ctx, c.out, files, options)
	}
	cluster, codec, err := cluster(ctx, c)
	if err != nil {
		return err
	}
	defer cluster.Client.Close()
	options.Codec = codec
	if *open {
		_, err = cluster.Open(ctx, c.out, c.errOut, options)
		return err
	}
	return cluster.Workflow(ctx, c.out, *workflowID, *run, options)
}

// modes counts how many ways of doing something were asked for.
func modes(asked ...bool) (n int) {
	for _, one := range asked {
		if one {
			n++
		}
	}
	return n
}

// codecIfKeys is nil where no keys are given: a history may have open payloads.
func codecIfKeys() (*worker.Codec, error) {
	if os.Getenv("KEYSTAY_CODEC_KEYS") == "" {
		return nil, nil
	}
	return newCodec(worker.ReturnError)
}

// cluster connects to Temporal for somebody who reads.
func cluster(ctx context.Context, c call) (replay.Cluster, *worker.Codec, error) {
	codec, err := newCodec(worker.ReturnError)
	if err != nil {
		return replay.Cluster{}, nil, err
	}
	config := worker.Config{Codec: codec}
	target, err := config.Target()
	if err != nil {
		return replay.Cluster{}, nil, err
	}
	temporal, err := worker.Dial(ctx, config)
	return replay.Cluster{Client: temporal, Target: target}, codec, err
}

// runIncident packs one reservation.
func runIncident(ctx context.Context, c call) error {
	flags := newFlags("incident")
	path := flags.String("o", "", "")
	ids, err := c.parse(flags, 1)
	if err != nil {
		return err
	}
	cluster, codec, err := cluster(ctx, c)
	if err != nil {
		return err
	}
	defer cluster.Client.Close()
	return cluster.Incident(ctx, c.out, ids[0], *path, codec)
}

func keystayAPI() cli.API {
	return cli.API{URL: os.Getenv("KEYSTAY_API_URL"), Token: os.Getenv("KEYSTAY_API_TOKEN")}
}

// runStatus shows one reservation.
func runStatus(ctx context.Context, c call) error {
	flags := newFlags("status")
	asJSON := flags.Bool("json", false, "")
	ids, err := c.parse(flags, 1)
	if err != nil {
		return err
	}
	return keystayAPI().Status(ctx, c.out, ids[0], *asJSON)
}

// runList lists reservations.
func runList(ctx context.Context, c call) error {
	var filter cli.Filter
	flags := newFlags("list")
	flags.StringVar(&filter.Attention, "attention", "", "")
	flags.StringVar(&filter.Status, "status", "", "")
	flags.StringVar(&filter.Unit, "unit", "", "")
	flags.StringVar(&filter.CheckInAfter, "check-in-after", "", "")
	flags.StringVar(&filter.CheckInBefore, "check-in-before", "", "")
	asJSON := flags.Bool("json", false, "")
	c.args = anyAttention(c.args)
	if _, err := c.parse(flags, 0); err != nil {
		return err
	}
	return keystayAPI().List(ctx, c.out, filter, *asJSON)
}

// anyAttention lets -attention stand alone for any reason.
func anyAttention(args []string) []string {
	var all []string
	for i, arg := range args {
		all = append(all, arg)
		alone := i+1 == len(args) || strings.HasPrefix(args[i+1], "-")
		if alone && (arg == "-attention" || arg == "--attention") {
			all = append(all, "any")
		}
	}
	return all
}

// runWebhooks lists, registers or removes webhooks.
func runWebhooks(ctx context.Context, c call) error {
	what := ""
	if len(c.args) > 0 {
		what, c.args = c.args[0], c.args[1:]
	}
	flags := newFlags("webhooks")
	asJSON := flags.Bool("json", false, "")
	features := flags.String("features", strings.Join(cli.DefaultFeatures(), ","), "")
	wanted, known := map[string]int{"list": 0, "register": 1, "remove": 1}[what]
	switch {
	case strings.HasPrefix(what, "-h") || strings.HasPrefix(what, "--h"):
		return flag.ErrHelp
	case !known:
		return fmt.Errorf("%w: say list, register or remove", errUsage)
	}
	args, err := c.parse(flags, wanted)
	if err != nil {
		return err
	}
	client, err := nukiClient(nil)
	if err != nil {
		return err
	}
	webhooks := cli.Webhooks{Nuki: client}
	switch what {
	case "register":
		return webhooks.Register(ctx, c.out, args[0], strings.Split(*features, ","), *asJSON)
	case "remove":
		id, err := strconv.ParseInt(args[0], 10, 32)
		if err != nil {
			return fmt.Errorf("%w: %q is no webhook's number; `keystay webhooks list` shows them", errUsage, args[0])
		}
		return webhooks.Remove(ctx, c.out, int32(id), *asJSON)
	}
	return webhooks.List(ctx, c.out, *asJSON)
}
