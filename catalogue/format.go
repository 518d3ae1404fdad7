// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"openline/record"
)

// How every hour is written, in every language: unmistakable and always UTC.
// Seconds are added where there are any.
const (
	TimeFormat        = "2006-01-02 15:04Z"
	TimeFormatSeconds = "2006-01-02 15:04:05Z"
)

// Unicode isolates keep a parameter's own direction from turning the
// sentence around it.
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// none stands where a list is empty or a name unknown.
const none = "–"

// format writes a value that is of its kind. Only what has one direction is
// isolated, piece by piece: "from to" within one isolate would be read
// backwards in a language that runs the other way.
func (l *language) format(p Param, v record.Value, env Env) string {
	n, _ := v.AsUint()
	s, _ := v.AsText()
	switch p.Kind {
	case "time":
		return l.atom(formatStamp(n))
	case "count":
		return l.atom(strconv.FormatUint(n, 10))
	case "duration":
		return l.atom(formatDuration(n))
	case "reason":
		return l.reasons[strconv.FormatUint(n, 10)]
	case "enum":
		return l.enums[s]
	case "language":
		return l.atom(s)
	case "text", "name":
		return l.quoted(s)
	case "hash":
		b, _ := v.AsBytes()
		return l.atom(hex.EncodeToString(b[:8]) + "…")
	case "position":
		return l.position(v)
	case "post":
		parts, _ := v.AsArray()
		post, _ := parts[1].AsText()
		return l.quoted(env.PostName(record.Address{Party: record.PartyNo(at(parts, 0)), Post: post}))
	case "ref":
		parts, _ := v.AsArray()
		return l.atom(env.PartyName(record.PartyNo(at(parts, 0))) + "/" + strconv.FormatUint(at(parts, 1), 10))
	case "window":
		return l.window(v)
	case "hour", "exception", "clock", "result", "holding":
		return l.tuple(p.Kind, v, env)
	}
	return l.list(p, v, env)
}

func (l *language) list(p Param, v record.Value, env Env) string {
	list, _ := v.AsArray()
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = l.format(Param{Name: p.Name, Kind: lists[p.Kind].of, Values: p.Values}, e, env)
	}
	if len(out) == 0 {
		return none
	}
	return strings.Join(out, "; ")
}

// tuple writes an element of the lists only a station or a form fills in.
func (l *language) tuple(k Kind, v record.Value, env Env) string {
	parts, _ := v.AsArray()
	switch k {
	case "hour":
		return l.atom(formatWeekMinute(at(parts, 0))) + " " + l.words["to"] + " " + l.atom(formatWeekMinute(at(parts, 1)))
	case "exception":
		return l.window(v) + " " + l.enums[builtin[1-at(parts, 2)]]
	case "clock":
		code, _ := parts[0].AsText()
		if prec := l.precedence[record.Precedence(at(parts, 1)).String()]; prec != "" {
			return l.atom(shown(code)) + " " + prec + " " + l.atom(formatDuration(at(parts, 2)))
		}
		return l.atom(shown(code)) + " " + l.atom(formatDuration(at(parts, 2)))
	case "result":
		name, _ := parts[0].AsText()
		return l.quoted(name) + " " + l.atom(fmt.Sprintf("%d/%d", at(parts, 1), at(parts, 2)))
	}
	return l.atom(fmt.Sprintf("%s %d (%s)", env.PartyName(record.PartyNo(at(parts, 0))), at(parts, 2), formatStamp(at(parts, 3))))
}

func (l *language) window(v record.Value) string {
	parts, _ := v.AsArray()
	return l.atom(formatStamp(at(parts, 0))) + " " + l.words["to"] + " " + l.atom(formatStamp(at(parts, 1)))
}

func (l *language) position(v record.Value) string {
	parts, _ := v.AsArray()
	lat, _ := parts[0].AsInt()
	lon, _ := parts[1].AsInt()
	return l.atom(formatDegrees(lat, "N", "S") + " " + formatDegrees(lon, "E", "W"))
}

func at(parts []record.Value, i int) uint64 {
	n, _ := parts[i].AsUint()
	return n
}

// atom isolates what stands as one piece, where direction could matter.
func (l *language) atom(s string) string {
	if l.RightToLeft || strings.ContainsFunc(s, runsLeft) {
		return firstStrongIsolate + s + popIsolate
	}
	return s
}

func runsLeft(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Samaritan, unicode.Mandaic, unicode.Adlam)
}

func (l *language) quoted(s string) string { return "«" + l.atom(shown(s)) + "»" }

// shown makes somebody else's words safe to stand in a sentence: one line,
// no closing of its quotes, and nothing invisible that turns what follows.
// It bounds nothing: the agreement's ceiling does.
func shown(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			out.WriteString(" ⏎ ")
		case r == '«':
			out.WriteRune('‹')
		case r == '»':
			out.WriteRune('›')
		case r == '\u200c' || r == '\u200d': // the joiners that Persian and the scripts of India are written with
			out.WriteRune(r)
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == unicode.ReplacementChar:
			fmt.Fprintf(&out, "⟨U+%04X⟩", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

func formatStamp(n uint64) string {
	layout := TimeFormat
	if n%60 != 0 {
		layout = TimeFormatSeconds
	}
	return time.Unix(int64(n), 0).UTC().Format(layout)
}

// formatDuration writes hours, minutes and seconds by their symbols, which
// are the same in every language.
func formatDuration(n uint64) string {
	var out []string
	for _, u := range []struct {
		n      uint64
		symbol string
	}{{n / 3600, "h"}, {n / 60 % 60, "min"}, {n % 60, "s"}} {
		if u.n > 0 {
			out = append(out, strconv.FormatUint(u.n, 10)+" "+u.symbol)
		}
	}
	if out == nil {
		return "0 s"
	}
	return strings.Join(out, " ")
}

// formatWeekMinute writes a minute of the week as ISO day number and hour.
func formatWeekMinute(m uint64) string {
	day := min(m/1440, 6)
	rest := m - day*1440
	return fmt.Sprintf("%d/%02d:%02dZ", day+1, rest/60, rest%60)
}

func formatDegrees(v int64, plus, minus string) string {
	side := plus
	if v < 0 {
		v, side = -v, minus
	}
	s := fmt.Sprintf("%d.%05d", v/Degree, v%Degree)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "°" + side
}
