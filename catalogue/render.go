// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	"openline/record"
)

// Env names what only the line knows.
type Env interface {
	PartyName(no record.PartyNo) string
	PostName(a record.Address) string
	PartyNo(name string) (record.PartyNo, bool)
}

// Render gives a record in a language, on one line: what it answers, the
// phrase, and then the author's own words in their own language, all of it
// between the words of its status where it is not actual. What the author
// chose freely stands in «»; what does not is the catalogue's wording. A
// record that does not pass [Catalogue.Check] is not rendered.
func (c *Catalogue) Render(lang string, h *record.Header, b *record.Body, env Env) (string, error) {
	l, ok := c.languages[lang]
	if !ok {
		return "", fmt.Errorf("no renderings in %.20q; there are %s", lang, strings.Join(c.Languages(), ", "))
	}
	if err := c.Check(h, b); err != nil {
		return "", err
	}
	var out []string
	if len(h.Re) > 0 {
		out = append(out, strings.ReplaceAll(l.words["in_reply"], "{re}", l.refs(h.Re, env)))
	}
	out = append(out, l.phrase(c.phrases[h.Code], b, env))
	if b.Text != "" {
		head := strings.ReplaceAll(l.words["text"], "{language}", l.atom(shown(h.Language)))
		out = append(out, head+" "+l.quoted(b.Text))
	}
	if t := b.Translations[lang]; t != "" {
		out = append(out, l.words["translation"]+" "+l.quoted(t))
	}
	before, after, _ := strings.Cut(l.status[h.Status.String()], said)
	return before + strings.Join(out, " ") + after, nil
}

func (l *language) phrase(p Phrase, b *record.Body, env Env) string {
	var out strings.Builder
	for _, s := range l.renders[p.Code] {
		if s.optional && !s.present(b) {
			continue
		}
		for _, q := range s.parts {
			out.WriteString(q.text)
			if q.param != "" {
				decl, _ := p.Param(q.param)
				out.WriteString(l.format(decl, b.Params[q.param], env))
			}
		}
	}
	return out.String()
}

func (l *language) refs(refs []record.Ref, env Env) string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = l.atom(record.FormatRef(r, env.PartyName))
	}
	return strings.Join(out, "; ")
}

// Gloss says in a language, in a few words, what a phrase is for: in English
// its meaning, elsewhere its wording, with the values it may take or "…"
// where a parameter stands. It is empty if there is no such phrase.
func (c *Catalogue) Gloss(lang, code string) string {
	p, ok := c.phrases[code]
	l, known := c.languages[lang]
	if !ok || !known || lang == "en" {
		return p.Gloss
	}
	var out strings.Builder
	for _, s := range l.renders[code] {
		if s.optional {
			continue
		}
		for _, q := range s.parts {
			out.WriteString(q.text)
			switch decl, _ := p.Param(q.param); {
			case decl.Kind == "enum":
				out.WriteString(l.oneOf(decl.Values))
			case q.param != "":
				out.WriteString("…")
			}
		}
	}
	return out.String()
}

// oneOf is the values of an enum, one of which stands in a record.
func (l *language) oneOf(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = l.enums[v]
	}
	return strings.Join(out, " / ")
}

// FormatParam writes one parameter in a language, as Render does; "–" for a
// value that is not of its kind.
func (c *Catalogue) FormatParam(lang string, p Param, v record.Value, env Env) string {
	l, ok := c.languages[lang]
	if !ok || !p.Kind.known() || p.Check(v) != nil {
		return none
	}
	return l.format(p, v, env)
}
