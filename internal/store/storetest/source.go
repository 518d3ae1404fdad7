// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Own and Peer are the logs of a source.
var (
	Own  = store.LogID{Party: 1, Generation: 1}
	Peer = store.LogID{Party: 2, Generation: 1}
)

// Source makes batches for one line, one after the other, each built on the
// one before.
type Source struct {
	Line    identity.LineID
	Row     store.Row
	Body    int // bytes of a body
	rng     *rand.Rand
	trees   map[store.LogID]*tlog.Tree
	journal *tlog.Tree
	leaves  map[store.LogID][][32]byte
	n       int
}

// NewSource makes a source; the same seed gives the same batches.
func NewSource(line identity.LineID, seed uint64) *Source {
	s := &Source{Line: line, Body: 120, rng: rand.New(rand.NewPCG(seed, 1)), leaves: map[store.LogID][][32]byte{}}
	s.trees = map[store.LogID]*tlog.Tree{Own: emptyTree(), Peer: emptyTree()}
	s.journal = emptyTree()
	return s
}

func emptyTree() *tlog.Tree {
	t, err := tlog.OpenTree(0, nil)
	if err != nil {
		panic(err) // no input of anybody
	}
	return t
}

// Leaf gives the leaf hash of an entry made by the source.
func (s *Source) Leaf(log store.LogID, index uint64) [32]byte { return s.leaves[log][index] }

// Size gives how long a log is.
func (s *Source) Size(log store.LogID) uint64 { return s.trees[log].Size() }

// Entry makes an entry that is whole.
func (s *Source) Entry(by store.LogID, about record.Ref) record.Entry {
	body := record.Body{Text: fmt.Sprintf("%0*d", s.Body, s.rng.Uint64())}
	binary.BigEndian.PutUint64(body.Salt[:], s.rng.Uint64())
	b := body.Encode()
	h := (&record.Header{Code: "TX01", Status: 1, Precedence: 1, From: "WATCH", To: []record.Address{{Party: 3 - by.Party, Post: "WATCH"}},
		Written: s.now(), Language: "en", Body: record.BodyDigest(b)}).Encode()
	leaf := record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: by.Party, Generation: by.Generation, Time: s.now(), About: about, Header: record.HeaderDigest(h)}
	return record.Entry{Leaf: leaf.Encode(), Header: h, Body: b}
}

func (s *Source) now() record.Stamp { return record.Stamp(1_700_000_000 + s.n) }

// Update continues a log by n entries. The first opens a thing, the others
// concern it.
func (s *Source) Update(log store.LogID, n int) store.LogUpdate {
	t := s.trees[log]
	u := store.LogUpdate{Log: log, From: t.Size(), HashFrom: tlog.StoredCount(t.Size())}
	if t.Size() == 0 {
		u.Card, u.Base = fmt.Appendf(nil, "card of %d.%d\n", log.Party, log.Generation), 1
	}
	for i := range n {
		var about record.Ref
		switch {
		case i%3 == 1:
			about = record.ByNumber(log.Party, u.From+1)
		case i > 0:
			about = record.ByHash(log.Party, s.leaves[log][u.From])
		}
		e := s.Entry(log, about)
		leaf := tlog.LeafHash(e.Leaf)
		s.leaves[log] = append(s.leaves[log], leaf)
		u.Entries, u.About, u.Hashes = append(u.Entries, e), append(u.About, about), append(u.Hashes, t.Append(leaf)...)
	}
	u.Size, u.Root = t.Size(), t.Root()
	u.Checkpoint = fmt.Appendf(nil, "head %d of %d.%d\n", u.Size, log.Party, log.Generation)
	return u
}

// Statement makes a receipt or timed head over a log's newest state.
func (s *Source) Statement(log, by store.LogID, pq bool) store.Statement {
	t := s.trees[log]
	return store.Statement{Log: log, By: by, Size: t.Size(), Root: t.Root(), At: s.now(), PQ: pq, Bytes: fmt.Appendf(nil, "— %d over %d at %d", by.Party, t.Size(), s.n)}
}

// Next makes a batch with so many entries of our own and of the peer, and
// something of everything else a batch may hold.
func (s *Source) Next(own, theirs int) store.Batch {
	s.n++
	b := store.Batch{Line: s.Line, Expect: s.Row, Facts: map[string][]byte{"n": fmt.Append(nil, s.n)}}
	o, p := s.Update(Own, own), s.Update(Peer, theirs)
	b.Logs = []store.LogUpdate{o, p}
	if own > 0 {
		b.Tokens = []store.Token{{Token: Token(s.n), Log: Own, From: o.From, Count: own}}
		entry := fmt.Appendf(nil, "journal %d", s.n)
		b.Journal = []store.JournalEntry{{Entry: entry, Hashes: s.journal.Append(tlog.LeafHash(entry))}}
	}
	if theirs > 0 {
		b.Statements = append(b.Statements, s.Statement(Peer, Own, false))
	}
	b.Statements = append(b.Statements, s.Statement(Own, Peer, s.n%2 == 0))
	b.Queue = []store.Queued{{Token: fmt.Sprintf("queued %d", s.n), Bytes: []byte("draft")}}
	if s.n > 2 {
		b.Unqueue = []string{fmt.Sprintf("queued %d", s.n-2)}
	}
	if s.n%5 == 0 {
		b.Snapshot = fmt.Appendf(nil, "state %d", s.n)
		b.Ahead = []store.Ahead{{Log: Peer, Index: p.Size + 2, Bytes: []byte("ahead")}}
		b.Accusations = [][]byte{[]byte("two histories")}
		b.Known, b.Forked = []store.LogID{Peer}, []store.LogID{Peer}
	}
	if s.n%3 == 0 && theirs > 0 {
		b.Attached = []store.Attached{{Log: Peer, Index: p.From, Open: s.n%2 == 0}}
	}
	if k, half := (s.n-1)/3, (s.n-1)%3; half < 2 {
		part := content(k)[8*half : 8*half+8]
		b.Blobs = []store.BlobUpdate{{Digest: Digest(k), Size: 16, From: uint64(8 * half), Pieces: [][]byte{part[:5], part[5:]}, Use: store.UseUpload}}
	}
	s.Row = store.Row{Generation: 1, Size: o.Size, Root: o.Root, Checkpoint: o.Checkpoint, LastSigned: s.now(), Journal: s.Row.Journal + uint64(len(b.Journal))}
	b.Next = s.Row
	return b
}

// Token is that of the nth batch of a source.
func Token(n int) string { return fmt.Sprintf("01TOKEN%010d", n) }

// content is the nth attachment of a source, and Digest its digest.
func content(n int) []byte { return fmt.Appendf(nil, "attachment %05d", n) }

// Digest is that of the nth attachment of a source.
func Digest(n int) [32]byte { return sha256.Sum256(content(n)) }
