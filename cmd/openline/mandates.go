// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk"
	"openline/internal/desk/mandate"
)

// deskCommands are those for a party's own affairs, which are never sent.
func (o *online) deskCommands() []*cobra.Command {
	return []*cobra.Command{o.mandatesCommand(), o.deliberationCommand(), o.draftsCommand(), o.rosterCommand(), o.handoverCommand(), o.alarmsCommand(), o.nightlogCommand()}
}

func (o *online) mandatesCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "mandates",
		Short: "What the watch may send alone, per alert state; never sent",
	}, o.mandatesShowCommand(), o.mandatesSetCommand(), o.mandatesStateCommand(), o.mandatesLogCommand())
}

func (o *online) mandatesShowCommand() *cobra.Command {
	var asJSON, text bool
	c := &cobra.Command{
		Use:   "show LINE",
		Short: "The alert state in force, and what the watch may send alone in it",
		Long: `The alert state in force, and what the watch may send alone in it. Everything
else needs release by a second person (--as NAME --as NAME). With --table: the
table as it is written, to be changed and set again.`,
		Args: exactly(1, "name the line: openline mandates show LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			m, err := client.Mandates(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if text && !asJSON {
				_, err := io.WriteString(o.out, m.Text)
				return err
			}
			return o.print(asJSON, m, func(w io.Writer) error { return printMandates(w, m) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&text, "table", false, "print the table as it is written")
	return c
}

func printMandates(w io.Writer, m api.Mandates) error {
	var b strings.Builder
	others := strings.Join(m.Table.States, ", ")
	fmt.Fprintf(&b, "Alert state %s (of %s), table %q.\n", m.State, others, harmless(m.Table.Name))
	list := func(head string, codes []string) {
		if len(codes) == 0 {
			codes = []string{"nothing"}
		}
		fmt.Fprintf(&b, "%s\n  %s\n", head, strings.Join(codes, " "))
	}
	list("The watch sends alone:", m.Alone)
	if len(m.Where) > 0 {
		list("On a condition (openline mandates show --table):", m.Where)
	}
	b.WriteString("Everything else needs release by a second person: --as NAME --as NAME.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// changing are the flags of what two persons change.
type changing struct {
	people []string
	json   bool
}

func (f *changing) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.people, "as", nil, "a person of this party who signs it; twice")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

func (o *online) mandatesSetCommand() *cobra.Command {
	var f changing
	c := &cobra.Command{
		Use:   "set LINE FILE|standing|practice",
		Short: "Set a table of mandates, by two persons",
		Long: `Set a table of mandates, by two persons: a file (openline mandates show --table
prints the one in force), or one that is shipped: standing, as an actual line
begins, or practice, as an exercise line does.`,
		Example: "  openline mandates set harbour mandates.toml --as ames --as baker",
		Args:    exactly(2, "name the line and the table: openline mandates set LINE FILE --as NAME --as NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m := api.NewMandates{Table: args[1]}
			if _, shipped := mandate.Shipped()[args[1]]; !shipped {
				b, err := readAtMost(args[1], mandate.MaxText)
				if err != nil {
					return err
				}
				if _, err := mandate.Parse(b); err != nil {
					return fmt.Errorf("%s: %w; nothing was changed", args[1], err)
				}
				m.Table = string(b)
			}
			return o.changeMandates(cmd.Context(), args[0], m, &f)
		},
	}
	f.add(c)
	return c
}

func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

func (o *online) mandatesStateCommand() *cobra.Command {
	var f changing
	c := &cobra.Command{
		Use:     "state LINE STATE",
		Short:   "Change the alert state, by two persons",
		Example: "  openline mandates state harbour tension --as ames --as baker",
		Args:    exactly(2, "name the line and the alert state: openline mandates state LINE STATE --as NAME --as NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.changeMandates(cmd.Context(), args[0], api.NewMandates{State: args[1]}, &f)
		},
	}
	f.add(c)
	return c
}

// changeMandates has two persons sign a change, and makes it.
func (o *online) changeMandates(ctx context.Context, line string, m api.NewMandates, f *changing) error {
	if len(f.people) < 2 {
		return usageError("two persons sign it: --as NAME --as NAME")
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	prepared, err := client.PrepareMandates(ctx, line, m)
	if err != nil {
		return err
	}
	act, err := prepared.Identity()
	if err != nil {
		return err
	}
	for _, person := range f.people {
		sig, err := o.sign(person, act)
		if err != nil {
			return err
		}
		m.People = append(m.People, api.PersonSigned{Person: person, Signature: sig})
	}
	m.Cut = prepared.Cut
	now, err := client.SetMandates(ctx, line, m)
	if err != nil {
		return err
	}
	return o.print(f.json, now, func(w io.Writer) error { return printMandates(w, now) })
}

// mandatesLog is who changed what, and who acted.
type mandatesLog struct {
	Changes []mandate.Change `json:"changes"`
	api.Acts
}

func (o *online) mandatesLogCommand() *cobra.Command {
	return show(o, "log LINE", "Who changed the mandates, who released what, and who sent what alone", "", 1,
		func(cmd *cobra.Command, line string) (out mandatesLog, err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			if out.Changes, err = client.MandateChanges(cmd.Context(), line); err != nil {
				return out, err
			}
			out.Acts, err = client.Acts(cmd.Context(), line)
			return out, err
		}, printMandatesLog)
}

func printMandatesLog(w io.Writer, l mandatesLog, _ []string) error {
	var b strings.Builder
	for _, c := range l.Changes {
		what := "alert state " + c.State
		if c.Table != "" {
			what = "table " + harmless(c.Table)
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t\n", dayTime(c.At), what, who(c.Persons))
	}
	if l.Left > 0 {
		fmt.Fprintf(&b, "\t%d older acts are in the journal only\t\t\n", l.Left)
	}
	for _, a := range l.Acts.Acts {
		how := "released"
		if a.Alone {
			how = "alone"
		}
		if a.Changed {
			how += ", had changed"
		}
		fmt.Fprintf(&b, "%s\t%s %s %s\t%s\t%s\n", dayTime(a.At), harmless(a.Act), a.Record, how, who(a.Persons), harmless(a.Under))
	}
	if b.Len() == 0 {
		b.WriteString("Nothing is entered yet.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func who(list []desk.Person) string {
	var out []string
	for _, p := range list {
		name := p.Name
		if !p.Signed {
			name += " (named)"
		}
		out = append(out, name)
	}
	if out == nil {
		return "nobody named"
	}
	return harmless(strings.Join(out, ", "))
}

// errTime says how a time is written.
var errTime = errors.New("write a time like 2026-11-28T22:00Z")

func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q: %w", s, errTime)
}
