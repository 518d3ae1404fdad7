// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
)

var update = flag.Bool("update", false, "write the vectors anew")

const vectors = "../spec/vectors/extract/"

// edit changes bytes of the container.
type edit struct {
	Name  string
	At    int    // offset
	Hex   string // the bytes that stand there instead
	Cut   bool   // everything from the offset on is gone before Hex
	Fault string // file that the fault names; empty: the container
}

// variant puts other files into the demonstration, with a digest list and a
// container to match.
type variant struct {
	Name   string
	Step   int
	Reason string            `json:",omitempty"` // part of why there is no sentence
	Fault  string            `json:",omitempty"` // or the file that does not hold
	Files  map[string][]byte `json:",omitempty"`
	Drop   []string          `json:",omitempty"`
}

// demonstrate is the line of the demonstration, and the request.
func demonstrate(t testing.TB) (*world, record.Ref) {
	w := newWorld(t, true)
	day := record.Array(record.Text("CR01"), record.Uint(0), record.Uint(86400))
	w.put(red, say{code: "CK01", params: map[string]record.Value{"clocks": record.Array(day), "valid_from": record.Uint(uint64(w.now))}})
	w.meet(blue)
	w.now += 60
	s := invite()
	s.clocks = record.ByNumber(red, 1)
	q := w.put(blue, s)
	w.now += 5
	w.meet(red)
	w.now += 3600
	w.put(red, say{code: "RC01", about: q, re: []record.Ref{q}})
	w.put(red, say{code: "TX01", text: "The weather is fair."})
	w.now += 60
	w.timed(red)
	w.meet(blue)
	w.now += 60
	return w, q
}

func filesOf(t testing.TB, b []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	for _, f := range r.File {
		out[f.Name] = must(io.ReadAll(must(f.Open())(t)))(t)
	}
	return out
}

// difference is the variant that makes one extract of another.
func difference(t testing.TB, v variant, from, to []byte) variant {
	a, b := filesOf(t, from), filesOf(t, to)
	v.Files = map[string][]byte{}
	for name, content := range b {
		if name != "digests.txt" && !bytes.Equal(a[name], content) {
			v.Files[name] = content
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			v.Drop = append(v.Drop, name)
		}
	}
	slices.Sort(v.Drop)
	return v
}

// apply makes the variant of an extract.
func (v variant) apply(t testing.TB, b []byte) []byte {
	t.Helper()
	files := filesOf(t, b)
	for name, content := range v.Files {
		files[name] = content
	}
	for _, name := range v.Drop {
		delete(files, name)
	}
	return canonical(t, files)
}

func makeVariants(t testing.TB, base []byte) (list []variant) {
	add := func(v variant, change func(*world, record.Ref) *gather.Contents) {
		w, q := demonstrate(t)
		list = append(list, difference(t, v, base, must(change(w, q).Write())(t)))
	}
	say1 := func(no record.PartyNo, code string) func(*world, record.Ref) *gather.Contents {
		return func(w *world, q record.Ref) *gather.Contents {
			w.put(no, say{code: code, about: q, re: []record.Ref{q}})
			w.meet(blue)
			w.timed(red)
			return w.export(q)
		}
	}
	add(variant{Name: "answered", Step: 12, Reason: "AF01"}, say1(red, "AF01"))
	add(variant{Name: "held until a time", Step: 12, Reason: "HD01"}, say1(red, "HD01"))
	add(variant{Name: "a phrase nobody knows", Step: 12, Reason: "ZZ99"}, say1(red, "ZZ99"))
	add(variant{Name: "withdrawn", Step: 13, Reason: "WD01"}, say1(blue, "WD01"))
	add(variant{Name: "an act about it is closed", Step: 11, Reason: "red/4"}, func(w *world, q record.Ref) *gather.Contents {
		c := say1(red, "AF01")(w, q)
		at(logOf(c, red, 1), 3, extract.LeafOnly)
		return c
	})
	add(variant{Name: "a leaf names more than is shown", Step: 10, Reason: "9 records"}, func(w *world, q record.Ref) *gather.Contents {
		w.put(blue, say{code: "TX01", seen: func([]record.Seen) []record.Seen {
			return []record.Seen{{Party: red, Generation: 1, Size: 9, Root: seed("x")}}
		}})
		return w.export(q)
	})
	add(variant{Name: "an empty generation moves no edge", Step: 12, Reason: "red/4, AF01"}, func(w *world, _ record.Ref) *gather.Contents {
		s := invite()
		s.seen = func(seen []record.Seen) []record.Seen {
			return append(seen, record.Seen{Party: red, Generation: 2, Root: w.own(red).root(0)})
		}
		q := w.put(blue, s)
		w.meet(red)
		w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
		w.meet(blue)
		w.open(red, 10, w.own(red).held(3))
		w.put(red, say{code: "TX01"})
		w.meet(blue)
		w.timed(red)
		return w.export(q)
	})
	add(variant{Name: "no receipt of the asker", Step: 9, Reason: "no receipt of blue"}, func(w *world, q record.Ref) *gather.Contents {
		c := w.export(q)
		drop(logOf(c, red, 1), func(s extract.Statement) bool { return s.By.Party == blue })
		return c
	})
	add(variant{Name: "other words", Step: 4, Fault: "log/00001-0000000001/entries.cbor"}, func(w *world, q record.Ref) *gather.Contents {
		c := w.export(q)
		e := &w.own(blue).entries[0]
		e.Body = slices.Concat(e.Body[:len(e.Body)-1], []byte{'E'})
		return c
	})
	add(variant{Name: "a record withheld within the range", Step: 4, Fault: "log/00002-0000000001/entries.cbor"}, func(w *world, q record.Ref) *gather.Contents {
		c := w.export(q)
		at(logOf(c, red, 1), 2, extract.Withheld)
		return c
	})
	return list
}

