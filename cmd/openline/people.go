// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/keys"
)

type personOut struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

func (a *app) peopleCommand() *cobra.Command {
	return group(&cobra.Command{Use: "people", Short: "The persons of this party who can release what needs two"}, a.peopleAddCommand(), a.peopleListCommand())
}

func (a *app) peopleAddCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "add NAME",
		Short: "Make a person's signing key, under their own passphrase",
		Long: `Make a person's signing key, under their own passphrase. What needs two persons
takes two of them (--as NAME --as NAME). The passphrase is asked for, or comes
from ` + envPerson + `_NAME or ` + envPerson + `.`,
		Args: exactly(1, "name one person: openline people add NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			if _, err := keys.PersonFile(args[0]); err != nil {
				return usageError(err.Error())
			}
			l, err := a.personLock(args[0], true)
			if err != nil {
				return err
			}
			key, err := h.AddPerson(args[0], l)
			if err != nil {
				return err
			}
			return a.print(personOut{args[0], key.String()}, fmt.Sprintf("%s can sign as a person of %s.\n  %s\n", args[0], h.Party(), key))
		},
	})
}

func (a *app) peopleListCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "list",
		Short: "List the persons of this party",
		Args:  exactly(0, "it takes no argument: openline people list"),
		RunE: func(*cobra.Command, []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			names, err := h.People()
			if err != nil {
				return err
			}
			out := []personOut{}
			var words strings.Builder
			for _, n := range names {
				key, ok := h.Person(n)
				if !ok {
					return fmt.Errorf("people/%s.pub does not hold a person's public key; bring it back from a backup", n)
				}
				out = append(out, personOut{n, key.String()})
				fmt.Fprintf(&words, "%s  %s\n", n, key)
			}
			return a.print(out, words.String())
		},
	})
}
