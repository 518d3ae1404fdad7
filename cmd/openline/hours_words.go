// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"openline/internal/api"
)

// writeHours is one party's desk: how it stands, and what was declared.
func writeHours(w io.Writer, h api.DeskHours, now time.Time) {
	whose := "theirs"
	if h.Ours {
		whose = "ours"
	}
	if !h.Declared {
		fmt.Fprintf(w, "%s (%s)\tno hours are declared; the clock is the cap of the agreement\n", h.Party, whose)
		return
	}
	zone := time.UTC
	for _, d := range h.Declarations {
		if z, err := time.LoadLocation(d.Zone); d.InForce && err == nil && d.Zone != "Local" {
			zone = z
		}
	}
	fmt.Fprintf(w, "%s (%s)\t%s\n", h.Party, whose, deskWords(h, zone))
	for _, d := range h.Declarations {
		switch {
		case d.InForce:
			writeDeclaration(w, d, zone, now)
		case d.From != nil && d.From.After(now):
			fmt.Fprintf(w, "  then\t%s from %s\n", d.Ref, inZone(*d.From, zone))
		}
	}
	if newest := h.Declarations[0]; h.Ours && newest.To != nil && newest.To.Before(now.Add(soon)) {
		fmt.Fprintf(w, "  note\t%s\n", renewWords(*newest.To, now))
	}
}

// renewWords says that a declaration of ours ends.
func renewWords(end, now time.Time) string {
	if end.Before(now) {
		return "what we declared of our hours ended " + dayTime(end) + ", and goes on without exceptions; declare anew: openline hours declare"
	}
	return "what we declared of our hours ends " + dayTime(end) + "; declare anew: openline hours declare"
}

func deskWords(h api.DeskHours, zone *time.Location) string {
	both := func(t *time.Time) string {
		if zone == time.UTC {
			return dayTime(*t)
		}
		return fmt.Sprintf("%s (%s)", dayTime(*t), inZone(*t, zone))
	}
	switch {
	case h.Open && h.Until == nil:
		return "attended, as declared"
	case h.Open:
		return "attended until " + both(h.Until) + ", as declared"
	case h.Next != nil:
		return "closed; next attended " + both(h.Next) + ", as declared"
	case h.Until != nil:
		return "closed until " + both(h.Until) + ", as declared"
	}
	return "closed, and no next hour is declared"
}

func writeDeclaration(w io.Writer, d api.Declaration, zone *time.Location, now time.Time) {
	valid := d.Ref
	if d.From != nil {
		valid += " from " + inZone(*d.From, zone)
	}
	if d.To != nil {
		valid += " to " + inZone(*d.To, zone)
	}
	fmt.Fprintf(w, "  declared\t%s\n", valid)
	zones := []*time.Location{zone}
	if zone != time.UTC {
		zones = append(zones, time.UTC)
	}
	at := now
	if d.From != nil && d.From.After(now) {
		at = *d.From
	}
	writeWeek(w, d.Weekly, d.Always, at, zones)
	shown := 0
	for _, e := range d.Exceptions {
		if e.To.Before(now) {
			continue
		}
		if shown++; shown <= 8 {
			writeException(w, e, zone)
		}
	}
	if shown > 8 {
		fmt.Fprintf(w, "  \tand %d more exceptions (--json)\n", shown-8)
	}
	var clocks []string
	for _, c := range d.Clocks {
		name := c.Code
		if c.Precedence != "" {
			name += "/" + c.Precedence
		}
		clocks = append(clocks, name+" "+(time.Duration(c.Seconds)*time.Second).String())
	}
	fmt.Fprintf(w, "  clocks\t%s\n", foreign(strings.Join(clocks, ", ")))
	if len(d.Languages) > 0 {
		fmt.Fprintf(w, "  languages\t%s\n", foreign(strings.Join(d.Languages, ", ")))
	}
}

// writeWeek gives weekly hours by the clocks of several zones, as they stand
// at a time.
func writeWeek(w io.Writer, weekly [][2]int, always bool, at time.Time, zones []*time.Location) {
	switch {
	case always:
		fmt.Fprintf(w, "  week\tevery hour\t\n")
	case len(weekly) == 0:
		fmt.Fprintf(w, "  week\tno hours but by exception\t\n")
	}
	for _, x := range weekly {
		var parts []string
		for _, z := range zones {
			_, offset := at.In(z).Zone()
			parts = append(parts, clockSpan(x, offset/60)+" "+at.In(z).Format("MST"))
		}
		fmt.Fprintf(w, "  week\t%s\t\n", strings.Join(parts, " · "))
	}
}

var dayNames = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// clockSpan is a weekly interval, in minutes of the week in UTC, by a clock
// so many minutes ahead.
func clockSpan(x [2]int, ahead int) string {
	const day, week = 24 * 60, 7 * 24 * 60
	from := ((x[0]+ahead)%week + week) % week
	to := from + x[1] - x[0]
	end := fmt.Sprintf("%02d:%02d", to%day/60, to%60)
	switch last := (to - 1) / day; {
	case to%day == 0 && to/day == from/day+1:
		end = "24:00"
	case last != from/day:
		end = dayNames[last%7] + " " + end
	}
	return fmt.Sprintf("%s %02d:%02d–%s", dayNames[from/day], from%day/60, from%60, end)
}

func writeException(w io.Writer, e api.Exception, zone *time.Location) {
	state := "closed"
	if e.Open {
		state = "attended"
	}
	fmt.Fprintf(w, "  %s\t%s – %s\t\n", state, inZone(e.From, zone), inZone(e.To, zone))
}
