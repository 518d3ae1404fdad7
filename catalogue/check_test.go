// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"strings"
	"testing"

	"openline/record"
)

type checkCase struct {
	Name   string         `json:"name"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params"`
	Re     [][2]uint64    `json:"re,omitempty"`
	Text   string         `json:"text,omitempty"`
	Says   string         `json:"says,omitempty"`
}

func (k checkCase) record(t testing.TB) (*record.Header, *record.Body) {
	t.Helper()
	h, b := &record.Header{Code: k.Code, Status: record.Actual, Language: "en"}, &record.Body{Params: map[string]record.Value{}, Text: k.Text}
	for _, r := range k.Re {
		h.Re = append(h.Re, record.ByNumber(record.PartyNo(r[0]), r[1]))
	}
	for name, v := range k.Params {
		var err error
		if b.Params[name], err = valueOf(v); err != nil {
			t.Fatalf("%s: %s: %v", k.Name, name, err)
		}
	}
	return h, b
}

func TestCheckVectors(t *testing.T) {
	c := first(t)
	var v struct {
		About    string      `json:"about"`
		Accepted []checkCase `json:"accepted"`
		Refused  []checkCase `json:"refused"`
	}
	readVectors(t, "check.json", &v)
	for _, k := range v.Accepted {
		h, b := k.record(t)
		if err := c.Check(h, b); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for _, lang := range c.Languages() {
			lint(t, k.Name+" in "+lang, render(t, c, lang, h, b, env))
		}
	}
	for i, k := range v.Refused {
		h, b := k.record(t)
		err := c.Check(h, b)
		if err == nil || len(err.Error()) > 250 || !*update && err.Error() != k.Says {
			t.Errorf("%s: %v\nwant %s", k.Name, err, k.Says)
			continue
		}
		v.Refused[i].Says = err.Error()
		if s, err := c.Render("en", h, b, env); err == nil {
			t.Errorf("%s is rendered: %s", k.Name, s)
		}
	}
	writeVectors(t, "check.json", v)
}

func TestRenderSaysWhichLanguages(t *testing.T) {
	c := first(t)
	h, b := said(t, c, c.All()["AF01"], true)
	if _, err := c.Render("de", h, b, env); err == nil || err.Error() != `no renderings in "de"; there are ar, en, es, fr, ja, ko, ru, zh` {
		t.Errorf("%v", err)
	}
}

func TestRenderGivesWordsAndTranslation(t *testing.T) {
	c := first(t)
	h, b := said(t, c, c.All()["TX01"], true)
	h.Language, b.Text, b.Translations = "zh", "我方在线。", map[string]string{"en": "We are on the line."}
	want := "On red/310: Message in free text. Text (zh): «我方在线。» Courtesy translation by the sender: «We are on the line.»"
	if got := render(t, c, "en", h, b, env); got != want {
		t.Errorf("%q", got)
	}
	if got := render(t, c, "fr", h, b, env); strings.Contains(got, "courtoisie") {
		t.Errorf("a translation into another language is shown: %q", got)
	}
}
