// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) askCommand() *cobra.Command {
	var f saying
	c := &cobra.Command{
		Use:     "ask LINE RECORD",
		Short:   "Ask how a record stands with the other side",
		Example: "  openline ask harbour blue/412",
		Args:    exactly(2, "name the line and the record: openline ask LINE RECORD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.say(cmd.Context(), args[0], api.Draft{Code: "RQ01", Re: args[1:2]}, &f)
		},
	}
	f.add(c)
	return c
}
