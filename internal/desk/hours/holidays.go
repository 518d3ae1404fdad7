// SPDX-License-Identifier: Apache-2.0

package hours

import (
	"fmt"
	"time"

	goical "github.com/emersion/go-ical"

	"openline/internal/desk/ical"
)

// ReadHolidays reads a calendar of holidays: an event of whole days closes
// them, one with hours closes those. What is cancelled in it does not count.
// Times without a zone are those of the desk.
func ReadHolidays(file []byte, r Rules, zone *time.Location, find func(string) (*time.Location, error)) (Holidays, error) {
	var out Holidays
	cal, err := ical.Read(file)
	if err != nil {
		return out, err
	}
	z := ical.Zones{Floating: zone, Find: find, Calendar: cal}
	days := ical.Zones{Floating: time.UTC, Find: find, Calendar: cal}
	period := span{instant(r.From-1, 0, zone), instant(r.To+2, 0, zone)}
	for _, e := range cal.Events() {
		if state, err := e.Status(); err != nil || state == goical.EventCancelled {
			continue
		}
		name := ical.Text(e.Component, goical.PropSummary)
		use := z
		if _, _, day, err := z.Span(e.Component); err != nil {
			return out, fmt.Errorf("holiday %.60q: %w", name, err)
		} else if day {
			use = days // a day is a day, whatever its length
		}
		from, to, day, err := use.Span(e.Component)
		if err != nil {
			return out, fmt.Errorf("holiday %.60q: %w", name, err)
		}
		at, err := use.Occurrences(e.Component, utc(period.to).In(from.Location()))
		if err != nil {
			return out, fmt.Errorf("holiday %.60q: %w", name, err)
		}
		for _, a := range at {
			end := a.Add(to.Sub(from))
			if a.Unix() > period.to || end.Unix() < period.from {
				continue
			}
			if !day {
				out.off = append(out.off, span{a.Unix(), end.Unix()})
				continue
			}
			for d := max(DateOf(a), r.From-1); d < min(DateOf(end), r.To+1); d++ {
				out.Days = append(out.Days, Day{Date: d, Name: name})
			}
		}
		if len(out.Days)+len(out.off) > maxDays {
			return out, fmt.Errorf("the calendar closes more than %d days or hours in the period", maxDays)
		}
	}
	return out, nil
}
