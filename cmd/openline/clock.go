// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) clockCommand() *cobra.Command {
	var people []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "clock LINE --as NAME --as NAME",
		Short: "Confirm this machine's clock after a step, by two persons",
		Long: `Confirm that the clock of this machine is right. A station whose clock stepped
further than can be explained does not sign until two persons have said so;
openline status tells. Compare the clock with another source first: what is
signed at a wrong time cannot be taken back.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || len(people) < 2 {
				return usageError("name the line and two persons: openline clock LINE --as NAME --as NAME")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.confirmClock(cmd.Context(), args[0], people, asJSON)
		},
	}
	c.Flags().StringArrayVar(&people, "as", nil, "a person of this party; two of them")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) confirmClock(ctx context.Context, line string, people []string, asJSON bool) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	prepared, err := client.ClockAct(ctx, line)
	if err != nil {
		return err
	}
	act, err := prepared.Identity()
	if err != nil {
		return err
	}
	var signed []api.PersonSigned
	for _, person := range people {
		sig, err := o.sign(person, act)
		if err != nil {
			return err
		}
		signed = append(signed, api.PersonSigned{Person: person, Signature: sig})
	}
	if err := client.ConfirmClock(ctx, line, signed); err != nil {
		return err
	}
	return o.print(asJSON, api.Done{OK: true}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, "The clock is confirmed; the station signs.")
		return err
	})
}
