// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strconv"
	"strings"

	"openline/record"
)

// language is one language's renderings.
type language struct {
	tag       string
	rtl       bool
	draft     bool
	status    map[string]string
	prec      map[string]string
	reasons   map[string]string
	enums     map[string]string
	words     map[string]string
	renders   map[string][]segment
	templates map[string]string
}

type languageDoc struct {
	Language   string            `toml:"language"`
	Name       string            `toml:"name"`
	Direction  string            `toml:"direction"`
	Draft      bool              `toml:"draft"`
	Status     map[string]string `toml:"status"`
	Precedence map[string]string `toml:"precedence"`
	Reason     map[string]string `toml:"reason"`
	Enum       map[string]string `toml:"enum"`
	Words      map[string]string `toml:"words"`
	Phrase     map[string]string `toml:"phrase"`
}

func (c *Catalogue) loadLanguage(name string, b []byte) error {
	var d languageDoc
	if err := decodeStrict(name, b, &d); err != nil {
		return err
	}
	tag := strings.TrimSuffix(name, ".toml")
	if i := strings.IndexByte(tag, '-'); i > 0 {
		tag = tag[:i]
	}
	if d.Language != tag {
		return fmt.Errorf("catalogue %s: language is %q, the file name says %q", name, d.Language, tag)
	}
	l := c.languages[tag]
	if l == nil {
		l = &language{tag: tag, rtl: d.Direction == "rtl", status: d.Status, prec: d.Precedence, reasons: d.Reason,
			enums: map[string]string{}, words: d.Words, renders: map[string][]segment{}, templates: map[string]string{}}
		c.languages[tag] = l
	}
	l.draft = l.draft || d.Draft
	for k, v := range d.Enum {
		l.enums[k] = v
	}
	for code, t := range d.Phrase {
		if _, ok := l.renders[code]; ok {
			return fmt.Errorf("catalogue %s: %s is rendered twice", name, code)
		}
		segs, err := parseTemplate(t)
		if err != nil {
			return fmt.Errorf("catalogue %s: %s: %w", name, code, err)
		}
		l.renders[code], l.templates[code] = segs, t
	}
	return nil
}

// segment is a stretch of a rendering; optional ones stand only when every
// parameter in them is there.
type segment struct {
	optional bool
	parts    []part
}

type part struct {
	text  string
	param string
}

func parseTemplate(t string) ([]segment, error) {
	var out []segment
	for t != "" {
		open := strings.IndexByte(t, '[')
		if open < 0 {
			open = len(t)
		}
		if open > 0 {
			parts, err := parseParts(t[:open])
			if err != nil {
				return nil, err
			}
			out = append(out, segment{parts: parts})
		}
		if t = t[open:]; t == "" {
			break
		}
		end := strings.IndexByte(t, ']')
		if end < 0 {
			return nil, fmt.Errorf("a group is not closed")
		}
		parts, err := parseParts(t[1:end])
		if err != nil {
			return nil, err
		}
		out = append(out, segment{optional: true, parts: parts})
		t = t[end+1:]
	}
	return out, nil
}

func parseParts(s string) ([]part, error) {
	var out []part
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(out, part{text: s}), nil
		}
		end := strings.IndexByte(s, '}')
		if end < open {
			return nil, fmt.Errorf("a parameter is not closed")
		}
		if open > 0 {
			out = append(out, part{text: s[:open]})
		}
		out = append(out, part{param: s[open+1 : end]})
		s = s[end+1:]
	}
	return out, nil
}

// complete holds the language against the phrases: every phrase rendered,
// with exactly its parameters, optional ones in optional groups.
func (l *language) complete(c *Catalogue) error {
	for _, code := range c.Codes() {
		segs, ok := l.renders[code]
		if !ok {
			return fmt.Errorf("catalogue: %s has no rendering in %s", code, l.tag)
		}
		if err := l.checkParams(c.phrases[code], segs); err != nil {
			return fmt.Errorf("catalogue: %s in %s: %w", code, l.tag, err)
		}
	}
	for code := range l.renders {
		if _, ok := c.phrases[code]; !ok {
			return fmt.Errorf("catalogue: %s is rendered in %s but is no phrase", code, l.tag)
		}
	}
	for n := 1; n <= maxReason; n++ {
		if l.reasons[strconv.Itoa(n)] == "" {
			return fmt.Errorf("catalogue: reason %d has no rendering in %s", n, l.tag)
		}
	}
	for _, s := range []record.Status{record.Exercise, record.Test} {
		if l.status[s.String()] == "" {
			return fmt.Errorf("catalogue: status %s has no rendering in %s", s, l.tag)
		}
	}
	for p := record.Flash; p <= record.Routine; p++ {
		if l.prec[p.String()] == "" {
			return fmt.Errorf("catalogue: precedence %s has no rendering in %s", p, l.tag)
		}
	}
	for _, w := range []string{"to", "and", "text", "in_reply"} {
		if l.words[w] == "" {
			return fmt.Errorf("catalogue: word %q has no rendering in %s", w, l.tag)
		}
	}
	return nil
}

func (l *language) checkParams(p Phrase, segs []segment) error {
	used := map[string]bool{}
	for _, s := range segs {
		for _, q := range s.parts {
			if q.param == "" {
				continue
			}
			decl, ok := p.Param(q.param)
			switch {
			case !ok:
				return fmt.Errorf("it has no parameter {%s}", q.param)
			case used[q.param]:
				return fmt.Errorf("{%s} stands twice", q.param)
			case decl.Optional != s.optional:
				return fmt.Errorf("{%s} is optional in one and not in the other", q.param)
			}
			used[q.param] = true
		}
	}
	for _, q := range p.Params {
		if !used[q.Name] {
			return fmt.Errorf("{%s} is missing", q.Name)
		}
		for _, v := range q.Values {
			if l.enums[v] == "" {
				return fmt.Errorf("value %q has no rendering", v)
			}
		}
	}
	return nil
}
