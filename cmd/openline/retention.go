// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) retentionCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "retention",
		Short: "What is removed under the retention clause, and taking it off this disk",
	}, o.retentionShowCommand(), o.retentionRemoveCommand())
}

func (o *online) retentionShowCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "show LINE",
		Short:   "What is removed on the line, and what of it this station still holds",
		Example: "  openline retention show harbour",
		Args:    exactly(1, "name the line: openline retention show LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			r, err := client.Retention(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return o.print(asJSON, r, func(w io.Writer) error { return printRetention(w, r) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) retentionRemoveCommand() *cobra.Command {
	var asJSON, yes bool
	c := &cobra.Command{
		Use:   "remove LINE",
		Short: "Take what is removed on the line off this station's disk, for good",
		Long: `Take the content of what is removed on the line (RT01, by either party) off this
station's disk, for good: who spoke to whom, the words, translations. What stays:
when each record was made, by which party, about which matter, and its place in the
log, which still verifies. Without --yes it lists what would go and does nothing.

It is this party's own act; nothing is sent, and the other party removes its copy
by its own. Nothing goes that the other parties have not receipted. After it, a
party that restores a backup from before it received these records cannot be given
them from here: its copy of that log ends there, unreceipted from there on. Backups
and extracts of this station made before still hold the content; so may what its
people wrote into the journal. Attachments lie apart and are not taken off.`,
		Example: "  openline retention remove harbour\n  openline retention remove harbour --yes",
		Args:    exactly(1, "name the line: openline retention remove LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			do := client.Retention
			if yes {
				do = client.RemoveContent
			}
			r, err := do(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return o.print(asJSON, r, func(w io.Writer) error { return printRemoved(w, r, args[0], yes) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&yes, "yes", false, "do it; it cannot be undone")
	return c
}

func printRemoved(w io.Writer, r api.Retention, line string, done bool) error {
	if done {
		if _, err := fmt.Fprintf(w, "Removed here: the content of %s.\n", ofRecords(r.Taken)); err != nil {
			return err
		}
	}
	if err := printRetention(w, r); err != nil || done || r.Records == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "Nothing was removed. To take it off this disk, for good: openline retention remove %s --yes\n", line)
	return err
}

func printRetention(w io.Writer, r api.Retention) error {
	var b strings.Builder
	if r.Removed == 0 {
		b.WriteString("Nothing is removed on this line. Two persons remove closed matters with openline remove LINE RECORD…\n")
	} else {
		fmt.Fprintf(&b, "Removed on this line: %s. Off this disk: the content of %s.\n", count(r.Removed, "matter", "matters"), ofRecords(r.Gone))
	}
	for _, t := range r.Things {
		fmt.Fprintf(&b, "  %-12s removed by %s; held here: %s\n", t.Thing, t.By, strings.Join(t.Records, ", "))
		if len(t.Waits) > 0 {
			fmt.Fprintf(&b, "  %-12s waits: %s has not receipted all of this and %s\n", "", strings.Join(t.Waits, ", "), t.By)
		}
	}
	if r.Records > 0 {
		fmt.Fprintf(&b, "To be removed here: the content of %s.\n", ofRecords(r.Records))
	}
	if r.Waiting > 0 {
		fmt.Fprintf(&b, "Waiting for receipts: %s.\n", ofRecords(r.Waiting))
	}
	if r.Unwiped > 0 {
		fmt.Fprintf(&b, "The bytes of %s may still be in openline.db: there was no room to write it anew, or a backup was reading it. They go at the next start.\n", ofRecords(r.Unwiped))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ofRecords(n int) string { return count(n, "record", "records") }

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
