// This file seals failures on their way to Temporal, and keeps one that cannot be
// opened from blocking a stay.

package worker

import (
	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// FailureConverter is the SDK's default one, but seals messages and stack
// traces too: by default they travel in plain text. An error's type does so in
// any case.
func FailureConverter(codec *Codec) converter.FailureConverter {
	standard := temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter:          DataConverter(codec),
		EncodeCommonAttributes: true,
	})
	if codec == nil {
		return standard
	}
	return failureConverter{standard, codec}
}

// failureConverter leaves out a message that it cannot open. A worker that lacks
// the key fails an activity because it cannot open its input, and seals that
// failure with a key of its own: were it to block the workflow task as other
// payloads do (see Mode), the stay would stay blocked after that worker is gone.
// Nothing is decided by messages; types are plain, and details stay strict.
type failureConverter struct {
	converter.FailureConverter
	codec *Codec
}

// sealedMessage stands in for a message that cannot be opened.
const sealedMessage = "(the message is sealed with a key that this program lacks)"

// FailureToError opens what it can.
func (c failureConverter) FailureToError(failure *failurepb.Failure) error {
	return c.FailureConverter.FailureToError(c.readable(failure))
}

// readable is the failure, with its causes, without messages that cannot be
// opened.
func (c failureConverter) readable(failure *failurepb.Failure) *failurepb.Failure {
	if failure == nil || c.opens(failure.GetEncodedAttributes()) && failure.GetCause() == nil {
		return failure
	}
	copied := proto.CloneOf(failure)
	copied.Cause = c.readable(failure.GetCause())
	if !c.opens(failure.GetEncodedAttributes()) {
		copied.EncodedAttributes, copied.Message, copied.StackTrace = nil, sealedMessage, ""
	}
	return copied
}

func (c failureConverter) opens(payload *commonpb.Payload) bool {
	_, err := c.codec.open(payload)
	return err == nil
}
