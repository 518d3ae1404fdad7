// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"openline/agreement/draft"
	"openline/extract"
	"openline/extract/gather"
	"openline/identity"
	"openline/record"
)

// Signed parts that are genuine, and in the wrong place.

func TestCardOfTheAskerHoldsMore(t *testing.T) {
	w, q := asked(t)
	w.open(blue, 10, w.own(blue).held(3))
	w.took(red)
	w.timed(red)
	w.meet(blue)
	c := w.export(q)
	cut(w, logOf(c, blue, 1), 2)
	w.refused(c, 9, "the card of blue's generation 2 holds 3 records of generation 1")
}

func TestWordOfAnEarlierGeneration(t *testing.T) {
	w, q := asked(t)
	old := w.own(blue)
	w.open(blue, 10, old.held(3))
	w.took(red)
	w.timed(red)
	w.meet(blue)
	c := w.export(q)
	l := logOf(c, blue, 2)
	drop(l, func(s extract.Statement) bool { return true })
	before := len(w.signed)
	w.sign(old, w.own(blue), l.Size)
	l.Heads = []gather.Head{{Checkpoint: c.Logs[1].Heads[0].Checkpoint, Signature: logOf(w.export(q), blue, 2).Heads[0].Signature, Statements: w.signed[before : before+2]}}
	w.refused(c, 9, "no timed head of blue")
}

func TestCardNamesAnotherRoot(t *testing.T) {
	w, q := asked(t)
	w.open(red, 10, &identity.Held{Generation: 1, Size: 3, Root: seed("another")})
	w.put(red, say{code: "TX01"})
	w.meet(blue)
	w.timed(red)
	w.faulty(w.export(q), 4, "log/00002-0000000002/card.txt", "the root that this card names")
}

func TestCardInAnotherPlace(t *testing.T) {
	for name, change := range map[string]func(*identity.StationCard){
		"another line": func(c *identity.StationCard) { c.Line = "xyz-0a1b2c3d" },
		"another generation": func(c *identity.StationCard) {
			c.Generation, c.Base, c.Previous = 7, 9, &identity.Held{Generation: 1, Root: emptyRoot}
		},
	} {
		w, q := asked(t)
		c := w.export(q)
		card := *w.own(red).card
		change(&card)
		logOf(c, red, 1).Card = must(w.secrets[red].SignStationCard(&card))(t)
		t.Log(name)
		w.faulty(c, 2, "log/00002-0000000001/card.txt", "it is the card of")
	}
}

var emptyRoot = seed("") // SHA-256 of nothing

func TestAgreementOfAnotherLine(t *testing.T) {
	w, q := asked(t)
	c := w.export(q)
	text := must(draft.Text(draft.Options{Slug: "xyz", Parties: w.agreement.Parties, Languages: []string{"en"}, Catalogue: w.catalogue.Digest()}))(t)
	c.Agreements = [][]byte{w.signAll(text)}
	w.faulty(c, 2, "agreement/0000000001.txt", "of the agreement of xyz-")
}

// Version 2 changes the catalogue's digest alone: both versions are opened,
// each with its own catalogue, and a request is read under its own.
func TestTwoVersions(t *testing.T) {
	w, q := asked(t)
	text := must(draft.Text(draft.Options{Amends: w.agreement, PerMinute: 30}))(t)
	second := w.signAll(text)
	w.put(red, say{code: "TX01", about: q, leaf: func(l *record.Leaf) { l.Agreement = 2 }})
	w.meet(blue)
	w.timed(red)
	c := w.export(q)
	w.refused(c, 12, "red/4, TX01: a phrase that the agreement it names, as shown here, does not have")
	c.Agreements = append(c.Agreements, second)
	w.refused(c, 12, "red/4, TX01")
	if r := w.verify(c); strings.Contains(r.NoReply.Reason, "does not have") {
		t.Fatal(r.NoReply.Reason)
	}
	c.Agreements = [][]byte{second}
	w.refused(c, 7, "version 1 of the agreement")
}

