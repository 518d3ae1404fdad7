// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

// foldAt is how many octets a line has at most, its end left out.
const foldAt = 75

// Write gives a calendar as bytes, its lines folded.
func Write(cal *ical.Calendar) ([]byte, error) {
	var raw bytes.Buffer
	if err := ical.NewEncoder(&raw).Encode(cal); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for l := range strings.Lines(raw.String()) {
		fold(&out, strings.TrimSuffix(l, "\r\n"))
	}
	return out.Bytes(), nil
}

// fold writes one content line. A line that goes on begins with a space,
// which counts.
func fold(out *bytes.Buffer, line string) {
	room := foldAt
	for len(line) > room {
		cut := room
		for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut])
		out.WriteString("\r\n ")
		line, room = line[cut:], foldAt-1
	}
	out.WriteString(line)
	out.WriteString("\r\n")
}

// SetText sets a text property. What others wrote may hold bytes that no
// content line takes: they are shown as a replacement.
func SetText(c *ical.Component, name, text string) {
	c.Props.SetText(name, clean(text))
}

// clean keeps line ends and drops what a content line cannot carry.
func clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\ufffd")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, text)
}

// SetParam sets a parameter of a property. A quotation mark ends a
// parameter, so that it becomes an apostrophe (RFC 6868 is not read by all).
func SetParam(p *ical.Prop, name, value string) {
	p.Params.Set(name, strings.Map(func(r rune) rune {
		if r == '"' {
			return '\''
		}
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, clean(value)))
}
