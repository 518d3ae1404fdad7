// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/calendar"
	"openline/line/dossier"
	"openline/record"
)

func (o *online) calendarCommand() *cobra.Command {
	return group(&cobra.Command{Use: "calendar", Short: "A line in the calendars of aides, and what they answer there"}, o.calendarExportCommand(), o.calendarImportCommand())
}

// names are how a line and its parties are called in a calendar.
func names(st api.Status, list api.Named[dossier.Table]) (calendar.Names, error) {
	n := calendar.Names{Line: st.Line, Parties: map[record.PartyNo]string{}}
	for no, name := range list.Parties {
		i, err := strconv.ParseUint(no, 10, 16)
		if err != nil {
			return n, fmt.Errorf("party number %.20q: %w", no, err)
		}
		n.Parties[record.PartyNo(i)] = name
		if name == st.Me {
			n.Me = record.PartyNo(i)
		}
	}
	return n, nil
}

// lineNow reads what a calendar needs of a line.
func (o *online) lineNow(ctx context.Context, line string) (*api.Client, calendar.Names, api.Named[dossier.Table], error) {
	var list api.Named[dossier.Table]
	client, err := o.client()
	if err != nil {
		return nil, calendar.Names{}, list, err
	}
	st, err := client.LineStatus(ctx, line, "en")
	if err != nil {
		return nil, calendar.Names{}, list, err
	}
	if list, err = client.Dossiers(ctx, line); err != nil {
		return nil, calendar.Names{}, list, err
	}
	n, err := names(st, list)
	if err != nil {
		return nil, n, list, err
	}
	n.Places = map[string]string{}
	for _, d := range list.Affairs.Dossiers {
		if d.Kind != "meeting" || len(n.Places) == maxPlaces {
			continue
		}
		ref := fmt.Sprintf("%s/%d", n.Party(d.Opening.Party), d.Opening.Number)
		r, err := client.Record(ctx, line, ref, "en")
		if err != nil {
			return nil, n, list, err
		}
		n.Places[ref] = r.Params["place"]
	}
	return client, n, list, nil
}

// maxPlaces bounds the meetings whose place is looked up.
const maxPlaces = 500

type exported struct {
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

func (o *online) calendarExportCommand() *cobra.Command {
	var out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "export LINE [RECORD] -o FILE.ics",
		Short: "Write invitations, forums, reviews and closed hours as an iCalendar file",
		Long: `Write what has an hour as an iCalendar file (RFC 5545): invitations with their
windows, forums, reviews of dialogues, and the dated exceptions of both desks'
hours. With a RECORD, one invitation as an iTIP request, or as its cancelling.

Importing a newer file updates the events of an older one. The addresses in it
end in .invalid, so that no calendar program sends anything to anybody.`,
		Example: "  openline calendar export harbour -o harbour.ics\n  openline calendar export harbour red/310 -o call.ics",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 || out == "" {
				return usageError("name the line and the file: openline calendar export LINE [RECORD] -o FILE.ics")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, n, list, err := o.lineNow(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var b []byte
			if len(args) == 2 {
				b, err = oneInvitation(n, list, args[1])
			} else {
				b, err = wholeLine(cmd.Context(), client, n, list, args[0])
			}
			if err != nil {
				return err
			}
			if err := newFile(out, b); err != nil {
				return err
			}
			return o.print(asJSON, exported{out, len(b)}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, out)
				return err
			})
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write to this file")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func oneInvitation(n calendar.Names, list api.Named[dossier.Table], ref string) ([]byte, error) {
	for _, d := range list.Affairs.Dossiers {
		if fmt.Sprintf("%s/%d", n.Party(d.Opening.Party), d.Opening.Number) == ref {
			return calendar.Invitation(n, d)
		}
	}
	return nil, fmt.Errorf("%.40q opens no invitation on this line; openline dossier LINE lists them", ref)
}

func wholeLine(ctx context.Context, client *api.Client, n calendar.Names, list api.Named[dossier.Table], line string) ([]byte, error) {
	series, err := client.Dialogues(ctx, line)
	if err != nil {
		return nil, err
	}
	hours, err := client.Hours(ctx, line)
	if err != nil {
		return nil, err
	}
	var closed []calendar.Closed
	for _, h := range hours {
		for _, d := range h.Declarations {
			for _, e := range d.Exceptions {
				closed = append(closed, calendar.Closed{Ref: d.Ref, Party: h.Party, From: e.From, To: e.To, Open: e.Open, Said: d.At})
			}
		}
	}
	b, err := calendar.Line(n, list.Affairs, series.Affairs, closed)
	if errors.Is(err, calendar.ErrNothing) {
		return nil, errors.New("nothing on this line has an hour yet to put into a calendar")
	}
	return b, err
}

func (o *online) calendarImportCommand() *cobra.Command {
	var f saying
	var say bool
	var zone string
	c := &cobra.Command{
		Use:   "import LINE FILE.ics",
		Short: "Make drafts of what an aide answered in a calendar",
		Long: `Read an iTIP file (RFC 5546) that an aide's calendar made and show what it would
say on the line: a reply accepts (CR02, AF01), agrees in principle (PR01) or
declines (HD05, reason not given); a counter proposes another time (CR03); a
cancel withdraws what is ours (WD01) or says that it cannot be held (MT03); a
request between offices of this line asks for a call (CR01). Nothing is said
without --say.`,
		Example: "  openline calendar import harbour reply.ics\n  openline calendar import harbour reply.ics --say",
		Args:    exactly(2, "name the line and the file: openline calendar import LINE FILE.ics"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := readBounded(args[1])
			if err != nil {
				return err
			}
			floating, err := time.LoadLocation(zone)
			if err != nil {
				return fmt.Errorf("zone %.60q is not in this machine's time zone data; write it as in Europe/Berlin", zone)
			}
			_, n, list, err := o.lineNow(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			drafts, notes, err := calendar.Read(n, b, list.Affairs, floating, time.LoadLocation)
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			return o.propose(cmd.Context(), args[0], drafts, notes, say, &f)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&say, "say", false, "say what is shown")
	c.Flags().StringVar(&zone, "zone", "UTC", "time zone of hours that name none")
	return c
}
