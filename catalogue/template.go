// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"errors"
	"strings"

	"openline/record"
)

// segment is a stretch of a rendering; optional ones stand only when every
// parameter in them is there.
type segment struct {
	optional bool
	parts    []part
}

// part is literal text, or a parameter by its name.
type part struct{ text, param string }

var (
	errGroup       = errors.New("a group [ ] is not closed, holds another or no parameter")
	errPlaceholder = errors.New("a parameter { } is not closed or has no name")
)

// parseTemplate reads a rendering: text, {parameter}, and [optional group].
func parseTemplate(t string) ([]segment, error) {
	var out []segment
	for t != "" {
		plainText, rest, group := strings.Cut(t, "[")
		inside, after, closed := strings.Cut(rest, "]")
		if group && !closed || strings.Contains(plainText, "]") || strings.Contains(inside, "[") && group {
			return nil, errGroup
		}
		for _, s := range []struct {
			text     string
			optional bool
		}{{plainText, false}, {inside, true}} {
			parts, err := parseParts(s.text)
			if err != nil {
				return nil, err
			}
			if s.optional && group && !hasParam(parts) {
				return nil, errGroup
			}
			if parts != nil {
				out = append(out, segment{optional: s.optional, parts: parts})
			}
		}
		t = after
	}
	return out, nil
}

func hasParam(parts []part) bool {
	for _, p := range parts {
		if p.param != "" {
			return true
		}
	}
	return false
}

func parseParts(s string) ([]part, error) {
	var out []part
	for s != "" {
		text, rest, open := strings.Cut(s, "{")
		if strings.Contains(text, "}") {
			return nil, errPlaceholder
		}
		if text != "" {
			out = append(out, part{text: text})
		}
		name, after, closed := strings.Cut(rest, "}")
		if open && (!closed || !paramName.MatchString(name)) {
			return nil, errPlaceholder
		}
		if open {
			out = append(out, part{param: name})
		}
		s = after
	}
	return out, nil
}

func (s segment) present(b *record.Body) bool {
	for _, q := range s.parts {
		if _, ok := b.Params[q.param]; q.param != "" && !ok {
			return false
		}
	}
	return true
}
