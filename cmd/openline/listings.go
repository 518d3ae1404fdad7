// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/line/dialogue"
	"openline/line/suspension"
	"openline/record"
)

func (o *online) dialoguesCommand() *cobra.Command {
	return show(o, "dialogues LINE", "Series of meetings and forums: stage, meetings, who moves next", "  openline dialogues harbour", 1,
		func(cmd *cobra.Command, line string) (out api.Named[dialogue.Table], err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Dialogues(cmd.Context(), line)
		},
		func(w io.Writer, v api.Named[dialogue.Table], _ []string) error {
			s := speaker(v.Parties)
			now := record.Stamp(time.Now().Unix())
			for _, d := range v.Affairs.Series {
				s.series(w, d, now)
			}
			for _, f := range v.Affairs.Forums {
				plan := strings.ReplaceAll(f.Plan, "_", " ")
				if f.Plan == "called_off" {
					plan = "called off by its organisers"
				}
				fmt.Fprintf(w, "forum «%s»\t%s%s\t%s\n", foreign(f.Name), plan, crossedWord(f.Crossed), s.list(f.Words))
				for _, x := range f.Dates {
					fmt.Fprintf(w, "  dates\t%s – %s\t\n", hour(x.From), hour(x.To))
				}
			}
			return nil
		})
}

func crossedWord(crossed bool) string {
	if crossed {
		return ", crossed"
	}
	return ""
}

// series prints one dialogue and its meetings.
func (s speaker) series(w io.Writer, d dialogue.Series, now record.Stamp) {
	stage := d.Stage
	if d.Review > 0 {
		stage += ", looked at anew " + hour(d.Review)
	}
	fmt.Fprintf(w, "«%s»\t%s%s\t%s\n", foreign(d.Name), stage, crossedWord(d.Crossed), s.list(d.Words))
	for _, m := range d.Meetings {
		words := m.At(now)
		if m.With.Number > 0 {
			words += ", with the forum: " + s.said(m.With)
		}
		if m.Fallback.To > 0 {
			words += ", fallback " + hour(m.Fallback.From) + " – " + hour(m.Fallback.To)
		}
		var moves []string
		for _, p := range m.Moves {
			moves = append(moves, s.party(p))
		}
		if len(moves) > 0 {
			words += "; next moves " + strings.Join(moves, " and ")
		}
		when := ""
		if len(m.Windows) > 0 {
			when = hour(m.Windows[0].From) + " – " + hour(m.Windows[0].To)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", s.said(m.Opening), words, when)
	}
}

func (o *online) suspensionsCommand() *cobra.Command {
	return show(o, "suspensions LINE", "Classes of traffic suspended, by whom, until which review, and resumed", "  openline suspensions harbour", 1,
		func(cmd *cobra.Command, line string) (out api.Named[[]suspension.Suspension], err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Suspensions(cmd.Context(), line)
		},
		func(w io.Writer, v api.Named[[]suspension.Suspension], _ []string) error {
			s := speaker(v.Parties)
			now := record.Stamp(time.Now().Unix())
			if len(v.Affairs) == 0 {
				fmt.Fprintln(w, "No class of traffic was suspended on this line.")
			}
			for _, x := range v.Affairs {
				state := "suspended by " + s.party(x.By.Party)
				switch back := x.Resumed.Number > 0; {
				case x.Void != "":
					state = "without effect: " + x.Void
				case back && x.Until <= now:
					state = "resumed from " + hour(x.Until) + " (" + s.said(x.Resumed) + ")"
				case back:
					state += ", resumed from " + hour(x.Until) + " (" + s.said(x.Resumed) + ")"
				case x.From > now:
					state += ", not yet"
				}
				fmt.Fprintf(w, "%s\t%s\tfrom %s\treview %s\t%s", x.Class, state, hour(x.From), hour(x.Review), s.said(x.By))
				if x.Cause != "" {
					fmt.Fprintf(w, "\t«%s»", foreign(x.Cause))
				}
				fmt.Fprintln(w)
			}
			return nil
		})
}

func (o *online) awaitingCommand() *cobra.Command {
	return show(o, "awaiting LINE", "What awaits a reply, from whom, by when: what we owe first", "  openline awaiting harbour", 1,
		func(cmd *cobra.Command, line string) (out []api.Await, err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			if out, err = client.Awaiting(cmd.Context(), line); err != nil {
				return out, err
			}
			slices.SortStableFunc(out, owedFirst)
			return out, nil
		},
		func(w io.Writer, list []api.Await, _ []string) error {
			if len(list) == 0 {
				fmt.Fprintln(w, "Nothing awaits a reply on this line.")
			}
			for i, a := range list {
				if i == 0 && a.Ours {
					fmt.Fprintln(w, "We owe:")
				}
				if !a.Ours && (i == 0 || list[i-1].Ours) {
					fmt.Fprintln(w, "We await:")
				}
				fmt.Fprintln(w, "  "+awaitWords(a))
			}
			return nil
		})
}

// owedFirst sorts what we owe before what we await, and each by the hour by
// which it is due; what has no hour comes last.
func owedFirst(a, b api.Await) int {
	if a.Ours != b.Ours {
		if a.Ours {
			return -1
		}
		return 1
	}
	due := func(x api.Await) time.Time {
		for _, t := range []*time.Time{x.Until, x.Clock.Due} {
			if t != nil {
				return *t
			}
		}
		return time.Unix(1<<40, 0)
	}
	if c := due(a).Compare(due(b)); c != 0 {
		return c
	}
	return a.Asked.Compare(b.Asked)
}

func (o *online) postsCommand() *cobra.Command {
	return show(o, "posts LINE", "The directory: offices, holders, deputies, hours, forms of address", "  openline posts harbour", 1,
		func(cmd *cobra.Command, line string) (out []api.Office, err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Posts(cmd.Context(), line)
		},
		func(w io.Writer, list []api.Office, _ []string) error {
			if len(list) == 0 {
				fmt.Fprintln(w, "No party has declared an office on this line.")
				return nil
			}
			for _, p := range list {
				writeOffice(w, p)
			}
			_, err := fmt.Fprintln(w, "Each rank is in its party's own order; no equivalence is implied.")
			return err
		})
}

func writeOffice(w io.Writer, p api.Office) {
	fmt.Fprintf(w, "%s:%s\t«%s»\t%s\n", p.Party, foreign(p.Post), foreign(p.Office), p.Ref)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %s\t%s\t\n", name, value)
		}
	}
	quoted := func(s string) string {
		if s == "" {
			return ""
		}
		return "«" + foreign(s) + "»"
	}
	holder := quoted(p.Holder)
	switch {
	case p.Holder == "" && len(p.Changes) > 0:
		holder = "not said"
	case p.Holder == "":
		holder = "not declared"
	}
	if p.Since != nil {
		holder += " since " + dayTime(*p.Since)
	}
	if n := len(p.Changes); n > 0 {
		holder += " (" + p.Changes[n-1].Ref + ")"
	}
	row("holder", holder)
	var deputies []string
	for _, d := range p.Deputies {
		deputies = append(deputies, quoted(d))
	}
	row("deputies", strings.Join(deputies, ", "))
	row("hours", quoted(p.Hours))
	row("address", quoted(p.Address))
	row("rank", quoted(p.Rank))
}
