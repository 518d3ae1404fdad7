// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) logCommand() *cobra.Command {
	var asJSON, all, tests bool
	var lang, since, before, after string
	var most int
	c := &cobra.Command{
		Use:     "log LINE [RECORD]",
		Short:   "The transcript of a line, line tests folded by the day; or one record of it",
		Example: "  openline log harbour -n 20\n  openline log harbour blue/412",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usageError("name the line, and a record if one is meant: openline log LINE [RECORD]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			if len(args) == 2 {
				r, err := client.Record(cmd.Context(), args[0], args[1], lang)
				if err != nil {
					return err
				}
				return o.print(asJSON, r, func(w io.Writer) error { return printRecords(w, []api.Record{r}) })
			}
			q := api.PageQuery{Lang: lang, Max: most, Before: before, After: after}
			if since != "" {
				if q.Since, err = parseSince(since); err != nil {
					return err
				}
			}
			if all {
				return o.wholeLog(cmd, client, args[0], q, asJSON)
			}
			page, err := client.Records(cmd.Context(), args[0], q)
			if err != nil {
				return err
			}
			return o.print(asJSON, page, func(w io.Writer) error {
				if tests {
					return printRecords(w, page.Records)
				}
				return printFolded(w, page.Records)
			})
		},
	}
	fl := c.Flags()
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	fl.StringVar(&lang, "lang", "en", "language to render in")
	fl.StringVar(&since, "since", "", "records made at this time or later")
	fl.StringVar(&before, "before", "", "records that precede a place a page named")
	fl.StringVar(&after, "after", "", "records that follow a place a page named")
	fl.IntVarP(&most, "max", "n", 50, "records at most, up to 1000")
	fl.BoolVar(&all, "all", false, "everything from the beginning, or from --since or --after on; line tests are not folded")
	fl.BoolVar(&tests, "tests", false, "do not fold the line tests of a day into one line")
	c.MarkFlagsMutuallyExclusive("since", "before", "after")
	c.MarkFlagsMutuallyExclusive("all", "before")
	return c
}

// wholeLog prints page after page; as JSON, one record a line.
func (o *online) wholeLog(cmd *cobra.Command, client *api.Client, line string, q api.PageQuery, asJSON bool) error {
	q.Max = 1000
	if q.After == "" && q.Since.IsZero() {
		q.Since = time.Unix(1, 0)
	}
	for {
		page, err := client.Records(cmd.Context(), line, q)
		if err != nil || len(page.Records) == 0 {
			return err
		}
		if asJSON {
			for _, r := range page.Records {
				if err := o.print(true, r, nil); err != nil {
					return err
				}
			}
		} else if err := printRecords(o.out, page.Records); err != nil {
			return err
		}
		q = api.PageQuery{Lang: q.Lang, Max: q.Max, After: page.After}
	}
}

func parseSince(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02 15:04Z", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError("write --since as a day or a time in UTC, like 2021-05-21 or 2021-05-21T10:41Z")
}

func printRecords(w io.Writer, records []api.Record) error {
	var b strings.Builder
	for _, r := range records {
		writeRecord(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeRecord is a record on two lines: name, time, from and to; then what
// it says, and who holds it.
func writeRecord(b *strings.Builder, r api.Record) {
	at := "time unknown"
	if r.At != nil {
		at = r.At.UTC().Format("2006-01-02 15:04:05Z")
	}
	fmt.Fprintf(b, "%-12s %s  %s", r.Ref, at, r.Code)
	if r.Precedence != "" && r.Precedence != "routine" {
		fmt.Fprintf(b, " %s", strings.ToUpper(r.Precedence))
	}
	if len(r.To) > 0 {
		fmt.Fprintf(b, "  %s → %s", r.From, strings.Join(r.To, ", "))
	}
	b.WriteString("\n")
	for part := range strings.SplitSeq(r.Rendering, "\n") {
		fmt.Fprintf(b, "             %s\n", part)
	}
	if r.Fault != "" {
		fmt.Fprintf(b, "             not readable further: %s\n", r.Fault)
	}
	for _, words := range effectWords(r.Effect) {
		fmt.Fprintf(b, "             %s\n", words)
	}
	for _, words := range attachmentWords(r) {
		fmt.Fprintf(b, "             %s\n", words)
	}
	for _, c := range r.Receipts {
		kind := "classical only"
		if c.PQ != nil {
			kind = "post-quantum " + clockTime(*c.PQ)
		}
		fmt.Fprintf(b, "             held by %s at %s (%s)\n", c.By, clockTime(c.At), kind)
	}
}

// effectWords says what is to be known of what a record does: nothing, where it
// simply stands.
func effectWords(e *api.Effect) (out []string) {
	if e == nil {
		return nil
	}
	switch {
	case len(e.RemovedBy) > 0:
		out = append(out, "content of its matter "+e.Thing+" removed under the retention clause by "+strings.Join(e.RemovedBy, ", "))
	case e.Standing == "none":
		out = append(out, "no effect: "+e.Why)
	case e.Standing == "replaced":
		out = append(out, "replaced by a later record of its author")
	case e.Why != "":
		out = append(out, e.Why)
	}
	for _, r := range e.Removes {
		words := "content removed: " + r.Thing
		if r.Why != "" {
			words = "content stays: " + r.Thing + ", " + r.Why
		}
		out = append(out, words)
	}
	return out
}
