// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// affairsCommands are those for what is meant on a line.
func (o *online) affairsCommands() []*cobra.Command {
	return append(o.actCommands(), o.dossierCommand(), o.counterpartsCommand(), o.incidentsCommand(), o.dialoguesCommand(), o.suspensionsCommand(),
		o.awaitingCommand(), o.postsCommand(), o.hoursCommand(), o.calendarCommand())
}

// show is a command that prints one part of the affairs.
func show[T any](o *online, use, short, example string, most int, read func(cmd *cobra.Command, line string) (T, error), words func(w io.Writer, v T, args []string) error) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: use, Short: short, Example: example,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > most {
				return usageError("openline " + use)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := read(cmd, args[0])
			if err != nil {
				return err
			}
			return o.print(asJSON, v, func(w io.Writer) error {
				t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
				if err := words(t, v, args[1:]); err != nil {
					return err
				}
				return t.Flush()
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
