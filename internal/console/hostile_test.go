// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openline/catalogue"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// hostile is what a counterpart may write wherever it chooses the words.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</title><script>alert(1)</script>`,
	`{{.Who}}`, `javascript:alert(1)`, `<a href="javascript:alert(1)">x</a>`, `--><style>*{display:none}</style><!--`, `" autofocus onfocus=alert(1) x="`,
	`</textarea><script>alert(1)</script>`, "\u202e<script>alert(1)</script>", `&lt;script&gt;`, `<iframe srcdoc="<script>alert(1)</script>">`,
}

// corpus are drafts of everything the other side's officer may open a thing
// with, hostile words in every field that takes words.
func corpus(cat *catalogue.Catalogue, x string) (out []station.Draft) {
	for _, code := range cat.Codes() {
		p, _ := cat.Phrase(code)
		if p.Who == catalogue.Machine || p.Who == catalogue.TwoPersons || p.Re == "one" || p.Re == "many" {
			continue
		}
		d := station.Draft{Code: code, Params: map[string]record.Value{}}
		worded := false
		for _, f := range p.Params {
			v, words, ok := worst(f, x)
			if !ok {
				continue
			}
			d.Params[f.Name] = v
			worded = worded || words
		}
		if p.NeedsText || worded {
			d.Text, d.Language, d.Translations = x, "en", map[string]string{"zh": x}
			out = append(out, d)
		}
	}
	return out
}

// worst is the worst value a field takes: words where it takes words.
func worst(f catalogue.Param, x string) (v record.Value, words, ok bool) {
	switch f.Kind {
	case "text", "name", "place", "callsign", "channel":
		return record.Text(x), true, true
	case "time":
		return record.Uint(1_900_000_000), false, true
	case "count", "duration", "reason", "number":
		return record.Uint(1), false, true
	case "enum":
		return record.Text(f.Values[0]), false, true
	case "choices":
		return record.Array(record.Text(f.Values[0])), false, true
	case "post":
		return record.Array(record.Uint(2), record.Text("watch")), false, true
	case "window":
		return span(), false, true
	case "windows":
		return record.Array(span()), false, true
	case "position":
		return spot(), false, true
	case "area":
		return record.Array(spot(), spot(), spot()), false, true
	case "names":
		return record.Array(record.Text(x), record.Text(x)), true, true
	}
	return v, false, false
}

func span() record.Value { return record.Array(record.Uint(1_900_000_000), record.Uint(1_900_003_600)) }

func spot() record.Value { return record.Array(record.Int(1_000_000), record.Int(2_000_000)) }

