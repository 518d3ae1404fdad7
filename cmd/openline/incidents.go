// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"openline/line/incident"
	"openline/record"
)

// listing is what openline incidents was told.
type listing struct {
	review, asJSON bool
	since          string
	format, out    string // geojson or cap, and where to
	record         string
	langs          []string
}

func (o *online) incidentsCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use:   "incidents LINE [RECORD]",
		Short: "Incidents, each under its one number",
		Long: `Incidents and dangers, each under its one number: who asked what, what came, who
promised a next word by when, who said it has ended.

--review lists what is to be gone through together: what nobody closed, and with
--since DATE what was said anything about since the last review.

--format geojson gives incidents and the areas of notices for a map; --format cap
gives Common Alerting Protocol messages: of one RECORD, or with -o FOLDER of all.`,
		Example: "  openline incidents harbour --format geojson -o harbour.geojson\n  openline incidents harbour blue/600 --format cap --lang en --lang fr -o incident.xml\n  openline incidents harbour --review --since 2027-01-01",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usageError("openline incidents LINE [RECORD]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if l.format != "" && l.format != "geojson" && l.format != "cap" || l.out != "" && l.format == "" {
				return usageError("name the format: --format geojson or --format cap")
			}
			if len(args) == 2 {
				l.record = args[1]
			}
			return o.incidents(cmd, args[0], &l)
		},
	}
	c.Flags().StringVar(&l.format, "format", "", "geojson or cap")
	c.Flags().StringVarP(&l.out, "output", "o", "", "write to this file; of CAP without a record: into this folder")
	c.Flags().StringArrayVar(&l.langs, "lang", []string{"en"}, "with cap: a language of the message; may be repeated")
	c.Flags().BoolVar(&l.review, "review", false, "what is to be gone through together")
	c.Flags().StringVar(&l.since, "since", "", "said anything about at this day or time or later")
	c.Flags().BoolVar(&l.asJSON, "json", false, "print JSON")
	return c
}

func (o *online) incidents(cmd *cobra.Command, line string, l *listing) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	v, err := client.Incidents(cmd.Context(), line)
	if err != nil {
		return err
	}
	if l.review || l.since != "" {
		var since time.Time
		if l.since != "" {
			if since, err = parseSince(l.since); err != nil {
				return err
			}
		}
		v.Affairs = reviewed(v.Affairs, record.Stamp(max(0, since.Unix())), l)
	}
	if l.format != "" {
		return o.draw(cmd.Context(), client, line, v, l)
	}
	if l.record != "" {
		if v.Affairs = slices.DeleteFunc(v.Affairs, func(in incident.Incident) bool {
			return fmt.Sprintf("%s/%d", v.Party(uint64(in.Opening.Party)), in.Opening.Number) != l.record
		}); len(v.Affairs) == 0 {
			return fmt.Errorf("%.40q opens no incident on this line; openline incidents LINE lists them", l.record)
		}
	}
	return o.print(l.asJSON, v, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		s := speaker(v.Parties)
		for _, in := range v.Affairs {
			s.incident(t, in)
		}
		if len(v.Affairs) == 0 {
			fmt.Fprintln(t, "None known to this station.")
		}
		return t.Flush()
	})
}

// reviewed are the incidents to go through, or those touched since.
func reviewed(list []incident.Incident, since record.Stamp, l *listing) []incident.Incident {
	if l.review {
		if l.since == "" {
			since = 1 << 62 // no review was held: what is open
		}
		return append([]incident.Incident{}, incident.Review(list, since)...)
	}
	out := []incident.Incident{}
	for _, in := range list {
		if in.Last >= since {
			out = append(out, in)
		}
	}
	return out
}

func (s speaker) incident(w io.Writer, in incident.Incident) {
	state := "open"
	switch {
	case in.Withdrawn.Number > 0:
		state = "withdrawn: " + s.said(in.Withdrawn)
	case len(in.Closed) > 0:
		state = "ended: " + s.list(in.Closed)
	case in.Next > 0:
		state = "open, next word by " + hour(in.Next)
	}
	fmt.Fprintf(w, "%s %s\t«%s»%s\t%s\n", s.said(in.Opening), hour(in.Opening.Time), foreign(in.Kind), crossedWord(in.Crossed), state)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %s\t%s\t\n", name, value)
		}
	}
	quoted := func(text string) string {
		if text == "" {
			return ""
		}
		return "«" + foreign(text) + "»"
	}
	where := placeWords(in.Place)
	if in.Area != "" {
		where = strings.TrimSpace(where + " " + quoted(in.Area))
	}
	row("where", where)
	if in.Hour > 0 {
		row("when", hour(in.Hour))
	}
	row("units", quoted(in.Units))
	row("harm", quoted(in.Harm))
	row("certain", quoted(in.Sure))
	row("not certain", quoted(in.Unsure))
	for _, q := range in.Asked {
		came := s.list(q.Answers)
		if came == "" {
			came = "nothing on this line yet; suggested by " + hour(q.Wish) + ", at the latest " + hour(q.Limit)
		}
		row("asked", s.said(q.By)+", came: "+came)
	}
	row("replies", s.list(in.Replies))
	row("holds", s.list(in.Holds))
	row("not intended", s.list(in.Unmeant))
}

// placeWords are a position, or the first of several corners.
func placeWords(place []int64) string {
	if len(place) < 2 {
		return ""
	}
	words := fmt.Sprintf("%.5f,%.5f", float64(place[0])/1e5, float64(place[1])/1e5)
	if len(place) > 2 {
		words += fmt.Sprintf(" and %d more corners", len(place)/2-1)
	}
	return words
}
