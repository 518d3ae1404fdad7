// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	. "openline/catalogue"
)

// around calls f with what stands before and after each parameter of a
// rendering: its last letters, and its next.
func around(c *Catalogue, lang string, f func(p Phrase, q Param, before, after string)) {
	for _, code := range c.Codes() {
		p := c.All()[code]
		wording := c.Template(lang, code)
		for _, q := range p.Params {
			before, after, _ := strings.Cut(wording, "{"+q.Name+"}")
			f(p, q, before, after)
		}
	}
}

// What is counted stands after its name and a colon, so that no noun has to
// agree with it: k of n, the lost groups, persons, the size of a delegation.
func TestQuantitiesStandAfterTheirName(t *testing.T) {
	c := withAffairs(t)
	counted := map[string][]string{"LT02": {"lost"}, "RC03": {"k"}, "DS01": {"number"}, "MT01": {"size"}}
	found := 0
	for _, lang := range []string{"en", "fr", "es", "ru", "ar"} {
		around(c, lang, func(p Phrase, q Param, before, _ string) {
			if !slices.Contains(counted[p.Code], q.Name) {
				return
			}
			found++
			if !strings.HasSuffix(before, ": ") {
				t.Errorf("%s in %s: {%s} does not stand after its name: …%s", p.Code, lang, q.Name, before)
			}
		})
	}
	if found != 20 {
		t.Errorf("%d of 20 quantities were looked at", found)
	}
}

// An hour is a date and a time, so what stands before it is what stands
// before a date, in the languages where that differs.
func TestHoursReadAsDates(t *testing.T) {
	c := withAffairs(t)
	colon := `[:,(]\s*\[?$|[:,]\s$|[«(]$`
	for lang, forms := range map[string]map[Kind]string{
		"fr": {"time": `(^|[ '])(le|au|du) $|: $|, $`, "window": `(^| )du $|: $|, $`, "windows": `: $|dates $`},
		"es": {"time": `(^| )(el|al|del) $|: $|, $`, "window": `(^| )del $|: $|, $`, "windows": `: $|fechas $`},
		"ru": {"time": ` (с|С|до|До|позднее|после|в|на) $|[:,] $|\($|окончен $|вскрыть $`, "window": `[:,] $| время $`, "windows": `: $|даты $`},
	} {
		around(c, lang, func(p Phrase, q Param, before, _ string) {
			form, ok := forms[q.Kind]
			if ok && !regexp.MustCompile(form+"|"+colon).MatchString(before) {
				t.Errorf("%s in %s: {%s} stands after …%s", p.Code, lang, q.Name, before)
			}
		})
	}
	after := map[string]string{
		"ko": `^(까지|부터|에|에 | 이후|, |\]|\.|$)`,
		"ja": `^(まで|までに|から|に|、|より後|。|\]|：|$)`,
	}
	for lang, form := range after {
		around(c, lang, func(p Phrase, q Param, _, next string) {
			if q.Kind == "time" && !regexp.MustCompile(form).MatchString(next) {
				t.Errorf("%s in %s: {%s} stands before %s…", p.Code, lang, q.Name, next)
			}
		})
	}
}

// In Korean no particle whose form depends on the letter before it stands
// after a value.
func TestKoreanParticles(t *testing.T) {
	c := withAffairs(t)
	varies := regexp.MustCompile(`^\s?(은|는|이|가|을|를|과|와|으로|로|이라|라|이나|나|이며|며|아|야)($|[ .,;:\])])`)
	around(c, "ko", func(p Phrase, q Param, _, next string) {
		if varies.MatchString(next) {
			t.Errorf("%s: a particle that varies stands after {%s}: %s", p.Code, q.Name, next)
		}
	})
}

// Each language is written with its own punctuation, and with no letter of
// another script but for what is the same everywhere.
func TestPunctuationOfItsOwn(t *testing.T) {
	c := withAffairs(t)
	foreign := map[string]string{
		"ar": `[,;?]|[A-Za-z]`, "zh": `[,.;:?!()]|[A-Za-z]`, "ja": `[,.;:?!()；]|[A-Za-z]`, "ko": `[，。；：？！（）、]|[A-Za-z]`,
		"ru": `[A-Za-z]`, "fr": `\p{L}[:;?!]|[^\x{00}-\x{24F}\x{2000}-\x{206F}]`, "es": `[^\x{00}-\x{24F}\x{2000}-\x{206F}]`, "en": `[^\x{00}-\x{24F}\x{2000}-\x{206F}]`,
	}
	same := strings.NewReplacer("UTC", "", "{said}", "", "{re}", "", "{language}", "", "…", "")
	wordings(c, func(lang, where, wording string) {
		if re := regexp.MustCompile(foreign[lang]); re.MatchString(same.Replace(wording)) {
			t.Errorf("%s in %s: %q in %q", where, lang, re.FindString(same.Replace(wording)), wording)
		}
	})
}
