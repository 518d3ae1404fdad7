// SPDX-License-Identifier: Apache-2.0

package console

import (
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
		// What a language lacks is said in English.
		t.Logf("%s says %d of %d texts", tag, len(theirs), len(english))
	}
}

func keysOf(t *testing.T, tag string) []string {
	t.Helper()
	b, err := dataFiles.ReadFile("data/active." + tag + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := toml.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	for k := range doc {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// No text of ours evaluates a party.
func TestWordsDoNotEvaluate(t *testing.T) {
	b, err := dataFiles.ReadFile("data/active.en.toml")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?i)\b(refus|ignor|fail|violat|aggress|provok|hostile|overdue)\w*`)
	for i, line := range strings.Split(string(b), "\n") {
		_, text, ok := strings.Cut(line, " = ")
		if ok && said.MatchString(text) {
			t.Errorf("line %d evaluates: %s", i+1, text)
		}
	}
}
