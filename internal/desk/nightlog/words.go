// SPDX-License-Identifier: Apache-2.0

package nightlog

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"openline/internal/desk"
	"openline/internal/desk/mandate"
)

//go:embed data/*.toml
var data embed.FS

// Words are the words of the page in one language.
type Words struct {
	tag string
	loc *i18n.Localizer
}

func english() *Words {
	w, err := Language("en")
	if err != nil {
		panic("nightlog: internal error: " + err.Error())
	}
	return w
}

// Language loads the words of a language.
func Language(tag string) (*Words, error) {
	name := "data/active." + tag + ".toml"
	b, err := fs.ReadFile(data, name)
	if err != nil {
		return nil, fmt.Errorf("the night log has no words in %.20q; there are %s", tag, strings.Join(Languages(), ", "))
	}
	t, err := language.Parse(tag)
	if err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(t)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	if _, err := bundle.ParseMessageFileBytes(b, name); err != nil {
		return nil, fmt.Errorf("words of the night log in %s: %w", tag, err)
	}
	return &Words{tag, i18n.NewLocalizer(bundle, tag)}, nil
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

// Say gives a text, filled with pairs of names and values. One that is missing
// is seen by its name in brackets.
func (w *Words) Say(id string, pairs ...any) string {
	with := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		with[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	s, err := w.loc.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: with})
	if err != nil {
		return "[" + id + "]"
	}
	return s
}

// Hour writes an hour of the stretch.
func (w *Words) Hour(t time.Time) string {
	if w.tag == "en" {
		return t.UTC().Format("2 Jan 15:04Z")
	}
	return t.UTC().Format("01-02 15:04Z")
}

// Span says from when to when it goes.
func (w *Words) Span(n *Night) string {
	layout, id := "2006-01-02 15:04Z", "span"
	if w.tag == "en" {
		layout = "2 January 2006 15:04Z"
	}
	if n.Open {
		id = "span_open"
	}
	return w.Say(id, "From", n.From.UTC().Format(layout), "To", n.To.UTC().Format(layout))
}

// Standing says how it stands at the end of the stretch, and what changed. As
// is how words of others are written there.
func (w *Words) Standing(n *Night, as func(string) string) (out []string) {
	out = append(out, w.Say("state", "State", as(n.State)))
	switch {
	case n.Awaits == nil:
	case *n.Awaits == 0:
		out = append(out, w.Say("awaits_none"))
	case *n.Awaits == 1:
		out = append(out, w.Say("awaits_one"))
	default:
		out = append(out, w.Say("awaits_other", "N", *n.Awaits))
	}
	for _, t := range n.Tests {
		out = append(out, w.Say("tests", "Party", as(t.Party), "Sent", t.Sent, "Read", t.Read))
	}
	for _, c := range n.Changes {
		what := w.Say("change_state", "State", as(c.State), "Persons", w.people(c.Persons, as))
		if c.Table != "" {
			what = w.Say("change_table", "Table", as(c.Table), "Persons", w.people(c.Persons, as))
		}
		out = append(out, w.Hour(c.At)+" "+what)
	}
	return out
}

// By says who released an act, or sent it alone.
func (w *Words) By(a mandate.Acted, as func(string) string) string {
	id := "released"
	if a.Alone {
		id = "alone"
	}
	return w.Say(id, "Persons", w.people(a.Persons, as))
}

// people names persons; where nobody is named it says so.
func (w *Words) people(list []desk.Person, as func(string) string) string {
	var names []string
	for _, p := range list {
		names = append(names, as(p.Name))
	}
	if names == nil {
		return w.Say("nobody")
	}
	return strings.Join(names, w.Say("and"))
}
