// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"openline/record"
)

// language is one language's renderings.
type language struct {
	Language
	status, precedence, reasons, enums, words map[string]string
	renders                                   map[string][]segment
}

// Language says of a language of the catalogue what a reader's screen needs.
type Language struct {
	Tag         string // as in BCP 47
	Name        string // in itself
	RightToLeft bool
	Draft       bool // two native readers have not yet signed it
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

// words that every language has, beside the phrases.
var words = []string{"to", "text", "translation", "in_reply"}

// said is where a status holds the record it is of. Words of the status stand
// on both sides of it, so that a line cut at either end still says it.
const said = "{said}"

// builtin values are those of kinds, not of a phrase.
var builtin = []string{"open", "closed"}

// Language describes one of Languages.
func (c *Catalogue) Language(tag string) (Language, bool) {
	l, ok := c.languages[tag]
	if !ok {
		return Language{}, false
	}
	return l.Language, true
}

// Precedence is the word for a precedence; empty if the language is unknown.
func (c *Catalogue) Precedence(lang string, p record.Precedence) string {
	if l, ok := c.languages[lang]; ok {
		return l.precedence[p.String()]
	}
	return ""
}

// Reason is the wording of a reason code, 1 to 12; empty if there is none.
func (c *Catalogue) Reason(lang string, code int) string {
	if l, ok := c.languages[lang]; ok {
		return l.reasons[strconv.Itoa(code)]
	}
	return ""
}

func (c *Catalogue) loadLanguage(name string, b []byte) error {
	var d languageDoc
	if err := decodeStrict(name, b, &d); err != nil {
		return err
	}
	tag, _, _ := strings.Cut(strings.TrimSuffix(name, ".toml"), "-")
	if d.Language != tag {
		return fmt.Errorf("catalogue %s: language is %q, the file name says %q", name, d.Language, tag)
	}
	if d.Direction != "ltr" && d.Direction != "rtl" || !plain(d.Name) {
		return fmt.Errorf("catalogue %s: give the language's name, and its direction as ltr or rtl", name)
	}
	l := c.languages[tag]
	if l == nil {
		l = &language{Language: Language{Tag: tag, Name: d.Name, RightToLeft: d.Direction == "rtl"}, status: map[string]string{}, precedence: map[string]string{},
			reasons: map[string]string{}, enums: map[string]string{}, words: map[string]string{}, renders: map[string][]segment{}}
		c.languages[tag] = l
	}
	if l.RightToLeft != (d.Direction == "rtl") || l.Name != d.Name {
		return fmt.Errorf("catalogue %s: another name or direction than in the other files of %s", name, tag)
	}
	l.Draft = l.Draft || d.Draft
	return l.merge(name, &d)
}

// merge takes up a file's wordings. None may change one that is there, so an
// extension cannot make an agreed value read as something else.
func (l *language) merge(name string, d *languageDoc) error {
	templates := map[string]string{}
	for _, t := range []struct {
		what     string
		from, to map[string]string
	}{{"status", d.Status, l.status}, {"precedence", d.Precedence, l.precedence}, {"reason", d.Reason, l.reasons},
		{"value", d.Enum, l.enums}, {"word", d.Words, l.words}, {"phrase", d.Phrase, templates}} {
		for _, k := range slices.Sorted(maps.Keys(t.from)) {
			_, twice := t.to[k]
			if _, ok := l.renders[k]; twice || ok && t.what == "phrase" {
				return fmt.Errorf("catalogue %s: %s %s is worded already in another file", name, t.what, k)
			}
			if !plain(t.from[k]) {
				return fmt.Errorf("catalogue %s: %s %s: %s", name, t.what, k, plainRule)
			}
			t.to[k] = t.from[k]
		}
	}
	for _, code := range slices.Sorted(maps.Keys(templates)) {
		segs, err := parseTemplate(templates[code])
		if err != nil {
			return fmt.Errorf("catalogue %s: phrase %s: %w", name, code, err)
		}
		l.renders[code] = segs
	}
	return nil
}

// complete holds the language against the phrases: every phrase rendered
// with exactly its parameters, optional ones in optional groups, and every
// value, reason, status, precedence and word, no more and no fewer.
func (l *language) complete(c *Catalogue) error {
	for _, code := range slices.Sorted(maps.Keys(l.renders)) {
		if _, ok := c.phrases[code]; !ok {
			return fmt.Errorf("catalogue: %s is rendered in %s but is no phrase", code, l.Tag)
		}
	}
	values := slices.Clone(builtin)
	for _, code := range c.Codes() {
		segs, ok := l.renders[code]
		if !ok {
			return fmt.Errorf("catalogue: %s has no rendering in %s", code, l.Tag)
		}
		if err := checkParams(c.phrases[code], segs); err != nil {
			return fmt.Errorf("catalogue: %s in %s: %w", code, l.Tag, err)
		}
		for _, q := range c.phrases[code].Params {
			values = append(values, q.Values...)
		}
	}
	var reasons, precedences []string
	for n := 1; n <= maxReason; n++ {
		reasons = append(reasons, strconv.Itoa(n))
	}
	for p := record.Flash; p <= record.Routine; p++ {
		precedences = append(precedences, p.String())
	}
	for _, t := range []struct {
		what string
		have map[string]string
		want []string
	}{{"value", l.enums, values}, {"reason", l.reasons, reasons}, {"precedence", l.precedence, precedences},
		{"status", l.status, []string{record.Exercise.String(), record.Test.String()}}, {"word", l.words, words}} {
		if err := l.exactly(t.what, t.have, t.want); err != nil {
			return err
		}
	}
	return l.slots()
}

// slots holds the wordings that stand around something to that one place.
func (l *language) slots() error {
	for _, s := range []struct{ what, wording, slot string }{{"word in_reply", l.words["in_reply"], "{re}"}, {"word text", l.words["text"], "{language}"},
		{"status exercise", l.status["exercise"], said}, {"status test", l.status["test"], said}} {
		before, after, ok := strings.Cut(s.wording, s.slot)
		if !ok || strings.ContainsAny(before+after, "{}") {
			return fmt.Errorf("catalogue: %s in %s: write %s once, and no other { }", s.what, l.Tag, s.slot)
		}
		if s.slot == said && (strings.TrimSpace(before) == "" || strings.TrimSpace(after) == "") {
			return fmt.Errorf("catalogue: %s in %s: words of the status stand before %s and after it", s.what, l.Tag, said)
		}
	}
	return nil
}

func (l *language) exactly(what string, have map[string]string, want []string) error {
	for _, k := range want {
		if have[k] == "" {
			return fmt.Errorf("catalogue: %s %s has no rendering in %s", what, k, l.Tag)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(have)) {
		if !slices.Contains(want, k) {
			return fmt.Errorf("catalogue: %s %s is rendered in %s but nothing uses it", what, k, l.Tag)
		}
	}
	return nil
}

func checkParams(p Phrase, segs []segment) error {
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
	}
	return nil
}
