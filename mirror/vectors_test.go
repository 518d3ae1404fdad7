// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openline/record"
	"openline/tlog"
)

var update = flag.Bool("update", false, "write the vectors of spec/vectors/mirror anew")

type shapeVector struct {
	Name   string `json:"name"`
	Accept bool   `json:"accept"`
	Says   string `json:"says,omitempty"`
	Hex    string `json:"hex"`
}

type step struct {
	Package string `json:"package,omitempty"`
	Ahead   string `json:"ahead,omitempty"`
	Verdict string `json:"verdict"`
	Held    uint64 `json:"held"`
	Known   uint64 `json:"known"`
	Pending uint64 `json:"pending"`
}

type takeVector struct {
	Name  string `json:"name"`
	Steps []step `json:"steps"`
}

type shapes struct {
	About      string        `json:"about"`
	Packages   []shapeVector `json:"packages"`
	Aheads     []shapeVector `json:"aheads"`
	Statements []shapeVector `json:"statements"`
}

type takes struct {
	About   string       `json:"about"`
	Origin  string       `json:"origin"`
	Base    uint64       `json:"base"`
	LogKey  string       `json:"log_key_hex"`
	Ceiling int          `json:"ceiling"`
	Cases   []takeVector `json:"cases"`
}

func vectorHistory() *history { return newHistory(modelKeys).add(someEntries(0, 5)...) }

// workedHistory is that of the worked example: a leaf that does not parse is
// an entry of its own, and the shortest there is.
func workedHistory() *history {
	return newHistory(modelKeys).add(record.Entry{Leaf: []byte("a")}, record.Entry{Leaf: []byte("b")}, record.Entry{Leaf: []byte("c")})
}

func shapeVectors() shapes {
	s := shapes{About: "Payloads of spec/mirror.md sections 2 to 4. What is accepted is written again as the same bytes; whether it is taken is another matter (take.json). says is a part of this implementation's answer to what is refused."}
	add := func(list *[]shapeVector) func(name, says string, b []byte) {
		return func(name, says string, b []byte) {
			*list = append(*list, shapeVector{name, says == "", says, hex.EncodeToString(b)})
		}
	}
	un := func(t string) []byte { return must(hex.DecodeString(strings.ReplaceAll(t, " ", ""))) }
	h := vectorHistory()

	p := add(&s.Packages)
	pkg := h.pkg(1, 3, 5).Encode()
	p("range-below-its-head", "", pkg)
	p("range-that-reaches-its-head", "", h.pkg(3, 5, 5).Encode())
	p("head-alone", "", h.pkg(5, 5, 5).Encode())
	p("worked-example", "", workedHistory().pkg(1, 2, 3).Encode())
	p("empty", "input ends", nil)
	p("trailing-byte", "after the end", append(bytes.Clone(pkg), 0))
	p("cut-short", "input ends", pkg[:len(pkg)-1])
	p("five-fields", "not 5", un("85 01 01 00 40 80"))
	p("seven-fields", "at most 6", un("87 01 01 00 40 80 80 00"))
	p("party-0", "out of range", un("86 00 01 00 40 80 80"))
	p("party-65536", "out of range", un("86 1a00010000 01 00 40 80 80"))
	p("generation-0", "out of range", un("86 01 00 00 40 80 80"))
	p("generation-2^32", "out of range", un("86 01 1b0000000100000000 00 40 80 80"))
	p("from-beyond-any-log", "beyond any log", un("86 01 01 1b4000000000000001 40 80 80"))
	p("checkpoint-above-its-bound", "at most 16384", un("86 01 01 00 594001"))
	p("proof-of-65-hashes", "at most 64", un("86 01 01 00 40 9841"))
	p("hash-of-31-bytes", "not 32 bytes", append(un("86 01 01 00 40 81 58 1f"), make([]byte, 33)...))
	p("4097-entries", "at most 4096", un("86 01 01 00 40 80 991001"))
	p("claims-more-entries-than-come", "input ends", un("86 01 01 00 40 80 82 83 40 40 40"))
	p("entry-of-two-layers", "has 3 elements", un("86 01 01 00 40 80 81 82 40 40"))
	p("layer-as-text", "expected a byte string", un("86 01 01 00 40 80 81 83 60 40 40"))
	p("layer-above-1-MiB", "at most 1048576", un("86 01 01 00 40 80 81 83 5a00100001"))
	p("number-not-shortest", "shortest form", un("86 1801 01 00 40 80 80"))

	a := add(&s.Aheads)
	ahead := h.ahead(4, 5).Encode()
	a("entry-ahead-of-its-place", "", ahead)
	a("empty", "input ends", nil)
	a("trailing-byte", "after the end", append(bytes.Clone(ahead), 0))
	a("cut-short", "input ends", ahead[:len(ahead)-1])
	a("index-beyond-any-log", "beyond any log", un("86 01 01 1b4000000000000001 40 80 83 40 40 40"))
	a("proof-of-65-hashes", "at most 64", un("86 01 01 00 40 9841"))
	a("a-list-of-entries", "has 3 elements", un("86 01 01 00 40 80 81 83 40 40 40"))
	a("party-0", "out of range", un("86 00 01 00 40 80 83 40 40 40"))

	st := add(&s.Statements)
	c := h.checkpoint(5)
	one := Statement{Log: h.id, By: h.id, Size: 5, Line: must(modelKeys.cosigner.Cosign(c, 1621555200))}
	pq := Statement{Log: h.id, By: h.id, Size: 5, Line: must(modelKeys.pq.Cosign(c, 1621555200)), PQ: true}
	st("timed-head", "", one.Encode())
	st("timed-head-ml-dsa", "", pq.Encode())
	st("empty", "input ends", nil)
	st("trailing-byte", "after the end", append(one.Encode(), 0))
	st("six-fields", "not 6", un("86 01 01 01 01 05 f4"))
	st("kind-as-a-number", "expected true or false", un("87 01 01 01 01 05 01 40"))
	st("line-above-its-bound", "at most 8192", un("87 01 01 01 01 05 f4 592001"))
	st("size-beyond-any-log", "beyond any log", un("87 01 01 01 01 1b4000000000000001 f4 40"))
	st("log-of-party-0", "out of range", un("87 00 01 01 01 05 f4 40"))
	st("by-generation-0", "out of range", un("87 01 01 01 00 05 f4 40"))
	return s
}

