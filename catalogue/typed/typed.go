// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"openline/catalogue"
	"openline/record"
)

// Parse reads a parameter as a person types it. Lists are separated by
// semicolons, windows by "..", positions are "24.5,119.7", posts are
// "party:post", records "party/number".
func Parse(p catalogue.Param, s string, env catalogue.Env) (record.Value, error) {
	v, err := parse(p, strings.TrimSpace(s), env)
	if err == nil {
		err = p.Check(v)
	}
	if err != nil {
		return record.Value{}, fmt.Errorf("%s=%.60s: %w", p.Name, s, err)
	}
	return v, nil
}

func parse(p catalogue.Param, s string, env catalogue.Env) (record.Value, error) {
	switch p.Kind {
	case "time":
		return parseTime(s)
	case "count":
		n, err := strconv.ParseUint(s, 10, 62)
		if err != nil {
			return record.Value{}, errors.New("write a whole number")
		}
		return record.Uint(n), nil
	case "reason":
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			return record.Value{}, errors.New("write a reason code, 1 to 12")
		}
		return record.Uint(n), nil
	case "duration":
		return parseDuration(s)
	case "text", "name", "language", "enum":
		return record.Text(s), nil
	case "hash":
		b, err := hex.DecodeString(s)
		if err != nil || len(b) != 32 {
			return record.Value{}, errors.New("write 64 hex digits")
		}
		return record.Bytes(b), nil
	case "window":
		return parseWindow(s)
	case "position":
		return parsePosition(s)
	case "post":
		return parsePost(s, env)
	case "ref":
		r, err := record.ParseRef(s, env.PartyNo)
		if err == nil && r.Number == 0 {
			err = errors.New("name the record by its number, like blue/412")
		}
		return record.Array(record.Uint(uint64(r.Party)), record.Uint(r.Number)), err
	case "hour":
		return parseHours(s)
	case "exception":
		return parseException(s)
	case "clock":
		return parseClock(s)
	}
	if p.Kind == "hours" && s == "none" {
		return record.Array(), nil // never but by exception
	}
	if of, ok := p.Kind.Of(); ok {
		var list []record.Value
		for part := range strings.SplitSeq(s, ";") {
			v, err := parse(catalogue.Param{Name: p.Name, Kind: of}, strings.TrimSpace(part), env)
			if err != nil {
				return record.Value{}, err
			}
			list = append(list, v)
		}
		return record.Array(list...), nil
	}
	return record.Value{}, fmt.Errorf("%s is not typed by hand", p.Kind)
}

func parseTime(s string) (record.Value, error) {
	for _, layout := range []string{time.RFC3339, catalogue.TimeFormat, catalogue.TimeFormatSeconds, "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil && t.Unix() >= 0 && t.Nanosecond() == 0 {
			return record.Uint(uint64(t.Unix())), nil
		}
	}
	return record.Value{}, errors.New("write a time like 2021-05-21T10:41Z")
}

func parseDuration(s string) (record.Value, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 12); err == nil {
			return record.Uint(n * 86400), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d%time.Second != 0 {
		return record.Value{}, errors.New("write a length of time like 45m, 24h or 7d")
	}
	return record.Uint(uint64(d / time.Second)), nil
}

func parseWindow(s string) (record.Value, error) {
	from, to, ok := strings.Cut(s, "..")
	if !ok {
		return record.Value{}, errors.New("write a window like 2021-05-21T10:00Z..2021-05-21T12:00Z")
	}
	a, err := parseTime(strings.TrimSpace(from))
	if err != nil {
		return a, err
	}
	b, err := parseTime(strings.TrimSpace(to))
	return record.Array(a, b), err
}

func parsePosition(s string) (record.Value, error) {
	a, b, ok := strings.Cut(s, ",")
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(a), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || err1 != nil || err2 != nil || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return record.Value{}, errors.New("write a position like 24.5,119.7 (north and east positive)")
	}
	return record.Array(record.Int(int64(math.Round(lat*catalogue.Degree))), record.Int(int64(math.Round(lon*catalogue.Degree)))), nil
}

func parsePost(s string, env catalogue.Env) (record.Value, error) {
	party, post, ok := strings.Cut(s, ":")
	no, known := env.PartyNo(strings.TrimSpace(party))
	if post = strings.TrimSpace(post); !ok || !known || post == "" {
		return record.Value{}, errors.New("write a post like red:minister (party, colon, post)")
	}
	return record.Array(record.Uint(uint64(no)), record.Text(post)), nil
}

var dayNames = map[string]uint64{"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}

// parseHours reads "mon 01:00-10:00", in UTC.
func parseHours(s string) (record.Value, error) {
	bad := errors.New("write hours like mon 01:00-10:00 (UTC), one interval a day")
	day, span, ok := strings.Cut(strings.ToLower(s), " ")
	d, known := dayNames[day]
	from, to, cut := strings.Cut(span, "-")
	if !ok || !known || !cut {
		return record.Value{}, bad
	}
	a, err1 := parseClockTime(from)
	b, err2 := parseClockTime(to)
	if err1 != nil || err2 != nil || b <= a {
		return record.Value{}, bad
	}
	return record.Array(record.Uint(d*1440+a), record.Uint(d*1440+b)), nil
}

func parseClockTime(s string) (uint64, error) {
	if s == "24:00" {
		return 1440, nil
	}
	t, err := time.Parse("15:04", s)
	return uint64(t.Hour()*60 + t.Minute()), err
}

// parseException reads "2021-05-01..2021-05-03 closed".
func parseException(s string) (record.Value, error) {
	cut := strings.LastIndexByte(s, ' ')
	span, state := s[:max(cut, 0)], s[cut+1:]
	w, err := parseWindow(span)
	if err != nil || state != "open" && state != "closed" {
		return record.Value{}, errors.New("write an exception like 2021-05-01..2021-05-03 closed")
	}
	list, _ := w.AsArray()
	open := uint64(0)
	if state == "open" {
		open = 1
	}
	return record.Array(list[0], list[1], record.Uint(open)), nil
}

// parseClock reads "CR01 24h" or "CR01/flash 2h".
func parseClock(s string) (record.Value, error) {
	what, length, ok := strings.Cut(s, " ")
	code, prec, hasPrec := strings.Cut(what, "/")
	if !ok {
		return record.Value{}, errors.New("write a clock like CR01 24h, or CR01/flash 2h")
	}
	level := record.Precedence(0)
	if hasPrec {
		var err error
		if level, err = record.ParsePrecedence(prec); err != nil {
			return record.Value{}, err
		}
	}
	d, err := parseDuration(length)
	return record.Array(record.Text(code), record.Uint(uint64(level)), d), err
}
