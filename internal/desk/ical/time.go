// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Zones says what a time without a zone means, and finds a zone by its name.
type Zones struct {
	Floating *time.Location
	Find     func(name string) (*time.Location, error) // nil: none is known
	Calendar *ical.Calendar                            // whose VTIMEZONE are looked at; may be nil
}

// Formats of times.
const (
	dayFormat  = "20060102"
	timeFormat = "20060102T150405"
)

// Time reads one date or date-time of a property's value; day: it is a date.
func (z Zones) Time(p *ical.Prop, value string) (at time.Time, day bool, err error) {
	value = strings.TrimSpace(value)
	if p.ValueType() == ical.ValueDate || len(value) == len(dayFormat) {
		at, err = time.ParseInLocation(dayFormat, value, z.Floating)
		return at, true, err
	}
	if s, ok := strings.CutSuffix(value, "Z"); ok {
		at, err = time.Parse(timeFormat, s)
		return at, false, err
	}
	name := p.Params.Get(ical.PropTimezoneID)
	if name == "" {
		at, err = time.ParseInLocation(timeFormat, value, z.Floating)
		return at, false, err
	}
	if z.Find != nil {
		if loc, err := z.Find(name); err == nil {
			at, err = time.ParseInLocation(timeFormat, value, loc)
			return at, false, err
		}
	}
	wall, err := time.Parse(timeFormat, value)
	if err != nil {
		return wall, false, err
	}
	offset, err := z.defined(name, wall)
	return wall.Add(-offset), false, err
}

// Times reads a property that may hold several, separated by commas.
func (z Zones) Times(p *ical.Prop) ([]time.Time, error) {
	var out []time.Time
	for v := range strings.SplitSeq(p.Value, ",") {
		at, _, err := z.Time(p, v)
		if err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, nil
}

// Span is the beginning and the end of an event; day: whole days.
func (z Zones) Span(e *ical.Component) (from, to time.Time, day bool, err error) {
	p := e.Props.Get(ical.PropDateTimeStart)
	if p == nil {
		return from, to, false, errors.New("an event has no beginning (DTSTART)")
	}
	if from, day, err = z.Time(p, p.Value); err != nil {
		return from, to, day, err
	}
	switch end, length := e.Props.Get(ical.PropDateTimeEnd), e.Props.Get(ical.PropDuration); {
	case end != nil:
		to, _, err = z.Time(end, end.Value)
	case length != nil:
		var d time.Duration
		if d, err = length.Duration(); day {
			to = from.AddDate(0, 0, int(d/(24*time.Hour)))
		} else {
			to = from.Add(d)
		}
	case day:
		to = from.AddDate(0, 0, 1)
	default:
		to = from
	}
	if err == nil && to.Before(from) {
		err = errors.New("an event ends before it begins")
	}
	return from, to, day, err
}

// defined is the offset of a zone the file defines, at a time on its clocks.
func (z Zones) defined(name string, wall time.Time) (time.Duration, error) {
	if z.Calendar != nil {
		for _, c := range z.Calendar.Children {
			if c.Name == ical.CompTimezone && Text(c, ical.PropTimezoneID) == name {
				return zoneOffset(c, wall)
			}
		}
	}
	return 0, fmt.Errorf("time zone %.60q is not known here, and the file does not define it", name)
}

// zoneOffset finds the observance whose newest onset is not after the time.
func zoneOffset(zone *ical.Component, wall time.Time) (time.Duration, error) {
	var newest time.Time
	var offset time.Duration
	found := false
	for _, c := range zone.Children[:min(len(zone.Children), 16)] {
		start := c.Props.Get(ical.PropDateTimeStart)
		to := c.Props.Get(ical.PropTimezoneOffsetTo)
		if start == nil || to == nil {
			continue
		}
		onset, err := time.Parse(timeFormat, strings.TrimSuffix(start.Value, "Z"))
		if err != nil {
			return 0, err
		}
		if list, err := recurring(c, onset, wall); err != nil {
			return 0, err
		} else if len(list) > 0 {
			onset = list[len(list)-1]
		}
		d, err := parseOffset(to.Value)
		if err != nil {
			return 0, err
		}
		if onset.After(wall) || found && onset.Before(newest) {
			continue
		}
		newest, offset, found = onset, d, true
	}
	if !found {
		return 0, errors.New("a time zone in the file says nothing of the time of an event")
	}
	return offset, nil
}

func parseOffset(s string) (time.Duration, error) {
	bad := fmt.Errorf("%.20q is no offset from UTC", s)
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, bad
	}
	n, err := strconv.ParseUint(s[1:], 10, 32)
	if err != nil {
		return 0, bad
	}
	if len(s) == 5 {
		n *= 100
	}
	d := time.Duration(n/10000)*time.Hour + time.Duration(n/100%100)*time.Minute + time.Duration(n%100)*time.Second
	if s[0] == '-' {
		d = -d
	}
	return d, nil
}

