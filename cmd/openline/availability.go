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
	"openline/line/availability"
)

func (o *online) availabilityCommand() *cobra.Command {
	var asJSON bool
	var month string
	c := &cobra.Command{
		Use:     "availability LINE",
		Short:   "How a line was kept: line tests by day and for the month, readings in person, desks",
		Example: "  openline availability harbour --month 2026-05",
		Args:    exactly(1, "openline availability LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			v, err := client.Availability(cmd.Context(), args[0], month)
			if err != nil {
				return err
			}
			return o.print(asJSON, v, func(w io.Writer) error { return printAvailability(w, v) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&month, "month", "", "the month, like 2026-05 (default: this one)")
	return c
}

// printAvailability writes one block for each direction, a line a day, or
// for days alike that follow each other; then the desks. Days on which
// nothing was due, said or set are left out.
func printAvailability(w io.Writer, v api.Named[availability.Table]) error {
	var b strings.Builder
	for _, t := range v.Affairs.Total.Tests {
		from, to := v.Party(uint64(t.From)), v.Party(uint64(t.To))
		fmt.Fprintf(&b, "Line tests of %s, read at %s\n", from, to)
		fmt.Fprintf(&b, "  %-22s  %5s  %5s  %14s  %11s  %s\n", "day", "due", "said", "had at "+to, "longest gap", "set minutes answered in person")
		for _, r := range runsOf(v.Affairs.Days, t) {
			testsLine(&b, r.name(), r.tests)
		}
		testsLine(&b, "in all", t)
		b.WriteString("\n")
	}
	for _, d := range v.Affairs.Total.Desks {
		fmt.Fprintf(&b, "The desk of %s opened %s and closed %s.\n", v.Party(uint64(d.Party)), times(d.Opened), times(d.Closed))
	}
	if len(v.Affairs.Total.Tests) == 0 {
		b.WriteString("Nothing was said on this line by the end of that month.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// daysAlike are days alike, one after the other.
type daysAlike struct {
	first, last string
	tests       availability.Tests
}

func (r daysAlike) name() string {
	if r.first == r.last {
		return r.first
	}
	return r.first + " to " + r.last[len(r.last)-2:] + ", each"
}

// runsOf gives the days of one direction on which something was.
func runsOf(days []availability.Span, of availability.Tests) (out []daysAlike) {
	for i, d := range days {
		j := slices.IndexFunc(d.Tests, func(x availability.Tests) bool { return x.From == of.From && x.To == of.To })
		if j < 0 || d.Tests[j].Due+d.Tests[j].Said+d.Tests[j].Minutes == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].tests == d.Tests[j] && out[n-1].last == days[i-1].Name {
			out[n-1].last = d.Name
		} else {
			out = append(out, daysAlike{d.Name, d.Name, d.Tests[j]})
		}
	}
	return out
}

func testsLine(b *strings.Builder, name string, t availability.Tests) {
	gap := "–"
	if t.Longest > 0 {
		gap = (time.Duration(t.Longest) * time.Second).Round(time.Minute).String()
		gap = strings.TrimSuffix(gap, "0s")
	}
	fmt.Fprintf(b, "  %-22s  %5d  %5d  %14d  %11s  %s\n", name, t.Due, t.Said, t.Had, gap, inPersonWords(t))
}

// inPersonWords is what became of the set minutes.
func inPersonWords(t availability.Tests) string {
	if t.Minutes == 0 {
		return "none has passed"
	}
	words := fmt.Sprintf("%d of %d", t.Read, t.Minutes)
	var why []string
	for _, c := range []struct {
		n    int
		name string
	}{{t.Explained.Fault, "fault"}, {t.Explained.Maintenance, "maintenance"}, {t.Explained.Unattended, "desk unattended"}, {t.Explained.Decision, "by decision"}} {
		if c.n > 0 {
			why = append(why, fmt.Sprintf("%d %s", c.n, c.name))
		}
	}
	if rest := t.Missed - t.Explained.Sum(); rest > 0 && len(why) > 0 {
		why = append(why, fmt.Sprintf("%d without a word", rest))
	}
	if len(why) > 0 {
		words += "; of the others " + strings.Join(why, ", ")
	}
	if t.Partly+t.Not > 0 {
		words += fmt.Sprintf("; partly legible %d, not legible %d", t.Partly, t.Not)
	}
	return words
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
