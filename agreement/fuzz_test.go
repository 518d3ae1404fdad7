// SPDX-License-Identifier: Apache-2.0

package agreement_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	. "openline/agreement"
	drafts "openline/agreement/draft"
)

// What parses is kept as it is, prints on clean lines, and gives a next
// version that amends it; what does not says on which line, in one line.
func FuzzParse(f *testing.F) {
	text := draft(f, blueAndRed())
	f.Add(text)
	f.Add(draft(f, drafts.Options{Amends: parse(f, text)}))
	f.Add(strings.Replace(text, "text = \"", "text = \"\"\"\n\"\"\" # ", 1))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			if e := new(Error); !errors.As(err, &e) || strings.Contains(err.Error(), "\n") || e.Line > 1+strings.Count(text, "\n") {
				t.Errorf("%T %q", err, err)
			}
			return
		}
		if a.Text() != text || len(a.Parties) < MinParties {
			t.Error("another text")
		}
		for l := range strings.Lines(drafts.Print(a, 1)) {
			if c, hidden := Unseen(strings.TrimSuffix(l, "\n")); hidden {
				t.Errorf("U+%04X is printed in %q", c, l)
			}
		}
		next, err := drafts.Text(drafts.Options{Amends: a})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := Parse(next); err != nil || b.Amends(a) != nil {
			t.Errorf("its next version: %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	b, err := os.ReadFile(vectors + "signed.note")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	text, _ := lines(b)
	f.Add([]byte(text + "\n— blue.example AAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := Open(in)
		if err == nil && !strings.HasPrefix(string(in), a.Text()+"\n— ") {
			t.Error("it opens as another text")
		}
		if err == nil {
			if again, err := Join(in); err != nil || len(again) != len(in) {
				t.Errorf("it joins to %d bytes, not %d: %v", len(again), len(in), err)
			}
		}
	})
}
