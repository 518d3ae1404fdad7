// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dossier"
	"openline/record"
)

// speaker names parties, posts and records of one line.
type speaker map[string]string

func (s speaker) party(no record.PartyNo) string { return s[fmt.Sprint(no)] }

func (s speaker) post(p line.Post) string { return s.party(p.Party) + ":" + foreign(p.Post) }

func (s speaker) said(a line.Said) string {
	return fmt.Sprintf("%s/%d %s", s.party(a.Party), a.Number, a.Code)
}

func (s speaker) list(list []line.Said) string {
	var out []string
	for _, a := range list {
		out = append(out, s.said(a))
	}
	return strings.Join(out, ", ")
}

// foreign keeps what somebody wrote on one line of a terminal, in its quotes.
func foreign(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, text)
}

func hour(s record.Stamp) string { return dayTime(time.Unix(int64(s), 0)) }

func (o *online) dossierCommand() *cobra.Command {
	return show(o, "dossier LINE [RECORD]", "What was asked and what came, invitation by invitation",
		"  openline dossier harbour\n  openline dossier harbour blue/412", 2,
		func(cmd *cobra.Command, line string) (out api.Named[dossier.Table], err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Dossiers(cmd.Context(), line)
		},
		func(w io.Writer, v api.Named[dossier.Table], args []string) error {
			s := speaker(v.Parties)
			if len(args) > 0 {
				for _, d := range v.Affairs.Dossiers {
					if fmt.Sprintf("%s/%d", s.party(d.Opening.Party), d.Opening.Number) == args[0] {
						return s.dossier(w, d)
					}
				}
				return fmt.Errorf("%.40q opens no invitation on this line; openline dossier LINE lists them", args[0])
			}
			fmt.Fprintf(w, "asked\tof\tabout\tcame\n")
			for _, d := range v.Affairs.Dossiers {
				for _, side := range d.Sides {
					fmt.Fprintf(w, "%s %s\t%s\t«%s»\t%s\n", s.said(d.Opening), hour(d.Opening.Time), s.post(side.Office), foreign(d.Subject), s.came(side))
				}
			}
			for _, c := range v.Affairs.Counts {
				fmt.Fprintf(w, "%s asked %s\t%d times\treminders %d\t\n", s.party(c.Asker), s.party(c.Answerer), c.Asked, c.Reminders)
			}
			return nil
		})
}

func (s speaker) came(side dossier.Side) string {
	out := string(side.State)
	if side.By.Number > 0 {
		out += " (" + s.said(side.By) + " " + hour(side.By.Time) + ")"
	}
	if side.Until > 0 {
		out += ", until " + hour(side.Until)
	}
	if len(side.Crossed) > 0 {
		out += ", crossed with " + s.list(side.Crossed)
	}
	if side.Awaits > 0 {
		out += "; awaits " + s.party(side.Awaits)
	}
	return out
}

func (o *online) counterpartsCommand() *cobra.Command {
	return show(o, "counterparts LINE", "Which posts are seen as counterparts, by whom, for which subject", "  openline counterparts harbour", 1,
		func(cmd *cobra.Command, line string) (out api.Named[counterpart.Table], err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Counterparts(cmd.Context(), line)
		},
		func(w io.Writer, v api.Named[counterpart.Table], _ []string) error {
			s := speaker(v.Parties)
			for _, p := range v.Affairs.Pairs {
				fmt.Fprintf(w, "%s\t%s\t«%s»\t%s\n", s.post(p.Posts[0]), s.post(p.Posts[1]), foreign(p.Subject), p.State)
				for _, view := range p.Views {
					word := "sees it so"
					if !view.For {
						word = "sees it differently"
					}
					if view.Names.Post != "" {
						word += ": " + s.post(view.Names)
					}
					fmt.Fprintf(w, "\t%s %s\t«%s»\t%s\n", s.party(view.Party), word, foreign(view.Grounds), s.said(view.By))
				}
			}
			return nil
		})
}
