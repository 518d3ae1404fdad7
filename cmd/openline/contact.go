// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/contact"
)

func (o *online) contactCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "contact",
		Short: "What this party knows of contacts from elsewhere; never sent",
	}, o.contactLogCommand(), o.contactImportCommand(), o.contactListCommand())
}

func (o *online) contactImportCommand() *cobra.Command {
	var asJSON bool
	var faults string
	c := &cobra.Command{
		Use:   "import FILE.csv|FILE.json [LINE]",
		Short: "Import contacts into this party's journal, all or none",
		Long: `Import contacts into this party's journal: own calls, official texts, the press,
each row with its source. Nothing of it is ever sent to the other station.

A file with a fault imports nothing: the first fault is told with its line and
column and how many more there are; --faults FILE gets them all. Importing the
same rows again changes nothing. The line need not be named where there is one.`,
		Example: "  openline contact import contacts.csv\n  openline contact import --faults faults.txt contacts.json harbour",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usageError("name the file, and the line if there are several: openline contact import FILE [LINE]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := readContacts(args[0], faults)
			if err != nil {
				return err
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			line, err := theLine(cmd.Context(), client, args[1:])
			if err != nil {
				return err
			}
			done, err := client.ImportContacts(cmd.Context(), line, string(b))
			if err != nil {
				return err
			}
			return o.print(asJSON, done, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%d rows, %d of them new; %d contacts are held\n", done.Rows, done.Added, done.Held)
				return err
			})
		},
	}
	c.Flags().StringVar(&faults, "faults", "", "write every fault to this file")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// readContacts reads a file and holds it to the contract before anything is
// sent to the station.
func readContacts(path, faultsTo string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, contact.MaxFile+1))
	if err != nil {
		return nil, err
	}
	_, err = contact.Parse(b)
	var faults contact.Faults
	if errors.As(err, &faults) && faultsTo != "" {
		var all strings.Builder
		for _, f := range faults {
			fmt.Fprintln(&all, f)
		}
		if err := os.WriteFile(faultsTo, []byte(all.String()), 0o600); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; nothing was imported", path, err)
	}
	return b, nil
}

// theLine is the one that is named, or the only one there is.
func theLine(ctx context.Context, client *api.Client, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	h, err := client.Health(ctx)
	if err != nil {
		return "", err
	}
	if len(h.Lines) == 1 {
		return h.Lines[0].Line, nil
	}
	var names []string
	for _, l := range h.Lines {
		names = append(names, l.Line)
	}
	return "", usageError("this station has several lines; name one of " + strings.Join(names, ", "))
}

func (o *online) contactListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list [LINE]",
		Short: "The contacts that are held, in the order of import",
		Long: `The contacts that are held, in the order of import. With --json: a list that can
be imported again.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one line: openline contact list [LINE]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			line, err := theLine(cmd.Context(), client, args)
			if err != nil {
				return err
			}
			all, err := client.Contacts(cmd.Context(), line)
			if err != nil {
				return err
			}
			rows := make([]map[string]string, len(all))
			for i, c := range all {
				rows[i] = c.Row
			}
			return o.print(asJSON, rows, func(w io.Writer) error { return printContacts(w, rows) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// printContacts writes each row on two lines: when, what and who; then how
// it went and on whose word.
func printContacts(w io.Writer, rows []map[string]string) error {
	var b strings.Builder
	for _, r := range rows {
		date := r["date"]
		if date == "" {
			date = "day unknown"
		}
		fmt.Fprintf(&b, "%-11s %s, %s: %s – %s", date, r["kind"], r["level"], r["ours"], r["theirs"])
		for _, name := range []string{"channel", "subject"} {
			if r[name] != "" {
				b.WriteString(", " + r[name])
			}
		}
		fmt.Fprintf(&b, "\n            %s · %s, %s", r["outcome"], r["attribution"], r["source"])
		if r["learned"] != "" {
			b.WriteString(" · learned " + r["learned"])
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, harmless(b.String()))
	return err
}

// harmless keeps what was imported from steering a terminal.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < ' ', r == 0x7f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}
