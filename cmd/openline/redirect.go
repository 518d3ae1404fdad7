// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) redirectCommand() *cobra.Command {
	var f saying
	c := &cobra.Command{
		Use:     "redirect LINE RECORD PARTY:POST",
		Short:   "Say that another office is competent; nothing else is meant by it",
		Example: "  openline redirect harbour red/310 blue:minister",
		Args:    exactly(3, "name the line, the record and the office: openline redirect LINE RECORD PARTY:POST"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d := api.Draft{Code: "HD04", Re: args[1:2], Params: map[string]any{"office": args[2]}}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	return c
}
