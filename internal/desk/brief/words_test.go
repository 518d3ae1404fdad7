// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/internal/desk/contact"
)

// entries reads a language as keys with their forms.
func entries(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	b, err := fs.ReadFile(data, "data/active."+tag+".toml")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for k, v := range raw {
		out[k] = map[string]string{}
		switch v := v.(type) {
		case string:
			out[k]["other"] = v
		case map[string]any:
			for form, text := range v {
				out[k][form] = fmt.Sprint(text)
			}
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func placeholders(s string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return out
}

// Every language has every sentence with all that is put into it, and no
// other.
func TestEveryLanguageSaysEverything(t *testing.T) {
	want := []string{"ar", "en", "es", "fr", "ja", "ko", "ru", "zh"}
	if got := Languages(); !slices.Equal(got, want) {
		t.Fatalf("languages %v", got)
	}
	english := entries(t, "en")
	for _, tag := range want {
		got := entries(t, tag)
		for key, forms := range english {
			if len(got[key]) == 0 {
				t.Errorf("%s: %s is missing", tag, key)
			}
			for form, text := range got[key] {
				a, b := placeholders(text), placeholders(forms["other"])
				// A form for one or two may say its number in words.
				if form != "other" {
					a, b = slices.DeleteFunc(a, isN), slices.DeleteFunc(b, isN)
				}
				if key == "owe" || key == "await" || key == "ago" {
					a, b = slices.DeleteFunc(a, isN), slices.DeleteFunc(b, isN)
				}
				if strings.TrimSpace(text) == "" || !slices.Equal(a, b) {
					t.Errorf("%s: %s.%s is filled with %v, not %v", tag, key, form, a, b)
				}
			}
		}
		for key := range got {
			if english[key] == nil {
				t.Errorf("%s: %s is said nowhere", tag, key)
			}
		}
	}
}

func isN(s string) bool { return s == "N" }

// Every count has its form in every language.
func TestEveryCountHasItsForm(t *testing.T) {
	for _, tag := range Languages() {
		w, err := Language(tag)
		if err != nil {
			t.Fatal(err)
		}
		for key := range entries(t, tag) {
			if s := w.say(key, args{"N": 1}); s == "["+key+"]" {
				t.Errorf("%s: %s is not said of one", tag, key)
			}
		}
		forms := map[string]bool{}
		for n := range 1200 {
			for key := range counted {
				s := w.say(key, args{"N": n, "Due": "d", "Ago": said("a"), "Ours": "o", "Theirs": "t", "Date": "d"})
				if s == "["+key+"]" || strings.Contains(s, "<no value>") {
					t.Fatalf("%s: %s of %d: %q", tag, key, n, s)
				}
				if key == "ago" {
					forms[regexp.MustCompile(`\d+`).ReplaceAllString(s, "#")] = true
				}
			}
		}
		if least := map[string]int{"ar": 4, "ru": 3, "en": 2, "fr": 2, "es": 2}[tag]; len(forms) < least {
			t.Errorf("%s tells days in %d forms: %v", tag, len(forms), forms)
		}
	}
}

// No sentence of ours evaluates a party, in any language. The lists are the
// catalogue's where it has one.
func TestNoWordsEvaluate(t *testing.T) {
	for _, tag := range Languages() {
		b, err := os.ReadFile("../../../catalogue/testdata/evaluative/" + tag + ".txt")
		if err != nil {
			b, err = os.ReadFile("testdata/evaluative/" + tag + ".txt")
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			re := regexp.MustCompile("(?i)" + strings.TrimSpace(line))
			for key, forms := range entries(t, tag) {
				for form, text := range forms {
					if re.MatchString(text) {
						t.Errorf("%s: %s.%s holds %q: %s", tag, key, form, re, text)
					}
				}
			}
		}
	}
}

// The lists of this room find what they are for.
func TestEvaluativeListsFind(t *testing.T) {
	for tag, sentence := range map[string]string{"ja": "相手は通話を拒否し、これは挑発だ", "ko": "상대가 통화를 거부했고 이는 도발이다"} {
		b, err := os.ReadFile("testdata/evaluative/" + tag + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			if regexp.MustCompile(strings.TrimSpace(line)).MatchString(sentence) {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%s: %d words of %q were found", tag, n, sentence)
		}
	}
}

// What is put into a sentence moves no word around it and turns nothing
// over: isolates are balanced and nothing of others overrides them.
func TestDirectionsAreIsolated(t *testing.T) {
	evil := "\u202eabc\u2069\u2066 (وزير) \u200f"
	list := []contact.Contact{{Kind: "contact", Level: "principal", Ours: evil, Theirs: "T" + evil, Channel: evil, Outcome: "held", Source: evil, Attribution: "press", Asked: "unknown"}}
	for _, tag := range Languages() {
		w, err := Language(tag)
		if err != nil {
			t.Fatal(err)
		}
		b := Of(Input{Line: "l", Ours: Side{Title: "A"}, Theirs: Side{Title: "ب"}, At: time.Unix(1_621_600_000, 0), Contacts: list}, w, w.Line())
		for _, page := range []string{b.Text(w, Side{Title: "A"}, Side{Title: "ب"}, Form{}), b.HTML(w, Side{Title: "A"}, Side{Title: "ب"}, Form{}), b.Markdown(w, Side{Title: "A"}, Side{Title: "ب"}, Form{})} {
			for line := range strings.Lines(page) {
				depth := 0
				for _, r := range line {
					switch r {
					case '\u2068':
						depth++
					case '\u2069':
						depth--
					case '\u202e', '\u2066', '\u2067', '\u200f':
						t.Fatalf("%s: %q", tag, line)
					}
					if depth < 0 {
						t.Fatalf("%s: unbalanced: %q", tag, line)
					}
				}
				if depth != 0 {
					t.Fatalf("%s: unbalanced: %q", tag, line)
				}
			}
		}
		if html := b.HTML(w, Side{Title: "A"}, Side{Title: "B"}, Form{}); tag == "ar" != strings.Contains(html, `lang="ar" dir="rtl"`) {
			t.Errorf("%s: %.80s", tag, html)
		}
	}
}

// A page fits one sheet however much is known, and says what it leaves out.
func TestThePageFitsOneSheet(t *testing.T) {
	list := story(t)
	for i := range 300 {
		c := list[i%len(list)]
		c.Source, c.Subject, c.Quote = fmt.Sprintf("%s %d", c.Source, i), fmt.Sprintf("%s %d", c.Subject, i), fmt.Sprintf("quote %d", i)
		list = append(list, c)
	}
	for _, tag := range Languages() {
		w, err := Language(tag)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := time.Parse(time.DateOnly, "2021-05-26")
		b := Of(Input{Line: "dtl", Ours: us, Theirs: cn, At: d, Contacts: list}, w, w.Line())
		page := b.Text(w, us, cn, Form{})
		if n := strings.Count(page, "\n"); n > 86 {
			t.Errorf("%s: %d lines\n%s", tag, n, page)
		}
		if strings.Contains(page, "<no value>") || !strings.Contains(page, "+") && !strings.Contains(page, "另有") {
			t.Errorf("%s: nothing says what is left out:\n%s", tag, page)
		}
	}
}

// Nothing of ours is style or script, and what was imported is escaped.
func TestHTMLIsBare(t *testing.T) {
	w, three := english(t)
	c := contact.Contact{Kind: "contact", Level: "principal", Ours: `<img src=x onerror=alert(1)>`, Theirs: `"><script>`, Channel: "&amp;", Outcome: "held", Source: "<b>", Attribution: "press", Asked: "unknown"}
	b := Of(Input{Line: "l", Ours: Side{Title: "<A>"}, Theirs: Side{Title: "B"}, At: time.Unix(1_621_600_000, 0), Contacts: []contact.Contact{c}}, w, three)
	html := b.HTML(w, Side{Title: "<A>"}, Side{Title: "B"}, Form{})
	for _, bad := range []string{"<script", "<img", "style=", "<b>", "<A>", "onerror=alert(1)>"} {
		if strings.Contains(html, bad) {
			t.Errorf("%s in\n%s", bad, html)
		}
	}
	if opened, closed := strings.Count(html, "<li"), strings.Count(html, "</li>"); opened != closed || !strings.HasSuffix(html, "</article>\n") {
		t.Errorf("%d items opened, %d closed", opened, closed)
	}
}