// verdict names an answer as spec/mirror.md does.
func verdict(err error) string {
	if fork := (*tlog.ForkError)(nil); errors.As(err, &fork) {
		return fork.Accusation.Kind
	}
	for name, e := range map[string]error{
		"no card": ErrNoCard, "gap": ErrGap, "nothing new": ErrNothingNew, "head": ErrHead, "mismatch": ErrMismatch,
		"two histories": ErrTwoHistories, "not whole": record.ErrNotWhole, "too large": record.ErrTooLarge,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return "taken"
}

func takeVectors(t testing.TB) takes {
	file := takes{
		About:  "What a mirror that holds nothing answers to each payload in turn (spec/mirror.md sections 2, 3 and 5), and what it then holds whole, knows and has pending. Blue is party 1, its generation 1 has this base; the ceiling is of a body.",
		Origin: modelKeys.card.Origin(), Base: modelKeys.card.Base, LogKey: hex.EncodeToString(modelKeys.card.Keys.Log[:]), Ceiling: ceiling,
	}
	one := newHistory(modelKeys).add(someEntries(0, 4)...)
	two := one.fork(2).add(someEntries(100, 2)...)
	long := one.fork(1).add(entryOf(strings.Repeat("x", ceiling+1)), entryOf("behind it"))
	change := func(p Package, f func(*Package)) Package { f(&p); return p }
	add := func(name string, payloads ...any) {
		m, _ := opened(t)
		v := takeVector{Name: name}
		for _, p := range payloads {
			s := step{}
			switch p := p.(type) {
			case Package:
				s.Package = hex.EncodeToString(p.Encode())
			case Ahead:
				s.Ahead = hex.EncodeToString(p.Encode())
			}
			s.play(t, m)
			v.Steps = append(v.Steps, s)
		}
		file.Cases = append(file.Cases, v)
	}
	add("in-order", one.pkg(0, 2, 2), one.pkg(2, 4, 4))
	add("overlap", one.pkg(0, 3, 3), one.pkg(1, 4, 4))
	add("below-a-larger-head", one.pkg(0, 2, 4), one.pkg(2, 4, 4))
	add("unparsable-leaf", workedHistory().pkg(0, 3, 3))
	add("ahead-of-its-place", one.ahead(3, 4), one.pkg(0, 2, 2))
	add("one-too-large-in-the-middle", long.pkg(0, 3, 3), long.pkg(1, 3, 3), long.pkg(0, 1, 1))
	add("gap", one.pkg(1, 2, 2))
	add("nothing-new", one.pkg(0, 2, 2), one.pkg(0, 2, 2))
	add("another-generation", change(one.pkg(0, 2, 2), func(p *Package) { p.Log.Generation = 2 }))
	add("another-party", change(one.pkg(0, 2, 2), func(p *Package) { p.Log.Party = 2 }))
	add("head-signed-by-nobody", change(one.pkg(0, 2, 2), func(p *Package) { p.Checkpoint = []byte(one.checkpoint(2).Text()) }))
	add("head-with-an-extension-line", change(one.pkg(0, 2, 2), func(p *Package) {
		p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n\n"), []byte("\nmore\n\n"), 1)
	}))
	add("more-entries-than-the-head", change(one.pkg(0, 2, 2), func(p *Package) { p.Checkpoint = one.head(1) }))
	add("entries-in-another-order", change(one.pkg(0, 2, 2), func(p *Package) { p.Entries[0], p.Entries[1] = p.Entries[1], p.Entries[0] }))
	add("without-proof", change(one.pkg(0, 3, 4), func(p *Package) { p.Proof = nil }))
	add("proof-too-many", change(one.pkg(0, 4, 4), func(p *Package) { p.Proof = [][32]byte{{}} }))
	add("body-missing", change(one.pkg(0, 2, 2), func(p *Package) { p.Entries[0].Body = nil }))
	add("body-of-another-record", change(one.pkg(0, 2, 2), func(p *Package) { p.Entries[0].Body = one.entries[1].Body }))
	add("something-beneath-a-leaf-that-does-not-parse", change(workedHistory().pkg(0, 3, 3), func(p *Package) { p.Entries[0].Body = []byte("x") }))
	add("ahead-with-another-entry", func() Ahead { a := one.ahead(3, 4); a.Entry = one.entries[2]; return a }())
	add("ahead-without-proof", func() Ahead { a := one.ahead(3, 4); a.Proof = nil; return a }())
	add("ahead-of-what-is-held", one.pkg(0, 4, 4), one.ahead(3, 4))
	add("two-roots-at-one-size", one.pkg(0, 4, 4), two.pkg(0, 4, 4), one.pkg(0, 4, 4))
	add("two-roots-pending", one.ahead(3, 4), two.ahead(3, 4))
	add("a-smaller-head-of-another-history", one.pkg(0, 4, 4), two.pkg(0, 3, 3))
	add("passed-by-another-history", two.ahead(2, 3), one.pkg(0, 4, 4))
	add("between-what-is-known-and-held", one.pkg(0, 3, 4), two.pkg(0, 3, 3), one.pkg(3, 4, 4))
	return file
}

// play gives a payload to a mirror and notes what comes of it.
func (s *step) play(t testing.TB, m *Mirror) {
	t.Helper()
	if s.Package != "" {
		p, err := DecodePackage(must(hex.DecodeString(s.Package)))
		if err != nil {
			t.Fatal(err)
		}
		taken, err := m.Take(p)
		if s.Verdict = verdict(err); taken.Stopped != nil {
			s.Verdict = "taken, then " + verdict(taken.Stopped)
		}
	} else {
		a, err := DecodeAhead(must(hex.DecodeString(s.Ahead)))
		if err != nil {
			t.Fatal(err)
		}
		s.Verdict = verdict(m.TakeAhead(a))
	}
	s.Held, _ = m.Position(1)
	known, _, _ := m.Head(1)
	pending, _, _ := m.Pending(1)
	s.Known, s.Pending = known.Size, pending.Size
}

func TestShapeVectors(t *testing.T) {
	var file shapes
	checkVectors(t, "shapes.json", shapeVectors(), &file)
	for kind, c := range map[string]struct {
		list   []shapeVector
		recode func([]byte) ([]byte, error)
	}{
		"package":   {file.Packages, func(b []byte) ([]byte, error) { p, err := DecodePackage(b); return p.Encode(), err }},
		"ahead":     {file.Aheads, func(b []byte) ([]byte, error) { a, err := DecodeAhead(b); return a.Encode(), err }},
		"statement": {file.Statements, func(b []byte) ([]byte, error) { s, err := DecodeStatement(b); return s.Encode(), err }},
	} {
		for _, v := range c.list {
			b := must(hex.DecodeString(v.Hex))
			again, err := c.recode(b)
			switch {
			case v.Accept && (err != nil || !bytes.Equal(again, b)):
				t.Errorf("%s %s: %v, written again as %x", kind, v.Name, err, again)
			case !v.Accept && (err == nil || !strings.Contains(err.Error(), v.Says)):
				t.Errorf("%s %s: answer %v, want …%s…", kind, v.Name, err, v.Says)
			}
		}
	}
}

func TestTakeVectors(t *testing.T) {
	var file takes
	checkVectors(t, "take.json", takeVectors(t), &file)
	refused := 0
	for _, c := range file.Cases {
		m, _ := opened(t)
		for i, want := range c.Steps {
			got := want
			got.play(t, m)
			if got != want {
				t.Errorf("%s, step %d: %s, holds %d, want %s, %d", c.Name, i, got.Verdict, got.Held, want.Verdict, want.Held)
			}
		}
		if last := c.Steps[len(c.Steps)-1].Verdict; last != "taken" {
			refused++
		}
	}
	if 2*refused < len(file.Cases) {
		t.Errorf("only %d of %d cases end in a refusal", refused, len(file.Cases))
	}
}

func checkVectors(t *testing.T, name string, v, into any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "spec", "vectors", "mirror", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s is not what the code makes; if the bytes were meant to change, run go test ./mirror -update", file)
	}
	if err := json.Unmarshal(have, into); err != nil {
		t.Fatal(err)
	}
}

