// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The texts are alike in number, short, each its own, and neutral: no word
// that evaluates, no figure that could be taken for a code, no latin name in
// another script.
func TestTextsAreScreened(t *testing.T) {
	if len(texts) != 8 || Count() < 12 {
		t.Fatalf("%d languages, %d texts", len(texts), Count())
	}
	for lang, list := range texts {
		if len(list) != Count() {
			t.Errorf("%s has %d texts, en %d", lang, len(list), Count())
		}
		b, err := os.ReadFile("../../../catalogue/testdata/evaluative/" + lang + ".txt")
		if err != nil {
			t.Errorf("%s is not screened: %v", lang, err)
		}
		seen := map[string]bool{}
		for i, s := range list {
			if n := utf8.RuneCountInString(s); n < 8 || n > 90 || seen[s] || s != strings.TrimSpace(s) {
				t.Errorf("%s %d: %q", lang, i+1, s)
			}
			seen[s] = true
			for _, r := range s {
				if unicode.IsDigit(r) || unicode.IsControl(r) || unicode.Is(unicode.Latin, r) && lang != "en" && lang != "fr" && lang != "es" {
					t.Errorf("%s %d has %q", lang, i+1, r)
				}
			}
			for line := range strings.Lines(string(b)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && regexp.MustCompile("(?i)"+line).MatchString(s) {
					t.Errorf("%s %d: %q evaluates: %s", lang, i+1, s, line)
				}
			}
		}
	}
}

func TestOf(t *testing.T) {
	langs := []string{"xx", "en", "zh"}
	for n, want := range map[uint64]string{1: "en 1: ", 2: "zh 1: ", 3: "en 2: ", 24: "zh 12: ", 25: "en 1: "} {
		if got := Of(langs, n); !strings.HasPrefix(got, want) {
			t.Errorf("test %d carries %q", n, got)
		}
	}
	if Of([]string{"xx"}, 1) != "" || Of(nil, 5) != "" || Of(langs, 0) != "" || Text("en", 0) != "" || Text("en", 99) != "" {
		t.Error("a text out of nothing")
	}
}
