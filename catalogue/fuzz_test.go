// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"strings"
	"testing"

	. "openline/catalogue"
	hand "openline/catalogue/typed"
	"openline/record"
)

// Whatever an extension's file holds, it is refused, or what it adds renders
// clean and changes nothing.
func FuzzLoad(f *testing.F) {
	files, err := DefaultFiles()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(harbourPhrases, "HB01 = \"Harbour {harbour} {window}.[ Cause: {cause}.]\"")
	f.Add("[sets]\nX = [\"RC01\"]\n", "")
	f.Add(string(files["phrases.toml"]), string(files["en.toml"]))
	base, err := Load(map[string][]byte{"phrases.toml": files["phrases.toml"], "en.toml": files["en.toml"]})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, phrases, renderings string) {
		en := "language = \"en\"\nname = \"English\"\ndirection = \"ltr\"\n[enum]\nice = \"ice\"\nworks = \"works\"\n[phrase]\n" + renderings
		c, err := Extend(base, map[string][]byte{"phrases-x.toml": []byte(phrases), "en-x.toml": []byte(en)})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("a message of several lines: %q", err)
			}
			return
		}
		for _, code := range base.Codes() {
			if p, ok := c.Phrase(code); !ok || p.Gloss != base.All()[code].Gloss || p.Asks() != base.All()[code].Asks() {
				t.Errorf("%s was changed", code)
			}
		}
		for _, code := range c.Codes() {
			h, b := said(t, c, c.All()[code], true)
			if s := render(t, c, "en", h, b, env); !isolatesBalance(s) || strings.Contains(s, "\n") {
				t.Errorf("%s renders as %q", code, s)
			}
		}
	})
}

func FuzzParseParam(f *testing.F) {
	c := first(f)
	for k, s := range samples {
		f.Add(string(k), s)
	}
	f.Add("position", "NaN,0")
	f.Add("results", "tls 1/1")
	f.Fuzz(func(t *testing.T, kind, typed string) {
		p := Param{Name: "x", Kind: Kind(kind), Values: []string{"voice", "video"}}
		v, err := hand.Parse(p, typed, env)
		if err != nil {
			return
		}
		if err := p.Check(v); err != nil {
			t.Errorf("%s %q is read, but %v", kind, typed, err)
		}
		for _, lang := range []string{"en", "ar"} {
			if s := c.FormatParam(lang, p, v, env); s == "" || strings.ContainsAny(s, "\n\u202e") || !isolatesBalance(s) {
				t.Errorf("%s %q is shown as %q", kind, typed, s)
			}
		}
	})
}

// Whatever body arrives, it is refused or it renders.
func FuzzCheck(f *testing.F) {
	c := first(f)
	for _, code := range c.Codes() {
		_, b := said(f, c, c.All()[code], true)
		f.Add(code, b.Encode())
	}
	f.Fuzz(func(t *testing.T, code string, raw []byte) {
		b, err := record.DecodeBody(raw)
		if err != nil {
			return
		}
		h := &record.Header{Code: code, Status: record.Test, Language: "en"}
		if p, ok := c.Phrase(code); ok && p.Re != "none" {
			h.Re = []record.Ref{record.ByNumber(2, 310)}
		}
		checked := c.Check(h, b)
		for _, lang := range c.Languages() {
			s, err := c.Render(lang, h, b, env)
			if (err == nil) != (checked == nil) || err == nil && (!isolatesBalance(s) || strings.ContainsAny(s, "\n\u202e")) {
				t.Errorf("%s in %s: %q, %v, %v", code, lang, s, err, checked)
			}
		}
	})
}
