// SPDX-License-Identifier: Apache-2.0

package hours

import (
	"errors"
	"fmt"
	"time"
)

// Declaration is one CK01: weekly hours in UTC from a moment on, with dated
// exceptions.
type Declaration struct {
	From       time.Time   `json:"valid_from"`
	To         time.Time   `json:"valid_to"`
	Weekly     []Weekly    `json:"weekly"` // none: never but by exception
	Always     bool        `json:"always"` // every hour of the week
	Exceptions []Exception `json:"exceptions"`
}

// Weekly is an interval in minutes of the week, from Monday 00:00Z.
type Weekly struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Exception holds instead of the weekly hours.
type Exception struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Open bool      `json:"open"`
}

// Bounds of one declaration, as the catalogue has them, and of a period.
const (
	maxWeekly       = 64
	maxExceptions   = 256
	maxDeclarations = 7
	weekMinutes     = 7 * dayLong
)

// attended are the stretches the rules say somebody attends, and the period.
func (r Rules) attended(h Holidays, zone *time.Location) ([]span, span) {
	period := span{instant(r.From, 0, zone), instant(r.To+1, 0, zone)}
	days := map[Date][]Shift{}
	for _, d := range h.Days {
		days[d.Date] = d.Shifts
	}
	for _, d := range r.Days {
		days[d.Date] = d.Shifts
	}
	var open []span
	for d := r.From - 1; d <= r.To; d++ {
		shifts, own := days[d]
		if !own {
			shifts = r.Week[d.weekday()]
		}
		for _, s := range shifts {
			open = append(open, span{instant(d, s.From, zone), instant(d, s.To, zone)})
		}
	}
	return minus(clip(union(open), period), union(append([]span{}, h.off...))), period
}

// Declare gives what is to be declared for the rules' period, oldest first.
func (r Rules) Declare(h Holidays, zone *time.Location) ([]Declaration, error) {
	open, period := r.attended(h, zone)
	edges := append(changes(period.from, period.to, zone), period.to)
	var out []Declaration
	from := period.from
	for _, to := range edges {
		list, err := r.stretch(open, span{from, to}, zone)
		if err != nil {
			return nil, err
		}
		out, from = append(out, list...), to
	}
	if len(out) > maxDeclarations {
		return nil, fmt.Errorf("%s to %s takes %d declarations, and a station looks back at %d; declare for a shorter period", r.From, r.To, len(out), maxDeclarations)
	}
	return out, nil
}

// stretch declares for one without a change of offset; with too many
// exceptions it is parted.
func (r Rules) stretch(open []span, in span, zone *time.Location) ([]Declaration, error) {
	d := Declaration{From: utc(in.from), To: utc(in.to), Weekly: r.weekly(offsetAt(in.from, zone))}
	if n := len(d.byDay()); n > maxWeekly {
		return nil, fmt.Errorf("the week has %d intervals in UTC, a declaration takes %d; write fewer shifts", n, maxWeekly)
	}
	d.Exceptions = exceptions(clip(open, in), d.spans(in), in)
	if len(d.Weekly) == 1 && d.Weekly[0] == (Weekly{0, weekMinutes}) {
		d.Weekly, d.Always = nil, true
	}
	if len(d.Exceptions) <= maxExceptions {
		return []Declaration{d}, nil
	}
	middle := in.from + (in.to-in.from)/2/86400*86400
	if middle <= in.from {
		return nil, errors.New("one day has more exceptions than a declaration takes")
	}
	first, err := r.stretch(open, span{in.from, middle}, zone)
	if err != nil {
		return nil, err
	}
	second, err := r.stretch(open, span{middle, in.to}, zone)
	return append(first, second...), err
}

func utc(t int64) time.Time { return time.Unix(t, 0).UTC() }

// weekly is the week of the rules at an offset from UTC.
func (r Rules) weekly(offset int64) []Weekly {
	var list []span
	for day, shifts := range r.Week {
		for _, s := range shifts {
			from := (int64(day*dayLong+s.From)-offset/60)%weekMinutes + weekMinutes
			for _, turn := range []int64{-2 * weekMinutes, -weekMinutes, 0} {
				list = append(list, span{from + turn, from + turn + int64(s.To-s.From)})
			}
		}
	}
	var out []Weekly
	for _, s := range clip(union(list), span{0, weekMinutes}) {
		out = append(out, Weekly{int(s.from), int(s.to)})
	}
	return out
}

const (
	week        = weekMinutes * 60
	epochMonday = -3 * 86400 // the Monday before 1970-01-01
)

// spans are the stretches the weekly hours open.
func (d Declaration) spans(in span) []span {
	var out []span
	for monday := in.from - ((in.from-epochMonday)%week+week)%week; monday < in.to; monday += week {
		for _, w := range d.Weekly {
			out = append(out, span{monday + int64(w.From)*60, monday + int64(w.To)*60})
		}
	}
	return clip(union(out), in)
}

// exceptions are where what is attended differs from the weekly hours. Of two
// closings with nothing attended between them one is made, and of two
// openings with everything attended.
func exceptions(open, weekly []span, in span) []Exception {
	var out []Exception
	add := func(list []span, opens bool, between func(span) bool) {
		var joined []span
		for _, s := range list {
			if n := len(joined); n > 0 && between(span{joined[n-1].to, s.from}) {
				joined[n-1].to = s.to
				continue
			}
			joined = append(joined, s)
		}
		for _, s := range joined {
			out = append(out, Exception{utc(s.from), utc(s.to), opens})
		}
	}
	closed := minus([]span{in}, open)
	within := func(list []span) func(span) bool {
		return func(s span) bool { return s.from >= s.to || len(minus([]span{s}, list)) == 0 }
	}
	add(minus(weekly, open), false, within(closed))
	add(minus(open, weekly), true, within(open))
	return out
}
