// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// pages are the commands as the first page groups them; what is in none of
// them is shown last.
var pages = []struct{ title, names string }{
	{"Set a station up and keep it", "init card agreement people keys serve backup restore console clock rebuild version"},
	{"See how a line stands", "status availability awaiting brief log attachment hours posts counterparts dossier dialogues incidents suspensions"},
	{"Ask the other side", "invite meet sound remind ask withdraw noprejudice same call"},
	{"Answer them", "accept counter in-principle condition hold decline redirect elsewhere confirm untraced yes no will unable looking translating no-word"},
	{"Say that it was received", "ack shown passed understood unclear confirm-receipt"},
	{"Offices, meetings, dialogues", "post pair position agenda cannot-hold dialogue forum readout suspend resume"},
	{"Notices, incidents, safety of life", "incident notice distress warn"},
	{"Any phrase, and small ones", "say reply text greet disregard desk test adopt remove"},
	{"What this party keeps to itself", "contact calendar deliberation mandates roster handover alarms nightlog retention"},
	{"Prove it", "extract verify accusations"},
	{"Try and measure it", "demo bench openapi completion"},
}

// helpOf gives the commands on one screen where help is asked for the whole
// program, and cobra's own page for one of them.
func helpOf(usual func(*cobra.Command, []string)) func(*cobra.Command, []string) {
	return func(c *cobra.Command, args []string) {
		if c.HasParent() {
			usual(c, args)
			return
		}
		fmt.Fprint(c.OutOrStdout(), firstPage(c))
	}
}

func firstPage(root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", root.Short)
	rest := map[string]bool{}
	for _, c := range root.Commands() {
		rest[c.Name()] = c.IsAvailableCommand()
	}
	page := func(title string, names []string) {
		there := slices.DeleteFunc(names, func(n string) bool { return !rest[n] })
		if len(there) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		line := " "
		for _, n := range there {
			rest[n] = false
			if len(line)+1+len(n) > 78 {
				b.WriteString(line + "\n")
				line = " "
			}
			line += " " + n
		}
		b.WriteString(line + "\n")
	}
	for _, p := range pages {
		page(p.title, strings.Fields(p.names))
	}
	var others []string
	for n := range rest {
		if n != "help" {
			others = append(others, n)
		}
	}
	slices.Sort(others)
	page("More", others)
	b.WriteString(`
openline COMMAND --help says what one does, with examples. The station's directory
is named by --dir or OPENLINE_DIR. Exit status: 0 done, 1 error, 2 wrong usage,
3 an extract that holds while keys in it are not vouched for.
`)
	return b.String()
}