func TestAddressedToAnother(t *testing.T) {
	w, _ := asked(t)
	s := invite()
	s.to = []record.Address{{Party: blue, Post: "watch"}}
	q := w.put(blue, s)
	w.meet(red)
	w.timed(red)
	w.refused(w.export(q), 7, "not to red")
}

func TestUnsignedEnd(t *testing.T) {
	w, q := asked(t)
	c := w.export(q)
	heads := logOf(c, red, 1).Heads
	heads[len(heads)-1].Signature = nil
	w.faulty(c, 3, "log/00002-0000000001/head-", "neither the log's own key nor a later card")
}

func TestPendingNeedsAReceiptBelow(t *testing.T) {
	w, q := asked(t)
	w.put(red, say{code: "TX01"})
	c := w.export(q)
	drop(logOf(c, red, 1), func(s extract.Statement) bool { return s.By.Party == blue })
	w.faulty(c, 4, "log/00002-0000000001/entries.cbor", "the head that ends it has 4")
}

func TestLinesOfAHead(t *testing.T) {
	b := small(t)
	name := "log/00001-0000000001/head-0000000000000000003.txt"
	bare, _, _ := strings.Cut(string(filesOf(t, b)["log/00001-0000000001/head-0000000000000000002.txt"]), "\n\n")
	_, err := extract.Verify(replaced(t, b, "log/00001-0000000001/head-0000000000000000002.txt", []byte(bare+"\n\n")), extract.Options{})
	if err == nil || !strings.Contains(err.Error(), "nobody signed it") {
		t.Error(err)
	}
	text, signatures, _ := strings.Cut(string(filesOf(t, b)[name]), "\n\n")
	lines := slices.Collect(strings.Lines(signatures))
	last := len(lines) - 1
	for what, list := range map[string][]string{
		"doubled":              append(slices.Clone(lines), lines[last]),
		"out of order":         append(slices.Clone(lines[:last-1]), lines[last], lines[last-1]),
		"own line twice":       append([]string{lines[0]}, lines...),
		"own line last":        append(slices.Clone(lines[1:]), lines[0]),
		"by nobody":            append(slices.Clone(lines), "— zz.example/openline/x/1/cosigner AAAA\n"),
		"nobody signed it":     nil,
		"without its line end": append(slices.Clone(lines[:last]), strings.TrimSuffix(lines[last], "\n")),
	} {
		_, err := extract.Verify(replaced(t, b, name, []byte(text+"\n\n"+strings.Join(list, ""))), extract.Options{})
		var f *extract.Fault
		if !errors.As(err, &f) || f.Step != 3 || f.File != name {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Only the other side can have signed more than has come.
func TestOwnLogHasNothingPending(t *testing.T) {
	w, q := asked(t)
	c := w.export(q)
	l := logOf(c, blue, 1)
	w.put(blue, say{code: "WD01", about: q, re: []record.Ref{q}})
	_, line, _ := strings.Cut(string(w.checkpoint(w.own(blue), 4)), "\n\n")
	h := gather.Head{Signature: []byte(line)}
	h.Origin, h.Size, h.Root = w.own(blue).card.Origin(), 4, w.own(blue).root(4)
	l.Heads = append(l.Heads, h)
	w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "the head that ends it has 4")
}

// A subtree that is withheld must not hide a size at which a root is signed.
func TestSplitAtHeads(t *testing.T) {
	w := newWorld(t, false)
	for range 5 {
		w.put(blue, say{code: "TX01"})
	}
	w.meet(red)
	for range 6 {
		w.put(blue, say{code: "TX01"})
	}
	w.timed(blue)
	w.open(blue, 50, w.own(blue).held(9))
	wish := w.wish(blue)
	wish.Records = []record.Ref{record.ByNumber(blue, 1)}
	c := must(gather.Choose(store{w, blue}, wish))(t)
	if r := w.verify(c); len(r.Records) != 1 || len(r.Records[0].Receipts) != 2 || r.Logs[0].Size != 11 {
		t.Fatalf("%+v", r)
	}
	l := logOf(c, blue, 1)
	l.Split = nil // the card's size is forgotten; that of a head is not
	w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "withheld across 9")
}
