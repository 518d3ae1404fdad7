// SPDX-License-Identifier: Apache-2.0

package console

import (
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"openline/record"
)

// writing are the parts whose English is being written: what a language lacks
// of them is said in English meanwhile. Every other part is said whole in
// every language; how one is translated is in docs/how-to/languages.md.
var writing = []string{}

// textsOf are the texts of a language by key, one for each plural form, and
// the part each is in.
func textsOf(t *testing.T, tag string) (texts map[string]map[string]string, part map[string]string) {
	t.Helper()
	texts, part = map[string]map[string]string{}, map[string]string{}
	for name, file := range wordFiles(t, tag) {
		var doc map[string]any
		if err := toml.Unmarshal([]byte(file), &doc); err != nil {
			t.Fatal(err)
		}
		for k, v := range doc {
			part[k], texts[k] = strings.TrimSuffix(path.Base(name), ".toml"), map[string]string{}
			if forms, ok := v.(map[string]any); ok {
				for form, text := range forms {
					texts[k][form] = fmt.Sprint(text)
				}
			} else {
				texts[k]["other"] = fmt.Sprint(v)
			}
		}
	}
	return texts, part
}

// Every language says every text, with what is put into it.
func TestEveryLanguageSaysEveryText(t *testing.T) {
	english, part := textsOf(t, "en")
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	if len(words) != len(languages) {
		t.Errorf("%d languages have texts, %d have names", len(words), len(languages))
	}
	for tag := range words {
		theirs, _ := textsOf(t, tag)
		var lacking []string
		for _, key := range slices.Sorted(maps.Keys(english)) {
			forms, ok := theirs[key]
			if !ok {
				if lacking = append(lacking, key); !slices.Contains(writing, part[key]) {
					t.Errorf("%s lacks %q; say it in data/words/%s, or name its part in writing above while its English changes", tag, key, tag)
				}
				continue
			}
			if got, want := inside(forms), inside(english[key]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has %v put in, English %v", tag, key, got, want)
			}
			for form, text := range forms {
				if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "  ") {
					t.Errorf("%s: %s (%s) is %q", tag, key, form, text)
				}
			}
		}
		if len(lacking) > 0 {
			t.Logf("%s lacks %d texts: %s", tag, len(lacking), strings.Join(lacking, " "))
		}
	}
}

var slot = regexp.MustCompile(`\{\{\.([A-Za-z]+)\}\}`)

// inside is what is put into a text, over all of its forms.
func inside(forms map[string]string) []string {
	var out []string
	for _, text := range forms {
		for _, m := range slot.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	slices.Sort(out)
	return out
}

// Every number finds its form, by the plural rules of each language (CLDR),
// and shows, unless a word of the language says it.
func TestEveryNumberHasItsForm(t *testing.T) {
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	for tag, w := range words {
		texts, _ := textsOf(t, tag)
		for key, forms := range texts {
			fields := inside(forms)
			if !slices.Contains(fields, "N") {
				continue
			}
			for _, n := range []int{0, 1, 2, 3, 4, 5, 10, 11, 12, 21, 22, 100, 101, 102, 103, 111, 1_000_000} {
				pairs := []any{"N", n}
				for _, f := range fields {
					if f != "N" {
						pairs = append(pairs, f, "x")
					}
				}
				got := w.T(key, pairs...)
				if strings.HasPrefix(got, "[") || strings.Contains(got, "{{") || strings.Contains(got, "<no value>") {
					t.Errorf("%s: %s of %d is %q", tag, key, n, got)
				}
				if n > 2 && !strings.Contains(got, fmt.Sprint(n)) {
					t.Errorf("%s: %s of %d does not say the number: %q", tag, key, n, got)
				}
			}
		}
	}
}

// No text of ours evaluates a party, in any language: the lists are those the
// catalogue is held to, but for what the console says of the person before it.
func TestNoLanguageEvaluates(t *testing.T) {
	for _, l := range languages {
		list, err := os.ReadFile("../../catalogue/testdata/evaluative/" + l.tag + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		texts, _ := textsOf(t, l.tag)
		for line := range strings.Lines(string(list)) {
			bad := regexp.MustCompile("(?i)" + strings.TrimSpace(line))
			for key, forms := range texts {
				for _, text := range forms {
					if bad.MatchString(text) {
						t.Errorf("%s: %s evaluates (%s): %s", l.tag, key, bad, text)
					}
				}
			}
		}
	}
}

// In Korean no particle that depends on the letter before it follows what is
// put in; in Arabic stands Arabic punctuation.
func TestFormsOfALanguage(t *testing.T) {
	for tag, bad := range map[string]*regexp.Regexp{
		"ko": regexp.MustCompile(`\}\}(은|는|이|가|을|를|과|와|으로|로|이라|라)($|[ .,;:)])`),
		"ar": regexp.MustCompile(`[,;?](\s|$)`),
		"zh": regexp.MustCompile(`\p{Han}[,;:?!]|\p{Han}\.$`),
		"ja": regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}]([,;:?!]|\.$)`),
		"fr": regexp.MustCompile(`[\p{L}}»][;:?!]`),
	} {
		texts, _ := textsOf(t, tag)
		for key, forms := range texts {
			for _, text := range forms {
				if bad.MatchString(strings.ReplaceAll(text, "en;zh", "")) {
					t.Errorf("%s: %s: %q in %q", tag, key, bad.FindString(text), text)
				}
			}
		}
	}
}

// The ways around fit a narrow screen in every language.
func TestWaysAreShort(t *testing.T) {
	for _, l := range languages {
		texts, _ := textsOf(t, l.tag)
		for key, forms := range texts {
			if n := utf8.RuneCountInString(forms["other"]); strings.HasPrefix(key, "nav.") && key != "nav.pages" && n > 14 {
				t.Errorf("%s: %s has %d letters: %s", l.tag, key, n, forms["other"])
			}
		}
	}
}

// The hour stands here and there on the page of the watch: beside UTC, by the
// zone each party declared.
func TestWallHours(t *testing.T) {
	zones := []zone{{party{Short: "blue", Ours: true}, "America/New_York"}, {party{Short: "red"}, "Asia/Shanghai"}, {party{Short: "none"}, "Nowhere/Land"}}
	got := locals(zones, record.Stamp(1614261600)) // 2021-02-25 14:00Z
	want := []wallHour{{true, "blue", "America/New_York", "02-25 09:00"}, {false, "red", "Asia/Shanghai", "02-25 22:00"}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if got := locals(zones, record.Stamp(0)); got != nil {
		t.Errorf("an hour not known is %+v", got)
	}
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	p := &page{Words: words["fr"]}
	if ours, theirs := p.Where(want[0]), p.Where(want[1]); ours != "ici" || theirs != "là-bas, red" {
		t.Errorf("%q, %q", ours, theirs)
	}
}
