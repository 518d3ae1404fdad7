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
	"openline/line/incident"
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

// dossier prints one in full.
func (s speaker) dossier(w io.Writer, d dossier.Dossier) error {
	fmt.Fprintf(w, "%s\t%s, %s\n", s.said(d.Opening), d.Kind, hour(d.Opening.Time))
	fmt.Fprintf(w, "from\t%s\n", s.post(d.From))
	fmt.Fprintf(w, "about\t«%s»\n", foreign(d.Subject))
	for _, x := range d.Windows {
		fmt.Fprintf(w, "window\t%s – %s\n", hour(x.From), hour(x.To))
	}
	for _, side := range d.Sides {
		fmt.Fprintf(w, "%s\t%s\n", s.post(side.Office), s.came(side))
		for _, p := range side.Route {
			fmt.Fprintf(w, "moved to\t%s\n", s.post(p))
		}
		if side.Words != "" {
			fmt.Fprintf(w, "in their words\t«%s»\n", foreign(side.Words))
		}
	}
	for _, i := range d.Agenda {
		fmt.Fprintf(w, "agenda\t«%s»: %s (%s)\n", foreign(i.Text), i.State, s.list(i.Words))
	}
	if len(d.Reminders) > 0 {
		fmt.Fprintf(w, "reminders\t%s\n", s.list(d.Reminders))
	}
	if len(d.Holders) > 0 {
		fmt.Fprintf(w, "holder changed\t%s\n", s.list(d.Holders))
	}
	return nil
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

func (o *online) incidentsCommand() *cobra.Command {
	return show(o, "incidents LINE", "Incidents, each under its one number", "  openline incidents harbour", 1,
		func(cmd *cobra.Command, line string) (out api.Named[[]incident.Incident], err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Incidents(cmd.Context(), line)
		},
		func(w io.Writer, v api.Named[[]incident.Incident], _ []string) error {
			s := speaker(v.Parties)
			for _, in := range v.Affairs {
				fmt.Fprintf(w, "%s %s\t«%s»", s.said(in.Opening), hour(in.Opening.Time), foreign(in.Kind))
				for _, q := range in.Asked {
					fmt.Fprintf(w, "\tasked %s, came: %s", s.said(q.By), s.list(q.Answers))
				}
				if in.Next > 0 {
					fmt.Fprintf(w, "\tnext word by %s", hour(in.Next))
				}
				if len(in.Closed) > 0 {
					fmt.Fprintf(w, "\tended: %s", s.list(in.Closed))
				}
				fmt.Fprintln(w)
			}
			return nil
		})
}
