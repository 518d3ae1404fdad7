// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) replyCommand() *cobra.Command {
	var f saying
	c := &cobra.Command{
		Use:     "reply LINE RECORD CODE [key=value…]",
		Short:   "Answer a record with a phrase",
		Example: "  openline reply harbour red/310 HD02 until=2021-05-21T10:41Z",
		Args:    atLeast(3, "name the line, the record and the phrase: openline reply LINE RECORD CODE key=value…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			params, err := keyValues(args[3:])
			if err != nil {
				return err
			}
			return o.say(cmd.Context(), args[0], api.Draft{Code: strings.ToUpper(args[2]), Re: args[1:2], Params: params}, &f)
		},
	}
	f.add(c)
	return c
}

// atLeast is a fault of usage that says how it is meant.
func atLeast(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usageError(usage)
		}
		return nil
	}
}

func exactly(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError(usage)
		}
		return nil
	}
}

// usageError is a command used wrongly: what is meant, and exit status 2.
type usageError string

func (e usageError) Error() string { return string(e) }