// TestWorkedExample holds the bytes printed in the specification to what
// the code makes.
func TestWorkedExample(t *testing.T) {
	b, err := os.ReadFile("../spec/mirror.md")
	if err != nil {
		t.Fatal(err)
	}
	spec := strings.Join(strings.Fields(string(b)), "")
	h := workedHistory()
	pkg := h.pkg(1, 2, 3).Encode()
	for name, want := range map[string]string{
		"package":    hex.EncodeToString(pkg),
		"checkpoint": strings.Join(strings.Fields(string(h.head(3))), ""),
	} {
		if !strings.Contains(spec, want) {
			t.Errorf("spec/mirror.md does not show the %s\n%s", name, want)
		}
	}
}

func FuzzPackage(f *testing.F) {
	for _, v := range shapeVectors().Packages {
		f.Add(must(hex.DecodeString(v.Hex)))
	}
	h := vectorHistory()
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodePackage(b)
		if err != nil {
			return
		}
		if again := p.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("%x is written again as %x", b, again)
		}
		m, _ := opened(t)
		take(t, m, h.pkg(0, 2, 2))
		if got, err := m.Take(p); err == nil && got.Root != must(tlog.RootAt(got.Size, h.reader())) {
			t.Fatalf("something is taken that was never signed: %d entries", got.Size)
		}
	})
}

func FuzzAhead(f *testing.F) {
	for _, v := range shapeVectors().Aheads {
		f.Add(must(hex.DecodeString(v.Hex)))
	}
	h := vectorHistory()
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := DecodeAhead(b)
		if err != nil {
			return
		}
		if again := a.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("%x is written again as %x", b, again)
		}
		m, _ := opened(t)
		if m.TakeAhead(a) == nil && (a.Index >= h.size() || !bytes.Equal(a.Entry.Leaf, h.entries[a.Index].Leaf)) {
			t.Fatal("an entry is taken that was never signed")
		}
	})
}

func FuzzStatement(f *testing.F) {
	for _, v := range shapeVectors().Statements {
		f.Add(must(hex.DecodeString(v.Hex)))
	}
	h := vectorHistory()
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeStatement(b)
		if err != nil {
			return
		}
		if again := s.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("%x is written again as %x", b, again)
		}
		m, _ := opened(t)
		if s.Size > h.size() {
			return
		}
		if at, err := m.TakeStatement(s, h.checkpoint(s.Size)); err == nil && (at != 1621555200 || s.Size != 5) {
			t.Fatal("a statement is taken that was never made")
		}
	})
}
