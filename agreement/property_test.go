// SPDX-License-Identifier: Apache-2.0

package agreement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "openline/agreement"
	drafts "openline/agreement/draft"
	"openline/identity"
)

// Whatever a draft is asked for within bounds, it parses, says what was
// asked, and its text is kept as it is.
func TestDraftParses(t *testing.T) {
	all := sixty()
	rapid.Check(t, func(t *rapid.T) {
		o := drafts.Options{
			Slug: rapid.StringMatching(`[a-z][a-z0-9]{0,30}`).Draw(t, "slug"), Exercise: rapid.Bool().Draw(t, "exercise"),
			Languages:  rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{2,3}(-[A-Z]{2})?`), 1, 16, rapid.ID).Draw(t, "languages"),
			TestsEvery: time.Duration(rapid.SampledFrom([]int{10, 15, 30, 60, 360, 1440}).Draw(t, "every")) * time.Minute,
			TimedHead:  time.Duration(rapid.IntRange(10, 86400).Draw(t, "timed head")) * time.Second,
			PerMinute:  rapid.IntRange(10, 10_000_000).Draw(t, "rate"),
			Answered:   rapid.SliceOfNDistinct(rapid.StringMatching(`(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]`), 0, 24, rapid.ID).Draw(t, "answered"),
		}
		copy(o.Catalogue[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "catalogue"))
		for i := range rapid.IntRange(2, 4).Draw(t, "parties") {
			p := all[i]
			p.Title = strings.TrimSpace(rapid.StringMatching(`[a-zA-Zа-я一-龥ء-ي"\\ ]{0,60}x`).Draw(t, "title"))
			o.Parties = append(o.Parties, p)
		}
		text, err := drafts.Text(o)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Parse(text)
		if err != nil || a.Text() != text {
			t.Fatalf("%v", err)
		}
		if a.Tests.Every != o.TestsEvery || a.Ceilings.TimedHead != o.TimedHead || a.Ceilings.RecordsPerMinute != o.PerMinute || a.Catalogue != o.Catalogue ||
			fmt.Sprint(a.Languages) != fmt.Sprint(o.Languages) || fmt.Sprint(hours(a.Tests.Answered)) != fmt.Sprint(o.Answered) || a.Line.Slug() != o.Slug {
			t.Fatalf("asked %+v\ngot %+v", o, a)
		}
		for i, p := range a.Parties {
			if p.Title != o.Parties[i].Title || p.Key != o.Parties[i].Key {
				t.Fatalf("party %+v", p)
			}
		}
		next, err := drafts.Text(drafts.Options{Amends: a})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Parse(next)
		if err != nil || b.Amends(a) != nil || len(drafts.Changes(a, b)) != 0 {
			t.Fatalf("the next version: %v, %v", err, drafts.Changes(a, b))
		}
	})
}

// One byte changed anywhere in a signed bundle is refused, or is not a byte
// of the text and of no signature.
func TestAnyByteChanged(t *testing.T) {
	text := draft(t, blueAndRed())
	bundle := join(t, sign(t, text, "blue.example", 0), sign(t, text, "red.example", 64))
	rapid.Check(t, func(t *rapid.T) {
		b := append([]byte(nil), bundle...)
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[i] ^= byte(1 + rapid.IntRange(0, 254).Draw(t, "by"))
		if a, err := Open(b); err == nil {
			t.Fatalf("byte %d changed from %q to %q, and it opens as %s", i, bundle[i], b[i], a.Line)
		}
	})
}

// The last characters of a signature have bits that decode to nothing: they
// too are the one spelling.
func TestEndOfSignatures(t *testing.T) {
	text := draft(t, blueAndRed())
	bundle := join(t, sign(t, text, "blue.example", 0), sign(t, text, "red.example", 64))
	for end := len(text) + 1; end < len(bundle); {
		end += strings.IndexByte(string(bundle[end:]), '\n') + 1
		at := end - 3
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \r" {
			b := append([]byte(nil), bundle...)
			if b[at] = byte(c); b[at] == bundle[at] {
				continue
			}
			if _, err := Open(b); err == nil {
				t.Errorf("it opens with %q for %q in %q", c, rune(bundle[at]), bundle[end-12:end])
			}
		}
	}
}

// No message grows with what it complains of.
func TestMessagesAreShort(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	text := draft(t, blueAndRed())
	for _, key := range []string{"line", "standing", "catalogue", "every", "clock", "short", "title", "key", "fingerprint", "id"} {
		i := strings.Index(text, "\n"+key+" = \"")
		j := i + len(key) + 5
		_, err := Parse(text[:j] + long + text[j:])
		if err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: %.500v", key, err)
		}
	}
	if _, err := drafts.Sign(text, identity.Party(long), secretOf(0)); err == nil {
		t.Error("signed by a name of ten thousand letters")
	}
}
