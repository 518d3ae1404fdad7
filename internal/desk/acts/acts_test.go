// SPDX-License-Identifier: Apache-2.0

package acts_test

import (
	"slices"
	"strings"
	"testing"

	"openline/catalogue"
	"openline/internal/desk/acts"
)

func whole(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	base, err := catalogue.Default()
	if err != nil {
		t.Fatal(err)
	}
	files, err := catalogue.AffairsFiles()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalogue.Extend(base, files)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// Every act gives its phrase just the parameters it has, and can give each
// that it needs.
func TestActsFitTheCatalogue(t *testing.T) {
	cat, given := whole(t), map[string]bool{}
	for _, a := range acts.All() {
		p, ok := cat.Phrase(a.Code)
		if !ok {
			t.Errorf("%s: there is no %s", a.Name, a.Code)
			continue
		}
		can, must := map[string]bool{}, map[string]bool{}
		note := func(param string, sure bool) {
			if _, ok := p.Param(param); !ok && param != "re" && param != "text" {
				t.Errorf("%s: %s has no parameter %s", a.Name, a.Code, param)
			}
			if can[param] && param != "re" && a.Usual[param] == "" {
				t.Errorf("%s gives %s twice", a.Name, param)
			}
			can[param], must[param] = true, must[param] || sure
		}
		for name := range a.Fixed {
			note(name, true)
		}
		for name := range a.Usual {
			note(name, true)
		}
		for _, arg := range a.Args {
			note(arg.Param, !arg.Optional)
		}
		for _, f := range a.Flags {
			note(f.Param, f.Need || f.Now)
			if q, ok := p.Param(f.Param); ok && f.Value != "" && !slices.Contains(q.Values, f.Value) {
				t.Errorf("%s: --%s stands for %q, which %s does not take", a.Name, f.Name, f.Value, f.Param)
			} else if _, list := q.Kind.Of(); ok && f.List != list && q.Kind != "area" {
				t.Errorf("%s: --%s may be repeated: %v, the parameter holds several: %v", a.Name, f.Name, f.List, list)
			}
		}
		for _, q := range p.Params {
			given[a.Code+q.Name] = given[a.Code+q.Name] || can[q.Name]
			if !q.Optional && !must[q.Name] {
				t.Errorf("%s need not give %s, which %s needs", a.Name, q.Name, a.Code)
			}
		}
		if p.NeedsText && !must["text"] || (p.Re == "one" || p.Re == "many") && !must["re"] || p.Re == "none" && can["re"] {
			t.Errorf("%s: it answers %s", a.Name, p.Re)
		}
		if a.Short == "" || !strings.HasPrefix(a.Example, "openline "+a.Name+" ") || a.Use() == "" {
			t.Errorf("%s: %q, %q", a.Name, a.Short, a.Example)
		}
	}
	for _, a := range acts.All() {
		p, _ := cat.Phrase(a.Code)
		for _, q := range p.Params {
			if !given[a.Code+q.Name] {
				t.Errorf("no act gives %s of %s", q.Name, a.Code)
			}
		}
	}
}

// Every phrase a person can say has a name. Hours are declared from a file.
func TestEveryPhraseHasAName(t *testing.T) {
	cat := whole(t)
	named := map[string]bool{"CK01": true}
	seen := map[string]bool{}
	for _, a := range acts.All() {
		named[a.Code] = true
		if seen[a.Name] {
			t.Errorf("%s is named twice", a.Name)
		}
		seen[a.Name] = true
		if b, ok := acts.Find(a.Name); !ok || b.Code != a.Code {
			t.Errorf("%s is not found", a.Name)
		}
	}
	for _, code := range cat.Codes() {
		if p, _ := cat.Phrase(code); p.Who != catalogue.Machine && !named[code] {
			t.Errorf("%s (%s) has no name", code, p.Gloss)
		}
	}
	if _, ok := acts.Find("invade"); ok {
		t.Error("found what is not there")
	}
}
