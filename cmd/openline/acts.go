// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/acts"
)

// wholes are groups of acts: the first word of their names.
var wholes = map[string]string{
	"agenda": "The agenda of a meeting, item by item", "call": "What goes with an accepted call", "desk": "The desk and what carries to it",
	"dialogue": "Series of meetings", "distress": "Safety of life", "incident": "Incidents and questions about them",
	"notice": "Notices of what is planned", "pair": "Which posts are counterparts, for which subject", "post": "The offices of this party",
	"readout": "Public texts of a call, sealed and opened together", "test": "Line tests answered in person", "warn": "What is not to be relied on",
}

// actCommands are the acts of a line by their names.
func (o *online) actCommands() []*cobra.Command {
	own := map[string]func(acts.Act) *cobra.Command{
		"accept": o.acceptCommand, "hold": o.holdCommand, "decline": o.declineCommand, "readout seal": o.sealCommand, "readout open": o.openCommand,
	}
	var out []*cobra.Command
	groups := map[string]*cobra.Command{}
	for _, a := range acts.All() {
		make := o.actCommand
		if special, ok := own[a.Name]; ok {
			make = special
		}
		c := make(a)
		name := a.Group()
		if name == "" {
			out = append(out, c)
			continue
		}
		if groups[name] == nil {
			groups[name] = group(&cobra.Command{Use: name, Short: wholes[name]})
			out = append(out, groups[name])
		}
		groups[name].AddCommand(c)
	}
	groups["incident"].AddCommand(o.incidentImportCommand())
	return out
}

// actCommand is one act as a command.
func (o *online) actCommand(a acts.Act) *cobra.Command {
	var f saying
	given := newActFlags(a)
	c := &cobra.Command{
		Use: a.Use(), Short: a.Short, Long: a.Long, Example: "  " + strings.ReplaceAll(a.Example, "\n", "\n  "),
		Args: actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := given.draft(cmd, a, args)
			if err != nil {
				return err
			}
			if a.To != "" && len(f.to) == 0 {
				f.to = []string{fmt.Sprint(d.Params[a.To])}
			}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	given.add(c)
	return c
}

// actArgs wants the line and what the act names by its place.
func actArgs(a acts.Act) cobra.PositionalArgs {
	least, most := 1, 1
	for _, arg := range a.Args {
		if !arg.Optional {
			least++
		}
		if most++; arg.Many {
			most = 1 << 10
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usageError("openline " + strings.TrimSuffix(a.Name, a.Last()) + a.Use())
		}
		return nil
	}
}

// actFlags hold what was typed for the flags of an act.
type actFlags struct {
	of    []acts.Flag
	text  map[string]*string
	lists map[string]*[]string
	set   map[string]*bool
}

func newActFlags(a acts.Act) *actFlags {
	return &actFlags{a.Flags, map[string]*string{}, map[string]*[]string{}, map[string]*bool{}}
}

func (g *actFlags) add(c *cobra.Command) {
	for _, f := range g.of {
		switch {
		case f.Value != "":
			g.set[f.Name] = c.Flags().Bool(f.Name, false, f.Usage)
		case f.List:
			g.lists[f.Name] = c.Flags().StringArray(f.Name, nil, f.Usage)
		default:
			g.text[f.Name] = c.Flags().String(f.Name, "", f.Usage)
		}
	}
}

// draft makes of what was typed the phrase that is said.
func (g *actFlags) draft(cmd *cobra.Command, a acts.Act, args []string) (api.Draft, error) {
	d := api.Draft{Code: a.Code, Params: map[string]any{}}
	for _, m := range []map[string]string{a.Usual, a.Fixed} {
		for name, v := range m {
			d.Params[name] = v
		}
	}
	take := func(param string, values ...string) {
		if param == "re" {
			d.Re = append(d.Re, values...)
			return
		}
		d.Params[param] = strings.Join(values, ";")
	}
	rest := args[1:]
	for _, arg := range a.Args {
		switch {
		case len(rest) == 0:
		case arg.Many:
			take(arg.Param, rest...)
			rest = nil
		default:
			take(arg.Param, rest[0])
			rest = rest[1:]
		}
	}
	var missing []string
	for _, f := range g.of {
		switch {
		case cmd.Flags().Changed(f.Name) && f.Value != "":
			if *g.set[f.Name] {
				take(f.Param, f.Value)
			}
		case cmd.Flags().Changed(f.Name) && f.List:
			take(f.Param, *g.lists[f.Name]...)
		case cmd.Flags().Changed(f.Name):
			take(f.Param, moment(*g.text[f.Name]))
		case f.Now:
			take(f.Param, moment("now"))
		case f.Need:
			missing = append(missing, "--"+f.Name)
		}
	}
	if len(missing) > 0 {
		return d, usageError(fmt.Sprintf("%s needs %s; see openline %s --help", a.Name, strings.Join(missing, ", "), a.Name))
	}
	return d, nil
}

// moment gives the hour for now, and anything else as it is.
func moment(s string) string {
	if s == "now" {
		return time.Now().UTC().Format(time.RFC3339)
	}
	return s
}

// fits holds a reply to what the record it answers permits, before it is
// said: what does not count as an answer is not said as one.
func (o *online) fits(ctx context.Context, client *api.Client, line string, d api.Draft) error {
	if len(d.Re) != 1 || !strings.Contains(d.Re[0], "/") {
		return nil
	}
	phrases, err := client.Phrases(ctx, line)
	if err != nil {
		return err
	}
	said, ok := phraseOf(phrases, d.Code)
	if !ok || !said.Replies || said.Text {
		return nil
	}
	asked, err := client.Record(ctx, line, d.Re[0], "en")
	if err != nil {
		return err
	}
	to, ok := phraseOf(phrases, asked.Code)
	if !ok {
		return nil
	}
	for _, code := range to.Permits {
		if code == d.Code {
			return nil
		}
	}
	return fmt.Errorf("%s (%s) does not answer %s, which is %s (%s); %s", d.Code, said.Gloss, asked.Ref, asked.Code, to.Gloss, answersTo(phrases, to))
}

func phraseOf(phrases []api.Phrase, code string) (api.Phrase, bool) {
	for _, p := range phrases {
		if p.Code == code {
			return p, true
		}
	}
	return api.Phrase{}, false
}

// answersTo says which phrases answer one, with the names they have.
func answersTo(phrases []api.Phrase, to api.Phrase) string {
	var list []string
	for _, code := range to.Permits {
		for _, a := range acts.All() {
			if a.Code == code {
				code += " " + a.Name
				break
			}
		}
		list = append(list, code)
	}
	if len(list) == 0 {
		return "nothing answers that"
	}
	return "what answers it: " + strings.Join(list, ", ")
}
