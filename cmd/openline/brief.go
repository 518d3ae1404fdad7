// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/host/briefing"
)

func (o *online) briefCommand() *cobra.Command {
	var q api.BriefQuery
	var asJSON, markdown, html bool
	c := &cobra.Command{
		Use:   "brief LINE",
		Short: "Where we stand with them, on one page",
		Long: `Where we stand with them, on one page: what we owe and await, the three
sentences, when the posts last really spoke, what was asked and what came, how
the counterparts are seen, what lies ahead, dialogues and incidents. Every
sentence has a number that leads to the records or sources it rests on.

--at gives the page as it stood at an hour, knowing only what was held and
learned by then; a bare day means its end, UTC. --since tells what is new since
a day, bounds incidents and says whether principals have spoken since; --since
holder is since the newest holder named in our posts (PO01) took office. The
page is cut to one sheet; --full and --json have everything.`,
		Example: "  openline brief harbour\n  openline brief harbour --at 2021-05-21 --since 2021-01-20\n  openline brief harbour --since holder --lang fr",
		Args:    exactly(1, "name the line: openline brief LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkBrief(q); err != nil {
				return err
			}
			switch {
			case markdown:
				q.Form = "markdown"
			case html:
				q.Form = "html"
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			page, err := client.Brief(cmd.Context(), args[0], q)
			if err != nil {
				return err
			}
			return o.print(asJSON, page.Brief, func(w io.Writer) error {
				_, err := io.WriteString(w, page.Page)
				return err
			})
		},
	}
	fl := c.Flags()
	fl.StringVar(&q.Lang, "lang", "en", "language of the sentences")
	fl.StringVar(&q.At, "at", "", "as it stood at this time, or at the end of this day, UTC")
	fl.StringVar(&q.Since, "since", "", "count from this day or time; or holder: since our newest holder took office")
	fl.StringVar(&q.Peer, "party", "", "on a line of many: the other party it is about")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	fl.BoolVar(&markdown, "markdown", false, "print Markdown")
	fl.BoolVar(&html, "html", false, "print HTML, one sheet A4 when printed")
	fl.BoolVar(&q.Full, "full", false, "everything, not one sheet")
	c.MarkFlagsMutuallyExclusive("json", "markdown", "html")
	return c
}

// checkBrief says what is wrongly written before anything is asked.
func checkBrief(q api.BriefQuery) error {
	if q.At != "" {
		if _, err := briefing.ParseAt(q.At); err != nil {
			return usageError("--at: " + err.Error())
		}
	}
	if q.Since != "" && q.Since != briefing.SinceHolder {
		if _, err := briefing.ParseSince(q.Since); err != nil {
			return usageError("--since: " + err.Error())
		}
	}
	return nil
}
