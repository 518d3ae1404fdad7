// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) ackCommand() *cobra.Command {
	var f saying
	c := &cobra.Command{
		Use:     "ack LINE RECORD…",
		Short:   "Say that the watch has read records; no view implied",
		Example: "  openline ack harbour red/310",
		Args:    atLeast(2, "name the line and the records: openline ack LINE RECORD…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.say(cmd.Context(), args[0], api.Draft{Code: "RC01", Re: args[1:]}, &f)
		},
	}
	f.add(c)
	return c
}
