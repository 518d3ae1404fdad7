// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

// affairsCommands are those for what is meant on a line.
func (o *online) affairsCommands() []*cobra.Command {
	return []*cobra.Command{o.inviteCommand(), o.dossierCommand(), o.counterpartsCommand(), o.incidentsCommand()}
}

func (o *online) inviteCommand() *cobra.Command {
	var f saying
	var caller, subject, urgency string
	var windows, languages []string
	var video bool
	c := &cobra.Command{
		Use:   "invite LINE PARTY:POST",
		Short: "Ask an office of the other side for a call",
		Long: `Ask an office of the other side for a call (CR01). The record's number is the
dossier's for good: through reminders, redirections, counter-proposals and
changes of holder. openline dossier shows what came.`,
		Example: "  openline invite harbour red:minister --caller blue:minister --subject \"air encounters\" --window 2026-12-01T08:00Z..2026-12-01T10:00Z",
		Args:    exactly(2, "name the line and the office: openline invite LINE PARTY:POST"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if caller == "" || subject == "" {
				return usageError("say who calls and about what: --caller PARTY:POST --subject TEXT")
			}
			p := map[string]any{"caller": caller, "called": args[1], "subject": subject, "urgency": urgency, "medium": "voice"}
			if video {
				p["medium"] = "video"
			}
			for name, list := range map[string][]string{"windows": windows, "languages": languages} {
				if len(list) > 0 {
					p[name] = strings.Join(list, ";")
				}
			}
			if len(f.to) == 0 {
				f.to = args[1:2]
			}
			return o.say(cmd.Context(), args[0], api.Draft{Code: "CR01", Params: p}, &f)
		},
	}
	f.add(c)
	fl := c.Flags()
	fl.StringVar(&caller, "caller", "", "the office that calls, as party:post")
	fl.StringVar(&subject, "subject", "", "what the call is about")
	fl.StringVar(&urgency, "urgency", "ordinary", "emergency, urgent or ordinary")
	fl.StringArrayVar(&windows, "window", nil, "a time that suits, as from..to; may be repeated")
	fl.StringArrayVar(&languages, "speak", nil, "a language of the call; may be repeated")
	fl.BoolVar(&video, "video", false, "a video call")
	return c
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
