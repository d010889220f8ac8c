// This file lists reservations to a person: what is at risk today, what needs
// somebody.

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
)

// Filter narrows a list; an empty field does not. The API says what each may be.
type Filter struct {
	Status string
	// Attention is a reason such as lock_offline, or "any".
	Attention string
	Unit      string
	// CheckInAfter and CheckInBefore are RFC 3339 times.
	CheckInAfter, CheckInBefore string
}

func (f Filter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"status": f.Status, "attention": f.Attention, "unit": f.Unit,
		"check_in_after": f.CheckInAfter, "check_in_before": f.CheckInBefore,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// row is a reservation in a list.
type row struct {
	ID           string    `json:"id"`
	Status       string    `json:"status"`
	Attention    []string  `json:"attention"`
	Unit         string    `json:"unit"`
	SmartlockIDs []int64   `json:"smartlock_ids"`
	CheckIn      time.Time `json:"check_in"`
	Deadline     time.Time `json:"deadline"`
}

// List prints the open reservations that pass the filter, all pages of them. As
// JSON it is one object with all rows as the API sent them.
func (a API) List(ctx context.Context, out io.Writer, filter Filter, asJSON bool) error {
	query := filter.query()
	all := struct {
		Reservations []json.RawMessage `json:"reservations"`
	}{[]json.RawMessage{}}
	for {
		answer, err := a.get(ctx, "/v1/reservations", query)
		if err != nil {
			return err
		}
		var page struct {
			Reservations []json.RawMessage `json:"reservations"`
			NextPage     string            `json:"next_page"`
		}
		if err := json.Unmarshal(answer, &page); err != nil || page.Reservations == nil {
			return a.stranger(http.StatusOK)
		}
		all.Reservations = append(all.Reservations, page.Reservations...)
		if page.NextPage == "" {
			break
		}
		query.Set("page", page.NextPage)
	}
	if asJSON {
		content, err := json.Marshal(all)
		if err != nil {
			return err
		}
		return printJSON(out, content)
	}
	return printRows(out, all.Reservations)
}

func printRows(out io.Writer, rows []json.RawMessage) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "no open reservation fits")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tSTATUS\tATTENTION\tUNIT\tCHECK-IN\tDEADLINE\tLOCKS")
	for _, content := range rows {
		var r row
		if err := json.Unmarshal(content, &r); err != nil {
			return fmt.Errorf("a row of the list is not as openapi.yaml says: %w", err)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, orText(r.Status, "-"), orText(strings.Join(r.Attention, ","), "-"),
			orText(r.Unit, "-"), stamp(r.CheckIn), stamp(r.Deadline), orText(strings.Trim(fmt.Sprint(r.SmartlockIDs), "[]"), "-"))
	}
	return table.Flush()
}
