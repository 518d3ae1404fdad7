// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	_ "time/tzdata" // zones are known on machines that have none

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/hours"
)

// soon is how long before a declaration ends it is told.
const soon = 14 * 24 * time.Hour

func (o *online) hoursCommand() *cobra.Command {
	c := show(o, "hours LINE", "When each desk is attended, as its party declared it", "  openline hours harbour", 1,
		func(cmd *cobra.Command, line string) (out []api.DeskHours, err error) {
			client, err := o.client()
			if err != nil {
				return out, err
			}
			return client.Hours(cmd.Context(), line)
		},
		func(w io.Writer, list []api.DeskHours, _ []string) error {
			for i, h := range list {
				if i > 0 {
					fmt.Fprintln(w)
				}
				writeHours(w, h, time.Now())
			}
			return nil
		})
	c.AddCommand(o.declareHoursCommand())
	return c
}

// declaring is what openline hours declare was told.
type declaring struct {
	f              saying
	file, holidays string
	check          bool
}

func (o *online) declareHoursCommand() *cobra.Command {
	var d declaring
	c := &cobra.Command{
		Use:   "declare LINE --file hours.toml [--holidays FILE.ics] [--check]",
		Short: "Declare this desk's hours, holidays and clocks from its own rules",
		Long: `Declare this desk's hours, holidays and clocks (CK01). The file has the hours by
this desk's own clocks; holidays come from it and from an iCalendar file. What
goes on the line is weekly hours in UTC with dated exceptions, exact over every
change to and from summer time: one declaration for each stretch between two
changes, valid from the second of the change. The other side needs neither this
time zone nor these holidays.

--check shows what would be declared, in the zones of both sides, and says
nothing.`,
		Example: "  openline hours declare harbour --file hours.toml --holidays holidays.ics --check\n  openline hours declare harbour --file hours.toml --holidays holidays.ics",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || d.file == "" {
				return usageError("name the line and the file: openline hours declare LINE --file hours.toml")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.declareHours(cmd.Context(), args[0], &d) },
	}
	d.f.add(c)
	c.Flags().StringVar(&d.file, "file", "", "the desk's own hours, as docs/reference/hours.md describes them")
	c.Flags().StringVar(&d.holidays, "holidays", "", "an iCalendar file of days and hours on which nobody attends")
	c.Flags().BoolVar(&d.check, "check", false, "show what would be declared, and say nothing")
	return c
}

// planned are the rules and what is declared for them.
func (d *declaring) planned() (hours.Rules, []hours.Declaration, *time.Location, error) {
	text, err := os.ReadFile(d.file)
	if err != nil {
		return hours.Rules{}, nil, nil, err
	}
	r, err := hours.Parse(text)
	if err != nil {
		return r, nil, nil, fmt.Errorf("%s: %w", d.file, err)
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil || r.Zone == "Local" {
		return r, nil, nil, fmt.Errorf("%s: zone %.60q is not in this machine's time zone data; write it as in Europe/Berlin", d.file, r.Zone)
	}
	var h hours.Holidays
	if d.holidays != "" {
		if text, err = os.ReadFile(d.holidays); err != nil {
			return r, nil, zone, err
		}
		if h, err = hours.ReadHolidays(text, r, zone, time.LoadLocation); err != nil {
			return r, nil, zone, fmt.Errorf("%s: %w", d.holidays, err)
		}
	}
	list, err := r.Declare(h, zone)
	return r, list, zone, err
}

func (o *online) declareHours(ctx context.Context, line string, d *declaring) error {
	r, list, zone, err := d.planned()
	if err != nil {
		return err
	}
	if end := list[len(list)-1].To; !end.After(time.Now()) {
		return fmt.Errorf("%s: the period ended %s; name one that lies ahead", d.file, dayTime(end))
	}
	if d.f.token != "" && len(list) > 1 {
		return usageError("a token repeats one record; the file makes several")
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	known, err := client.Hours(ctx, line)
	if err != nil {
		return err
	}
	if d.check {
		return o.print(d.f.json, list, func(w io.Writer) error {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			writePlan(t, r, list, zone, known, time.Now())
			return t.Flush()
		})
	}
	before := ""
	for _, h := range known {
		if h.Ours && len(h.Declarations) > 0 {
			before = h.Declarations[0].Ref
		}
	}
	var all api.Said
	for i, x := range list {
		draft := api.Draft{Code: "CK01", Params: r.Params(x)}
		if before != "" {
			draft.Re = []string{before}
		}
		said, err := o.sayRecords(ctx, line, draft, &d.f)
		if err != nil {
			return fmt.Errorf("declaration %d of %d: %w", i+1, len(list), err)
		}
		all.Records = append(all.Records, said.Records...)
		if before = said.Records[0].Ref; before == "" && i+1 < len(list) {
			return fmt.Errorf("this station does not sign now: declaration 1 of %d is kept; declare the hours anew once it signs", len(list))
		}
	}
	return o.print(d.f.json, all, func(w io.Writer) error {
		if err := printSaid(w, all); err != nil {
			return err
		}
		end := list[len(list)-1].To
		_, err := fmt.Fprintf(w, "Declared until %s; openline status tells 14 days before.\n", dayTime(end))
		return err
	})
}

// writePlan shows what would be declared, by this desk's clocks, in UTC, and
// by the clocks of the others.
func writePlan(w io.Writer, r hours.Rules, list []hours.Declaration, zone *time.Location, known []api.DeskHours, now time.Time) {
	zones := []*time.Location{zone, time.UTC}
	for _, h := range known {
		if len(h.Declarations) == 0 || h.Ours {
			continue
		}
		if theirs, err := time.LoadLocation(h.Declarations[0].Zone); err == nil && h.Declarations[0].Zone != "" {
			zones = append(zones, theirs)
		}
	}
	for i, d := range list {
		fmt.Fprintf(w, "%d of %d\tvalid %s – %s\t(%s – %s)\n", i+1, len(list), inZone(d.From, zone), inZone(d.To, zone), dayTime(d.From), dayTime(d.To))
		var weekly [][2]int
		for _, x := range d.Weekly {
			weekly = append(weekly, [2]int{x.From, x.To})
		}
		writeWeek(w, weekly, d.Always, d.From, zones)
		for _, e := range d.Exceptions {
			writeException(w, api.Exception{From: e.From, To: e.To, Open: e.Open}, zone)
		}
	}
	fmt.Fprintf(w, "clocks\t%s\t\n", strings.Join(r.Clocks, ", "))
	end := list[len(list)-1].To
	switch {
	case end.Sub(now) < soon:
		fmt.Fprintf(w, "note\tit ends %s, within 14 days; name a longer period\t\n", dayTime(end))
	case list[0].From.After(now):
		fmt.Fprintf(w, "note\tit begins %s; until then what was declared before holds\t\n", dayTime(list[0].From))
	}
	fmt.Fprintf(w, "note\twhat is not renewed goes on by its last weekly hours after %s, without exceptions\t\n", dayTime(end))
}

func inZone(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2006-01-02 15:04 MST")
}
