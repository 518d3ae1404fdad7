// SPDX-License-Identifier: Apache-2.0

package translation_test

import (
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/translation"
)

func fold(t *testing.T, b *translation.Book, n translation.Note) {
	t.Helper()
	n.V = desk.Version
	raw, err := desk.Write(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Fold(desk.Entry{At: time.Unix(1_800_000_000, 0).UTC(), Kind: translation.Kind, Bytes: raw}); err != nil {
		t.Fatalf("%+v: %v", n, err)
	}
}

// The last text of a language holds, earlier ones stay, and another person
// than who wrote it reads it a second time.
func TestWorkingTexts(t *testing.T) {
	b := &translation.Book{}
	fold(t, b, translation.Note{Token: "a", Do: translation.DoText, Record: "red/7", Lang: "en", Text: "draft", Machine: "a service"})
	for range 2 {
		fold(t, b, translation.Note{Token: "b", Do: translation.DoText, Record: "red/7", Lang: "en", Text: "worked over", By: "lin"})
	}
	fold(t, b, translation.Note{Token: "c", Do: translation.DoText, Record: "red/7", Lang: "fr", Text: "en français", By: "lin"})
	if w, ok := b.Newest("red/7", "en"); !ok || w.Text != "worked over" || w.No != 2 || w.Machine != "" || len(b.Of("red/7")) != 3 {
		t.Errorf("%+v, %d texts", w, len(b.Of("red/7")))
	}
	if _, ok := b.Newest("red/8", "en"); ok {
		t.Error("a record without a text has one")
	}
	for want, n := range map[string]translation.Note{
		"another person":       {Do: translation.DoSecond, Of: 2, By: "lin"},
		"say who read":         {Do: translation.DoSecond, Of: 2},
		"no working text 9":    {Do: translation.DoSecond, Of: 9, By: "ann"},
		"no record's name":     {Do: translation.DoText, Record: "../x", Lang: "en", Text: "x", By: "a"},
		"no language":          {Do: translation.DoText, Record: "red/1", Lang: "<b>", Text: "x", By: "a"},
		"text is empty":        {Do: translation.DoText, Record: "red/1", Lang: "en", By: "a"},
		"say who wrote":        {Do: translation.DoText, Record: "red/1", Lang: "en", Text: "x"},
		"a control character":  {Do: translation.DoText, Record: "red/1", Lang: "en", Text: "\x1b[2J", By: "a"},
		"bytes; at most":       {Do: translation.DoText, Record: "red/1", Lang: "en", Text: strings.Repeat("x", 1<<17), By: "a"},
		"nothing a translator": {Do: "send"},
	} {
		n.V, n.Token = desk.Version, "x"
		if err := b.Check(n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	fold(t, b, translation.Note{Token: "d", Do: translation.DoSecond, Of: 2, By: "ann", Words: "as I read it"})
	if w, err := b.Get(2); err != nil || w.Second != "ann" || w.SecondAt == nil || w.Words != "as I read it" {
		t.Errorf("%+v, %v", w, err)
	}
	if err := b.Check(translation.Note{V: desk.Version, Token: "e", Do: translation.DoSecond, Of: 2, By: "cem"}); err == nil {
		t.Error("it is read a third time")
	}
}

func FuzzFold(f *testing.F) {
	f.Add(`{"v":1,"token":"a","do":"text","by":"a","record":"red/1","lang":"en","text":"x"}`)
	f.Fuzz(func(t *testing.T, s string) {
		b := &translation.Book{}
		if err := b.Fold(desk.Entry{Kind: translation.Kind, Bytes: []byte(s)}); err == nil {
			if _, err := b.Get(1); err != nil {
				t.Errorf("%q is taken and holds nothing", s)
			}
		}
	})
}
