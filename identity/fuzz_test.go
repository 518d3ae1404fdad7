// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"strings"
	"testing"

	. "openline/identity"
)

func FuzzPartyCard(f *testing.F) {
	msg, err := partyOf(0).SignPartyCard("blue.example", "Blue")
	if err != nil {
		f.Fatal(err)
	}
	text, _ := UnverifiedText(msg)
	f.Add(text)
	f.Add("openline party card 1\nparty a.b\ntitle x\nkey \n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParsePartyText(text); err == nil && c.Text() != text {
			t.Errorf("%q formats as %q", text, c.Text())
		}
		if _, err := OpenPartyCard([]byte(text + "\n— a.b AAAAAAA=\n")); err == nil {
			t.Error("a card without its signatures opens")
		}
	})
}

func FuzzStationCard(f *testing.F) {
	c := firstCard(f)
	f.Add([]byte(c.Text()))
	c.Generation, c.Base, c.Previous = 2, 9, &Held{Generation: 1, Size: 3}
	f.Add([]byte(c.Text()))
	msg, err := partyOf(0).SignStationCard(firstCard(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(msg)
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseStationText(string(b)); err == nil && c.Text() != string(b) {
			t.Errorf("%q formats as %q", b, c.Text())
		}
		if c, err := UnsafeParseStationCard(b); err == nil && !bytes.HasPrefix(b, []byte(c.Text()+"\n")) {
			t.Errorf("%q is not the text of the note", c.Text())
		}
		if _, err := OpenStationCard(b, partyOf(64).Public()); err == nil {
			t.Error("a card opens under a key that did not sign it")
		}
	})
}

func FuzzParseFingerprint(f *testing.F) {
	f.Add(partyOf(0).Public().Fingerprint("blue.example").String())
	f.Add(strings.Repeat("zoo ", 12))
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseFingerprint(s)
		if err != nil {
			return
		}
		if h, err := ParseFingerprint(g.String()); err != nil || h != g {
			t.Errorf("%q is read as %v, which is read as %v: %v", s, g, h, err)
		}
	})
}
