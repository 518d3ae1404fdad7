// SPDX-License-Identifier: Apache-2.0

package hours

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Rules are the hours a desk keeps, by its own clocks.
type Rules struct {
	Zone      string // IANA name
	From, To  Date   // the period they are declared for, both days included
	Week      [7][]Shift
	Days      []Day // of several for one day, the last
	Languages []string
	Clocks    []string // as they are typed: "CR01 24h", "CR01/flash 2h"
}

// Shift is attended time in minutes of the day on which it begins; it may end
// on the next.
type Shift struct{ From, To int }

// Day has hours of its own: a holiday none, a half day fewer, an extra
// working day some.
type Day struct {
	Date   Date
	Name   string
	Shifts []Shift
}

// Holidays are what a calendar of holidays adds to the rules.
type Holidays struct {
	Days []Day  // days on which no shift begins
	off  []span // hours on which nobody attends
}

// Bounds of what is read.
const (
	maxRules  = 256 << 10
	maxDays   = 2000
	maxPeriod = 2 * 366
	maxShifts = 8 // of a day
	dayLong   = 24 * 60
)

type rulesFile struct {
	Zone      string              `toml:"zone"`
	From      toml.LocalDate      `toml:"from"`
	To        toml.LocalDate      `toml:"to"`
	Languages []string            `toml:"languages"`
	Week      map[string][]string `toml:"week"`
	Day       []dayFile           `toml:"day"`
	Clocks    map[string]string   `toml:"clocks"`
}

type dayFile struct {
	Date  toml.LocalDate  `toml:"date"`
	To    *toml.LocalDate `toml:"to"`
	Name  string          `toml:"name"`
	Hours []string        `toml:"hours"`
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Parse reads rules from a TOML file, as docs/reference/hours.md describes.
func Parse(file []byte) (Rules, error) {
	var f rulesFile
	var r Rules
	if len(file) > maxRules {
		return r, fmt.Errorf("the file has %d bytes; at most %d are read", len(file), maxRules)
	}
	d := toml.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return r, tomlFault(err)
	}
	r.Zone, r.Languages = f.Zone, f.Languages
	var err error
	if r.From, err = dateOf(f.From, "from"); err != nil {
		return r, err
	}
	if r.To, err = dateOf(f.To, "to"); err != nil {
		return r, err
	}
	switch {
	case f.Zone == "":
		return r, errors.New(`name the time zone: zone = "Europe/Berlin"`)
	case r.To < r.From:
		return r, fmt.Errorf("the period ends on %s, before it begins on %s", r.To, r.From)
	case r.To-r.From >= maxPeriod:
		return r, fmt.Errorf("the period has %d days; at most %d are declared at once", r.To-r.From+1, maxPeriod)
	case len(f.Week) == 0:
		return r, errors.New(`name the hours of the week: [week] with mon = ["09:00-17:00"], or all = ["00:00-24:00"]`)
	}
	if err := r.week(f.Week); err != nil {
		return r, err
	}
	if err := r.days(f.Day); err != nil {
		return r, err
	}
	for code, length := range f.Clocks {
		r.Clocks = append(r.Clocks, code+" "+length)
	}
	slices.Sort(r.Clocks)
	if len(r.Clocks) == 0 {
		return r, errors.New(`name the clocks: [clocks] with CR01 = "24h"`)
	}
	return r, nil
}

func tomlFault(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: there is no key %s", line, strings.Join(strict.Errors[0].Key(), "."))
	}
	var fault *toml.DecodeError
	if errors.As(err, &fault) {
		line, column := fault.Position()
		return fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(fault.Error(), "toml: "))
	}
	return err
}

func dateOf(d toml.LocalDate, name string) (Date, error) {
	t := time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	if d.Year < 1970 || d.Year > 9990 || t.Day() != d.Day || int(t.Month()) != d.Month {
		return 0, fmt.Errorf("name a day: %s = 2027-01-01", name)
	}
	return DateOf(t), nil
}

// week reads the hours of each weekday; all and weekdays stand for several,
// and a day that is named itself goes before them.
func (r *Rules) week(week map[string][]string) error {
	for name := range week {
		if !slices.Contains(weekdays, name) && name != "all" && name != "weekdays" {
			return fmt.Errorf("[week] has no day %.20q; write mon … sun, weekdays or all", name)
		}
	}
	for i, day := range weekdays {
		for _, name := range []string{day, "weekdays", "all"} {
			list, given := week[name]
			if !given || name == "weekdays" && i >= 5 {
				continue
			}
			shifts, err := parseShifts(list)
			if err != nil {
				return fmt.Errorf("[week] %s: %w", name, err)
			}
			r.Week[i] = shifts
			break
		}
	}
	return nil
}

func (r *Rules) days(list []dayFile) error {
	for i, f := range list {
		from, err := dateOf(f.Date, "date")
		if err != nil {
			return fmt.Errorf("[[day]] %d: %w", i+1, err)
		}
		to := from
		if f.To != nil {
			if to, err = dateOf(*f.To, "to"); err != nil {
				return fmt.Errorf("[[day]] %d: %w", i+1, err)
			}
		}
		shifts, err := parseShifts(f.Hours)
		switch {
		case err != nil:
			return fmt.Errorf("[[day]] %d: %w", i+1, err)
		case to < from:
			return fmt.Errorf("[[day]] %d: it ends on %s, before it begins", i+1, to)
		case int(to-from)+1+len(r.Days) > maxDays:
			return fmt.Errorf("[[day]] names more than %d days", maxDays)
		}
		for d := from; d <= to; d++ {
			r.Days = append(r.Days, Day{d, f.Name, shifts})
		}
	}
	return nil
}

// parseShifts reads "09:00-17:00"; one that ends at or before its beginning
// ends on the next day.
func parseShifts(list []string) ([]Shift, error) {
	if len(list) > maxShifts {
		return nil, fmt.Errorf("more than %d shifts in a day", maxShifts)
	}
	var out []Shift
	for _, s := range list {
		a, b, ok := strings.Cut(s, "-")
		from, ok1 := parseMinutes(a)
		to, ok2 := parseMinutes(b)
		if !ok || !ok1 || !ok2 || from == to || from == dayLong {
			return nil, fmt.Errorf("%.30q is no shift; write 09:00-17:00, or 22:00-06:00 for one that ends on the next day", s)
		}
		if to < from {
			to += dayLong
		}
		out = append(out, Shift{from, to})
	}
	return out, nil
}

func parseMinutes(s string) (int, bool) {
	if s = strings.TrimSpace(s); s == "24:00" {
		return dayLong, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}
