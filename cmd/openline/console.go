// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/console"
	"openline/internal/console/roll"
)

type linkOut struct {
	Link   string       `json:"link"`
	Person string       `json:"person"`
	Role   console.Role `json:"role"`
}

func (a *app) consoleCommand() *cobra.Command {
	return group(&cobra.Command{Use: "console", Short: "The web console of this station"}, a.consoleLinkCommand(), a.consoleCACommand(), a.consoleRolesCommand(), a.consolePasskeysCommand())
}

func (a *app) consoleLinkCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "link NAME ROLE",
		Short: "Print a one-time link by which a person enters the console",
		Long: `Print a one-time link by which a person enters the console in a role: watch,
officer, principal, protocol, translator, operator or auditor. The person holds
the role from then on (openline console roles). The link can be used once,
within ten minutes; whoever enters by it can make a passkey for next time.`,
		Args: exactly(2, "name a person and a role: openline console link NAME ROLE"),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			if h.Settings.Console == "" {
				return errors.New("station.toml gives the console no address; write console = \"127.0.0.1:8461\" and start the station anew")
			}
			people, err := h.People()
			if err != nil {
				return err
			}
			if !slices.Contains(people, args[0]) {
				return fmt.Errorf("%.40q is not a person of %s; there are %v (openline people add NAME)", args[0], h.Party(), people)
			}
			role := console.Role(args[1])
			token, err := console.LinkDir(h.ConsoleLinks()).Make(console.Entry{Person: args[0], Role: role}, time.Now())
			if err != nil {
				return err
			}
			if err := roll.Dir(h.ConsoleFiles()).Change(func(r *roll.Roll) { r.Give(args[0], args[1]) }); err != nil {
				return err
			}
			link := h.Settings.ConsoleURL() + "/enter#" + token
			return a.print(linkOut{link, args[0], role}, link+"\n")
		},
	})
}
