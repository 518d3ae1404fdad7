// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/extract"
	"openline/identity"
	"openline/internal/host/hosttest"
	"openline/record"
	"openline/tlog"
)

// twoHistories is an accusation file of red, which signed two roots at one
// size, and red's name and words.
func twoHistories(t *testing.T) ([]byte, identity.Party, identity.Fingerprint) {
	t.Helper()
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	red := w.Party("red")
	card, err := identity.OpenStationCard(red.Card, red.Secret.Public())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := red.Keys.LogSigner(card.Origin())
	if err != nil {
		t.Fatal(err)
	}
	var heads [2][]byte
	for i := range heads {
		heads[i], err = tlog.SignCheckpoint(tlog.Checkpoint{Origin: card.Origin(), Size: 9, Root: [32]byte{byte(i)}}, signer)
		if err != nil {
			t.Fatal(err)
		}
	}
	var notes [][]byte
	for _, short := range []string{"blue", "red"} {
		p := w.Party(short)
		n, err := draft.Sign(w.History.Newest().Text(), p.Name, p.Secret)
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, n)
	}
	bundle, err := agreement.Join(notes...)
	if err != nil {
		t.Fatal(err)
	}
	return formatAccusationFile(bundle, red.Card, tlog.TwoRoots(heads[0], heads[1]).Format()), red.Name, red.Secret.Public().Fingerprint(red.Name)
}

func TestAccusationFile(t *testing.T) {
	file, party, words := twoHistories(t)
	got, err := judgeAccusation(file, extract.Options{})
	if err != nil || got.Party != party || got.Vouched || got.Kind != tlog.KindTwoRoots || got.Standing != record.Exercise.String() {
		t.Fatalf("%+v, %v", got, err)
	}
	if !strings.Contains(got.text(), "names no motive") || !strings.Contains(got.text(), "EXERCISE") {
		t.Errorf("it says %q", got.text())
	}
	given := func(f identity.Fingerprint) extract.Options {
		return extract.Options{Fingerprints: map[identity.Party]identity.Fingerprint{party: f}}
	}
	if got, err = judgeAccusation(file, given(words)); err != nil || !got.Vouched {
		t.Errorf("with the words that were read: %+v, %v", got, err)
	}
	if _, err = judgeAccusation(file, given(identity.Fingerprint{1})); err == nil {
		t.Error("other words vouch for it")
	}
}

// A file that is cut, longer, or changed in its accusation or card accuses
// nobody.
func TestAccusationFileChanged(t *testing.T) {
	file, _, _ := twoHistories(t)
	from := bytes.LastIndex(file, []byte("accusation "))
	for i := from; i < len(file); i += 3 {
		b := bytes.Clone(file)
		b[i] ^= 1
		if got, err := judgeAccusation(b, extract.Options{}); err == nil {
			t.Errorf("byte %d changed, and it still says %+v", i, got)
		}
	}
	for _, b := range [][]byte{nil, file[:len(file)-1], append(bytes.Clone(file), '\n'), file[:from], bytes.Replace(file, []byte("\ncard "), []byte("\ncard 0"), 1)} {
		if _, err := judgeAccusation(b, extract.Options{}); err == nil {
			t.Errorf("%d bytes of %d accuse", len(b), len(file))
		}
	}
}
