// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"
	"time"

	"openline/record"
)

// Hours are the attended hours a party declared: weekly intervals in UTC with
// dated exceptions. A declaration without weekly intervals means always
// attended; one with an empty list of them, never but by exception.
type Hours struct{ patterns []pattern } // newest declaration first; none: always attended

// pattern is what one declaration says. It holds from its valid_from on, and
// where it is not renewed it continues; before it the declaration before it
// does.
type pattern struct {
	from       int64
	always     bool
	weekly     [][2]int64 // seconds of the week from Monday 00:00Z
	exceptions []exception
}

// exception is a dated one; of several that hold, the first in the list.
type exception struct {
	from, to int64
	open     bool
}

func patternOf(params map[string]record.Value) pattern {
	var p pattern
	list, given := params["hours"].AsArray()
	p.always = !given
	for _, e := range list {
		if n := numbers(e); len(n) == 2 {
			p.weekly = append(p.weekly, [2]int64{int64(n[0]) * 60, int64(n[1]) * 60})
		}
	}
	list, _ = params["exceptions"].AsArray()
	for _, e := range list {
		if n := numbers(e); len(n) == 3 {
			p.exceptions = append(p.exceptions, exception{int64(n[0]), int64(n[1]), n[2] == 1})
		}
	}
	from, _ := params["valid_from"].AsUint()
	p.from = int64(from)
	return p
}

func numbers(v record.Value) []uint64 {
	list, _ := v.AsArray()
	out := make([]uint64, 0, len(list))
	for _, e := range list {
		if n, ok := e.AsUint(); ok {
			out = append(out, n)
		}
	}
	return out
}

// pattern is the one that holds at a time, and when it ends; 0: it does not.
func (h Hours) pattern(at int64) (pattern, int64) {
	end := int64(0)
	for i, p := range h.patterns {
		if p.from <= at || i == len(h.patterns)-1 {
			return p, end
		}
		end = p.from
	}
	return pattern{always: true}, 0
}

const week = 7 * 86400

// epochMonday is the Monday 00:00Z before the POSIX epoch, a Thursday.
const epochMonday = -3 * 86400

func (h Hours) openAt(at int64) bool {
	p, _ := h.pattern(at)
	return p.openAt(at)
}

func (p pattern) openAt(at int64) bool {
	for _, e := range p.exceptions {
		if at >= e.from && at < e.to {
			return e.open
		}
	}
	in := (at - epochMonday) % week
	return p.always || slices.ContainsFunc(p.weekly, func(w [2]int64) bool { return in >= w[0] && in < w[1] })
}

// next is the first time after at when it may open or close; 0: never.
func (h Hours) next(at int64) int64 {
	p, next := h.pattern(at)
	later := func(t int64) {
		if t > at && (next == 0 || t < next) {
			next = t
		}
	}
	for _, e := range p.exceptions {
		later(e.from)
		later(e.to)
	}
	monday := at - (at-epochMonday)%week
	for _, w := range p.weekly {
		for _, edge := range w {
			if later(monday + edge); monday+edge <= at {
				later(monday + edge + week)
			}
		}
	}
	return next
}

// maxTurns bounds how many openings and closings are looked at: more than a
// year of the busiest hours that can be declared.
const maxTurns = 20000

// Open reports whether the desk is attended at a time, and until when that
// holds; zero: as far as is declared, for good.
func (h Hours) Open(at time.Time) (open bool, until time.Time) {
	t := at.Unix()
	open = h.openAt(t)
	for range maxTurns {
		if t = h.next(t); t == 0 || t > at.Unix()+366*86400 {
			break
		}
		if h.openAt(t) != open {
			return open, time.Unix(t, 0).UTC()
		}
	}
	return open, time.Time{}
}

// after is the hour at which a length of attended time has passed since
// from, but never later than the cap in elapsed time; capped: the cap came
// first.
func (h Hours) after(from int64, length, limit time.Duration) (at int64, capped bool) {
	last, left := from+int64(limit/time.Second), int64(length/time.Second)
	at = from
	for range maxTurns {
		next := h.next(at)
		if next == 0 || next > last {
			next = last
		}
		if h.openAt(at) {
			if left <= next-at {
				return at + left, false
			}
			left -= next - at
		}
		if at = next; at >= last {
			break
		}
	}
	return last, true
}
