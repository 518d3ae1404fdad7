// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "openline/catalogue"
	"openline/record"
)

//go:generate go test . -run "TestReference|TestRenderVectors|TestFilesArePinned" -update

const reference = "../docs/reference/catalogue/"

// One page a phrase, made from the data, so that what is read is what is
// loaded.
func TestReference(t *testing.T) {
	c, base := withAffairs(t), first(t)
	pages := map[string]string{"README.md": index(c, base), "values.md": values(c)}
	models := map[string]string{}
	b, err := os.ReadFile("testdata/models.toml")
	if err != nil {
		t.Fatal(err)
	}
	if f := ReadTOML(b, &models); f != nil {
		t.Fatalf("models.toml line %d: %s", f.Line, f.Msg)
	}
	for _, code := range c.Codes() {
		if models[code] == "" {
			t.Errorf("models.toml does not say what %s is modelled on", code)
		}
		pages[code+".md"] = page(t, c, c.All()[code], models[code])
	}
	if len(models) != len(c.Codes()) {
		t.Errorf("%d phrases, %d models", len(c.Codes()), len(models))
	}
	if got := slices.Sorted(slices.Values(inOrder)); !slices.Equal(got, c.Languages()) {
		t.Errorf("the pages have the languages %v", got)
	}
	if *update {
		if err := os.RemoveAll(reference); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(reference, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			if err := os.WriteFile(reference+name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(reference + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := pages[filepath.Base(f)]; !ok {
			t.Errorf("%s is the page of no phrase; run go generate ./catalogue", f)
		}
	}
	for name, want := range pages {
		if got, err := os.ReadFile(reference + name); err != nil || string(got) != want {
			t.Errorf("%s%s is not current; run go generate ./catalogue", reference, name)
		}
	}
}

func index(c, base *Catalogue) string {
	var b strings.Builder
	b.WriteString("# The phrases\n\nMade from the catalogue's data by `go generate ./catalogue`; not to be edited. What the columns mean is in\n[spec/catalogue.md](../../../spec/catalogue.md). Phrases marked † are in the extension *affairs*, which parties name in their agreement.\nThe words of a status, the precedences and the reason codes are in [values.md](values.md).\n\n")
	b.WriteString("| code | says | marker | class | who |\n| --- | --- | --- | --- | --- |\n")
	for _, code := range c.Codes() {
		p, mark := c.All()[code], ""
		if _, ok := base.Phrase(code); !ok {
			mark = " †"
		}
		fmt.Fprintf(&b, "| [%s](%s.md)%s | %s | %s | %s | %s |\n", code, code, mark, p.Gloss, p.Marker, p.Class, p.Who)
	}
	return b.String()
}

func page(t *testing.T, c *Catalogue, p Phrase, model string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n| | |\n| --- | --- |\n| marker | %s |\n| class | %s |\n| who may send it | %s |\n| precedence | %s |\n| answers | %s |\n",
		p.Code, p.Gloss, p.Marker, p.Class, p.Who, p.Precedence, answers(p))
	fmt.Fprintf(&b, "| permits | %s |\n| clock suggested | %s |\n", links(p.Permits), clockOf(p))
	if flags := flagsOf(p); flags != "" {
		fmt.Fprintf(&b, "| it | %s |\n", flags)
	}
	fmt.Fprintf(&b, "| permitted by | %s |\n| modelled on | %s |\n", links(permittedBy(c, p.Code)), model)
	if len(p.Params) > 0 {
		b.WriteString("\n## Parameters\n\n| name | kind | |\n| --- | --- | --- |\n")
		for _, q := range p.Params {
			note := strings.Join(q.Values, ", ")
			if q.Optional {
				note = strings.TrimPrefix(note+"; optional", "; ")
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", q.Name, q.Kind, note)
		}
		if len(p.OneOf) > 0 {
			fmt.Fprintf(&b, "\nAt least one of `%s` is given.\n", strings.Join(p.OneOf, "`, `"))
		}
	}
	b.WriteString("\n## As it reads\n\nWith sample values for every parameter, the author's own words in «».\n\n")
	reads(t, &b, c, p, record.Actual, true)
	b.WriteString("## As an exercise\n\nWith the parameters it must have. The words of the status stand at both ends.\n\n")
	reads(t, &b, c, p, record.Exercise, false)
	b.WriteString("## As a test\n\n")
	reads(t, &b, c, p, record.Test, false)
	b.WriteString("Drafts until two native readers of each language have signed.\n")
	return b.String()
}

// inOrder are the languages as the pages list them.
var inOrder = []string{"en", "fr", "es", "ru", "zh", "ar", "ko", "ja"}

func reads(t *testing.T, b *strings.Builder, c *Catalogue, p Phrase, status record.Status, full bool) {
	t.Helper()
	h, body := said(t, c, p, full)
	h.Status = status
	for _, lang := range inOrder {
		fmt.Fprintf(b, "<p lang=\"%s\"%s>%s</p>\n\n", lang, direction(c, lang), render(t, c, lang, h, body, env))
	}
}

func direction(c *Catalogue, lang string) string {
	if l, _ := c.Language(lang); l.RightToLeft {
		return ` dir="rtl"`
	}
	return ""
}

func permittedBy(c *Catalogue, code string) (out []string) {
	for _, other := range c.Codes() {
		if p, _ := c.Phrase(other); p.Permitted(code) {
			out = append(out, other)
		}
	}
	return out
}

// values is the page of what stands beside the phrases: the words of a
// status, the precedences and the reasons, in every language.
func values(c *Catalogue) string {
	var b strings.Builder
	b.WriteString("# Statuses, precedences and reasons\n\nMade from the catalogue's data by `go generate ./catalogue`; not to be edited.\n\n" +
		"## Status\n\nA record that is an exercise or a test stands between these words; one that is meant has none.\n\n| | exercise | test |\n| --- | --- | --- |\n")
	for _, lang := range inOrder {
		w := c.StatusWords(lang)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", lang, span(c, lang, strings.ReplaceAll(w["exercise"], "{said}", "…")), span(c, lang, strings.ReplaceAll(w["test"], "{said}", "…")))
	}
	b.WriteString("\n## Precedence\n\n| |")
	for p := record.Flash; p <= record.Routine; p++ {
		fmt.Fprintf(&b, " %s |", p)
	}
	b.WriteString("\n| --- | --- | --- | --- | --- |\n")
	for _, lang := range inOrder {
		fmt.Fprintf(&b, "| %s |", lang)
		for p := record.Flash; p <= record.Routine; p++ {
			fmt.Fprintf(&b, " %s |", span(c, lang, c.Precedence(lang, p)))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Reasons\n\nWhat [HD05](HD05.md) and [WL02](WL02.md) give as `reason`.\n\n")
	for n := 1; n <= MaxReason; n++ {
		fmt.Fprintf(&b, "%d. %s\n", n, c.Reason("en", n))
		for _, lang := range inOrder[1:] {
			fmt.Fprintf(&b, "   - %s: %s\n", lang, span(c, lang, c.Reason(lang, n)))
		}
	}
	b.WriteString("\nDrafts until two native readers of each language have signed.\n")
	return b.String()
}

func span(c *Catalogue, lang, s string) string {
	return fmt.Sprintf("<span lang=\"%s\"%s>%s</span>", lang, direction(c, lang), s)
}

func links(codes []string) string {
	if len(codes) == 0 {
		return "no reply"
	}
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = fmt.Sprintf("[%s](%s.md)", code, code)
	}
	return strings.Join(out, ", ")
}

func clockOf(p Phrase) string {
	s := None
	if p.Clock > 0 {
		s = FormatDuration(uint64(p.Clock.Seconds()))
	}
	if p.AlwaysRuns {
		s += ", in closed hours too"
	}
	return s
}

func answers(p Phrase) string {
	what := map[string]string{"none": "nothing", "one": "one record", "one?": "at most one record", "many": "one record or several", "many?": "any number of records"}[p.Re]
	switch {
	case p.Opens && p.About:
		return what + "; opens a thing, or is about one"
	case p.Opens:
		return what + "; opens a thing"
	}
	return what + "; is about a thing"
}

func flagsOf(p Phrase) string {
	var out []string
	for _, f := range []struct {
		is   bool
		says string
	}{{p.Asks(), "asks for a reply"}, {p.Replies, "counts as a reply"}, {p.Holds, "holds the answer until its hour"}, {p.Withdraws, "withdraws"},
		{p.Corrects, "corrects"}, {p.Confirms, "confirms"}, {p.NeedsText, "needs a free text"}} {
		if f.is {
			out = append(out, f.says)
		}
	}
	return strings.Join(out, "; ")
}

type renderCase struct {
	Code  string            `json:"code"`
	Body  string            `json:"body"`
	Re    [][2]uint64       `json:"re,omitempty"`
	Reads map[string]string `json:"reads"`
}

// Every phrase with every parameter, as it reads in every language.
func TestRenderVectors(t *testing.T) {
	c := withAffairs(t)
	var v struct {
		About string       `json:"about"`
		Cases []renderCase `json:"cases"`
	}
	v.About = "Every phrase of the first release and of the extension affairs with a value for every parameter, and how it reads in every language. body is the record's body in hex; parties 1 and 2 are blue and red, a post is shown as its party and name."
	for _, code := range c.Codes() {
		h, b := said(t, c, c.All()[code], true)
		k := renderCase{Code: code, Body: fmt.Sprintf("%x", b.Encode()), Reads: map[string]string{}}
		for _, r := range h.Re {
			k.Re = append(k.Re, [2]uint64{uint64(r.Party), r.Number})
		}
		for _, lang := range c.Languages() {
			k.Reads[lang] = render(t, c, lang, h, b, env)
		}
		v.Cases = append(v.Cases, k)
	}
	writeVectors(t, "render.json", v)
	made := v.Cases
	v.Cases = nil
	readVectors(t, "render.json", &v)
	if len(made) != len(v.Cases) {
		t.Fatalf("%d phrases, %d cases", len(made), len(v.Cases))
	}
	for i, k := range v.Cases {
		for _, lang := range c.Languages() {
			if k.Code != made[i].Code || k.Body != made[i].Body || k.Reads[lang] != made[i].Reads[lang] {
				t.Errorf("%s in %s reads\n%s, not\n%s", k.Code, lang, made[i].Reads[lang], k.Reads[lang])
			}
		}
		var raw []byte
		if _, err := fmt.Sscanf(k.Body, "%x", &raw); err != nil {
			t.Fatal(err)
		}
		b, err := record.DecodeBody(raw)
		if err != nil {
			t.Fatalf("%s: %v", k.Code, err)
		}
		h, _ := said(t, c, c.All()[k.Code], true)
		if got := render(t, c, "en", h, b, env); got != k.Reads["en"] {
			t.Errorf("%s decoded reads %q", k.Code, got)
		}
	}
	if !slices.IsSortedFunc(v.Cases, func(a, b renderCase) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("cases are not in order")
	}
}
