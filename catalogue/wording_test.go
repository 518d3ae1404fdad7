// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	. "openline/catalogue"
	"openline/record"
)

// wordings calls f with everything the catalogue itself says.
func wordings(c *Catalogue, f func(lang, where, wording string)) {
	for _, code := range c.Codes() {
		f("en", code+" gloss", c.All()[code].Gloss)
	}
	for _, tag := range c.Languages() {
		for key, wording := range c.Wordings(tag) {
			f(tag, key, wording)
		}
	}
}

func evaluative(t *testing.T, lang string) []*regexp.Regexp {
	t.Helper()
	b, err := os.ReadFile("testdata/evaluative/" + lang + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []*regexp.Regexp
	for line := range strings.Lines(string(b)) {
		out = append(out, regexp.MustCompile("(?i)"+strings.TrimSpace(line)))
	}
	return out
}

// No sentence of ours evaluates a party.
func TestNoWordingEvaluates(t *testing.T) {
	lists := map[string][]*regexp.Regexp{}
	for _, c := range []*Catalogue{first(t), withAffairs(t)} {
		wordings(c, func(lang, where, wording string) {
			if lists[lang] == nil {
				lists[lang] = evaluative(t, lang)
			}
			for _, re := range lists[lang] {
				if re.MatchString(wording) {
					t.Errorf("%s, %s: %q holds %q", lang, where, wording, re)
				}
			}
		})
	}
}

// The lists find what they are for: each holds what its language would say.
func TestEvaluativeListsFind(t *testing.T) {
	for lang, sentence := range map[string]string{"en": "They refused and failed to answer; this is a violation", "fr": "Ils ont refusé ; c'est une provocation",
		"es": "Rechazaron la llamada; es una agresión", "ru": "Они отказались, это провокация", "zh": "对方拒绝，属挑衅行为", "ar": "لقد رفضوا، وهذا استفزاز",
		"ko": "상대는 요청을 거부하였으며 이는 도발이다", "ja": "先方は要請を拒否し、これは挑発である"} {
		n := 0
		for _, re := range evaluative(t, lang) {
			if re.MatchString(sentence) {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%s: %d of the words in %q were found", lang, n, sentence)
		}
	}
}

func isolatesBalance(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '\u2068':
			depth++
		case '\u2069':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// lint holds one rendered line to what every screen and paper relies on.
func lint(t testing.TB, where, s string) {
	t.Helper()
	switch {
	case strings.TrimSpace(s) != s || strings.Contains(s, "  "):
		t.Errorf("%s: blanks at the ends or doubled in %q", where, s)
	case strings.ContainsAny(s, "{}[]\n\r\t"):
		t.Errorf("%s: a placeholder, group or control character stands in %q", where, s)
	case !isolatesBalance(s):
		t.Errorf("%s: isolates do not balance in %q", where, s)
	case strings.Count(s, "«") != strings.Count(s, "»"):
		t.Errorf("%s: quotes do not balance in %q", where, s)
	}
	for _, bad := range []string{"..", ",.", " .", ";.", "。。", "，。", "،.", ": .", "%!", "()"} {
		if strings.Contains(s, bad) {
			t.Errorf("%s: %q stands in %q", where, bad, s)
		}
	}
}

func TestEveryPhraseInEveryLanguage(t *testing.T) {
	for _, c := range []*Catalogue{first(t), withAffairs(t)} {
		for _, code := range c.Codes() {
			for _, lang := range c.Languages() {
				for _, full := range []bool{false, true} {
					h, b := said(t, c, c.All()[code], full)
					s := render(t, c, lang, h, b, env)
					lint(t, code+" in "+lang, s)
					ours, theirs := render(t, c, lang, h, b, sides{"indigo", "ochre"}), render(t, c, lang, h, b, sides{"ochre", "indigo"})
					if theirs != mirrored(ours) {
						t.Errorf("%s in %s is no mirror image:\n%s\n%s", code, lang, ours, theirs)
					}
				}
			}
		}
	}
}

func mirrored(s string) string {
	return strings.NewReplacer("indigo", "ochre", "ochre", "indigo").Replace(s)
}

// Every language says every value: each enum value, reason and optional
// parameter alone.
func TestEveryValueInEveryLanguage(t *testing.T) {
	c := first(t)
	for _, code := range c.Codes() {
		p := c.All()[code]
		for _, lang := range c.Languages() {
			for _, q := range p.Params {
				h, b := said(t, c, p, false)
				values := []record.Value{sample(t, c, q)}
				for _, v := range q.Values {
					values = append(values, record.Text(v))
				}
				for n := uint64(1); q.Kind == "reason" && n <= MaxReason; n++ {
					values = append(values, record.Uint(n))
				}
				for _, v := range values {
					b.Params[q.Name] = v
					lint(t, code+" "+q.Name+" in "+lang, render(t, c, lang, h, b, env))
				}
			}
		}
	}
}

// Every phrase in every language says at both of its ends what its status is,
// and says nothing of a status when it is meant; whatever is cut off at one
// end, an exercise never reads as actual.
func TestEveryStatusIsSaid(t *testing.T) {
	c := withAffairs(t)
	for _, lang := range c.Languages() {
		words := c.StatusWords(lang)
		if len(words) != 2 {
			t.Errorf("%s words %d statuses", lang, len(words))
		}
		for _, code := range c.Codes() {
			for _, full := range []bool{false, true} {
				h, b := said(t, c, c.All()[code], full)
				meant := render(t, c, lang, h, b, env)
				for s, wording := range words {
					var err error
					if h.Status, err = record.ParseStatus(s); err != nil {
						t.Fatal(err)
					}
					before, after, _ := strings.Cut(wording, "{said}")
					got := render(t, c, lang, h, b, env)
					lint(t, code+" as "+s+" in "+lang, got)
					if got != before+meant+after {
						t.Errorf("%s as %s in %s: %q", code, s, lang, got)
					}
					if word := statusWord(wording); strings.Count(fold(before), word) < 1 || !strings.Contains(fold(after), word) {
						t.Errorf("%s in %s: %q is not said at both ends of %q", s, lang, word, wording)
					}
					if strings.HasPrefix(fold(meant), fold(before)) || strings.HasSuffix(fold(meant), fold(after)) {
						t.Errorf("%s in %s, meant, reads like %s: %q", code, lang, s, meant)
					}
				}
			}
		}
		if statusWord(words["exercise"]) == statusWord(words["test"]) {
			t.Errorf("%s has one word for an exercise and a test", lang)
		}
	}
}

func fold(s string) string { return strings.ToLower(s) }

// statusWord is what stands after a record, without its punctuation.
func statusWord(wording string) string {
	_, after, _ := strings.Cut(wording, "{said}")
	return fold(strings.Trim(after, " .【】"))
}

// A notice of an exercise is no exercise: no wording begins like a status.
func TestNoWordingLooksLikeAStatus(t *testing.T) {
	c := withAffairs(t)
	for _, tag := range c.Languages() {
		for _, status := range c.StatusWords(tag) {
			first, _, _ := strings.Cut(status, "{said}")
			first = fold(strings.Trim(first, " .【】"))
			for code, wording := range c.Wordings(tag) {
				if _, phrase := c.Phrase(code); phrase && strings.HasPrefix(fold(wording), first) {
					t.Errorf("%s in %s begins like %s", code, tag, status)
				}
			}
		}
	}
}

func TestLanguages(t *testing.T) {
	c := first(t)
	if got := strings.Join(c.Languages(), " "); got != "ar en es fr ja ko ru zh" {
		t.Fatalf("languages: %s", got)
	}
	for _, tag := range c.Languages() {
		l, ok := c.Language(tag)
		if !ok || l.Tag != tag || l.Name == "" || l.RightToLeft != (tag == "ar") || !l.Draft {
			t.Errorf("%s: %+v", tag, l)
		}
		if c.Precedence(tag, record.Flash) == "" || c.Reason(tag, 12) == "" || c.Reason(tag, 13) != "" {
			t.Errorf("%s lacks a precedence or a reason", tag)
		}
	}
	if _, ok := c.Language("xx"); ok || c.Precedence("xx", record.Flash) != "" || c.Reason("xx", 1) != "" {
		t.Error("a language that is not there is described")
	}
}

// Whoever looks for a phrase finds it in their own language: no two are told
// in the same words, and none shows a place that holds nothing.
func TestGlossInEveryLanguage(t *testing.T) {
	c := withAffairs(t)
	for _, lang := range c.Languages() {
		seen := map[string]string{}
		for _, code := range c.Codes() {
			g := c.Gloss(lang, code)
			lint(t, code+" in "+lang, g)
			if other, ok := seen[g]; ok || g == "" {
				t.Errorf("%s in %s is told as %s is: %q", code, lang, other, g)
			}
			seen[g] = code
		}
	}
	if c.Gloss("en", "CR02") != c.All()["CR02"].Gloss || c.Gloss("xx", "CR02") != c.All()["CR02"].Gloss || c.Gloss("fr", "XX99") != "" {
		t.Error("what has no wording of its own is told in English, and what is no phrase is not told")
	}
	if got, want := c.Gloss("fr", "MT02"), "Point de l'ordre du jour … : proposé / convenu / non convenu / inscrit à la demande de la partie qui envoie / retiré."; got != want {
		t.Errorf("%q", got)
	}
}