func makeEdits(t testing.TB, b []byte) []edit {
	list := spans(t, b)
	last := list[len(list)-1]
	return []edit{
		{Name: "one bit of a record", At: int(list[slices.IndexFunc(list, func(s span) bool { return strings.HasSuffix(s.name, "entries.cbor") })].to) - 9, Hex: "00", Fault: "log/00001-0000000001/entries.cbor"},
		{Name: "a version of zip", At: 4, Hex: "14", Fault: list[0].name},
		{Name: "a time of day", At: int(last.from) + 10, Hex: "01", Fault: last.name},
		{Name: "deflated, it says", At: int(last.from) + 8, Hex: "08", Fault: last.name},
		{Name: "a comment", At: len(b) - 2, Hex: "010078", Cut: true},
		{Name: "a byte after the end", At: len(b), Hex: "00", Cut: true},
		{Name: "the end is missing", At: len(b) - 22, Cut: true},
		{Name: "two disks", At: len(b) - 18, Hex: "01"},
		{Name: "one file fewer, it says", At: len(b) - 14, Hex: "0c000c00"},
		{Name: "nothing", At: 0, Cut: true},
	}
}

func (e edit) apply(t testing.TB, b []byte) []byte {
	t.Helper()
	bytes := must(hex.DecodeString(e.Hex))(t)
	if e.Cut {
		return append(slices.Clone(b[:e.At]), bytes...)
	}
	out := slices.Clone(b)
	copy(out[e.At:], bytes)
	return out
}

func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	b := must(os.ReadFile(vectors + "demonstration.zip"))(t)
	r := must(extract.Verify(b, extract.Options{}))(t)
	if want := must(os.ReadFile(vectors + "demonstration.txt"))(t); r.Text() != string(want) {
		t.Errorf("the report is\n%s", r.Text())
	}
	if !r.Holds() || !r.Exercise || r.Vouched() {
		t.Error("the demonstration does not hold")
	}
	var edits []edit
	var variants []variant
	for file, into := range map[string]any{"container.json": &edits, "variants.json": &variants} {
		if err := json.Unmarshal(must(os.ReadFile(vectors+file))(t), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range edits {
		_, err := extract.Verify(e.apply(t, b), extract.Options{})
		var f *extract.Fault
		if !errors.As(err, &f) || f.Step != 1 || f.File != e.Fault {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	for _, v := range variants {
		r, err := extract.Verify(v.apply(t, b), extract.Options{})
		var f *extract.Fault
		switch {
		case v.Fault != "":
			if !errors.As(err, &f) || f.Step != v.Step || f.File != v.Fault {
				t.Errorf("%s: %v", v.Name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", v.Name, err)
		case r.NoReply.Step != v.Step || !strings.Contains(r.NoReply.Reason, v.Reason) || r.NoReply.Sentence != "":
			t.Errorf("%s: step %d, %s", v.Name, r.NoReply.Step, r.NoReply.Reason)
		}
	}
	if len(edits) < 8 || len(variants) < 8 {
		t.Errorf("only %d edits and %d variants", len(edits), len(variants))
	}
}

func writeVectors(t *testing.T) {
	w, q := demonstrate(t)
	b := must(w.export(q).Write())(t)
	r := must(extract.Verify(b, extract.Options{}))(t)
	write := func(name string, b []byte) {
		if err := os.WriteFile(vectors+name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(vectors, 0o755); err != nil {
		t.Fatal(err)
	}
	write("demonstration.zip", b)
	write("demonstration.txt", []byte(r.Text()))
	write("container.json", append(must(json.MarshalIndent(makeEdits(t, b), "", " "))(t), '\n'))
	write("variants.json", append(must(json.MarshalIndent(makeVariants(t, b), "", " "))(t), '\n'))
}