// The words of the other side stay words on every page there is: the matrix
// says which, and each is opened over a record of everything they can say.
func TestHostileWordsStayWords(t *testing.T) {
	d := newDesk(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	signs(t, ctx, d.red, d.world)
	said, codes := d.sayCorpus(t, ctx)
	if len(codes) < 8 {
		t.Fatalf("the other side could say only %v: this test looks at nothing", codes)
	}
	t.Logf("%d records of %d phrases", len(said), len(codes))
	// And what people of this house write, or bring in from outside.
	for _, x := range hostile {
		d.ask("POST", "/enter", url.Values{"link": {x}}, nil, func(r *http.Request) { r.RemoteAddr = x })
		d.ask("GET", "/enter/issuer/back?error="+url.QueryEscape(x), nil, nil, nil)
	}
	pages := map[string]int{}
	for _, rule := range d.matrix {
		if rule.Method != "GET" || rule.Path == "/live" || rule.Does == "download" {
			continue
		}
		role := Officer
		if !rule.allows(role) {
			role = rule.May[0]
		}
		c := d.sit(t, role)
		for _, at := range d.everywhere(rule, said) {
			a := d.ask("GET", at, nil, c, nil)
			if a.Code >= 500 {
				t.Errorf("%s: %d %.300s", at, a.Code, a.Body)
			}
			if strings.HasPrefix(a.Header().Get("Content-Disposition"), "attachment; ") && a.Header().Get("X-Content-Type-Options") == "nosniff" {
				continue // a file that is taken away; no browser reads it as a page
			}
			page := a.Body.String()
			pages[rule.Path] += strings.Count(page, "alert(1)")
			clean(t, at, page)
		}
	}
	for _, must := range []string{"/watch", "/line/{line}", "/line/{line}/record/{party}/{number}", "/line/{line}/compose", "/attempts"} {
		if pages[must] == 0 {
			t.Errorf("%s shows none of the words: this test looks at nothing", must)
		}
	}
}

// everywhere are the addresses of a page: over each record where it is about
// one, and with hostile words in each field of a form that it reads.
func (d *desk) everywhere(rule rule, said []host.Record) (out []string) {
	line := string(d.world.Line())
	paths := []string{rule.Path}
	if strings.Contains(rule.Path, "{number}") {
		paths = nil
		for _, r := range said {
			paths = append(paths, strings.NewReplacer("{party}", "red", "{number}", number(r.Number)).Replace(rule.Path))
		}
	}
	for _, p := range paths {
		p = strings.NewReplacer("{line}", line, "{$}", "").Replace(p)
		if !placeholder.MatchString(p) {
			out = append(out, p)
			continue
		}
		for _, x := range hostile {
			out = append(out, placeholder.ReplaceAllLiteralString(p, url.PathEscape(x)))
		}
	}
	first := out[0]
	fields := []string{"q", "code", "re", "back", "at", "from", "to", "about", "lang", "role", "error", "export", "text", "p.text"}
	for _, field := range fields {
		out = append(out, first+"?"+url.Values{field: {strings.Join(hostile, " ")}}.Encode())
	}
	for i, x := range hostile {
		out = append(out, first+"?"+url.Values{fields[i%2]: {x}}.Encode())
	}
	if strings.HasSuffix(rule.Path, "/compose") {
		for _, r := range said {
			out = append(out, first+"?code=TX01&re=red/"+number(r.Number), first+"?code="+r.Header.Code)
		}
	}
	return out
}

// sayCorpus has the other side say everything it can, and waits until it is
// here.
func (d *desk) sayCorpus(t *testing.T, ctx context.Context) ([]host.Record, map[string]bool) {
	t.Helper()
	line := d.world.Line()
	codes := map[string]bool{}
	var said []host.Record
	for i, x := range hostile {
		for _, draft := range corpus(d.world.Catalogue, x) {
			// Everything once with the first words, then a few with each of the others.
			if i > 0 && (!codes[draft.Code] || draft.Code != "TX01" && (i+len(said))%6 != 0) {
				continue
			}
			results, err := d.red.Say(ctx, line, station.Say{Token: fmt.Sprint(i, draft.Code), Drafts: []station.Draft{draft}})
			if err != nil {
				t.Logf("%s is not taken: %.120v", draft.Code, err)
				continue
			}
			codes[draft.Code] = true
			r, err := d.red.Record(line, record.ByNumber(results[0].Party, results[0].Number))
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, r)
		}
	}
	if got, err := d.red.WaitReceipts(ctx, line, said[len(said)-1].Located); err != nil || len(got) != 1 {
		t.Fatalf("the records did not come: %v, %v", got, err)
	}
	return said, codes
}

var (
	tags    = regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	badTag  = regexp.MustCompile(`(?i)^<(script>|img|iframe|style|svg on|textarea [^>]*on)|srcdoc|\son[a-z]+=|=javascript|<!--`)
	quoted  = regexp.MustCompile(`"[^"<>]*"`)
	badLink = regexp.MustCompile(`(?i)(href|src|action)="(javascript|data|//|http)`)
	insides = regexp.MustCompile(`\[anna watch\]|map\[`)
)

// clean holds a page to having no markup but ours.
func clean(t *testing.T, at, page string) {
	t.Helper()
	for _, tag := range tags.FindAllString(page, -1) {
		if badTag.MatchString(quoted.ReplaceAllString(tag, `""`)) || badLink.MatchString(tag) {
			t.Errorf("%s has %q as markup", at, tag)
		}
	}
	if m := insides.FindString(page); m != "" {
		t.Errorf("%s shows the insides of a template: %q", at, m)
	}
}
