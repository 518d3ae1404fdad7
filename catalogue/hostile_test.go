// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	. "openline/catalogue"
	hand "openline/catalogue/typed"
	"openline/record"
)

// What a counterpart writes stays inside its quotes, on one line, and turns
// nothing around it, whatever characters it is made of.
func TestHostileWordsStayInTheirQuotes(t *testing.T) {
	c := first(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\u202e\u202d\u2066\u2067\u2068\u2069\u200f\u061c\u2028\ufeff\u0007\n«»{}[]\U000e0041")),
			rapid.RuneFrom(nil, unicode.Arabic, unicode.Hebrew)), 1, 40, MaxName).Draw(t, "words")
		if strings.TrimSpace(words) == "" {
			return
		}
		lang := rapid.SampledFrom(c.Languages()).Draw(t, "lang")
		h := &record.Header{Code: "HX01", Status: record.Exercise, Language: "en"}
		b := &record.Body{Params: map[string]record.Value{"channel": record.Text(words), "hour": record.Uint(0)}, Text: words}
		s, err := c.Render(lang, h, b, env)
		if err != nil {
			t.Fatal(err)
		}
		b.Params["channel"], b.Text = record.Text("x"), "x"
		plain, err := c.Render(lang, h, b, env)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := outside(s), outside(plain); a != b {
			t.Fatalf("outside the quotes stands\n%q, not\n%q", a, b)
		}
		if !isolatesBalance(s) {
			t.Fatalf("isolates do not balance in %q", s)
		}
		for _, r := range s {
			if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Bidi_Control, r) && r != '\u2068' && r != '\u2069' {
				t.Fatalf("%U stands in %q", r, s)
			}
		}
	})
}

// outside gives what stands outside «», isolates left out.
func outside(s string) string {
	var out strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '«':
			in = true
		case r == '»':
			in = false
		case !in && r != '\u2068' && r != '\u2069':
			out.WriteRune(r)
		}
	}
	return out.String()
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"two\nlines":           "two ⏎ lines",
		"«said» he":            "‹said› he",
		"ab\u202ecd":           "ab⟨U+202E⟩cd",
		"\u2069 EXERCISE ends": "⟨U+2069⟩ EXERCISE ends",
		"\x1b[2J":              "⟨U+001B⟩[2J",
		"\ufeffx\u2028":        "⟨U+FEFF⟩x⟨U+2028⟩",
		"می\u200cخواهم":        "می\u200cخواهم",
		"bad \xff byte":        "bad ⟨U+FFFD⟩ byte",
		"emoji 🙂 and 中文 stay":  "emoji 🙂 and 中文 stay",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q is shown as %q, not %q", in, got, want)
		}
	}
}

// A value of another kind is shown as nothing, never as something wrong.
func TestFormatParamTakesAnyValue(t *testing.T) {
	c := first(t)
	values := []record.Value{{}, record.Uint(1 << 63), record.Int(-1), record.Text(""), record.Text("x"), record.Bytes(nil), record.Bool(true),
		record.Array(), record.Array(record.Array()), record.Array(record.Text("CR01"), record.Uint(9), record.Uint(1)), record.Array(record.Uint(1))}
	for k := range samples {
		for _, v := range values {
			p := Param{Name: "x", Kind: k}
			if s := c.FormatParam("en", p, v, env); p.Check(v) != nil && s != None {
				t.Errorf("%s: %v is shown as %q", k, v, s)
			}
		}
	}
	if s := c.FormatParam("en", Param{Kind: "unknown"}, record.Uint(1), env); s != None {
		t.Errorf("an unknown kind is shown as %q", s)
	}
	if s := c.FormatParam("xx", Param{Kind: "count"}, record.Uint(1), env); s != None {
		t.Errorf("an unknown language shows %q", s)
	}
}

func TestForeignDirectionIsIsolated(t *testing.T) {
	c := first(t)
	p := Param{Name: "x", Kind: "name"}
	for _, tc := range []struct{ lang, in, want string }{
		{"en", "line office", "«line office»"},
		{"en", "مكتب", "«\u2068مكتب\u2069»"},
		{"ar", "line office", "«\u2068line office\u2069»"},
	} {
		if got := c.FormatParam(tc.lang, p, record.Text(tc.in), env); got != tc.want {
			t.Errorf("%s: %q", tc.lang, got)
		}
	}
	w, err := hand.Parse(Param{Name: "w", Kind: "window"}, samples["window"], env)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.FormatParam("ar", Param{Kind: "window"}, w, env), "\u20682021-05-21 10:00Z\u2069 إلى \u20682021-05-21 12:00Z\u2069"; got != want {
		t.Errorf("an Arabic reader sees %q", got)
	}
}
