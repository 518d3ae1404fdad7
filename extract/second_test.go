// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	merkle "golang.org/x/mod/sumdb/tlog"
)

// A second path through the same bytes, written from spec/extract.md with
// nothing of ours: archive/zip, note, sumdb/tlog, Ed25519 and compact ranges.
// It verifies the classical half and puts the sentence together anew.

type second struct {
	t     *testing.T
	files map[string][]byte
	cards map[string]map[string]string // by directory: the fields of a card
}

func TestSecondPath(t *testing.T) {
	w, q := asked(t)
	b := must(w.export(q).Write())(t)
	s := &second{t, map[string][]byte{}, map[string]map[string]string{}}
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	for _, f := range r.File {
		s.files[f.Name] = must(io.ReadAll(must(f.Open())(t)))(t)
	}
	s.digests()
	for dir, no := range map[string]string{"log/00001-0000000001/": "blue.example", "log/00002-0000000001/": "red.example"} {
		pub := w.secrets[blue].Public().Ed25519
		if no == "red.example" {
			pub = w.secrets[red].Public().Ed25519
		}
		s.card(dir, no, pub[:])
	}
	ours, theirs := s.log("log/00001-0000000001/"), s.log("log/00002-0000000001/")
	if ours.roots[ours.size] != ours.head[ours.size] || theirs.roots[theirs.size] != theirs.head[theirs.size] {
		t.Fatal("the records do not lead to the heads")
	}
	size := uint64(3)
	if ours.size != size || theirs.size != size || ours.roots[2] != ours.head[2] {
		t.Fatalf("sizes %d and %d", ours.size, theirs.size)
	}
	t1 := ours.at["red.example"][2]
	t2, t3, ta := slices.Max(theirs.at["red.example"][size]), slices.Max(theirs.at["blue.example"][size]), slices.Max(ours.at["blue.example"][size])
	if slices.Min(t1) > t2 || ta < t3 {
		t.Fatalf("the times are %d, %d, %d, %d", t1, t2, t3, ta)
	}
	at := func(n uint64) string { return time.Unix(int64(n), 0).UTC().Format("2006-01-02 15:04:05Z") }
	want := fmt.Sprintf("By red's signed word it held this request at %s, and at %s its log on this line held %d records, of which none names this request as what it replies to. "+
		"By blue's signed word, at %s blue held whole no later record of that log and had not withdrawn the request. %d and %d records were not opened.",
		at(slices.Min(t1)), at(t2), size, at(t3), theirs.leaves, ours.leaves)
	if got := w.verify(w.export(q)).NoReply.Sentence; got != want {
		t.Fatalf("\n%s\nand\n%s", got, want)
	}
}

func (s *second) digests() {
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		if name != "digests.txt" {
			sum := sha256.Sum256(s.files[name])
			list.WriteString(hex.EncodeToString(sum[:]) + "  " + name + "\n")
		}
	}
	if list.String() != string(s.files["digests.txt"]) {
		s.t.Fatal("the digest list is not that of the files")
	}
}

// card verifies the party's Ed25519 signature over a card and keeps its
// fields.
func (s *second) card(dir, party string, pub []byte) {
	s.t.Helper()
	v := must(note.NewVerifier(verifierKey(party, pub)))(s.t)
	n := must(note.Open(s.files[dir+"card.txt"], note.VerifierList(v)))(s.t)
	fields := map[string]string{}
	for _, line := range strings.Split(n.Text, "\n") {
		k, v, _ := strings.Cut(line, " ")
		fields[k] = v
	}
	s.cards[dir] = fields
}

func verifierKey(name string, pub []byte) string {
	typed := append([]byte{1}, pub...)
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(sum[:]), base64.StdEncoding.EncodeToString(typed))
}

func (s *second) origin(dir string) string {
	f := s.cards[dir]
	return f["party"] + "/openline/" + f["line"] + "/" + f["generation"]
}

type secondLog struct {
	size   uint64
	leaves int                            // shown by their leaf only
	roots  map[uint64]merkle.Hash         // by size
	head   map[uint64]merkle.Hash         // as signed
	at     map[string]map[uint64][]uint64 // times of Ed25519 cosignatures, by party and size
}

func (s *second) log(dir string) *secondLog {
	l := &secondLog{roots: map[uint64]merkle.Hash{}, head: map[uint64]merkle.Hash{}, at: map[string]map[uint64][]uint64{}}
	for name, b := range s.files {
		if strings.HasPrefix(name, dir+"head-") {
			s.head(dir, l, b)
		}
	}
	s.walk(l, s.files[dir+"entries.cbor"])
	return l
}

// head verifies the log's own signature and every Ed25519 cosignature.
func (s *second) head(dir string, l *secondLog, b []byte) {
	s.t.Helper()
	text, lines, _ := strings.Cut(string(b), "\n\n")
	tree := must(merkle.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(text, "\n", 2)[1] + "\n")))(s.t)
	l.head[uint64(tree.N)] = tree.Hash
	for line := range strings.Lines(lines) {
		var name, b64 string
		must(fmt.Sscanf(line, "— %s %s\n", &name, &b64))(s.t)
		blob := must(base64.StdEncoding.DecodeString(b64))(s.t)
		if name == s.origin(dir) {
			v := must(note.NewVerifier(verifierKey(name, s.key(dir, "log-ed25519"))))(s.t)
			must(note.Open([]byte(text+"\n\n"+line), note.VerifierList(v)))(s.t)
			continue
		}
		for by := range s.cards {
			if name != s.origin(by)+"/cosigner" || len(blob) != 4+8+64 {
				continue
			}
			at := binary.BigEndian.Uint64(blob[4:])
			if !ed25519.Verify(s.key(by, "cosigner-ed25519"), fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", at, text), blob[12:]) {
				s.t.Fatalf("%s does not verify", name)
			}
			party := s.cards[by]["party"]
			if l.at[party] == nil {
				l.at[party] = map[uint64][]uint64{}
			}
			l.at[party][uint64(tree.N)] = append(l.at[party][uint64(tree.N)], at)
		}
	}
}

func (s *second) key(dir, field string) []byte {
	return must(base64.StdEncoding.DecodeString(s.cards[dir][field]))(s.t)
}

// walk reads a file of entries and builds a compact range from it.
func (s *second) walk(l *secondLog, b []byte) {
	s.t.Helper()
	factory := &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	whole := factory.NewEmptyRange(0)
	head := func() (major byte, n uint64) {
		major, n = b[0]>>5, uint64(b[0]&31)
		b = b[1:]
		if n >= 24 {
			k := 1 << (n - 24)
			n = 0
			for _, c := range b[:k] {
				n = n<<8 | uint64(c)
			}
			b = b[k:]
		}
		return major, n
	}
	bytesOf := func() []byte {
		_, n := head()
		out := b[:n]
		b = b[n:]
		return out
	}
	for len(b) > 0 {
		_, count := head()
		_, depth := head()
		if depth == 0 {
			_, level := head()
			sub := must(factory.NewRange(whole.End(), whole.End()+1<<level, [][]byte{bytesOf()}))(s.t)
			if err := whole.AppendRange(sub, nil); err != nil {
				s.t.Fatal(err)
			}
		} else {
			leaf := bytesOf()
			for range count - 2 {
				bytesOf()
			}
			if depth == 1 {
				l.leaves++
			}
			if err := whole.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil); err != nil {
				s.t.Fatal(err)
			}
		}
		l.size = whole.End()
		l.roots[l.size] = merkle.Hash(must(whole.GetRootHash(nil))(s.t))
	}
}
