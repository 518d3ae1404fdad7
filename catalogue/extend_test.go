// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"strings"
	"testing"

	. "openline/catalogue"
)

const harbourPhrases = `[[phrase]]
code = "HB01"
gloss = "Harbour closed to shipping"
marker = "information"
class = "notice"
params = ["harbour:name", "cause:enum?=ice|works", "window:window"]
permits = ["R"]
who = "watch"
opens = true
re = "none"
`

func harbour() map[string][]byte {
	files := map[string][]byte{"phrases-harbour.toml": []byte(harbourPhrases)}
	for tag, l := range map[string][3]string{
		"en": {"English", "ltr", "Harbour {harbour} is closed {window}.[ Cause: {cause}.]"}, "fr": {"français", "ltr", "Port {harbour} fermé de {window}.[ Cause : {cause}.]"},
		"es": {"español", "ltr", "Puerto {harbour} cerrado de {window}.[ Causa: {cause}.]"}, "ru": {"русский", "ltr", "Порт {harbour} закрыт {window}.[ Причина: {cause}.]"},
		"ko": {"한국어", "ltr", "항구 {harbour} 폐쇄: {window}.[ 이유: {cause}.]"}, "ja": {"日本語", "ltr", "港{harbour}は閉鎖、{window}。[理由：{cause}。]"},
		"zh": {"中文", "ltr", "港口{harbour}关闭，{window}。[原因：{cause}。]"}, "ar": {"العربية", "rtl", "الميناء {harbour} مغلق من {window}.[ السبب: {cause}.]"},
	} {
		files[tag+"-harbour.toml"] = []byte("language = \"" + tag + "\"\nname = \"" + l[0] + "\"\ndirection = \"" + l[1] + "\"\n[enum]\nice = \"ice\"\nworks = \"works\"\n[phrase]\nHB01 = \"" + l[2] + "\"\n")
	}
	return files
}

func TestExtend(t *testing.T) {
	base := first(t)
	c, err := Extend(base, harbour())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Codes()) != len(base.Codes())+1 || c.Digest() == base.Digest() || base.Digest() != first(t).Digest() {
		t.Error("an extension adds its phrases, changes the digest and leaves its base alone")
	}
	if m := string(c.Manifest()); !strings.Contains(m, "  phrases-harbour.toml\n") || !strings.Contains(m, "  ar-harbour.toml\n") {
		t.Errorf("the manifest does not cover the extension:\n%s", m)
	}
	p, ok := c.Phrase("HB01")
	if !ok || !p.Permitted("RC01") {
		t.Error("the extension's phrase does not know the sets of its base")
	}
	for _, code := range base.Codes() {
		a, _ := base.Phrase(code)
		h, b := said(t, base, a, true)
		for _, lang := range base.Languages() {
			if x, y := render(t, base, lang, h, b, env), render(t, c, lang, h, b, env); x != y {
				t.Errorf("%s in %s reads otherwise under the extension", code, lang)
			}
		}
	}
	h, b := said(t, c, p, true)
	if got, want := render(t, c, "en", h, b, env), "Harbour «line office» is closed 2021-05-21 10:00Z to 2021-05-21 12:00Z. Cause: ice."; got != want {
		t.Errorf("%q", got)
	}
}

func TestExtensionChangesNothing(t *testing.T) {
	for _, tc := range []struct{ name, file, find, replace, says string }{
		{"a file of the base", "en.toml", "", "x", "the extension file en.toml has the name of a file it extends"},
		{"a phrase of the base", "phrases-harbour.toml", "HB01", "CR01", "catalogue phrases.toml: phrase CR01 stands twice"},
		{"a set of the base", "phrases-harbour.toml", "[[phrase]]", "[sets]\nQ = []\n[[phrase]]", `catalogue phrases.toml: set "Q" stands twice, or is not one to three capitals`},
		{"a value of the base", "en-harbour.toml", "ice =", "yes = \"no\"\nice =", "catalogue en.toml: value yes is worded already in another file"},
		{"a wording of the base", "en-harbour.toml", "HB01 =", "CR01 = \"x\"\nHB01 =", "catalogue en.toml: phrase CR01 is worded already in another file"},
		{"a status", "en-harbour.toml", "[enum]", "[status]\nexercise = \"x\"\n[enum]", "catalogue en.toml: status exercise is worded already in another file"},
		{"another direction", "ar-harbour.toml", "rtl", "ltr", "catalogue ar.toml: another name or direction than in the other files of ar"},
		{"another name", "fr-harbour.toml", "français", "French", "catalogue fr.toml: another name or direction than in the other files of fr"},
		{"a language left out", "ru-harbour.toml", "", "language = \"ru\"\nname = \"русский\"\ndirection = \"ltr\"\n", "catalogue: HB01 has no rendering in ru"},
		{"a value unused", "en-harbour.toml", "ice =", "snow = \"snow\"\nice =", "catalogue: value snow is rendered in en but nothing uses it"},
	} {
		m := mutation{Name: tc.name, File: tc.file, Find: tc.find, Replace: tc.replace}
		if _, err := Extend(first(t), m.apply(t, harbour())); err == nil || err.Error() != tc.says {
			t.Errorf("%s: %v\nwant %s", tc.name, err, tc.says)
		}
	}
}

func TestExtensionNeedsEveryLanguage(t *testing.T) {
	files := harbour()
	delete(files, "zh-harbour.toml")
	if _, err := Extend(first(t), files); err == nil || err.Error() != "catalogue: HB01 has no rendering in zh" {
		t.Errorf("%v", err)
	}
}
