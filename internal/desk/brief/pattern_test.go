// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"io/fs"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// A sentence taken apart says what the library that chooses its forms says of
// it, in every language, of every count, with and without what is put in.
func TestASentenceTakenApartIsTheSame(t *testing.T) {
	filled := args{"Text": said("t"), "Ours": "o", "Theirs": "x", "Date": "d", "Due": "h", "Ago": said("a"), "Subject": "s", "Kind": said("k"), "From": "f", "To": "g"}
	for _, tag := range Languages() {
		w, err := Language(tag)
		if err != nil {
			t.Fatal(err)
		}
		bundle := i18n.NewBundle(language.Make(tag))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		raw, err := fs.ReadFile(data, "data/active."+tag+".toml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bundle.ParseMessageFileBytes(raw, "active."+tag+".toml"); err != nil {
			t.Fatal(err)
		}
		whole := i18n.NewLocalizer(bundle, tag)
		for key := range entries(t, tag) {
			for _, n := range []int{0, 1, 2, 3, 5, 11, 21, 22, 100, 101, 1_000_000} {
				filled["N"] = n
				for _, a := range []args{filled, {"N": n}} {
					clean := map[string]any{}
					for k, v := range a {
						if s, ok := v.(string); ok {
							v = w.isolate(s)
						}
						clean[k] = v
					}
					cfg := &i18n.LocalizeConfig{MessageID: key, TemplateData: clean}
					if counted[key] {
						cfg.PluralCount = n
					}
					want, err := whole.Localize(cfg)
					if err != nil {
						want = "[" + key + "]"
					}
					if got := w.say(key, a); got != want {
						t.Fatalf("%s: %s of %d is %q, not %q", tag, key, n, got, want)
					}
				}
			}
		}
		if got := w.say("no such sentence", nil); got != "[no such sentence]" || w.has("no such sentence") {
			t.Errorf("%s: %q", tag, got)
		}
	}
}

// What cannot be said so is told when the words are read.
func TestOnlyNamesArePutIn(t *testing.T) {
	for _, text := range []string{"{{ .N }}", "{{.N", "N}}", "{{if .N}}x{{end}}", "{{.N.M}}"} {
		if p, err := patternOf(text); err == nil {
			t.Errorf("%q is taken apart as %v", text, p)
		}
	}
}
