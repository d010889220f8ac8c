// This file seals payloads before they leave for Temporal, and opens them again.

package worker

import (
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	// EncodingSealed is the encoding of a payload that this codec sealed; the
	// name is the one that Temporal's own encryption samples use.
	EncodingSealed = "binary/encrypted"
	// MetadataKeyID is the metadata field that names the key.
	MetadataKeyID = "encryption-key-id"
)

// Mode is what a Codec does with a sealed payload that it cannot open.
type Mode int

const (
	// ReturnError is for everything but a worker: API, codec server, replay.
	ReturnError Mode = iota
	// PanicInWorker is for a worker. While a workflow task runs, the SDK takes
	// an error of the codec for the workflow's own affair: it fails the workflow
	// over its input, and drops a signal for ever with a log line. A panic fails
	// only the task, and the server tries it again until a worker has the key
	// (the doc of converter.PayloadCodec says so, for the default panic policy
	// BlockWorkflow, which Run sets). In an activity the SDK turns a panic into
	// a failed attempt, which is retried as well.
	PanicInWorker
)

var (
	// ErrUnknownKey: the payload names a key that this program was not given.
	ErrUnknownKey = errors.New("sealed with a key that this program lacks")
	// ErrBroken: the key fits by its id, but the payload was altered, or sealed
	// with another key under the same id.
	ErrBroken = errors.New("altered, or sealed with another key of that id")
)

// Codec seals every payload with AES-256-GCM, so that PINs and guests' names
// rest nowhere in Temporal in plain text. The whole inner payload is sealed,
// with its metadata; the key id stays readable and is authenticated.
type Codec struct {
	keys Keys
	mode Mode
}

var _ converter.PayloadCodec = (*Codec)(nil)

// PrintKey keys the prints of codes: see Keys.PrintKey.
func (c *Codec) PrintKey() []byte { return c.keys.PrintKey() }

// NewCodec makes a Codec of keys that ParseKeys returned.
func NewCodec(keys Keys, mode Mode) (*Codec, error) {
	if len(keys.ids) == 0 {
		return nil, errors.New("no payload keys: PINs and names would be stored in plain text")
	}
	return &Codec{keys: keys, mode: mode}, nil
}

// Encode seals payloads with the first key.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		var err error
		if sealed[i], err = c.seal(p); err != nil {
			return nil, err
		}
	}
	return sealed, nil
}

// Decode opens sealed payloads and passes others through: histories may hold
// payloads from a time or a tool without a codec.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	opened := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		var err error
		if opened[i], err = c.open(p); err != nil {
			return nil, c.refuse(err)
		}
	}
	return opened, nil
}

// refuse reports a payload that cannot be opened in the way of the mode.
func (c *Codec) refuse(err error) error {
	if c.mode == PanicInWorker {
		panic(err)
	}
	return err
}

func (c *Codec) seal(p *commonpb.Payload) (*commonpb.Payload, error) {
	plain, err := proto.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("a payload cannot be sealed: %w", err)
	}
	id := c.keys.ids[0]
	return &commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(EncodingSealed),
			MetadataKeyID:              []byte(id),
		},
		Data: c.keys.ciphers[id].Seal(nil, nil, plain, []byte(id)),
	}, nil
}

func (c *Codec) open(p *commonpb.Payload) (*commonpb.Payload, error) {
	if !IsSealed(p) {
		return p, nil
	}
	id := string(p.GetMetadata()[MetadataKeyID])
	aead, known := c.keys.ciphers[id]
	if !known {
		return nil, fmt.Errorf("a payload is %w: %q (it has %v)", ErrUnknownKey, id, c.keys)
	}
	plain, err := aead.Open(nil, nil, p.GetData(), []byte(id))
	if err != nil {
		return nil, fmt.Errorf("a payload is %w: %q", ErrBroken, id)
	}
	inner := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, inner); err != nil {
		// The cause would be about the plain text; it stays out of the message.
		return nil, fmt.Errorf("a payload sealed with %q holds no payload", id)
	}
	return inner, nil
}

// ReturningErrors is the codec in mode ReturnError; nil stays nil.
func (c *Codec) ReturningErrors() *Codec {
	if c == nil {
		return nil
	}
	return &Codec{keys: c.keys, mode: ReturnError}
}

// IsSealed reports whether a payload was sealed by a Codec.
func IsSealed(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) == EncodingSealed
}
