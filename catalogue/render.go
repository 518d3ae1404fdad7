// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openline/record"
)

// Env names what only the line knows.
type Env interface {
	PartyName(no record.PartyNo) string
	PostName(a record.Address) string
	PartyNo(name string) (record.PartyNo, bool)
}

// Unicode isolates keep a parameter's own direction from turning the
// sentence around it.
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// TimeFormat is how every hour is written, in every language: unmistakable
// and always UTC.
const TimeFormat = "2006-01-02 15:04Z"

// Render gives a record in a language: status first where it is not actual,
// then the phrase, then the author's own words in their own language.
func (c *Catalogue) Render(lang string, h *record.Header, b *record.Body, env Env) (string, error) {
	l, ok := c.languages[lang]
	if !ok {
		return "", fmt.Errorf("no renderings in %q; there are %s", lang, strings.Join(c.Languages(), ", "))
	}
	p, ok := c.phrases[h.Code]
	if !ok {
		return "", fmt.Errorf("phrase %s is not in the catalogue", h.Code)
	}
	if err := c.Check(h, b); err != nil {
		return "", err
	}
	var out strings.Builder
	if s := l.status[h.Status.String()]; s != "" {
		out.WriteString(s + " ")
	}
	for _, s := range l.renders[h.Code] {
		if s.optional && !s.present(b) {
			continue
		}
		for _, q := range s.parts {
			if q.param == "" {
				out.WriteString(q.text)
				continue
			}
			decl, _ := p.Param(q.param)
			out.WriteString(l.isolate(l.format(decl, b.Params[q.param], env)))
		}
	}
	if b.Text != "" {
		head := strings.ReplaceAll(l.words["text"], "{language}", h.Language)
		out.WriteString(" " + head + " «" + l.isolate(b.Text) + "»")
	}
	return out.String(), nil
}

func (s segment) present(b *record.Body) bool {
	for _, q := range s.parts {
		if q.param != "" {
			if _, ok := b.Params[q.param]; !ok {
				return false
			}
		}
	}
	return true
}

func (l *language) isolate(s string) string {
	if l.rtl {
		return firstStrongIsolate + s + popIsolate
	}
	return s
}

// FormatParam writes one parameter in a language.
func (c *Catalogue) FormatParam(lang string, p Param, v record.Value, env Env) string {
	if l, ok := c.languages[lang]; ok {
		return l.format(p, v, env)
	}
	return ""
}

func (l *language) format(p Param, v record.Value, env Env) string {
	switch p.Kind {
	case "time":
		return formatTime(v)
	case "count":
		n, _ := v.AsUint()
		return strconv.FormatUint(n, 10)
	case "duration":
		n, _ := v.AsUint()
		return formatDuration(n)
	case "reason":
		n, _ := v.AsUint()
		return l.reasons[strconv.FormatUint(n, 10)]
	case "enum":
		s, _ := v.AsText()
		return l.enums[s]
	case "text", "name", "language":
		s, _ := v.AsText()
		return s
	case "hash":
		b, _ := v.AsBytes()
		return hex.EncodeToString(b[:min(8, len(b))]) + "…"
	case "position":
		return formatPosition(v)
	case "post":
		return env.PostName(asAddress(v))
	case "ref":
		party, n := pair(v)
		return env.PartyName(record.PartyNo(party)) + "/" + strconv.FormatUint(n, 10)
	case "window":
		return l.window(v)
	}
	return l.list(p, v, env)
}

func (l *language) window(v record.Value) string {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return ""
	}
	return formatTime(list[0]) + " " + l.words["to"] + " " + formatTime(list[1])
}

func (l *language) list(p Param, v record.Value, env Env) string {
	list, _ := v.AsArray()
	if len(list) == 0 {
		return "–"
	}
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = l.element(p.Kind, e, env)
	}
	return strings.Join(out, "; ")
}

func (l *language) element(k Kind, e record.Value, env Env) string {
	parts, _ := e.AsArray()
	at := func(i int) uint64 {
		if i >= len(parts) {
			return 0
		}
		n, _ := parts[i].AsUint()
		return n
	}
	switch k {
	case "windows":
		return l.window(e)
	case "area":
		return formatPosition(e)
	case "hours":
		return formatWeekMinute(at(0)) + "–" + formatWeekMinute(at(1))
	case "exceptions":
		state := l.enums["closed"]
		if at(2) == 1 {
			state = l.enums["open"]
		}
		return formatStamp(at(0)) + "–" + formatStamp(at(1)) + " " + state
	case "clocks":
		code, _ := parts[0].AsText()
		return code + " " + formatDuration(at(2))
	case "results":
		name, _ := parts[0].AsText()
		return fmt.Sprintf("%s %d/%d", name, at(1), at(2))
	case "held":
		return fmt.Sprintf("%s %d (%s)", env.PartyName(record.PartyNo(at(0))), at(2), formatStamp(at(3)))
	}
	s, _ := e.AsText()
	return s
}

func pair(v record.Value) (a, b uint64) {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return 0, 0
	}
	a, _ = list[0].AsUint()
	b, _ = list[1].AsUint()
	return a, b
}

func asAddress(v record.Value) record.Address {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return record.Address{}
	}
	party, _ := list[0].AsUint()
	post, _ := list[1].AsText()
	return record.Address{Party: record.PartyNo(party), Post: post}
}

func formatTime(v record.Value) string {
	n, _ := v.AsUint()
	return formatStamp(n)
}

func formatStamp(n uint64) string { return time.Unix(int64(n), 0).UTC().Format(TimeFormat) }

func formatDuration(n uint64) string {
	s := (time.Duration(n) * time.Second).String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var weekDays = [...]string{"1", "2", "3", "4", "5", "6", "7"}

// formatWeekMinute writes a minute of the week as ISO day number and hour.
func formatWeekMinute(m uint64) string {
	day := min(m/1440, 6)
	rest := m - day*1440
	return fmt.Sprintf("%s/%02d:%02dZ", weekDays[day], rest/60, rest%60)
}

func formatPosition(v record.Value) string {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return ""
	}
	lat, _ := list[0].AsInt()
	lon, _ := list[1].AsInt()
	return formatDegrees(lat, "N", "S") + " " + formatDegrees(lon, "E", "W")
}

func formatDegrees(v int64, plus, minus string) string {
	side := plus
	if v < 0 {
		v, side = -v, minus
	}
	s := fmt.Sprintf("%d.%05d", v/degree, v%degree)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "°" + side
}
