// SPDX-License-Identifier: Apache-2.0

package agreement_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "openline/agreement"
	drafts "openline/agreement/draft"
	"openline/identity"
)

func TestSignOnlyAsAParty(t *testing.T) {
	text := draft(t, blueAndRed())
	if _, err := drafts.Sign(text, "green.example", secretOf(0)); err == nil || err.Error() != "green.example is not a party of this agreement" {
		t.Errorf("a stranger signs: %v", err)
	}
	if _, err := drafts.Sign(text, "blue.example", secretOf(64)); err == nil || err.Error() != "the agreement names another key for blue.example than the one at hand" {
		t.Errorf("another key: %v", err)
	}
	if _, err := drafts.Sign(strings.Replace(text, "notice_days = 90", "notice_days = 0", 1), "blue.example", secretOf(0)); err == nil {
		t.Error("a text that does not parse is signed")
	}
}

// A bundle on its way says who has signed, and opens only when all have.
func TestOnItsWay(t *testing.T) {
	text := draft(t, blueAndRed())
	blue, red := sign(t, text, "blue.example", 0), sign(t, text, "red.example", 64)
	a, signed, err := OpenPartly(blue)
	if err != nil || a.Text() != text || !signed["blue.example"] || signed["red.example"] {
		t.Errorf("%v, %v", signed, err)
	}
	_, err = Open(blue)
	missing := new(MissingError)
	if !errors.As(err, &missing) || !slices.Equal(missing.Parties, []identity.Party{"red.example"}) || err.Error() != "the agreement is not signed by red.example" {
		t.Errorf("%v", err)
	}
	for _, b := range [][]byte{join(t, blue, red), join(t, red, blue), join(t, join(t, blue, red), blue, red)} {
		if a, err := Open(b); err != nil || a.Text() != text {
			t.Errorf("%v", err)
		}
	}
}

// lines takes a signed note apart: its text and its two signature lines.
func lines(note []byte) (text string, sigs []string) {
	s := string(note)
	i := strings.LastIndex(s, "\n\n")
	return s[:i+1], strings.SplitAfter(strings.TrimSuffix(s[i+2:], "\n"), "\n")
}

func TestBundlesRefused(t *testing.T) {
	text := draft(t, blueAndRed())
	blue, red := sign(t, text, "blue.example", 0), sign(t, text, "red.example", 64)
	_, b := lines(blue)
	_, r := lines(red)
	b[1], r[1] = b[1]+"\n", r[1]+"\n"
	stranger, err := secretOf(32).SignNote("green.example", text)
	if err != nil {
		t.Fatal(err)
	}
	_, g := lines(stranger)
	imposter, err := secretOf(32).SignNote("red.example", text)
	if err != nil {
		t.Fatal(err)
	}
	_, im := lines(imposter)
	other := strings.Replace(text, "notice_days = 90", "notice_days = 91", 1)
	spoilt := strings.Replace(r[0], r[0][len(r[0])-20:len(r[0])-10], "AAAAAAAAAA", 1)
	whole := strings.Join(append(slices.Clone(b), r...), "")
	for _, tc := range []struct{ name, bundle, says string }{
		{"a stranger's signature", text + "\n" + whole + g[0], "signed by green.example, which is not a party of this agreement"},
		{"Ed25519 alone", text + "\n" + b[0] + b[1] + r[0], "signatures of red.example: only one of the party's two signatures is there; both Ed25519 and ML-DSA-44 are needed"},
		{"ML-DSA-44 alone", text + "\n" + b[0] + b[1] + r[1], "signatures of red.example: only one of the party's two signatures is there; both Ed25519 and ML-DSA-44 are needed"},
		{"another key under a party's name", text + "\n" + b[0] + b[1] + strings.Join(im, "") + "\n", "signatures of red.example: it is not signed by this party's key"},
		{"another key beside a party's", text + "\n" + whole + im[0], "signatures of red.example: there are 3, each party gives two"},
		{"a signature twice", text + "\n" + whole + r[0], "signatures of red.example: there are 3, each party gives two"},
		{"a signature spoilt", text + "\n" + b[0] + b[1] + spoilt + r[1], "signatures of red.example: a signature of the party does not verify"},
		{"the text changed", other + "\n" + whole, "signatures of blue.example: a signature of the party does not verify"},
		{"no signatures", text, "what follows the last blank line is no signature: \"[[clause]]\\n\""},
		{"words among the signatures", text + "\n" + b[0] + "signed in good faith\n", `what follows the last blank line is no signature: "signed in good faith\n"`},
		{"the last line cut", text + "\n" + strings.TrimSuffix(whole, "\n"), "what follows the last blank line is no signature: " + fmt.Sprintf("%.40q", strings.TrimSuffix(r[1], "\n"))},
		{"too many signatures", text + "\n" + strings.Repeat(b[0], 121), "more signatures than parties can give"},
		{"too large", text + "\n" + strings.Repeat("— blue.example AAAA\n", 1<<16), "the file is too large for an agreement"},
	} {
		if a, _, err := OpenPartly([]byte(tc.bundle)); err == nil || a != nil || !strings.HasPrefix(err.Error(), tc.says) {
			t.Errorf("%s: %v\nwant %s", tc.name, err, tc.says)
		}
		if _, err := Open([]byte(tc.bundle)); err == nil {
			t.Errorf("%s opens", tc.name)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	text := draft(t, blueAndRed())
	o := blueAndRed()
	o.PerMinute = 601
	blue, red := sign(t, text, "blue.example", 0), sign(t, draft(t, o), "red.example", 64)
	_, err := Join(blue, red)
	if !errors.Is(err, ErrText) || !strings.HasPrefix(err.Error(), "the signatures are over different texts: sha256:") {
		t.Errorf("two texts: %v", err)
	}
	if _, err := Join(); err == nil {
		t.Error("nothing is joined")
	}
	if _, err := Join(blue, []byte("x")); err == nil {
		t.Error("a file without signatures is joined")
	}
}

func TestSixtyPartiesOpen(t *testing.T) {
	o := blueAndRed()
	o.Parties = sixty()
	text := draft(t, o)
	var notes [][]byte
	for i, p := range o.Parties {
		notes = append(notes, sign(t, text, string(p.Name), i))
	}
	a, err := Open(join(t, notes...))
	if err != nil || len(a.Parties) != MaxParties {
		t.Fatal(err)
	}
	_, signed, err := OpenPartly(join(t, notes[:59]...))
	if err != nil || len(slices.Collect(maps.Keys(signed))) != 59 {
		t.Errorf("%d signed, %v", len(signed), err)
	}
	if _, err := Open(join(t, notes[:59]...)); err == nil || err.Error() != "the agreement is not signed by p59.example" {
		t.Errorf("fifty-nine of sixty: %v", err)
	}
}
