// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed data/*.toml
var data embed.FS

// Words are the sentences of one language.
type Words struct {
	tag string
	loc *i18n.Localizer
}

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
	if _, err := bundle.ParseMessageFileBytes(b, name); err != nil {
		return nil, fmt.Errorf("words of the brief in %s: %w", tag, err)
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

// args are what a sentence is filled with; N, if there, chooses its form.
type args map[string]any

// say writes a sentence. A sentence that is missing is seen at once, in the
// page and in the tests, by its name in brackets.
func (w *Words) say(id string, a args) string {
	cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: a}
	if n, ok := a["N"]; ok {
		cfg.PluralCount = n
	}
	s, err := w.loc.Localize(cfg)
	if err != nil {
		return "[" + id + "]"
	}
	return s
}
