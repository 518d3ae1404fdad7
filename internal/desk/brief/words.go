// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"openline/line/linestate"
)

//go:embed data/*.toml
var data embed.FS

// Words are the sentences of one language.
type Words struct {
	tag      string
	patterns map[string]map[string]pattern // by name and form
	forms    *i18n.Localizer               // names the form of a count
	line     *linestate.Words              // in lineTag, where the three sentences have no words in tag
	// lineTag is the language of line.
	lineTag string
}

// Line gives the words of the three sentences: in this language, or in
// English as long as there are none.
func (w *Words) Line() *linestate.Words { return w.line }

// Tag is the language.
func (w *Words) Tag() string { return w.tag }

// rtl reports whether the language is written from right to left.
func (w *Words) rtl() bool { return w.tag == "ar" || w.tag == "he" || w.tag == "fa" || w.tag == "ur" }

// Language loads the words of a language.
func Language(tag string) (*Words, error) {
	name := "data/active." + tag + ".toml"
	b, err := fs.ReadFile(data, name)
	if err != nil {
		return nil, fmt.Errorf("the brief has no words in %q; there are %s", tag, strings.Join(Languages(), ", "))
	}
	t, err := language.Parse(tag)
	if err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(t)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	file, err := bundle.ParseMessageFileBytes(b, name)
	if err != nil {
		return nil, fmt.Errorf("words of the brief in %s: %w", tag, err)
	}
	w := &Words{tag: tag, lineTag: tag}
	if w.patterns, err = patterns(file.Messages); err != nil {
		return nil, fmt.Errorf("words of the brief in %s: %w", tag, err)
	}
	if w.forms, err = choose(bundle, t); err != nil {
		return nil, fmt.Errorf("words of the brief in %s: %w", tag, err)
	}
	if w.line, err = linestate.Language(tag); err != nil {
		w.lineTag = "en"
		w.line, err = linestate.Language(w.lineTag)
	}
	return w, err
}

// Languages lists the languages there are words in.
func Languages() []string {
	files, err := fs.Glob(data, "data/active.*.toml")
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(f, "data/active."), ".toml"))
	}
	slices.Sort(out)
	return out
}

// counted are the sentences whose form N chooses; in any other it stands as
// a mere number.
var counted = map[string]bool{"await_ours": true, "await_theirs": true, "ago": true, "practice": true, "practice_undated": true, "more": true}

// args are what a sentence is filled with.
type args map[string]any

// said is text of ours that stands within another sentence.
type said string

// say writes a sentence. A sentence that is missing is seen at once, in the page and in the
// tests, by its name in brackets.
func (w *Words) say(id string, a args) string {
	p, ok := w.pattern(id, a)
	if !ok {
		return "[" + id + "]"
	}
	return w.fill(p, a)
}

// has reports whether there is such a sentence.
func (w *Words) has(id string) bool { return w.patterns[id][formOther] != nil }

// isolate keeps a text whose direction may be another from moving the words
// around it.
func (w *Words) isolate(s string) string {
	if s != "" && (w.rtl() || strings.ContainsFunc(s, rightToLeft)) {
		return "\u2068" + s + "\u2069"
	}
	return s
}

func rightToLeft(r rune) bool {
	return r >= 0x0590 && unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko)
}

// clean keeps what was imported from breaking the page: no control
// characters, no override of the direction of text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c, r == 0x2028, r == 0x2029:
			return -1
		}
		return r
	}, s)
}
