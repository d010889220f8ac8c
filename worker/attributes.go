// This file sees to it that the namespace has the search attributes that our
// workflows set. On an attribute that is missing or of another type the server
// fails the workflow task, again and again, while the code sees no error.

package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

const (
	// A development server knows a new attribute after some 10 ms, a cluster
	// after its namespace cache has been refreshed: 10 s by default.
	usableWithin = 30 * time.Second
	usablePoll   = 100 * time.Millisecond
)

// Attribute is one search attribute that must be there.
type Attribute struct {
	Name string
	Type enumspb.IndexedValueType
}

// AttributesOf lists the attributes behind the SDK's typed keys.
func AttributesOf(keys []temporal.SearchAttributeKey) []Attribute {
	all := make([]Attribute, len(keys))
	for i, key := range keys {
		all[i] = Attribute{Name: key.GetName(), Type: key.GetValueType()}
	}
	return all
}

// EnsureSearchAttributes creates the wanted attributes that the namespace
// lacks, and returns once queries can use them. It changes nothing that is
// there: an attribute of another type is an error, and doing it again does
// nothing.
//
// Where the server does not let us look (some namespaces of Temporal Cloud), it
// is enough that a query can use the attributes; their types stay unchecked.
// Where it does not let us create them, the error holds the commands to do so.
func EnsureSearchAttributes(ctx context.Context, c client.Client, namespace string, wanted []Attribute) error {
	if len(wanted) == 0 {
		return nil
	}
	missing, err := missingAttributes(ctx, c, namespace, wanted)
	if err == nil && len(missing) > 0 {
		err = addAttributes(ctx, c, namespace, missing)
	}
	if refused(err) {
		return probeUnlisted(ctx, c, namespace, wanted, err)
	}
	if err != nil {
		return err
	}
	return awaitUsable(ctx, c, namespace, wanted)
}

// missingAttributes looks which attributes the namespace lacks.
func missingAttributes(ctx context.Context, c client.Client, namespace string, wanted []Attribute) ([]Attribute, error) {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("the search attributes of namespace %q cannot be listed: %w", namespace, err)
	}
	missing, err := compareAttributes(have.GetCustomAttributes(), wanted)
	if err != nil {
		return nil, fmt.Errorf("namespace %q: %w", namespace, err)
	}
	return missing, nil
}

// compareAttributes returns the wanted attributes that are not there, and an
// error that names each one that is there with another type.
func compareAttributes(have map[string]enumspb.IndexedValueType, wanted []Attribute) (missing []Attribute, err error) {
	var wrong []error
	for _, want := range wanted {
		found, there := have[want.Name]
		switch {
		case !there:
			missing = append(missing, want)
		case found != want.Type:
			wrong = append(wrong, fmt.Errorf("search attribute %s is %s, want %s; remove it with "+
				"`temporal operator search-attribute remove --name %s`, or use a namespace of its own for Keystay",
				want.Name, found, want.Type, want.Name))
		}
	}
	return missing, errors.Join(wrong...)
}

// addAttributes creates attributes and looks again: the server answers a wish
// for another type than the one that is there with success.
func addAttributes(ctx context.Context, c client.Client, namespace string, missing []Attribute) error {
	types := map[string]enumspb.IndexedValueType{}
	for _, attribute := range missing {
		types[attribute.Name] = attribute.Type
	}
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: types,
	})
	var exists *serviceerror.AlreadyExists // Another worker was faster.
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("namespace %q: the search attributes %s cannot be created: %w", namespace, names(missing), err)
	}
	left, err := missingAttributes(ctx, c, namespace, missing)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("namespace %q: the server accepted the search attributes %s and does not list them", namespace, names(left))
	}
	return err
}

// refused reports that the server does not let us manage attributes.
func refused(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}

// probeUnlisted finds out by a query whether somebody has created them by hand.
func probeUnlisted(ctx context.Context, c client.Client, namespace string, wanted []Attribute, refusal error) error {
	if probe(ctx, c, namespace, wanted) == nil {
		return nil
	}
	return fmt.Errorf("%w; create them by hand and start again:\n%s", refusal, commands(namespace, wanted))
}

// commands are what a person with the right to do so would type.
func commands(namespace string, wanted []Attribute) string {
	var lines []string
	for _, attribute := range wanted {
		lines = append(lines, fmt.Sprintf("  temporal operator search-attribute create --namespace %s --name %s --type %s",
			namespace, attribute.Name, attribute.Type))
	}
	return strings.Join(append(lines, "  (on Temporal Cloud: tcld namespace search-attributes add, or the namespace's page)"), "\n")
}

// awaitUsable returns when a query with all wanted attributes is accepted.
func awaitUsable(ctx context.Context, c client.Client, namespace string, wanted []Attribute) error {
	ctx, cancel := context.WithTimeout(ctx, usableWithin)
	defer cancel()
	for {
		err := probe(ctx, c, namespace, wanted)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("namespace %q: the search attributes %s are there but queries cannot use them yet: %w", namespace, names(wanted), err)
		case <-time.After(usablePoll):
		}
	}
}

// probe asks for a count with every attribute in the query: the frontend
// refuses a name that it does not know.
func probe(ctx context.Context, c client.Client, namespace string, wanted []Attribute) error {
	var terms []string
	for _, attribute := range wanted {
		terms = append(terms, attribute.Name+" IS NULL")
	}
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: namespace, Query: strings.Join(terms, " AND "),
	})
	return err
}

func names(attributes []Attribute) string {
	var all []string
	for _, attribute := range attributes {
		all = append(all, attribute.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
