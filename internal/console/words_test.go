// SPDX-License-Identifier: Apache-2.0

package console

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// Every text a page asks for is there, and no language
// says what English does not.
func TestWordsAreWhole(t *testing.T) {
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`\.T "([a-z0-9.]+)"`)
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range names {
		b, err := templateFiles.ReadFile("templates/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(b), -1) {
			if strings.HasPrefix(words["en"].T(m[1], "N", 2), "[") {
				t.Errorf("%s asks for %q, which is not in English", f.Name(), m[1])
			}
		}
	}
	english := keysOf(t, "en")
	for tag := range words {
		theirs := keysOf(t, tag)
		for _, k := range theirs {
			if !slices.Contains(english, k) {
				t.Errorf("%s: %q is not in English", tag, k)
			}
		}
		// That each says all is held by TestEveryLanguageSaysEveryText.
		t.Logf("%s says %d of %d texts", tag, len(theirs), len(english))
	}
}

func keysOf(t *testing.T, tag string) []string {
	t.Helper()
	var out []string
	for _, text := range wordFiles(t, tag) {
		var doc map[string]any
		if err := toml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		for k := range doc {
			if slices.Contains(out, k) {
				t.Errorf("%s says %q twice", tag, k)
			}
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// wordFiles are the files of texts of one language by their names.
func wordFiles(t *testing.T, tag string) map[string]string {
	t.Helper()
	names, err := fs.Glob(dataFiles, "data/words/"+tag+"/*.toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no words in %s: %v", tag, err)
	}
	out := map[string]string{}
	for _, name := range names {
		b, err := dataFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(b)
	}
	return out
}

// No text of ours evaluates a party.
func TestWordsDoNotEvaluate(t *testing.T) {
	said := regexp.MustCompile(`(?i)\b(refus|ignor|fail|violat|aggress|provok|hostile|overdue)\w*`)
	for name, file := range wordFiles(t, "en") {
		for i, line := range strings.Split(file, "\n") {
			_, text, ok := strings.Cut(line, " = ")
			if ok && said.MatchString(text) {
				t.Errorf("%s, line %d evaluates: %s", name, i+1, text)
			}
		}
	}
}