// maxRecurring bounds the occurrences of one event that are looked at.
const maxRecurring = 1000

// recurring lists the occurrences of a yearly rule up to a time; none where
// the component has no rule.
func recurring(c *ical.Component, from, to time.Time) ([]time.Time, error) {
	p := c.Props.Get(ical.PropRecurrenceRule)
	if p == nil {
		return nil, nil
	}
	option, err := rrule.StrToROption(p.Value)
	if err != nil {
		return nil, fmt.Errorf("recurrence %.60q is not read: %w", p.Value, err)
	}
	if option.Freq != rrule.YEARLY || len(option.Byhour)+len(option.Byminute)+len(option.Bysecond) > 0 {
		return nil, fmt.Errorf("recurrence %.60q: only what recurs by the year is read", p.Value)
	}
	if option.Dtstart, err = modern(from, to, option); err != nil {
		return nil, fmt.Errorf("recurrence %.60q: %w", p.Value, err)
	}
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("recurrence %.60q is not read: %w", p.Value, err)
	}
	var out []time.Time
	for next := rule.Iterator(); len(out) < maxRecurring; {
		at, ok := next()
		if !ok || at.After(to) {
			break
		}
		out = append(out, at)
	}
	if len(out) == maxRecurring {
		return nil, fmt.Errorf("recurrence %.60q occurs more than %d times", p.Value, maxRecurring)
	}
	return out, nil
}

// modern moves the beginning of a rule to a few years before the time that is
// looked for, by whole turns of the rule and of the leap years: package rrule
// ends 292 years after a beginning, and calendars begin zones in 1601.
func modern(from, to time.Time, rule *rrule.ROption) (time.Time, error) {
	turn := 4 * max(rule.Interval, 1)
	if rule.Count > 0 || turn > 100 {
		if from.Year() < 1900 {
			return from, errors.New("it begins before 1900")
		}
		return from, nil
	}
	at := from
	for year := from.Year(); at.Year()+turn+8 < to.Year() || at.Day() != from.Day(); year += turn {
		at = time.Date(year, from.Month(), from.Day(), from.Hour(), from.Minute(), from.Second(), 0, from.Location())
	}
	return at, nil
}

// Occurrences are the beginnings of an event up to a time: its own, those of
// its yearly rule and its extra dates, without those excepted.
func (z Zones) Occurrences(e *ical.Component, to time.Time) ([]time.Time, error) {
	from, _, _, err := z.Span(e)
	if err != nil {
		return nil, err
	}
	list, err := recurring(e, from, to)
	if err != nil {
		return nil, err
	}
	if e.Props.Get(ical.PropRecurrenceRule) == nil {
		list = []time.Time{from}
	}
	for _, p := range e.Props[ical.PropRecurrenceDates] {
		extra, err := z.Times(&p)
		if err != nil {
			return nil, err
		}
		list = append(list, extra...)
	}
	for _, p := range e.Props[ical.PropExceptionDates] {
		without, err := z.Times(&p)
		if err != nil {
			return nil, err
		}
		kept := list[:0]
		for _, at := range list {
			if !contains(without, at) {
				kept = append(kept, at)
			}
		}
		list = kept
	}
	return list, nil
}

func contains(list []time.Time, at time.Time) bool {
	for _, t := range list {
		if t.Equal(at) {
			return true
		}
	}
	return false
}
