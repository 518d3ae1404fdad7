// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"openline/identity"
	"openline/identity/secret"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

const (
	testLine = identity.LineID("dtl-0a1b2c3d")
	blue     = record.PartyNo(1)
	red      = record.PartyNo(2)
	ceiling  = 400 // bytes of a body
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// generationKeys is everything one generation of blue signs with.
type generationKeys struct {
	card     *identity.StationCard
	note     []byte
	keys     tlog.Keys
	log      note.Signer
	cosigner tlog.Cosigner
	pq       tlog.Cosigner
}

// newGeneration makes a generation of blue from a seed of one byte. Its note
// is only a name for the card: openByName stands for the signatures, which
// package identity tests.
func newGeneration(party identity.Party, no uint32, base uint64, seed byte, previous *identity.Held) *generationKeys {
	var s [secret.StationSeed]byte
	for i := range s {
		s[i] = seed + byte(i/32)
	}
	secret := must(secret.NewStation(s))
	g := &generationKeys{card: &identity.StationCard{
		Party: party, Line: testLine, Generation: no, Base: base, Issued: 1621555200, Previous: previous, Keys: secret.Keys(),
	}}
	g.keys = must(tlog.KeysOf(g.card))
	g.log = must(secret.LogSigner(g.card.Origin()))
	ed, pq := secret.Cosigner()
	g.cosigner, g.pq = tlog.NewCosigner(g.card.CosignerName(), ed), tlog.NewCosignerPQ(g.card.CosignerName(), pq)
	g.note = fmt.Appendf(nil, "card of %s %d %d %d", party, no, base, seed)
	cards[string(g.note)] = g
	return g
}

var cards = map[string]*generationKeys{}

func openByName(note []byte, _ identity.PartyKey) (*identity.StationCard, error) {
	if g := cards[string(note)]; g != nil {
		return g.card, nil
	}
	return nil, errors.New("no such card")
}

func keysByCard(c *identity.StationCard) (tlog.Keys, error) {
	for _, g := range cards {
		if g.card == c {
			return g.keys, nil
		}
	}
	return tlog.Keys{}, errors.New("no such card")
}

// disk holds the hashes that are stored.
type disk map[LogID][][32]byte

func (d disk) reader(id LogID) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) {
		out := make([][32]byte, len(indexes))
		for i, at := range indexes {
			if at >= int64(len(d[id])) {
				return nil, fmt.Errorf("hash %d is not stored", at)
			}
			out[i] = d[id][at]
		}
		return out, nil
	})
}

func newMirror(d disk) *Mirror {
	return New(Config{
		Party: "blue.example", No: blue, Line: testLine, OpenCard: openByName, KeysOf: keysByCard,
		Limits: record.Limits{Body: ceiling}, Hashes: d.reader,
	})
}

// history is one history of a log, with every hash of it.
type history struct {
	by      *generationKeys
	id      LogID
	entries []record.Entry
	hashes  [][32]byte
	tree    *tlog.Tree
}

func newHistory(g *generationKeys) *history {
	return &history{by: g, id: LogID{blue, g.card.Generation}, tree: must(tlog.OpenTree(0, nil))}
}

func (h *history) add(entries ...record.Entry) *history {
	for _, e := range entries {
		h.entries = append(h.entries, e)
		h.hashes = append(h.hashes, h.tree.Append(record.LeafHash(e.Leaf))...)
	}
	return h
}

// fork is another history that is the same up to a size.
func (h *history) fork(size uint64) *history {
	return newHistory(h.by).add(h.entries[:size]...)
}

func (h *history) size() uint64 { return uint64(len(h.entries)) }

func (h *history) reader() tlog.HashReader { return disk{h.id: h.hashes}.reader(h.id) }

func (h *history) checkpoint(size uint64) tlog.Checkpoint {
	return tlog.Checkpoint{Origin: h.by.card.Origin(), Size: size, Root: must(tlog.RootAt(size, h.reader()))}
}

func (h *history) head(size uint64) []byte {
	return must(tlog.SignCheckpoint(h.checkpoint(size), h.by.log))
}

// pkg is the package of a range under the head of a size.
func (h *history) pkg(from, to, head uint64) Package {
	return Package{
		Log: h.id, From: from, Entries: slices.Clone(h.entries[from:to]),
		Checkpoint: h.head(head), Proof: must(tlog.ProveConsistency(head, to, h.reader())),
	}
}

func (h *history) ahead(index, head uint64) Ahead {
	return Ahead{
		Log: h.id, Index: index, Entry: h.entries[index],
		Checkpoint: h.head(head), Proof: must(tlog.ProveInclusion(head, index, h.reader())),
	}
}

// entryOf is a whole record with these words.
func entryOf(words string) record.Entry {
	e := record.Entry{Body: (&record.Body{Text: words}).Encode()}
	e.Header = (&record.Header{
		Code: "TX01", Status: record.Exercise, Precedence: record.Routine, From: "watch", Written: 1, Language: "en", Body: record.BodyDigest(e.Body),
	}).Encode()
	e.Leaf = (&record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: blue, Generation: 1, Time: 1, Header: record.HeaderDigest(e.Header)}).Encode()
	return e
}

func someEntries(from, n int) (out []record.Entry) {
	for i := range n {
		out = append(out, entryOf(fmt.Sprint("record ", from+i)))
	}
	return out
}

// wantFork demands an accusation that proves itself, also after it was
// written down and read again.
func wantFork(t failer, err error, k tlog.Keys, kind string) {
	t.Helper()
	var fork *tlog.ForkError
	if !errors.As(err, &fork) {
		t.Fatalf("answer %v, want two histories", err)
	}
	a, perr := evidence.ParseAccusation(fork.Accusation.Format())
	if perr != nil {
		t.Fatalf("the accusation does not come back: %v", perr)
	}
	if verr := evidence.Verify(a, k); verr != nil {
		t.Fatalf("the accusation (%s) does not prove itself: %v", a.Kind, verr)
	}
	if kind != "" && a.Kind != kind {
		t.Fatalf("accused of %q, want %q", a.Kind, kind)
	}
	if !bytes.Equal(a.Format(), fork.Accusation.Format()) {
		t.Fatal("the accusation has two spellings")
	}
}

// failer is what a test and a property test have in common.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}
