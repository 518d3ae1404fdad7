// SPDX-License-Identifier: Apache-2.0

package hours

import (
	"sort"
	"time"
)

// Date is a day of the calendar, counted from 1970-01-01.
type Date int

const dayFormat = "2006-01-02"

// DateOf is the day a clock shows.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d Date) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(dayFormat) }

// weekday counts from Monday.
func (d Date) weekday() int { return ((int(d)+3)%7 + 7) % 7 }

// Offsets of zones lie between UTC-12 and UTC+14.
const (
	mostWest = 12 * 3600
	mostEast = 14 * 3600
)

func offsetAt(t int64, zone *time.Location) int64 {
	_, o := time.Unix(t, 0).In(zone).Zone()
	return int64(o)
}

// instant is the moment at which the clocks of a zone show so many minutes of
// a day: the first, where they show it twice; where they skip it, the moment
// at which they do.
func instant(d Date, minutes int, zone *time.Location) int64 {
	wall := int64(d)*86400 + int64(minutes)*60
	// Before from no clock of the zone shows the time yet, after to none still.
	from, to := wall-mostEast-1, wall+mostWest+1
	changes := changes(from, to, zone)
	for i := 0; ; i++ {
		at := wall - offsetAt(from, zone)
		if i == len(changes) || at < changes[i] {
			return max(at, from)
		}
		from = changes[i]
	}
}

// changes are the moments, in order, at which a zone's offset changes after
// from and before to.
func changes(from, to int64, zone *time.Location) (out []int64) {
	for at := from; ; {
		_, end := time.Unix(at, 0).In(zone).ZoneBounds()
		if end.IsZero() || end.Unix() >= to {
			return out
		}
		if next := end.Unix(); offsetAt(next, zone) != offsetAt(next-1, zone) {
			out = append(out, next)
		}
		at = end.Unix()
	}
}

// span is a stretch of time, its end left out.
type span struct{ from, to int64 }

// union sorts stretches and joins those that touch.
func union(list []span) []span {
	sort.Slice(list, func(i, j int) bool { return list[i].from < list[j].from })
	var out []span
	for _, s := range list {
		switch n := len(out); {
		case s.to <= s.from:
		case n > 0 && s.from <= out[n-1].to:
			out[n-1].to = max(out[n-1].to, s.to)
		default:
			out = append(out, s)
		}
	}
	return out
}

// clip keeps of stretches in order what lies in one.
func clip(list []span, in span) []span {
	var out []span
	for _, s := range list {
		if s = (span{max(s.from, in.from), min(s.to, in.to)}); s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// minus takes stretches out of others; both are unions.
func minus(list, off []span) []span {
	var out []span
	for _, s := range list {
		for _, o := range off {
			if o.to <= s.from || o.from >= s.to {
				continue
			}
			if s.from < o.from {
				out = append(out, span{s.from, o.from})
			}
			s.from = min(o.to, s.to)
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}
