// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// pattern is a sentence taken apart once: a page of a busy line says some ten
// thousand.
type pattern []piece

// piece is words of ours and what is put in behind them; no name: nothing.
type piece struct{ text, name string }

var slot = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func patternOf(text string) (out pattern, err error) {
	at := 0
	for _, m := range slot.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, piece{text[at:m[0]], text[m[2]:m[3]]})
		at = m[1]
	}
	out = append(out, piece{text: text[at:]})
	for _, p := range out {
		if strings.Contains(p.text, "{{") || strings.Contains(p.text, "}}") {
			return nil, fmt.Errorf("only {{.Name}} can be put into a sentence: %q", text)
		}
	}
	return out, nil
}

// The forms a count may choose.
const (
	formZero  = "zero"
	formOne   = "one"
	formTwo   = "two"
	formFew   = "few"
	formMany  = "many"
	formOther = "other"
)

// chooser is the sentence whose words name the form that a count takes. No
// name in a file has a space.
var chooser = i18n.Message{ID: "which form", Zero: formZero, One: formOne, Two: formTwo, Few: formFew, Many: formMany, Other: formOther}

// patterns takes a language's sentences apart.
func patterns(messages []*i18n.Message) (map[string]map[string]pattern, error) {
	out := make(map[string]map[string]pattern, len(messages))
	for _, m := range messages {
		forms := map[string]pattern{}
		for form, text := range map[string]string{formZero: m.Zero, formOne: m.One, formTwo: m.Two, formFew: m.Few, formMany: m.Many, formOther: m.Other} {
			if text == "" {
				continue
			}
			p, err := patternOf(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.ID, err)
			}
			forms[form] = p
		}
		out[m.ID] = forms
	}
	return out, nil
}

// choose makes what tells the form of a count.
func choose(bundle *i18n.Bundle, t language.Tag) (*i18n.Localizer, error) {
	m := chooser
	return i18n.NewLocalizer(bundle, t.String()), bundle.AddMessages(t, &m)
}

// pattern is a sentence in the form that what is put into it asks for.
func (w *Words) pattern(id string, a args) (pattern, bool) {
	form := formOther
	if n, ok := a["N"]; ok && counted[id] {
		var err error
		if form, err = w.forms.Localize(&i18n.LocalizeConfig{MessageID: chooser.ID, PluralCount: n}); err != nil {
			return nil, false
		}
	}
	p, ok := w.patterns[id][form]
	return p, ok
}

// fill puts in what a sentence is filled with. What was imported is made
// harmless first.
func (w *Words) fill(p pattern, a args) string {
	if len(p) == 1 {
		return p[0].text
	}
	var out strings.Builder
	for _, x := range p {
		out.WriteString(x.text)
		if x.name == "" {
			continue
		}
		switch v := a[x.name].(type) {
		case nil:
			out.WriteString("<no value>")
		case string:
			out.WriteString(w.isolate(clean(v)))
		case said:
			out.WriteString(string(v))
		case int:
			out.WriteString(strconv.Itoa(v))
		default:
			fmt.Fprint(&out, v)
		}
	}
	return out.String()
}
