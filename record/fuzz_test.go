// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"errors"
	"testing"
)

// fuzzLayer demands of a layer: what decodes encodes to the same bytes, and
// the independent implementation reads it so too; a refusal points into the
// input.
func fuzzLayer(f *testing.F, name string) {
	var file struct{ Vectors []vector }
	readVectors(f, name+".json", &file)
	for _, v := range file.Vectors {
		f.Add(unhex(f, v.Hex))
	}
	enc, dec := independent(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		out, err := layers[name].recode(in)
		if !bytes.Equal(in, before) {
			t.Fatalf("decoding changed its input %x", before)
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(in) {
				t.Fatalf("%x: refusal %v does not point into the input", in, err)
			}
			return
		}
		if !bytes.Equal(out, in) {
			t.Fatalf("%x decodes, and encodes to %x", in, out)
		}
		agree(t, enc, dec, in)
	})
}

func FuzzLeaf(f *testing.F)   { fuzzLayer(f, "leaf") }
func FuzzHeader(f *testing.F) { fuzzLayer(f, "header") }
func FuzzBody(f *testing.F)   { fuzzLayer(f, "body") }

// FuzzEntry reads an entry as it travels: what is read is written back in
// the same bytes, and an entry said to be whole is bound by its digests.
func FuzzEntry(f *testing.F) {
	for _, e := range []Entry{workedExample(), {Leaf: []byte("not a leaf")}, {}} {
		w := NewWriter()
		AppendEntry(w, e)
		f.Add(w.Finish())
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(in)
		e, err := ReadEntry(r)
		if err != nil || r.Done() != nil {
			return
		}
		w := NewWriter()
		AppendEntry(w, e)
		if !bytes.Equal(w.Finish(), in) {
			t.Fatalf("%x is read, and written %x", in, w.Finish())
		}
		checkWhole(t, e)
	})
}

func checkWhole(t *testing.T, e Entry) {
	t.Helper()
	d := e.Decode()
	whole := e.Whole(Limits{}) == nil
	switch {
	case whole && d.Leaf == nil && len(e.Header)+len(e.Body) > 0,
		whole && d.Leaf != nil && HeaderDigest(e.Header) != d.Leaf.Header,
		whole && d.Header == nil && len(e.Body) > 0,
		whole && d.Header != nil && BodyDigest(e.Body) != d.Header.Body:
		t.Fatalf("%+v is called whole", e)
	case !whole && d.Leaf == nil && len(e.Leaf) <= MaxLeaf && len(e.Header)+len(e.Body) == 0:
		t.Fatalf("a leaf alone that does not parse is an entry: %+v", e)
	}
}
