// SPDX-License-Identifier: Apache-2.0

package console

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"openline/line/linestate"
)

// Words are the texts of the console in one language.
type Words struct {
	Tag  string
	Name string // in itself
	Dir  string // ltr, rtl
	loc  *i18n.Localizer
	// fixed are the texts that nothing is put into, as they were said before:
	// a page says hundreds of them.
	fixed sync.Map
}

// languages are those the console can be read in, with their own names.
var languages = []struct{ tag, name, dir string }{
	{"en", "English", "ltr"}, {"zh", "中文", "ltr"}, {"ar", "العربية", "rtl"}, {"ru", "Русский", "ltr"}, {"fr", "Français", "ltr"}, {"es", "Español", "ltr"},
	{"ko", "한국어", "ltr"}, {"ja", "日本語", "ltr"},
}

// readWords reads the texts of every language there is, data/words/LANGUAGE/PART.toml. What one lacks is
// said in English.
func readWords() (map[string]*Words, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	folders, err := dataFiles.ReadDir("data/words")
	if err != nil {
		return nil, err
	}
	out := map[string]*Words{}
	for _, f := range folders {
		tag := f.Name()
		i := slices.IndexFunc(languages, func(l struct{ tag, name, dir string }) bool { return l.tag == tag })
		if i < 0 {
			return nil, fmt.Errorf("words of the console: the language %s has no name here", tag)
		}
		files, err := fs.Glob(dataFiles, path.Join("data/words", tag, "*.toml"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			b, err := dataFiles.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if _, err := bundle.ParseMessageFileBytes(b, "active."+tag+".toml"); err != nil {
				return nil, fmt.Errorf("words of the console, %s: %w", name, err)
			}
		}
		out[tag] = &Words{Tag: tag, Name: languages[i].name, Dir: languages[i].dir}
	}
	for tag, w := range out {
		w.loc = i18n.NewLocalizer(bundle, tag, "en")
	}
	return out, nil
}

// readThree reads the words of the three sentences in every language there
// is, once for all pages.
func readThree() (map[string]*linestate.Words, error) {
	out := map[string]*linestate.Words{}
	for _, tag := range linestate.Languages() {
		w, err := linestate.Language(tag)
		if err != nil {
			return nil, err
		}
		out[tag] = w
	}
	return out, nil
}

// T gives a text; pairs of names and values fill it, N chooses its form. One
// that is missing is seen at once, by its name in brackets.
func (w *Words) T(id string, pairs ...any) string {
	if len(pairs) > 0 {
		return w.fill(id, pairs)
	}
	if text, ok := w.fixed.Load(id); ok {
		return text.(string)
	}
	text := w.fill(id, nil)
	if !strings.HasPrefix(text, "[") { // what others name and we do not know is not kept
		w.fixed.Store(id, text)
	}
	return text
}

func (w *Words) fill(id string, pairs []any) string {
	cfg := &i18n.LocalizeConfig{MessageID: id}
	if len(pairs) > 0 {
		data := map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			name := fmt.Sprint(pairs[i])
			value := pairs[i+1]
			if n, ok := value.(uint64); ok {
				value = int64(min(n, 1<<62))
			}
			data[name] = value
			if name == "N" {
				cfg.PluralCount = value
			}
		}
		cfg.TemplateData = data
	}
	text, err := w.loc.Localize(cfg)
	if text == "" && err != nil {
		return "[" + id + "]"
	}
	return text
}

// Has reports whether there is a text of this name.
func (w *Words) Has(id string) bool {
	text, err := w.loc.Localize(&i18n.LocalizeConfig{MessageID: id})
	return err == nil && text != ""
}

// language chooses the words for whoever has no seat yet.
func (s *Server) language(r *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && s.cfg.Language == "" {
		for _, t := range tags {
			base, _ := t.Base()
			if _, ok := s.words[base.String()]; ok {
				return base.String()
			}
		}
	}
	if _, ok := s.words[s.cfg.Language]; ok {
		return s.cfg.Language
	}
	return "en"
}
